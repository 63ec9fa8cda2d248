//! Which act gives the power for a decision, and which norm is in force (preamble, points 1 and 11).

use qonys_events::{
    citation::Citation,
    fact::law::NormRecorded,
    scalar::{Count, Day, Slug, Text},
    term::{Certainty, DecisionType},
};

use super::{Act, Law, force::Wording};
use crate::blocked::{Blocked, Code};

/// A norm that is in force, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NormInForce {
    /// The name under which it is looked up.
    pub norm: Slug,
    /// Its value, in the unit that the norm names.
    pub value: Count,
    /// The document that sets it, as it stands on that day.
    pub citation: Citation,
}

/// The less sure of two certainties.
fn weaker(a: Certainty, b: Certainty) -> Certainty {
    a.max(b)
}

/// A citation of an act's own wording on a day; blocked when the act is not in force or that is not known.
pub(super) fn cite(law: &Law, act: &Act, point: &str, on: Day) -> Result<Citation, Blocked> {
    citation(law, &act.record.document, point, on, Certainty::Known)
        .map_err(|blocked| blocked.with("act", &act.record.act))
}

fn citation(
    law: &Law,
    document: &Slug,
    point: &str,
    on: Day,
    certainty: Certainty,
) -> Result<Citation, Blocked> {
    let missing = |code, state: &str| {
        Err(Blocked::control(code)
            .with("document", document)
            .with("state", state)
            .with("decided-on", on))
    };
    match law.wording(document, on) {
        Wording::InForce {
            act,
            certainty: entered,
        } => Ok(Citation {
            act: document.clone(),
            point: point.parse().expect("a point is a short text"),
            wording: act.record.wording.clone(),
            number: law.act(document)?.record.number.clone(),
            language: act.record.language,
            certainty: weaker(certainty, entered),
        }),
        Wording::NotYet => missing(Code::NoBasis, "not-yet"),
        Wording::Repealed { since, .. } => missing(Code::NoBasis, "repealed")
            .map_err(|blocked: Blocked| blocked.with("repealed-on", since)),
        Wording::Unknown => missing(Code::BasisUnknown, "unknown"),
    }
}

/// The first citation that is in force; else why there is none: one that may be in force counts more than one that is
/// not.
pub(crate) fn first_in_force(
    citations: impl Iterator<Item = Result<Citation, Blocked>>,
) -> Option<Result<Citation, Blocked>> {
    let mut refused: Option<Blocked> = None;
    for citation in citations {
        match citation {
            Ok(citation) => return Some(Ok(citation)),
            Err(blocked) => {
                if refused
                    .as_ref()
                    .is_none_or(|kept| kept.code == Code::NoBasis)
                {
                    refused = Some(blocked);
                }
            }
        }
    }
    refused.map(Err)
}

impl Law {
    /// The power for a type of decision on its decision date. Where several powers are in force the one recorded first
    /// is cited. Blocked without any: `no-basis`, or `basis-unknown` when one may be in force.
    pub fn basis(&self, decision: DecisionType, on: Day) -> Result<Citation, Blocked> {
        let powers = self.powers.get(&decision).into_iter().flatten();
        let valid = powers
            .filter(|p| p.from <= on && p.until.is_none_or(|until| on < until))
            .map(|p| citation(self, &p.document, p.point.as_str(), on, p.certainty));
        first_in_force(valid)
            .unwrap_or_else(|| Err(Blocked::control(Code::NoBasis).with("decided-on", on)))
            .map_err(|blocked| blocked.with("decision", decision))
    }

    /// Whether the catalogue has a power by a document and a point (point 11): one of a type of decision, or another.
    pub fn catalogued(&self, power: &Slug, document: &Slug, point: &str) -> bool {
        let decision = power.as_str().parse::<DecisionType>().ok();
        let of_decision = decision.and_then(|decision| self.powers.get(&decision));
        let others = self.other_powers.get(power);
        let same = |d: &Slug, p: &str| d == document && p == point;
        of_decision
            .into_iter()
            .flatten()
            .any(|p| same(&p.document, p.point.as_str()))
            || others
                .into_iter()
                .flatten()
                .any(|p| same(&p.document, p.point.as_str()))
    }

