//! Registering and staffing an office, and exercising the powers that have no command of their own (point 11). Orders are
//! recorded as they are; they are blocked only where they could not be what they say.

use std::collections::BTreeSet;

use qonys_events::{
    citation::Facts,
    fact::{
        Fact,
        office::{
            ActingAppointed, AssignmentEnded, OfficeClosed, OfficeEntered, OfficeRegistered,
            OfficialAppointed, PowerExercised, PowersDelegated, PowersVested,
        },
    },
    id::{Ref, StreamId, StreamKind},
    scalar::{Day, Slug},
    term::DecisionType,
};

use super::{Assignment, Duty, Office};
use crate::{
    blocked::{Blocked, Code},
    command::{
        AppointActing, AppointOfficial, CloseOffice, DelegatePowers, EndAssignment, ExercisePower,
        RegisterOffice, VestPowers,
    },
    context::Context,
    decide::{Decided, Undecided},
    person::{self, interval::Interval},
    streams::Known,
};

fn on(office: &Slug, cx: &Context, fact: Fact, until: Option<Day>) -> Decided {
    let event = cx.event(fact).effective(cx.effective_from(), until);
    vec![(StreamId::named(StreamKind::Office, office), event)]
}

/// The days from the effective day on; blocked when there are none.
fn days(cx: &Context, until: Option<Day>) -> Result<Interval, Blocked> {
    let days = Interval {
        from: cx.effective_from(),
        until,
    };
    match until {
        Some(until) if days.is_empty() => Err(Blocked::control(Code::IntervalEmpty)
            .with("from", days.from)
            .with("until", until)),
        _ => Ok(days),
    }
}

/// Blocks a list in which something stands twice, or an empty one where something is needed.
fn distinct(what: &str, list: &[Slug], empty: bool) -> Result<(), Blocked> {
    let once: BTreeSet<_> = list.iter().collect();
    if once.len() == list.len() && (empty || !list.is_empty()) {
        return Ok(());
    }
    Err(Blocked::control(Code::LinesMalformed).with("what", what))
}

/// Registers an office for its territories. Two validities of one office do not overlap: a change of its territory is a
/// later one.
pub fn register(c: &RegisterOffice, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let office = known.office(&c.office)?;
    distinct("territories", &c.territories, false)?;
    let days = days(cx, c.until)?;
    if let Some(other) = office.validities.iter().find(|v| v.days.overlaps(&days)) {
        return Err(Blocked::control(Code::ValidityOverlaps)
            .with("office", &c.office)
            .with("from", other.days.from)
            .into());
    }
    let fact = Fact::OfficeRegistered(OfficeRegistered {
        office: c.office.clone(),
        titles: c.titles.clone(),
        territories: c.territories.clone(),
        order: c.order.clone(),
    });
    let mut decided = on(&c.office, cx, fact, c.until);
    // The territory's own stream tells whoever decides there for another office.
    for territory in &c.territories {
        known.offices(territory)?;
        let entered = Fact::OfficeEntered(OfficeEntered {
            office: c.office.clone(),
        });
        let stream = StreamId::named(StreamKind::Offices, territory);
        decided.push((stream, cx.event(entered)));
    }
    Ok(decided)
}

/// The office, if it works on the effective day.
fn working<'a>(name: &Slug, cx: &Context, known: &Known<'a>) -> Result<&'a Office, Undecided> {
    let office = Office::registered(known, name)?;
    if office.validity_on(cx.effective_from()).is_some() {
        return Ok(office);
    }
    Err(Blocked::control(Code::OfficeNotValid)
        .with("office", name)
        .with("day", cx.effective_from())
        .into())
}

/// Closes an office. What was decided for it stands.
pub fn close(c: &CloseOffice, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    working(&c.office, cx, known)?;
    let fact = Fact::OfficeClosed(OfficeClosed {
        order: c.order.clone(),
    });
    Ok(on(&c.office, cx, fact, None))
}

/// Vests powers in an office: each must stand in the catalogue by this document and point.
pub fn vest(c: &VestPowers, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let office = working(&c.office, cx, known)?;
    distinct("powers", &c.powers, false)?;
    let days = days(cx, c.until)?;
    let law = known.law()?;
    law.act(&c.document)?;
    for power in &c.powers {
        if !law.catalogued(power, &c.document, c.point.as_str()) {
            return Err(Blocked::control(Code::PowerNotCatalogued)
                .with("power", power)
                .with("document", &c.document)
                .into());
        }
        let clash = office.vested.iter().any(|v| {
            let same = v.document == c.document && v.point == c.point.as_str();
            v.power == *power && same && v.days.overlaps(&days)
        });
        if clash {
            return Err(Blocked::control(Code::ValidityOverlaps)
                .with("power", power)
                .with("office", &c.office)
                .into());
        }
    }
    let fact = Fact::PowersVested(PowersVested {
        powers: c.powers.clone(),
        document: c.document.clone(),
        point: c.point.clone(),
        certainty: c.certainty,
        source: c.source.clone(),
    });
    Ok(on(&c.office, cx, fact, c.until))
}

/// Blocks powers that the office does not hold on a day: nobody gives what the office has not.
fn vested(office: &Office, powers: &[Slug], day: Day) -> Result<(), Blocked> {
    match powers.iter().find(|power| !office.holds(power, day)) {
        Some(power) => Err(Blocked::control(Code::PowerNotVested)
            .with("power", power)
            .with("day", day)),
        None => Ok(()),
    }
}

