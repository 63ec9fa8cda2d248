//! What a forecast is made from (point 8): uses of the records, bases, rates, norm sets, institutions.

use std::collections::BTreeSet;

use qonys_events::{
    citation::{Citation, Facts},
    event::Event,
    fact::{
        Fact,
        forecast::{
            FacilityChanged, FacilityRecorded, NormSetRecorded, PopulationBaseRecorded,
            PopulationRecordsUsed, RatesRecorded, ServiceNorm,
        },
    },
    id::{StreamId, StreamKind},
    scalar::{Count, Slug},
    term::DecisionType,
};

use super::{Forecasts, PURPOSES, cohort::Rates};
use crate::{
    blocked::{Blocked, Code},
    command::{
        ChangeFacility, RecordFacility, RecordNormSet, RecordPopulationBase, RecordRates,
        UsePopulationRecords,
    },
    context::Context,
    decide::{Decided, Undecided},
    streams::Known,
};

/// The greatest number of persons, places or jobs that a forecast reckons with.
const COUNT_MAX: u64 = 1_000_000_000;

pub(super) fn on(territory: &Slug, event: Event) -> Decided {
    vec![(StreamId::named(StreamKind::Forecast, territory), event)]
}

fn malformed(why: &str) -> Blocked {
    Blocked::control(Code::InputsMalformed).with("why", why)
}

/// The power to use the records for a purpose: those of point 8 and no other.
fn purpose(
    purpose: &Slug,
    cx: &Context,
    known: &Known<'_>,
) -> Result<(Citation, Facts), Undecided> {
    let basis = known
        .law()?
        .basis(DecisionType::PopulationRecordsUse, cx.decided_on)?;
    let facts = Facts::new()
        .with("purpose", purpose)
        .with("act-certainty", basis.certainty);
    if PURPOSES.contains(&purpose.as_str()) {
        Ok((basis, facts))
    } else {
        let blocked = Blocked::law(Code::PurposeNotPermitted, &basis);
        Err(blocked.having_read(&facts).into())
    }
}

/// Records a use of the registration records (point 8). A purpose that the point does not name is blocked.
pub fn use_records(
    c: &UsePopulationRecords,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let (basis, facts) = purpose(&c.purpose, cx, known)?;
    let fact = PopulationRecordsUsed {
        territory: c.territory.clone(),
        purpose: c.purpose.clone(),
        recipient: c.recipient.clone(),
        extract: c.extract,
        facts,
    };
    let event = cx.event(Fact::PopulationRecordsUsed(fact)).citing(basis);
    Ok(on(&c.territory, event))
}

/// Bands begin at 0 and rise; districts stand once and have a number for each band.
fn check_base(c: &RecordPopulationBase) -> Result<(), Blocked> {
    let rising = c.bands.windows(2).all(|pair| pair[0] < pair[1]);
    if c.bands.first() != Some(&Count(0)) || !rising || c.bands.len() > 101 {
        return Err(malformed("bands begin at 0 and rise, at most 101 of them"));
    }
    let names: BTreeSet<_> = c.districts.iter().map(|d| &d.district).collect();
    if names.is_empty() || names.len() != c.districts.len() {
        return Err(malformed("each district stands once, and there is one"));
    }
    let fits = |numbers: &Vec<Count>| {
        numbers.len() == c.bands.len() && numbers.iter().all(|n| n.0 <= COUNT_MAX)
    };
    if !c.districts.iter().all(|d| fits(&d.persons)) {
        return Err(malformed("a district has a number for each band"));
    }
    Ok(())
}

/// A base of a day that has one already says which one it takes the place of, and why; it stands for that day, and nothing
/// stands in its place.
fn supersedes(c: &RecordPopulationBase, forecasts: &Forecasts) -> Result<(), Blocked> {
    let blocked = |code| Blocked::control(code).with("as-of", c.as_of);
    if c.supersedes.is_some() != c.reason.is_some() {
        return Err(malformed("a base in the place of another one says why"));
    }
    match (forecasts.base(c.as_of), c.supersedes) {
        (None, None) => Ok(()),
        (Some(stands), None) => Err(blocked(Code::BaseRecorded).with("base", stands.base)),
        (Some(stands), Some(old)) if stands.base == old => {
            let same = (&stands.bands, &stands.districts) == (&c.bands, &c.districts);
            if same {
                Err(blocked(Code::NoChange).with("base", old))
            } else {
                Ok(())
            }
        }
        (_, Some(old)) => Err(blocked(Code::BaseNotStanding).with("base", old)),
    }
}

