//! Private throw-away servers in a directory of their own, on ports the system chose.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::install::{ids, is_root, program};
use crate::undertaker::Undertaker;
use crate::{Stop, say};

/// How long a server may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The directory, and the hand that clears it away.
pub(crate) struct Servers {
    dir: PathBuf,
    undertaker: Undertaker,
}

impl Servers {
    /// Makes the directory. It lies under /tmp and nowhere else: the postgres user must be able to
    /// enter it, and a socket's path has at most 107 bytes.
    ///
    /// # Errors
    /// Where /tmp cannot be written.
    pub(crate) fn prepare() -> Result<Self, Stop> {
        let dir = PathBuf::from(format!("/tmp/qonys-test-{}", std::process::id()));
        fs::create_dir(&dir).map_err(|error| fault("creating", &dir, &error))?;
        let undertaker = Undertaker::of(&dir)?;
        let servers = Self { dir, undertaker };
        servers.open(&servers.dir, 0o711)?;
        Ok(servers)
    }

    /// Starts PostgreSQL from the binaries in `bin`; gives the URL of its superuser.
    ///
    /// As root the server runs as the user postgres, which PostgreSQL demands. It keeps `fsync` on:
    /// the tests measure and kill what a city would run.
    ///
    /// # Errors
    /// With the end of its log, where it does not come up.
    pub(crate) fn start_postgres(&mut self, bin: &Path) -> Result<String, Stop> {
        say(&format!(
            "starting a private PostgreSQL from {}",
            bin.display()
        ));
        let home = self.dir.join("postgres");
        fs::create_dir(&home).map_err(|error| fault("creating", &home, &error))?;
        self.open(&home, 0o700)?;
        let owner = self.give_to_postgres(&home)?;
        let data = home.join("data");
        let log = self.dir.join("postgres.log");

        let mut initdb = as_owner(&bin.join("initdb"), owner)?;
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
            "--no-instructions",
        ]);
        initdb
            .args(["--encoding=UTF8", "--locale=C.UTF-8", "-D"])
            .arg(&data)
            .current_dir(&home);
        let status = initdb
            .stdin(Stdio::null())
            .stdout(append(&log)?)
            .stderr(append(&log)?)
            .status();
        if !status.as_ref().is_ok_and(std::process::ExitStatus::success) {
            return Err(Stop::failed(format!(
                "initdb failed ({status:?}):\n{}",
                tail(&log)
            )));
        }

        for _ in 0..5 {
            let port = free_port()?;
            let mut server = as_owner(&bin.join("postgres"), owner)?;
            server
                .arg("-D")
                .arg(&data)
                .args(["-h", "127.0.0.1", "-p", &port.to_string()]);
            server
                .arg("-k")
                .arg(&home)
                .args(["-N", "300"])
                .current_dir(&home);
            let child = self.spawn(&mut server, &log)?;
            let pid = child.id();
            self.undertaker.take(child, "INT")?;
            if postgres_is_up(&data.join("postmaster.pid"), pid) {
                return Ok(format!("postgres://postgres@127.0.0.1:{port}/postgres"));
            }
            if !tail(&log).contains("could not bind") {
                break;
            }
            say(&format!("port {port} was taken meanwhile; trying another"));
        }
        Err(Stop::failed(format!(
            "PostgreSQL did not come up:\n{}",
            tail(&log)
        )))
    }

    /// Prepares a place for tokens in software; gives the file that names it to SoftHSM2.
    ///
    /// # Errors
    /// Where /tmp cannot be written.
    pub(crate) fn prepare_tokens(&self) -> Result<String, Stop> {
        let tokens = self.dir.join("tokens");
        fs::create_dir(&tokens).map_err(|error| fault("creating", &tokens, &error))?;
        let conf = self.dir.join("softhsm2.conf");
        let text = format!(
            "directories.tokendir = {}\nlog.level = ERROR\n",
            tokens.display()
        );
        fs::write(&conf, text).map_err(|error| fault("writing", &conf, &error))?;
        Ok(conf.display().to_string())
    }

    /// Starts a broker with JetStream; gives its URL.
    ///
    /// # Errors
    /// With the end of its log, where it does not come up.
    pub(crate) fn start_nats(&mut self, program: &Path) -> Result<String, Stop> {
        say(&format!(
            "starting a private NATS from {}",
            program.display()
        ));
        let home = self.dir.join("nats");
        fs::create_dir(&home).map_err(|error| fault("creating", &home, &error))?;
        let log = self.dir.join("nats.log");
        let mut server = dying_with_us(program, &[])?;
        server
            .args(["-js", "-a", "127.0.0.1", "-p", "-1", "-sd"])
            .arg(&home);
        server.arg("--ports_file_dir").arg(&home).current_dir(&home);
        let child = self.spawn(&mut server, &log)?;
        let pid = child.id();
        let ports = home.join(format!("nats-server_{pid}.ports"));
        self.undertaker.take(child, "TERM")?;
        let start = Instant::now();
        while start.elapsed() < PATIENCE && is_alive(pid, start) {
            if let Some(url) = fs::read_to_string(&ports)
                .ok()
                .as_deref()
                .and_then(nats_url)
            {
                return Ok(url);
            }
            sleep(Duration::from_millis(50));
        }
        Err(Stop::failed(format!(
            "nats-server did not come up:\n{}",
            tail(&log)
        )))
    }

    /// As root: makes the user postgres the owner, and names him.
    fn give_to_postgres(&self, home: &Path) -> Result<Option<(u32, u32)>, Stop> {
        if !is_root() {
            return Ok(None);
        }
        let owner = ids("postgres").ok_or_else(|| {
            Stop::usage("PostgreSQL refuses to run as root, and there is no user `postgres` here")
        })?;
        chown(home, Some(owner.0), Some(owner.1)).map_err(|error| fault("chown", home, &error))?;
        Ok(Some(owner))
    }

    fn open(&self, path: &Path, mode: u32) -> Result<(), Stop> {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(|error| fault("chmod", path, &error))
    }

    /// Starts a server out of reach of the terminal's Ctrl-C: the tests end first.
    fn spawn(&self, server: &mut Command, log: &Path) -> Result<Child, Stop> {
        let name = server.get_program().to_string_lossy().into_owned();
        server
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(append(log)?)
            .stderr(append(log)?);
        server
            .spawn()
            .map_err(|error| Stop::failed(format!("{name}: {error}")))
    }
}

