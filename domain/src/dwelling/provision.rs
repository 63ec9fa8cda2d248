//! The norm for provision of housing (point 10): registration at the place of residence in state housing, or in private
//! housing rented by the akimat, takes into account at least 15 m2 of useful area per person. Exact, in whole square
//! decimetres: 45.00 m2 takes three, 44.99 m2 two.

use qonys_events::{
    citation::{Citation, Facts},
    fact::{dwelling::OverNormFound, registration::NormCheck},
    id::Ref,
    scalar::Count,
    term::{AgeClass, ConsentKind, DecisionType, HousingFund, OverNormGround},
};

use super::Dwelling;
use crate::{
    blocked::{Blocked, Code},
    command::{Custody, OverNorm},
    context::Context,
    law::{Law, NormInForce},
    person::interval::Interval,
};

/// The norm: useful area per person, in square decimetres.
pub const USEFUL_AREA: &str = "housing-provision.useful-area";

/// The reading, with author and date, that a registration over the norm is blocked: 1 that it is, 0 that it is recorded
/// and marked.
pub const OVER_NORM_BLOCKS: &str = "housing-provision.over-norm-blocks";

/// The reading, with author and date, that a family that is registered together is counted together: 1 that it is, 0 that
/// its members are looked at one after the other.
pub const FAMILY_TOGETHER: &str = "housing-provision.family-together";

/// How point 10 stands at a registration that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The outcome.
    pub check: NormCheck,
    /// What was read.
    pub facts: Facts,
    /// The power and the norms, where they were taken into account.
    pub bases: Vec<Citation>,
}

/// Somebody who is to be registered, as far as point 10 looks at him.
pub(crate) struct Joining<'a> {
    pub(crate) dwelling: Ref,
    /// The days of the registration.
    pub(crate) days: Interval,
    pub(crate) age: AgeClass,
    pub(crate) consent: ConsentKind,
    pub(crate) over_norm: Option<&'a OverNorm>,
    /// Whether the guardian that is named is recorded as such.
    pub(crate) guardianship: bool,
    pub(crate) with: Option<&'a Custody>,
    /// The dwelling as it stands, with those who were registered in the same decision.
    pub(crate) now: &'a Dwelling,
    /// Of a family that is registered together.
    pub(crate) family: Option<Family<'a>>,
}

/// The family that somebody is registered together with.
#[derive(Clone, Copy)]
pub(crate) struct Family<'a> {
    /// How many of its members are still to be registered, this one among them.
    pub(crate) remaining: u64,
    /// The dwelling before the first of them.
    pub(crate) before: &'a Dwelling,
}

/// Whether point 10 looks at a fund at all.
pub(crate) fn is_limited(fund: HousingFund) -> bool {
    match fund {
        HousingFund::State | HousingFund::AkimatRented => true,
        HousingFund::Private => false,
    }
}

/// The days on which the most area is missing, and what was read about them.
struct Worst {
    missing: u128,
    facts: Facts,
}

/// Compares area and residents on each of the days, description by description; `None` where no description on these
/// days is of a limited fund.
fn worst(now: &Dwelling, days: Interval, joining: u64, norm: &NormInForce) -> Option<Worst> {
    let limited = now
        .described_in(days)
        .filter(|(_, premises)| is_limited(premises.fund));
    let compared = limited.map(|(own, premises)| {
        let (area, residents) = (premises.useful_area, now.most_residents_in(own));
        let needed = u128::from(norm.value.0) * (u128::from(residents) + u128::from(joining));
        let facts = Facts::new()
            .with("fund", premises.fund)
            .with("useful-area", area)
            .with("area-day", own.from)
            .with("residents", residents)
            .with("joining", joining)
            .with("capacity", capacity_of(area.0, norm.value));
        Worst {
            missing: needed.saturating_sub(u128::from(area.0)),
            facts,
        }
    });
    // The first of those that are equally bad.
    compared.reduce(|worst, next| {
        if next.missing > worst.missing {
            next
        } else {
            worst
        }
    })
}

fn capacity_of(area: u64, norm: Count) -> String {
    let capacity = area.checked_div(norm.0);
    capacity.map_or_else(|| "unbounded".to_owned(), |persons| persons.to_string())
}

fn readable(law: &Law, name: &str, cx: &Context, facts: &Facts) -> Result<NormInForce, Blocked> {
    law.norm(name, cx.decided_on)
        .map_err(|blocked| blocked.having_read(facts))
}

