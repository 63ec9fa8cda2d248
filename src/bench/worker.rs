//! A process of its own that allocates from the one line: one half of two processes, or the one that they are compared
//! with. It says `ready`, waits for a line, works, and says what it did as one line of JSON.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use super::{Trouble, ours::Ours};

/// What a worker is told.
#[derive(Debug, Clone)]
pub struct Task {
    /// The database of the log.
    pub database_url: String,
    /// The directory of the vault.
    pub directory: PathBuf,
    /// A file with the references of its applications, one per line.
    pub applications: PathBuf,
    /// Its callers.
    pub callers: usize,
    /// How long it works.
    pub lasting: Duration,
}

/// What it did.
#[derive(Debug, Serialize, Deserialize)]
pub struct Worked {
    /// Places held.
    pub done: u64,
    /// Microseconds that it took.
    pub micros: u64,
}

/// Does the task, as the worker.
pub async fn work(task: Task) -> Result<(), Trouble> {
    let ours = Ours::open(&task.database_url, &task.directory).await?;
    let applications = std::fs::read_to_string(&task.applications)?;
    let applications = applications.lines().map(str::to_owned).collect();
    let mut out = tokio::io::stdout();
    out.write_all(b"ready\n").await?;
    out.flush().await?;
    let mut word = String::new();
    BufReader::new(tokio::io::stdin())
        .read_line(&mut word)
        .await?;
    let run = ours.hot(applications, task.callers, task.lasting).await?;
    let worked = Worked {
        done: run.done,
        micros: u64::try_from(run.took.as_micros()).unwrap_or(u64::MAX),
    };
    let line = serde_json::to_string(&worked).map_err(Trouble::new)?;
    out.write_all(format!("{line}\n").as_bytes()).await?;
    out.flush().await?;
    Ok(())
}

/// A worker as its starter sees it.
struct Hired {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Hired {
    async fn hire(task: &Task) -> Result<Self, Trouble> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["bench", "--worker"])
            .arg(&task.applications)
            .arg("--worker-directory")
            .arg(&task.directory)
            .arg("--callers")
            .arg(task.callers.to_string())
            .arg("--seconds")
            .arg(task.lasting.as_secs_f64().to_string())
            .env("QONYS_BENCH_DATABASE_URL", &task.database_url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child
            .stdout
            .take()
            .ok_or_else(|| Trouble::new("a worker says nothing"))?;
        let mut hired = Self {
            child,
            said: BufReader::new(out).lines(),
        };
        hired.says().await.and_then(|word| match word.as_str() {
            "ready" => Ok(hired),
            other => Err(Trouble::new(format!("a worker said {other}"))),
        })
    }

    async fn says(&mut self) -> Result<String, Trouble> {
        let line = self.said.next_line().await?;
        line.ok_or_else(|| Trouble::new("a worker ended early"))
    }

    async fn go(&mut self) -> Result<(), Trouble> {
        let stdin = self.child.stdin.as_mut();
        let stdin = stdin.ok_or_else(|| Trouble::new("a worker does not listen"))?;
        stdin.write_all(b"go\n").await?;
        Ok(stdin.flush().await?)
    }
}

/// So many processes at once, each with its share of the applications and of the callers. Places held per second by all.
pub(super) async fn processes(
    count: usize,
    callers: usize,
    (url, ours, directory): (&str, &Ours, &Path),
    applications: &[String],
    lasting: Duration,
) -> Result<f64, Trouble> {
    let mut hired = Vec::new();
    for (n, share) in applications
        .chunks(applications.len().div_ceil(count).max(1))
        .enumerate()
    {
        let file = directory.join(format!("applications-{n}"));
        std::fs::write(&file, share.join("\n"))?;
        let task = Task {
            database_url: url.to_owned(),
            directory: ours.directory.clone(),
            applications: file,
            callers: callers / count,
            lasting,
        };
        hired.push(Hired::hire(&task).await?);
    }
    for worker in &mut hired {
        worker.go().await?;
    }
    let (mut done, mut micros) = (0, 0);
    for worker in &mut hired {
        let worked: Worked = serde_json::from_str(&worker.says().await?).map_err(Trouble::new)?;
        done += worked.done;
        micros = micros.max(worked.micros);
        worker.child.wait().await?;
    }
    Ok(done as f64 * 1e6 / micros.max(1) as f64)
}
