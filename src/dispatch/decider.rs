//! The decider: gathers, resolves, seals, decides, appends, answers. What it tells from state that is not yet durable
//! waits for the append, and is decided again if that fails.

use std::{collections::HashSet, time::Duration};

use qonys_domain::{
    context::Context,
    decide::{Undecided, adopted, decide, person_of_duty, policy, superseded},
};
use qonys_events::{
    id::{Ref, StreamId},
    scalar::{Day, Instant, Slug},
};
use tracing::{error, warn};

use super::{
    Outcome,
    batch::{Draft, Item},
    cache::{Cache, Reads},
    correspondence,
    dry_run::possible,
    erasure,
    findings::findings,
    intake::{compare, first_answer},
    snapshot::{Snapshots, Snapshotting, Taker},
    version::moved,
};
use crate::{
    clock::{Clock, Entropy},
    log::{Head, Log, LogError},
    vault::Vault,
};

/// How often a batch is decided again before its senders are told that the log is busy.
const ATTEMPTS_MAX: u32 = 5;
/// How often the log is asked what became of a batch whose connection died at commit.
const RECOVERIES_MAX: u32 = 20;
/// Pause between two of those.
const RECOVERY_PAUSE: Duration = Duration::from_millis(250);
/// Streams that are loaded together.
const TOGETHER_MAX: usize = 512;
/// Streams that one decision may read.
const READS_MAX: usize = 64;

/// The owner of the streams in memory.
pub(super) struct Decider {
    pub(super) log: Log,
    pub(super) vault: Option<Vault>,
    clock: Clock,
    entropy: Entropy,
    zone: jiff::tz::TimeZone,
    pub(super) cache: Cache,
    /// The cache may be behind or ahead of the log: ask the log before the next batch.
    pub(super) doubtful: bool,
}

/// Why a batch has no outcome yet.
pub(super) enum Again {
    /// Decide it again, from the head that the log has now.
    Head,
    /// Decide it again, at the time that it is now: it waited too long for its append, or a clock is wrong.
    Late(String),
    /// Nothing was stored and nothing will be by trying: the log is broken or away.
    Failed(String),
    /// The batch breaks a rule of the log.
    Refused(String),
    /// Nobody knows whether it is stored.
    Unknown,
}

impl From<LogError> for Again {
    fn from(error: LogError) -> Self {
        match error {
            LogError::HeadMoved(_) => Self::Head,
            LogError::Time(text) => Self::Late(text),
            LogError::Unavailable(text) => Self::Failed(text),
            LogError::Refused(text) => Self::Refused(text),
            LogError::OutcomeUnknown(_) => Self::Unknown,
        }
    }
}

impl Decider {
    pub(super) async fn new(
        log: Log,
        vault: Option<Vault>,
        clock: Clock,
        entropy: Entropy,
        snapshots: Option<&Snapshotting>,
    ) -> Result<Self, LogError> {
        let zone = jiff::tz::TimeZone::get(log.zone().as_str())
            .map_err(|e| LogError::Unavailable(format!("the log's zone is not known: {e}")))?;
        let snapshots = snapshots.map(|of| {
            let snapshots = Snapshots::open(of, log.origin());
            let snapshots = snapshots.map_err(|error| {
                let directory = of.directory.display();
                LogError::Unavailable(format!("the snapshots in {directory}: {error}"))
            })?;
            let taker = Taker::start(log.clone(), snapshots.clone());
            Ok::<_, LogError>((snapshots, taker))
        });
        let cache = Cache::new(log.head().await?, snapshots.transpose()?);
        Ok(Self {
            log,
            vault,
            clock,
            entropy,
            zone,
            cache,
            doubtful: false,
        })
    }

    /// Decides items by themselves, under the append lock, so that no other process can win: after one did, or when the
    /// cache is in doubt. Tells whether others had appended.
    pub(super) async fn alone(&mut self, items: &mut [Item]) -> bool {
        let before = self.cache.head.position;
        if let Err(again) = self.prepare(items, true).await {
            self.fail(items, again);
            return false;
        }
        self.halves(items).await;
        let ours: usize = items.iter().map(Item::written).sum();
        self.cache.head.position.0 > before.0 + ours as u64
    }

