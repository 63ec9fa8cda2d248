//! How one process reaches the disk: over a connection that loses, delays and breaks, and that ends with the process.
//! What was sent before goes on at the server.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::FutureExt as _;
use qonys::log::{
    Batch, FirstAnswers, Head, LogError, Recorded, SealedSlot,
    store::{Given, Held, Store},
};
use qonys_events::{
    id::{Origin, Ref, StreamId},
    scalar::{Position, Slug, StreamSeq, Text},
    term::ClockKind,
};
use tokio::{
    sync::{OwnedMutexGuard, mpsc, oneshot},
    time::{sleep, timeout},
};

use super::world::{Life, World};

/// How long an append waits for the lock, as on PostgreSQL.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a holder may be silent, as on PostgreSQL.
const SILENCE: Duration = Duration::from_secs(5);
/// How long a late append is late.
const LATE: u32 = 8_000;

/// The log's store as one process sees it.
#[derive(Clone)]
pub(crate) struct ModelStore {
    pub(crate) world: Arc<World>,
    pub(crate) life: Life,
    /// Connections in doubt at the server. Whoever takes the lock ends them first, as on PostgreSQL.
    pub(crate) in_doubt: Arc<Mutex<Vec<Arc<AtomicBool>>>>,
}

fn unavailable(why: &str) -> LogError {
    LogError::Unavailable(why.to_owned())
}

impl ModelStore {
    /// A question and its answer.
    async fn ask<T>(&self, look: impl FnOnce(&super::disk::Disk) -> T) -> Result<T, LogError> {
        self.life.travel(&self.world.dice, 3).await;
        if self.world.dice.happens(self.world.rates().read_fails) {
            return Err(unavailable("the connection broke"));
        }
        let seen = look(&self.world.disk());
        self.life.travel(&self.world.dice, 3).await;
        Ok(seen)
    }
}

/// The lock at the server, on behalf of a client.
type Lock = OwnedMutexGuard<()>;

/// The server's side of an append: it goes on whatever becomes of the client.
async fn commit(
    world: &World,
    lock: Lock,
    expected: Position,
    batch: &Batch,
) -> Result<(), LogError> {
    let slow = world.dice.happens(world.rates().slow_disk);
    sleep(world.dice.within(if slow { 3_000 } else { 4 })).await;
    let done = world.disk().append(expected, batch);
    drop(lock);
    done
}

impl Store for ModelStore {
    fn origin(&self) -> &Origin {
        &self.world.origin
    }

    fn zone(&self) -> &Text {
        &self.world.zone
    }

    fn clock_kind(&self) -> ClockKind {
        ClockKind::Simulated
    }

