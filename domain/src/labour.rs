//! The ledger of foreign labour of a territory (points 5 and 11; migration law art. 15 and 37-1). The share of a territory is
//! what an act distributed to it; until one is recorded it is unknown, and nothing is granted inside a quota that nobody
//! knows. A proposal to raise or cut it (point 5) changes nothing here.

use std::collections::BTreeMap;

use qonys_events::{
    citation::{Citation, Facts},
    event::Event,
    fact::{
        Fact,
        labour::{
            LabourPermitExtended, LabourPermitGranted, LabourPermitResumed, LabourPermitSuspended,
            LabourPermitWithdrawn, ShareDistributed,
        },
    },
    id::{Ref, StreamId, StreamKind},
    scalar::{Count, Day, Slug, Year},
    term::{DecisionType, LabourCategory},
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    command::{ChangeLabourPermit, ExtendLabourPermit, GrantLabourPermit},
    context::Context,
    decide::{Decided, Undecided},
    law::{Holding, Law},
    streams::Known,
};

/// Where a permit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Stand {
    Valid,
    Suspended,
    Withdrawn,
}

impl Stand {
    fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspended => "suspended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A permit, as its events made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Permit {
    category: LabourCategory,
    workers: Count,
    outside: bool,
    from: Day,
    until: Day,
    stand: Stand,
    /// The day from which it stands so.
    since: Day,
}

/// Places by category.
type Places = BTreeMap<LabourCategory, u64>;

/// The ledger of one territory, as the events of the stream made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ForeignLabour {
    /// The shares of each year in the order of recording: the act and what it distributed.
    shares: BTreeMap<u16, Vec<(Slug, Places)>>,
    /// Places of each year that grants and extensions took.
    taken: BTreeMap<u16, Places>,
    permits: BTreeMap<Ref, Permit>,
}

impl ForeignLabour {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::ShareDistributed(share) => {
                let lines = share
                    .lines
                    .iter()
                    .map(|line| (line.category, line.places.0));
                let of_year = self.shares.entry(share.year.0).or_default();
                of_year.push((share.act.clone(), lines.collect()));
            }
            Fact::LabourPermitGranted(granted) => {
                let (Some(from), Some(until)) = (event.effectivefrom, event.effectiveto) else {
                    return;
                };
                let permit = Permit {
                    category: granted.category,
                    workers: granted.workers,
                    outside: granted.outside_quota.is_some(),
                    from,
                    until,
                    stand: Stand::Valid,
                    since: from,
                };
                if !permit.outside {
                    self.take(event, granted.category, granted.workers);
                }
                self.permits.insert(granted.permit, permit);
            }
            Fact::LabourPermitExtended(extended) => {
                let category = self.permits.get_mut(&extended.permit).map(|permit| {
                    permit.until = event.effectiveto.unwrap_or(permit.until);
                    permit.category
                });
                if let Some(category) = category {
                    self.take(event, category, extended.counted);
                }
            }
            Fact::LabourPermitSuspended(f) => self.stands(f.permit, Stand::Suspended, event),
            Fact::LabourPermitResumed(f) => self.stands(f.permit, Stand::Valid, event),
            Fact::LabourPermitWithdrawn(f) => self.stands(f.permit, Stand::Withdrawn, event),
            _ => {}
        }
    }

    fn take(&mut self, event: &Event, category: LabourCategory, places: Count) {
        if let Some(on) = event.decidedon {
            let of_year = self.taken.entry(on.year().0).or_default();
            *of_year.entry(category).or_default() += places.0;
        }
    }

    /// Places of a year that grants and extensions took in a category.
    pub(crate) fn used(&self, year: Year, category: LabourCategory) -> u64 {
        let of_year = self.taken.get(&year.0);
        let used = of_year.and_then(|places| places.get(&category));
        used.copied().unwrap_or(0)
    }

    fn stands(&mut self, permit: Ref, stand: Stand, event: &Event) {
        if let Some(permit) = self.permits.get_mut(&permit) {
            permit.stand = stand;
            permit.since = event.effectivefrom.unwrap_or(permit.since);
        }
    }

    /// The share of a category in force on a day: of the acts that name it, that of the one that entered into force last. An act
    /// that names others gives it no place. Where it is not known whether an act is in force, nothing is decided.
    fn share<'a>(
        &'a self,
        category: LabourCategory,
        on: Day,
        (law, basis): (&'a Law, &Citation),
    ) -> Result<(&'a Slug, u64), Blocked> {
        let recorded = self.shares.get(&on.year().0);
        let recorded = recorded
            .filter(|acts| !acts.is_empty())
            .ok_or_else(|| Blocked::law(Code::ShareNotRecorded, basis).with("year", on.year()))?;
        let unknown = |act: &Slug| {
            Err(Blocked::control(Code::BasisUnknown)
                .with("day", on)
                .with("limit-act", act))
        };
        let named = recorded
            .iter()
            .filter_map(|(act, lines)| Some((act, lines.get(&category)?)));
        match law.holding(named, on) {
            Holding::InForce { act, says } => return Ok((act, *says)),
            Holding::Unknown { act } => return unknown(act),
            Holding::Nothing => {}
        }
        match law.holding(recorded.iter().map(|(act, lines)| (act, lines)), on) {
            Holding::InForce { act, .. } => Ok((act, 0)),
            Holding::Unknown { act } => unknown(act),
            Holding::Nothing => {
                Err(Blocked::law(Code::QuotaNotInForce, basis).with("decided-on", on))
            }
        }
    }

    fn taken(&self, category: LabourCategory, on: Day) -> u64 {
        let of_year = self.taken.get(&on.year().0);
        of_year
            .and_then(|places| places.get(&category))
            .map_or(0, |n| *n)
    }
}

