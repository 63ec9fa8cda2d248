//! Dwellings (points 9 and 10): fund, useful area, district and residents. A dwelling is a subject of its own; its
//! address below the district stands in a sealed slot.

use qonys_events::{
    event::Event,
    fact::{Fact, registration::DwellingRecorded},
    id::{Ref, StreamId, StreamKind},
    scalar::{Day, Slug, SquareDecimetres},
    term::HousingFund,
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    command::RecordDwelling,
    context::Context,
    decide::{Decided, Undecided},
    person::{
        interval::{self, Spell},
        sealed,
    },
    streams::Known,
};

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
}

/// A dwelling, as the events of the stream made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dwelling {
    premises: Option<Premises>,
    residents: Vec<Spell>,
}

impl Dwelling {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::DwellingRecorded(d) => {
                let (fund, useful_area, district) = (d.fund, d.useful_area, d.district.clone());
                self.premises = Some(Premises {
                    fund,
                    useful_area,
                    district,
                });
            }
            Fact::ResidentEntered(r) => interval::begin(&mut self.residents, r.person, event),
            Fact::ResidentLeft(r) => interval::end(&mut self.residents, r.person, event),
            _ => {}
        }
    }

    /// Whether the dwelling is recorded.
    pub fn exists(&self) -> bool {
        self.premises.is_some()
    }

    /// What is recorded of the dwelling itself; blocked with its reference when nothing is.
    pub fn premises(&self, dwelling: Ref) -> Result<&Premises, Blocked> {
        let not_found = || Blocked::control(Code::DwellingNotFound).with("dwelling", dwelling);
        self.premises.as_ref().ok_or_else(not_found)
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

    /// The most residents on any one day from `day` on, as far as it is recorded: a registration has no end, so it adds
    /// one on each of these days.
    pub fn most_residents_from(&self, day: Day) -> u64 {
        let mut changes = Vec::new();
        for spell in self.residents.iter().filter(|r| r.days.reaches(day)) {
            changes.push((spell.days.from, 1_i64));
            changes.extend(spell.days.until.map(|until| (until, -1)));
        }
        // Whoever entered before `day` is still here on it. On one day those who leave go before those who enter:
        // intervals are half-open.
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

/// Records a dwelling (points 9 and 10). The sealed address is required: without one nobody could be registered there.
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
        slots: cx.slots.clone(),
    };
    Ok(vec![(
        stream(cx.minted),
        cx.record(Fact::DwellingRecorded(fact)),
    )])
}
