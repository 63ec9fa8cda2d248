//! How often somebody may ask: so many requests a second by one official or one address, so many searches for a
//! person a minute, and so many credentials a minute from one address that are not good. Counted in windows; what is forgotten is forgotten in the asker's favour.

use std::{
    hash::Hash,
    net::IpAddr,
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use lru::LruCache;
use qonys_events::id::Ref;

/// Requests of one official, or of one address without a credential, in a second.
pub(super) const REQUESTS_MAX: u32 = 2_000;
/// Credentials from one address that are not good, in a minute.
pub(super) const REFUSED_MAX: u32 = 1_000;
/// Searches for a person by a number, of one official or one address, in a minute: enough for a counter, too few to go through
/// numbers.
pub(super) const SEARCHES_MAX: u32 = 60;
/// Askers that are remembered.
const REMEMBERED_MAX: usize = 8_192;

/// Counts by asker, in windows of one length.
struct Windows<K: Hash + Eq> {
    length: Duration,
    most: u32,
    counts: Mutex<LruCache<K, (Instant, u32)>>,
}

impl<K: Hash + Eq> Windows<K> {
    fn new(length: Duration, most: u32) -> Self {
        let remembered = NonZeroUsize::new(REMEMBERED_MAX).unwrap_or(NonZeroUsize::MIN);
        Self {
            length,
            most,
            counts: Mutex::new(LruCache::new(remembered)),
        }
    }

    /// How often it was counted in the window that runs, after counting `more`.
    fn count(&self, key: K, more: u32) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (began, count) = counts.get_or_insert_mut(key, || (now, 0));
        if now.duration_since(*began) >= self.length {
            (*began, *count) = (now, 0);
        }
        *count = count.saturating_add(more);
        *count <= self.most
    }
}

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Official(Ref),
    Address(IpAddr),
    Unknown,
}

/// The counts of one server.
pub(super) struct Rates {
    requests: Windows<Who>,
    refused: Windows<Who>,
    searches: Windows<Who>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            requests: Windows::new(Duration::from_secs(1), REQUESTS_MAX),
            refused: Windows::new(Duration::from_secs(60), REFUSED_MAX),
            searches: Windows::new(Duration::from_secs(60), SEARCHES_MAX),
        }
    }
}

impl Rates {
    /// Counts a request; `false` for one too many.
    pub(super) fn request(&self, who: Who) -> bool {
        self.requests.count(who, 1)
    }

    /// Counts a search by a number; `false` for one too many.
    pub(super) fn search(&self, who: Who) -> bool {
        self.searches.count(who, 1)
    }

    /// Counts a credential that was not good.
    pub(super) fn refused(&self, who: Who) {
        self.refused.count(who, 1);
    }

    /// Whether credentials from there are looked at.
    pub(super) fn is_heard(&self, who: Who) -> bool {
        self.refused.count(who, 0)
    }
}