fn on(territory: &Slug, event: Event) -> Decided {
    vec![(StreamId::named(StreamKind::ForeignLabour, territory), event)]
}

/// Records the share that an act distributed. A fact of others: never refused for its content, below what is taken or not.
pub fn distribute(
    c: &ShareDistributed,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    known.law()?.act(&c.act)?;
    let lines: BTreeMap<_, _> = c.lines.iter().map(|l| (l.category, l.places.0)).collect();
    if lines.is_empty() || lines.len() != c.lines.len() {
        return Err(Blocked::control(Code::LinesMalformed)
            .with("what", "categories")
            .into());
    }
    let ledger = known.foreign_labour(&c.territory)?;
    let of_year = ledger.shares.get(&c.year.0).into_iter().flatten();
    if of_year.into_iter().any(|(act, _)| *act == c.act) {
        return Err(Blocked::control(Code::NoChange)
            .with("act", &c.act)
            .with("territory", &c.territory)
            .into());
    }
    Ok(on(
        &c.territory,
        cx.record(Fact::ShareDistributed(c.clone())),
    ))
}

/// The power of the akimat of the territory on the decision date, with what was read.
fn power(
    territory: &Slug,
    cx: &Context,
    known: &Known<'_>,
) -> Result<(Citation, Facts), Undecided> {
    let basis = known
        .law()?
        .basis(DecisionType::ForeignLabourPermit, cx.decided_on)?;
    let office = format!("akimat.{territory}");
    if cx.actor.office.as_str() != office {
        return Err(Blocked::law(Code::NotTheDecidingOffice, &basis)
            .with("deciding-office", &cx.actor.office)
            .with("office-of-territory", office)
            .into());
    }
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("territory", territory);
    Ok((basis, facts))
}

/// Blocks more than the share of the year leaves; gives what was read.
fn within_share(
    ledger: &ForeignLabour,
    category: LabourCategory,
    places: Count,
    basis: &Citation,
    facts: Facts,
    (cx, law): (&Context, &Law),
) -> Result<Facts, Blocked> {
    let (act, share) = ledger
        .share(category, cx.decided_on, (law, basis))
        .map_err(|blocked| blocked.having_read(&facts))?;
    let taken = ledger.taken(category, cx.decided_on);
    let facts = facts
        .with("limit-act", act)
        .with("limit", share)
        .with("taken", taken)
        .with("places", places);
    if taken.saturating_add(places.0) > share {
        return Err(Blocked::law(Code::LimitReached, basis).having_read(&facts));
    }
    Ok(facts)
}

/// Grants a permit: inside the share of the year of the decision, or on a ground in force outside the quota.
pub fn grant(c: &GrantLabourPermit, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let (basis, facts) = power(&c.territory, cx, known)?;
    let from = cx.effective_from();
    if c.workers == Count(0) {
        return Err(Blocked::control(Code::LinesMalformed)
            .with("what", "workers")
            .into());
    }
    if c.until <= from {
        return Err(Blocked::control(Code::IntervalEmpty)
            .with("from", from)
            .with("until", c.until)
            .into());
    }
    let law = known.law()?;
    let ledger = known.foreign_labour(&c.territory)?;
    let facts = facts.with("labour-category", c.category);
    let (facts, bases) = match &c.outside_quota {
        Some(ground) => {
            let norm = law.norm(&format!("labour-outside-quota.{ground}"), cx.decided_on)?;
            (facts.with("outside-quota", ground), vec![norm.citation])
        }
        None => {
            let at = (cx, law);
            let facts = within_share(ledger, c.category, c.workers, &basis, facts, at)?;
            (facts, Vec::new())
        }
    };
    let fact = Fact::LabourPermitGranted(LabourPermitGranted {
        permit: cx.minted,
        employer: c.employer.clone(),
        category: c.category,
        workers: c.workers,
        outside_quota: c.outside_quota.clone(),
        facts,
        bases,
    });
    let event = cx.event(fact).effective(from, Some(c.until)).citing(basis);
    Ok(on(&c.territory, event))
}

