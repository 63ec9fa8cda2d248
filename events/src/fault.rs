//! Planted faults, in test builds only: `QONYS_FAULT=p4` breaks promise P4 on purpose, and exactly the tests named after
//! it must fail (`cargo xtask sabotage`). The faults without a promise's name are those that the simulation must find.
//! Without the feature `faults` none of this exists.

/// A promise, or a habit that keeps one, that can be broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A reader skips an entry.
    P1,
    /// A command's last entry is left out.
    P2,
    /// First answers are forgotten.
    P3,
    /// The limit is not looked at.
    P4,
    /// An entry is serialised again before it is published or printed.
    P5,
    /// The signer signs what did not grow out of what it signed before.
    P6,
    /// A destruction leaves the keys where they are.
    P7,
    /// A view forgets an entry on a rebuild.
    P8,
    /// A decision does not cite.
    P9,
    /// A rule reads a forbidden attribute, and the edge hands it over.
    P10,
    /// A commitment adopts a hash that stands nowhere.
    P11,
    /// A message is published a second time.
    P12,
    /// The checkpoint of a view moves in a transaction of its own, before the rows.
    CheckpointFirst,
    /// A message is published without saying what must stand before it.
    PublishUnfenced,
    /// Streams in memory keep what was decided on an append that failed.
    CacheKept,
    /// A blocked answer does not wait for the append that its decision leaned on.
    BlockedEarly,
    /// An append is cut in two inside a command.
    AppendCut,
    /// A batch for the views ends inside a command.
    FoldCut,
}

impl Fault {
    /// The faults of the promises, with the name that switches each on.
    pub const OF_PROMISES: &'static [(&'static str, Self)] = &[
        ("p1", Self::P1),
        ("p2", Self::P2),
        ("p3", Self::P3),
        ("p4", Self::P4),
        ("p5", Self::P5),
        ("p6", Self::P6),
        ("p7", Self::P7),
        ("p8", Self::P8),
        ("p9", Self::P9),
        ("p10", Self::P10),
        ("p11", Self::P11),
        ("p12", Self::P12),
    ];

    /// The faults that the simulation must find.
    pub const OF_HABITS: &'static [(&'static str, Self)] = &[
        ("checkpoint-first", Self::CheckpointFirst),
        ("publish-unfenced", Self::PublishUnfenced),
        ("cache-kept", Self::CacheKept),
        ("blocked-early", Self::BlockedEarly),
        ("append-cut", Self::AppendCut),
        ("fold-cut", Self::FoldCut),
    ];

    /// Whether the fault is planted in this run.
    #[cfg(feature = "faults")]
    pub fn planted(self) -> bool {
        planting::HERE.get() == Some(self) || *planting::EVERYWHERE == Some(self)
    }

    /// Nothing is planted outside test builds.
    #[cfg(not(feature = "faults"))]
    pub const fn planted(self) -> bool {
        false
    }

    /// Plants the fault in this thread alone, until the value is dropped: for a simulation, which runs in one thread.
    #[cfg(feature = "faults")]
    #[must_use]
    pub fn plant_here(self) -> Planted {
        planting::HERE.set(Some(self));
        Planted(())
    }
}

/// A fault that is planted in this thread.
#[cfg(feature = "faults")]
#[derive(Debug)]
pub struct Planted(());

#[cfg(feature = "faults")]
impl Drop for Planted {
    fn drop(&mut self) {
        planting::HERE.set(None);
    }
}

#[cfg(feature = "faults")]
mod planting {
    use std::{cell::Cell, sync::LazyLock};

    use super::Fault;

    thread_local! {
        pub(super) static HERE: Cell<Option<Fault>> = const { Cell::new(None) };
    }

    pub(super) static EVERYWHERE: LazyLock<Option<Fault>> = LazyLock::new(|| {
        let name = std::env::var("QONYS_FAULT").ok()?;
        let mut known = Fault::OF_PROMISES.iter().chain(Fault::OF_HABITS);
        known
            .find(|(known, _)| *known == name)
            .map(|(_, fault)| *fault)
    });
}
