//! The server: connections with limits of their own, and an end that lets answers finish.

use std::{io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tracing::{debug, warn};

use super::api::Api;

/// Connections at once; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 1_024;
/// How long the headers of a request may take, and how long a connection may lie idle before them.
const HEADERS_PATIENCE: Duration = Duration::from_secs(30);
/// Headers of a request.
const HEADERS_MAX: usize = 64;
/// Bytes of the headers of a request, and of what is read ahead of a body.
const BUFFER_BYTES_MAX: usize = 64 * 1_024;
/// How long answers may take to finish when the server ends.
const LAST_PATIENCE: Duration = Duration::from_secs(10);
/// Pause after an error of accepting: most often there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves the register until `shutdown` is ready, then lets answers that have begun finish, for a while.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    api: Api,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    until(listener, router, shutdown, || api.end()).await;
    Ok(())
}

/// Serves a router that has no feeds to end.
pub async fn serve_plain(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) {
    until(listener, router, shutdown, || ()).await;
}

async fn until(
    listener: TcpListener,
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
            Ok((stream, _)) => {
                let (router, end) = (router.clone(), end.clone());
                connections.spawn(async move {
                    connection(stream, router, end).await;
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

async fn connection(stream: TcpStream, router: Router, mut end: watch::Receiver<bool>) {
    // Answers are short: they do not wait for company.
    drop(stream.set_nodelay(true));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_PATIENCE)
        .max_headers(HEADERS_MAX)
        .max_buf_size(BUFFER_BYTES_MAX);
    let service = TowerToHyperService::new(router);
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
