//! Holding, committing and releasing places; the close of a year (point 6). What is decided here never makes held +
//! committed exceed the limit at any effective day from then on, as known at its position (promise P4).

use qonys_events::{
    citation::{Citation, Facts},
    digest::Sha256Hex,
    fact::{
        Fact,
        application::{ApplicationFiled, ApplicationIncluded, InclusionEnded},
        quota::{Adopted, PlacesCommitted, PlacesHeld, PlacesReleased, YearClosed},
    },
    fault::Fault,
    id::{Line, Ref, StreamId, StreamKind},
    scalar::{Count, Day, StreamSeq},
    term::{Category, DecisionType, LineMark, PlaceState, ReleaseReason},
};

use super::{
    Hold, LimitOn, QuotaLine,
    eligibility::{check_join, check_once, check_status, check_territory},
    places_of,
};
use crate::{
    application::Application,
    blocked::{Blocked, Code},
    command::{CloseQuotaYear, CommitPlaces, HoldPlaces, ReleasePlaces},
    context::Context,
    decide::{Decided, Undecided},
    law::Law,
    streams::{Known, Needs},
};

/// What every decision on an application's places looks at first.
pub(super) struct Case<'a> {
    pub(super) law: &'a Law,
    pub(super) application: &'a Application,
    pub(super) line: &'a QuotaLine,
    pub(super) name: Line,
    pub(super) basis: Citation,
    /// The day from which the decision works.
    pub(super) from: Day,
    pub(super) facts: Facts,
}

pub(super) fn inclusion(category: Category) -> DecisionType {
    match category {
        Category::Kandas => DecisionType::KandasInclusion,
        Category::Resettlers => DecisionType::ResettlerInclusion,
    }
}

/// Loads application, line and basis, and checks what holding and committing share.
fn open_case<'a>(id: Ref, cx: &Context, known: &Known<'a>) -> Result<Case<'a>, Undecided> {
    let application = known.application(id)?;
    let filed = application.open(id)?;
    let law = known.law()?;
    let basis = law.basis(inclusion(filed.category), cx.decided_on)?;
    let from = cx.effective_from();
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("category", filed.category)
        .with("territory", &filed.territory)
        .with("quota-year", filed.year)
        .with("members", filed.members)
        .with("effective-from", from)
        .with("deciding-office", &cx.actor.office);
    let blocked = |code| Blocked::law(code, &basis).having_read(&facts);
    let Some(name) = law.line_of(filed.category, &filed.territory, filed.year, from) else {
        return Err(blocked(Code::NoQuotaLine).into());
    };
    let line = known.line(name)?;
    // Rules never mix: what stands here counted by another is counted anew first.
    for other in law.lines_in(filed.category, &filed.territory, filed.year) {
        let taken = known.line(other)?.most_taken_from(from);
        if other != name && taken > 0 {
            return Err(Blocked::control(Code::CountingRuleMixed)
                .having_read(&facts)
                .with("line", other)
                .with("places", taken)
                .into());
        }
    }
    let stand_in = line.mark() == Some(LineMark::SourceGap);
    if name.is_national() && !stand_in {
        return Err(Blocked::control(Code::NationalLineIsTotal)
            .having_read(&facts)
            .into());
    }
    let office = format!("akimat.{}", filed.territory);
    if !name.is_national() && cx.actor.office.as_str() != office {
        return Err(blocked(Code::NotTheDecidingOffice)
            .with("office-of-territory", office)
            .into());
    }
    if line.closed() {
        return Err(Blocked::control(Code::YearClosed)
            .having_read(&facts)
            .into());
    }
    for day in [cx.decided_on, from] {
        if day.year() != filed.year {
            return Err(blocked(Code::OutsideQuotaYear)
                .with("decided-on", cx.decided_on)
                .into());
        }
    }
    if from < application.filed_on() {
        let blocked = Blocked::control(Code::BeforeItsCause).having_read(&facts);
        return Err(blocked.with("filed-on", application.filed_on()).into());
    }
    Ok(Case {
        law,
        application,
        line,
        name: name.clone(),
        basis,
        from,
        facts,
    })
}

