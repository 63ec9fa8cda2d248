//! The register of acts (preamble, point 1): acts with their dates, norms, powers, determined territories, quota acts.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

use qonys_events::{
    citation::Citation,
    event::Event,
    fact::{
        Fact,
        amended::{LawRecord, PowerEnded},
        law::{ActRecorded, CalendarRecorded, NormRecorded, PowerRecorded, TerritoryChanged},
        office::OtherPowerRecorded,
    },
    id::Line,
    scalar::{Day, PartialDay, Slug, StreamSeq, Text, Year},
    term::{ActDate, Category, DecisionType, TerritoryChange},
};
use serde::{Deserialize, Serialize};

use crate::blocked::{Blocked, Code};

pub mod calendar;
pub mod correct;
pub mod decide;
pub mod ending;
pub mod force;
pub mod holding;
pub mod lines;
pub mod power;

pub use force::Force;
pub(crate) use holding::Holding;
pub use power::NormInForce;

/// An act as the register knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// What was recorded, with dates that became known later filled in.
    pub record: ActRecorded,
    /// The determination of an official, if there is one.
    pub determined: Option<Day>,
    /// The entry that describes it.
    entry: StreamSeq,
    /// The entry of the determination.
    determined_by: Option<StreamSeq>,
}

/// What an entry of the register says, with its place in the stream: a correction names it by that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entered<T> {
    entry: StreamSeq,
    says: T,
}

impl<T> Deref for Entered<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.says
    }
}

/// A territory's determination by one act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Determination {
    category: Category,
    territory: Slug,
    change: TerritoryChange,
    act: Slug,
}

/// The register of acts, as its events made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Law {
    acts: BTreeMap<Slug, Act>,
    /// Acts by the document whose wording they set.
    documents: BTreeMap<Slug, Vec<Slug>>,
    /// Acts that repeal an act.
    repealed_by: BTreeMap<Slug, Vec<Slug>>,
    norms: BTreeMap<Slug, Vec<Entered<NormRecorded>>>,
    powers: BTreeMap<DecisionType, Vec<Entered<PowerRecorded>>>,
    /// Powers that no type of decision stands for (point 11).
    other_powers: BTreeMap<Slug, Vec<Entered<OtherPowerRecorded>>>,
    determinations: Vec<Entered<Determination>>,
    /// Every quota line that an act was ever said to set.
    lines: BTreeMap<String, Line>,
    /// The working-day calendar of each year.
    calendars: BTreeMap<u16, Entered<CalendarRecorded>>,
    /// The territory that a territory came out of.
    came_out_of: BTreeMap<Slug, Entered<Slug>>,
    /// What acts of the setter say, in the order in which it was recorded first.
    quota_sets: Vec<lines::Said>,
    /// The place in the stream of the event that was applied last.
    seq: StreamSeq,
    /// Entries that a correction superseded.
    superseded: BTreeSet<StreamSeq>,
}

