//! Time and randomness: the only caller of the system's clock and random source, with a simulated side of each for
//! demonstrations and tests.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use qonys_events::{
    digest::{Nonce, Sha256Hex},
    id::Ref,
    scalar::Instant,
};
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, RngCore, SeedableRng};

/// Where the time comes from. Cheap to clone; clones of a simulated clock show the same time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is set: microseconds since 1970.
    Simulated(Arc<AtomicI64>),
}

impl Clock {
    /// A simulated clock that shows `at`.
    pub fn simulated(at: Instant) -> Self {
        Self::Simulated(Arc::new(AtomicI64::new(at.micros())))
    }

    /// The time that it shows, in whole microseconds.
    pub fn now(&self) -> Instant {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads the machine's clock"
            )]
            Self::System => Instant::from_micros(jiff::Timestamp::now().as_microsecond()),
            Self::Simulated(micros) => Instant::from_micros(micros.load(Ordering::SeqCst)),
        }
    }

    /// Sets a simulated clock. Panics on the machine's.
    pub fn set(&self, at: Instant) {
        match self {
            Self::System => panic!("the machine's clock is not ours to set"),
            Self::Simulated(micros) => micros.store(at.micros(), Ordering::SeqCst),
        }
    }
}

/// Where random bytes come from. Cheap to clone; clones of a seeded source share one sequence.
#[derive(Debug, Clone)]
pub enum Entropy {
    /// The system's random source.
    System,
    /// A reproducible sequence, for demonstrations and tests only.
    Seeded(Arc<Sequence>),
}

/// The sequence of a seed.
#[derive(Debug)]
pub struct Sequence {
    seed: [u8; 32],
    generator: Mutex<ChaCha20Rng>,
}

impl Sequence {
    fn of(seed: [u8; 32]) -> Entropy {
        let generator = Mutex::new(ChaCha20Rng::from_seed(seed));
        Entropy::Seeded(Arc::new(Self { seed, generator }))
    }
}

impl Entropy {
    /// The sequence of a seed.
    pub fn seeded(seed: u64) -> Self {
        Sequence::of(ChaCha20Rng::seed_from_u64(seed).get_seed())
    }

    /// The source for one purpose about one thing: what a command mints, the key of a subject. Of a seeded source it
    /// depends on seed, purpose and thing alone, not on what was drawn before: so it does not matter in which batch,
    /// how often or after which interruption something is drawn.
    #[must_use]
    pub fn derived(&self, purpose: &str, about: impl fmt::Display) -> Self {
        match self {
            Self::System => Self::System,
            Self::Seeded(sequence) => {
                let about = about.to_string();
                let parts = [&sequence.seed[..], purpose.as_bytes(), about.as_bytes()];
                Sequence::of(Sha256Hex::tagged("qonys/entropy/1", &parts).0)
            }
        }
    }

    /// Fills an array with random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::System => OsRng.fill_bytes(&mut bytes),
            Self::Seeded(sequence) => sequence
                .generator
                .lock()
                .expect("no holder of the generator panics")
                .fill_bytes(&mut bytes),
        }
        bytes
    }

    /// A random reference: a UUIDv4, derived from nothing.
    pub fn reference(&self) -> Ref {
        Ref(uuid::Builder::from_random_bytes(self.bytes()).into_uuid())
    }

    /// A UUIDv7 for an entry or a command, at this time.
    pub fn id_at(&self, at: Instant) -> Ref {
        let millis = (at.micros() / 1_000).max(0) as u64;
        Ref(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid())
    }

    /// 16 random bytes against guessing.
    pub fn nonce(&self) -> Nonce {
        Nonce(self.bytes())
    }
}