    fn head(&self) -> Given<'_, Head> {
        self.ask(|disk| disk.head()).boxed()
    }

    fn head_at(&self, position: Position) -> Given<'_, Head> {
        self.ask(move |disk| {
            let heads = disk.heads.iter();
            let at = heads.take_while(|head| head.position <= position).last();
            at.cloned().unwrap_or_default()
        })
        .boxed()
    }

    fn append<'a>(&'a self, expected: Position, batch: &'a Batch) -> Given<'a, ()> {
        async move {
            self.life.travel(&self.world.dice, 3).await;
            let rates = self.world.rates();
            let unknown = |why: &str| Err(LogError::OutcomeUnknown(why.to_owned()));
            if self.world.dice.happens(rates.append_lost) {
                self.life.travel(&self.world.dice, 50).await;
                return unknown("it never arrived");
            }
            let late = self.world.dice.happens(rates.append_late);
            let unheard = late || self.world.dice.happens(rates.append_unheard);
            let (world, batch) = (Arc::clone(&self.world), batch.clone());
            let (told, heard) = oneshot::channel();
            let ended = Arc::new(AtomicBool::new(false));
            if unheard {
                let mut in_doubt = self.in_doubt.lock().unwrap_or_else(PoisonError::into_inner);
                in_doubt.push(Arc::clone(&ended));
            }
            tokio::spawn(async move {
                if late {
                    sleep(world.dice.within(LATE)).await;
                }
                let lock = timeout(LOCK_TIMEOUT, Arc::clone(&world.lock).lock_owned()).await;
                let done = match lock {
                    Ok(_) if ended.load(Ordering::SeqCst) => Err(unavailable("it was ended")),
                    Ok(lock) => commit(&world, lock, expected, &batch).await,
                    Err(_) => Err(unavailable("the lock was not free in time")),
                };
                drop(told.send(done));
            });
            if unheard {
                self.life.travel(&self.world.dice, 20).await;
                return unknown("the connection broke");
            }
            let done = self.life.wait(heard).await.expect("the server lives");
            self.life.travel(&self.world.dice, 3).await;
            done
        }
        .boxed()
    }

    fn lock(&self) -> Given<'_, Box<dyn Held>> {
        async move {
            self.life.travel(&self.world.dice, 3).await;
            if self.world.dice.happens(self.world.rates().read_fails) {
                return Err(unavailable("no connection"));
            }
            let in_doubt =
                std::mem::take(&mut *self.in_doubt.lock().unwrap_or_else(PoisonError::into_inner));
            for connection in in_doubt {
                connection.store(true, Ordering::SeqCst);
            }
            let (told, heard) = oneshot::channel();
            let (calls, asked) = mpsc::channel(1);
            tokio::spawn(hold(
                Arc::clone(&self.world),
                self.life.clone(),
                told,
                asked,
            ));
            self.life
                .wait(heard)
                .await
                .map_err(|_| unavailable("the lock was not free in time"))?;
            Ok(Box::new(ModelHeld {
                store: self.clone(),
                calls,
            }) as Box<dyn Held>)
        }
        .boxed()
    }

    fn read_after(&self, after: Position, limit: u32) -> Given<'_, Vec<Recorded>> {
        self.ask(move |disk| disk.after(after, limit)).boxed()
    }

    fn read_texts(&self, after: Position, limit: u32) -> Given<'_, Vec<String>> {
        self.ask(move |disk| {
            let read = disk.after(after, limit).into_iter();
            read.map(|recorded| recorded.text).collect()
        })
        .boxed()
    }

    fn stream_end<'a>(&'a self, stream: &'a StreamId) -> Given<'a, StreamSeq> {
        self.ask(move |disk| StreamSeq(disk.stream(stream, StreamSeq(0), u32::MAX).len() as u64))
            .boxed()
    }

    fn applications_of(&self, person: Ref) -> Given<'_, Vec<Ref>> {
        self.ask(move |disk| disk.applications_of(person)).boxed()
    }

    fn destructions(&self) -> Given<'_, Vec<Recorded>> {
        // Nobody destroys anything here.
        async { Ok(Vec::new()) }.boxed()
    }

    fn destroy_sealed<'a>(&'a self, _subjects: &'a [Ref]) -> Given<'a, u64> {
        // Nothing is sealed here.
        async { Ok(0) }.boxed()
    }

    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Given<'a, Vec<Recorded>> {
        self.ask(move |disk| disk.stream(stream, after, limit))
            .boxed()
    }

    fn read_streams<'a>(&'a self, streams: &'a [StreamId], limit: u32) -> Given<'a, Vec<Recorded>> {
        self.ask(move |disk| disk.streams(streams, limit)).boxed()
    }

    fn entry(&self, id: Ref) -> Given<'_, Option<Recorded>> {
        let stated = format!(r#""id":"{id}""#);
        self.ask(move |disk| {
            let mut entries = disk.entries.iter();
            entries.find(|entry| entry.text.contains(&stated)).cloned()
        })
        .boxed()
    }

    fn commands<'a>(&'a self, ids: &'a [Ref]) -> Given<'a, FirstAnswers> {
        self.ask(move |disk| disk.commands(ids)).boxed()
    }

    fn sealed<'a>(
        &'a self,
        _commandid: Ref,
        _name: &'a Slug,
        _subject: Ref,
    ) -> Given<'a, Option<SealedSlot>> {
        async { Ok(None) }.boxed()
    }
}