    /// When the catalogue has a power by a document and a point (point 11): of a type of decision, or another.
    pub(crate) fn validities(
        &self,
        power: &Slug,
        document: &Slug,
        point: &Text,
    ) -> Vec<(Day, Option<Day>)> {
        let decision = power.as_str().parse::<DecisionType>().ok();
        let of_decision = decision.and_then(|decision| self.powers.get(&decision));
        let of_decision = of_decision.into_iter().flatten();
        let others = self.other_powers.get(power).into_iter().flatten();
        of_decision
            .filter(|p| p.document == *document && p.point == *point)
            .map(|p| (p.from, p.until))
            .chain(
                others
                    .filter(|p| p.document == *document && p.point == *point)
                    .map(|p| (p.from, p.until)),
            )
            .collect()
    }

    /// The basis of a power without a type of decision (point 11), in force on a day. `power-not-catalogued` when the
    /// catalogue has none of this name.
    pub fn other_power(&self, power: &Slug, on: Day) -> Result<Citation, Blocked> {
        let named = |blocked: Blocked| blocked.with("power", power).with("decided-on", on);
        let known = self
            .other_powers
            .get(power)
            .ok_or_else(|| named(Blocked::control(Code::PowerNotCatalogued)))?;
        let valid = known
            .iter()
            .filter(|p| p.from <= on && p.until.is_none_or(|until| on < until))
            .map(|p| citation(self, &p.document, p.point.as_str(), on, p.certainty));
        first_in_force(valid)
            .unwrap_or_else(|| Err(Blocked::control(Code::NoBasis)))
            .map_err(named)
    }

    /// The basis by which an office was vested with a power (point 11): the catalogue has the power by this document and
    /// point on a day, and the document is in force then.
    pub fn vested_by(
        &self,
        power: &Slug,
        document: &Slug,
        point: &str,
        on: Day,
    ) -> Result<Citation, Blocked> {
        let on_day = |from: Day, until: Option<Day>| from <= on && until.is_none_or(|u| on < u);
        let decision = power.as_str().parse::<DecisionType>().ok();
        let of_decision = decision.and_then(|decision| self.powers.get(&decision));
        let of_decision = of_decision.into_iter().flatten().filter_map(|p| {
            let same = p.document == *document && p.point.as_str() == point;
            (same && on_day(p.from, p.until)).then_some(p.certainty)
        });
        let others = self.other_powers.get(power).into_iter().flatten();
        let others = others.filter_map(|p| {
            let same = p.document == *document && p.point.as_str() == point;
            (same && on_day(p.from, p.until)).then_some(p.certainty)
        });
        let named = |blocked: Blocked| blocked.with("power", power).with("decided-on", on);
        let certainty = of_decision
            .chain(others)
            .next()
            .ok_or_else(|| named(Blocked::control(Code::NoBasis).with("document", document)))?;
        citation(self, document, point, on, certainty).map_err(named)
    }

    /// The norm of this name in force on a day. Blocked without one: `norm-missing`; `basis-unknown` when its document
    /// may be in force.
    pub fn norm(&self, name: &str, on: Day) -> Result<NormInForce, Blocked> {
        let named = |blocked: Blocked| blocked.with("norm", name).with("day", on);
        let norm = self
            .norm_recorded(name, on)
            .ok_or_else(|| named(Blocked::control(Code::NormMissing)))?;
        let citation = citation(
            self,
            &norm.document,
            norm.point.as_str(),
            on,
            norm.certainty,
        )
        .map_err(|blocked| {
            let code = if blocked.code == Code::NoBasis {
                Code::NormMissing
            } else {
                blocked.code
            };
            named(Blocked { code, ..blocked })
        })?;
        Ok(NormInForce {
            norm: norm.norm.clone(),
            value: norm.value,
            citation,
        })
    }

    fn norm_recorded(&self, name: &str, on: Day) -> Option<&NormRecorded> {
        let key: Slug = name.parse().ok()?;
        self.norms
            .get(&key)?
            .iter()
            .find(|norm| norm.from <= on && norm.until.is_none_or(|until| on < until))
            .map(|norm| &norm.says)
    }
}
