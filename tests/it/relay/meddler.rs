//! A cable that understands NATS: it loses, doubles or holds back one message of the relay, or one
//! answer of the broker, and carries everything else faithfully.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How long a frame is held back: long enough for those behind it to pass.
const HELD_BACK: Duration = Duration::from_millis(60);

/// What happens to a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Lost,
    Doubled,
    Late,
}

/// Which frames are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frames {
    /// What the relay publishes.
    Messages,
    /// What the broker answers to it.
    Answers,
}

/// What is to happen: a fault, and after how many frames of its kind.
struct Plan {
    frames: Frames,
    fault: Fault,
    /// Frames to let through first; none once it has happened.
    after: Option<usize>,
}

/// The cable. It ends with the value.
pub(crate) struct Meddler {
    address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
    listening: JoinHandle<()>,
}

impl Meddler {
    /// A cable to `target` (`host:port`) that can do one thing to one kind of frame.
    ///
    /// # Panics
    /// Where no port of 127.0.0.1 is free.
    pub(crate) async fn start(target: String, frames: Frames, fault: Fault) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port of 127.0.0.1 is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let plan = Arc::new(Mutex::new(Plan {
            frames,
            fault,
            after: None,
        }));
        let shared = Arc::clone(&plan);
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, target.clone(), Arc::clone(&shared)));
            }
        });
        Self {
            address,
            plan,
            listening,
        }
    }

    /// Where the relay connects.
    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Lets so many frames through and does it to the next one, once.
    pub(crate) fn meddle_after(&self, frames: usize) {
        self.plan
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .after = Some(frames);
    }

    /// Whether it has happened.
    pub(crate) fn has_happened(&self) -> bool {
        self.plan
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .after
            .is_none()
    }
}

impl Drop for Meddler {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn carry(client: TcpStream, target: String, plan: Arc<Mutex<Plan>>) {
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    for side in [&client, &server] {
        drop(side.set_nodelay(true));
    }
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    tokio::select! {
        _ = pump(client_read, server_write, &plan, Frames::Messages) => {}
        _ = pump(server_read, client_write, &plan, Frames::Answers) => {}
    }
}

async fn pump(
    from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin + Send + 'static,
    plan: &Mutex<Plan>,
    frames: Frames,
) -> io::Result<()> {
    let (sender, mut held) = mpsc::unbounded_channel::<Vec<u8>>();
    let writing = async {
        while let Some(frame) = held.recv().await {
            to.write_all(&frame).await?;
        }
        Ok::<_, io::Error>(())
    };
    let reading = async {
        let mut from = BufReader::new(from);
        loop {
            let frame = frame(&mut from).await?;
            match meddle(plan, frames, &frame) {
                None => drop(sender.send(frame)),
                Some(Fault::Lost) => {}
                Some(Fault::Doubled) => {
                    drop(sender.send(frame.clone()));
                    drop(sender.send(frame));
                }
                Some(Fault::Late) => {
                    let later = sender.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(HELD_BACK).await;
                        drop(later.send(frame));
                    });
                }
            }
        }
    };
    tokio::select! {
        ended = writing => ended,
        ended = reading => ended,
    }
}

/// One line of the protocol, with the payload where it announces one.
async fn frame(from: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Vec<u8>> {
    let mut frame = Vec::new();
    if from.read_until(b'\n', &mut frame).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let line = String::from_utf8_lossy(&frame).into_owned();
    let mut words = line.split_ascii_whitespace();
    if words
        .next()
        .is_some_and(|verb| ["PUB", "HPUB", "MSG", "HMSG"].contains(&verb))
    {
        let length: usize = words
            .last()
            .and_then(|word| word.parse().ok())
            .ok_or(io::ErrorKind::InvalidData)?;
        let start = frame.len();
        frame.resize(start + length + 2, 0);
        from.read_exact(&mut frame[start..]).await?;
    }
    Ok(frame)
}

/// The fault for this frame, if it is the one.
fn meddle(plan: &Mutex<Plan>, frames: Frames, frame: &[u8]) -> Option<Fault> {
    let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
    let is_ours = match frames {
        Frames::Messages => frame.starts_with(b"HPUB "),
        Frames::Answers => {
            frame.starts_with(b"MSG ")
                && frame.windows(9).any(|bytes| bytes == br#"{"stream""#)
                && frame.len() < 200
        }
    };
    if frames != plan.frames || !is_ours {
        return None;
    }
    match plan.after? {
        0 => {
            plan.after = None;
            Some(plan.fault)
        }
        more => {
            plan.after = Some(more - 1);
            None
        }
    }
}
