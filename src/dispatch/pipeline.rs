//! The way of commands through one process. While one append is on its way to disk, the commands that arrive are prepared
//! and decided on the state that it will leave, and gather for the next append; there is no timer. What is told from
//! state that is not durable yet waits for it, and is decided again if it fails.

use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

use qonys_events::{crash::CrashPoint, fault::Fault, id::Ref, scalar::Position};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tracing::{trace, warn};

use super::{
    Job, Look, Outcome,
    batch::{Draft, Item},
    decider::{Again, Decider},
    identity::index_again,
};
use crate::log::{FirstAnswers, Head, Log, LogError};

/// Commands that one append may gather.
const BATCH_COMMANDS_MAX: usize = 512;
/// Commands that are prepared and decided at a time while an append is on its way.
const CHUNK_MAX: usize = 256;
/// Batches that are decided under the append lock after another process won: as long as others append too, a head that is
/// believed is a head that has moved.
const CONTENDED: u32 = 16;
/// Batches whose commands are looked up before they are decided, after one that held a command which was stored already:
/// who sends one again sends more.
const WARY: u32 = 64;

/// A batch that has been decided and is on its way to disk. It is answered by its own task, as soon as it is stored.
struct UnderWay {
    ids: HashSet<Ref>,
    /// The head that the log must have.
    before: Head,
    /// Gives the commands that were blocked and may be stored already, where one of them is.
    task: JoinHandle<Result<Vec<Item>, Fell>>,
}

/// A batch that did not get there.
struct Fell {
    again: Again,
    items: Vec<Item>,
}

/// Commands that are decided on the state that the batch under way will leave.
#[derive(Default)]
struct Pending {
    items: Vec<Item>,
    outcomes: Vec<Option<Outcome>>,
    draft: Option<Draft>,
}

impl Pending {
    /// A planted fault: who was blocked is told at once.
    fn tell_blocked(&mut self) {
        let items = std::mem::take(&mut self.items);
        let decided = std::mem::take(&mut self.outcomes);
        for (mut item, outcome) in items.into_iter().zip(decided) {
            if matches!(outcome, Some(Outcome::Blocked(_))) {
                item.outcome = outcome;
                item.answer();
            } else {
                self.items.push(item);
                self.outcomes.push(outcome);
            }
        }
    }
}

/// Everything between the queue and the log.
pub(super) struct Pipeline {
    decider: Decider,
    queue: mpsc::Receiver<Job>,
    asked: mpsc::Receiver<Look>,
    committed: watch::Sender<Position>,
    under_way: Option<UnderWay>,
    pending: Pending,
    /// Commands whose id is on its way already: their turn comes when that is settled.
    later: Vec<Job>,
    /// Batches that are still decided under the lock.
    contended: u32,
    /// Batches whose commands are still looked up first.
    wary: u32,
    /// Nobody can send commands any more.
    closed: bool,
}

enum Next {
    Jobs,
    Landed(Result<Vec<Item>, Fell>),
    Asked(Look),
    Closed,
}

impl Pipeline {
    pub(super) fn new(
        decider: Decider,
        queue: mpsc::Receiver<Job>,
        asked: mpsc::Receiver<Look>,
    ) -> Self {
        let committed = watch::Sender::new(decider.cache.head.position);
        Self {
            decider,
            queue,
            asked,
            committed,
            under_way: None,
            pending: Pending::default(),
            later: Vec::new(),
            contended: 0,
            wary: 0,
            closed: false,
        }
    }

    /// How far the log is known to have grown.
    pub(super) fn committed(&self) -> watch::Receiver<Position> {
        self.committed.subscribe()
    }

    /// Runs until nobody can send commands any more and all are answered.
    pub(super) async fn run(mut self) {
        let mut arrived = Vec::with_capacity(CHUNK_MAX);
        loop {
            if self.under_way.is_none() {
                self.launch();
            }
            if self.under_way.is_none() && !self.later.is_empty() {
                let later = std::mem::take(&mut self.later);
                self.take(later).await;
                continue;
            }
            if self.closed && self.under_way.is_none() {
                return;
            }
            match self.next(&mut arrived).await {
                Next::Jobs => {
                    let jobs = std::mem::take(&mut arrived);
                    self.take(jobs).await;
                }
                Next::Landed(landed) => self.landed(landed).await,
                Next::Asked(look) => {
                    let live = self.decider.cache.peek(&look.stream);
                    // Whoever asked and went away needs no answer.
                    drop(look.reply.send(live));
                }
                Next::Closed => self.closed = true,
            }
        }
    }

