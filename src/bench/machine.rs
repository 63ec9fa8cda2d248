//! What it is measured on: how fast a write becomes durable, and what the server promises about it.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use serde::Serialize;
use sqlx::{Connection as _, PgConnection, Row as _};

use super::Trouble;

/// How long writes are made durable one after another.
const SYNCING: Duration = Duration::from_secs(1);
/// What one of them writes: a page of the write-ahead log.
const PAGE: usize = 8_192;
/// The settings on which durability and speed hang.
const SETTINGS: [&str; 9] = [
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "wal_level",
    "shared_buffers",
    "max_wal_size",
    "checkpoint_timeout",
];

/// A machine and its database server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Machine {
    /// Processors that this process may use.
    pub processors: usize,
    /// Writes of 8 KiB with `fdatasync` per second in the scratch directory, one after another.
    pub syncs_per_second: f64,
    /// The settings of the server on which durability hangs, as it says them.
    pub settings: Vec<(String, String)>,
}

impl Machine {
    /// Looks at this machine and at a server.
    pub(super) async fn look(url: &str, scratch: &Path) -> Result<Self, Trouble> {
        let mut connection = PgConnection::connect(url).await?;
        let mut settings = Vec::new();
        for name in SETTINGS {
            let row = sqlx::query("SELECT current_setting($1)")
                .bind(name)
                .fetch_one(&mut connection)
                .await?;
            settings.push((name.to_owned(), row.get(0)));
        }
        connection.close().await?;
        Ok(Self {
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            syncs_per_second: syncs(scratch)?,
            settings,
        })
    }
}

/// How many writes become durable in a second.
fn syncs(scratch: &Path) -> Result<f64, Trouble> {
    let mut file = File::create(scratch.join("sync"))?;
    let page = [7; PAGE];
    let (start, mut done) = (Instant::now(), 0_u32);
    while start.elapsed() < SYNCING {
        file.write_all(&page)?;
        file.sync_data()?;
        done += 1;
    }
    Ok(f64::from(done) / start.elapsed().as_secs_f64())
}

/// The memory of this process, in bytes, as the kernel counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    /// What it has now.
    pub(super) resident: u64,
    /// The most that it had since it began, or since the peak was forgotten.
    pub(super) peak: u64,
}

impl Memory {
    /// What it is now.
    pub(super) fn now() -> Result<Self, Trouble> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
            Some(kibibytes * 1_024)
        };
        let memory = of("VmRSS:").zip(of("VmHWM:"));
        let (resident, peak) = memory
            .ok_or_else(|| Trouble::new("the kernel does not say how much memory is used"))?;
        Ok(Self { resident, peak })
    }

    /// Begins to watch for the peak anew.
    pub(super) fn forget_peak() -> Result<Self, Trouble> {
        std::fs::write("/proc/self/clear_refs", "5")?;
        Self::now()
    }
}
