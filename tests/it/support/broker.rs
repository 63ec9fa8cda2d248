//! A NATS server with JetStream: the shared one under a name of our own, or a private one to kill.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use async_nats::jetstream;
use futures::TryStreamExt;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;

use super::{block_on_aside, is_leftover, required, unique};

const VARIABLE: &str = "QONYS_TEST_NATS_URL";
/// Where set: the program that private servers run, to try another version than the installed one.
const PROGRAM: &str = "QONYS_TEST_NATS_SERVER";
const PREFIX: &str = "qonys_test_";
/// How long a server may take to come up, recovery of its store included.
const PATIENCE: Duration = Duration::from_secs(20);

/// The shared server, and a name for the streams of one test. Dropping the value deletes them.
pub(crate) struct TestBroker {
    url: String,
    name: String,
}

impl TestBroker {
    /// Takes a name that nobody else uses.
    ///
    /// # Panics
    /// Without `QONYS_TEST_NATS_URL`, or where the server does not answer.
    pub(crate) async fn shared() -> Self {
        let url = required(VARIABLE);
        sweep_once(&url).await;
        Self {
            url,
            name: unique(PREFIX),
        }
    }

    /// Where the server listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A stream's name, starting with ours. Without dots, so it serves as a first token of subjects.
    pub(crate) fn stream(&self, suffix: &str) -> String {
        format!("{}-{suffix}", self.name)
    }

    /// A new connection's JetStream context.
    ///
    /// # Panics
    /// Where the server does not answer.
    pub(crate) async fn jetstream(&self) -> jetstream::Context {
        connect(&self.url).await
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        let (url, ours) = (self.url.clone(), format!("{}-", self.name));
        block_on_aside(move || async move {
            if let Ok(client) = async_nats::connect(&url).await {
                delete_streams(&jetstream::new(client), |name| name.starts_with(&ours)).await;
            }
        });
    }
}

async fn connect(url: &str) -> jetstream::Context {
    jetstream::new(
        async_nats::connect(url)
            .await
            .expect("the test broker answers"),
    )
}

/// Deletes what runs that are over left behind, once per process and before its first name.
async fn sweep_once(url: &str) {
    static DONE: OnceCell<()> = OnceCell::const_new();
    DONE.get_or_init(|| async {
        delete_streams(&connect(url).await, |name| is_leftover(name, PREFIX)).await;
    })
    .await;
}

async fn delete_streams(jetstream: &jetstream::Context, which: impl Fn(&str) -> bool) {
    let names: Vec<String> = jetstream
        .stream_names()
        .try_collect()
        .await
        .unwrap_or_default();
    for name in names.iter().filter(|name| which(name)) {
        drop(jetstream.delete_stream(name).await);
    }
}

/// A server of one test's own: it can be killed and come back on the same port with the same store.
/// Dropping the value kills it and removes the store.
pub(crate) struct PrivateBroker {
    store: TempDir,
    address: SocketAddr,
    server: Option<Child>,
}

impl PrivateBroker {
    /// Starts a server on a free port of 127.0.0.1 with an empty store.
    ///
    /// # Panics
    /// Without a nats-server on this machine, or where it does not come up.
    pub(crate) async fn start() -> Self {
        let store = tempfile::tempdir().expect("a temporary directory can be made");
        let mut broker = Self {
            store,
            address: free_address().await,
            server: None,
        };
        for _ in 0..3 {
            if broker.try_start().await {
                return broker;
            }
            // Somebody took the port between our look and the server's.
            broker.address = free_address().await;
        }
        panic!("nats-server did not come up:\n{}", broker.log());
    }

    /// Where it listens; the same after a restart.
    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// The same as `host:port`, for a proxy in front of it.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// A new connection's JetStream context.
    ///
    /// # Panics
    /// Where the server does not answer.
    pub(crate) async fn jetstream(&self) -> jetstream::Context {
        connect(&self.url()).await
    }

    /// SIGKILL, and waits until the process is gone. Its store stays.
    ///
    /// # Panics
    /// Where it is not running.
    pub(crate) async fn kill9(&mut self) {
        let mut server = self.server.take().expect("the broker is running");
        server.kill().await.expect("our own process may be killed");
    }

    /// Starts it again on the same port with the same store.
    ///
    /// # Panics
    /// Where it is still running or does not come up.
    pub(crate) async fn restart(&mut self) {
        assert!(self.server.is_none(), "the broker is still running");
        assert!(
            self.try_start().await,
            "nats-server did not come up:\n{}",
            self.log()
        );
    }

