//! The built binary as its own process: run to the end, or started, watched and killed.

use std::ffi::OsStr;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What a process left when it ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// All of stdout.
    pub(crate) stdout: String,
    /// All of stderr.
    pub(crate) stderr: String,
}

impl Finished {
    /// The exit code; none where a signal ended it.
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The same, after making sure that it ended with 0.
    #[track_caller]
    pub(crate) fn expect_success(self) -> Self {
        assert!(
            self.status.success(),
            "{}\n{}\n{}",
            self.status,
            self.stdout,
            self.stderr
        );
        self
    }
}

/// The built `qonys` with these arguments. It sees none of our own `QONYS_…` variables but the
/// planted fault.
pub(crate) fn qonys<I, S>(args: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(env!("CARGO_BIN_EXE_qonys"));
    command.args(args);
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("QONYS_") && name_text != "QONYS_FAULT" {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end with nothing on stdin.
///
/// # Panics
/// Where it cannot be started.
pub(crate) async fn run(command: Command) -> Finished {
    run_with_input(command, "").await
}

/// Runs a command to its end with this text on stdin.
///
/// # Panics
/// Where it cannot be started.
pub(crate) async fn run_with_input(command: Command, input: &str) -> Finished {
    let mut running = Running::start(command);
    if let Some(mut stdin) = running.stdin() {
        // Not read to its end by a command that does not want it: no fault of ours.
        drop(stdin.write_all(input.as_bytes()).await);
    }
    running.finish().await
}

/// Both outputs, line by line as they come.
#[derive(Default)]
struct Lines {
    stdout: Mutex<Vec<String>>,
    stderr: Mutex<Vec<String>>,
    more: Notify,
}

/// A process at work. Dropping the value kills it.
pub(crate) struct Running {
    child: Child,
    pid: u32,
    lines: Arc<Lines>,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts a command and reads what it prints.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub(crate) fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .kill_on_drop(true)
            .spawn()
            .expect("the program can be started");
        let pid = child
            .id()
            .expect("a process that was just started has an id");
        let lines = Arc::new(Lines::default());
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let readers = vec![
            tokio::spawn(read(stdout, lines.clone(), |lines| &lines.stdout)),
            tokio::spawn(read(stderr, lines.clone(), |lines| &lines.stderr)),
        ];
        Self {
            child,
            pid,
            lines,
            readers,
        }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Its stdin, once; dropping it ends the input.
    pub(crate) fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Waits for a line on stdout or stderr that contains `text`, printed before or after the call.
    ///
    /// # Panics
    /// With everything printed so far, where the process ends or `patience` is over before.
    pub(crate) async fn wait_for(&mut self, text: &str, patience: Duration) -> String {
        let found = tokio::time::timeout(patience, async {
            loop {
                let more = self.lines.more.notified();
                if let Some(line) = self.find(text) {
                    return Some(line);
                }
                if self.readers.iter().all(JoinHandle::is_finished) {
                    return self.find(text);
                }
                // The end of a reader is not announced in time by its last line: look again soon.
                drop(tokio::time::timeout(Duration::from_millis(50), more).await);
            }
        });
        match found.await {
            Ok(Some(line)) => line,
            _ => panic!(
                "`{text}` was not printed in {patience:?}:\n{}",
                self.printed()
            ),
        }
    }

    /// SIGKILL, and waits until the process is gone.
    ///
    /// # Panics
    /// Where the system does not allow it.
    pub(crate) async fn kill9(mut self) -> Finished {
        self.child
            .start_kill()
            .expect("our own process may be killed");
        self.finish().await
    }

    /// Waits for the end.
    ///
    /// # Panics
    /// Where the process cannot be waited for.
    pub(crate) async fn finish(mut self) -> Finished {
        drop(self.stdin());
        let status = self
            .child
            .wait()
            .await
            .expect("our own process can be waited for");
        for reader in self.readers.drain(..) {
            drop(reader.await);
        }
        let text = |lines: &Mutex<Vec<String>>| {
            lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .concat()
        };
        Finished {
            status,
            stdout: text(&self.lines.stdout),
            stderr: text(&self.lines.stderr),
        }
    }

    fn find(&self, text: &str) -> Option<String> {
        [&self.lines.stdout, &self.lines.stderr]
            .into_iter()
            .find_map(|lines| {
                let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines
                    .iter()
                    .find(|line| line.contains(text))
                    .map(|line| line.trim_end().to_owned())
            })
    }

    fn printed(&self) -> String {
        [&self.lines.stdout, &self.lines.stderr]
            .map(|lines| {
                lines
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .concat()
            })
            .join("")
    }
}

async fn read(
    stream: impl AsyncRead + Unpin,
    lines: Arc<Lines>,
    which: fn(&Lines) -> &Mutex<Vec<String>>,
) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .await
        .is_ok_and(|length| length > 0)
    {
        let text = String::from_utf8_lossy(&line).into_owned();
        which(&lines)
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(text);
        lines.more.notify_waiters();
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn the_built_binary_runs() {
        run(qonys(["--version"])).await.expect_success();
    }

    #[tokio::test]
    async fn a_finished_process_left_both_outputs() {
        let finished =
            run_with_input(sh("read x; echo \"$x\"; echo no >&2; exit 5"), "yes\n").await;
        assert_eq!(finished.code(), Some(5));
        assert_eq!(
            (finished.stdout.as_str(), finished.stderr.as_str()),
            ("yes\n", "no\n")
        );
    }

    #[tokio::test]
    async fn a_killed_process_has_no_exit_code_and_keeps_what_it_said() {
        let mut running = Running::start(sh("echo ready; exec sleep 600"));
        let line = running.wait_for("read", Duration::from_secs(20)).await;
        assert_eq!(line, "ready");
        let process = format!("/proc/{}", running.pid());
        assert!(std::path::Path::new(&process).exists());
        let finished = running.kill9().await;
        assert_eq!(finished.code(), None);
        assert_eq!(finished.status.signal(), Some(9));
        assert_eq!(finished.stdout, "ready\n");
        assert!(!std::path::Path::new(&process).exists());
    }

    #[tokio::test]
    #[should_panic(expected = "was not printed")]
    async fn waiting_for_what_never_comes_shows_what_did() {
        let mut running = Running::start(sh("echo other"));
        running.wait_for("ready", Duration::from_secs(20)).await;
    }
}
