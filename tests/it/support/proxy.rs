//! A cable between us and a server, which can be cut, slowed, or made to lose the answers.
//!
//! One proxy for PostgreSQL and NATS alike: it knows nothing of what it carries.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the cable does at the moment.
#[derive(Clone, Copy)]
struct Cable {
    /// Counts cuts: a connection lives as long as the count it was born under.
    cuts: u32,
    /// Whether new connections are let through.
    whole: bool,
    /// Whether bytes from the server reach the client; else they are read and thrown away.
    answers: bool,
    /// How long each piece waits, in both directions.
    delay: Duration,
    /// Whether a request breaks the connection of who sent it, and stays on its way to the server.
    held: bool,
    /// Counts deliveries of what is on its way.
    delivered: u32,
}

/// A TCP proxy on a port of 127.0.0.1. It ends with the value.
pub(crate) struct Proxy {
    address: SocketAddr,
    cable: watch::Sender<Cable>,
    happened: Arc<Happened>,
    listening: JoinHandle<()>,
}

/// What befell the connections so far.
#[derive(Default)]
struct Happened {
    /// Connections that a cut ended.
    ended: AtomicU64,
    /// Pieces of answers that were thrown away.
    lost: AtomicU64,
}

impl Proxy {
    /// Starts a proxy in front of `target`, given as `host:port`.
    ///
    /// # Panics
    /// Where no port of 127.0.0.1 is free.
    pub(crate) async fn start(target: impl Into<String>) -> Self {
        let target = target.into();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a port of 127.0.0.1 is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let whole = Cable {
            cuts: 0,
            whole: true,
            answers: true,
            delay: Duration::ZERO,
            held: false,
            delivered: 0,
        };
        let (cable, watching) = watch::channel(whole);
        let happened = Arc::new(Happened::default());
        let counting = Arc::clone(&happened);
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if watching.borrow().whole {
                    let (watching, counting) = (watching.clone(), Arc::clone(&counting));
                    tokio::spawn(carry(client, target.clone(), watching, counting));
                }
            }
        });
        Self {
            address,
            cable,
            happened,
            listening,
        }
    }

    /// Where clients connect.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every connection, and each new one at once, until [`Proxy::restore`].
    pub(crate) fn cut(&self) {
        self.cable.send_modify(|cable| {
            cable.cuts += 1;
            cable.whole = false;
        });
    }

    /// From now on requests arrive and their answers are lost: "stored, but reported lost".
    /// Usually followed by [`Proxy::cut`].
    pub(crate) fn lose_answers(&self) {
        self.cable.send_modify(|cable| cable.answers = false);
    }

    /// From now on a request breaks the connection of who sent it, and does not arrive before [`Proxy::deliver`].
    pub(crate) fn hold_requests(&self) {
        self.cable.send_modify(|cable| cable.held = true);
    }

    /// Lets what is on its way arrive at the server.
    pub(crate) fn deliver(&self) {
        self.cable.send_modify(|cable| cable.delivered += 1);
    }

    /// Connections that a cut ended so far.
    pub(crate) fn ended(&self) -> u64 {
        self.happened.ended.load(Ordering::Relaxed)
    }

    /// Pieces of answers that were lost so far.
    pub(crate) fn lost(&self) -> u64 {
        self.happened.lost.load(Ordering::Relaxed)
    }

    /// Holds each piece back for a time, in both directions; zero for none.
    pub(crate) fn delay(&self, delay: Duration) {
        self.cable.send_modify(|cable| cable.delay = delay);
    }

    /// A whole cable again, without delay, for new connections.
    pub(crate) fn restore(&self) {
        self.cable.send_modify(|cable| {
            cable.whole = true;
            cable.answers = true;
            cable.delay = Duration::ZERO;
            cable.held = false;
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.listening.abort();
    }
}

async fn carry(
    client: TcpStream,
    target: String,
    watching: watch::Receiver<Cable>,
    happened: Arc<Happened>,
) {
    let Ok(server) = TcpStream::connect(&target).await else {
        return;
    };
    for side in [&client, &server] {
        drop(side.set_nodelay(true));
    }
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let born_under = watching.borrow().cuts;
    let lost = (&happened.lost, false);
    let requests = pump(client_read, server_write, watching.clone(), lost);
    let answers = pump(server_read, client_write, watching.clone(), (lost.0, true));
    // A side that ends cleanly leaves the other to finish; an error or a cut ends both.
    drop(tokio::try_join!(requests, answers));
    if watching.borrow().cuts != born_under {
        happened.ended.fetch_add(1, Ordering::Relaxed);
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    watching: watch::Receiver<Cable>,
    (lost, answers): (&AtomicU64, bool),
) -> io::Result<()> {
    let born_under = watching.borrow().cuts;
    let mut piece = vec![0; 16 * 1024];
    loop {
        let carried = async {
            let length = from.read(&mut piece).await?;
            if length == 0 {
                return Ok::<_, io::Error>(0);
            }
            let now = *watching.borrow();
            if !now.delay.is_zero() {
                tokio::time::sleep(now.delay).await;
            }
            if now.held && !answers {
                return Ok(length);
            }
            if now.answers || !answers {
                to.write_all(&piece[..length]).await?;
            } else {
                lost.fetch_add(1, Ordering::Relaxed);
            }
            Ok(length)
        };
        let length = tokio::select! {
            length = carried => length?,
            () = cut(watching.clone(), born_under) => return Err(io::ErrorKind::ConnectionReset.into()),
        };
        if length == 0 {
            return to.shutdown().await;
        }
        let now = *watching.borrow();
        if now.held && !answers {
            tokio::spawn(late(to, piece[..length].to_vec(), watching, now.delivered));
            return Err(io::ErrorKind::ConnectionReset.into());
        }
    }
}

/// Carries a request to the server long after the connection of who sent it broke.
async fn late(
    mut to: OwnedWriteHalf,
    piece: Vec<u8>,
    mut watching: watch::Receiver<Cable>,
    before: u32,
) {
    drop(watching.wait_for(|cable| cable.delivered != before).await);
    // The server may have ended the connection meanwhile.
    drop(to.write_all(&piece).await);
    drop(to.shutdown().await);
}

/// Ends when the cable was cut after this connection was made, or is gone.
async fn cut(mut watching: watch::Receiver<Cable>, born_under: u32) {
    drop(watching.wait_for(|cable| cable.cuts != born_under).await);
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// A server that answers each piece with the same bytes and counts what it got.
    async fn echo() -> (SocketAddr, watch::Receiver<usize>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (got, counting) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let got = got.clone();
                tokio::spawn(async move {
                    let mut piece = [0; 64];
                    while let Ok(length @ 1..) = stream.read(&mut piece).await {
                        got.send_modify(|got| *got += length);
                        stream.write_all(&piece[..length]).await.unwrap();
                    }
                });
            }
        });
        (address, counting)
    }

    async fn ask(stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(b"hello").await?;
        let mut answer = [0; 5];
        stream
            .read_exact(&mut answer)
            .await
            .map(|_| assert_eq!(&answer, b"hello"))
    }

    #[tokio::test]
    async fn a_cut_ends_every_connection_until_it_is_restored() {
        let (server, _) = echo().await;
        let proxy = Proxy::start(server.to_string()).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        ask(&mut stream).await.unwrap();

        proxy.cut();
        assert!(ask(&mut stream).await.is_err());
        let mut refused = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(ask(&mut refused).await.is_err());

        proxy.restore();
        assert!(
            ask(&mut stream).await.is_err(),
            "a cut connection does not come back"
        );
        let mut again = TcpStream::connect(proxy.address()).await.unwrap();
        ask(&mut again).await.unwrap();
    }

    #[tokio::test]
    async fn a_lost_answer_was_asked_for() {
        let (server, mut got) = echo().await;
        let proxy = Proxy::start(server.to_string()).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        ask(&mut stream).await.unwrap();

        proxy.lose_answers();
        let asked = tokio::spawn(async move { ask(&mut stream).await });
        got.wait_for(|bytes| *bytes == 10).await.unwrap();
        assert!(!asked.is_finished());
        proxy.cut();
        assert!(asked.await.unwrap().is_err());
    }

    #[tokio::test]
    async fn a_request_that_is_held_arrives_when_it_is_delivered() {
        let (server, mut got) = echo().await;
        let proxy = Proxy::start(server.to_string()).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        proxy.hold_requests();
        assert!(ask(&mut stream).await.is_err());
        proxy.restore();
        let mut other = TcpStream::connect(proxy.address()).await.unwrap();
        ask(&mut other).await.unwrap();
        assert_eq!(*got.borrow(), 5);
        proxy.deliver();
        got.wait_for(|bytes| *bytes == 10).await.unwrap();
    }

    #[tokio::test]
    async fn a_delay_holds_both_directions() {
        let (server, _) = echo().await;
        let proxy = Proxy::start(server.to_string()).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        proxy.delay(Duration::from_millis(40));
        let start = Instant::now();
        ask(&mut stream).await.unwrap();
        assert!(start.elapsed() >= Duration::from_millis(80));
    }
}
