//! Points in the recorded history, rounded to command boundaries: nobody ever sees half a command (promise P8).

use qonys_events::scalar::{Instant, Position};

use crate::projection::Recorded;

/// Up to where the log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AsOf {
    /// Up to its end.
    #[default]
    Latest,
    /// Up to this position.
    Position(Position),
    /// Up to this instant.
    Time(Instant),
}

impl AsOf {
    /// Whether an entry at this place is seen, before rounding.
    pub fn sees(self, position: Position, time: Instant) -> bool {
        match self {
            Self::Latest => true,
            Self::Position(last) => position <= last,
            Self::Time(last) => time <= last,
        }
    }
}

/// The last position up to which a position sees only whole commands, from the entry that stands there.
pub fn round_down(position: Position, commandindex: u64, commandcount: u64) -> Position {
    let rest = if commandindex < commandcount {
        commandindex
    } else {
        0
    };
    Position(position.0.saturating_sub(rest))
}

/// Hands on the entries of whole commands up to a point, in memory of one command.
#[derive(Debug)]
pub struct Prefix {
    as_of: AsOf,
    command: Vec<Recorded>,
    ended: bool,
}

impl Prefix {
    /// The entries up to this point.
    pub fn new(as_of: AsOf) -> Self {
        Self {
            as_of,
            command: Vec::new(),
            ended: false,
        }
    }

    /// Takes the next entry of the log, and gives the entries of a command when this one ends it within the point.
    pub fn push(&mut self, entry: Recorded) -> Vec<Recorded> {
        self.ended = self.ended || !self.as_of.sees(entry.position(), entry.time());
        if self.ended {
            self.command.clear();
            return Vec::new();
        }
        let ends = entry.ends_command();
        self.command.push(entry);
        if ends {
            std::mem::take(&mut self.command)
        } else {
            Vec::new()
        }
    }

    /// Whether the point is passed: no later entry gives anything.
    pub fn ended(&self) -> bool {
        self.ended
    }
}