    /// Carries out the destruction that a command ordered, if it stands. Where that fails it is done again before the next
    /// start, and by the next sweep.
    pub(super) async fn carry_out(&self, item: &Item) {
        let (
            Some(Outcome::Accepted(stored) | Outcome::Duplicate(stored)),
            Some(command),
            Some(vault),
        ) = (&item.outcome, &item.command, &self.vault)
        else {
            return;
        };
        let (Some(person), Some(position)) = (person_of_duty(command), stored.positions.first())
        else {
            return;
        };
        if let Err(error) = erasure::carry_out(&self.log, vault, person, *position).await {
            error!(%error, %position, "a destruction that stands in the log is not carried out yet");
        }
    }

    /// What a batch that fell needs: another decision, an answer to what became of it, or the word that it failed.
    pub(super) async fn again(&mut self, items: &mut [Item], again: Again) {
        match again {
            Again::Head | Again::Late(_) | Again::Refused(_) => self.halves(items).await,
            Again::Unknown => {
                if let Err(again) = self.recover(items).await {
                    self.fail(items, again);
                }
            }
            Again::Failed(_) => {
                self.doubtful = true;
                self.fail(items, again);
            }
        }
    }

    /// Brings every item to an outcome. A batch that the log refuses is decided in halves: the fault is isolated and
    /// harms no neighbour.
    async fn halves(&mut self, items: &mut [Item]) {
        let mut parts: Vec<std::ops::Range<usize>> = Vec::new();
        parts.push(0..items.len());
        while let Some(part) = parts.pop() {
            let slice = &mut items[part.clone()];
            match self.attempts(slice).await {
                Ok(()) => {}
                Err(Again::Refused(text)) if slice.len() > 1 => {
                    warn!(%text, commands = slice.len(), "the log refused a batch; it is decided in halves");
                    let middle = part.start + slice.len() / 2;
                    parts.push(middle..part.end);
                    parts.push(part.start..middle);
                }
                Err(again) => self.fail(slice, again),
            }
        }
    }

    /// Decides and appends under the lock until it is stored or known to fail.
    async fn attempts(&mut self, items: &mut [Item]) -> Result<(), Again> {
        let mut why = "the head of the log keeps moving".to_owned();
        for _ in 0..ATTEMPTS_MAX {
            let again = match self.attempt_locked(items).await {
                Ok(()) => return Ok(()),
                Err(again) => again,
            };
            self.cache.forget_batch();
            match again {
                Again::Head => {}
                Again::Late(text) => why = text,
                Again::Unknown => return self.recover(items).await,
                refused_or_failed => return Err(refused_or_failed),
            }
        }
        Err(Again::Failed(why))
    }

    async fn attempt_locked(&mut self, items: &mut [Item]) -> Result<(), Again> {
        let mut locked = self.log.lock().await?;
        let mut reads = Reads::Locked(&mut locked);
        self.cache.catch_up(&mut reads).await?;
        let ids: Vec<Ref> = open_ids(items);
        let found = self.first_answers(&ids, &mut reads).await?;
        self.resolve_again(items).await?;
        for item in items.iter_mut().filter(|i| i.outcome.is_none()) {
            if let Some(entries) = found.get(&item.request.id) {
                item.outcome = Some(first_answer(item, entries));
                compare(&self.log, self.vault.as_ref(), item, entries).await;
            }
        }
        let (draft, outcomes) = self.draft(items, &mut reads).await?;
        if !draft.batch.entries.is_empty() {
            locked
                .append(self.cache.head.position, &draft.batch)
                .await?;
        }
        self.accept(items, draft, outcomes);
        Ok(())
    }

    /// Decides one more command on what is pending. Where the log cannot be read, this command fails and no other.
    pub(super) async fn decide_pending(
        &mut self,
        item: &Item,
        rest: &[Item],
        draft: &mut Draft,
    ) -> Outcome {
        let log = self.log.clone();
        let reads = &mut Reads::Free(&log);
        let decided = self.decide_one(item, rest, draft, reads).await;
        decided.unwrap_or_else(|error| Outcome::Unavailable(error.to_string()))
    }

    /// The commit point is behind us: what was decided is told.
    fn accept(&mut self, items: &mut [Item], draft: Draft, outcomes: Vec<Option<Outcome>>) {
        self.cache.settle(draft.head_after());
        for (item, outcome) in items.iter_mut().zip(outcomes) {
            item.outcome = item.outcome.take().or(outcome);
        }
    }

