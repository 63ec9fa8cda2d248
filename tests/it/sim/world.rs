//! What the processes of a simulated city share, and how one of them lives, stands still and dies.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use qonys_events::{
    id::Origin,
    scalar::{Position, Text},
};
use qonys_projections::memory::MemorySink;
use tokio::{sync::Notify, time::sleep};

use super::{
    dice::{Dice, Rates},
    disk::Disk,
    wire::Stream,
};

/// What survives every crash, and the dice.
pub(crate) struct World {
    pub(crate) dice: Dice,
    rates: Rates,
    /// Nothing goes wrong any more: everything must come right now.
    calm: AtomicBool,
    pub(crate) origin: Origin,
    pub(crate) zone: Text,
    disk: Mutex<Disk>,
    /// The append lock at the server; whoever waits gets it in order.
    pub(crate) lock: Arc<tokio::sync::Mutex<()>>,
    stream: Mutex<Stream>,
    pub(crate) rows: Arc<MemorySink>,
    /// What was found wrong: which check, and how.
    faults: Mutex<Vec<(&'static str, String)>>,
}

impl World {
    pub(crate) fn new(seed: u64, disk: Disk) -> Arc<Self> {
        let dice = Dice::new(seed);
        Arc::new(Self {
            rates: dice.rates(),
            dice,
            calm: AtomicBool::new(false),
            origin: "qonys/almaty/test/1".parse().expect("an origin"),
            zone: "Asia/Almaty".parse().expect("a zone"),
            disk: Mutex::new(disk),
            lock: Arc::default(),
            stream: Mutex::default(),
            rows: Arc::default(),
            faults: Mutex::default(),
        })
    }

    pub(crate) fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stream(&self) -> MutexGuard<'_, Stream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often things go wrong now.
    pub(crate) fn rates(&self) -> Rates {
        if self.calm.load(Ordering::SeqCst) {
            Rates::CALM
        } else {
            self.rates
        }
    }

    /// From now on nothing goes wrong.
    pub(crate) fn calm_down(&self) {
        self.calm.store(true, Ordering::SeqCst);
    }

    /// Whether the entry at a position is the last of its command.
    pub(crate) fn ends_command(&self, position: Position) -> bool {
        let disk = self.disk();
        let at = position.0 as usize;
        at == 0 || at > disk.commands.len() || disk.commands.get(at) != Some(&disk.commands[at - 1])
    }

    /// Something is wrong that must never be.
    pub(crate) fn fault(&self, check: &'static str, why: String) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.push((check, why));
    }

    /// What was found wrong so far.
    pub(crate) fn faults(&self) -> Vec<(&'static str, String)> {
        self.faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// How a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Lives,
    /// It stands still (SIGSTOP), and notices nothing of it.
    Stands,
    Dead,
}

/// The life of one process. What it awaits never comes once it is dead. (Not a `watch`: that one wakes whoever waits in an
/// order of chance, and a seed must tell the same story twice.)
#[derive(Clone)]
pub(crate) struct Life(Arc<(Mutex<State>, Notify)>);

impl Life {
    pub(crate) fn begin() -> Self {
        Self(Arc::new((Mutex::new(State::Lives), Notify::new())))
    }

    fn now(&self) -> State {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It stands still, goes on or dies. Nothing comes after death.
    pub(crate) fn becomes(&self, next: State) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *state != State::Dead {
            *state = next;
        }
        drop(state);
        self.0.1.notify_waiters();
    }

    /// Waits until it is in this state; for ever, if it dies before.
    async fn until(&self, wanted: State) {
        loop {
            let mut changed = pin!(self.0.1.notified());
            changed.as_mut().enable();
            if self.now() == wanted {
                return;
            }
            changed.await;
        }
    }

    /// Goes on while the process lives; waits while it stands still; never comes back once it is dead.
    pub(crate) async fn check(&self) {
        self.until(State::Lives).await;
    }

    /// Something takes at most so many milliseconds.
    pub(crate) async fn travel(&self, dice: &Dice, millis: u32) {
        sleep(dice.within(millis)).await;
        self.check().await;
    }

    /// Waits for something while the process lives.
    pub(crate) async fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        let done = what.await;
        self.check().await;
        done
    }

    /// Ends with the process.
    pub(crate) async fn ended(&self) {
        self.until(State::Dead).await;
    }
}
