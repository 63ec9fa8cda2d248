//! pgbench: one insert per transaction, prepared, at so many clients.

use std::{path::PathBuf, process::Stdio, time::Duration};

use sqlx::Executor as _;
use tokio::process::Command;

use super::TABLE;
use crate::bench::{Trouble, database::Scratch};

/// Where Debian keeps the server's own programs, beside the search path.
const DEBIAN: &str = "/usr/lib/postgresql";

/// How often it is run again where it did nothing.
const ATTEMPTS: usize = 5;
/// What it says then.
const NONE_DONE: &str = "transactions actually processed: 0\n";

/// pgbench on a database of its own.
pub(in crate::bench) struct Pgbench {
    program: PathBuf,
    url: String,
    script: PathBuf,
}

/// What pgbench measured.
pub(in crate::bench) struct Floor {
    /// Transactions per second, without the connecting.
    pub(in crate::bench) rate: f64,
    /// Half of the transactions took at most so many microseconds.
    pub(in crate::bench) p50_micros: f64,
}

/// The URL without the parameters that only our own client has.
fn known_to_libpq(url: &str) -> String {
    let Some((address, parameters)) = url.split_once('?') else {
        return url.to_owned();
    };
    let known: Vec<&str> = parameters
        .split('&')
        .filter(|parameter| !parameter.starts_with("statement-cache-capacity="))
        .collect();
    format!("{address}?{}", known.join("&"))
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let on_path = std::env::split_paths(&path).map(|directory| directory.join("pgbench"));
    let debian = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let debian = debian.map(|version| version.path().join("bin/pgbench"));
    on_path.chain(debian).find(|program| program.is_file())
}

impl Pgbench {
    /// Makes the table and the script; none where pgbench is not installed. Every row holds this text.
    pub(in crate::bench) async fn create(
        scratch: &Scratch,
        entry: &str,
        directory: &std::path::Path,
    ) -> Result<Option<Self>, Trouble> {
        let Some(program) = find() else {
            return Ok(None);
        };
        let mut connection = scratch.connect().await?;
        connection.execute(TABLE).await?;
        let script = directory.join("insert.sql");
        // A colon would begin one of pgbench's own variables, a quote would end the text: the length stays.
        let entry = entry.replace([':', '\''], "_");
        std::fs::write(
            &script,
            format!("INSERT INTO entries (entry) VALUES ('{entry}');\n"),
        )?;
        Ok(Some(Self {
            program,
            url: known_to_libpq(&scratch.url),
            script,
        }))
    }

    /// Runs it with so many clients. Latencies are only taken where they are asked for: they cost it a little.
    pub(in crate::bench) async fn run(
        &self,
        clients: usize,
        lasting: Duration,
        latencies: bool,
    ) -> Result<Floor, Trouble> {
        for _ in 0..ATTEMPTS {
            if let Some(floor) = self.once(clients, lasting, latencies).await? {
                return Ok(floor);
            }
        }
        Err(Trouble::new(
            "pgbench did not come to its first transaction",
        ))
    }

    /// None where it was over before its first transaction: on a busy machine a short run may be.
    async fn once(
        &self,
        clients: usize,
        lasting: Duration,
        latencies: bool,
    ) -> Result<Option<Floor>, Trouble> {
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(clients);
        let directory = self.script.with_extension(format!("{clients}"));
        drop(std::fs::remove_dir_all(&directory));
        std::fs::create_dir(&directory)?;
        let output = Command::new(&self.program)
            .args(["--no-vacuum", "--protocol=prepared"])
            .args(latencies.then(|| "--log".to_owned()))
            .args(latencies.then(|| format!("--log-prefix={}", directory.join("l").display())))
            .arg(format!("--client={clients}"))
            .arg(format!("--jobs={threads}"))
            .arg(format!("--time={}", lasting.as_secs_f64().ceil() as u64))
            .arg(format!("--file={}", self.script.display()))
            .arg(&self.url)
            .stdin(Stdio::null())
            .output()
            .await?;
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.success() && text.contains(NONE_DONE) {
            return Ok(None);
        }
        let rate = text.lines().find_map(|line| {
            let rest = line.strip_prefix("tps = ")?;
            rest.split(' ').next()?.parse().ok()
        });
        let rate = rate.filter(|_| output.status.success()).ok_or_else(|| {
            Trouble::new(format!(
                "pgbench: {text}{}",
                String::from_utf8_lossy(&output.stderr)
            ))
        })?;
        let mut taken = Vec::new();
        for file in std::fs::read_dir(&directory)? {
            // Client, number, microseconds, and more that is not needed.
            for line in std::fs::read_to_string(file?.path())?.lines() {
                taken.extend(
                    line.split(' ')
                        .nth(2)
                        .and_then(|micros| micros.parse::<u64>().ok()),
                );
            }
        }
        std::fs::remove_dir_all(&directory)?;
        taken.sort_unstable();
        let p50_micros = taken.get(taken.len() / 2).copied().unwrap_or_default() as f64;
        Ok(Some(Floor { rate, p50_micros }))
    }
}
