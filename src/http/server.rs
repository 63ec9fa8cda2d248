//! The server: connections with limits of their own, and an end that lets answers finish.

use std::{io, pin::pin, sync::Arc, time::Duration};

use axum::{Router, extract::Request};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use tower::util::MapRequest;
use tracing::{debug, warn};

use super::{api::Api, gate::Peer};

/// Connections at once; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 1_024;
/// How long the headers of a request may take, and how long a connection may lie idle before them.
const HEADERS_PATIENCE: Duration = Duration::from_secs(30);
/// Headers of a request.
const HEADERS_MAX: usize = 64;
/// Bytes of the headers of a request, and of what is read ahead of a body.
const BUFFER_BYTES_MAX: usize = 64 * 1_024;
/// How long a TLS handshake may take.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// How long answers may take to finish when the server ends.
const LAST_PATIENCE: Duration = Duration::from_secs(10);
/// Pause after an error of accepting: most often there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves the register until `shutdown` is ready, over TLS if there is some, then lets answers that have begun finish, for a
/// while.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    api: Api,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    until(listener, tls, router, shutdown, || api.end()).await;
    Ok(())
}

/// Serves a router that has no feeds to end.
pub async fn serve_plain(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) {
    until(listener, None, router, shutdown, || ()).await;
}

async fn until(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    shutdown: impl Future<Output = ()>,
    ended: impl FnOnce(),
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (ending, end) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, from)) => {
                let (router, end, tls) = (router.clone(), end.clone(), tls.clone());
                let peer = Peer(from.ip());
                // Answers are short: they do not wait for company.
                drop(stream.set_nodelay(true));
                connections.spawn(async move {
                    match tls {
                        None => connection(stream, peer, router, end).await,
                        Some(tls) => {
                            let handshake = tls.accept(stream);
                            match tokio::time::timeout(HANDSHAKE_PATIENCE, handshake).await {
                                Ok(Ok(stream)) => connection(stream, peer, router, end).await,
                                Ok(Err(error)) => debug!(%error, "no TLS came about"),
                                Err(_) => debug!("a TLS handshake took too long"),
                            }
                        }
                    }
                    drop(place);
                });
            }
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    ending.send_replace(true);
    ended();
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_PATIENCE, finished).await.is_err() {
        warn!("connections were cut: their answers took too long");
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    router: Router,
    mut end: watch::Receiver<bool>,
) {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_PATIENCE)
        .max_headers(HEADERS_MAX)
        .max_buf_size(BUFFER_BYTES_MAX);
    let named = MapRequest::new(
        router,
        move |request: hyper::Request<hyper::body::Incoming>| {
            let mut request: Request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(peer);
            request
        },
    );
    let service = TowerToHyperService::new(named);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = async { drop(end.wait_for(|end| *end).await) };
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = ended => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        debug!(%error, "a connection ended early");
    }
}
