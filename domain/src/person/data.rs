//! The duties about a person's data (personal data law): they are destroyed on a ground of the law while no duty to keep them
//! is live, and blocked and unblocked on request, each within one working day. The log keeps what was decided, when and by
//! whom; what identifies the person goes with its keys.

use qonys_events::{
    citation::{Citation, Facts},
    event::Event,
    fact::{
        Fact,
        personal::{DataBlocked, DataDestroyed, DataUnblocked},
    },
    id::Ref,
    scalar::Day,
    term::Category,
};
use serde::{Deserialize, Serialize};

use super::{Person, recorded, stream};
use crate::{
    application::Application,
    blocked::{Blocked, Code},
    command::{BlockPersonalData, DestroyPersonalData, UnblockPersonalData},
    context::Context,
    decide::{Decided, Undecided},
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

    /// Applies what was decided about the data, and notes the last day that an event is about.
    pub(super) fn apply_data(&mut self, event: &Event) {
        match &event.fact {
            Fact::DataDestroyed(_) => self.data = DataState::Destroyed,
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
    fn at_rest_since(&self, on: Day) -> Option<Day> {
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
struct Due {
    in_time_until: Day,
    late: bool,
    facts: Facts,
    citation: Citation,
}

fn due(requested_on: Day, cx: &Context, known: &Known<'_>) -> Result<Due, Undecided> {
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

/// A duty to keep that is live, by the norm where one says so.
fn duty(name: &str, by: Option<&Citation>, facts: &Facts) -> Blocked {
    let blocked = match by {
        Some(citation) => Blocked::law(Code::DutyToKeep, citation),
        None => Blocked::control(Code::DutyToKeep),
    };
    blocked.with("duty", name).having_read(facts)
}

/// Orders the destruction of a person's data on a ground of the law; whoever keeps the keys carries it out from the entry.
/// Blocked while a claim for repayment is live or may still arise, while a case is open, while the term of the archive runs:
/// it says which.
pub fn destroy(
    c: &DestroyPersonalData,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let person = recorded(known, c.person)?;
    unblocked(person, c.person)?;
    let due = due(c.requested_on, cx, known)?;
    let law = known.law()?;
    let on = cx.decided_on;
    let ground = law.norm(
        &format!("personal-data.destruction-ground.{}", c.ground),
        on,
    )?;
    let facts = due
        .facts
        .with("ground", c.ground)
        .with("cases", cx.cases.len());
    let mut last = person.at_rest_since(on);
    for id in &cx.cases {
        let case = known.application(*id)?;
        claim_live(case, *id, &facts, on, known)?;
        if let Some(state) = case.still_going_on() {
            return Err(duty("open-case", None, &facts)
                .with("application", *id)
                .with("state", state)
                .into());
        }
        last = last.map(|last| case.last_on().map_or(last, |day| last.max(day)));
    }
    let archive = law.norm("personal-data.archive.months", on)?;
    let months = i64::try_from(archive.value.0).unwrap_or(i64::MAX);
    let Some(last) = last else {
        return Err(duty("archive", Some(&archive.citation), &facts)
            .with("state", "registered")
            .into());
    };
    let until = last.plus_months(months);
    if on < until {
        return Err(duty("archive", Some(&archive.citation), &facts)
            .with("since", last)
            .with("until", until)
            .into());
    }
    let fact = DataDestroyed {
        person: c.person,
        ground: c.ground,
        document: c.document,
        requested_on: c.requested_on,
        in_time_until: due.in_time_until,
        late: due.late,
        facts: facts
            .with("repayment", "no")
            .with("since", last)
            .with("archive-until", until),
        bases: vec![due.citation, archive.citation],
    };
    let event = cx.event(Fact::DataDestroyed(fact)).citing(ground.citation);
    Ok(vec![(stream(c.person), event)])
}

/// Blocks while support may have to be paid back: a finding stands, or the years in which one may arise are not over.
fn claim_live(
    case: &Application,
    id: Ref,
    facts: &Facts,
    on: Day,
    known: &Known<'_>,
) -> Result<(), Undecided> {
    let Some((category, since, found)) = case.support_received() else {
        return Ok(());
    };
    if found {
        return Err(duty("repayment-claim", None, facts)
            .with("application", id)
            .into());
    }
    let name = match category {
        Category::Kandas => "repayment.kandas.years",
        Category::Resettlers => "repayment.resettlers.years",
    };
    let years = known.law()?.norm(name, on)?;
    let months = i64::try_from(years.value.0.saturating_mul(12)).unwrap_or(i64::MAX);
    let since = match category {
        Category::Kandas => known
            .person(case.applicant().unwrap_or(id))?
            .kandas_since()
            .unwrap_or(since),
        Category::Resettlers => since,
    };
    let until = since.plus_months(months);
    if on < until {
        return Err(duty("repayment-claim", Some(&years.citation), facts)
            .with("application", id)
            .with("until", until)
            .into());
    }
    Ok(())
}
