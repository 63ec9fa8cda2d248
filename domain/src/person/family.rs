//! Changes in a family without silent effects, and representatives (point 9). A marriage or a birth moves nobody, ends no
//! status and adds nobody to an inclusion: an official is told what to look at, and decides.

use qonys_events::{
    event::Event,
    fact::{
        Fact,
        dwelling::Holder,
        family::{FamilyChanged, RepresentationEnded, RepresentativeAppointed},
    },
    id::Ref,
    scalar::Day,
    term::{RepresentationBasis, RepresentationScope, Review},
};
use serde::{Deserialize, Serialize};

use super::{Person, interval::Interval, living, recorded, sealed, stream};
use crate::{
    blocked::{Blocked, Code},
    command::{AppointRepresentative, EndRepresentation, RecordFamilyChange},
    context::Context,
    decide::{Decided, Undecided},
    dwelling::consent::known_holder,
    streams::Known,
};

/// Somebody who acts for the person, in what, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Representation {
    representative: Holder,
    basis: RepresentationBasis,
    scope: RepresentationScope,
    days: Interval,
}

impl Person {
    /// Whether somebody acts for the person on a day in a matter.
    pub fn represented_by(
        &self,
        representative: &Holder,
        scope: RepresentationScope,
        day: Day,
    ) -> bool {
        let alive = self.died_on.is_none_or(|died| day < died);
        alive
            && self.representations.iter().any(|r| {
                let covers = r.scope == scope || r.scope == RepresentationScope::All;
                r.representative == *representative && covers && r.days.contains(day)
            })
    }

    /// Whether somebody is recorded as the person's guardian on a day.
    pub(super) fn has_guardian(&self, guardian: Ref, day: Day) -> bool {
        self.representations.iter().any(|r| {
            r.basis == RepresentationBasis::Guardian
                && r.representative == (Holder::Person { person: guardian })
                && r.days.contains(day)
        })
    }

    pub(super) fn appointed(&mut self, appointed: &RepresentativeAppointed, event: &Event) {
        let days = Interval::of(event);
        self.representations.extend(days.map(|days| Representation {
            representative: appointed.representative.clone(),
            basis: appointed.basis,
            scope: appointed.scope,
            days,
        }));
    }

    pub(super) fn representation_ended(&mut self, representative: &Holder, event: &Event) {
        let Some(day) = event.effectivefrom else {
            return;
        };
        for r in &mut self.representations {
            if r.representative == *representative && r.days.reaches(day) {
                r.days.until = Some(day);
            }
        }
    }
}

/// Blocks whoever acts for a person in applications and does not represent him on that day.
pub(crate) fn acts_in_applications(
    person: Ref,
    representative: &Holder,
    day: Day,
    known: &Known<'_>,
) -> Result<(), Undecided> {
    let person = known.person(person)?;
    if person.represented_by(representative, RepresentationScope::Applications, day) {
        return Ok(());
    }
    Err(not_a_representative(day).into())
}

/// Blocked because somebody does not act for the person.
pub(crate) fn not_a_representative(day: Day) -> Blocked {
    Blocked::control(Code::NotARepresentative).with("day", day)
}

/// Records a change in a person's family. It is written down with what an official looks at after it; registrations, status
/// and inclusion stay as they are until somebody decides about them.
pub fn change(
    c: &RecordFamilyChange,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let day = cx.effective_from();
    let person = recorded(known, c.person)?;
    sealed(&cx.slots, "other-person", c.person)?;
    let represented = person.representations.iter().any(|r| r.days.reaches(day));
    let standing = [
        (Review::Residence, person.residence_on(day).is_some()),
        (Review::Stay, person.stays_on(day).next().is_some()),
        (Review::KandasStatus, person.kandas_on(day)),
        (Review::Representation, represented),
    ];
    let review = standing.into_iter().filter(|(_, stands)| *stands);
    let fact = FamilyChanged {
        change: c.change,
        document: c.document,
        review: review.map(|(review, _)| review).collect(),
        slots: cx.slots.clone(),
    };
    Ok(vec![(
        stream(c.person),
        cx.event(Fact::FamilyChanged(fact)),
    )])
}

/// Records who acts for a person from the effective day on, by which document, in what and until when. A fact of others.
pub fn appoint(
    c: &AppointRepresentative,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let from = cx.effective_from();
    let person = living(known, c.person, from)?;
    known_holder(&c.representative, known)?;
    if c.representative == (Holder::Person { person: c.person }) {
        return Err(not_a_representative(from).into());
    }
    let days = Interval {
        from,
        until: c.until,
    };
    if days.is_empty() {
        let blocked = Blocked::control(Code::IntervalEmpty).with("from", from);
        return Err(c
            .until
            .into_iter()
            .fold(blocked, |b, u| b.with("until", u))
            .into());
    }
    let same = person.representations.iter().any(|r| {
        (&r.representative, r.scope) == (&c.representative, c.scope) && r.days.overlaps(&days)
    });
    if same {
        return Err(Blocked::control(Code::ValidityOverlaps)
            .with("from", from)
            .into());
    }
    let fact = RepresentativeAppointed {
        representative: c.representative.clone(),
        basis: c.basis,
        scope: c.scope,
        document: c.document,
    };
    let event = cx.event(Fact::RepresentativeAppointed(fact));
    Ok(vec![(stream(c.person), event.effective(from, c.until))])
}

/// Records that a representative acts for a person no more from the effective day on.
pub fn end(c: &EndRepresentation, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let day = cx.effective_from();
    let person = recorded(known, c.person)?;
    let acts = |r: &Representation| r.representative == c.representative && r.days.reaches(day);
    if !person.representations.iter().any(acts) {
        return Err(not_a_representative(day).into());
    }
    let fact = RepresentationEnded {
        representative: c.representative.clone(),
        document: c.document,
    };
    Ok(vec![(
        stream(c.person),
        cx.event(Fact::RepresentationEnded(fact)),
    )])
}
