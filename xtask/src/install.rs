//! Finds the programs the tests need, and installs what is missing on a Debian machine.
//!
//! What is installed is left silent: no cluster is created on 5432, no broker stays on 4222.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Stop, run, say};

/// Where the programs are.
pub(crate) struct Tools {
    /// The directory with `postgres` and `initdb`; none where the caller brought a database.
    pub(crate) postgres: Option<PathBuf>,
    /// The broker's program.
    pub(crate) nats_server: PathBuf,
    /// The library of a token in software.
    pub(crate) softhsm: PathBuf,
}

/// One thing the tests need.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Postgres,
    NatsServer,
    Python,
    SoftHsm,
}

impl Need {
    /// The name of its Debian package.
    fn package(self) -> &'static str {
        match self {
            Need::Postgres => "postgresql",
            Need::NatsServer => "nats-server",
            Need::Python => "python3",
            Need::SoftHsm => "softhsm2",
        }
    }
}

/// Finds every tool, installing what is missing.
///
/// The broker's program is needed even beside QONYS_TEST_NATS_URL: crash tests kill their own.
///
/// # Errors
/// Exit code 2, with the one line to run, where something is missing and nobody here may install.
pub(crate) fn tools(bring_postgres: bool) -> Result<Tools, Stop> {
    let missing = missing(bring_postgres);
    if !missing.is_empty() {
        install(&missing)?;
    }
    let still = self::missing(bring_postgres);
    if !still.is_empty() {
        let names = names(&still);
        return Err(Stop::failed(format!(
            "{names}: installed, and yet not found"
        )));
    }
    let nats_server =
        nats_server().ok_or_else(|| Stop::failed("nats-server is gone between two looks"))?;
    let softhsm = softhsm().ok_or_else(|| Stop::failed("softhsm2 is gone between two looks"))?;
    let postgres = if bring_postgres { postgres() } else { None };
    Ok(Tools {
        postgres,
        nats_server,
        softhsm,
    })
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    number("-u", None) == Some(0)
}

/// User id and group id of a local user.
pub(crate) fn ids(user: &str) -> Option<(u32, u32)> {
    Some((number("-u", Some(user))?, number("-g", Some(user))?))
}

/// The program of this name in the search path or where Debian keeps servers.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/bin"].map(PathBuf::from))
        .map(|dir| dir.join(name))
        .find(|candidate| candidate.is_file())
}

fn number(what: &str, user: Option<&str>) -> Option<u32> {
    let output = Command::new("id")
        .arg(what)
        .args(user)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

fn missing(bring_postgres: bool) -> Vec<Need> {
    let mut missing = Vec::new();
    if bring_postgres && postgres().is_none() {
        missing.push(Need::Postgres);
    }
    if nats_server().is_none() {
        missing.push(Need::NatsServer);
    }
    if program("python3").is_none() {
        missing.push(Need::Python);
    }
    if softhsm().is_none() {
        missing.push(Need::SoftHsm);
    }
    missing
}

fn softhsm() -> Option<PathBuf> {
    let places = [
        "/usr/lib/softhsm",
        "/usr/lib64/softhsm",
        "/usr/local/lib/softhsm",
    ];
    places
        .map(|place| Path::new(place).join("libsofthsm2.so"))
        .into_iter()
        .find(|library| library.is_file())
}

fn nats_server() -> Option<PathBuf> {
    let debian = Path::new("/usr/sbin/nats-server");
    if debian.is_file() {
        Some(debian.to_path_buf())
    } else {
        program("nats-server")
    }
}

/// The newest server's directory under Debian's roof, else the one in the search path.
fn postgres() -> Option<PathBuf> {
    let complete = |bin: &PathBuf| bin.join("postgres").is_file() && bin.join("initdb").is_file();
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let major: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((major, entry.path().join("bin")))
        })
        .filter(|(_, bin)| complete(bin))
        .max_by_key(|(major, _)| *major)
        .map(|(_, bin)| bin);
    debian.or_else(|| {
        let found = program("postgres")?.canonicalize().ok()?;
        found.parent().map(Path::to_path_buf).filter(complete)
    })
}

