//! The duties about a person's data (personal data law): they are blocked and unblocked on request, each within one working
//! day, and destroyed ([`crate::destruction`]). The log keeps what was decided, when and by whom; what identifies the person
//! goes with its keys.

use qonys_events::{
    citation::{Citation, Facts},
    event::Event,
    fact::{
        Fact,
        personal::{DataBlocked, DataUnblocked},
    },
    id::Ref,
    scalar::Day,
};
use serde::{Deserialize, Serialize};

use super::{Person, recorded, stream};
use crate::{
    blocked::{Blocked, Code},
    command::{BlockPersonalData, UnblockPersonalData},
    context::Context,
    decide::{Decided, Undecided},
    destruction::Proposed,
    streams::Known,
};

/// Where the data of a person stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DataState {
    /// Whoever may see them is shown them.
    #[default]
    Open,
    /// Nobody is shown them.
    Blocked,
    /// They are gone.
    Destroyed,
}

impl Person {
    /// Where the person's data stand.
    pub fn data(&self) -> DataState {
        self.data
    }

    /// The proposal to destroy them that stands.
    pub(crate) fn proposed(&self) -> Option<Proposed> {
        self.proposed
    }

    /// Applies what was decided about the data, and notes the last day that an event is about.
    pub(super) fn apply_data(&mut self, event: &Event) {
        match &event.fact {
            Fact::DataDestroyed(_) => (self.data, self.proposed) = (DataState::Destroyed, None),
            // That their destruction is proposed keeps the data no longer.
            Fact::DestructionProposed(fact) => {
                self.proposed = Some(Proposed::of(fact, event, self.seq));
            }
            Fact::DataBlocked(_) => self.data = DataState::Blocked,
            Fact::DataUnblocked(_) => self.data = DataState::Open,
            _ => self.touched_by(event),
        }
    }

    fn touched_by(&mut self, event: &Event) {
        for day in [event.decidedon, event.effectivefrom].into_iter().flatten() {
            self.last_on = Some(self.last_on.map_or(day, |last| last.max(day)));
        }
    }

    /// Since when nothing about the person goes on any more; `None` while he is registered, stays or has a status.
    pub(crate) fn at_rest_since(&self, on: Day) -> Option<Day> {
        let spells = self.residences.iter().chain(&self.stays);
        let days = spells
            .map(|spell| spell.days)
            .chain(self.kandas.iter().copied())
            .filter(|days| !days.is_empty());
        let ends = days.map(|days| match (days.until, self.died_on) {
            (until, Some(died)) => Some(until.map_or(died, |until| until.min(died))),
            (until, None) => until,
        });
        let mut last = self.last_on.unwrap_or(on);
        for end in ends {
            let end = end.filter(|end| *end <= on)?;
            last = last.max(end);
        }
        Some(last)
    }
}

/// Blocks while the person's data are blocked: blocking stops changes and destruction too.
pub(crate) fn unblocked(person: &Person, id: Ref) -> Result<(), Blocked> {
    if person.data == DataState::Blocked {
        return Err(Blocked::control(Code::DataBlocked).with("person", id));
    }
    Ok(())
}

/// What a duty within one working day says of itself: its last day, whether it is late, what was read, and the act.
pub(crate) struct Due {
    pub(crate) in_time_until: Day,
    pub(crate) late: bool,
    pub(crate) facts: Facts,
    pub(crate) citation: Citation,
}

pub(crate) fn due(requested_on: Day, cx: &Context, known: &Known<'_>) -> Result<Due, Undecided> {
    if cx.decided_on < requested_on {
        return Err(Blocked::control(Code::BeforeItsCause)
            .with("requested-on", requested_on)
            .into());
    }
    let law = known.law()?;
    let term = law.norm("personal-data.working-days", cx.decided_on)?;
    let in_time_until = law.term_end(requested_on, term.value)?;
    let facts = Facts::new()
        .with("act-certainty", term.citation.certainty)
        .with("requested-on", requested_on)
        .with("working-days", term.value);
    Ok(Due {
        in_time_until,
        late: cx.decided_on > in_time_until,
        facts,
        citation: term.citation,
    })
}

/// Blocks a person's data: nobody is shown them until they are unblocked.
pub fn block(c: &BlockPersonalData, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let person = recorded(known, c.person)?;
    if person.data == DataState::Blocked {
        return Err(no_change(c.person, "blocked").into());
    }
    let due = due(c.requested_on, cx, known)?;
    let fact = DataBlocked {
        person: c.person,
        reason: c.reason,
        document: c.document,
        requested_on: c.requested_on,
        in_time_until: due.in_time_until,
        late: due.late,
        facts: due.facts.with("state", "open"),
    };
    let event = cx.event(Fact::DataBlocked(fact)).citing(due.citation);
    Ok(vec![(stream(c.person), event)])
}

/// Unblocks them.
pub fn unblock(
    c: &UnblockPersonalData,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let person = recorded(known, c.person)?;
    if person.data == DataState::Open {
        return Err(no_change(c.person, "open").into());
    }
    let due = due(c.requested_on, cx, known)?;
    let fact = DataUnblocked {
        person: c.person,
        document: c.document,
        requested_on: c.requested_on,
        in_time_until: due.in_time_until,
        late: due.late,
        facts: due.facts.with("state", "blocked"),
    };
    let event = cx.event(Fact::DataUnblocked(fact)).citing(due.citation);
    Ok(vec![(stream(c.person), event)])
}

fn no_change(person: Ref, state: &str) -> Blocked {
    Blocked::control(Code::NoChange)
        .with("person", person)
        .with("state", state)
}
