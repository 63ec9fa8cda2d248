//! `qonys serve`: the register over HTTP, its pages, its views and, where a broker is named, its relay, in one process.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use qonys_events::scalar::Position;
use qonys_verify::policy::Policy;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tokio_rustls::TlsAcceptor;

use super::{
    Failure, Where,
    access::Entrance,
    output,
    place::{self, SecondPlace},
    proof,
    relay::asked_to_end,
};
use crate::{
    access::Gate,
    clock::Clock,
    dispatch::Dispatch,
    http::{self, Api, Parts},
    log::Log,
    queries::Queries,
    relay::{Options, Relay},
    settings::Place,
    vault::SWEEP_AGE,
    views::Views,
    web::{self, Site},
};

/// How often keys that nobody came to use are looked for.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(60 * 60);

/// Options of `qonys serve`.
#[derive(Args)]
pub(super) struct Serve {
    /// Address and port to listen on; in local mode an address of this machine's loopback interface.
    #[arg(long, default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
    /// URL of a NATS server with JetStream, to which the log is carried. Without it nothing is delivered.
    #[arg(long, env = "QONYS_NATS_URL")]
    nats_url: Option<String>,
    /// A C2SP tlog-policy file with the witnesses that are asked to cosign, with their addresses.
    #[arg(long, env = "QONYS_POLICY")]
    policy: Option<PathBuf>,
    /// File with the certificates of the server in PEM, its own first: then it speaks TLS alone.
    #[arg(long, env = "QONYS_TLS_CERTIFICATES", requires = "tls_key")]
    tls_certificates: Option<PathBuf>,
    /// File with their private key in PEM.
    #[arg(long, env = "QONYS_TLS_KEY", requires = "tls_certificates")]
    tls_key: Option<PathBuf>,
    #[command(flatten)]
    entrance: Entrance,
    #[command(flatten)]
    at: Where,
}

/// A register that is open.
pub(super) struct Register {
    /// Its log.
    pub(super) log: Log,
    /// The decider on it.
    pub(super) dispatch: Dispatch,
    /// Where "today" comes from.
    pub(super) clock: Clock,
    /// The directory of an embedded log's views, and of the proof.
    pub(super) directory: PathBuf,
    /// The directory of the signer.
    pub(super) signer: PathBuf,
    /// The witnesses that are asked to cosign.
    pub(super) policy: Option<Policy>,
    /// Who gets in.
    pub(super) gate: Gate,
    /// TLS, where it is spoken.
    pub(super) tls: Option<TlsAcceptor>,
}

/// Listens on an address. Where nobody is asked who he is, one of the loopback interface; any other is refused.
/// Where it is asked, one that others reach is listened on with TLS only: a credential is not sent in the clear.
pub(super) async fn listen(
    addr: SocketAddr,
    gate: &Gate,
    tls: bool,
) -> Result<TcpListener, Failure> {
    if !gate.is_local() && !addr.ip().is_loopback() && !tls {
        return Err(Failure::usage(format!(
            "{addr} can be reached from elsewhere, and credentials are not sent in the clear: give certificates \
             (--tls-certificates, --tls-key), or an address of the loopback interface behind a proxy that speaks TLS"
        )));
    }
    if gate.is_local() && !addr.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "{addr} can be reached from elsewhere, and nobody is asked who he is: without a provider of tokens or API \
             keys `serve` listens on the loopback interface only, such as 127.0.0.1:8080"
        )));
    }
    TcpListener::bind(addr)
        .await
        .map_err(|e| Failure::unavailable(format!("{addr}: {e}")))
}

/// Serves a place.
pub(super) async fn run(serve: Serve) -> Result<(), Failure> {
    let place = serve.at.place();
    let gate = serve.entrance.gate(&place).await?;
    let tls = match (&serve.tls_certificates, &serve.tls_key) {
        (Some(certificates), Some(key)) => Some(http::acceptor(certificates, key)?),
        _ => None,
    };
    let listener = listen(serve.addr, &gate, tls.is_some()).await?;
    let signer = serve.at.signer();
    let policy = serve.policy.as_ref().map(proof::policy).transpose()?;
    let (log, dispatch) = place::dispatch(&place, &signer).await?;
    let register = Register {
        log,
        dispatch,
        clock: Clock::System,
        directory: place.directory().clone(),
        signer,
        policy,
        gate,
        tls,
    };
    on(listener, register, serve.nats_url).await
}