fn names(needs: &[Need]) -> String {
    needs
        .iter()
        .map(|need| need.package())
        .collect::<Vec<_>>()
        .join(", ")
}

/// The shell line that installs the packages. It holds no single quote, so that it can be shown
/// inside a pair of them.
fn script(missing: &[Need]) -> String {
    const GET: &str = "apt-get install -y --no-install-recommends";
    const CLUSTERS: &str = "/etc/postgresql-common/createcluster.conf";
    let mut steps = vec!["export DEBIAN_FRONTEND=noninteractive".to_owned()];
    steps.push("apt-get update".to_owned());
    if missing.contains(&Need::Postgres) {
        // Before the server's package, which would start a cluster on 5432. Where somebody keeps a
        // cluster already or has decided this, it stays decided.
        steps.push(format!("{GET} postgresql-common"));
        steps.push(format!(
            "{{ ls /etc/postgresql/*/*/postgresql.conf >/dev/null 2>&1 || \
             grep -qs \"^ *create_main_cluster\" {CLUSTERS} || \
             echo \"create_main_cluster = false\" >>{CLUSTERS}; }}"
        ));
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package()).collect();
    steps.push(format!("{GET} {}", packages.join(" ")));
    if missing.contains(&Need::NatsServer) {
        steps.push(
            "{ ! [ -d /run/systemd/system ] || systemctl disable --now nats-server; }".to_owned(),
        );
    }
    steps.join(" && ")
}

fn install(missing: &[Need]) -> Result<(), Stop> {
    let names = names(missing);
    if program("apt-get").is_none() {
        return Err(Stop::usage(format!(
            "missing: {names}. There is no apt-get here: install them by your system's own means"
        )));
    }
    let script = script(missing);
    let line = format!("sh -c '{script}'");
    let refused = Stop::usage(format!(
        "missing: {names}, and neither root nor sudo is at hand. As root, run this one line:\n\n  \
         {line}\n"
    ));
    let mut command = if is_root() {
        Command::new("sh")
    } else if may_sudo() {
        let mut sudo = Command::new("sudo");
        sudo.arg("sh");
        sudo
    } else {
        return Err(refused);
    };
    say(&format!("missing: {names}; installing with apt-get"));
    // The packages' chatter belongs to the progress, not to the answer of the tests.
    let code = run(command
        .args(["-c", &script])
        .stdin(Stdio::null())
        .stdout(std::io::stderr()))?;
    if code == 0 {
        Ok(())
    } else {
        Err(Stop::usage(format!(
            "apt-get could not install {names}. This line failed:\n\n  {line}\n"
        )))
    }
}

/// Whether sudo answers without a password, or somebody is there to type one.
fn may_sudo() -> bool {
    if program("sudo").is_none() {
        return false;
    }
    let mut ask = Command::new("sudo");
    if std::io::stdin().is_terminal() {
        ask.arg("-v");
    } else {
        ask.args(["-n", "true"]).stderr(Stdio::null());
    }
    ask.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_keeps_5432_and_4222_free() {
        let line = script(&[Need::Postgres, Need::NatsServer, Need::Python]);
        let at = |text: &str| {
            line.find(text)
                .unwrap_or_else(|| panic!("{text} in {line}"))
        };
        assert!(at("postgresql-common") < at("create_main_cluster = false"));
        assert!(at("create_main_cluster = false") < at("postgresql nats-server python3"));
        assert!(at("postgresql nats-server python3") < at("disable --now nats-server"));
    }

    #[test]
    fn the_line_asks_for_what_is_missing_only() {
        let line = script(&[Need::Python]);
        assert!(
            line.ends_with("apt-get install -y --no-install-recommends python3"),
            "{line}"
        );
        assert!(!line.contains("postgresql"));
    }

    #[test]
    fn the_line_can_be_quoted() {
        assert!(!script(&[Need::Postgres, Need::NatsServer, Need::Python]).contains('\''));
    }

    #[test]
    fn a_user_has_numbers() {
        assert_eq!(ids("root"), Some((0, 0)));
        assert_eq!(ids("nobody-of-this-name"), None);
    }
}
