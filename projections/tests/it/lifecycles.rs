//! Applications and proposals: where each stands on a day, as known at a position.

use qonys_events::{
    scalar::{Count, Position},
    term::ReleaseReason,
};
use qonys_projections::{
    applications::{ApplicationRow, ApplicationState, HearingChoice},
    proposals::{HorizonKind, ProposalActRow, ProposalKind, ProposalRow, ProposalState},
};

use crate::{
    lines::{KANDAS, commit, hold, release},
    support::{Log, Said, as_of, day, id, line, on, rows, slug},
};

pub(crate) fn filed(n: u64, from: &str) -> Said {
    let data = format!(
        r#"{{"application":"{}","applicant":"{}","category":"kandas","territory":"kazakhstan","year":"2024","members":"3"}}"#,
        id(n),
        id(n + 1000)
    );
    on(
        &format!("application/{}", id(n)),
        "application.filed",
        &data,
        from,
    )
}

fn included(n: u64, from: &str) -> Said {
    let line = serde_json::to_string(&line(KANDAS)).unwrap();
    let data = format!(
        r#"{{"line":{line},"places":"4","official":"a0b1c2d3-0000-4000-8000-000000000004"}}"#
    );
    on(
        &format!("application/{}", id(n)),
        "application.included",
        &data,
        from,
    )
}

fn state(log: &Log, n: u64, at: Position, on: &str) -> Option<ApplicationState> {
    let found: Vec<ApplicationRow> = as_of(&log.views(), at, day(on));
    let found: Vec<_> = found
        .into_iter()
        .filter(|row| row.application == id(n))
        .collect();
    assert!(found.len() <= 1, "one state per day: {found:?}");
    found.first().map(|row| row.state)
}

#[test]
fn an_application_is_filed_held_included_and_ended() {
    let mut log = Log::default();
    let filed_at = log.command([filed(1, "2024-02-01")]);
    let held_at = log.command([hold(KANDAS, 1, 4, "2024-02-05")]);
    log.command([
        commit(KANDAS, 1, 4, "2024-02-10"),
        included(1, "2024-02-10"),
    ]);
    let end = on(
        &format!("application/{}", id(1)),
        "application.inclusion-ended",
        r#"{"reason":"withdrawn"}"#,
        "2024-05-01",
    );
    let at = log.command([
        release(KANDAS, 1, 4, "committed", "withdrawn", "2024-05-01"),
        end,
    ]);
    assert_eq!(state(&log, 1, at, "2024-01-31"), None);
    assert_eq!(
        state(&log, 1, at, "2024-02-04"),
        Some(ApplicationState::Filed)
    );
    assert_eq!(
        state(&log, 1, at, "2024-02-09"),
        Some(ApplicationState::Held)
    );
    assert_eq!(
        state(&log, 1, at, "2024-04-30"),
        Some(ApplicationState::Included)
    );
    assert_eq!(
        state(&log, 1, at, "2024-05-01"),
        Some(ApplicationState::Ended)
    );
    assert_eq!(
        state(&log, 1, held_at, "2024-05-01"),
        Some(ApplicationState::Held)
    );
    assert_eq!(
        state(&log, 1, filed_at, "2024-05-01"),
        Some(ApplicationState::Filed)
    );
    let last = as_of::<ApplicationRow>(&log.views(), at, day("2024-03-01")).remove(0);
    assert_eq!(
        (last.members, last.places),
        (Some(Count(3)), Some(Count(4)))
    );
    assert_eq!(
        (last.filed_on, last.line),
        (Some(day("2024-02-01")), Some(line(KANDAS)))
    );
}

#[test]
fn a_refusal_names_its_ground_and_hearing() {
    let mut log = Log::default();
    log.command([filed(1, "2024-02-01")]);
    log.command([hold(KANDAS, 1, 4, "2024-02-02")]);
    log.command([release(KANDAS, 1, 4, "held", "refusal-act", "2024-02-20")]);
    let data = r#"{"ground":"refusal-ground.kandas.no-regional-quota","official":"a0b1c2d3-0000-4000-8000-000000000004","hearing":{"choice":"held","on":"2024-02-15"},"appeal":"to the authorised body","facts":{},"bases":[]}"#;
    let stream = format!("application/{}", id(1));
    let at = log.command([on(
        &stream,
        "application.refusal-act-adopted",
        data,
        "2024-02-21",
    )]);
    assert_eq!(
        state(&log, 1, at, "2024-02-20"),
        Some(ApplicationState::Filed)
    );
    let last = as_of::<ApplicationRow>(&log.views(), at, day("2024-02-21")).remove(0);
    assert_eq!(last.state, ApplicationState::RefusalAct);
    assert_eq!(
        last.ground,
        Some(slug("refusal-ground.kandas.no-regional-quota"))
    );
    assert_eq!(
        (last.hearing, last.heard_on),
        (Some(HearingChoice::Held), Some(day("2024-02-15")))
    );
    assert_eq!(last.places, None);
    // What was known before the refusal is kept.
    let kept = (Some(line(KANDAS)), Some(ReleaseReason::RefusalAct));
    assert_eq!((last.line, last.release_reason), kept);
}