impl Case<'_> {
    pub(super) fn blocked(&self, code: Code) -> Blocked {
        Blocked::law(code, &self.basis).having_read(&self.facts)
    }

    /// The citation of the act whose limit is in force on both the decision date and the effective day.
    fn limit_act(&mut self, cx: &Context) -> Result<Citation, Blocked> {
        for day in [cx.decided_on, self.from] {
            match self.line.limit(self.law, day) {
                LimitOn::Known { places, act } => {
                    self.facts = std::mem::take(&mut self.facts)
                        .with("limit", places)
                        .with("limit-act", act);
                }
                LimitOn::NotInForce => {
                    return Err(self.blocked(Code::QuotaNotInForce).with("day", day));
                }
                LimitOn::Unknown { act } => {
                    let blocked = Blocked::control(Code::BasisUnknown).having_read(&self.facts);
                    return Err(blocked.with("day", day).with("limit-act", act));
                }
            }
        }
        let act = self
            .facts
            .get("limit-act")
            .and_then(|act| act.parse().ok())
            .expect("an act was found on both days");
        self.law.cite(&act, "not recorded", cx.decided_on)
    }

    /// Checks that `more` places fit at every effective day from the first on.
    fn check_headroom(&mut self, more: Count) -> Result<(), Blocked> {
        let tightest = self
            .line
            .tightest(self.law, self.from)
            .ok_or_else(|| self.blocked(Code::QuotaNotInForce))?;
        self.facts = std::mem::take(&mut self.facts)
            .with("tightest-day", tightest.day)
            .with("tightest-limit", tightest.limit)
            .with("held", tightest.taken.held)
            .with("committed", tightest.taken.committed);
        if tightest.headroom < 0 {
            let blocked = Blocked::control(Code::OverCommitted).having_read(&self.facts);
            return Err(blocked.with("over-committed-by", -tightest.headroom));
        }
        let looked_at = tightest.day == self.from || !Fault::P4.planted();
        if (tightest.headroom as u64) < more.0 && looked_at {
            return Err(self
                .blocked(Code::LimitReached)
                .with("places", more)
                .with("headroom", tightest.headroom));
        }
        self.facts = std::mem::take(&mut self.facts).with("headroom", tightest.headroom);
        Ok(())
    }
}

/// Computes the verdict on an application and holds its places.
pub fn hold_places(c: &HoldPlaces, cx: &Context, known: &Known<'_>) -> Result<Decided, Undecided> {
    let mut case = open_case(c.application, cx, known)?;
    let filed = case.application.open(c.application)?;
    if let Some(hold) = case.line.hold(c.application) {
        let blocked = Blocked::control(Code::AlreadyHeld).having_read(&case.facts);
        return Err(blocked.with("held-from", hold.from).into());
    }
    check_once(&mut case, c.application, filed, known)?;
    let limit_act = case.limit_act(cx)?;
    check_territory(&mut case)?;
    if filed.joins.is_some() {
        check_join(&mut case, filed, cx, known)?;
    } else {
        check_status(&mut case, filed, cx, known)?;
    }
    let (places, counted_by) = places_of(&case.name.rule, filed, case.law, cx.decided_on)
        .map_err(|blocked| blocked.having_read(&case.facts))?;
    case.facts = case
        .facts
        .with("counting-rule", &case.name.rule)
        .with("places", places);
    case.check_headroom(places)?;
    let fact = PlacesHeld {
        application: c.application,
        places,
        facts: case.facts,
        bases: [vec![limit_act], counted_by].concat(),
    };
    let event = cx
        .event(Fact::PlacesHeld(fact))
        .citing(case.basis)
        .case(c.application);
    Ok(vec![(StreamId::line(&case.name), event)])
}

/// The hold that a commitment of this application would adopt.
pub fn adopted(
    application: Ref,
    known: &Known<'_>,
) -> Result<Option<(StreamId, StreamSeq)>, Needs> {
    let Ok(filed) = known.application(application)?.open(application) else {
        return Ok(None);
    };
    let held = held(application, filed, known)?;
    Ok(held.map(|(line, hold)| (StreamId::line(line), hold.seq)))
}

/// The open hold of an application, with its line, by whatever rule that counts.
pub(crate) fn held<'a>(
    application: Ref,
    filed: &ApplicationFiled,
    known: &Known<'a>,
) -> Result<Option<(&'a Line, Hold)>, Needs> {
    let law = known.law()?;
    for line in law.lines_in(filed.category, &filed.territory, filed.year) {
        if let Some(hold) = known.line(line)?.hold(application) {
            return Ok(Some((line, hold)));
        }
    }
    Ok(None)
}

/// The leaf hash that a commitment carries.
fn adopted_leaf(leaf: Sha256Hex) -> Sha256Hex {
    if Fault::P11.planted() {
        Sha256Hex::of(b"another leaf")
    } else {
        leaf
    }
}

/// A named official adopts the verdict: the places are committed and the applicant is included (promise P11).
pub fn commit_places(
    c: &CommitPlaces,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let mut case = open_case(c.application, cx, known)?;
    let control = |code, case: &Case<'_>| Blocked::control(code).having_read(&case.facts);
    let (Some(hold), Some(leaf)) = (case.line.hold(c.application), cx.adopted_leaf) else {
        return Err(control(Code::NotHeld, &case).into());
    };
    if let Some(seen) = c.adopts.filter(|seen| *seen != leaf) {
        return Err(control(Code::AdoptsOtherBytes, &case)
            .with("seen", seen)
            .with("stands", leaf)
            .into());
    }
    // Two people: whoever proposes does not adopt, in whoever's stead he acts.
    if cx.adopted_of == Some(cx.actor.actor) {
        return Err(control(Code::SameHands, &case)
            .with("held-at", hold.seq)
            .into());
    }
    if case.from < hold.from {
        return Err(control(Code::BeforeItsCause, &case)
            .with("held-from", hold.from)
            .into());
    }
    let filed = case.application.open(c.application)?;
    check_once(&mut case, c.application, filed, known)?;
    let limit_act = case.limit_act(cx)?;
    // What the verdict rests on may have fallen since.
    check_territory(&mut case)?;
    if filed.joins.is_some() {
        check_join(&mut case, filed, cx, known)?;
    } else {
        check_status(&mut case, filed, cx, known)?;
    }
    case.check_headroom(Count(0))?;
    let fact = PlacesCommitted {
        application: c.application,
        places: hold.places,
        adopts: Adopted {
            streamseq: hold.seq,
            leaf: adopted_leaf(leaf),
        },
        facts: case.facts,
        bases: if Fault::P9.planted() {
            Vec::new()
        } else {
            vec![limit_act]
        },
    };
    let included = ApplicationIncluded {
        line: case.name.clone(),
        places: hold.places,
        official: cx.actor.actor,
        in_stead_of: cx.actor.onbehalfof,
    };
    let event = |fact| {
        cx.event(fact)
            .citing(case.basis.clone())
            .case(c.application)
    };
    Ok(vec![
        (
            StreamId::line(&case.name),
            event(Fact::PlacesCommitted(fact)),
        ),
        (
            StreamId::of(StreamKind::Application, c.application),
            event(Fact::ApplicationIncluded(included)),
        ),
    ])
}

