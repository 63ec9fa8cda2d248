//! Offices and who acts for them (point 11): territory and validity, powers by act and point, appointments, acting
//! officials and delegations by order number. What counts is the decision date.
//!
//! A log that registers no office checks nobody: its actors declare who they are. From the registration of an office on,
//! whoever acts for it must be appointed to it, or stand in for somebody who is; and nobody exercises a power in its territory
//! for an office that nobody registered.

use std::collections::{BTreeMap, BTreeSet};

use qonys_events::{
    citation::Citation,
    entry::Actor,
    event::Event,
    fact::{Fact, office::OfficeRegistered},
    id::Ref,
    scalar::{Day, Slug, StreamSeq},
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    law::{Law, power::first_in_force},
    person::interval::Interval,
};

pub mod admission;
pub mod decide;
pub mod exercised;

/// What an official was given by one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Duty {
    /// A role with powers of its own.
    Appointed { role: Slug, powers: BTreeSet<Slug> },
    /// Everything that an absent official may do.
    Acting { absent: Ref },
    /// Some powers of another.
    Delegated { by: Ref, powers: BTreeSet<Slug> },
}

/// An appointment, acting or delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Assignment {
    official: Ref,
    days: Interval,
    duty: Duty,
}

/// The days in which an office works, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Validity {
    days: Interval,
    territories: BTreeSet<Slug>,
}

/// A power that the office holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Vested {
    power: Slug,
    document: Slug,
    point: String,
    days: Interval,
}

/// The offices of a territory, as the events of its stream made the list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Offices {
    entered: BTreeSet<Slug>,
}

impl Offices {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        if let Fact::OfficeEntered(entered) = &event.fact {
            self.entered.insert(entered.office.clone());
        }
    }

    /// Every office that was ever registered for the territory.
    pub fn entered(&self) -> impl Iterator<Item = &Slug> {
        self.entered.iter()
    }
}

/// An office, as the events of its stream made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Office {
    validities: Vec<Validity>,
    vested: Vec<Vested>,
    /// By the place in the stream of the entry that began them.
    assignments: BTreeMap<u64, Assignment>,
    /// The place in the stream of the event that was applied last.
    seq: StreamSeq,
}

