//! A witness (C2SP tlog-witness): it cosigns the checkpoints of logs that it knows, as long as they only grow. It sees
//! sizes, roots and proofs, never an entry. Its state must never be put back from a backup.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use qonys_events::digest::Sha256Hex;
use qonys_verify::{
    checkpoint::Checkpoint,
    merkle::verify_consistency,
    note::{BadSignature, MAX_BYTES, Note, VerifierKey},
};

use crate::{clock::Clock, proof::key::NoteKey};

/// The longest proof, in lines.
const MAX_PROOF: usize = 63;

/// The witness of some logs. Cheap to clone.
#[derive(Clone)]
pub struct Witness(Arc<Inner>);

struct Inner {
    key: NoteKey,
    logs: Vec<VerifierKey>,
    directory: PathBuf,
    clock: Clock,
    /// One answer at a time: what is compared is what is kept.
    turn: Mutex<()>,
}

/// Why a checkpoint is not cosigned; the status of tlog-witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 400: it is not a request of this protocol.
    Malformed(String),
    /// 403: no key that is known signed it.
    Unsigned(String),
    /// 404: the log is not known.
    Unknown,
    /// 409: the witness stands at this size, or at this size with another root.
    Conflict(u64),
    /// 422: the tree does not grow out of the one that was cosigned.
    NotGrown,
    /// 500: the state cannot be kept.
    Broken(String),
}

impl Witness {
    /// A witness with its key, the keys of the logs that it watches, and the directory of its state.
    pub fn new(key: NoteKey, logs: Vec<VerifierKey>, directory: &Path, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            key,
            logs,
            directory: directory.to_owned(),
            clock,
            turn: Mutex::new(()),
        }))
    }

    /// Its public key.
    pub fn public(&self) -> &VerifierKey {
        self.0.key.public()
    }

    /// Its protocol over HTTP; and its key at `/vkey`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/add-checkpoint", post(answer))
            .route("/vkey", get(vkey))
            .with_state(self.clone())
    }

    /// Cosigns a checkpoint that grows out of the last one of its log: the signature line.
    pub fn add_checkpoint(&self, body: &[u8]) -> Result<String, Refusal> {
        let malformed = |why: &str| Refusal::Malformed(why.to_owned());
        let text = std::str::from_utf8(body).map_err(|_| malformed("it is not UTF-8"))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or_else(|| malformed("no empty line stands before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .filter(|old| *old == "0" || !old.starts_with(['0', '+']))
            .and_then(|old| old.parse::<u64>().ok())
            .ok_or_else(|| malformed("its first line is not an old size"))?;
        let proof: Option<Vec<Sha256Hex>> = lines
            .map(|line| STANDARD.decode(line).ok()?.try_into().ok().map(Sha256Hex))
            .collect();
        let proof = proof
            .filter(|proof| proof.len() <= MAX_PROOF)
            .ok_or_else(|| malformed("its proof is not one"))?;
        let (note, next) =
            Checkpoint::of_note(note.as_bytes()).map_err(|e| Refusal::Malformed(e.to_string()))?;
        self.cosign(old, &proof, &note, &next)
    }

    fn cosign(
        &self,
        old: u64,
        proof: &[Sha256Hex],
        note: &Note,
        next: &Checkpoint,
    ) -> Result<String, Refusal> {
        let inner = &self.0;
        let of_log = |key: &&VerifierKey| key.name() == next.origin;
        let keys: Vec<VerifierKey> = inner.logs.iter().filter(of_log).cloned().collect();
        if keys.is_empty() {
            return Err(Refusal::Unknown);
        }
        note.signed_by(&keys)
            .map_err(|error: BadSignature| Refusal::Unsigned(error.to_string()))?;
        if old > next.size {
            return Err(Refusal::Malformed(
                "the old size is above the new one".to_owned(),
            ));
        }
        let _turn = inner.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let last = self.last(&next.origin)?;
        let (size, root) = last.map_or_else(
            || (0, qonys_events::tree::Frontier::empty().root()),
            |last| (last.size, last.root),
        );
        if old != size || (size == next.size && root != next.root) {
            return Err(Refusal::Conflict(size));
        }
        if !verify_consistency((size, &root), (next.size, &next.root), proof) {
            return Err(Refusal::NotGrown);
        }
        let time = u64::try_from(inner.clock.now().micros().div_euclid(1_000_000)).unwrap_or(0);
        let line = inner.key.cosign(time, &note.text);
        let kept = Note {
            text: note.text.clone(),
            signatures: note
                .signatures
                .iter()
                .cloned()
                .chain([line.clone()])
                .collect(),
        };
        keep(&self.state(&next.origin), kept.to_string().as_bytes())
            .map_err(|error| Refusal::Broken(error.to_string()))?;
        Ok(line.to_string())
    }

    fn state(&self, origin: &str) -> PathBuf {
        // Origins are names with slashes: a digest is a plain file name.
        self.0
            .directory
            .join(Sha256Hex::of(origin.as_bytes()).to_string())
    }

    /// The last checkpoint of a log that it cosigned.
    pub fn last(&self, origin: &str) -> Result<Option<Checkpoint>, Refusal> {
        let broken = |why: String| Refusal::Broken(why);
        let bytes = match fs::read(self.state(origin)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(error.to_string())),
        };
        let (note, checkpoint) = Checkpoint::of_note(&bytes).map_err(|e| broken(e.to_string()))?;
        note.signed_by(std::slice::from_ref(self.public()))
            .map_err(|e| broken(e.to_string()))?;
        Ok(Some(checkpoint))
    }
}

/// Puts a file in place so that no crash takes it away.
fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let unfinished = path.with_extension("unfinished");
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(directory)?.sync_all()
}

async fn vkey(State(witness): State<Witness>) -> String {
    format!("{}\n", witness.public())
}

async fn answer(State(witness): State<Witness>, body: Bytes) -> Response {
    if body.len() > 2 * MAX_BYTES {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    match witness.add_checkpoint(&body) {
        Ok(line) => line.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed(why) => (StatusCode::BAD_REQUEST, why).into_response(),
            Self::Unsigned(why) => (StatusCode::FORBIDDEN, why).into_response(),
            Self::Unknown => (StatusCode::NOT_FOUND, "the log is not known").into_response(),
            Self::Conflict(size) => {
                let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
                (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response()
            }
            Self::NotGrown => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "the proof does not lead there",
            )
                .into_response(),
            Self::Broken(why) => {
                tracing::error!(why, "the witness cannot keep its state");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