/// Releases places. The applicant's withdrawal, a review or a court need no power of ours, so nothing is cited.
pub fn release_places(
    c: &ReleasePlaces,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let control = |code| Blocked::control(code).with("application", c.application);
    let filed = application.filed(c.application)?;
    // Counting anew has a command of its own.
    if c.reason == ReleaseReason::Recounted {
        return Err(control(Code::GroundDoesNotFit)
            .with("reason", c.reason)
            .into());
    }
    let hold = held(c.application, filed, known)?;
    let (since, name) = match (&hold, application.included()) {
        (Some((line, hold)), _) => (hold.from, *line),
        (None, Some(included)) => (included.from, &included.counted().line),
        (None, None) => return Err(control(Code::NothingToRelease).into()),
    };
    let line = known.line(name)?;
    let from = cx.effective_from();
    if from < since {
        return Err(control(Code::BeforeItsCause)
            .with("since", since)
            .with("effective-from", from)
            .into());
    }
    // After the close only a review or a court still moves a committed place; no hold outlives the close.
    if line.closed() && c.reason != ReleaseReason::Annulled {
        return Err(control(Code::YearClosed).with("line", name).into());
    }
    if let Some((_, hold)) = hold {
        let fact = PlacesReleased {
            application: c.application,
            places: hold.places,
            was: PlaceState::Held,
            reason: c.reason,
        };
        let event = cx.event(Fact::PlacesReleased(fact)).case(c.application);
        return Ok(vec![(StreamId::line(name), event)]);
    }
    let mut decided = Decided::new();
    for (line, day, fact) in application
        .included()
        .map(|included| included.released(c.application, from, c.reason))
        .unwrap_or_default()
    {
        known.line(&line)?;
        let event = cx.event(fact).effective(day, None).case(c.application);
        decided.push((StreamId::line(&line), event));
    }
    let ended = Fact::InclusionEnded(InclusionEnded { reason: c.reason });
    let stream = StreamId::of(StreamKind::Application, c.application);
    decided.push((stream, cx.event(ended).case(c.application)));
    Ok(decided)
}

/// An official closes the year of a line: what is left lapses. Nothing carries over unless an act says so.
pub fn close_year(
    c: &CloseQuotaYear,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let law = known.law()?;
    let line = known.line(&c.line)?;
    let control = |code| Blocked::control(code).with("line", &c.line);
    if !line.established() {
        return Err(control(Code::NoQuotaLine).into());
    }
    if line.closed() {
        return Err(control(Code::YearClosed).into());
    }
    if cx.decided_on < c.line.year.end() {
        return Err(control(Code::YearNotOver)
            .with("decided-on", cx.decided_on)
            .into());
    }
    let basis = law.basis(DecisionType::QuotaYearClose, cx.decided_on)?;
    let last_day = c.line.year.end().plus_days(-1);
    if !line.holds.is_empty() {
        return Err(control(Code::PlacesStillHeld)
            .with("holds", line.holds.len())
            .into());
    }
    let (limit, act) = match line.limit(law, last_day) {
        LimitOn::Known { places, act } => (places, act),
        LimitOn::NotInForce => {
            return Err(Blocked::law(Code::QuotaNotInForce, &basis)
                .with("day", last_day)
                .into());
        }
        LimitOn::Unknown { act } => {
            return Err(control(Code::BasisUnknown)
                .with("day", last_day)
                .with("limit-act", act)
                .into());
        }
    };
    let committed = Count(line.taken(last_day).committed.max(0) as u64);
    let lapsed = Count(limit.0.saturating_sub(committed.0));
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("last-day", last_day)
        .with("limit", limit)
        .with("limit-act", &act)
        .with("committed", committed)
        .with("held", 0);
    let event = cx
        .event(Fact::YearClosed(YearClosed {
            limit,
            committed,
            lapsed,
            facts,
            bases: vec![law.cite(&act, "not recorded", last_day)?],
        }))
        .citing(basis);
    Ok(vec![(StreamId::line(&c.line), event)])
}
