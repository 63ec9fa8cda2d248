//! Who may give a command for an office (point 11): checked on the decision date, before the rules decide. The entry names
//! in its `policy` by which order of the office the actor was let through. Whoever finds a decision of another proved acts
//! today, whenever that decision was adopted.

use qonys_events::{
    scalar::{Day, Slug, StreamSeq},
    term::DecisionType,
};

use super::{Office, exercised};
use crate::{
    blocked::{Blocked, Code},
    command::Command,
    context::Context,
    decide::Undecided,
    streams::Known,
};

/// Why an actor was let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The log checks nobody of this office: he declares who he is.
    Declared,
    /// By an appointment, acting or delegation: its kind, and its entry's place in the stream of the office.
    By(&'static str, StreamSeq),
}

impl Admission {
    /// As it stands in every entry of the command.
    pub fn policy(self) -> Slug {
        let written = match self {
            Self::Declared => "declared".to_owned(),
            Self::By(kind, entry) => format!("{kind}.{entry}"),
        };
        written.parse().expect("a kind and a number are a name")
    }
}

/// The day on which the actor acts for his office.
fn acts_on(command: &Command, cx: &Context) -> Day {
    match command {
        Command::RecordEarlierInclusion(_) => cx.today,
        _ => cx.decided_on,
    }
}

/// Commands that staff an office: the first ones for it are given before anybody is appointed.
fn staffs(command: &Command) -> bool {
    matches!(
        command,
        Command::RegisterOffice(_)
            | Command::RecordOtherPower(_)
            | Command::VestPowers(_)
            | Command::AppointOfficial(_)
    )
}

fn not_held(code: Code, power: &Slug, cx: &Context) -> Blocked {
    Blocked::control(code)
        .with("power", power)
        .with("office", &cx.actor.office)
        .with("decided-on", cx.decided_on)
}

/// The name of the power for a type of decision.
fn name(decision: DecisionType) -> Slug {
    decision
        .as_str()
        .parse()
        .expect("a type of decision is a name")
}

/// Whoever acts for an office that nobody registered declares who he is. Where an office is registered and works for the
/// territory, a declaration exercises no power there: otherwise a name would be a way around the check.
fn unregistered(
    command: &Command,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Admission, Undecided> {
    if exercised::decision(command, cx.decided_on, known)?.is_none() {
        return Ok(Admission::Declared);
    }
    let Some(territory) = exercised::territory(command, known)? else {
        return Ok(Admission::Declared);
    };
    for name in known.offices(&territory)?.entered() {
        let works = known.office(name)?.validity_on(cx.decided_on);
        if works.is_some_and(|validity| validity.territories.contains(&territory)) {
            return Err(Blocked::control(Code::OfficeNotRegistered)
                .with("office", &cx.actor.office)
                .with("territory", &territory)
                .with("registered-office", name)
                .with("decided-on", cx.decided_on)
                .into());
        }
    }
    Ok(Admission::Declared)
}

/// Lets an actor through, or says why not: the office does not work on that day, he is not appointed to it, the case lies
/// outside its territory, or he has not the power that the command exercises.
pub fn admit(command: &Command, cx: &Context, known: &Known<'_>) -> Result<Admission, Undecided> {
    if matches!(command, Command::OpenLog(_)) {
        return Ok(Admission::Declared);
    }
    let office = known.office(&cx.actor.office)?;
    if !office.exists() {
        return unregistered(command, cx, known);
    }
    if office.assignments.is_empty() && staffs(command) {
        return Ok(Admission::Declared);
    }
    let (actor, on) = (&cx.actor, acts_on(command, cx));
    let Some(validity) = office.validity_on(on) else {
        return Err(Blocked::control(Code::OfficeNotValid)
            .with("office", &actor.office)
            .with("decided-on", on)
            .into());
    };
    let standing = office.standing(actor, on);
    if standing.is_empty() {
        let behalf = if actor.onbehalfof.is_some() {
            "yes"
        } else {
            "no"
        };
        return Err(Blocked::control(Code::NotAppointed)
            .with("office", &actor.office)
            .with("role", &actor.role)
            .with("in-another-stead", behalf)
            .with("decided-on", on)
            .into());
    }
    if let Some(territory) = exercised::territory(command, known)?
        && !validity.territories.contains(&territory)
    {
        return Err(Blocked::control(Code::OutsideTerritory)
            .with("territory", territory)
            .with("office", &actor.office)
            .into());
    }
    let power = match command {
        // That one asks for the power itself: it must be vested even where nobody is checked.
        Command::ExercisePower(c) => Some(c.power.clone()),
        _ => exercised::decision(command, on, known)?.map(name),
    };
    let Some(power) = power else {
        let (entry, kind, _) = &standing[0];
        return Ok(Admission::By(kind, StreamSeq(*entry)));
    };
    office
        .vested_with(&power, on, known.law()?)
        .map_err(|blocked| blocked.with("office", &actor.office))?;
    let holding = standing
        .iter()
        .find(|(_, _, powers)| powers.contains(&power));
    let (entry, kind, _) = holding.ok_or_else(|| not_held(Code::PowerNotHeld, &power, cx))?;
    Ok(Admission::By(kind, StreamSeq(*entry)))
}

impl Office {
    /// The office, if it is registered.
    pub(crate) fn registered<'a>(known: &Known<'a>, name: &Slug) -> Result<&'a Self, Undecided> {
        let office = known.office(name)?;
        if office.exists() {
            return Ok(office);
        }
        Err(Blocked::control(Code::OfficeNotFound)
            .with("office", name)
            .into())
    }
}
