//! Entering acts, dates, norms, powers and territories (preamble, points 1, 3 and 11). These record facts of others and norms; they decide nothing
//! about a person, so they are blocked only by controls: what is recorded must be possible and unambiguous.

use std::collections::BTreeSet;

use qonys_events::{
    fact::{
        Fact, LogOpened,
        law::{
            ActDateRecorded, ActDetermined, ActRecorded, CalendarRecorded, NormRecorded,
            PowerRecorded, TerritoryChanged, TerritorySucceeded,
        },
        office::OtherPowerRecorded,
    },
    id::StreamId,
    scalar::{Day, PartialDay},
    term::{ActDate, DecisionType},
};

use crate::{
    blocked::{Blocked, Code},
    command::RecordPower,
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

fn on_law(cx: &Context, fact: Fact) -> Decided {
    vec![(StreamId::law(), cx.record(fact))]
}

/// Opens the log.
pub fn open_log(c: &LogOpened, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    if known.log()?.kind.is_some() {
        return Err(Blocked::control(Code::LogState).with("log", "open").into());
    }
    Ok(vec![(
        StreamId::log(),
        cx.record(Fact::LogOpened(c.clone())),
    )])
}

/// Dates in the order in which they must stand: registration not before adoption, publication not before
/// registration, entry into force not before publication. Months are compared by what they can mean.
fn check_order(record: &ActRecorded) -> Result<(), Blocked> {
    let dates = [
        ("adopted-on", record.adopted_on),
        ("registered-on", record.registered_on),
        ("published-on", record.published_on),
        ("in-force-on", record.in_force_on),
    ];
    let mut earlier: Option<(&str, PartialDay)> = None;
    for (name, date) in dates {
        let Some(date) = date else { continue };
        if let Some((before, day)) = earlier
            && date.latest() < day.earliest()
        {
            return Err(Blocked::control(Code::DatesOutOfOrder)
                .with(before, day)
                .with(name, date));
        }
        earlier = Some((name, date));
    }
    Ok(())
}

/// Enters an act.
pub fn record_act(c: &ActRecorded, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let law = known.law()?;
    if law.act(&c.act).is_ok() {
        return Err(Blocked::control(Code::ActExists).with("act", &c.act).into());
    }
    let same_wording = law
        .acts()
        .any(|a| a.record.document == c.document && a.record.wording == c.wording);
    if same_wording {
        return Err(Blocked::control(Code::ActExists)
            .with("document", &c.document)
            .with("wording", &c.wording)
            .into());
    }
    for named in c
        .parents
        .iter()
        .chain(&c.repeals)
        .chain([&c.document])
        .filter(|name| **name != c.act)
    {
        law.act(named)?;
    }
    check_order(c)?;
    Ok(on_law(cx, Fact::ActRecorded(c.clone())))
}

/// Records a date that became known later.
pub fn record_act_date(
    c: &ActDateRecorded,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let act = known.law()?.act(&c.act)?;
    let mut record = act.record.clone();
    let slot = match c.date {
        ActDate::Adopted => &mut record.adopted_on,
        ActDate::Registered => &mut record.registered_on,
        ActDate::Published => &mut record.published_on,
        ActDate::InForce => &mut record.in_force_on,
    };
    // A month may become a day of that month; any other second value would be a correction.
    let refines = matches!((*slot, c.on), (Some(PartialDay::Month(m)), PartialDay::Day(d)) if PartialDay::Month(m).earliest() <= d && d <= PartialDay::Month(m).latest());
    if let Some(kept) = *slot
        && !refines
    {
        return Err(Blocked::control(Code::DateRecorded)
            .with("date", c.date)
            .with("recorded", kept)
            .into());
    }
    *slot = Some(c.on);
    check_order(&record)?;
    Ok(on_law(cx, Fact::ActDateRecorded(c.clone())))
}

/// An official determines from when an act is in force.
pub fn determine_act(
    c: &ActDetermined,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let act = known.law()?.act(&c.act)?;
    if !matches!(act.entry(), super::force::Entry::Between(_, None)) {
        return Err(Blocked::control(Code::EvidenceRecorded)
            .with("act", &c.act)
            .into());
    }
    let earliest = act.earliest_possible();
    if c.from < earliest {
        return Err(Blocked::control(Code::BeforeEarliestPossible)
            .with("from", c.from)
            .with("earliest", earliest)
            .into());
    }
    Ok(on_law(cx, Fact::ActDetermined(c.clone())))
}

fn check_interval(from: Day, until: Option<Day>) -> Result<(), Blocked> {
    match until {
        Some(until) if until <= from => Err(Blocked::control(Code::IntervalEmpty)
            .with("from", from)
            .with("until", until)),
        _ => Ok(()),
    }
}

fn overlap(a: (Day, Option<Day>), b: (Day, Option<Day>)) -> bool {
    b.1.is_none_or(|end| a.0 < end) && a.1.is_none_or(|end| b.0 < end)
}

/// Enters a norm; overlapping validity under one name is blocked.
pub fn record_norm(
    c: &NormRecorded,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let law = known.law()?;
    law.act(&c.document)?;
    check_interval(c.from, c.until)?;
    let clash = law
        .norms
        .get(&c.norm)
        .into_iter()
        .flatten()
        .find(|n| overlap((n.from, n.until), (c.from, c.until)));
    if let Some(norm) = clash {
        return Err(Blocked::control(Code::ValidityOverlaps)
            .with("norm", &c.norm)
            .with("from", norm.from)
            .into());
    }
    Ok(on_law(cx, Fact::NormRecorded(c.clone())))
}

/// Enters the power for types of decision; overlapping validity of the same decision, document and point is blocked.
pub fn record_power(
    c: &RecordPower,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let law = known.law()?;
    law.act(&c.document)?;
    check_interval(c.from, c.until)?;
    let distinct: BTreeSet<_> = c.decisions.iter().collect();
    if c.decisions.is_empty() || distinct.len() != c.decisions.len() {
        return Err(Blocked::control(Code::LinesMalformed)
            .with("decisions", c.decisions.len())
            .into());
    }
    let mut decided = Decided::new();
    for decision in c.decisions.iter().copied() {
        let clash = law.powers.get(&decision).into_iter().flatten().any(|p| {
            p.document == c.document
                && p.point == c.point
                && overlap((p.from, p.until), (c.from, c.until))
        });
        if clash {
            let blocked = Blocked::control(Code::ValidityOverlaps).with("decision", decision);
            return Err(blocked.with("document", &c.document).into());
        }
        decided.extend(on_law(
            cx,
            Fact::PowerRecorded(PowerRecorded {
                decision,
                document: c.document.clone(),
                point: c.point.clone(),
                from: c.from,
                until: c.until,
                certainty: c.certainty,
                source: c.source.clone(),
            }),
        ));
    }
    Ok(decided)
}

/// Enters a power that no type of decision stands for (point 11). A name of a type of decision is taken: its power is
/// entered with its own command.
pub fn record_other_power(
    c: &OtherPowerRecorded,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let law = known.law()?;
    law.act(&c.document)?;
    check_interval(c.from, c.until)?;
    if c.power.as_str().parse::<DecisionType>().is_ok() {
        return Err(Blocked::control(Code::PowerHasItsCommand)
            .with("power", &c.power)
            .into());
    }
    let clash = law.other_powers.get(&c.power).into_iter().flatten();
    let mut clash = clash.filter(|p| p.document == c.document && p.point == c.point);
    if clash.any(|p| overlap((p.from, p.until), (c.from, c.until))) {
        return Err(Blocked::control(Code::ValidityOverlaps)
            .with("power", &c.power)
            .with("document", &c.document)
            .into());
    }
    Ok(on_law(cx, Fact::OtherPowerRecorded(c.clone())))
}

/// Records that an act determined or excluded a territory.
pub fn change_territory(
    c: &TerritoryChanged,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let law = known.law()?;
    law.act(&c.act)?;
    let same = law
        .determinations
        .iter()
        .any(|d| d.category == c.category && d.territory == c.territory && d.act == c.act);
    if same {
        return Err(Blocked::control(Code::NoChange)
            .with("territory", &c.territory)
            .with("act", &c.act)
            .into());
    }
    Ok(on_law(cx, Fact::TerritoryChanged(c.clone())))
}

/// Enters the working-day calendar of a year: one per year.
pub fn record_calendar(
    c: &CalendarRecorded,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    if known.law()?.has_calendar(c.year) {
        return Err(Blocked::control(Code::NoChange)
            .with("calendar-year", c.year)
            .into());
    }
    let outside = c
        .days_off
        .iter()
        .chain(&c.worked)
        .find(|day| day.year() != c.year);
    let twice = c.worked.iter().find(|day| c.days_off.contains(day));
    if let Some(day) = outside.or(twice) {
        return Err(Blocked::control(Code::DatesOutOfOrder)
            .with("calendar-year", c.year)
            .with("day", day)
            .into());
    }
    Ok(on_law(cx, Fact::CalendarRecorded(c.clone())))
}

/// Records that a territory came out of another (point 3).
pub fn record_succession(
    c: &TerritorySucceeded,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let law = known.law()?;
    let circle = {
        let mut at = Some(&c.out_of);
        while let Some(territory) = at
            && *territory != c.territory
        {
            at = law.out_of(territory);
        }
        at.is_some()
    };
    if circle || law.out_of(&c.territory).is_some() {
        return Err(Blocked::control(Code::NoChange)
            .with("territory", &c.territory)
            .with("out-of", &c.out_of)
            .into());
    }
    Ok(on_law(cx, Fact::TerritorySucceeded(c.clone())))
}
