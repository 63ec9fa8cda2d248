//! A decision of inclusion that was proved to have been adopted earlier (point 6): one that stands on paper, of an earlier day
//! than that on which it is recorded. It is a lawful fact of others, so it is always recorded, over the limit if need be;
//! what the line holds then is shown as over-committed, and nothing more is held or committed meanwhile. Blocked is only what
//! cannot be recorded without ambiguity. What the decision lacked is written down with it, and a review judges it.

use qonys_events::{
    citation::Facts,
    fact::{Fact, application::InclusionProved, quota::PlacesProved},
    id::{StreamId, StreamKind},
    term::{Category, LineMark},
};

use super::{
    LimitOn,
    decide::{Case, held, inclusion},
    eligibility::check_once,
    places_of,
};
use crate::{
    blocked::{Blocked, Code},
    command::RecordEarlierInclusion,
    context::Context,
    decide::{Decided, Undecided},
    law::Determined,
    streams::Known,
};

/// Records the decision. The decision date of the command is the day of its adoption; who finds it proved is another official
/// than the one who adopted it, or the one in whose stead he did.
pub fn record_earlier(
    c: &RecordEarlierInclusion,
    cx: &Context,
    known: &Known<'_>,
) -> Result<Decided, Undecided> {
    let application = known.application(c.application)?;
    let control = |code| Blocked::control(code).with("application", c.application);
    let filed = application.open(c.application)?;
    if cx.decided_on >= cx.today {
        return Err(control(Code::NotAdoptedEarlier)
            .with("decided-on", cx.decided_on)
            .with("today", cx.today)
            .into());
    }
    let records = [Some(cx.actor.actor), cx.actor.onbehalfof];
    let mut adopted = [Some(c.official), c.in_stead_of].into_iter().flatten();
    if adopted.any(|hand| records.contains(&Some(hand))) {
        return Err(control(Code::SameHands)
            .with("decided-by", c.official)
            .into());
    }
    let from = cx.effective_from();
    for day in [cx.decided_on, from] {
        if day < application.filed_on() {
            return Err(control(Code::BeforeItsCause)
                .with("filed-on", application.filed_on())
                .with("day", day)
                .into());
        }
    }
    if held(c.application, filed, known)?.is_some() {
        return Err(control(Code::AlreadyHeld).into());
    }
    let law = known.law()?;
    let basis = law.basis(inclusion(filed.category), cx.decided_on)?;
    let by_law = |code| Blocked::law(code, &basis);
    for day in [cx.decided_on, from] {
        if day.year() != filed.year {
            return Err(by_law(Code::OutsideQuotaYear)
                .with("decided-on", cx.decided_on)
                .with("effective-from", from)
                .into());
        }
    }
    let name = law
        .line_of(filed.category, &filed.territory, filed.year, from)
        .ok_or_else(|| by_law(Code::NoQuotaLine).with("territory", &filed.territory))?;
    let line = known.line(name)?;
    if name.is_national() && line.mark() != Some(LineMark::SourceGap) {
        return Err(control(Code::NationalLineIsTotal).into());
    }
    let office = format!("akimat.{}", filed.territory);
    if !name.is_national() && cx.actor.office.as_str() != office {
        return Err(by_law(Code::NotTheDecidingOffice)
            .with("deciding-office", &cx.actor.office)
            .with("office-of-territory", office)
            .into());
    }
    let facts = Facts::new()
        .with("act-certainty", basis.certainty)
        .with("category", filed.category)
        .with("territory", &filed.territory)
        .with("quota-year", filed.year)
        .with("members", filed.members)
        .with("effective-from", from)
        .with("decided-by", c.official)
        .with("recorded-on", cx.today);
    let mut case = Case {
        law,
        application,
        line,
        name: name.clone(),
        basis,
        from,
        facts,
    };
    check_once(&mut case, c.application, filed, known)?;
    let (places, counted_by) = places_of(&case.name.rule, filed, law, cx.decided_on)
        .map_err(|blocked| blocked.having_read(&case.facts))?;
    let mut facts = std::mem::take(&mut case.facts)
        .with("counting-rule", &case.name.rule)
        .with("places", places);
    // What the law asks of an inclusion beside a free place is read and bars nothing.
    let mut bases = counted_by;
    facts = match line.limit(law, cx.decided_on) {
        LimitOn::Known { places, act } => {
            bases.insert(0, law.cite(&act, "not recorded", cx.decided_on)?);
            facts
                .with("quota-in-force", "yes")
                .with("limit", places)
                .with("limit-act", act)
        }
        LimitOn::NotInForce => facts.with("quota-in-force", "no"),
        LimitOn::Unknown { act } => facts
            .with("quota-in-force", "unknown")
            .with("limit-act", act),
    };
    if !case.name.is_national() {
        let determined = law.determined(case.name.category, &case.name.territory, from);
        facts = facts.with(
            "territory-determined",
            match determined {
                Determined::Yes { .. } => "yes",
                Determined::No { .. } => "no",
                Determined::Unknown { .. } => "unknown",
            },
        );
    }
    if filed.category == Category::Kandas && filed.joins.is_none() {
        let status = known.person(filed.applicant)?.kandas_on(cx.decided_on);
        facts = facts.with("kandas-status", status);
    }
    let tightest = line.tightest(law, from);
    let over = tightest.map_or(0, |tightest| places.0 as i64 - tightest.headroom);
    let taken = line.taken(from);
    let facts = facts
        .with("held", taken.held)
        .with("committed", taken.committed)
        .with("over-committed-by", over.max(0));
    let proved = InclusionProved {
        line: case.name.clone(),
        places,
        official: c.official,
        in_stead_of: c.in_stead_of,
        document: c.document,
        proved_by: c.proved_by.clone(),
        proof: c.proof,
        facts,
        bases,
    };
    let takes = PlacesProved {
        application: c.application,
        places,
    };
    let event = |fact| cx.event(fact).case(c.application);
    Ok(vec![
        (StreamId::line(&case.name), event(Fact::PlacesProved(takes))),
        (
            StreamId::of(StreamKind::Application, c.application),
            event(Fact::InclusionProved(proved)).citing(case.basis),
        ),
    ])
}
