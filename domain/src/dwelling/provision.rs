//! The norm for provision of housing (point 10): registration at the place of residence in state housing, or in private
//! housing rented by the akimat, takes into account at least 15 m2 of useful area per person. Exact, in whole square
//! decimetres: 45.00 m2 takes three, 44.99 m2 two.

use qonys_events::{
    citation::{Citation, Facts},
    fact::registration::NormCheck,
    term::{AgeClass, ConsentKind, DecisionType, HousingFund, OverNormGround},
};

use super::Dwelling;
use crate::{
    blocked::{Blocked, Code},
    command::{OverNorm, RegisterResidence},
    context::Context,
    law::Law,
};

/// The norm: useful area per person, in square decimetres.
pub const USEFUL_AREA: &str = "housing-provision.useful-area";

/// The reading, with author and date, that a registration over the norm is blocked. Its certainty is told with a block.
pub const OVER_NORM_BLOCKS: &str = "housing-provision.over-norm-blocks";

/// How point 10 stands at a registration that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The outcome.
    pub check: NormCheck,
    /// What was read.
    pub facts: Facts,
    /// The power and the norm, where they were taken into account.
    pub bases: Vec<Citation>,
}

/// Takes the norm of point 10 into account at a registration.
///
/// The power is that in force on the decision date: without one the registration goes on unchecked, and a power of
/// which it is not known whether it is in force blocks. The norm is that of the effective day, and the facts say so.
/// Residents are counted on the effective day and on every later day that is recorded, because a registration has no
/// end. Errors: `basis-unknown`, `norm-missing`, `over-norm` (law), `guardian-not-resident`.
pub(crate) fn check(
    c: &RegisterResidence,
    cx: &Context,
    dwelling: &Dwelling,
    law: &Law,
) -> Result<Verdict, Blocked> {
    let premises = dwelling.premises(c.dwelling)?;
    let facts = Facts::new().with("fund", premises.fund);
    match premises.fund {
        HousingFund::Private => {
            return Ok(Verdict {
                check: NormCheck::NotApplicable,
                facts,
                bases: Vec::new(),
            });
        }
        HousingFund::State | HousingFund::AkimatRented => {}
    }
    let power = match law.basis(DecisionType::HousingNorm, cx.decided_on) {
        Ok(power) => power,
        Err(none) if none.code == Code::NoBasis => {
            let facts = facts.with(
                "housing-norm-power",
                none.facts.get("state").unwrap_or("none"),
            );
            return Ok(Verdict {
                check: NormCheck::NoBasis,
                facts,
                bases: Vec::new(),
            });
        }
        Err(blocked) => return Err(blocked.having_read(&facts)),
    };
    let day = cx.effective_from();
    let norm = law
        .norm(USEFUL_AREA, day)
        .map_err(|blocked| blocked.having_read(&facts))?;
    let (area, residents) = (premises.useful_area, dwelling.most_residents_from(day));
    let capacity = area.0.checked_div(norm.value.0);
    let facts = facts
        .with("housing-norm-power", "in-force")
        .with("housing-norm-certainty", power.certainty)
        .with("norm", norm.value)
        .with("norm-day", day)
        .with("norm-certainty", norm.citation.certainty)
        .with("useful-area", area)
        .with("residents", residents)
        .with(
            "capacity",
            capacity.map_or("unbounded".to_owned(), |persons| persons.to_string()),
        );
    let needed = u128::from(norm.value.0) * (u128::from(residents) + 1);
    let missing = needed.saturating_sub(u128::from(area.0));
    let bases = vec![power, norm.citation];
    if missing == 0 {
        return Ok(Verdict {
            check: NormCheck::Within,
            facts,
            bases,
        });
    }
    let facts = facts
        .with("missing-area", missing)
        .with("age", c.age)
        .with("consent", c.consent);
    match ground(c, cx, dwelling, &facts)? {
        Some(ground) => Ok(Verdict {
            check: NormCheck::Over { ground },
            facts,
            bases,
        }),
        None => {
            let reading = law
                .norm(OVER_NORM_BLOCKS, cx.decided_on)
                .map(|norm| norm.citation.certainty);
            let reading = reading.map_or("not-recorded", |certainty| certainty.as_str());
            let blocked = Blocked::law(Code::OverNorm, &bases[0]).having_read(&facts);
            Err(blocked.with("over-norm-blocks", reading))
        }
    }
}

/// Why the registration is recorded although the area does not suffice, if that is proven: a move-in ordered by a
/// court, a child under 14 who joins a parent, a ward who joins a guardian; parent or guardian is registered here on
/// the effective day. A ground that nobody needs is not read.
fn ground(
    c: &RegisterResidence,
    cx: &Context,
    dwelling: &Dwelling,
    facts: &Facts,
) -> Result<Option<OverNormGround>, Blocked> {
    if c.consent == ConsentKind::Court {
        return Ok(Some(OverNormGround::CourtOrder));
    }
    let (ground, joined) = match &c.over_norm {
        None => return Ok(None),
        Some(OverNorm::CourtOrder { .. }) => return Ok(Some(OverNormGround::CourtOrder)),
        Some(OverNorm::ChildJoinsParent { .. }) if c.age != AgeClass::Under14 => return Ok(None),
        Some(OverNorm::ChildJoinsParent { parent }) => (OverNormGround::ChildJoinsParent, *parent),
        Some(OverNorm::WardJoinsGuardian { guardian }) => {
            (OverNormGround::WardJoinsGuardian, *guardian)
        }
    };
    if dwelling.houses(joined, cx.effective_from()) {
        return Ok(Some(ground));
    }
    let blocked = Blocked::control(Code::GuardianNotResident).with("over-norm-ground", ground);
    Err(blocked.having_read(facts))
}