/// What a client with the lock asks of the server.
enum Call {
    /// It is alive and reads.
    Reads,
    /// It appends, and commits.
    Appends(Position, Box<Batch>, oneshot::Sender<Result<(), LogError>>),
}

/// The server's side of a transaction that holds the lock: it ends with the client, with its silence, with its commit.
async fn hold(
    world: Arc<World>,
    life: Life,
    told: oneshot::Sender<()>,
    mut asked: mpsc::Receiver<Call>,
) {
    let waiting = timeout(LOCK_TIMEOUT, Arc::clone(&world.lock).lock_owned()).await;
    let Ok(lock) = waiting else {
        return;
    };
    if told.send(()).is_err() {
        return;
    }
    loop {
        let call = tokio::select! {
            biased;
            call = asked.recv() => call,
            () = life.ended() => None,
            () = sleep(SILENCE) => None,
        };
        match call {
            Some(Call::Reads) => {}
            Some(Call::Appends(expected, batch, told)) => {
                drop(told.send(commit(&world, lock, expected, &batch).await));
                return;
            }
            None => return,
        }
    }
}

struct ModelHeld {
    store: ModelStore,
    calls: mpsc::Sender<Call>,
}

impl ModelHeld {
    async fn ask<T>(&self, look: impl FnOnce(&super::disk::Disk) -> T) -> Result<T, LogError> {
        let asked = self.calls.send(Call::Reads).await;
        asked.map_err(|_| unavailable("the server ended the transaction"))?;
        self.store.ask(look).await
    }
}

impl Held for ModelHeld {
    fn head(&mut self) -> Given<'_, Head> {
        self.ask(|disk| disk.head()).boxed()
    }

    fn read_after(&mut self, after: Position, limit: u32) -> Given<'_, Vec<Recorded>> {
        self.ask(move |disk| disk.after(after, limit)).boxed()
    }

    fn applications_of(&mut self, person: Ref) -> Given<'_, Vec<Ref>> {
        self.ask(move |disk| disk.applications_of(person)).boxed()
    }

    fn read_stream<'a>(
        &'a mut self,
        stream: &'a StreamId,
        after: StreamSeq,
        limit: u32,
    ) -> Given<'a, Vec<Recorded>> {
        self.ask(move |disk| disk.stream(stream, after, limit))
            .boxed()
    }

    fn read_streams<'a>(
        &'a mut self,
        streams: &'a [StreamId],
        limit: u32,
    ) -> Given<'a, Vec<Recorded>> {
        self.ask(move |disk| disk.streams(streams, limit)).boxed()
    }

    fn commands<'a>(&'a mut self, ids: &'a [Ref]) -> Given<'a, FirstAnswers> {
        self.ask(move |disk| disk.commands(ids)).boxed()
    }

    fn append<'a>(self: Box<Self>, expected: Position, batch: &'a Batch) -> Given<'a, ()> {
        async move {
            let store = &self.store;
            store.life.travel(&store.world.dice, 3).await;
            let rates = store.world.rates();
            // Before the commit is sent nothing is stored; after it nobody knows.
            if store.world.dice.happens(rates.append_lost) {
                return Err(unavailable("the connection broke before the commit"));
            }
            let (told, heard) = oneshot::channel();
            let call = Call::Appends(expected, Box::new(batch.clone()), told);
            let sent = self.calls.send(call).await;
            sent.map_err(|_| unavailable("the server ended the transaction"))?;
            if store.world.dice.happens(rates.append_unheard) {
                store.life.travel(&store.world.dice, 20).await;
                return Err(LogError::OutcomeUnknown("the connection broke".into()));
            }
            let done = store.life.wait(heard).await;
            done.unwrap_or_else(|_| Err(unavailable("the server ended the transaction")))
        }
        .boxed()
    }
}
