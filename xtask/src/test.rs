//! `cargo xtask test`: every test of the workspace, on servers that exist for this run only.

use crate::install::tools;
use crate::servers::Servers;
use crate::{Stop, cargo, run as run_command, say};

/// Where tests find a PostgreSQL whose user may create databases.
const DATABASE: &str = "QONYS_TEST_DATABASE_URL";
/// Where tests find a NATS server with JetStream.
const NATS: &str = "QONYS_TEST_NATS_URL";

/// Installs what is missing, builds, starts servers, runs the tests, stops what it started.
/// Gives the exit code of the tests.
pub(crate) fn run(args: &[String]) -> Result<u8, Stop> {
    let args = match args.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => args,
    };
    with_servers(args, |database, nats| {
        say("running the tests");
        run_command(
            test_command()
                .args(args)
                .env(DATABASE, database)
                .env(NATS, nats),
        )
    })
}

/// Breaks each promise on purpose and looks whether its tests notice.
pub(crate) fn faults() -> Result<u8, Stop> {
    with_servers(&[], |database, nats| {
        say("planting faults");
        crate::faults::run(|command| {
            command.env(DATABASE, database).env(NATS, nats);
        })
    })
}

/// Builds the tests and hands over the addresses of both servers, which live until `each` is done.
pub(crate) fn with_servers(
    args: &[String],
    each: impl FnOnce(&str, &str) -> Result<u8, Stop>,
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
    let code = each(&database, &nats)?;
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
