//! The register over HTTP, asked through a socket on both stores: commands, conditions, queries, entries, the feed, the
//! contract that the OpenAPI document makes, and what is refused.

use std::sync::Arc;

use axum::Router;
use qonys::{
    access::Gate,
    http::{self, Api, Parts},
    queries::Queries,
    views::{Views, follow::Follower},
    web::{self, Site},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{support::register::Register, views::views};
use client::Client;

mod access;
mod batch;
pub(crate) mod client;
mod commands;
mod contract;
mod deadline;
mod entries;
mod feed;
mod pages;
mod refusals;
mod serving;

/// A register that is served in this process.
pub(crate) struct Served {
    pub(crate) register: Register,
    pub(crate) client: Client,
    views: Views,
    follower: Option<Follower>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// Serves a register with its views and its pages.
    pub(crate) async fn start(register: Register) -> Self {
        let mut served = Self::without_views(register).await;
        served.follower = Some(served.views.follow());
        served
    }

    /// Serves a register whose views nobody moves.
    pub(crate) async fn without_views(mut register: Register) -> Self {
        let audit = access::second_log::audit(&register).await;
        register.dispatch = register.dispatch.clone().recording(audit);
        let views = views(&register).await;
        let (client, stop, task) = serve(&register, Arc::new(views.clone())).await;
        Self {
            register,
            client,
            views,
            follower: None,
            stop: Some(stop),
            task,
        }
    }

    /// Waits until the views have come to the end of the log.
    pub(crate) async fn caught_up(&self) -> u64 {
        let head = self.register.log.head().await.expect("a head").position;
        let patience = std::time::Duration::from_secs(60);
        let at = self.views.wait_for(head, patience).await;
        assert_eq!(at.expect("the views come so far"), head);
        head.0
    }

    /// Ends the server as a signal would and waits for it.
    pub(crate) async fn end(mut self) {
        drop(self.stop.take());
        let ended = tokio::time::timeout(std::time::Duration::from_secs(20), &mut self.task);
        let ended = ended.await.expect("the server ends");
        ended.expect("no panic").expect("no error");
    }
}

/// Serves a register in this process, with these views, until the sender is dropped. Nobody is asked who he is.
pub(crate) async fn serve(
    register: &Register,
    queries: Arc<dyn Queries>,
) -> (Client, oneshot::Sender<()>, JoinHandle<std::io::Result<()>>) {
    serve_behind(register, queries, Gate::local(), Router::new()).await
}

/// The same behind a gate, with further routes.
pub(crate) async fn serve_behind(
    register: &Register,
    queries: Arc<dyn Queries>,
    gate: Gate,
    more: Router,
) -> (Client, oneshot::Sender<()>, JoinHandle<std::io::Result<()>>) {
    let local = gate.is_local();
    let api = Api::start(Parts {
        log: register.log.clone(),
        dispatch: register.dispatch.clone(),
        queries: queries.clone(),
        clock: register.clock.clone(),
        gate,
    })
    .await
    .expect("an API");
    let site = Site::new(register.log.clone(), queries, register.clock.clone(), local);
    let pages = web::router(site.expect("a site"));
    let router = http::guard(http::router(&api).merge(pages).merge(more), &api);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let client = Client(listener.local_addr().expect("an address"));
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = async { drop(stopped.await) };
    let task = tokio::spawn(http::serve(listener, None, router, api, ended));
    (client, stop, task)
}
