//! Dwellings (points 9 and 10): fund, useful area, district, holders, consents and residents. A dwelling is a subject of
//! its own; its address below the district stands in a sealed slot.

use std::collections::BTreeSet;

use qonys_events::{
    event::Event,
    fact::{
        Fact,
        dwelling::HoldersRecorded,
        registration::{Corrects, DwellingRecorded},
    },
    id::{Ref, StreamId, StreamKind},
    scalar::{Day, Slug, SquareDecimetres, StreamSeq},
    term::{HousingFund, PremisesUse},
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    command::RecordDwelling,
    context::Context,
    decide::{Decided, Undecided},
    destruction::Proposed,
    person::{
        interval::{self, Spell},
        sealed,
    },
    streams::Known,
};

pub mod change;
pub mod consent;
pub mod provision;
#[cfg(test)]
mod tests;

/// What is recorded of a dwelling itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Premises {
    /// Its fund.
    pub fund: HousingFund,
    /// Useful area.
    pub useful_area: SquareDecimetres,
    /// Its district, or `not-stated`.
    pub district: Slug,
    /// What it serves for.
    pub serves: PremisesUse,
}

/// A description that holds from a day on, until the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Described {
    /// `None` for the one that holds ever since.
    from: Option<Day>,
    premises: Premises,
}

/// A dwelling, as the events of the stream made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dwelling {
    /// By first day; the first one holds ever since.
    described: Vec<Described>,
    destroyed_on: Option<Day>,
    residents: Vec<Spell>,
    /// By first day: from it on these hold the dwelling, until the next.
    holders: Vec<(Day, HoldersRecorded)>,
    consents: Vec<consent::Consent>,
    /// The place in the stream of the event that was applied last.
    seq: StreamSeq,
    /// The entry that describes the dwelling ever since.
    recorded_by: StreamSeq,
    /// Entries that a correction superseded.
    superseded: BTreeSet<StreamSeq>,
    /// Whether the sealed address is destroyed.
    #[serde(default)]
    data_destroyed: bool,
    /// The proposal to destroy it that stands.
    #[serde(default)]
    proposed: Option<Proposed>,
    /// The last day that an event is about.
    #[serde(default)]
    last_on: Option<Day>,
}