impl Law {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        self.seq.0 += 1;
        match &event.fact {
            Fact::ActRecorded(record) => self.enter_act(record),
            Fact::ActDateRecorded(dated) => {
                if let Some(act) = self.acts.get_mut(&dated.act) {
                    *act.date_mut(dated.date) = Some(dated.on);
                }
            }
            Fact::ActDetermined(d) => self.determine(&d.act, Some(d.from)),
            Fact::NormRecorded(norm) => self.enter_norm(norm),
            Fact::PowerRecorded(power) => self.enter_power(power),
            Fact::OtherPowerRecorded(power) => self.enter_other_power(power),
            Fact::TerritoryChanged(t) => self.enter_territory(t),
            Fact::QuotaSet(set) => self.enter_quota(set),
            Fact::CalendarRecorded(calendar) => self.enter_calendar(calendar),
            Fact::TerritorySucceeded(s) => self.enter_succession(&s.territory, &s.out_of),
            Fact::NormEnded(ended) => {
                let norms = self.norms.get_mut(&ended.norm).into_iter().flatten();
                // Only what is open ends: one that never was stays so, though it names the same first day.
                let open = |norm: &&mut Entered<NormRecorded>| {
                    norm.from == ended.from && norm.until.is_none()
                };
                for norm in norms.filter(open) {
                    norm.says.until = Some(ended.until);
                }
            }
            Fact::PowerEnded(ended) => self.end_power(ended),
            Fact::LawCorrected(corrected) => {
                self.supersede(corrected.entry);
                match &corrected.record {
                    LawRecord::Act(act) => self.enter_act(act),
                    LawRecord::Determination(d) => self.determine(&d.act, d.from),
                    LawRecord::Norm(norm) => self.enter_norm(norm),
                    LawRecord::Power(power) => self.enter_power(power),
                    LawRecord::OtherPower(power) => self.enter_other_power(power),
                    LawRecord::Territory(t) => self.enter_territory(t),
                    LawRecord::Calendar(calendar) => self.enter_calendar(calendar),
                    LawRecord::Succession(s) => self.enter_succession(&s.territory, &s.out_of),
                }
            }
            Fact::QuotaCorrected(corrected) => self.correct_quota(corrected),
            _ => {}
        }
    }

    fn entered<T>(&self, says: T) -> Entered<T> {
        Entered {
            entry: self.seq,
            says,
        }
    }

    fn enter_act(&mut self, record: &ActRecorded) {
        let name = &record.act;
        for named in self
            .documents
            .values_mut()
            .chain(self.repealed_by.values_mut())
        {
            named.retain(|other| other != name);
        }
        let document = self.documents.entry(record.document.clone());
        document.or_default().push(name.clone());
        for repealed in &record.repeals {
            let by = self.repealed_by.entry(repealed.clone());
            by.or_default().push(name.clone());
        }
        let before = self.acts.get(name);
        let act = Act {
            record: record.clone(),
            determined: before.and_then(|act| act.determined),
            entry: self.seq,
            determined_by: before.and_then(|act| act.determined_by),
        };
        self.acts.insert(name.clone(), act);
    }

    fn determine(&mut self, act: &Slug, from: Option<Day>) {
        let by = self.seq;
        if let Some(act) = self.acts.get_mut(act) {
            (act.determined, act.determined_by) = (from, Some(by));
        }
    }

    fn enter_norm(&mut self, norm: &NormRecorded) {
        let says = self.entered(norm.clone());
        self.norms.entry(norm.norm.clone()).or_default().push(says);
    }

    fn enter_power(&mut self, power: &PowerRecorded) {
        let says = self.entered(power.clone());
        self.powers.entry(power.decision).or_default().push(says);
    }

    fn enter_other_power(&mut self, power: &OtherPowerRecorded) {
        let says = self.entered(power.clone());
        let powers = self.other_powers.entry(power.power.clone());
        powers.or_default().push(says);
    }

    fn enter_territory(&mut self, t: &TerritoryChanged) {
        self.determinations.push(self.entered(Determination {
            category: t.category,
            territory: t.territory.clone(),
            change: t.change,
            act: t.act.clone(),
        }));
    }

    fn enter_calendar(&mut self, calendar: &CalendarRecorded) {
        let says = self.entered(calendar.clone());
        self.calendars.insert(calendar.year.0, says);
    }

    fn enter_succession(&mut self, territory: &Slug, out_of: &Slug) {
        let says = self.entered(out_of.clone());
        self.came_out_of.insert(territory.clone(), says);
    }

    fn end_power(&mut self, ended: &PowerEnded) {
        let same = |document: &Slug, point: &Text, days: (Day, Option<Day>)| {
            *document == ended.document && *point == ended.point && days == (ended.from, None)
        };
        let decision = ended.power.as_str().parse::<DecisionType>().ok();
        let powers = decision.and_then(|decision| self.powers.get_mut(&decision));
        for power in powers.into_iter().flatten() {
            if same(&power.document, &power.point, (power.from, power.until)) {
                power.says.until = Some(ended.until);
            }
        }
        let others = self.other_powers.get_mut(&ended.power);
        for power in others.into_iter().flatten() {
            if same(&power.document, &power.point, (power.from, power.until)) {
                power.says.until = Some(ended.until);
            }
        }
    }

    /// What a corrected entry said is said no more.
    fn supersede(&mut self, entry: StreamSeq) {
        for norms in self.norms.values_mut() {
            norms.retain(|norm| norm.entry != entry);
        }
        for powers in self.powers.values_mut() {
            powers.retain(|power| power.entry != entry);
        }
        for powers in self.other_powers.values_mut() {
            powers.retain(|power| power.entry != entry);
        }
        self.determinations.retain(|d| d.entry != entry);
        self.superseded.insert(entry);
    }

    /// Whether two territories are one region for the rules of repayment: the same, or parts of one before a change of
    /// boundaries, which moves nobody (point 3).
    pub fn same_region(&self, one: &Slug, other: &Slug) -> bool {
        let origin = |territory: &'_ Slug| {
            let mut at = territory.clone();
            // A chain is as long as the table at most: whoever made a circle ends there.
            for _ in 0..self.came_out_of.len() {
                match self.came_out_of.get(&at) {
                    Some(out_of) => at = out_of.says.clone(),
                    None => break,
                }
            }
            at
        };
        origin(one) == origin(other)
    }

    /// Whether the calendar of a year is recorded.
    pub(crate) fn has_calendar(&self, year: Year) -> bool {
        self.calendars.contains_key(&year.0)
    }

    /// The territory that this one came out of, if that is recorded.
    pub(crate) fn out_of(&self, territory: &Slug) -> Option<&Slug> {
        self.came_out_of.get(territory).map(|out_of| &out_of.says)
    }

    /// The act of this name; blocked when the register has none.
    pub fn act(&self, name: &Slug) -> Result<&Act, Blocked> {
        self.acts
            .get(name)
            .ok_or_else(|| Blocked::control(Code::ActNotFound).with("act", name))
    }

    /// Every act, by name.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.acts.values()
    }

    /// Whether a territory is determined for settling a category on a day (points 3 and 6), with the act that says so.
    pub fn determined(&self, category: Category, territory: &Slug, on: Day) -> Determined {
        let about =
            |d: &&Entered<Determination>| d.category == category && d.territory == *territory;
        let said = self.determinations.iter().filter(about);
        match self.holding(said.map(|d| (&d.act, &d.says)), on) {
            Holding::Unknown { act } => Determined::Unknown { act: act.clone() },
            Holding::InForce { act, says } if says.change == TerritoryChange::Determined => {
                Determined::Yes { act: act.clone() }
            }
            Holding::InForce { act, .. } => Determined::No {
                act: Some(act.clone()),
            },
            Holding::Nothing => Determined::No { act: None },
        }
    }

    /// A citation of an act as it stands on a day, for the bases of a decision.
    pub fn cite(&self, act: &Slug, point: &str, on: Day) -> Result<Citation, Blocked> {
        power::cite(self, self.act(act)?, point, on)
    }
}

/// Whether a territory is determined on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Determined {
    /// By this act.
    Yes {
        /// The act.
        act: Slug,
    },
    /// Never, or excluded by this act.
    No {
        /// The act that excluded it.
        act: Option<Slug>,
    },
    /// It is not known whether this act was in force.
    Unknown {
        /// The act.
        act: Slug,
    },
}

impl Act {
    fn date_mut(&mut self, which: ActDate) -> &mut Option<PartialDay> {
        match which {
            ActDate::Adopted => &mut self.record.adopted_on,
            ActDate::Registered => &mut self.record.registered_on,
            ActDate::Published => &mut self.record.published_on,
            ActDate::InForce => &mut self.record.in_force_on,
        }
    }
}