    /// Stops it in its tracks (SIGSTOP): it holds its connections and answers nothing.
    ///
    /// # Panics
    /// Where it is not running.
    pub(crate) async fn pause(&self) {
        self.signal("STOP").await;
    }

    /// Lets it go on after [`PrivateBroker::pause`].
    ///
    /// # Panics
    /// Where it is not running.
    pub(crate) async fn resume(&self) {
        self.signal("CONT").await;
    }

    /// The directory of its store, for a look while it is not running.
    pub(crate) fn store(&self) -> PathBuf {
        self.store.path().join("jetstream")
    }

    async fn signal(&self, name: &str) {
        let server = self.server.as_ref().and_then(Child::id);
        let pid = server.expect("the broker is running").to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().await;
        assert!(
            sent.is_ok_and(|status| status.success()),
            "SIG{name} cannot be sent"
        );
    }

    async fn try_start(&mut self) -> bool {
        let server = nats_server();
        // With setpriv the server dies even if this process is killed.
        let mut command = match find("setpriv") {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "KILL", "--"]).arg(server);
                command
            }
            None => Command::new(server),
        };
        command.args([
            "-js",
            "-a",
            "127.0.0.1",
            "-p",
            &self.address.port().to_string(),
        ]);
        command.arg("-sd").arg(self.store());
        command.arg("-l").arg(self.store.path().join("nats.log"));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command
            .kill_on_drop(true)
            .spawn()
            .expect("nats-server can be started");
        let start = Instant::now();
        while start.elapsed() < PATIENCE && matches!(child.try_wait(), Ok(None)) {
            if greets(self.address).await {
                self.server = Some(child);
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(child.kill().await);
        false
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.store.path().join("nats.log")).unwrap_or_default()
    }
}

/// Whether a server sends its first line, `INFO {…}`; it does so when its store is open.
async fn greets(address: SocketAddr) -> bool {
    let Ok(stream) = TcpStream::connect(address).await else {
        return false;
    };
    let mut line = String::new();
    let mut reader = BufReader::new(stream);
    let read = reader.read_line(&mut line);
    tokio::time::timeout(Duration::from_secs(1), read)
        .await
        .is_ok()
        && line.starts_with("INFO ")
}

async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    listener
        .and_then(|listener| listener.local_addr())
        .expect("a port of 127.0.0.1 is free")
}

fn nats_server() -> PathBuf {
    if let Some(program) = std::env::var_os(PROGRAM) {
        return program.into();
    }
    find("nats-server").expect("nats-server is installed: `cargo xtask test` installs it")
}

/// A program where Debian keeps servers, or in the search path.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(Path::new("/usr/sbin").to_path_buf())
        .chain(std::env::split_paths(&path))
        .map(|dir| dir.join(name))
        .find(|candidate| candidate.is_file())
}

#[tokio::test]
async fn streams_of_a_test_go_with_it() {
    let broker = TestBroker::shared().await;
    let name = broker.stream("entries");
    let watcher = connect(broker.url()).await;
    let config = jetstream::stream::Config {
        name: name.clone(),
        subjects: vec![format!("{name}.>")],
        ..Default::default()
    };
    broker
        .jetstream()
        .await
        .create_stream(config)
        .await
        .expect("a stream can be made");
    assert!(watcher.get_stream(&name).await.is_ok());
    drop(broker);
    assert!(watcher.get_stream(&name).await.is_err());
}

#[tokio::test]
async fn a_killed_broker_comes_back_with_what_it_acknowledged() {
    let mut broker = PrivateBroker::start().await;
    let url = broker.url();
    let config = jetstream::stream::Config {
        name: "entries".to_owned(),
        subjects: vec!["entries.>".to_owned()],
        ..Default::default()
    };
    let jetstream = broker.jetstream().await;
    jetstream
        .create_stream(config)
        .await
        .expect("a stream can be made");
    let acknowledgement = jetstream.publish("entries.one", "first".into()).await;
    acknowledgement
        .expect("it is sent")
        .await
        .expect("it is acknowledged");

    broker.kill9().await;
    assert!(TcpStream::connect(broker.address()).await.is_err());
    broker.restart().await;

    assert_eq!(broker.url(), url);
    let stream = broker
        .jetstream()
        .await
        .get_stream("entries")
        .await
        .expect("the stream is there");
    let message = stream
        .get_raw_message(1)
        .await
        .expect("the message is there");
    assert_eq!(&message.payload[..], b"first");
}
