//! What belongs to who gets in: the policies, longer fuzzing, and the API tested by its own document.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Stop, cargo, root, run as run_command, say, test::with_servers};

/// The version of the fuzzer that reads the document.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// Where the server listens for it.
const ADDRESS: &str = "127.0.0.1:18080";

/// Has Cedar evaluate the policies and compares; `--write` writes the table.
pub(crate) fn policies(args: &[String]) -> Result<u8, Stop> {
    let mut command = cargo();
    command
        .args(["run", "--quiet", "--locked", "--manifest-path"])
        .arg(root().join("access/check/Cargo.toml"))
        .arg("--")
        .args(args);
    run_command(&mut command)
}

/// Runs the fuzz targets for a number of minutes in total.
pub(crate) fn fuzz(args: &[String]) -> Result<u8, Stop> {
    let usage = || Stop::usage("usage: cargo xtask fuzz --minutes N");
    let minutes: u64 = match args {
        [name, minutes] if name == "--minutes" => minutes.parse().map_err(|_| usage())?,
        _ => return Err(usage()),
    };
    // Seven targets share the time, two at a time on a small machine.
    let seconds = (minutes * 60).div_ceil(7).max(1);
    say(&format!("seven targets, {seconds} s each"));
    let words = [
        "--test",
        "it",
        "fuzz::",
        "--",
        "--nocapture",
        "--test-threads=1",
    ]
    .map(str::to_owned);
    with_servers(&words[..2], |found| {
        let mut command = cargo();
        command
            .args(["test", "--locked", "-p", "qonys"])
            .args(&words)
            .env("QONYS_FUZZ_SECONDS", seconds.to_string())
            .envs(found.iter().cloned());
        run_command(&mut command)
    })
}

/// A server that ends with the value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Asks every operation of `/openapi.json` of a demonstration in all ways that the document allows, and some that it does not.
pub(crate) fn schemathesis(args: &[String]) -> Result<u8, Stop> {
    let target = root().join("target/schemathesis");
    let program = target.join("venv/bin/schemathesis");
    if !installed(&target, &program)? {
        say(
            "SKIPPED: schemathesis could not be installed here (python3 with venv, and PyPI, are needed)",
        );
        return Ok(0);
    }
    let code = run_command(cargo().args(["build", "--locked", "-p", "qonys"]))?;
    if code != 0 {
        return Ok(code);
    }
    let qonys = root().join("target/debug/qonys");
    let data = target.join("data");
    let mut demo = Command::new(&qonys);
    demo.args(["demo", "--no-serve", "--data-dir"]).arg(&data);
    let code = run_command(demo.stdout(Stdio::null()))?;
    if code != 0 {
        return Ok(code);
    }
    let mut serve = Command::new(&qonys);
    serve
        .args(["serve", "--addr", ADDRESS, "--data-dir"])
        .arg(&data);
    let child = serve
        .spawn()
        .map_err(|e| Stop::failed(format!("{}: {e}", qonys.display())))?;
    let _server = Server(child);
    let began = Instant::now();
    while std::net::TcpStream::connect(ADDRESS).is_err() {
        if began.elapsed() > Duration::from_secs(60) {
            return Err(Stop::failed("the server does not listen"));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    say("schemathesis, for faults of ours (5xx)");
    let mut command = Command::new(&program);
    command
        .args([
            "run",
            "--checks",
            "not_a_server_error",
            "--exclude-operation-id",
            "followFeed",
        ])
        .args([
            "--exclude-operation-id",
            "ready",
            "--max-examples",
            "20",
            "--workers",
            "2",
        ])
        .args(args)
        .arg(format!("http://{ADDRESS}/openapi.json"))
        .current_dir(&target);
    run_command(&mut command)
}

fn installed(target: &Path, program: &Path) -> Result<bool, Stop> {
    if program.exists() {
        return Ok(true);
    }
    std::fs::create_dir_all(target).map_err(|e| Stop::failed(e.to_string()))?;
    let venv = target.join("venv");
    let mut make = Command::new("python3");
    let made = make.args(["-m", "venv"]).arg(&venv).status();
    if !made.is_ok_and(|status| status.success()) {
        return Ok(false);
    }
    let mut pip = Command::new(venv.join("bin/pip"));
    let got = pip.args(["install", "--quiet", SCHEMATHESIS]).status();
    Ok(got.is_ok_and(|status| status.success()) && program.exists())
}
