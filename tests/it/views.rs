//! The views on both stores: sink, follower, rebuild, points in the recorded history, replay.

use qonys::views::Views;
use qonys_events::scalar::Position;
use qonys_projections::{all, memory::MemorySink, runner::Runner};

use crate::support::register::Register;

mod answers;
pub(crate) mod history;
mod points;
mod rebuild;
mod replay;
mod sink;

/// Each function as a test on each store.
macro_rules! on_both_stores {
    ($($name:ident,)+) => {
        mod postgresql {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::register::Register::postgres($crate::views::history::BEGIN).await).await;
            })+
        }
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::register::Register::embedded($crate::views::history::BEGIN).await).await;
            })+
        }
    };
}
pub(crate) use on_both_stores;

/// The views of a register.
pub(crate) async fn views(register: &Register) -> Views {
    Views::open(&register.log, register.directory.path())
        .await
        .expect("the views open")
}

/// The views of a register, as far as its log.
pub(crate) async fn caught_up(register: &Register) -> Views {
    let views = views(register).await;
    let head = register.log.head().await.expect("a head").position;
    let at = views.catch_up(|_, _| {}).await.expect("the views catch up");
    assert_eq!(at, head);
    views
}

/// What a fold in memory makes of the log up to a position: it shares the folds with the views and nothing else.
async fn in_memory(register: &Register, to: Position) -> MemorySink {
    let sink = MemorySink::default();
    let feed = qonys::views::feed::LogFeed::new(&register.log);
    let mut runner = Runner::new(feed, &sink, all());
    let at = runner.catch_up_to(to).await.expect("the log folds");
    assert_eq!(at, to);
    drop(runner);
    sink
}
