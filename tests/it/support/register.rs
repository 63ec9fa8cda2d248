//! A whole register on the embedded store, and the outcome of one line after the other.

use qonys::{
    clock::{Clock, Entropy},
    dispatch::{Dispatch, Outcome, Request},
    log::{Log, NewLog, sqlite::SqliteLog},
    vault::Vault,
};
use qonys_events::term::ClockKind;
use tempfile::TempDir;

/// A log, its vault and its decider. The directory goes with the value.
pub(crate) struct Register {
    pub(crate) log: Log,
    dispatch: Dispatch,
    _dir: TempDir,
}

impl Register {
    /// An empty log on the machine's clock.
    pub(crate) async fn empty() -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let new = NewLog {
            origin: "qonys/almaty/test/1".parse().expect("an origin"),
            zone: "Asia/Almaty".parse().expect("a text"),
            clock: ClockKind::System,
        };
        let log = SqliteLog::open(dir.path(), Some(&new)).await;
        let log = Log::Sqlite(log.expect("a new log"));
        let vault = Vault::open(dir.path(), log.origin(), Entropy::System).await;
        let vault = Some(vault.expect("a new vault"));
        let dispatch = Dispatch::start(log.clone(), vault, Clock::System, Entropy::System).await;
        let dispatch = dispatch.expect("a decider");
        Self {
            log,
            dispatch,
            _dir: dir,
        }
    }

    /// The outcome of a line that can be read.
    #[track_caller]
    pub(crate) fn give(&self, line: &str) -> impl Future<Output = Outcome> {
        let request = Request::read(line).unwrap_or_else(|e| panic!("{line}: {e:?}"));
        let dispatch = self.dispatch.clone();
        async move { dispatch.decide(request).await }
    }

    /// Lines that must all be accepted.
    pub(crate) async fn must(&self, lines: impl IntoIterator<Item = impl AsRef<str>>) {
        for line in lines {
            let line = line.as_ref();
            let outcome = self.give(line).await;
            assert!(
                matches!(outcome, Outcome::Accepted(_)),
                "{line}\n{outcome:?}"
            );
        }
    }
}
