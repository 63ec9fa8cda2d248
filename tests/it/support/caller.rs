//! A caller over HTTP who keeps his connection while it is good, and takes no answer for an answer.

use std::{net::SocketAddr, time::Duration};

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};

/// One connection to one server, made when it is needed.
pub(crate) struct Caller {
    address: SocketAddr,
    sender: Option<http1::SendRequest<Full<Bytes>>>,
    /// After how many seconds the last answer asked to come back.
    pub(crate) retry_after: Option<u64>,
}

impl Caller {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            sender: None,
            retry_after: None,
        }
    }

    /// Sends a command line; gives status and answer, or nothing when none came in time.
    pub(crate) async fn post(&mut self, line: &Value, patience: Duration) -> Option<(u16, Value)> {
        let name = line["type"].as_str().expect("a type");
        let request = Request::post(format!("/v1/commands/{name}"))
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("idempotency-key", line["id"].as_str().expect("an id"))
            .body(Full::new(Bytes::from(line.to_string())))
            .expect("a request");
        let (status, body) = self.ask(request, patience).await?;
        Some((status, serde_json::from_slice(&body).ok()?))
    }

    /// Asks for an address.
    pub(crate) async fn get(&mut self, path: &str, patience: Duration) -> Option<(u16, Vec<u8>)> {
        let request = Request::get(path)
            .header("host", "localhost")
            .body(Full::default())
            .expect("a request");
        self.ask(request, patience).await
    }

    async fn ask(
        &mut self,
        request: Request<Full<Bytes>>,
        patience: Duration,
    ) -> Option<(u16, Vec<u8>)> {
        let mut sender = self.sender.take();
        let asked = async {
            let mut open = match sender.take() {
                Some(open) if !open.is_closed() => open,
                _ => {
                    let stream = TcpStream::connect(self.address).await.ok()?;
                    let (open, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
                    tokio::spawn(connection);
                    open
                }
            };
            open.ready().await.ok()?;
            let response = open.send_request(request).await.ok()?;
            let status = response.status().as_u16();
            let after = response.headers().get("retry-after");
            let after = after.and_then(|value| value.to_str().ok()?.parse().ok());
            let body = response.into_body().collect().await.ok()?.to_bytes();
            Some((status, after, body.to_vec(), open))
        };
        let (status, after, body, open) = timeout(patience, asked).await.ok()??;
        (self.sender, self.retry_after) = (Some(open), after);
        Some((status, body))
    }
}
