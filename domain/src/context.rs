//! What a decision is given beside the command and the streams: time, days, actor, minted reference, sealed slots.

use qonys_events::{
    digest::Sha256Hex,
    entry::Actor,
    event::Event,
    fact::Fact,
    id::Ref,
    scalar::{Day, Instant, StreamSeq},
    slot::Slot,
    term::{BirthDateFinding, IinFinding},
};

use crate::blocked::{Blocked, Code};

/// The context of one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The instant of the decision.
    pub now: Instant,
    /// The civil date of `now` in the log's zone.
    pub today: Day,
    /// The day on which the decision was adopted: today, or earlier for a paper decision.
    pub decided_on: Day,
    /// The day that the fact is about from; the decision date where the command names none.
    pub effective: Option<Day>,
    /// Who decides.
    pub actor: Actor,
    /// A fresh reference for what the command may record: a person, a dwelling, an application, a proposal.
    pub minted: Ref,
    /// The personal values of the command, sealed at the edge.
    pub slots: Vec<Slot>,
    /// The leaf hash of the entry that the command adopts, looked up in the log; see [`crate::decide::adopted`].
    pub adopted_leaf: Option<Sha256Hex>,
    /// The official who gave the command that wrote that entry.
    pub adopted_of: Option<Ref>,
    /// The entries that the command supersedes, by their places in the stream, with their ids as looked up in the log; see
    /// [`crate::decide::superseded`].
    pub superseded: Vec<(StreamSeq, Ref)>,
    /// What the edge found when it looked at personal values.
    pub findings: Findings,
    /// Whom the vault knows by the number that the command brings, where it brings one.
    pub known_as: Option<Ref>,
    /// Every application of the person whose data are to be destroyed, looked up in the log; see
    /// [`crate::decide::person_of_duty`].
    pub cases: Vec<Ref>,
    /// The document of a journal that seals its sender or addressee under that reference, where nobody is recorded under it;
    /// looked up with the cases.
    pub correspondence: Option<Correspondence>,
}

/// A document of a journal, whose sender or addressee is sealed under a reference of his own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correspondence {
    /// The day on which it was registered.
    pub registered_on: Day,
    /// The application that it belongs to.
    pub application: Option<Ref>,
}

/// What the edge found when it looked at personal values: the domain gets the finding and never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Findings {
    /// About the individual identification number.
    pub iin: IinFinding,
    /// Whether its birth date agrees with that of the document.
    pub birth_date: BirthDateFinding,
}

impl Default for Findings {
    fn default() -> Self {
        Self {
            iin: IinFinding::Absent,
            birth_date: BirthDateFinding::NotCompared,
        }
    }
}

impl Context {
    /// The first day that the fact is about.
    pub fn effective_from(&self) -> Day {
        self.effective.unwrap_or(self.decided_on)
    }

    /// Refuses a decision date after today.
    pub fn check_date(&self) -> Result<(), Blocked> {
        if self.decided_on <= self.today {
            return Ok(());
        }
        Err(Blocked::control(Code::DecisionInFuture)
            .with("decided-on", self.decided_on)
            .with("today", self.today))
    }

    /// An event of this decision, effective from its effective day on.
    pub fn event(&self, fact: Fact) -> Event {
        Event::new(fact)
            .decided_on(self.decided_on)
            .effective(self.effective_from(), None)
    }

    /// An event that records a fact of others: it has a recording date and no effective interval of its own.
    pub fn record(&self, fact: Fact) -> Event {
        Event::new(fact).decided_on(self.decided_on)
    }
}
