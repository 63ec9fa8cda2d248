//! Asking witnesses for cosignatures (C2SP tlog-witness), beside the round: a slow witness delays evidence, never the log.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, body::Bytes, header};
use qonys_verify::{
    checkpoint::{Checkpoint, base64},
    note::{self, Note, VerifierKey},
    policy::{Policy, Witness},
};
use tokio::{sync::watch, task::JoinHandle, time::timeout};
use tracing::{error, warn};

use super::{COSIGNED, Proof, ProofError, files, publisher::Published};
use crate::{clock::Clock, peer::Peer};

/// How long a witness may take for one answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pause after a witness did not answer.
const PAUSE: Duration = Duration::from_secs(2);
/// The longest answer, in bytes.
const ANSWER_MAX: usize = note::MAX_BYTES;
/// The evidence is old when no quorum has cosigned for so long while the log grew.
const OLD_SECONDS: u64 = 300;
/// The evidence is behind when the log has so many entries more than a quorum has cosigned.
const BEHIND_ENTRIES: u64 = 50_000;

/// What a witness answered.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// It cosigned: the lines.
    Cosigned(String),
    /// It stands at another size.
    Stands(u64),
    /// It refuses: status and words.
    Refused(u16, String),
}

/// How far evidence has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Entries that a quorum has cosigned.
    pub size: u64,
    /// When, in seconds since 1970.
    pub time: u64,
}

/// Why an operator should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// No quorum has cosigned for so many seconds.
    Old(u64),
    /// So many entries are not cosigned.
    Behind(u64),
}

impl Evidence {
    /// Whether somebody should look, at a time in seconds since 1970, with so many entries signed by the log.
    pub fn alarm(self, now: u64, signed: u64) -> Option<Alarm> {
        let behind = signed.saturating_sub(self.size);
        let age = now.saturating_sub(self.time);
        if behind > BEHIND_ENTRIES {
            return Some(Alarm::Behind(behind));
        }
        (behind > 0 && age > OLD_SECONDS).then_some(Alarm::Old(age))
    }
}

/// The cosignatures of one checkpoint.
struct Gathering {
    published: Option<Published>,
    lines: Vec<note::SignatureLine>,
    evidence: Evidence,
}

/// The witnesses of a policy. Dropping the value ends the asking.
pub struct Witnesses {
    policy: Arc<Policy>,
    newest: watch::Sender<Option<(Proof, Published)>>,
    gathering: Arc<Mutex<Gathering>>,
    clock: Clock,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Witnesses {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Witnesses {
    /// Starts asking every witness of a policy that has an address.
    pub fn start(policy: Policy, clock: Clock) -> Self {
        let policy = Arc::new(policy);
        let (newest, receiver) = watch::channel(None);
        let gathering = Arc::new(Mutex::new(Gathering {
            published: None,
            lines: Vec::new(),
            evidence: Evidence {
                size: 0,
                time: seconds(&clock),
            },
        }));
        let tasks = policy
            .witnesses
            .iter()
            .filter(|witness| witness.url.is_some());
        let tasks = tasks
            .map(|witness| {
                let asking = Asking {
                    witness: witness.clone(),
                    size: 0,
                    policy: policy.clone(),
                    gathering: gathering.clone(),
                    clock: clock.clone(),
                };
                tokio::spawn(asking.run(receiver.clone()))
            })
            .collect();
        Self {
            policy,
            newest,
            gathering,
            clock,
            tasks,
        }
    }

    /// Hands a checkpoint on. Who is still busy with an earlier one takes the newest when he is done.
    pub(super) fn tell(&self, proof: &Proof, published: Published) {
        let size = published.checkpoint.size;
        self.newest.send_replace(Some((proof.clone(), published)));
        if !self.policy.asks_for_witnesses() {
            return;
        }
        match self.evidence().alarm(seconds(&self.clock), size) {
            Some(Alarm::Old(age)) => error!(age, "no quorum of witnesses has cosigned for long"),
            Some(Alarm::Behind(entries)) => {
                error!(entries, "witnesses are far behind the log");
            }
            None => {}
        }
    }

    /// How far evidence has come.
    pub fn evidence(&self) -> Evidence {
        hold(&self.gathering).evidence
    }
}

fn hold(gathering: &Mutex<Gathering>) -> std::sync::MutexGuard<'_, Gathering> {
    gathering.lock().unwrap_or_else(PoisonError::into_inner)
}

fn seconds(clock: &Clock) -> u64 {
    u64::try_from(clock.now().micros().div_euclid(1_000_000)).unwrap_or(0)
}

/// The asking of one witness.
struct Asking {
    witness: Witness,
    /// The size at which it stands, as far as is known.
    size: u64,
    policy: Arc<Policy>,
    gathering: Arc<Mutex<Gathering>>,
    clock: Clock,
}

impl Asking {
    async fn run(mut self, mut newest: watch::Receiver<Option<(Proof, Published)>>) {
        while newest.changed().await.is_ok() {
            let Some((proof, published)) = newest.borrow_and_update().clone() else {
                continue;
            };
            if let Err(error) = self.ask(&proof, &published).await {
                warn!(witness = self.witness.name, %error, "a witness did not cosign");
                tokio::time::sleep(PAUSE).await;
                // The same checkpoint is asked for again, unless a newer one has come.
                newest.mark_changed();
            }
        }
    }