impl Office {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        self.seq.0 += 1;
        let Some(days) = Interval::of(event) else {
            return;
        };
        match &event.fact {
            Fact::OfficeRegistered(OfficeRegistered { territories, .. }) => {
                self.validities.push(Validity {
                    days,
                    territories: territories.iter().cloned().collect(),
                });
            }
            Fact::OfficeClosed(_) => {
                for validity in &mut self.validities {
                    end(&mut validity.days, days.from);
                }
            }
            Fact::PowersVested(vested) => {
                self.vested.extend(vested.powers.iter().map(|power| Vested {
                    power: power.clone(),
                    document: vested.document.clone(),
                    point: vested.point.to_string(),
                    days,
                }));
            }
            Fact::OfficialAppointed(appointed) => {
                let duty = Duty::Appointed {
                    role: appointed.role.clone(),
                    powers: appointed.powers.iter().cloned().collect(),
                };
                self.assign(appointed.official, days, duty);
            }
            Fact::ActingAppointed(acting) => {
                let absent = acting.absent;
                self.assign(acting.official, days, Duty::Acting { absent });
            }
            Fact::PowersDelegated(delegated) => {
                let duty = Duty::Delegated {
                    by: delegated.by,
                    powers: delegated.powers.iter().cloned().collect(),
                };
                self.assign(delegated.official, days, duty);
            }
            Fact::AssignmentEnded(ended) => {
                if let Some(assignment) = self.assignments.get_mut(&ended.assignment.0) {
                    end(&mut assignment.days, days.from);
                }
            }
            _ => {}
        }
    }

    fn assign(&mut self, official: Ref, days: Interval, duty: Duty) {
        let assignment = Assignment {
            official,
            days,
            duty,
        };
        self.assignments.insert(self.seq.0, assignment);
    }

    /// Whether the office was ever registered.
    pub fn exists(&self) -> bool {
        !self.validities.is_empty()
    }

    fn validity_on(&self, day: Day) -> Option<&Validity> {
        self.validities.iter().find(|v| v.days.contains(day))
    }

    /// Whether the office holds a power on a day.
    pub fn holds(&self, power: &Slug, day: Day) -> bool {
        let on = |vested: &&Vested| vested.days.contains(day) && vested.power == *power;
        self.vested.iter().find(on).is_some()
    }

    /// By what basis the office holds a power on a day; blocked when it was not vested with it, or when what vested it has
    /// fallen, whatever else gives the power to others.
    pub fn vested_with(&self, power: &Slug, day: Day, law: &Law) -> Result<Citation, Blocked> {
        let on = |vested: &&Vested| vested.days.contains(day) && vested.power == *power;
        let bases = self.vested.iter().filter(on).map(|vested| {
            let (document, point) = (&vested.document, vested.point.as_str());
            law.vested_by(power, document, point, day)
        });
        first_in_force(bases).unwrap_or_else(|| {
            Err(Blocked::control(Code::PowerNotVested)
                .with("power", power)
                .with("decided-on", day))
        })
    }

    /// Whether an official was appointed and serves on a day.
    fn serves(&self, official: Ref, day: Day) -> bool {
        self.appointments(official, day).next().is_some()
    }

    /// The roles and powers of an official's own on a day.
    fn appointments(
        &self,
        official: Ref,
        day: Day,
    ) -> impl Iterator<Item = (&Slug, &BTreeSet<Slug>)> {
        self.assignments
            .values()
            .filter_map(move |a| match &a.duty {
                Duty::Appointed { role, powers }
                    if a.official == official && a.days.contains(day) =>
                {
                    Some((role, powers))
                }
                _ => None,
            })
    }

    /// Whether an official may exercise a power of his own on a day.
    fn has_own(&self, official: Ref, power: &Slug, day: Day) -> bool {
        self.appointments(official, day)
            .any(|(_, powers)| powers.contains(power))
    }

    /// What lets an actor act on a day: the entry of each assignment that fits whom he says he acts for, and in which
    /// role; with the powers that it gives him on that day.
    fn standing(&self, actor: &Actor, day: Day) -> Vec<(u64, &'static str, BTreeSet<&Slug>)> {
        let mut found = Vec::new();
        let own = self.assignments.iter();
        for (entry, assignment) in own.filter(|(_, a)| a.official == actor.actor) {
            if !assignment.days.contains(day) {
                continue;
            }
            match (&assignment.duty, actor.onbehalfof) {
                (Duty::Appointed { role, powers }, None) if *role == actor.role => {
                    found.push((*entry, "appointment", powers.iter().collect()));
                }
                (Duty::Acting { absent }, Some(of)) if *absent == of => {
                    let theirs = self.appointments(of, day);
                    let same: Vec<_> = theirs.filter(|(role, _)| **role == actor.role).collect();
                    if !same.is_empty() {
                        let powers = same.into_iter().flat_map(|(_, powers)| powers);
                        found.push((*entry, "acting", powers.collect()));
                    }
                }
                (Duty::Delegated { by, powers }, Some(of))
                    if *by == of && self.has_role(actor.actor, &actor.role, day) =>
                {
                    // Nobody gives on what he has himself no more.
                    let kept = powers.iter().filter(|power| self.has_own(of, power, day));
                    found.push((*entry, "delegation", kept.collect()));
                }
                _ => {}
            }
        }
        found
    }

    fn has_role(&self, official: Ref, role: &Slug, day: Day) -> bool {
        self.appointments(official, day).any(|(own, _)| own == role)
    }
}

/// Ends an interval on a day, if it reaches it.
fn end(days: &mut Interval, on: Day) {
    if days.reaches(on) {
        days.until = Some(on);
    }
}
