//! Planted faults: one for each promise, in test builds only. `QONYS_FAULT=p4` breaks promise P4 on purpose, and exactly
//! the tests named after it must fail (`cargo xtask faults`). Without the feature `faults` none of this exists.

/// A promise that can be broken on purpose.
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
}

impl Fault {
    /// Every planted fault with the name that switches it on.
    pub const ALL: &'static [(&'static str, Self)] = &[
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

    /// Whether the fault is planted in this run.
    #[cfg(feature = "faults")]
    pub fn planted(self) -> bool {
        static PLANTED: std::sync::LazyLock<Option<Fault>> = std::sync::LazyLock::new(|| {
            let name = std::env::var("QONYS_FAULT").ok()?;
            Fault::ALL
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, fault)| *fault)
        });
        *PLANTED == Some(self)
    }

    /// Nothing is planted outside test builds.
    #[cfg(not(feature = "faults"))]
    pub const fn planted(self) -> bool {
        false
    }
}
