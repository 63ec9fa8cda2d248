//! The other questions: residents, persons, districts, proposals, applications, decisions; and the command line.

use qonys::{
    clock::Clock,
    views::queries::{
        AsOf, applications::ApplicationQuery, decisions::DecisionQuery, proposals::ProposalQuery,
    },
};
use qonys_events::scalar::{Count, Day, Position};
use qonys_projections::cell::TableRow as _;
use qonys_projections::{
    port::Sink as _,
    residents::{RESIDENCE, ResidenceRow},
};
use serde_json::Value;

use super::{
    caught_up,
    history::{fill, mixed},
    on_both_stores,
};
use crate::support::{
    process::{qonys, run, run_with_input},
    register::{Lines, Register},
};

on_both_stores!(
    residents_are_told_by_day_and_point,
    decisions_come_in_pages_and_by_filter,
    proposals_and_applications_stand_as_of_a_day,
);

async fn residents_are_told_by_day_and_point(register: Register) {
    fill(&register).await;
    let views = caught_up(&register).await;
    let clock = Clock::System;
    let rows = views
        .live()
        .scan(&RESIDENCE, None, 1_000)
        .await
        .expect("rows");
    let rows: Vec<_> = rows
        .iter()
        .map(|row| ResidenceRow::read(row).expect("a residence"))
        .collect();
    let moved = rows
        .iter()
        .find(|row| row.recorded_to.is_some())
        .expect("somebody moved");
    let closed = moved.recorded_to.expect("it was closed");
    let on = Some(Day::new(2024, 4, 10));
    let before = AsOf::Position(Position(closed.0 - 1));
    let lives = |answer: qonys::views::queries::residents::DwellingAnswer| {
        answer
            .residences
            .iter()
            .any(|row| row.0.person == moved.person)
    };
    // As it was known before the move, he still lives there; afterwards he does not.
    let then = views
        .residents(moved.dwelling, on, before, &clock)
        .await
        .expect("an answer");
    assert!(then.dwelling.is_some());
    assert!(lives(then));
    let now = views
        .residents(moved.dwelling, on, AsOf::Latest, &clock)
        .await
        .expect("an answer");
    assert!(!lives(now));
    let march = Some(Day::new(2024, 3, 10));
    let now = views
        .residents(moved.dwelling, march, AsOf::Latest, &clock)
        .await
        .expect("an answer");
    assert!(lives(now));
    let person = views
        .person(moved.person, None, AsOf::Latest)
        .await
        .expect("an answer");
    assert!(person.person.is_some() && person.residences.len() >= 2);
    let person = views
        .person(moved.person, on, AsOf::Latest)
        .await
        .expect("an answer");
    assert_eq!(person.residences.len(), 1);
    // Districts add up to the city.
    let answer = views
        .districts(on, AsOf::Latest, &clock)
        .await
        .expect("an answer");
    assert_eq!(answer.residents, Count(41));
    assert_eq!(
        answer.districts.iter().map(|d| d.residents.0).sum::<u64>(),
        41
    );
    assert_eq!(answer.districts.len(), 3);
    let april = Some(Day::new(2024, 4, 20));
    let answer = views
        .districts(april, AsOf::Latest, &clock)
        .await
        .expect("an answer");
    assert!(answer.staying > Count(0));
}