    /// What happens next: commands come, the batch under way lands, somebody asks, or it is over.
    async fn next(&mut self, arrived: &mut Vec<Job>) -> Next {
        let room = BATCH_COMMANDS_MAX.saturating_sub(self.pending.items.len());
        let flying = self.under_way.is_some();
        let landed = async {
            match &mut self.under_way {
                Some(flight) => (&mut flight.task).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            landed = landed => Next::Landed(landed.unwrap_or_else(|error| {
                std::panic::resume_unwind(error.into_panic())
            })),
            // A question about what is decided waits until it is durable.
            Some(look) = self.asked.recv(), if !flying => Next::Asked(look),
            received = self.queue.recv_many(arrived, room.min(CHUNK_MAX)), if room > 0 && !self.closed => match received {
                0 => Next::Closed,
                _ => Next::Jobs,
            },
        }
    }

    /// Takes commands in: decides them on what is pending, or by themselves while others append too.
    async fn take(&mut self, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        let mut items = Vec::with_capacity(jobs.len());
        let mut seen: HashSet<Ref> = self.pending.items.iter().map(|i| i.request.id).collect();
        if let Some(flight) = &self.under_way {
            seen.extend(&flight.ids);
        }
        let mut places: HashMap<Ref, usize> = HashMap::new();
        for job in jobs {
            let id = job.request.id;
            let same = places.get(&id).map(|n| &mut items[*n]);
            match same.filter(|item: &&mut Item| item.request == job.request) {
                Some(item) => item.follow(job),
                None if seen.insert(id) => {
                    places.insert(id, items.len());
                    items.push(Item::of(job));
                }
                None => self.later.push(job),
            }
        }
        // What destroys is decided by itself: nothing is on its way, and nothing is appended in between.
        let alone = |item: &Item| item.request.destroys() && !item.request.dry_run;
        while let Some(place) = items.iter().position(alone) {
            let rest = items.split_off(place + 1);
            let last = items.split_off(place);
            self.decide_together(items).await;
            self.land_all().await;
            self.destroy(last).await;
            items = rest;
        }
        self.decide_together(items).await;
    }

    /// Decides what destroys a person's data under the append lock, and carries it out before the answer.
    async fn destroy(&mut self, mut items: Vec<Item>) {
        if self.decider.alone(&mut items).await {
            self.contended = CONTENDED;
        }
        for item in &items {
            self.decider.carry_out(item).await;
        }
        self.answer(items);
    }

    /// Decides commands on what is pending, or by themselves while others append too.
    async fn decide_together(&mut self, mut items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        if self.contended > 0 || self.decider.doubtful {
            self.land_all().await;
            self.contended = self.contended.saturating_sub(1);
            let foreign = self.decider.alone(&mut items).await;
            if foreign {
                self.contended = CONTENDED;
            }
            return self.answer(items);
        }
        let began = Instant::now();
        // The append knows the commands of this incarnation only.
        let look_up = self.wary > 0 || !self.decider.log.kept().is_empty();
        self.wary = self.wary.saturating_sub(1);
        if let Err(again) = self.decider.prepare(&mut items, look_up).await {
            self.decider.fail(&mut items, again);
            return self.answer(items);
        }
        let (prepared, commands) = (began.elapsed(), items.len());
        let head = &self.decider.cache.head;
        let draft = self.pending.draft.get_or_insert_with(|| Draft::on(head));
        for (n, item) in items.iter().enumerate() {
            let rest = &items[n + 1..];
            let outcome = match &item.outcome {
                None => Some(self.decider.decide_pending(item, rest, draft).await),
                Some(_) => None,
            };
            self.pending.outcomes.push(outcome);
        }
        self.pending.items.extend(items);
        if Fault::BlockedEarly.planted() {
            self.pending.tell_blocked();
        }
        let decided = (began.elapsed() - prepared).as_micros();
        let prepared = prepared.as_micros();
        trace!(commands, prepared, decided, "decided, in microseconds");
    }

    /// Sends what is pending on its way to disk.
    fn launch(&mut self) {
        let Pending {
            items,
            outcomes,
            draft: Some(draft),
        } = std::mem::take(&mut self.pending)
        else {
            return;
        };
        let before = self.decider.cache.launch(draft.head_after());
        let log = self.decider.log.clone();
        let vault = self.decider.vault.clone();
        let committed = self.committed.clone();
        let expected = before.position;
        self.under_way = Some(UnderWay {
            ids: items.iter().map(|item| item.request.id).collect(),
            before,
            task: tokio::spawn(async move {
                // What blocks a command may be that it is stored already: the log is asked before it is told.
                let asked: Vec<Ref> = items
                    .iter()
                    .zip(&outcomes)
                    .filter(|(item, decided)| {
                        may_be_stored(item.outcome.as_ref().or(decided.as_ref()))
                    })
                    .map(|(item, _)| item.request.id)
                    .collect();
                let (appended, found) = tokio::join!(
                    append(&log, expected, &draft, &outcomes),
                    stored(&log, &asked)
                );
                if let Err(again) = appended {
                    return Err(Fell { again, items });
                }
                CrashPoint::CommitAnswer.reach();
                tell(&committed, draft.head_after().position);
                // Where one of them is, others may refer to it, with another subject than was thought.
                let doubtful = found.as_ref().is_ok_and(|found| !found.is_empty());
                let mut again = Vec::new();
                for (mut item, decided) in items.into_iter().zip(outcomes) {
                    let outcome = item.outcome.take().or(decided);
                    let in_doubt = may_be_stored(outcome.as_ref());
                    match &found {
                        Ok(_) if doubtful && in_doubt => again.push(item),
                        // What is stored is stored; only what would have to be asked first cannot be told.
                        Err(error) if in_doubt => {
                            item.outcome = Some(Outcome::Unavailable(error.to_string()));
                            item.answer();
                        }
                        _ => {
                            item.outcome = outcome;
                            index_again(&log, vault.as_ref(), std::slice::from_ref(&item));
                            item.answer();
                        }
                    }
                }
                Ok(again)
            }),
        });
    }

    /// The batch under way is stored and answered, or it fell, and with it everything that was decided since.
    async fn landed(&mut self, landed: Result<Vec<Item>, Fell>) {
        let Some(flight) = self.under_way.take() else {
            return;
        };
        let Fell { again, mut items } = match landed {
            Ok(stored) => {
                self.decider.cache.landed(flight.ids);
                return self.look_up(stored).await;
            }
            Err(fell) => fell,
        };
        let mut void = std::mem::take(&mut self.pending).items;
        self.decider.cache.forget(flight.before);
        match again {
            Again::Head => self.contended = CONTENDED,
            Again::Refused(_) => self.wary = WARY,
            Again::Late(_) | Again::Failed(_) | Again::Unknown => {}
        }
        self.decider.again(&mut items, again).await;
        self.answer(items);
        if !void.is_empty() {
            // They are prepared and sealed already; only the decision is taken again.
            self.decider.again(&mut void, Again::Head).await;
            self.answer(void);
        }
    }

    /// Commands that were blocked, one of which at least is stored already: they are looked up and decided by themselves,
    /// after everything that was decided before them.
    async fn look_up(&mut self, mut items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        self.wary = WARY;
        Box::pin(self.land_all()).await;
        self.decider.again(&mut items, Again::Head).await;
        self.answer(items);
    }

    /// Waits until nothing is on its way and nothing is pending.
    async fn land_all(&mut self) {
        loop {
            if self.under_way.is_none() {
                self.launch();
            }
            let Some(flight) = &mut self.under_way else {
                return;
            };
            let landed = (&mut flight.task).await;
            let landed =
                landed.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
            self.landed(landed).await;
        }
    }

    fn answer(&mut self, items: Vec<Item>) {
        index_again(&self.decider.log, self.decider.vault.as_ref(), &items);
        tell(&self.committed, self.decider.cache.head.position);
        items.into_iter().for_each(Item::answer);
    }
}

/// Tells that the log has grown.
fn tell(committed: &watch::Sender<Position>, head: Position) {
    committed.send_if_modified(|known| {
        let grown = *known < head;
        *known = head.max(*known);
        grown
    });
}

/// Appends a batch. Where nothing is written, what blocks is only true while the head is the one that was believed.
async fn append(
    log: &Log,
    expected: Position,
    draft: &Draft,
    outcomes: &[Option<Outcome>],
) -> Result<(), Again> {
    if !draft.batch.entries.is_empty() {
        let began = Instant::now();
        if let Some((first, rest)) = draft.cut() {
            log.append(expected, &first).await?;
            log.append(Position(expected.0 + first.entries.len() as u64), &rest)
                .await?;
            return Ok(());
        }
        log.append(expected, &draft.batch).await?;
        let (entries, micros) = (draft.batch.entries.len(), began.elapsed().as_micros());
        trace!(entries, micros, "appended");
        return Ok(());
    }
    if outcomes.iter().flatten().next().is_some() && log.head().await?.position != expected {
        warn!("another process appended while commands were blocked; they are decided again");
        return Err(Again::Head);
    }
    Ok(())
}

/// Whether an outcome may be told although the command is stored already. What was accepted is not: the log refuses a
/// command that it holds.
fn may_be_stored(outcome: Option<&Outcome>) -> bool {
    matches!(
        outcome,
        Some(Outcome::Blocked(_) | Outcome::Invalid(_) | Outcome::Possible(_))
    )
}

/// The entries of those commands that the log holds.
async fn stored(log: &Log, asked: &[Ref]) -> Result<FirstAnswers, LogError> {
    if asked.is_empty() {
        return Ok(FirstAnswers::new());
    }
    log.commands(asked).await
}
