//! Spare subjects: references whose keys are durable before anybody needs them, so that recording a new person or dwelling
//! waits for no disk but the log's.
//!
//! A spare that is not used within [`SPARE_AGE`] is never used any more; its key is deleted by the sweep, which looks only
//! at keys that are older than [`SWEEP_AGE`]. Both are far enough apart for a process that was stopped and goes on.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use qonys_events::{id::Ref, term::SlotCategory};

use super::{envelope::Secret, store::Owner};

/// How long a spare may be taken.
const SPARE_AGE: Duration = Duration::from_secs(30 * 60);
/// How old keys are before it is looked whether they are used.
pub const SWEEP_AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// How many spares are kept at hand: at first, and at most.
const KEPT: (usize, usize) = (64, 8_192);
/// How many of them are made at a time: the first are at hand while the others are made.
pub(super) const MADE_AT_ONCE: usize = 1_024;

/// How many times as many are kept after a time when none was left.
const GROWTH: usize = 8;

/// The spares of one process.
#[derive(Default)]
pub(super) struct Spares(Mutex<Shelves>);

#[derive(Default)]
struct Shelves {
    shelves: HashMap<SlotCategory, Shelf>,
    /// Keys of references that were taken, until their values are sealed.
    taken: HashMap<Owner, Secret>,
}

/// The spares of one category.
#[derive(Default)]
struct Shelf {
    ready: VecDeque<(Ref, Secret, Instant)>,
    /// How many are kept; 0 while nobody asked.
    kept: usize,
    /// More are on their way.
    filling: bool,
    /// None was left since more were asked for.
    dry: bool,
}

impl Spares {
    fn lock(&self) -> MutexGuard<'_, Shelves> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reference whose key is durable, if there is one; and how many more should be made now.
    pub(super) fn take(&self, category: SlotCategory) -> (Option<Ref>, usize) {
        let mut all = self.lock();
        let shelf = all.shelves.entry(category).or_default();
        while shelf
            .ready
            .pop_front_if(|(_, _, made)| made.elapsed() > SPARE_AGE)
            .is_some()
        {}
        let taken = shelf.ready.pop_front();
        shelf.dry |= taken.is_none();
        let low = shelf.dry || shelf.ready.len() < shelf.kept * 3 / 4;
        let wanted = if shelf.filling || !low {
            0
        } else {
            // Who ran dry, also while more were on their way, keeps more from now on.
            let more = if shelf.dry { GROWTH } else { 1 };
            shelf.dry = false;
            shelf.kept = (shelf.kept * more).clamp(KEPT.0, KEPT.1);
            shelf.filling = true;
            shelf.kept.saturating_sub(shelf.ready.len())
        };
        let reference = taken.map(|(reference, key, _)| {
            all.taken.insert((reference, category), key);
            reference
        });
        (reference, wanted)
    }

    /// Puts spares on the shelf whose keys are durable.
    pub(super) fn put(&self, category: SlotCategory, made: Vec<(Ref, Secret)>) {
        let now = Instant::now();
        let mut all = self.lock();
        let shelf = all.shelves.entry(category).or_default();
        shelf.ready.extend(
            made.into_iter()
                .map(|(reference, key)| (reference, key, now)),
        );
    }

    /// No more are on their way.
    pub(super) fn filled(&self, category: SlotCategory) {
        let mut all = self.lock();
        all.shelves.entry(category).or_default().filling = false;
    }

    /// The key of a reference that was taken, without giving it away.
    pub(super) fn peek(&self, owner: Owner) -> Option<Secret> {
        self.lock().taken.get(&owner).map(Secret::copy)
    }

    /// A reference that was taken is not used after all.
    pub(super) fn forget(&self, subject: Ref) {
        self.lock().taken.retain(|(other, _), _| *other != subject);
    }

    /// The key of a reference that was taken. It is given once: afterwards it is read from the store as any other.
    pub(super) fn key(&self, owner: Owner) -> Option<Secret> {
        self.lock().taken.remove(&owner)
    }
}
