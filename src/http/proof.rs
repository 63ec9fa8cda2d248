//! The proof over HTTP: checkpoint, tiles, public keys, receipts, as C2SP tlog-tiles and tlog-proof have them.

use std::{path::PathBuf, str::FromStr as _, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use qonys_verify::{receipt::EXTENSION, tile::Tile};

use super::problem::Problem;
use crate::proof::{CHECKPOINT, COSIGNED, Proof, ProofError, receipt::Named, signer::Signer};

/// What tiles are served with: they never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What a checkpoint is served with: about each second there is a new one.
const A_MOMENT: &str = "no-cache";
/// Where the log's public keys stand, one vkey per line.
pub const KEYS: &str = "/.well-known/qonys-log-keys";

/// What tiles of the second log are served with: no cache between gives them to another.
const FOR_ONE: &str = "private, max-age=31536000, immutable";

#[derive(Clone)]
struct Served {
    proof: Proof,
    signer: Arc<std::path::Path>,
    /// How long tiles may be kept, and by whom.
    tiles: &'static str,
}

/// The routes of the proof.
pub fn proof_router(proof: &Proof, signer: PathBuf) -> Router {
    Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/checkpoint.cosigned", get(cosigned))
        .route("/tile/{*path}", get(tile))
        .route("/receipts/{id}", get(receipt))
        .route(KEYS, get(log_keys))
        .with_state(Served {
            proof: proof.clone(),
            signer: signer.into(),
            tiles: FOR_EVER,
        })
}

/// The routes of the second log's proof, for auditors: the same files as the register's own, below `/v1/audit`.
pub fn second_proof_router(proof: &Proof, signer: PathBuf) -> Router {
    Router::new()
        .route("/v1/audit/checkpoint", get(checkpoint))
        .route("/v1/audit/tile/{*path}", get(tile))
        .route("/v1/audit/keys", get(log_keys))
        .with_state(Served {
            proof: proof.clone(),
            signer: signer.into(),
            tiles: FOR_ONE,
        })
}

impl From<ProofError> for Problem {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Log(error) => error.into(),
            ProofError::NotYet(_) => Self::of("unavailable").saying(error.to_string()),
            error => {
                tracing::error!(%error, "a proof could not be given");
                Self::of("unavailable")
            }
        }
    }
}

fn answer(body: impl Into<Body>, kind: &'static str, cache: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    (headers, body.into()).into_response()
}

const TEXT: &str = "text/plain; charset=utf-8";

fn note(proof: &Proof, name: &str) -> Result<Response, Problem> {
    let found = match name {
        COSIGNED => proof.cosigned()?,
        _ => proof.checkpoint()?,
    };
    let (note, _) = found.ok_or_else(|| Problem::of("not-found"))?;
    Ok(answer(note.to_string(), TEXT, A_MOMENT))
}

/// `GET /checkpoint`.
async fn checkpoint(State(served): State<Served>) -> Result<Response, Problem> {
    note(&served.proof, CHECKPOINT)
}

/// `GET /checkpoint.cosigned`: the last one that a quorum of witnesses cosigned.
async fn cosigned(State(served): State<Served>) -> Result<Response, Problem> {
    note(&served.proof, COSIGNED)
}

/// `GET /tile/…`: hashes of a level, or entries. Only what the last checkpoint covers.
async fn tile(State(served): State<Served>, Path(path): Path<String>) -> Result<Response, Problem> {
    let not_found = || Problem::of("not-found");
    let tile = Tile::from_str(&format!("tile/{path}")).map_err(|_| not_found())?;
    let size = served.proof.checkpoint()?.map_or(0, |(_, head)| head.size);
    let covered =
        Tile::of(tile.layer, tile.index, size).is_some_and(|most| tile.width <= most.width);
    let bytes = if covered {
        served.proof.tile(&tile)?
    } else {
        None
    };
    Ok(answer(
        bytes.ok_or_else(not_found)?,
        "application/octet-stream",
        served.tiles,
    ))
}

/// `GET /receipts/{id}`: by position, entry or command.
async fn receipt(
    State(served): State<Served>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let not_found = || Problem::of("not-found");
    let name = Named::from_str(&id).map_err(|_| not_found())?;
    let entry = served.proof.find(name).await?.ok_or_else(not_found)?;
    let receipt = served.proof.receipt(&entry)?;
    let mut response = answer(receipt.to_string(), TEXT, A_MOMENT);
    let file = format!("attachment; filename=\"{}.{EXTENSION}\"", entry.position);
    if let Ok(file) = HeaderValue::from_str(&file) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, file);
    }
    Ok(response)
}

/// The public keys of the log. Who wants to be sure gets them elsewhere too.
async fn log_keys(State(served): State<Served>) -> Result<Response, Problem> {
    let signer = Signer::open(&served.signer, served.proof.log().origin(), None)?;
    let keys = signer.public()?;
    let text: String = keys.iter().map(|key| format!("{key}\n")).collect();
    Ok(answer(text, TEXT, A_MOMENT))
}