#[test]
fn a_released_hold_leaves_the_application_open_and_a_backdated_inclusion_wins_from_its_day() {
    let mut log = Log::default();
    log.command([filed(1, "2024-02-01"), filed(2, "2024-02-01")]);
    log.command([
        hold(KANDAS, 1, 4, "2024-02-02"),
        hold(KANDAS, 2, 4, "2024-02-10"),
    ]);
    log.command([release(KANDAS, 1, 4, "held", "withdrawn", "2024-03-01")]);
    // A paper decision that was adopted before the hold began.
    let at = log.command([included(2, "2024-02-05")]);
    assert_eq!(
        state(&log, 1, at, "2024-03-01"),
        Some(ApplicationState::Filed)
    );
    assert_eq!(
        state(&log, 2, at, "2024-02-04"),
        Some(ApplicationState::Filed)
    );
    assert_eq!(
        state(&log, 2, at, "2024-02-05"),
        Some(ApplicationState::Included)
    );
    assert_eq!(
        state(&log, 2, at, "2024-02-11"),
        Some(ApplicationState::Included)
    );
}

#[test]
fn places_held_for_an_application_filed_elsewhere_are_shown() {
    let mut log = Log::default();
    let at = log.command([hold(KANDAS, 1, 4, "2024-02-02")]);
    let row = as_of::<ApplicationRow>(&log.views(), at, day("2024-02-02")).remove(0);
    assert_eq!((row.state, row.applicant), (ApplicationState::Held, None));
    assert_eq!(row.territory, Some(slug("kazakhstan")));
}

pub(crate) fn drafted(n: u64, from: &str) -> Said {
    let hash = "5d".repeat(32);
    let data = format!(
        r#"{{"subject":{{"kind":"regional-quota","direction":"increase","horizon":{{"horizon":"coming-year","year":"2025"}},"lines":[{{"category":"kandas","asked":"300"}}]}},"territory":"almaty","justification":"{hash}","indicators":["population"],"facts":{{}}}}"#
    );
    on(
        &format!("proposal/{}", id(n)),
        "proposal.drafted",
        &data,
        from,
    )
}

pub(crate) fn proposal(n: u64, name: &str, data: &str, from: &str) -> Said {
    on(
        &format!("proposal/{}", id(n)),
        &format!("proposal.{name}"),
        data,
        from,
    )
}