impl Dwelling {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        self.seq.0 += 1;
        self.apply_data(event);
        match &event.fact {
            Fact::DwellingRecorded(d) => {
                if let Some(Corrects { entry, .. }) = d.corrects {
                    self.superseded.insert(entry);
                }
                self.recorded_by = self.seq;
                let premises = Premises {
                    fund: d.fund,
                    useful_area: d.useful_area,
                    district: d.district.clone(),
                    serves: d.premises,
                };
                self.described.retain(|d| d.from.is_some());
                self.described.insert(
                    0,
                    Described {
                        from: None,
                        premises,
                    },
                );
            }
            Fact::DwellingChanged(d) => {
                let from = event.effectivefrom;
                self.described.retain(|d| d.from < from);
                self.described.push(Described {
                    from,
                    premises: Premises {
                        fund: d.fund,
                        useful_area: d.useful_area,
                        district: d.district.clone(),
                        serves: d.premises,
                    },
                });
            }
            Fact::DwellingDestroyed(_) => self.destroyed_on = event.effectivefrom,
            Fact::ResidentEntered(r) => {
                interval::begin(&mut self.residents, r.person, event, self.seq);
            }
            Fact::ResidentLeft(r) => {
                interval::end(&mut self.residents, r.person, event, self.seq);
            }
            Fact::HoldersRecorded(h) => {
                if let Some(from) = event.effectivefrom {
                    self.holders.retain(|(day, _)| *day < from);
                    self.holders.push((from, h.clone()));
                }
            }
            Fact::ConsentGiven(c) => self.consent_given(c, event),
            Fact::ConsentWithdrawn(c) => self.consent_withdrawn(c, event),
            _ => {}
        }
    }

    /// Applies what was decided about the sealed address, and notes the last day that an event is about.
    fn apply_data(&mut self, event: &Event) {
        match &event.fact {
            Fact::DwellingDataDestroyed(_) => (self.data_destroyed, self.proposed) = (true, None),
            Fact::DwellingDestructionProposed(fact) => {
                self.proposed = Some(Proposed::of(fact, event, self.seq));
            }
            _ => {
                let days = [event.decidedon, event.effectivefrom].into_iter().flatten();
                self.last_on = self.last_on.into_iter().chain(days).max();
            }
        }
    }

    /// The proposal to destroy the sealed address that stands.
    pub(crate) fn proposed(&self) -> Option<Proposed> {
        self.proposed
    }

    /// Whether the sealed address is destroyed.
    pub fn data_destroyed(&self) -> bool {
        self.data_destroyed
    }

    /// The day from which the dwelling is destroyed, where it is.
    pub(crate) fn destroyed_on(&self) -> Option<Day> {
        self.destroyed_on
    }

    /// Since when nothing about the dwelling goes on any more; `None` while somebody is registered there.
    pub(crate) fn at_rest_since(&self, on: Day) -> Option<Day> {
        let ends = self.residents.iter().map(|spell| spell.days);
        let ends = ends.filter(|days| !days.is_empty()).map(|days| days.until);
        let mut last = self.last_on.unwrap_or(on);
        for end in ends {
            last = last.max(end.filter(|end| *end <= on)?);
        }
        Some(last)
    }

    /// Whether the dwelling is recorded.
    pub fn exists(&self) -> bool {
        !self.described.is_empty()
    }

    /// How the dwelling is described on a day, destroyed or not; blocked with its reference when it is not recorded.
    pub fn premises_on(&self, dwelling: Ref, day: Day) -> Result<&Premises, Blocked> {
        let found = self.described.iter().rev().find(|d| d.from <= Some(day));
        found
            .map(|d| &d.premises)
            .ok_or_else(|| not_found(dwelling))
    }

    /// How the dwelling is described on a day on which somebody is to be registered there: it is recorded, not
    /// destroyed, and may be lived in.
    pub fn habitable_on(&self, dwelling: Ref, day: Day) -> Result<&Premises, Blocked> {
        let premises = self.premises_on(dwelling, day)?;
        let told = |code| Blocked::control(code).with("dwelling", dwelling);
        if self.data_destroyed {
            return Err(told(Code::DataDestroyed));
        }
        match self.destroyed_on {
            Some(destroyed) if destroyed <= day => {
                return Err(told(Code::DwellingDestroyed).with("destroyed-on", destroyed));
            }
            _ => {}
        }
        if premises.serves == PremisesUse::NotForLiving {
            return Err(told(Code::NotALivingPlace).with("premises", premises.serves));
        }
        Ok(premises)
    }

    /// The descriptions that hold on some day of the days from the first one on, each with its own days among them.
    pub(crate) fn described_in(
        &self,
        days: interval::Interval,
    ) -> impl Iterator<Item = (interval::Interval, &Premises)> {
        let ends = self.described.iter().skip(1).map(|d| d.from);
        let described = self.described.iter().zip(ends.chain([None]));
        described.filter_map(move |(d, until)| {
            let from = d.from.map_or(days.from, |from| from.max(days.from));
            let until = match (until, days.until) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            let own = interval::Interval { from, until };
            (!own.is_empty()).then_some((own, &d.premises))
        })
    }

    /// Who is registered here at the place of residence on a day. Stays are not among them.
    pub fn residents_on(&self, day: Day) -> impl Iterator<Item = Ref> {
        self.residents
            .iter()
            .filter(move |r| r.days.contains(day))
            .map(|r| r.of)
    }

    /// Whether a person is registered here at the place of residence on a day.
    pub fn houses(&self, person: Ref, day: Day) -> bool {
        self.residents_on(day).any(|resident| resident == person)
    }

    /// The most residents on any one day from `day` on, as far as it is recorded.
    pub fn most_residents_from(&self, day: Day) -> u64 {
        self.most_residents_in(interval::Interval {
            from: day,
            until: None,
        })
    }

    /// The most residents on any one of these days, as far as it is recorded.
    pub fn most_residents_in(&self, days: interval::Interval) -> u64 {
        let mut changes = Vec::new();
        for spell in self.residents.iter().filter(|r| r.days.overlaps(&days)) {
            changes.push((spell.days.from, 1_i64));
            changes.extend(spell.days.until.map(|until| (until, -1)));
        }
        // Whoever entered before the first day is still here on it, and nobody who enters after the last is counted. On
        // one day those who leave go before those who enter: intervals are half-open.
        changes.sort_unstable();
        let (mut residents, mut most) = (0_i64, 0);
        for (_, change) in changes {
            residents += change;
            most = most.max(residents);
        }
        most.unsigned_abs()
    }
}

/// The stream of a dwelling.
pub(crate) fn stream(dwelling: Ref) -> StreamId {
    StreamId::of(StreamKind::Dwelling, dwelling)
}

fn not_found(dwelling: Ref) -> Blocked {
    Blocked::control(Code::DwellingNotFound).with("dwelling", dwelling)
}

/// The dwelling, if it is recorded, and its address is not destroyed: nothing new is said about it then.
pub(crate) fn recorded<'a>(known: &Known<'a>, dwelling: Ref) -> Result<&'a Dwelling, Undecided> {
    let found = known.dwelling(dwelling)?;
    if !found.exists() {
        return Err(not_found(dwelling).into());
    }
    if found.data_destroyed {
        return Err(Blocked::control(Code::DataDestroyed)
            .with("dwelling", dwelling)
            .into());
    }
    Ok(found)
}

/// Records a dwelling (points 9 and 10), with its holders where they are known. The sealed address is required: without
/// one nobody could be registered there.
pub fn record(c: &RecordDwelling, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    if known.dwelling(cx.minted)?.exists() {
        return Err(Blocked::control(Code::NoChange)
            .with("dwelling", cx.minted)
            .into());
    }
    sealed(&cx.slots, "address", cx.minted)?;
    let fact = DwellingRecorded {
        dwelling: cx.minted,
        fund: c.fund,
        useful_area: c.useful_area,
        district: c.district.clone(),
        premises: c.premises,
        corrects: None,
        slots: cx.slots.clone(),
    };
    let recorded = cx.record(Fact::DwellingRecorded(fact));
    let mut decided = vec![(stream(cx.minted), recorded)];
    if let Some(holding) = &c.holding {
        let held = consent::holders(holding, cx.minted, known)?;
        decided.push((stream(cx.minted), cx.event(held)));
    }
    Ok(decided)
}