    /// Decides every open item in order, each on the state that its predecessors made.
    async fn draft(
        &mut self,
        items: &[Item],
        reads: &mut Reads<'_>,
    ) -> Result<(Draft, Vec<Option<Outcome>>), LogError> {
        let mut draft = Draft::on(&self.cache.head);
        let mut outcomes = Vec::with_capacity(items.len());
        for (n, item) in items.iter().enumerate() {
            let outcome = if item.outcome.is_none() {
                Some(
                    self.decide_one(item, &items[n + 1..], &mut draft, reads)
                        .await?,
                )
            } else {
                None
            };
            outcomes.push(outcome);
        }
        Ok((draft, outcomes))
    }

    /// Decides one command. Where a stream is missing, those that the commands after it miss are loaded with it.
    async fn decide_one(
        &mut self,
        item: &Item,
        rest: &[Item],
        draft: &mut Draft,
        reads: &mut Reads<'_>,
    ) -> Result<Outcome, LogError> {
        let command = item
            .command
            .as_ref()
            .expect("an item without a command has an outcome");
        let now = draft.now(self.clock.now());
        let today = Day::of(now, &self.zone);
        let mut cx = context(item, now, today);
        if let Some(person) = person_of_duty(command) {
            cx.cases = reads.applications_of(person).await?;
            cx.correspondence = correspondence::of(&self.log, person).await?;
        }
        if let Some(expected) = &item.request.expected {
            if !self.cache.holds(&expected.stream) {
                self.cache.load(&expected.stream, reads).await?;
            }
            if let Some(blocked) = moved(expected, self.cache.version(&expected.stream)) {
                return Ok(Outcome::Blocked(Box::new(blocked)));
            }
        }
        let minted = item.minted.to_string();
        for _ in 0..READS_MAX {
            let supersedes = superseded(command, &self.cache);
            let looked_up =
                supersedes.and_then(|entries| Ok((entries, adopted(command, &self.cache)?)));
            let needed = match looked_up {
                Err(needs) => needs.0,
                Ok((entries, place)) => {
                    cx.superseded.clear();
                    for (stream, seq) in entries {
                        let id = self.cache.entry_id(&stream, seq, reads).await?;
                        cx.superseded.extend(id.map(|id| (seq, id)));
                    }
                    if let Some((stream, seq)) = place {
                        let adopted = self.cache.leaf(&stream, seq, reads).await?;
                        (cx.adopted_leaf, cx.adopted_of) = adopted.unzip();
                    }
                    match decide(command, &cx, &self.cache) {
                        Ok(decided) if item.request.dry_run => {
                            return Ok(Outcome::Possible(possible(decided)));
                        }
                        Ok(decided) => {
                            // A stream that is written and was not read must be loaded for its version.
                            let missing = decided
                                .iter()
                                .map(|(s, _)| s)
                                .find(|s| !self.cache.holds(s))
                                .cloned();
                            match missing {
                                Some(stream) => stream,
                                None => {
                                    let origin = self.log.origin().clone();
                                    let policy = policy(command, &cx, &self.cache)
                                        .expect("who decided was let through");
                                    let written = draft.write(
                                        item,
                                        (decided, let_through(item, policy)),
                                        now,
                                        &origin,
                                        &self.entropy,
                                        &mut self.cache,
                                    );
                                    return Ok(
                                        written.map_or_else(Outcome::Invalid, Outcome::Accepted)
                                    );
                                }
                            }
                        }
                        Err(Undecided::Blocked(blocked)) => return Ok(Outcome::Blocked(blocked)),
                        Err(Undecided::Needs(stream)) => stream,
                    }
                }
            };
            if needed.key() == minted && !item.known {
                self.cache.begin(&needed);
            } else {
                self.load(needed, rest, (now, today), reads).await?;
            }
        }
        error!(command = %item.request.type_name, "a decision keeps asking for streams");
        Ok(Outcome::Unavailable(
            "the decision reads too many streams".into(),
        ))
    }