/// Serves a register until the process is asked to end; answers that have begun finish first.
pub(super) async fn on(
    listener: TcpListener,
    register: Register,
    nats_url: Option<String>,
) -> Result<(), Failure> {
    let Register {
        log,
        dispatch,
        clock,
        directory,
        signer,
        policy,
        gate,
        tls,
    } = register;
    let local = gate.is_local();
    let publisher = proof::publisher(&log, (&directory, &signer), policy)?;
    let at = SecondPlace::of(&Place::Directory(directory.clone()), &signer)?;
    let second = dispatch
        .audit()
        .map(|audit| proof::publisher(audit.log(), (&at.directory, &at.signer), None));
    let second = second.transpose()?;
    let mut proofs = http::proof_router(publisher.proof(), signer);
    if let Some(second) = &second {
        proofs = proofs.merge(http::second_proof_router(second.proof(), at.signer));
    }
    let views = Views::open(&log, &directory).await?;
    let follower = views.follow();
    let queries: Arc<dyn Queries> = Arc::new(views.clone());
    let committed = dispatch.committed();
    let sweeping = tokio::spawn(sweep(dispatch.clone()));
    let api = Api::start(Parts {
        log: log.clone(),
        dispatch,
        queries: queries.clone(),
        clock: clock.clone(),
        gate,
    })
    .await?;
    let site = Site::new(log.clone(), queries, clock, local).map_err(Failure::error)?;
    let router = http::guard(
        http::router(&api).merge(web::router(site)).merge(proofs),
        &api,
    );
    let (ending, end) = watch::channel(false);
    let wake = nats_url.is_some().then(|| Arc::new(Notify::new()));
    let publishing = tokio::spawn(publisher.run(ended(end.clone())));
    let publishing_second = second.map(|second| tokio::spawn(second.run(ended(end.clone()))));
    let relay = nats_url.map(|url| {
        let wake = wake.clone();
        let options = Options {
            wake,
            ..Options::new(url)
        };
        tokio::spawn(Relay::new(log, options).run(ended(end)))
    });
    let waker = tokio::spawn(tell(committed, views.clone(), wake));
    let address = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    output::complain(&format!("serving {scheme}://{address}/"));
    if local {
        output::complain(
            "local mode: nobody is asked who he is, actors declare it, and only this machine is answered",
        );
    }
    let served = http::serve(listener, tls, router, api, asked_to_end()).await;
    ending.send_replace(true);
    waker.abort();
    sweeping.abort();
    if let Some(relay) = relay {
        // What stops a relay it has logged itself; the register does not stop for it.
        drop(relay.await);
    }
    // What stops a publisher it has logged itself.
    drop(publishing.await);
    if let Some(publishing) = publishing_second {
        drop(publishing.await);
    }
    follower.stop().await;
    views.close().await;
    Ok(served?)
}

/// Looks now and then for keys that nobody came to use.
async fn sweep(dispatch: Dispatch) {
    loop {
        // A process that died between an entry and what it ordered left it to whoever runs.
        if let Err(error) = dispatch.erase_again().await {
            tracing::warn!(%error, "whether everything is destroyed was not looked at; tried again later");
        }
        match dispatch.sweep(SWEEP_AGE).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "keys that no entry came to use were deleted"),
            Err(error) => {
                tracing::warn!(%error, "unused keys were not looked for; tried again later")
            }
        }
        tokio::time::sleep(BETWEEN_SWEEPS).await;
    }
}

/// Ends when the process does.
async fn ended(mut end: watch::Receiver<bool>) {
    drop(end.wait_for(|end| *end).await);
}

/// Tells the views and the relay of each append of this process, so that neither waits for its next look at the log.
async fn tell(mut committed: watch::Receiver<Position>, views: Views, relay: Option<Arc<Notify>>) {
    while committed.changed().await.is_ok() {
        views.wake();
        if let Some(relay) = &relay {
            relay.notify_one();
        }
    }
}
