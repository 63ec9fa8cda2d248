//! Consent to a registration (point 9): every holder consents, or the person holds the dwelling himself, or a court ordered
//! it. Holders and consents are facts of the dwelling with a validity, looked up on the day of the registration.

use std::collections::BTreeSet;

use qonys_events::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    event::Event,
    fact::{
        Fact,
        dwelling::{ConsentGiven, ConsentWithdrawn, Holder, HoldersRecorded},
    },
    id::Ref,
    scalar::Day,
    term::{ConsentKind, ConsentScope, RepresentationScope},
};
use serde::{Deserialize, Serialize};

use super::{Dwelling, recorded, stream};
use crate::{
    blocked::{Blocked, Code},
    command::{GiveConsent, HolderConsent, Holding, RecordHolders, WithdrawConsent},
    context::Context,
    decide::{Decided, Undecided},
    person::{self, family::not_a_representative, interval::Interval},
    streams::Known,
};

/// A consent and the days on which it is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Consent {
    holder: Holder,
    person: Ref,
    scope: ConsentScope,
    days: Interval,
}

/// Why a person may live at the address, as a command says it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim<'a> {
    pub(crate) kind: ConsentKind,
    pub(crate) court_act: Option<Sha256Hex>,
    pub(crate) consents: &'a [HolderConsent],
    /// What the registration is: residence or stay.
    pub(crate) scope: ConsentScope,
}

impl Dwelling {
    /// Who holds the dwelling on a day, as far as it is recorded.
    pub fn holders_on(&self, day: Day) -> Option<&HoldersRecorded> {
        let found = self.holders.iter().rev().find(|(from, _)| *from <= day);
        found.map(|(_, holders)| holders)
    }

    /// Whether a holder's consent for a person is valid on a day.
    pub fn consents(&self, holder: &Holder, person: Ref, scope: ConsentScope, day: Day) -> bool {
        self.consents.iter().any(|c| {
            let covers = c.scope == scope || c.scope == ConsentScope::Both;
            c.holder == *holder && c.person == person && covers && c.days.contains(day)
        })
    }

    pub(super) fn consent_given(&mut self, given: &ConsentGiven, event: &Event) {
        let days = Interval::of(event);
        self.consents.extend(days.map(|days| Consent {
            holder: given.holder.clone(),
            person: given.person,
            scope: given.scope,
            days,
        }));
    }

    pub(super) fn consent_withdrawn(&mut self, withdrawn: &ConsentWithdrawn, event: &Event) {
        let Some(day) = event.effectivefrom else {
            return;
        };
        let of_both =
            |c: &&mut Consent| c.holder == withdrawn.holder && c.person == withdrawn.person;
        for consent in self.consents.iter_mut().filter(of_both) {
            if consent.days.reaches(day) {
                consent.days.until = Some(day);
            }
        }
    }

    /// Whether consent stands for a registration that is decided on a day (point 9), with what was read and the consents
    /// that came with it. A holder who is a co-owner registers himself by his own right.
    ///
    /// Errors: `no-consent` (law), `not-a-holder`, `facts-missing`.
    pub(crate) fn consent(
        &self,
        claim: Claim<'_>,
        person: Ref,
        on: Day,
        basis: &Citation,
    ) -> Result<(Facts, Vec<ConsentGiven>), Blocked> {
        let facts = Facts::new()
            .with("consent", claim.kind)
            .with("consent-day", on);
        if claim.kind == ConsentKind::Court {
            let Some(act) = claim.court_act else {
                return Err(Blocked::control(Code::FactsMissing)
                    .having_read(&facts)
                    .with("missing", "court-act"));
            };
            return Ok((facts.with("court-act", act), Vec::new()));
        }
        let none = |facts: &Facts| Blocked::law(Code::NoConsent, basis).having_read(facts);
        let Some(held) = self.holders_on(on) else {
            return Err(none(&facts).with("holders", "not-recorded"));
        };
        let facts = facts
            .with("holders", held.holders.len())
            .with("holding-title", held.title);
        if claim.kind == ConsentKind::OwnerHimself {
            let himself = Holder::Person { person };
            if !held.holders.contains(&himself) {
                return Err(Blocked::control(Code::NotAHolder).having_read(&facts));
            }
            return Ok((facts, Vec::new()));
        }
        let came = |holder: &Holder| claim.consents.iter().find(|c| c.holder == *holder);
        let foreign = claim
            .consents
            .iter()
            .any(|c| !held.holders.contains(&c.holder));
        if foreign {
            return Err(Blocked::control(Code::NotAHolder).having_read(&facts));
        }
        let consents = |holder: &&Holder| {
            came(holder).is_some() || self.consents(holder, person, claim.scope, on)
        };
        let consenting = held.holders.iter().filter(consents).count();
        let facts = facts.with("consenting", consenting);
        if consenting < held.holders.len() {
            return Err(none(&facts));
        }
        let given = claim.consents.iter().map(|came| ConsentGiven {
            holder: came.holder.clone(),
            person,
            scope: claim.scope,
            represented_by: None,
            document: came.document,
        });
        Ok((facts, given.collect()))
    }
}