/// The permit, if it stands so that the step leads on: on a day of it, not before the last step.
fn permit<'a>(
    ledger: &'a ForeignLabour,
    id: Ref,
    stands: &[Stand],
    day: Day,
) -> Result<&'a Permit, Blocked> {
    let found = ledger
        .permits
        .get(&id)
        .ok_or_else(|| Blocked::control(Code::PermitNotFound).with("permit", id))?;
    let on_its_days = found.since <= day && day < found.until;
    if stands.contains(&found.stand) && on_its_days {
        return Ok(found);
    }
    Err(Blocked::control(Code::PermitStep)
        .with("permit", id)
        .with("state", found.stand.as_str())
        .with("day", day)
        .with("until", found.until))
}

/// Extends a valid permit. Whether an extension takes places of the year is a norm, `labour-extension.counts`: 1 where it
/// does. Outside the quota nothing is counted.
pub fn extend(
    c: &ExtendLabourPermit,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let (basis, facts) = power(&c.territory, cx, known)?;
    let law = known.law()?;
    let ledger = known.foreign_labour(&c.territory)?;
    let permit = permit(ledger, c.permit, &[Stand::Valid], cx.effective_from())?;
    let ends = permit.until;
    if c.until <= ends {
        return Err(Blocked::control(Code::IntervalEmpty)
            .with("from", ends)
            .with("until", c.until)
            .into());
    }
    let facts = facts.with("labour-category", permit.category);
    let (counted, facts, bases) = if permit.outside {
        (Count(0), facts.with("outside-quota", "yes"), Vec::new())
    } else {
        let norm = law.norm("labour-extension.counts", cx.decided_on)?;
        if norm.value == Count(0) {
            (Count(0), facts.with("places", 0), vec![norm.citation])
        } else {
            let places = permit.workers;
            let at = (cx, law);
            let facts = within_share(ledger, permit.category, places, &basis, facts, at)?;
            (places, facts, vec![norm.citation])
        }
    };
    let fact = Fact::LabourPermitExtended(LabourPermitExtended {
        permit: c.permit,
        counted,
        facts,
        bases,
    });
    let event = cx.event(fact).effective(ends, Some(c.until)).citing(basis);
    Ok(on(&c.territory, event))
}

/// A step that changes how a permit stands.
fn step(
    c: &ChangeLabourPermit,
    stands: &[Stand],
    fact: impl FnOnce(Facts) -> Fact,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let (basis, facts) = power(&c.territory, cx, known)?;
    let ledger = known.foreign_labour(&c.territory)?;
    let permit = permit(ledger, c.permit, stands, cx.effective_from())?;
    let facts = facts.with("state", permit.stand.as_str());
    Ok(on(&c.territory, cx.event(fact(facts)).citing(basis)))
}

/// Suspends a valid permit.
pub fn suspend(
    c: &ChangeLabourPermit,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let fact = |facts| {
        Fact::LabourPermitSuspended(LabourPermitSuspended {
            permit: c.permit,
            document: c.document,
            facts,
        })
    };
    step(c, &[Stand::Valid], fact, cx, known)
}

/// Makes a suspended permit valid again.
pub fn resume(
    c: &ChangeLabourPermit,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let fact = |facts| {
        Fact::LabourPermitResumed(LabourPermitResumed {
            permit: c.permit,
            document: c.document,
            facts,
        })
    };
    step(c, &[Stand::Suspended], fact, cx, known)
}

/// Withdraws a permit for good.
pub fn withdraw(
    c: &ChangeLabourPermit,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let fact = |facts| {
        Fact::LabourPermitWithdrawn(LabourPermitWithdrawn {
            permit: c.permit,
            document: c.document,
            facts,
        })
    };
    step(c, &[Stand::Valid, Stand::Suspended], fact, cx, known)
}