/// Records how many persons the records hold by district and age on a day: a use of the records, for a purpose of
/// point 8.
pub fn base(
    c: &RecordPopulationBase,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let forecasts = known.forecasts(&c.territory)?;
    check_base(c)?;
    if cx.decided_on < c.as_of {
        return Err(malformed("records are counted for a day that has come").into());
    }
    supersedes(c, forecasts)?;
    let (basis, facts) = purpose(&c.purpose, cx, known)?;
    let fact = PopulationBaseRecorded {
        base: Count(forecasts.counted + 1),
        territory: c.territory.clone(),
        as_of: c.as_of,
        position: c.position,
        purpose: c.purpose.clone(),
        bands: c.bands.clone(),
        districts: c.districts.clone(),
        source: c.source.clone(),
        supersedes: c.supersedes,
        reason: c.reason.clone(),
        facts,
    };
    let event = cx.event(Fact::PopulationBaseRecorded(fact)).citing(basis);
    Ok(on(&c.territory, event))
}

/// Records rates (point 8): facts of others, which need no power.
pub fn rates(c: &RecordRates, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    if known.forecasts(&c.territory)?.rates.contains_key(&c.rates) {
        return Err(Blocked::control(Code::InputsRecorded)
            .with("rates", &c.rates)
            .into());
    }
    if Rates::of(c, c.fertility.len()).is_none() {
        return Err(malformed(
            "rates are shares: survival of the born and of each group, fertility and migration of each group",
        )
        .into());
    }
    Ok(on(
        &c.territory,
        cx.record(Fact::RatesRecorded(RatesRecorded::clone(c))),
    ))
}

fn check_norm(norm: &ServiceNorm) -> bool {
    let counts = [norm.needed, norm.per_persons];
    let ages = norm.to_age.is_none_or(|to| norm.from_age < to);
    let size = norm.places_per_institution.is_none_or(|p| p.0 > 0);
    ages && size && norm.per_persons.0 > 0 && counts.iter().all(|n| n.0 <= COUNT_MAX)
}

/// Records a named, sourced set of norms for services (point 8): facts of others, which need no power.
pub fn norm_set(c: &RecordNormSet, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    if known
        .forecasts(&c.territory)?
        .norm_set(&c.norm_set)
        .is_some()
    {
        return Err(Blocked::control(Code::InputsRecorded)
            .with("norm-set", &c.norm_set)
            .into());
    }
    let services: BTreeSet<_> = c.norms.iter().map(|n| n.service).collect();
    if services.is_empty() || services.len() != c.norms.len() || !c.norms.iter().all(check_norm) {
        return Err(
            malformed("each service has one norm, for ages and a number of persons").into(),
        );
    }
    if let Some(act) = &c.act {
        known.law()?.act(act)?;
    }
    Ok(on(
        &c.territory,
        cx.record(Fact::NormSetRecorded(NormSetRecorded::clone(c))),
    ))
}

/// Records that an institution is otherwise from the effective day on (point 8): enlarged, moved, closed. A fact of others,
/// which needs no power. Nothing is changed before its first day.
pub fn change_facility(
    c: &ChangeFacility,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let forecasts = known.forecasts(&c.territory)?;
    let from = cx.effective_from();
    let blocked = |code| Blocked::control(code).with("facility", c.facility);
    let first = forecasts.facility(c.facility).map(|f| f.opens).min();
    let first = first.ok_or_else(|| blocked(Code::FacilityNotFound))?;
    if from < first {
        return Err(blocked(Code::BeforeItsCause)
            .with("opens", first)
            .with("from", from)
            .into());
    }
    if c.closes.is_some_and(|closes| closes <= from) {
        return Err(Blocked::control(Code::IntervalEmpty)
            .with("from", from)
            .into());
    }
    if c.capacity.0 > COUNT_MAX {
        return Err(malformed("a capacity has at most ten digits").into());
    }
    let same = |f: &FacilityRecorded| {
        let told = (&f.district, f.service, f.capacity, f.closes);
        f.opens <= from && told == (&c.district, c.service, c.capacity, c.closes)
    };
    if forecasts.facility(c.facility).last().is_some_and(same) {
        return Err(blocked(Code::NoChange).into());
    }
    let fact = Fact::FacilityChanged(FacilityChanged::clone(c));
    let event = cx.event(fact).effective(from, c.closes);
    Ok(on(&c.territory, event))
}

/// Records an institution (point 8): a fact of others, which needs no power.
pub fn facility(c: &RecordFacility, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    // The stream is read, so that its version is known when it is written.
    known.forecasts(&c.territory)?;
    if c.closes.is_some_and(|closes| closes <= c.opens) {
        return Err(Blocked::control(Code::IntervalEmpty)
            .with("opens", c.opens)
            .into());
    }
    if c.capacity.0 > COUNT_MAX {
        return Err(malformed("a capacity has at most ten digits").into());
    }
    let fact = FacilityRecorded {
        facility: cx.minted,
        territory: c.territory.clone(),
        district: c.district.clone(),
        service: c.service,
        capacity: c.capacity,
        opens: c.opens,
        closes: c.closes,
        source: c.source.clone(),
    };
    let event = cx
        .record(Fact::FacilityRecorded(fact))
        .effective(c.opens, c.closes);
    Ok(on(&c.territory, event))
}
