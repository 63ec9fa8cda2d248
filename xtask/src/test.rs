//! `cargo xtask test`: every test of the workspace, on servers that exist for this run only.

use crate::install::tools;
use crate::servers::Servers;
use crate::{Stop, cargo, run as run_command, say};

/// Where tests find a PostgreSQL whose user may create databases.
const DATABASE: &str = "QONYS_TEST_DATABASE_URL";
/// Where tests find a NATS server with JetStream.
const NATS: &str = "QONYS_TEST_NATS_URL";
/// Where tests find a library that speaks PKCS#11, and where that finds its tokens: SoftHSM2.
const PKCS11: &str = "QONYS_TEST_PKCS11_MODULE";
const SOFTHSM: &str = "SOFTHSM2_CONF";

/// What tests find in their environment.
type Found = [(&'static str, String)];

/// Installs what is missing, builds, starts servers, runs the tests, stops what it started.
/// Gives the exit code of the tests.
pub(crate) fn run(args: &[String]) -> Result<u8, Stop> {
    let args = match args.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => args,
    };
    with_servers(args, |found| {
        say("running the tests");
        run_command(test_command().args(args).envs(found.iter().cloned()))
    })
}

/// Breaks each promise on purpose and looks whether its tests notice.
pub(crate) fn sabotage() -> Result<u8, Stop> {
    with_servers(&[], |found| {
        say("planting faults");
        crate::sabotage::run(|command| {
            command.envs(found.iter().cloned());
        })
    })
}

/// Makes every fault of the table happen, and prints what was checked.
pub(crate) fn faults() -> Result<u8, Stop> {
    with_servers(&[], |found| {
        say("making faults happen");
        crate::faults::run(|command| {
            command.envs(found.iter().cloned());
        })
    })
}

/// Tells many seeds of the simulation. It needs no server.
pub(crate) fn sim(args: &[String]) -> Result<u8, Stop> {
    let number = |name: &str, otherwise: u64| match args.iter().position(|arg| arg == name) {
        None => Ok(otherwise),
        Some(at) => args
            .get(at + 1)
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| Stop::usage(format!("{name} takes a number"))),
    };
    let (seeds, first) = (number("--seeds", 500)?, number("--first", 1)?);
    let mut command = cargo();
    command
        .args([
            "test",
            "--locked",
            "--package",
            "qonys",
            "--test",
            "it",
            "--",
        ])
        .args(["--exact", "sim::seeds_keep_every_promise", "--nocapture"])
        .env("QONYS_SIM_SEEDS", seeds.to_string())
        .env("QONYS_SIM_FIRST", first.to_string());
    run_command(&mut command)
}

/// Builds the tests and hands over where they find their servers, which live until `each` is done.
pub(crate) fn with_servers(
    args: &[String],
    each: impl FnOnce(&Found) -> Result<u8, Stop>,
) -> Result<u8, Stop> {
    let given = |name: &str| std::env::var(name).ok().filter(|url| !url.is_empty());
    let (database, nats) = (given(DATABASE), given(NATS));

    let tools = tools(database.is_none())?;
    say("building the tests");
    let code = run_command(test_command().arg("--no-run").args(args))?;
    if code != 0 {
        return Err(Stop {
            code,
            message: "the tests do not build".to_owned(),
        });
    }

    // Both servers live until `servers` is dropped, on every way out of this function.
    let mut servers = Servers::prepare()?;
    let database = match (database, &tools.postgres) {
        (Some(url), _) => url,
        (None, Some(bin)) => servers.start_postgres(bin)?,
        (None, None) => return Err(Stop::failed("no PostgreSQL was found")),
    };
    let nats = match nats {
        Some(url) => url,
        None => servers.start_nats(&tools.nats_server)?,
    };
    let tokens = servers.prepare_tokens()?;
    let module = tools.softhsm.display().to_string();
    let code = each(&[
        (DATABASE, database),
        (NATS, nats),
        (PKCS11, module),
        (SOFTHSM, tokens),
    ])?;
    say("stopping what was started");
    drop(servers);
    Ok(code)
}

/// The second time it runs, everything is built and only the tests remain.
fn test_command() -> std::process::Command {
    let mut command = cargo();
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    command
}