/// Takes the norm of point 10 into account at a registration.
///
/// The power is that in force on the decision date: without one the registration goes on unchecked, and a power of
/// which it is not known whether it is in force blocks. The norm is that of the effective day, and the facts say so; the
/// readings are those of the decision date. Area and residents are compared on every day of the registration, as far as
/// they are recorded. Errors: `basis-unknown`, `norm-missing`, `over-norm` (law), `guardian-not-resident`.
pub(crate) fn check(who: &Joining<'_>, cx: &Context, law: &Law) -> Result<Verdict, Blocked> {
    let day = who.days.from;
    let fund = who.now.premises_on(who.dwelling, day)?.fund;
    let facts = Facts::new().with("fund", fund);
    let unchecked = |check, facts| Verdict {
        check,
        facts,
        bases: Vec::new(),
    };
    let ever_limited = who
        .now
        .described_in(who.days)
        .any(|(_, premises)| is_limited(premises.fund));
    if !ever_limited {
        return Ok(unchecked(NormCheck::NotApplicable, facts));
    }
    let power = match law.basis(DecisionType::HousingNorm, cx.decided_on) {
        Ok(power) => power,
        Err(none) if none.code == Code::NoBasis => {
            let state = none.facts.get("state").unwrap_or("none");
            let facts = facts.with("housing-norm-power", state);
            return Ok(unchecked(NormCheck::NoBasis, facts));
        }
        Err(blocked) => return Err(blocked.having_read(&facts)),
    };
    let norm = law
        .norm(USEFUL_AREA, day)
        .map_err(|blocked| blocked.having_read(&facts))?;
    let mut bases = vec![power, norm.citation.clone()];
    let facts = facts
        .with("housing-norm-power", "in-force")
        .with("housing-norm-certainty", bases[0].certainty)
        .with("norm", norm.value)
        .with("norm-day", day)
        .with("norm-certainty", norm.citation.certainty);
    let mut counted = (1, who.now);
    let mut facts = facts;
    if let Some(family) = who.family {
        let reading = readable(law, FAMILY_TOGETHER, cx, &facts)?;
        facts = facts.with("family-together", reading.value);
        if reading.value != Count(0) {
            counted = (family.remaining, family.before);
        }
        bases.push(reading.citation);
    }
    let (joining, joinable) = counted;
    let Some(worst) = worst(who.now, who.days, joining, &norm) else {
        return Ok(unchecked(NormCheck::NotApplicable, facts));
    };
    facts.0.extend(worst.facts.0);
    if worst.missing == 0 {
        return Ok(Verdict {
            check: NormCheck::Within,
            facts,
            bases,
        });
    }
    let facts = facts.with("missing-area", worst.missing);
    let ground = match ground(who, joinable, &facts)? {
        Some(ground) => ground,
        None => {
            let reading = readable(law, OVER_NORM_BLOCKS, cx, &facts)?;
            if reading.value != Count(0) {
                let blocked = Blocked::law(Code::OverNorm, &bases[0]).having_read(&facts);
                return Err(blocked.with("over-norm-blocks", reading.citation.certainty));
            }
            bases.push(reading.citation);
            OverNormGround::NotBarred
        }
    };
    let mut facts = facts.with("over-norm-ground", ground);
    if let (OverNormGround::CourtOrder, Some(OverNorm::CourtOrder { document })) =
        (ground, who.over_norm)
    {
        facts = facts.with("over-norm-document", document);
    }
    Ok(Verdict {
        check: NormCheck::Over { ground },
        facts,
        bases,
    })
}

/// Why the registration is recorded although the area does not suffice, if that is proven: a move-in ordered by a
/// court, a child under 14 who joins a parent, a ward who joins a guardian; parent or guardian is registered here on
/// the effective day. From 14 on the guardianship itself is recorded: a claim alone does not make a ward. A ground that
/// nobody needs is not read.
fn ground(
    who: &Joining<'_>,
    joinable: &Dwelling,
    facts: &Facts,
) -> Result<Option<OverNormGround>, Blocked> {
    if who.consent == ConsentKind::Court {
        return Ok(Some(OverNormGround::CourtOrder));
    }
    let child = who.age == AgeClass::Under14;
    let (ground, joined, claimed) = match (who.over_norm, who.with) {
        (Some(OverNorm::CourtOrder { .. }), _) => return Ok(Some(OverNormGround::CourtOrder)),
        (Some(OverNorm::ChildJoinsParent { parent }), _) if child => {
            (OverNormGround::ChildJoinsParent, *parent, true)
        }
        (Some(OverNorm::WardJoinsGuardian { guardian }), _) => {
            (OverNormGround::WardJoinsGuardian, *guardian, true)
        }
        (None, Some(Custody::Parent { person })) if child => {
            (OverNormGround::ChildJoinsParent, *person, false)
        }
        (None, Some(Custody::Guardian { person })) => {
            (OverNormGround::WardJoinsGuardian, *person, false)
        }
        _ => return Ok(None),
    };
    let ward = ground != OverNormGround::WardJoinsGuardian || child || who.guardianship;
    let here = joinable.houses(joined, who.days.from);
    if here && ward {
        return Ok(Some(ground));
    }
    if !claimed {
        return Ok(None);
    }
    let code = if here {
        Code::GuardianshipNotRecorded
    } else {
        Code::GuardianNotResident
    };
    let blocked = Blocked::control(code).with("over-norm-ground", ground);
    Err(blocked.having_read(facts))
}

/// More residents than the norm takes on some of these days, after the dwelling was described otherwise or somebody is
/// found to have lived there longer: `None` where there are not, or where point 10 does not look at it or has no basis or
/// norm.
pub(crate) fn found(
    after: &Dwelling,
    days: Interval,
    cx: &Context,
    law: &Law,
) -> Option<OverNormFound> {
    let day = days.from;
    let power = law.basis(DecisionType::HousingNorm, cx.decided_on).ok()?;
    let norm = law.norm(USEFUL_AREA, day).ok()?;
    let worst = worst(after, days, 0, &norm).filter(|worst| worst.missing > 0)?;
    let number = |name| worst.facts.get(name).and_then(|text| text.parse().ok());
    Some(OverNormFound {
        residents: number("residents")?,
        capacity: number("capacity")?,
        facts: worst
            .facts
            .with("missing-area", worst.missing)
            .with("norm", norm.value)
            .with("norm-day", day)
            .with("housing-norm-certainty", power.certainty),
        bases: vec![power, norm.citation],
    })
}