/// A holder who is a person is a recorded one.
pub(crate) fn known_holder(holder: &Holder, known: &Known<'_>) -> Result<(), Undecided> {
    match holder {
        Holder::Person { person } => person::recorded(known, *person).map(drop),
        Holder::Organisation { .. } => Ok(()),
    }
}

/// The fact that these hold a dwelling: at least one, none twice, each recorded.
pub(super) fn holders(
    holding: &Holding,
    dwelling: Ref,
    known: &Known<'_>,
) -> Result<Fact, Undecided> {
    let distinct: BTreeSet<_> = holding.holders.iter().collect();
    if holding.holders.is_empty() || distinct.len() != holding.holders.len() {
        return Err(Blocked::control(Code::MembersMalformed)
            .with("dwelling", dwelling)
            .with("holders", holding.holders.len())
            .into());
    }
    for holder in &holding.holders {
        known_holder(holder, known)?;
    }
    Ok(Fact::HoldersRecorded(HoldersRecorded {
        title: holding.title,
        holders: holding.holders.clone(),
        document: holding.document,
    }))
}

/// Records who holds a dwelling from the effective day on: all of them and nobody else. A fact of others.
pub fn record_holders(
    c: &RecordHolders,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let dwelling = recorded(known, c.dwelling)?;
    let fact = holders(&c.holding, c.dwelling, known)?;
    let now = dwelling.holders.last();
    let same = matches!((&fact, now), (Fact::HoldersRecorded(new), Some((from, old)))
        if *from <= cx.effective_from() && (new.title, &new.holders) == (old.title, &old.holders));
    if same {
        return Err(Blocked::control(Code::NoChange)
            .with("dwelling", c.dwelling)
            .into());
    }
    Ok(vec![(stream(c.dwelling), cx.event(fact))])
}

/// Records a holder's consent to the registration of a person, valid from the effective day on. Only who holds the
/// dwelling on that day can give it.
pub fn give(c: &GiveConsent, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let dwelling = recorded(known, c.dwelling)?;
    let from = cx.effective_from();
    if let Some(until) = c.until
        && until <= from
    {
        let blocked = Blocked::control(Code::IntervalEmpty).with("from", from);
        return Err(blocked.with("until", until).into());
    }
    person::recorded(known, c.person)?;
    let holds = dwelling.holders_on(from);
    if !holds.is_some_and(|held| held.holders.contains(&c.holder)) {
        return Err(Blocked::control(Code::NotAHolder).with("day", from).into());
    }
    if let (Some(representative), Holder::Person { person }) = (&c.represented_by, &c.holder) {
        let scope = RepresentationScope::Registration;
        let acts = known
            .person(*person)?
            .represented_by(representative, scope, cx.decided_on);
        if !acts {
            return Err(not_a_representative(cx.decided_on).into());
        }
    }
    let fact = ConsentGiven {
        holder: c.holder.clone(),
        person: c.person,
        scope: c.scope,
        represented_by: c.represented_by.clone(),
        document: c.document,
    };
    let event = cx.event(Fact::ConsentGiven(fact)).effective(from, c.until);
    Ok(vec![(stream(c.dwelling), event)])
}

/// Withdraws a holder's consents for a person from the effective day on. A registration made under them stands: it ends
/// by a decision of its own, as when the holder asks for it.
pub fn withdraw(
    c: &WithdrawConsent,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let dwelling = recorded(known, c.dwelling)?;
    let day = cx.effective_from();
    let live = dwelling.consents.iter().any(|consent| {
        consent.holder == c.holder && consent.person == c.person && consent.days.reaches(day)
    });
    if !live {
        return Err(Blocked::control(Code::NoConsent).with("day", day).into());
    }
    let fact = ConsentWithdrawn {
        holder: c.holder.clone(),
        person: c.person,
    };
    Ok(vec![(
        stream(c.dwelling),
        cx.event(Fact::ConsentWithdrawn(fact)),
    )])
}