#[test]
fn a_proposal_keeps_its_dates_and_what_was_granted() {
    let mut log = Log::default();
    let document = format!(r#"{{"document":"{}","facts":{{}}}}"#, "5d".repeat(32));
    log.command([drafted(1, "2024-09-01")]);
    log.command([proposal(1, "signed", &document, "2024-09-01")]);
    log.command([proposal(
        1,
        "sent",
        r#"{"addressee":"the ministry","authority":"ministry","facts":{},"bases":[]}"#,
        "2024-09-03",
    )]);
    let received = log.command([proposal(
        1,
        "received",
        r#"{"number":"4711"}"#,
        "2024-09-05",
    )]);
    let answer =
        r#"{"answer":"in-part","number":"4711-1","granted":[{"category":"kandas","asked":"200"}]}"#;
    log.command([proposal(1, "answered", answer, "2024-11-01")]);
    log.command([proposal(
        1,
        "linked-to-act",
        r#"{"act":"order-1"}"#,
        "2024-12-05",
    )]);
    let at = log.command([proposal(
        1,
        "linked-to-act",
        r#"{"act":"order-2"}"#,
        "2024-12-06",
    )]);
    let sink = log.views();
    let stood = |at, on: &str| as_of::<ProposalRow>(&sink, at, day(on)).remove(0);
    assert_eq!(
        stood(at, "2024-09-01").state,
        ProposalState::Signed,
        "drafted and signed in a day"
    );
    assert_eq!(stood(at, "2024-09-04").state, ProposalState::Sent);
    assert_eq!(stood(received, "2024-12-31").state, ProposalState::Received);
    let last = stood(at, "2024-12-31");
    assert_eq!(
        (last.state, last.kind),
        (ProposalState::Answered, ProposalKind::RegionalQuota)
    );
    assert_eq!(
        (last.horizon, last.answered_on),
        (Some(HorizonKind::ComingYear), Some(day("2024-11-01")))
    );
    assert_eq!(
        last.asked.unwrap().as_str(),
        r#"[{"category":"kandas","asked":"300"}]"#
    );
    assert_eq!(
        last.granted.unwrap().as_str(),
        r#"[{"category":"kandas","asked":"200"}]"#
    );
    assert_eq!(
        last.lines.unwrap().as_str(),
        r#"[{"line":"kandas","asked":"300","granted":"200","difference":"-100"}]"#
    );
    assert_eq!(last.authority, Some(slug("ministry")));
    assert_eq!(last.drafted_on, day("2024-09-01"));
    let links: Vec<_> = rows::<ProposalActRow>(&sink)
        .into_iter()
        .map(|row| row.act)
        .collect();
    assert_eq!(links, [slug("order-1"), slug("order-2")]);
}

#[test]
fn an_accepted_proposal_was_granted_what_it_asked_and_a_rejected_one_nothing() {
    let mut log = Log::default();
    log.command([
        drafted(1, "2024-09-01"),
        drafted(2, "2024-09-01"),
        drafted(3, "2024-09-01"),
    ]);
    let answer = |answer: &str| format!(r#"{{"answer":"{answer}","number":"1"}}"#);
    log.command([proposal(1, "answered", &answer("accepted"), "2024-10-01")]);
    log.command([proposal(2, "answered", &answer("returned"), "2024-09-15")]);
    let returned = as_of::<ProposalRow>(&log.views(), log.head(), day("2024-09-15")).remove(1);
    assert_eq!(returned.state, ProposalState::Returned);
    log.command([proposal(2, "answered", &answer("rejected"), "2024-10-01")]);
    let at = log.command([proposal(3, "withdrawn", "{}", "2024-10-01")]);
    let found: Vec<ProposalRow> = as_of(&log.views(), at, day("2024-10-01"));
    assert_eq!(found[0].granted, found[0].asked);
    assert!(found[0].granted.is_some());
    assert_eq!(found[1].granted, None);
    let withdrawn = (ProposalState::Withdrawn, Some(day("2024-10-01")));
    assert_eq!((found[2].state, found[2].withdrawn_on), withdrawn);
}

/// Foreign labour: of which compatriots, asked, granted and the difference; a line that an answer in part leaves out was
/// granted nothing. Confirmed warnings stand with their reasons.
#[test]
fn a_proposal_on_foreign_labour_shows_asked_granted_and_difference() {
    let mut log = Log::default();
    let asked = r#"{"category":"category-1","asked":"40","of_which_compatriots":"6"},{"category":"households","asked":"900","of_which_compatriots":"0"}"#;
    let data = format!(
        r#"{{"subject":{{"kind":"foreign-labour","direction":"increase","year":"2025","lines":[{asked}]}},"territory":"almaty","justification":"{}","facts":{{}}}}"#,
        "5d".repeat(32)
    );
    let signed = format!(
        r#"{{"document":"{}","confirmed":[{{"warning":"no-indicator","reason":"none is published"}}],"facts":{{}}}}"#,
        "5d".repeat(32)
    );
    log.command([proposal(1, "drafted", &data, "2025-02-03")]);
    let before = log.command([proposal(1, "signed", &signed, "2025-02-04")]);
    let answer = r#"{"answer":"in-part","number":"1","granted_labour":[{"category":"category-1","asked":"25","of_which_compatriots":"6"}]}"#;
    let at = log.command([proposal(1, "answered", answer, "2025-06-02")]);
    let sink = log.views();
    let stood = |at, on: &str| as_of::<ProposalRow>(&sink, at, day(on)).remove(0);
    let early = stood(before, "2025-02-04");
    assert_eq!(
        early.lines.unwrap().as_str(),
        r#"[{"line":"category-1","asked":"40","asked_compatriots":"6"},{"line":"households","asked":"900","asked_compatriots":"0"}]"#
    );
    assert_eq!(
        early.confirmed.unwrap().as_str(),
        r#"[{"warning":"no-indicator","reason":"none is published"}]"#
    );
    let answered = stood(at, "2025-06-02");
    assert_eq!(
        answered.lines.unwrap().as_str(),
        r#"[{"line":"category-1","asked":"40","asked_compatriots":"6","granted":"25","granted_compatriots":"6","difference":"-15"},{"line":"households","asked":"900","asked_compatriots":"0","granted":"0","granted_compatriots":"0","difference":"-900"}]"#
    );
}