    /// Loads a stream, and with it those that later commands miss.
    async fn load(
        &mut self,
        needed: StreamId,
        rest: &[Item],
        (now, today): (Instant, Day),
        reads: &mut Reads<'_>,
    ) -> Result<(), LogError> {
        let missed = rest
            .iter()
            .filter(|item| item.outcome.is_none())
            .filter_map(|item| {
                let command = item.command.as_ref()?;
                let missing = match adopted(command, &self.cache) {
                    Err(needs) => Some(needs.0),
                    Ok(_) => match decide(command, &context(item, now, today), &self.cache) {
                        Err(Undecided::Needs(stream)) => Some(stream),
                        _ => None,
                    },
                };
                missing.filter(|stream| item.known || stream.key() != item.minted.to_string())
            });
        let mut missed: HashSet<StreamId> = missed.take(TOGETHER_MAX).collect();
        if missed.is_empty() || (missed.len() == 1 && missed.contains(&needed)) {
            return self.cache.load(&needed, reads).await;
        }
        missed.insert(needed.clone());
        let missed: Vec<StreamId> = missed.into_iter().collect();
        self.cache.load_short(&missed, reads).await?;
        if self.cache.holds(&needed) {
            return Ok(());
        }
        self.cache.load(&needed, reads).await
    }

    /// The connection died at commit: with the append lock in hand nobody is still committing, so the log can be asked
    /// what became of the batch.
    async fn recover(&mut self, items: &mut [Item]) -> Result<(), Again> {
        warn!(
            commands = items.len(),
            "the outcome of an append is unknown; asking the log"
        );
        self.doubtful = true;
        for _ in 0..RECOVERIES_MAX {
            match self.ask(items).await {
                Ok(head) => {
                    self.cache.reset(head);
                    self.doubtful = false;
                    if items.iter().all(|item| item.outcome.is_some()) {
                        return Ok(());
                    }
                    // Nothing of the batch is stored: decide it again, once, under the lock.
                    let tried = self.attempt_locked(items).await;
                    if tried.is_err() {
                        self.cache.forget_batch();
                        self.doubtful = true;
                    }
                    return tried;
                }
                Err(error) => {
                    warn!(%error, "the log does not answer");
                    tokio::time::sleep(RECOVERY_PAUSE).await;
                }
            }
        }
        Err(Again::Unknown)
    }

    async fn ask(&mut self, items: &mut [Item]) -> Result<Head, LogError> {
        let mut locked = self.log.lock().await?;
        let head = locked.head().await?;
        let found = locked.commands(&open_ids(items)).await?;
        for item in items.iter_mut().filter(|i| i.outcome.is_none()) {
            if let Some(entries) = found.get(&item.request.id) {
                // It was this very submission that stored them: the sender hears of it for the first time.
                item.outcome = Some(match first_answer(item, entries) {
                    Outcome::Duplicate(stored) => Outcome::Accepted(stored),
                    other => other,
                });
            }
        }
        Ok(head)
    }

    /// Ends what has no outcome yet.
    pub(super) fn fail(&self, items: &mut [Item], again: Again) {
        let outcome = match again {
            Again::Unknown => Outcome::Unknown,
            Again::Head => Outcome::Unavailable("the head of the log keeps moving".into()),
            Again::Failed(text) | Again::Refused(text) | Again::Late(text) => {
                error!(%text, commands = items.len(), "a batch was not stored");
                Outcome::Unavailable(text)
            }
        };
        for item in items.iter_mut().filter(|i| i.outcome.is_none()) {
            item.outcome = Some(outcome.clone());
        }
    }
}

/// What surrounds a command; what it adopts or supersedes is not looked up yet.
fn context(item: &Item, now: Instant, today: Day) -> Context {
    Context {
        now,
        today,
        decided_on: item.request.decidedon.unwrap_or(today),
        effective: item.request.effective,
        actor: item.request.actor.clone(),
        minted: item.minted,
        slots: item.slots.clone(),
        adopted_leaf: None,
        adopted_of: None,
        superseded: Vec::new(),
        findings: findings(&item.request.personal),
        known_as: item.known_as,
        cases: Vec::new(),
        correspondence: None,
    }
}

/// By what a command was let through: the policy of access, where its sender was verified, and the order of his office.
fn let_through(item: &Item, admission: Slug) -> Slug {
    match &item.request.policy {
        None => admission,
        Some(policy) if admission.as_str() == "declared" => policy.clone(),
        Some(policy) => format!("{policy}.{admission}").parse().unwrap_or(admission),
    }
}

/// The ids of the commands that have no outcome yet.
fn open_ids(items: &[Item]) -> Vec<Ref> {
    let open = items.iter().filter(|item| item.outcome.is_none());
    open.map(|item| item.request.id).collect()
}