async fn decisions_come_in_pages_and_by_filter(register: Register) {
    fill(&register).await;
    let views = caught_up(&register).await;
    let whole = views
        .decisions(&DecisionQuery::default())
        .await
        .expect("a page");
    assert!(whole.next.is_none() && whole.decisions.len() > 100);
    let (mut after, mut paged) = (Position(0), Vec::new());
    loop {
        let query = DecisionQuery {
            after,
            limit: Some(7),
            ..DecisionQuery::default()
        };
        let page = views.decisions(&query).await.expect("a page");
        paged.extend(page.decisions);
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(paged, whole.decisions);
    let some = whole
        .decisions
        .iter()
        .find(|row| row.0.facts.is_some())
        .expect("facts");
    let shown = serde_json::to_value(some).expect("JSON");
    assert!(shown["facts"].is_object(), "{shown}");
    let query = DecisionQuery {
        act: some.0.act.clone(),
        point: some.0.point.clone(),
        office: Some(some.0.office.clone()),
        event_type: Some(some.0.event_type.clone()),
        stream: Some(some.0.stream.clone()),
        command: Some(some.0.command),
        ..DecisionQuery::default()
    };
    let found = views.decisions(&query).await.expect("a page");
    assert_eq!(found.decisions, vec![some.clone()]);
}

async fn proposals_and_applications_stand_as_of_a_day(register: Register) {
    fill(&register).await;
    let views = caught_up(&register).await;
    let clock = Clock::System;
    let query = |day| ProposalQuery {
        effective: Some(day),
        ..ProposalQuery::default()
    };
    let on = views
        .proposals(&query(Day::new(2024, 5, 1)), &clock)
        .await
        .expect("an answer");
    assert_eq!(on.proposals.len(), 5);
    assert!(
        on.proposals
            .iter()
            .all(|p| p.proposal.0.state.as_str() == "drafted" && p.acts.is_empty())
    );
    let on = views
        .proposals(&query(Day::new(2024, 5, 4)), &clock)
        .await
        .expect("an answer");
    let stand: Vec<_> = on
        .proposals
        .iter()
        .map(|p| (p.proposal.0.state.as_str(), p.acts.len()))
        .collect();
    let count = |what| stand.iter().filter(|found| **found == what).count();
    assert_eq!(
        (count(("withdrawn", 0)), count(("answered", 1))),
        (3, 2),
        "{stand:?}"
    );
    let held = ApplicationQuery {
        state: Some("held".to_owned()),
        effective: Some(Day::new(2024, 5, 29)),
        limit: Some(3),
        ..ApplicationQuery::default()
    };
    let first = views.applications(&held, &clock).await.expect("a page");
    assert_eq!(first.applications.len(), 3);
    let next = ApplicationQuery {
        after: first.next,
        ..held
    };
    let second = views.applications(&next, &clock).await.expect("a page");
    assert!(
        second
            .applications
            .iter()
            .all(|row| Some(row.0.application) > first.next)
    );
    assert!(!second.applications.is_empty());
}

/// Runs the binary on a data directory.
async fn said(directory: &str, arguments: &[&str]) -> String {
    let mut command: Vec<&str> = arguments.to_vec();
    command.extend(["--data-dir", directory]);
    run(qonys(command)).await.expect_success().stdout
}

#[tokio::test]
async fn the_command_line_answers_from_the_views() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().to_str().expect("a path");
    let mut lines = mixed(&mut Lines::new(7), 16);
    lines[0]["data"]["clock"] = "system".into();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    run_with_input(qonys(["submit", "-", "--data-dir", directory]), &text)
        .await
        .expect_success();
    let board = said(directory, &["board", "--effective", "2024-04-30"]).await;
    assert!(
        board.contains("10 moved from resettlers to kandas, total 100 unchanged"),
        "{board}"
    );
    assert!(
        board.contains("effective 2024-04-30, as known at position"),
        "{board}"
    );
    let board = said(
        directory,
        &["board", "--effective", "2024-04-30", "--output", "json"],
    )
    .await;
    let board: Value = serde_json::from_str(&board).expect("JSON");
    assert_eq!(board["lines"].as_array().map(Vec::len), Some(2), "{board}");
    assert_eq!(board["lines"][0]["limit"], "70", "{board}");
    let act = said(directory, &["act", "order", "--on", "2024-01-13"]).await;
    assert!(act.contains("not yet, not before 2024-01-14"), "{act}");
    let acts = said(
        directory,
        &["acts", "--on", "2024-01-14", "--output", "ndjson"],
    )
    .await;
    assert_eq!(acts.lines().count(), 3, "{acts}");
    let proposals = said(directory, &["proposals", "--on", "2024-05-04"]).await;
    assert!(proposals.contains("regional-quota"), "{proposals}");
    let decisions = said(
        directory,
        &["decisions", "--act", "law-477-2011", "--limit", "2"],
    )
    .await;
    assert!(decisions.contains("more after"), "{decisions}");
    let replayed = said(directory, &["replay", "--output", "json"]).await;
    let replayed: Value = serde_json::from_str(&replayed).expect("JSON");
    let rebuilt = said(directory, &["rebuild", "--output", "json"]).await;
    let rebuilt: Value = serde_json::from_str(&rebuilt).expect("JSON");
    assert_eq!(
        (&rebuilt["count"], &rebuilt["root"]),
        (&replayed["count"], &replayed["root"])
    );
    let verified = said(directory, &["rebuild", "--verify"]).await;
    assert!(verified.contains("equal at position"), "{verified}");
    let entries = said(directory, &["replay", "--output", "ndjson", "--to", "5"]).await;
    let history = said(
        directory,
        &["history", "--output", "ndjson", "--limit", "5"],
    )
    .await;
    assert_eq!(entries, history);
}
