//! What callers did and saw, in the order of a clock that all of them share.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What a caller asks of a quota line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// So many places, by command `n`.
    Hold { n: u64, places: u64 },
    /// So many places back, by command `n`.
    Release { n: u64, places: u64 },
    /// What happened in the line so far.
    Read,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Came {
    /// It was done, as the entry of this number in the line's stream.
    Done(u64),
    /// The commands that the line's stream shows, in order.
    Shows(Vec<u64>),
    /// The limit is reached. Nothing was done.
    Full,
    /// Nothing was done, for a reason that says nothing about the line.
    Refused,
    /// Nobody knows.
    Unknown,
}

/// One question, from its beginning to its answer.
#[derive(Debug, Clone)]
pub(crate) struct Op {
    /// Who asked. Whoever heard nothing goes on under another number.
    pub(crate) caller: usize,
    pub(crate) asked: Asked,
    pub(crate) began: Duration,
    pub(crate) ended: Duration,
    pub(crate) came: Came,
}

/// A history that is being made.
pub(crate) struct History {
    start: Instant,
    ops: Mutex<Vec<Op>>,
}

impl History {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            ops: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Keeps what a caller did.
    pub(crate) fn keep(&self, caller: usize, asked: Asked, began: Duration, came: Came) {
        let ended = self.now();
        let op = Op {
            caller,
            asked,
            began,
            ended,
            came,
        };
        let mut ops = self.ops.lock().unwrap_or_else(PoisonError::into_inner);
        ops.push(op);
    }

    pub(crate) fn ops(&self) -> Vec<Op> {
        self.ops
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
