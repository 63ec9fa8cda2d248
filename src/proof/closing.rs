//! The second way out: an incarnation that lost what was signed is closed with a signed statement, and the next one goes
//! on from what is kept. Nothing is hidden: what is lost stands in the statement and in the first entry of the next one.

use std::path::Path;

use qonys_events::{
    digest::Sha256Hex,
    entry::{Actor, Entry},
    fact::{Fact, log::LogContinued},
    id::Origin,
    scalar::{Position, StreamSeq},
    term::{ClockKind, LogKind},
};
use qonys_verify::{
    checkpoint::{Checkpoint, base64},
    note::{Note, VerifierKey},
};

use super::{ProofError, files, rotation, signer::Signer};
use crate::{
    clock::{Clock, Entropy},
    log::{Head, Log},
};

/// The file of the statement in the directory of the signer. A signer that has closed signs no checkpoint any more.
pub const STATEMENT: &str = "closed";

/// What a closing statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The incarnation that is closed.
    pub origin: Origin,
    /// Its last head that was signed.
    pub signed: Checkpoint,
    /// What is kept: size and root.
    pub kept: Checkpoint,
    /// The incarnation that goes on, and its key.
    pub next: Origin,
    /// The public key of the next one.
    pub key: VerifierKey,
    /// Why, in one line.
    pub reason: String,
}

impl Closed {
    /// The text that is signed: never one that could be taken for a checkpoint.
    pub fn text(&self) -> String {
        format!(
            "{} closed\nkept {} {}\nsigned {} {}\nnext {}\nreason {}\n",
            self.origin,
            self.kept.size,
            base64(&self.kept.root),
            self.signed.size,
            base64(&self.signed.root),
            self.key,
            self.reason
        )
    }
}

/// The origin of the next incarnation.
pub fn next_origin(origin: &Origin) -> Result<Origin, ProofError> {
    let (name, number) = origin
        .as_str()
        .rsplit_once('/')
        .unwrap_or((origin.as_str(), "0"));
    let number = number.parse::<u32>().unwrap_or(0).saturating_add(1);
    let next = format!("{name}/{number}").parse();
    next.map_err(|error| ProofError::Broken(format!("the next origin: {error}")))
}

/// Closes an incarnation that is behind its last signed head: signs the statement with its key, once and for all, and
/// makes the signer of the next incarnation in `next_signer`.
pub async fn close(
    log: &Log,
    signer: &Path,
    next_signer: &Path,
    reason: &str,
    entropy: &Entropy,
) -> Result<(Closed, Note), ProofError> {
    let opened = Signer::open(signer, log.origin(), None)?;
    let (_, signed) = opened.head()?;
    let head = log.head().await?;
    if head.position.0 >= signed.size {
        return Err(ProofError::Broken(
            "nothing that was signed is lost: there is no reason to close the log".to_owned(),
        ));
    }
    let next = next_origin(log.origin())?;
    let next_signer = Signer::open(next_signer, &next, Some(entropy))?;
    let key = next_signer.public()?.swap_remove(0);
    let one_line: String = reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let closed = Closed {
        origin: log.origin().clone(),
        signed,
        kept: Checkpoint {
            origin: log.origin().to_string(),
            size: head.position.0,
            root: head.frontier.root(),
        },
        next,
        key,
        reason: one_line.trim().to_owned(),
    };
    let text = closed.text();
    let path = signer.join(STATEMENT);
    if let Some(before) = files::read(&path)? {
        let before = Note::read(&before).map_err(|error| ProofError::Broken(error.to_string()))?;
        if before.text != text {
            return Err(ProofError::Broken(
                "the log is closed already, with another statement".to_owned(),
            ));
        }
        return Ok((closed, before));
    }
    let signatures = vec![opened.key()?.sign(&text)];
    let note = Note { text, signatures };
    files::put_durably(&path, note.to_string().as_bytes())?;
    Ok((closed, note))
}

/// The first entry of the next incarnation, for its log, which is empty.
pub fn first_entry(
    log: &Log,
    (closed, statement): (&Closed, &Note),
    streamseq: StreamSeq,
    (kind, clock_kind): (LogKind, ClockKind),
    actor: Actor,
    (clock, entropy): (&Clock, &Entropy),
) -> Entry {
    let fact = Fact::LogContinued(LogContinued {
        origin: closed.origin.clone(),
        kept: Position(closed.kept.size),
        root: closed.kept.root,
        signed: Position(closed.signed.size),
        signed_root: closed.signed.root,
        statement: Sha256Hex::of(statement.to_string().as_bytes()),
        zone: log.zone().clone(),
        kind,
        clock: clock_kind,
    });
    let place = (Position(1), streamseq);
    rotation::operators_entry(log, place, fact, actor, (clock, entropy), &Head::default())
}