    async fn ask(&mut self, proof: &Proof, published: &Published) -> Result<(), ProofError> {
        let broken = |why: String| ProofError::Broken(why);
        for _ in 0..3 {
            let size = published.checkpoint.size;
            if self.size > size {
                return Err(broken(format!(
                    "it stands at {}, the log at {size}: the log was rolled back",
                    self.size
                )));
            }
            let (_, steps) = proof.growth(self.size, size)?;
            let steps: String = steps.iter().map(|hash| base64(hash) + "\n").collect();
            let body = format!("old {}\n{steps}\n{}", self.size, published.note);
            let url = self.witness.url.as_deref().unwrap_or_default();
            match timeout(PATIENCE, submit(url, body)).await {
                Err(_) => return Err(broken("it took too long".to_owned())),
                Ok(Err(why)) => return Err(broken(why)),
                Ok(Ok(Answer::Stands(size))) if size != self.size => self.size = size,
                Ok(Ok(Answer::Cosigned(lines))) => {
                    self.size = size;
                    return self.take(proof, published, &lines);
                }
                Ok(Ok(Answer::Stands(size))) => {
                    return Err(broken(format!("it has another log of {size} entries")));
                }
                Ok(Ok(Answer::Refused(status, why))) => {
                    return Err(broken(format!("it answered {status}: {why}")));
                }
            }
        }
        Err(broken("it changes its mind".to_owned()))
    }

    /// Keeps a cosignature, and publishes the checkpoint when a quorum has cosigned it.
    fn take(&self, proof: &Proof, published: &Published, lines: &str) -> Result<(), ProofError> {
        let key = std::slice::from_ref(&self.witness.key);
        let answered = Note::read(format!("{}\n{lines}", published.note.text).as_bytes());
        let answered = answered.map_err(|error| ProofError::Broken(error.to_string()))?;
        answered
            .signed_by(key)
            .map_err(|error| ProofError::Broken(format!("its answer: {error}")))?;
        let mut gathering = hold(&self.gathering);
        if gathering.published.as_ref() != Some(published) {
            let older = gathering.published.as_ref();
            if older.is_some_and(|older| older.checkpoint.size > published.checkpoint.size) {
                return Ok(());
            }
            gathering.published = Some(published.clone());
            gathering.lines.clear();
        }
        let is_its = |line: &&note::SignatureLine| is_line_of(line, &self.witness.key);
        if let Some(line) = answered.signatures.iter().find(is_its) {
            gathering
                .lines
                .retain(|known| !is_line_of(known, &self.witness.key));
            gathering.lines.push(line.clone());
        }
        let mut note = published.note.clone();
        note.signatures.extend(gathering.lines.iter().cloned());
        let signed = note.signed_by(&self.policy.keys());
        if signed.is_ok_and(|signed| self.policy.has_quorum(&signed)) {
            let path = proof.directory().join(COSIGNED);
            let Checkpoint { size, .. } = published.checkpoint;
            files::put_durably(&path, note.to_string().as_bytes())?;
            let time = seconds(&self.clock);
            gathering.evidence = Evidence { size, time };
        }
        Ok(())
    }
}

fn is_line_of(line: &note::SignatureLine, key: &VerifierKey) -> bool {
    line.name == key.name() && line.id == key.id()
}

/// One `add-checkpoint` call.
async fn submit(url: &str, body: String) -> Result<Answer, String> {
    let peer = Peer::of(&format!("{}/add-checkpoint", url.trim_end_matches('/')))?;
    let connection = peer.connect(None).await;
    let mut connection = connection.map_err(|e| e.to_string())?;
    let request = Request::post(peer.path())
        .header(header::HOST, peer.authority())
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        .body(Full::new(Bytes::from(body)))
        .map_err(|e| e.to_string())?;
    let response = connection
        .sender
        .send_request(request)
        .await
        .map_err(|e| e.to_string())?;
    let status = response.status().as_u16();
    let sized = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "text/x.tlog.size");
    let body = Limited::new(response.into_body(), ANSWER_MAX)
        .collect()
        .await;
    let text = String::from_utf8(body.map_err(|e| e.to_string())?.to_bytes().to_vec());
    let text = text.map_err(|_| "its answer is not UTF-8".to_owned())?;
    match (status, sized) {
        (200, _) => Ok(Answer::Cosigned(text)),
        (409, true) => {
            let size = text.trim_end().parse();
            size.map(Answer::Stands)
                .map_err(|_| "its size is not a number".to_owned())
        }
        _ => Ok(Answer::Refused(
            status,
            text.chars().filter(|c| !c.is_control()).take(200).collect(),
        )),
    }
}