/// Blocks an assignment that the official has already on some of these days.
fn no_other(
    office: &Office,
    official: Ref,
    days: &Interval,
    same: impl Fn(&Duty) -> bool,
) -> Result<(), Blocked> {
    let overlaps =
        |a: &&Assignment| a.official == official && same(&a.duty) && a.days.overlaps(days);
    match office.assignments.values().find(overlaps) {
        Some(other) => Err(Blocked::control(Code::ValidityOverlaps).with("from", other.days.from)),
        None => Ok(()),
    }
}

/// Appoints an official to a role, with powers of the office.
pub fn appoint(c: &AppointOfficial, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let office = working(&c.office, cx, known)?;
    distinct("powers", &c.powers, true)?;
    let days = days(cx, c.until)?;
    vested(office, &c.powers, days.from)?;
    no_other(
        office,
        c.official,
        &days,
        |duty| matches!(duty, Duty::Appointed { role, .. } if *role == c.role),
    )?;
    let fact = Fact::OfficialAppointed(OfficialAppointed {
        official: c.official,
        role: c.role.clone(),
        powers: c.powers.clone(),
        order: c.order.clone(),
    });
    Ok(on(&c.office, cx, fact, c.until))
}

/// The official serves in the office on a day.
fn serving(office: &Office, official: Ref, day: Day) -> Result<(), Blocked> {
    if office.serves(official, day) {
        return Ok(());
    }
    Err(Blocked::control(Code::NotAppointed)
        .with("official", official)
        .with("day", day))
}

/// Appoints who acts in the stead of an absent official. Nobody stands in for himself.
pub fn appoint_acting(
    c: &AppointActing,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let office = working(&c.office, cx, known)?;
    let days = days(cx, c.until)?;
    serving(office, c.absent, days.from)?;
    if c.official == c.absent {
        return Err(Blocked::control(Code::NoChange)
            .with("official", c.official)
            .into());
    }
    no_other(
        office,
        c.official,
        &days,
        |duty| matches!(duty, Duty::Acting { absent } if *absent == c.absent),
    )?;
    let fact = Fact::ActingAppointed(ActingAppointed {
        official: c.official,
        absent: c.absent,
        order: c.order.clone(),
    });
    Ok(on(&c.office, cx, fact, c.until))
}

/// Records a delegation to another official of the office. What was delegated to somebody he does not delegate on: the
/// powers must be his own.
pub fn delegate(c: &DelegatePowers, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let office = working(&c.office, cx, known)?;
    distinct("powers", &c.powers, false)?;
    let days = days(cx, c.until)?;
    serving(office, c.by, days.from)?;
    serving(office, c.official, days.from)?;
    if c.official == c.by {
        return Err(Blocked::control(Code::NoChange)
            .with("official", c.official)
            .into());
    }
    let own = |power: &&Slug| !office.has_own(c.by, power, days.from);
    if let Some(power) = c.powers.iter().find(own) {
        return Err(Blocked::control(Code::PowerNotHeld)
            .with("power", power)
            .with("day", days.from)
            .into());
    }
    no_other(
        office,
        c.official,
        &days,
        |duty| matches!(duty, Duty::Delegated { by, powers } if *by == c.by && c.powers.iter().any(|p| powers.contains(p))),
    )?;
    let fact = Fact::PowersDelegated(PowersDelegated {
        by: c.by,
        official: c.official,
        powers: c.powers.clone(),
        order: c.order.clone(),
    });
    Ok(on(&c.office, cx, fact, c.until))
}

/// Ends an appointment, an acting or a delegation on a day of it.
pub fn end_assignment(
    c: &EndAssignment,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let office = Office::registered(known, &c.office)?;
    let day = cx.effective_from();
    let found = office.assignments.get(&c.assignment.0);
    if !found.is_some_and(|assignment| assignment.days.contains(day)) {
        return Err(Blocked::control(Code::AssignmentNotFound)
            .with("assignment", c.assignment)
            .with("day", day)
            .into());
    }
    let fact = Fact::AssignmentEnded(AssignmentEnded {
        assignment: c.assignment,
        order: c.order.clone(),
    });
    Ok(on(&c.office, cx, fact, None))
}

/// Exercises a power that has no command of its own, for the office of the sender, by citing it. There is no way around
/// the catalogue: an office that is not registered exercises nothing here.
pub fn exercise(c: &ExercisePower, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    Office::registered(known, &cx.actor.office)?;
    if c.power.as_str().parse::<DecisionType>().is_ok() {
        return Err(Blocked::control(Code::PowerHasItsCommand)
            .with("power", &c.power)
            .into());
    }
    let basis = known.law()?.other_power(&c.power, cx.decided_on)?;
    if let Some(subject) = c.subject {
        person::recorded(known, subject)?;
    }
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("power", &c.power)
        .with("office", &cx.actor.office);
    let fact = Fact::PowerExercised(PowerExercised {
        power: c.power.clone(),
        subject: c.subject,
        document: c.document,
        facts,
    });
    let stream = StreamId::named(StreamKind::Office, &cx.actor.office);
    Ok(vec![(stream, cx.event(fact).citing(basis))])
}