/// A command that runs as the given user (where one is given) and gets SIGINT when we die.
fn as_owner(program: &Path, owner: Option<(u32, u32)>) -> Result<Command, Stop> {
    match owner {
        Some(_) => dying_with_us(
            program,
            &["--reuid=postgres", "--regid=postgres", "--init-groups"],
        ),
        None => dying_with_us(program, &[]),
    }
}

/// A command that gets SIGINT when we die, by way of setpriv (util-linux).
fn dying_with_us(target: &Path, switch: &[&str]) -> Result<Command, Stop> {
    let Some(setpriv) = program("setpriv") else {
        if switch.is_empty() {
            return Ok(Command::new(target));
        }
        return Err(Stop::usage(
            "as root, PostgreSQL is started through setpriv, which is missing here: \
             apt-get install util-linux",
        ));
    };
    let mut command = Command::new(setpriv);
    command
        .args(switch)
        .args(["--pdeathsig", "INT", "--"])
        .arg(target);
    Ok(command)
}

/// Waits for the word in the eighth line of `postmaster.pid`, as pg_ctl does.
fn postgres_is_up(file: &Path, pid: u32) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        let text = fs::read_to_string(file).unwrap_or_default();
        let mut lines = text.lines();
        let ours = lines
            .next()
            .is_some_and(|line| line.trim() == pid.to_string());
        if ours && lines.nth(6).is_some_and(|word| word.trim() == "ready") {
            return true;
        }
        if !is_alive(pid, start) {
            return false;
        }
        sleep(Duration::from_millis(50));
    }
    false
}

/// Whether a process we started still has a program; it gets a second to begin.
fn is_alive(pid: u32, start: Instant) -> bool {
    start.elapsed() < Duration::from_secs(1) || Path::new(&format!("/proc/{pid}/exe")).exists()
}

/// The first client address in a ports file: `{"nats":["nats://127.0.0.1:43121"],…}`.
fn nats_url(ports: &str) -> Option<String> {
    let start = ports.find("nats://")?;
    let url: String = ports[start..].chars().take_while(|c| *c != '"').collect();
    ports[start..].contains('"').then_some(url)
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16, Stop> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Stop::failed(format!("no free port on 127.0.0.1: {error}")))
}

fn append(log: &Path) -> Result<File, Stop> {
    File::options()
        .create(true)
        .append(true)
        .open(log)
        .map_err(|error| fault("opening", log, &error))
}

/// The last lines of a log, for a person to read.
fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

fn fault(doing: &str, path: &Path, error: &std::io::Error) -> Stop {
    Stop::failed(format!("{doing} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ports_file_names_the_client_address() {
        let whole = r#"{"nats":["nats://127.0.0.1:43121"],"monitoring":[]}"#;
        assert_eq!(nats_url(whole).as_deref(), Some("nats://127.0.0.1:43121"));
        assert_eq!(nats_url(""), None);
        assert_eq!(
            nats_url(r#"{"nats":["nats://127.0.0.1:431"#),
            None,
            "still being written"
        );
    }
}
