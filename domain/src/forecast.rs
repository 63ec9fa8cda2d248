//! Point 8: the registration records serve monitoring, forecasts, employment, schools, kindergartens, medical institutions
//! and planning, and nothing else; and the forecasts that are made from them.
//!
//! A forecast is a pure function of what stands in the stream: bases counted from the records, rates, norm sets and
//! institutions. Its arithmetic is whole and fixed-point ([`fixed`]), so the same inputs give the same bytes. It says what
//! happens if a method goes on; it promises nothing.

use std::collections::BTreeMap;

use qonys_events::{
    event::Event,
    fact::{
        Fact,
        forecast::{
            FacilityChanged, FacilityRecorded, NormSetRecorded, PopulationBaseRecorded,
            RatesRecorded,
        },
    },
    id::Ref,
    scalar::{Day, Slug},
};
use serde::{Deserialize, Serialize};

pub mod backtest;
pub mod cohort;
pub mod decide;
pub mod fixed;
pub mod needs;
pub mod produce;
pub mod record;
pub mod series;

/// What the registration records of the population are kept for, in the words of point 8. Use for anything else is
/// blocked.
pub const PURPOSES: [&str; 7] = [
    "monitoring",
    "migration-forecast",
    "employment",
    "schools",
    "kindergartens",
    "medical-institutions",
    "socio-economic-planning",
];

/// What stands of point 8 for one territory, as the events of the stream made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forecasts {
    /// Bases by the day that they were counted for: of each day the one in whose place no other stands.
    bases: BTreeMap<Day, PopulationBaseRecorded>,
    /// How many bases there are: the number of the last one.
    counted: u64,
    rates: BTreeMap<Slug, RatesRecorded>,
    norm_sets: BTreeMap<Slug, NormSetRecorded>,
    facilities: Vec<FacilityRecorded>,
    made: u64,
}

impl Forecasts {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::PopulationBaseRecorded(base) => {
                self.counted += 1;
                self.bases.insert(base.as_of, base.clone());
            }
            Fact::RatesRecorded(rates) => {
                self.rates.insert(rates.rates.clone(), rates.clone());
            }
            Fact::NormSetRecorded(set) => {
                self.norm_sets.insert(set.norm_set.clone(), set.clone());
            }
            Fact::FacilityRecorded(facility) => self.facilities.push(facility.clone()),
            Fact::FacilityChanged(changed) => self.change(changed, event.effectivefrom),
            Fact::ForecastProduced(_) => self.made += 1,
            _ => {}
        }
    }

    /// From a day on an institution is otherwise; of later days nothing is kept of what was said before.
    fn change(&mut self, changed: &FacilityChanged, from: Option<Day>) {
        let Some(from) = from else {
            return;
        };
        let other = |f: &FacilityRecorded| f.facility != changed.facility;
        self.facilities.retain(|f| other(f) || f.opens < from);
        let reaches = |f: &&mut FacilityRecorded| !other(f) && f.closes.is_none_or(|c| from < c);
        for facility in self.facilities.iter_mut().filter(reaches) {
            facility.closes = Some(from);
        }
        self.facilities.push(FacilityRecorded {
            facility: changed.facility,
            territory: changed.territory.clone(),
            district: changed.district.clone(),
            service: changed.service,
            capacity: changed.capacity,
            opens: from,
            closes: changed.closes,
            source: changed.source.clone(),
        });
    }

    /// What is said of an institution, in the order of its days; nothing where it is not recorded.
    fn facility(&self, facility: Ref) -> impl Iterator<Item = &FacilityRecorded> {
        self.facilities
            .iter()
            .filter(move |f| f.facility == facility)
    }

    /// The base of a day, corrected where it was.
    pub fn base(&self, as_of: Day) -> Option<&PopulationBaseRecorded> {
        self.bases.get(&as_of)
    }

    /// A norm set by its name.
    pub fn norm_set(&self, name: &Slug) -> Option<&NormSetRecorded> {
        self.norm_sets.get(name)
    }
}
