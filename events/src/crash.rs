//! Crash points, in test builds only: `QONYS_CRASH=commit-answer:3` ends the process, without a word, the third time that
//! it comes to this moment. Without the feature `faults` none of this exists.

/// A moment between two steps, at which a crash must lose nothing and repeat nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// Keys and sealed values are durable, the append is not sent.
    KeysAppend,
    /// The append is committed, nobody has been answered.
    CommitAnswer,
    /// Entries are committed and read, their rows are not written.
    CommitViews,
    /// Rows and checkpoint are written, the runner does not know it.
    RowsKnown,
    /// Messages are stored at the broker, the acknowledgement is not taken in.
    PublishAcknowledge,
    /// A head is signed and kept, the checkpoint is not published.
    SignedPublished,
}

impl CrashPoint {
    /// Every crash point, with the name that switches it on.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("keys-append", Self::KeysAppend),
        ("commit-answer", Self::CommitAnswer),
        ("commit-views", Self::CommitViews),
        ("rows-known", Self::RowsKnown),
        ("publish-acknowledge", Self::PublishAcknowledge),
        ("signed-published", Self::SignedPublished),
    ];

    /// Ends the process if this is the moment.
    #[cfg(feature = "faults")]
    pub fn reach(self) {
        use std::sync::{
            LazyLock,
            atomic::{AtomicU64, Ordering},
        };
        static CHOSEN: LazyLock<Option<(CrashPoint, AtomicU64)>> = LazyLock::new(|| {
            let chosen = std::env::var("QONYS_CRASH").ok()?;
            let (name, times) = chosen.split_once(':')?;
            let point = CrashPoint::ALL.iter().find(|(known, _)| *known == name)?;
            Some((point.1, AtomicU64::new(times.parse().ok()?)))
        });
        if let Some((point, left)) = &*CHOSEN
            && *point == self
            && left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            std::process::abort();
        }
    }

    /// Nothing ends outside test builds.
    #[cfg(not(feature = "faults"))]
    pub const fn reach(self) {}
}
