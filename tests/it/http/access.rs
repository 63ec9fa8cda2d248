//! Who gets in, asked over HTTP: the matrix of roles and operations, every cell of it; credentials that are not good; who
//! stands in the entries; API keys.

mod about;
mod issuer;
mod keys;
mod linked;
mod matrix;
mod searching;
pub(super) mod second_log;
mod tls;
mod tokens;

use std::time::Duration;

use qonys::{access::Gate, audit::Audit, views::follow::Follower};
use serde_json::{Value, json};
use tokio::{sync::oneshot, task::JoinHandle};

use super::{client::Client, serve_behind};
use crate::{
    proof::stage::publisher,
    support::register::{Lines, Register},
};
use issuer::Issuer;

/// A register behind a gate.
pub(super) struct Guarded {
    pub(super) register: Register,
    pub(super) client: Client,
    pub(super) issuer: Issuer,
    /// Its second log.
    pub(super) audit: Audit,
    /// A person who stands in the register.
    pub(super) person: String,
    _stop: oneshot::Sender<()>,
    _task: JoinHandle<std::io::Result<()>>,
    _follower: Follower,
}

impl Guarded {
    /// With a person in it.
    pub(super) async fn start() -> Self {
        Self::of(Issuer::new()).await
    }

    pub(super) async fn of(issuer: Issuer) -> Self {
        let mut register = Register::embedded("2024-05-30T06:00:00.000000Z").await;
        let audit = second_log::audit(&register).await;
        register.dispatch = register.dispatch.clone().recording(audit.clone());
        let mut lines = Lines::new(61);
        register.must(&lines.opening("simulated")).await;
        let person = lines.on("2024-05-30", "record-person", &json!({"kind": "citizen"}));
        let stored = register.must(&[named(person)]).await;
        let stream = stored.streams.keys().next().expect("a stream");
        let person = stream.trim_start_matches("person/").to_owned();
        let signer = register.directory.path().join("signer");
        std::fs::create_dir(&signer).expect("a directory");
        let mut publisher = publisher(&register, &signer);
        publisher.round().await.expect("a checkpoint");
        let proofs = qonys::http::proof_router(publisher.proof(), signer);
        let mut second = second_log::publisher(&register, &audit);
        second.round().await.expect("a checkpoint");
        let signer = second_log::signer(&register);
        let proofs = proofs.merge(qonys::http::second_proof_router(second.proof(), signer));
        let provider = Some(issuer.provider());
        let gate = Gate::guarded(register.directory.path(), provider).await;
        let views = crate::views::views(&register).await;
        let head = register.log.head().await.expect("a head").position;
        let patience = Duration::from_secs(60);
        let follower = views.follow();
        views.wait_for(head, patience).await.expect("views");
        let queries = std::sync::Arc::new(views);
        let gate = gate.expect("a gate");
        let (client, stop, task) = serve_behind(&register, queries, gate, proofs).await;
        Self {
            register,
            client,
            issuer,
            audit,
            person,
            _stop: stop,
            _task: task,
            _follower: follower,
        }
    }

    /// Asks with a token.
    pub(super) async fn get(&self, path: &str, token: &str) -> super::client::Reply {
        let bearer = format!("Bearer {token}");
        self.client
            .get_with(path, &[("authorization", &bearer)])
            .await
    }
}

/// A line with the personal values that a person is recorded with.
pub(super) fn named(mut line: Value) -> Value {
    line["personal"] = json!({"name": "Сынақ Тұлға"});
    line
}

/// The address at which an operation can be asked, with something in the place of every parameter.
pub(super) fn address(document: &Value, operation: &str) -> Option<(String, String)> {
    let other = match operation {
        "getOfficePage" => "/en/office",
        "getPublicPage" => "/en/",
        "getFile" => "/assets/qonys.css",
        "getCheckpoint" => "/checkpoint",
        "getCosigned" => "/checkpoint.cosigned",
        "getHashTile" => "/tile/0/000.p/1",
        "getEntryTile" => "/tile/entries/000.p/1",
        "getReceipt" => "/receipts/1",
        "getLogKeys" => qonys::http::KEYS,
        "getAuditCheckpoint" => "/v1/audit/checkpoint",
        "getAuditTile" => "/v1/audit/tile/0/000.p/1",
        "getAuditKeys" => "/v1/audit/keys",
        _ => "",
    };
    if !other.is_empty() {
        return Some(("get".to_owned(), other.to_owned()));
    }
    let paths = document["paths"].as_object()?;
    let found = paths.iter().find_map(|(path, methods)| {
        let methods = methods.as_object()?;
        let (method, _) = methods
            .iter()
            .find(|(_, described)| described["operationId"] == operation)?;
        Some((method.clone(), path.clone()))
    });
    let (method, path) = found?;
    let parts = path.split('/').map(|part| match part {
        "{line}" => "kandas.kazakhstan.2024.principals-and-members",
        "{position}" => "1",
        "{kind}" => "law",
        "{key}" => "main",
        part if part.starts_with('{') => "7b0c2a5e-51a0-4c0f-9d0c-0d6a7f1b2c11",
        part => part,
    });
    Some((method, parts.collect::<Vec<_>>().join("/")))
}
