//! What the integration tests stand on: real servers, a cable that can be cut, the built binary.

pub(crate) mod broker;
pub(crate) mod caller;
pub(crate) mod database;
pub(crate) mod memory_views;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod register;
pub(crate) mod rows;

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

/// The value of a variable that `cargo xtask test` sets.
#[track_caller]
fn required(variable: &str) -> String {
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!(
            "{variable} is not set: run the tests with `cargo xtask test`, which starts the servers"
        ),
    }
}

/// A name nobody else uses: `<prefix><process id>_<counter>`.
fn unique(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!(
        "{prefix}{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

/// Whether a name made by [`unique`] belongs to a run that is over: its process is gone, or it is
/// our own number from an earlier life. Asked before this process makes its first name.
fn is_leftover(name: &str, prefix: &str) -> bool {
    let Some(pid) = name
        .strip_prefix(prefix)
        .and_then(|rest| rest.split('_').next())
    else {
        return false;
    };
    let Ok(pid) = pid.parse::<u32>() else {
        return false;
    };
    pid == std::process::id() || !std::path::Path::new(&format!("/proc/{pid}")).exists()
}

/// Runs work to its end from a destructor, where the caller's runtime cannot be used.
fn block_on_aside<W, F>(work: W)
where
    W: FnOnce() -> F + Send + 'static,
    F: Future<Output = ()>,
{
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let Ok(runtime) = runtime {
            runtime.block_on(work());
        }
    });
    drop(thread.join());
}

#[test]
fn a_name_of_a_dead_run_is_a_leftover() {
    let prefix = "qonys_test_";
    let ours = std::process::id();
    assert!(is_leftover(&format!("{prefix}{ours}_1"), prefix));
    assert!(is_leftover(&format!("{prefix}{}_1", u32::MAX), prefix));
    assert!(
        !is_leftover(&format!("{prefix}1_1"), prefix),
        "process 1 always lives"
    );
    assert!(!is_leftover("qonys_test_by_hand", prefix));
    assert!(!is_leftover("qonys", prefix));
}
