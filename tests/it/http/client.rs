//! A client for one server: one connection per request, so that no answer depends on the one before it.

use std::{net::SocketAddr, time::Duration};

use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{
    HeaderMap, Request, Response,
    body::{Bytes, Frame, Incoming},
    client::conn::http1,
    http::request::Builder,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, sync::mpsc};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

type Body = BoxBody<Bytes, std::io::Error>;

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("an answer is UTF-8")
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(e) => panic!("{e}: {} {}", self.status, self.text()),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?;
        Some(value.to_str().expect("a header is text"))
    }

    /// The same, after making sure of the status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The answer as a problem of this status and code.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("/problems/{code}"), "{problem}");
        assert!(problem["title"].is_string(), "{problem}");
        problem
    }

    /// The address of the next page, where there is one.
    pub(crate) fn next(&self) -> Option<String> {
        let link = self.header("link")?;
        let (address, rest) = link.strip_prefix('<')?.split_once('>')?;
        assert_eq!(rest, "; rel=\"next\"");
        Some(address.to_owned())
    }
}

/// An answer that is still coming.
pub(crate) struct Coming {
    pub(crate) status: u16,
    body: Incoming,
    rest: Vec<u8>,
    connection: tokio::task::JoinHandle<()>,
}

impl Coming {
    /// The bytes up to a separator, without it; `None` when the answer ends before.
    pub(crate) async fn until(&mut self, separator: &[u8]) -> Option<String> {
        loop {
            let windows = self.rest.windows(separator.len());
            if let Some(at) = windows.into_iter().position(|part| part == separator) {
                let mut found: Vec<u8> = self.rest.drain(..at + separator.len()).collect();
                found.truncate(at);
                return Some(String::from_utf8(found).expect("an answer is UTF-8"));
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame());
            match frame.await.expect("an answer goes on or ends") {
                Some(Ok(frame)) => self
                    .rest
                    .extend_from_slice(&frame.into_data().unwrap_or_default()),
                Some(Err(_)) | None => return None,
            }
        }
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// The part of a body that is sent later.
pub(crate) type Sender = mpsc::UnboundedSender<Bytes>;

/// A client of one server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client(pub(crate) SocketAddr);

fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into())
        .map_err(|never| match never {})
        .boxed()
}

impl Client {
    async fn raw(
        self,
        request: Request<Body>,
    ) -> (Response<Incoming>, tokio::task::JoinHandle<()>) {
        let socket = TcpStream::connect(self.0)
            .await
            .expect("the server listens");
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket))
            .await
            .expect("a connection");
        let connection = tokio::spawn(async move { drop(connection.await) });
        let response = tokio::time::timeout(PATIENCE, sender.send_request(request));
        let response = response.await.expect("an answer in time");
        (response.expect("an answer"), connection)
    }

    fn builder(self, method: &str, path: &str, headers: &[(&str, &str)]) -> Builder {
        let mut builder = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            builder = builder.header("host", self.0.to_string());
        }
        headers.iter().fold(builder, |builder, (name, value)| {
            builder.header(*name, *value)
        })
    }

    /// Any request.
    pub(crate) async fn send(
        self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Reply {
        let request = self.builder(method, path, headers).body(full(body));
        let (response, connection) = self.raw(request.expect("a request")).await;
        let (parts, body) = response.into_parts();
        let body = tokio::time::timeout(PATIENCE, body.collect());
        let body = body.await.expect("an answer ends").expect("a body");
        connection.abort();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.to_bytes().to_vec(),
        }
    }

    pub(crate) async fn get(self, path: &str) -> Reply {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn get_with(self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, headers, "").await
    }

    /// One command line, as a request of its own: its id in the header, its type in the address.
    pub(crate) async fn command(self, line: &Value) -> Reply {
        self.command_with(line, "", &[]).await
    }

    /// The same, with a query string and further headers.
    pub(crate) async fn command_with(
        self,
        line: &Value,
        query: &str,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut body = line.clone();
        let members = body.as_object_mut().expect("an object");
        let id = members.remove("id").expect("an id");
        let type_name = members.remove("type").expect("a type");
        let path = format!("/v1/commands/{}{query}", type_name.as_str().expect("text"));
        let key = id.as_str().expect("text").to_owned();
        let mut all = vec![
            ("content-type", "application/json"),
            ("idempotency-key", key.as_str()),
        ];
        all.extend_from_slice(headers);
        self.send("POST", &path, &all, body.to_string()).await
    }

    /// A request whose answer is read bit by bit.
    pub(crate) async fn follow(self, path: &str, headers: &[(&str, &str)]) -> Coming {
        let request = self.builder("GET", path, headers).body(full(""));
        self.coming(request.expect("a request")).await
    }

    /// A request whose body is sent bit by bit; its answer may begin before the body ends.
    pub(crate) fn stream(
        self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (Sender, impl Future<Output = Coming> + use<>) {
        let (sender, receiver) = mpsc::unbounded_channel::<Bytes>();
        let frames = futures::stream::unfold(receiver, |mut receiver| async move {
            let bytes = receiver.recv().await?;
            Some((Ok::<_, std::io::Error>(Frame::data(bytes)), receiver))
        });
        let body = BodyExt::boxed(StreamBody::new(frames));
        let request = self.builder("POST", path, headers).body(body);
        (sender, self.coming(request.expect("a request")))
    }

    async fn coming(self, request: Request<Body>) -> Coming {
        let (response, connection) = self.raw(request).await;
        Coming {
            status: response.status().as_u16(),
            body: response.into_body(),
            rest: Vec::new(),
            connection,
        }
    }
}
