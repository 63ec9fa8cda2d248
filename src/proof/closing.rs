//! The second way out: an incarnation that lost what was signed is closed with a signed statement, and the next one goes
//! on from what is kept. Nothing is hidden: what is lost stands in the statement and in the first entry of the next one.

use std::path::Path;

use qonys_events::{
    digest::Sha256Hex,
    entry::{Actor, Entry},
    fact::{Fact, log::LogContinued},
    id::{Origin, StreamId},
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
    log::{Head, Log, Recorded},
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

impl Closed {
    /// Reads what [`Closed::text`] writes.
    fn read(origin: &Origin, text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let log = origin.as_str();
        (lines.next()?.strip_suffix(" closed")? == log).then_some(())?;
        let mut head = |word: &str| {
            let (size, root) = lines.next()?.strip_prefix(word)?.split_once(' ')?;
            Checkpoint::read(&format!("{log}\n{size}\n{root}\n")).ok()
        };
        let (kept, signed) = (head("kept ")?, head("signed ")?);
        let key: VerifierKey = lines.next()?.strip_prefix("next ")?.parse().ok()?;
        let closed = Self {
            origin: origin.clone(),
            signed,
            kept,
            next: key.name().parse().ok()?,
            key,
            reason: lines.next()?.strip_prefix("reason ")?.to_owned(),
        };
        (closed.text() == text).then_some(closed)
    }
}

/// The statement that closed an incarnation, with what it says: signed by a key of it.
pub fn statement(signer: &Path, origin: &Origin) -> Result<(Closed, Note), ProofError> {
    let broken = |what: &str| ProofError::Broken(format!("the closing statement: {what}"));
    let Some(bytes) = files::read(&signer.join(STATEMENT))? else {
        return Err(ProofError::Broken(format!(
            "{origin} is not closed: `qonys close` comes first"
        )));
    };
    let note = Note::read(&bytes).map_err(|error| broken(&error.to_string()))?;
    let opened = Signer::open(signer, origin, None)?;
    note.signed_by(&opened.public()?)
        .map_err(|error| broken(&error.to_string()))?;
    let closed = Closed::read(origin, &note.text).ok_or_else(|| broken("it is malformed"))?;
    Ok((closed, note))
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

/// Goes on from a closed incarnation: writes the first entry of the next log where none stands, and gives that log with
/// the kept entries before it. What the statement says must be what the earlier log holds.
pub async fn go_on(
    log: Log,
    earlier: &Log,
    (closed, statement): (&Closed, &Note),
    actor: Actor,
    (clock, entropy): (&Clock, &Entropy),
) -> Result<Log, ProofError> {
    let broken = |what: String| Err(ProofError::Broken(what));
    if *log.origin() != closed.next {
        return broken(format!("{} goes on as {}", closed.origin, closed.next));
    }
    if log.head().await?.position == Position(0) {
        let then = earlier.head_at(Position(closed.kept.size)).await?;
        if then.position.0 != closed.kept.size || then.frontier.root() != closed.kept.root {
            return broken(format!(
                "{} does not hold what its closing statement keeps",
                closed.origin
            ));
        }
        let own = read_stream(earlier, &StreamId::log()).await?;
        let own = own
            .iter()
            .filter(|e| e.kept || e.position.0 <= closed.kept.size);
        let (mut seq, mut kind) = (0, LogKind::Register);
        for recorded in own {
            seq = recorded.streamseq.0;
            let entry = Entry::parse(&recorded.text);
            let entry = entry.map_err(|e| ProofError::Broken(e.to_string()))?;
            match entry.event.fact {
                Fact::LogOpened(opened) => kind = opened.kind,
                Fact::LogContinued(continued) => kind = continued.kind,
                _ => {}
            }
        }
        let kinds = (kind, log.clock_kind());
        let entry = first_entry(
            &log,
            (closed, statement),
            (StreamSeq(seq + 1), &then),
            kinds,
            actor,
            (clock, entropy),
        );
        let batch = rotation::batch_of(&entry, &Head::default())?;
        log.append(Position(0), &batch).await?;
    }
    Ok(log.going_on(earlier).await?)
}

async fn read_stream(log: &Log, stream: &StreamId) -> Result<Vec<Recorded>, ProofError> {
    const PAGE: u32 = 1_000;
    let mut entries: Vec<Recorded> = Vec::new();
    loop {
        let after = entries.last().map_or(StreamSeq(0), |last| last.streamseq);
        let page = log.read_stream(stream, after, PAGE).await?;
        if page.is_empty() {
            return Ok(entries);
        }
        entries.extend(page);
    }
}

/// The first entry of the next incarnation, for its log, which is empty. It comes after the last kept one, in its stream
/// and in time.
pub fn first_entry(
    log: &Log,
    (closed, statement): (&Closed, &Note),
    (streamseq, last): (StreamSeq, &Head),
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
    rotation::operators_entry(log, place, fact, actor, (clock, entropy), last)
}
