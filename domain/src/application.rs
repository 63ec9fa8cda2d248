//! An application for inclusion in a regional quota (point 6): filed, then decided by inclusion or by a refusal act.

use qonys_events::{
    citation::Facts,
    event::Event,
    fact::{
        Fact,
        application::{ApplicationFiled, ApplicationRefused, Hearing},
    },
    id::{Ref, StreamId, StreamKind},
    scalar::{Count, Day},
    term::{Category, DecisionType, RefusalGround, ReleaseReason},
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::{Blocked, Code},
    command::{FileApplication, RefuseApplication},
    context::Context,
    decide::{Decided, Undecided},
    law::Law,
    streams::Known,
};

/// An inclusion in the quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Included {
    /// Places by the counting rule of the line.
    pub places: Count,
    /// First effective day.
    pub from: Day,
}

/// The state of an application.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Application {
    filed: Option<ApplicationFiled>,
    filed_on: Option<Day>,
    included: Option<Included>,
    refused: bool,
    ended: bool,
}

impl Application {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        match &event.fact {
            Fact::ApplicationFiled(filed) => {
                self.filed = Some(filed.clone());
                self.filed_on = event.effectivefrom;
            }
            Fact::ApplicationIncluded(included) => {
                self.included = event.effectivefrom.map(|from| Included {
                    places: included.places,
                    from,
                });
            }
            Fact::ApplicationRefused(_) => self.refused = true,
            Fact::InclusionEnded(end) => {
                self.included = None;
                // Who annuls an inclusion leaves the application to be decided again.
                self.ended = end.reason != ReleaseReason::Annulled;
            }
            _ => {}
        }
    }

    /// What was filed; blocked when there is no such application.
    pub fn filed(&self, id: Ref) -> Result<&ApplicationFiled, Blocked> {
        self.filed
            .as_ref()
            .ok_or_else(|| Blocked::control(Code::ApplicationNotFound).with("application", id))
    }

    /// What was filed, while nothing has been decided.
    pub fn open(&self, id: Ref) -> Result<&ApplicationFiled, Blocked> {
        let filed = self.filed(id)?;
        let state = match (self.included, self.refused, self.ended) {
            (Some(_), ..) => "included",
            (None, true, _) => "refused",
            (None, false, true) => "ended",
            (None, false, false) => return Ok(filed),
        };
        Err(Blocked::control(Code::ApplicationDecided)
            .with("application", id)
            .with("state", state))
    }

    /// The day on which it was filed.
    pub fn filed_on(&self) -> Day {
        self.filed_on.unwrap_or(Day::new(1900, 1, 1))
    }

    /// The inclusion, while it lasts.
    pub fn included(&self) -> Option<Included> {
        self.included
    }
}

/// Files an application of a recorded person. Filing decides nothing: no power is needed and nothing is refused here.
pub fn file(c: &FileApplication, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    if !known.person(c.applicant)?.exists() {
        return Err(Blocked::control(Code::PersonNotFound)
            .with("person", c.applicant)
            .into());
    }
    if known.application(cx.minted)?.filed.is_some() {
        return Err(Blocked::control(Code::ApplicationExists)
            .with("application", cx.minted)
            .into());
    }
    let fact = ApplicationFiled {
        application: cx.minted,
        applicant: c.applicant,
        category: c.category,
        territory: c.territory.clone(),
        year: c.year,
        members: c.members,
    };
    let event = cx.event(Fact::ApplicationFiled(fact)).case(cx.minted);
    Ok(vec![(
        StreamId::of(StreamKind::Application, cx.minted),
        event,
    )])
}

/// A named official refuses an application: a refusal act on exactly one primary ground in force on its decision date.
/// Grounds are dated norms; for resettlers, and for kandas before the list of 2023, none is known, so that an adverse
/// act is blocked as `norm-missing`.
pub fn refuse(
    c: &RefuseApplication,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let filed = known.application(c.application)?.open(c.application)?;
    let law = known.law()?;
    let decision = match filed.category {
        Category::Kandas => DecisionType::KandasRefusal,
        Category::Resettlers => DecisionType::ResettlerRefusal,
    };
    let ground = law.norm(
        &format!("refusal-ground.{}.{}", filed.category, c.ground),
        cx.decided_on,
    )?;
    let basis = law.basis(decision, cx.decided_on)?;
    if c.applicant != filed.applicant {
        return Err(Blocked::control(Code::GroundDoesNotFit)
            .with("applicant", c.applicant)
            .into());
    }
    let mut facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("ground-number", ground.value)
        .with("ground-certainty", ground.citation.certainty)
        .with("category", filed.category)
        .with("territory", &filed.territory)
        .with("quota-year", filed.year);
    if c.ground == RefusalGround::NoRegionalQuota {
        facts = check_no_quota(filed, law, facts, cx)?;
    } else if cx.slots.is_empty() {
        return Err(Blocked::law(Code::FactsMissing, &basis)
            .having_read(&facts)
            .with("ground", c.ground)
            .into());
    }
    if let Some(name) = law.line_of(filed.category, &filed.territory, filed.year)
        && known.line(name)?.hold(c.application).is_some()
    {
        return Err(Blocked::control(Code::AlreadyHeld)
            .having_read(&facts)
            .into());
    }
    if let Hearing::Held { on } = c.hearing
        && on > cx.decided_on
    {
        return Err(Blocked::control(Code::BeforeItsCause)
            .having_read(&facts)
            .with("heard-on", on)
            .into());
    }
    let fact = ApplicationRefused {
        ground: ground.norm,
        hearing: c.hearing.clone(),
        appeal: c.appeal.clone(),
        facts,
        bases: vec![ground.citation],
        slots: cx.slots.clone(),
    };
    let event = cx
        .event(Fact::ApplicationRefused(fact))
        .citing(basis)
        .case(c.application);
    Ok(vec![(
        StreamId::of(StreamKind::Application, c.application),
        event,
    )])
}

/// The ground by its words: there is no regional quota in the territorial unit. A line that is used up is another case;
/// whether it is this ground is an interpretation that no norm in force records. Where there is a line, the ground
/// needs the recorded refusal of the person to take it.
fn check_no_quota(
    filed: &ApplicationFiled,
    law: &Law,
    facts: Facts,
    cx: &Context,
) -> Result<Facts, Blocked> {
    let line = law.line_of(filed.category, &filed.territory, filed.year);
    let facts = facts.with(
        "line",
        line.map_or_else(|| "none".to_owned(), ToString::to_string),
    );
    match line {
        Some(_) if cx.slots.is_empty() => {
            Err(Blocked::control(Code::GroundDoesNotFit).having_read(&facts))
        }
        _ => Ok(facts),
    }
}
