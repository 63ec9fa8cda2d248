//! One behaviour on two stores: every function below runs on PostgreSQL and on SQLite.

use qonys::log::{Batch, Log, LogError};
use qonys_events::scalar::Position;

pub(crate) mod drafts;
mod order;
mod reading;
mod refusals;
pub(crate) mod stores;
mod whole;

/// Each function as a test on each store.
macro_rules! on_both_stores {
    ($($name:ident,)+) => {
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::log_conformance::stores::Store::postgres().await).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::log_conformance::stores::Store::sqlite().await).await;
            })+
        }
    };
}
pub(crate) use on_both_stores;

/// Tries an append that must fail, and makes sure that it left no trace (promise P2).
async fn fails(log: &Log, expected: Position, batch: &Batch) -> LogError {
    let head = log.head().await.expect("the head can be read");
    let error = log
        .append(expected, batch)
        .await
        .expect_err("the batch is wrong");
    assert_eq!(
        log.head().await.expect("the head can be read"),
        head,
        "after {error}"
    );
    let after = log
        .read_after(head.position, 1)
        .await
        .expect("the log can be read");
    assert!(after.is_empty(), "after {error}");
    for slot in &batch.sealed {
        let sealed = log
            .sealed(slot.commandid, &slot.name, slot.subject)
            .await
            .expect("slots can be read");
        assert!(
            sealed.is_none_or(|s| s.commandid != slot.commandid),
            "after {error}"
        );
    }
    error
}

/// Tries a batch on the current head that breaks a rule; `why` stands in the error.
async fn refused(log: &Log, batch: &Batch, why: &str) {
    let head = log.head().await.expect("the head can be read");
    match fails(log, head.position, batch).await {
        LogError::Refused(said) if said.contains(why) => {}
        other => panic!("expected a refusal with {why:?}, got {other:?}"),
    }
}
