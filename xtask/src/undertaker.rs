//! Stops the servers and removes their directory, whatever happens to us.
//!
//! A small shell in a process group of its own holds the other end of a pipe. It learns each
//! server's process id when the server starts; when the pipe closes, because we are done, failed,
//! were interrupted or killed, it stops exactly these and removes the directory. There is no second
//! path, so the one that runs after a crash is the one that runs every day.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::Stop;

/// `$1` = the directory; stdin = lines "SIGNAL PID".
const SCRIPT: &str = r#"
trap '' INT HUP TERM
list=
while read -r signal pid; do list="$list $signal:$pid"; done
for entry in $list; do kill -s "${entry%%:*}" "${entry##*:}" 2>/dev/null; done
for entry in $list; do
    pid=${entry##*:}
    tries=0
    while kill -0 "$pid" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ]; then kill -s KILL "$pid" 2>/dev/null; break; fi
        sleep 0.1
    done
done
rm -rf -- "$1"
"#;

/// The pipe to the shell, and the servers that are ours to wait for.
pub(crate) struct Undertaker {
    shell: Child,
    pipe: Option<ChildStdin>,
    servers: Vec<Child>,
}

impl Undertaker {
    /// Starts the shell that will remove `dir`.
    ///
    /// # Errors
    /// Where no shell can be started.
    pub(crate) fn of(dir: &Path) -> Result<Self, Stop> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "undertaker"])
            .arg(dir)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Stop::failed(format!("sh could not be started: {error}")))?;
        let pipe = shell.stdin.take();
        Ok(Self {
            shell,
            pipe,
            servers: Vec::new(),
        })
    }

    /// Hands a server over: it gets `signal` (a name, as `INT`) at the end.
    ///
    /// # Errors
    /// Where the shell is gone.
    pub(crate) fn take(&mut self, server: Child, signal: &str) -> Result<(), Stop> {
        let pid = server.id();
        self.servers.push(server);
        let pipe = self
            .pipe
            .as_mut()
            .ok_or_else(|| Stop::failed("the undertaker has left"))?;
        writeln!(pipe, "{signal} {pid}")
            .map_err(|error| Stop::failed(format!("the undertaker does not listen: {error}")))
    }
}

impl Drop for Undertaker {
    fn drop(&mut self) {
        drop(self.pipe.take());
        for server in &mut self.servers {
            drop(server.wait());
        }
        drop(self.shell.wait());
    }
}
