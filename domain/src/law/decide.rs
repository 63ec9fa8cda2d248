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

use super::{Act, Law, force::Entry};

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
pub(super) fn check_order(record: &ActRecorded) -> Result<(), Blocked> {
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
    check_act(c, law)?;
    Ok(on_law(cx, Fact::ActRecorded(c.clone())))
}

/// Whether an act can be as it is told: its wording is no other act's, what it names is there, its dates are in order.
pub(super) fn check_act(c: &ActRecorded, law: &Law) -> Result<(), Blocked> {
    let same_wording = law.acts().any(|a| {
        a.record.act != c.act && a.record.document == c.document && a.record.wording == c.wording
    });
    if same_wording {
        return Err(Blocked::control(Code::ActExists)
            .with("document", &c.document)
            .with("wording", &c.wording));
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
    check_order(c)
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
    // A second determination is a correction of the first.
    if act.determined.is_some() {
        return Err(Blocked::control(Code::EvidenceRecorded)
            .with("act", &c.act)
            .into());
    }
    check_determination(act, c.from)?;
    Ok(on_law(cx, Fact::ActDetermined(c.clone())))
}

/// Whether an official may determine this day: not before the earliest possible one, nor against a source, which may leave
/// the days of a month open.
pub(super) fn check_determination(act: &Act, from: Day) -> Result<(), Blocked> {
    let evidence = || Blocked::control(Code::EvidenceRecorded).with("act", &act.record.act);
    let (earliest, latest) = match act.sourced() {
        None => (act.earliest_possible(), None),
        Some(Entry::Between(first, Some(last))) => (first, Some(last)),
        Some(_) => return Err(evidence()),
    };
    if from < earliest {
        return Err(Blocked::control(Code::BeforeEarliestPossible)
            .with("from", from)
            .with("earliest", earliest));
    }
    if latest.is_some_and(|latest| latest < from) {
        return Err(evidence().with("from", from));
    }
    Ok(())
}

fn check_interval(from: Day, until: Option<Day>) -> Result<(), Blocked> {
    match until {
        Some(until) if until <= from => Err(Blocked::control(Code::IntervalEmpty)
            .with("from", from)
            .with("until", until)),
        _ => Ok(()),
    }
}

/// Whether two validities have a day in common. One that ends on its first day never was, and meets nothing.
pub(super) fn overlap(a: (Day, Option<Day>), b: (Day, Option<Day>)) -> bool {
    let never = |(from, until): (Day, Option<Day>)| until.is_some_and(|until| until <= from);
    if never(a) || never(b) {
        return false;
    }
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
    check_calendar(c)?;
    Ok(on_law(cx, Fact::CalendarRecorded(c.clone())))
}

/// Whether the days of a calendar are of its year, and none is off and worked at once.
pub(super) fn check_calendar(c: &CalendarRecorded) -> Result<(), Blocked> {
    let outside = c
        .days_off
        .iter()
        .chain(&c.worked)
        .find(|day| day.year() != c.year);
    let twice = c.worked.iter().find(|day| c.days_off.contains(day));
    outside.or(twice).map_or(Ok(()), |day| {
        Err(Blocked::control(Code::DatesOutOfOrder)
            .with("calendar-year", c.year)
            .with("day", day))
    })
}

/// Records that a territory came out of another (point 3).
pub fn record_succession(
    c: &TerritorySucceeded,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let law = known.law()?;
    if circle(c, law) || law.out_of(&c.territory).is_some() {
        return Err(Blocked::control(Code::NoChange)
            .with("territory", &c.territory)
            .with("out-of", &c.out_of)
            .into());
    }
    Ok(on_law(cx, Fact::TerritorySucceeded(c.clone())))
}

/// Whether a territory would have come out of itself.
pub(super) fn circle(c: &TerritorySucceeded, law: &Law) -> bool {
    let mut at = Some(&c.out_of);
    while let Some(territory) = at
        && *territory != c.territory
    {
        at = law.out_of(territory);
    }
    at.is_some()
}
