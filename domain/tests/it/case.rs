//! Point 6, from the filing to the decision: terms counted in the open, the preliminary decision and the hearing, the
//! opinion of the commission, the family that joins, the status and its end.

use qonys_domain::{application::term::term, streams::Known};
use qonys_events::{id::Ref, scalar::Day};
use serde_json::{Value, json};

use crate::world::{World, day, leaf};

const OTHER: &str = "00000000-0000-4000-8000-ffffffffffff";

fn told(application: Ref, verdict: &str) -> Value {
    json!({"application": application.to_string(), "verdict": verdict, "way": "electronic", "document": leaf().to_string()})
}

fn refuse(application: Ref, applicant: &str, hearing: Value) -> Value {
    json!({"application": application.to_string(), "applicant": applicant, "ground": "false-documents",
        "hearing": hearing, "appeal": "to the authorised body, then to the court"})
}

fn held(on: &str) -> Value {
    json!({"choice": "held", "on": on})
}

fn omitted() -> Value {
    json!({"choice": "omitted", "point": "73"})
}

/// A kandas who asked for the status on a day.
fn asks(world: &mut World, on: &str) -> (Ref, String) {
    let person = world.must("record-person", json!({"kind": "foreigner"}), on);
    let asked = json!({"applicant": person.to_string(), "asks": "grant"});
    let application = world.must("ask-for-status", asked, on);
    (application, person.to_string())
}

fn world() -> World {
    let mut world = World::open();
    world.procedure();
    world.norm("refusal-ground.kandas.false-documents", 2);
    world
}

fn deadline(world: &World, application: Ref) -> (Day, Vec<(String, Option<u64>)>) {
    let known = Known(world);
    let application_state = known.application(application).expect("it is loaded");
    let asked = application_state.asked(application).expect("it exists");
    let law = known.law().expect("it is loaded");
    let term = term(law, application_state, &asked).expect("a term");
    let days = term.days.iter().map(|counted| {
        let n = counted.working_day.map(|n| n.0);
        (counted.day.to_string(), n)
    });
    (term.deadline(), days.collect())
}

#[test]
fn a_term_is_counted_day_by_day_from_the_day_after_the_filing() {
    let mut world = world();
    world.norm("term.kandas-status.working-days", 4);
    // Friday 29.12.2023: Saturday, Sunday, New Year and the day after it do not count.
    let (application, _) = asks(&mut world, "2023-12-29");
    let (last, days) = deadline(&world, application);
    assert_eq!(last, day("2024-01-08"));
    let numbers: Vec<_> = days.iter().map(|(day, n)| (&day[5..], *n)).collect();
    assert_eq!(
        numbers,
        [
            ("12-30", None),
            ("12-31", None),
            ("01-01", None),
            ("01-02", None),
            ("01-03", Some(1)),
            ("01-04", Some(2)),
            ("01-05", Some(3)),
            ("01-06", None),
            ("01-07", None),
            ("01-08", Some(4)),
        ]
    );
}

#[test]
pub fn where_no_special_term_is_known_the_default_counts_and_without_a_calendar_nothing_does() {
    let mut world = world();
    let (application, _) = asks(&mut world, "2024-02-01");
    assert_eq!(deadline(&world, application).0, day("2024-02-22"));
    let find = |application: Ref| json!({"application": application.to_string()});
    world.blocked(
        "find-deemed-refusal",
        find(application),
        "2024-02-22",
        "term-runs",
    );
    world.must("find-deemed-refusal", find(application), "2024-02-23");
    assert!(world.last_data().contains(r#""deadline":"2024-02-22""#));
    world.blocked(
        "find-deemed-refusal",
        find(application),
        "2024-02-23",
        "no-change",
    );
    let (late, _) = asks(&mut world, "2026-12-28");
    world.blocked(
        "find-deemed-refusal",
        find(late),
        "2027-03-01",
        "calendar-missing",
    );
    let calendar = json!({"year": "2027", "weekly_rest": ["sunday"], "days_off": ["2027-01-04"], "worked": ["2027-01-03"],
        "synthetic": true, "source": "test"});
    world.must("record-calendar", calendar.clone(), "2027-01-01");
    world.blocked("record-calendar", calendar, "2027-01-01", "no-change");
    let wrong = json!({"year": "2028", "weekly_rest": [], "days_off": ["2029-01-04"], "synthetic": true, "source": "test"});
    world.blocked("record-calendar", wrong, "2027-01-01", "dates-out-of-order");
    world.must("find-deemed-refusal", find(late), "2027-03-01");
}

/// Under the term of 2025 (30 working days) the applicant is heard.
#[test]
pub fn the_hearing_of_the_2025_term() {
    let mut world = world();
    world.norm_between(
        "term.kandas-status.working-days",
        4,
        "2022-01-01",
        Some("2023-01-01"),
    );
    world.norm_between("term.kandas-status.working-days", 30, "2025-08-01", None);
    let (application, applicant) = asks(&mut world, "2025-09-01");
    let give = |hearing: Value| refuse(application, &applicant, hearing);
    world.blocked(
        "refuse-application",
        give(omitted()),
        "2025-09-15",
        "hearing-due",
    );
    world.blocked(
        "refuse-application",
        give(held("2025-09-12")),
        "2025-09-15",
        "no-preliminary-decision",
    );
    world.must(
        "tell-preliminary-decision",
        told(application, "favourable"),
        "2025-09-08",
    );
    world.blocked(
        "refuse-application",
        give(held("2025-09-12")),
        "2025-09-15",
        "no-preliminary-decision",
    );
    let mut early = told(application, "adverse");
    early["hearing_on"] = json!("2025-09-09");
    world.blocked(
        "tell-preliminary-decision",
        early,
        "2025-09-10",
        "before-its-cause",
    );
    // Wednesday; three working days later is Monday 15.09.
    world.must(
        "tell-preliminary-decision",
        told(application, "adverse"),
        "2025-09-10",
    );
    world.blocked(
        "refuse-application",
        give(held("2025-09-12")),
        "2025-09-12",
        "notice-too-short",
    );
    world.blocked(
        "refuse-application",
        give(held("2025-09-09")),
        "2025-09-15",
        "before-its-cause",
    );
    world.must("refuse-application", give(held("2025-09-12")), "2025-09-15");
    let data = world.last_data();
    for fact in [
        r#""hearing":"held""#,
        r#""working-days":"30""#,
        r#""earliest-act":"2025-09-15""#,
        r#""term-certainty":"assumed""#,
    ] {
        assert!(data.contains(fact), "{fact}: {data}");
    }
}

/// Under the term of 2022 (4 working days) the body may omit the hearing, and the act says so.
#[test]
fn the_recorded_omission_under_the_2022_term() {
    let mut world = world();
    world.norm_between(
        "term.kandas-status.working-days",
        4,
        "2022-01-01",
        Some("2023-01-01"),
    );
    let (application, applicant) = asks(&mut world, "2022-06-01");
    let data = refuse(application, &applicant, omitted());
    world.must("refuse-application", data, "2022-06-06");
    let data = world.last_data();
    assert!(
        data.contains(r#""hearing":{"choice":"omitted","point":"73"}"#),
        "{data}"
    );
    assert!(data.contains(r#""working-days":"4""#), "{data}");
}

#[test]
fn an_objection_follows_the_preliminary_decision_and_a_late_one_is_marked() {
    let mut world = world();
    let (application, _) = asks(&mut world, "2024-02-01");
    let objection = json!({"application": application.to_string(), "document": leaf().to_string()});
    world.blocked(
        "record-objection",
        objection.clone(),
        "2024-02-05",
        "no-preliminary-decision",
    );
    world.must(
        "tell-preliminary-decision",
        told(application, "adverse"),
        "2024-02-05",
    );
    world.blocked(
        "record-objection",
        objection.clone(),
        "2024-02-02",
        "before-its-cause",
    );
    world.must("record-objection", objection.clone(), "2024-02-07");
    assert!(world.last_data().contains(r#""late":false"#));
    world.must("record-objection", objection, "2024-02-08");
    assert!(world.last_data().contains(r#""late":true"#));
}

#[test]
pub fn an_opinion_of_the_commission_fits_its_members_and_votes() {
    let mut world = world();
    let (application, person) = asks(&mut world, "2024-02-01");
    let member = |n: u8| format!("00000000-0000-4000-8000-0000000000a{n}");
    let opinion = |members: &[u8], recused: &[u8], votes: (u64, u64), opinion: &str| {
        let names = |members: &[u8]| members.iter().map(|n| member(*n)).collect::<Vec<_>>();
        json!({"application": application.to_string(), "members": names(members), "recused": names(recused),
            "in_favour": votes.0.to_string(), "against": votes.1.to_string(), "opinion": opinion, "minutes": leaf().to_string()})
    };
    for wrong in [
        opinion(&[], &[], (0, 0), "favourable"),
        opinion(&[1, 1], &[], (2, 0), "favourable"),
        opinion(&[1, 2], &[2], (2, 0), "favourable"),
        opinion(&[1, 2], &[], (2, 1), "favourable"),
        opinion(&[1, 2, 3], &[], (1, 2), "favourable"),
        opinion(&[1, 2, 3], &[], (2, 1), "adverse"),
    ] {
        world.blocked("give-opinion", wrong, "2024-02-06", "opinion-malformed");
    }
    world.must(
        "give-opinion",
        opinion(&[1, 2, 3], &[4], (1, 2), "adverse"),
        "2024-02-06",
    );
    // An opinion is never the decision: the status is granted all the same.
    let granted =
        json!({"person": person, "until": "2025-02-08", "application": application.to_string()});
    world.must("grant-kandas-status", granted.clone(), "2024-02-08");
    assert!(world.last_data().contains(r#""until":"2025-02-08""#));
    world.blocked(
        "give-opinion",
        opinion(&[1], &[], (1, 0), "favourable"),
        "2024-02-09",
        "application-decided",
    );
}

#[test]
fn documents_are_of_the_applicant_and_a_withdrawn_application_is_over() {
    let mut world = world();
    let (application, person) = asks(&mut world, "2024-02-01");
    let document = |applicant: &str| {
        json!({"application": application.to_string(), "applicant": applicant, "kind": "identity-document",
            "sha256": leaf().to_string(), "translated": true})
    };
    world.blocked(
        "record-document",
        document(OTHER),
        "2024-02-02",
        "not-the-applicant",
    );
    world.blocked(
        "record-document",
        document(&person),
        "2024-01-31",
        "before-its-cause",
    );
    world.must("record-document", document(&person), "2024-02-02");
    let withdraw = json!({"application": application.to_string()});
    world.must("withdraw-application", withdraw.clone(), "2024-02-05");
    let blocked = world.blocked(
        "withdraw-application",
        withdraw,
        "2024-02-06",
        "application-decided",
    );
    assert_eq!(blocked.facts.get("state"), Some("withdrawn"));
    world.blocked(
        "withdraw-application",
        json!({"application": OTHER}),
        "2024-02-06",
        "application-not-found",
    );
}

#[test]
fn the_status_is_extended_ends_on_a_ground_in_force_and_leaves_an_inclusion() {
    let mut world = world();
    let (application, person) = asks(&mut world, "2024-02-01");
    let extend = |until: &str| json!({"person": person, "until": until});
    world.blocked(
        "extend-kandas-status",
        extend("2026-02-08"),
        "2024-02-08",
        "status-missing",
    );
    let wrong =
        json!({"person": person, "application": application.to_string(), "until": "2025-02-08"});
    let other = world.must("record-person", json!({"kind": "foreigner"}), "2024-02-01");
    let mut of_another = wrong.clone();
    of_another["person"] = json!(other.to_string());
    world.blocked(
        "grant-kandas-status",
        of_another,
        "2024-02-08",
        "not-the-applicant",
    );
    world.must("grant-kandas-status", wrong, "2024-02-08");
    world.blocked(
        "extend-kandas-status",
        extend("2025-02-08"),
        "2025-01-20",
        "interval-empty",
    );
    world.must("extend-kandas-status", extend("2025-08-08"), "2025-01-20");
    world.blocked(
        "extend-kandas-status",
        extend("2026-08-08"),
        "2025-08-09",
        "status-missing",
    );
    let end = json!({"person": person, "ground": "citizenship-obtained"});
    world.blocked(
        "end-kandas-status",
        end.clone(),
        "2025-05-05",
        "norm-missing",
    );
    world.norm("status-end-ground.citizenship-obtained", 1);
    world.must("end-kandas-status", end.clone(), "2025-05-05");
    world.blocked("end-kandas-status", end, "2025-05-06", "status-missing");
    let known = Known(&world);
    let person = known
        .person(person.parse().expect("a reference"))
        .expect("loaded");
    assert!(person.kandas_on(day("2025-05-04")));
    assert!(!person.kandas_on(day("2025-05-05")));
}

#[test]
pub fn a_spouse_who_is_no_kandas_joins_by_family_tie() {
    let mut world = world();
    world.act("order-2024", json!({"in_force_on": "2024-01-14"}));
    let determined = json!({"category": "kandas", "territory": "pavlodar", "change": "determined", "act": "order-2024"});
    world.must("change-territory", determined, "2024-01-15");
    let quota = json!({"act": "order-2024", "action": "establish", "year": "2024", "rule": "principals-and-members",
        "rule_certainty": "assumed", "lines": [{"category": "kandas", "territory": "pavlodar", "limit": "3"}]});
    world.must("set-quota", quota, "2024-01-15");
    let principal = world.applicant("kandas", "pavlodar", 1, "2024-02-01");
    let joins = |world: &mut World, case: &str, arrived: &str| {
        let spouse = world.must("record-person", json!({"kind": "foreigner"}), "2024-03-01");
        let filed = json!({"applicant": spouse.to_string(), "category": "kandas", "territory": "pavlodar", "year": "2024",
            "members": "0", "joins": {"application": principal.to_string(), "tie": "spouse", "case": case, "arrived_on": arrived}});
        world.must("file-application", filed, "2024-03-01")
    };
    let hold = |application: Ref| json!({"application": application.to_string()});
    let spouse = joins(&mut world, "arrived-in-the-year", "2024-02-20");
    world.blocked("hold-places", hold(spouse), "2024-03-04", "norm-missing");
    world.norm("family-case.kandas.arrived-in-the-year", 1);
    let other_tie = world.blocked("hold-places", hold(spouse), "2024-03-04", "norm-missing");
    assert_eq!(
        other_tie.facts.get("norm"),
        Some("family-tie.kandas.arrived-in-the-year.spouse"),
        "which ties a case takes is a norm"
    );
    world.norm("family-tie.kandas.arrived-in-the-year.spouse", 1);
    world.blocked("hold-places", hold(spouse), "2024-03-04", "nothing-to-join");
    world.must("hold-places", hold(principal), "2024-02-05");
    world.must("commit-places", hold(principal), "2024-02-06");
    world.must("hold-places", hold(spouse), "2024-03-04");
    assert!(
        world.last_data().contains(r#""places":"1""#),
        "{}",
        world.last_data()
    );
    world.must("commit-places", hold(spouse), "2024-03-05");
    let late = joins(&mut world, "arrived-in-the-year", "2023-12-20");
    world.blocked(
        "hold-places",
        hold(late),
        "2024-03-04",
        "arrived-in-another-year",
    );
    // The line of three is full: the family takes its places like everybody.
    let child = joins(&mut world, "arrived-in-the-year", "2024-03-01");
    world.blocked("hold-places", hold(child), "2024-03-06", "limit-reached");
}

/// Whoever joins an inclusion joins one that stands: not before its first day, and not when it has fallen between the verdict
/// and its adoption.
#[test]
fn nobody_joins_an_inclusion_before_it_began_or_after_it_fell() {
    let mut world = world();
    world.act("order-2024", json!({"in_force_on": "2024-01-14"}));
    let determined = json!({"category": "kandas", "territory": "pavlodar", "change": "determined", "act": "order-2024"});
    world.must("change-territory", determined, "2024-01-15");
    let quota = json!({"act": "order-2024", "action": "establish", "year": "2024", "rule": "principals-and-members",
        "rule_certainty": "assumed", "lines": [{"category": "kandas", "territory": "pavlodar", "limit": "9"}]});
    world.must("set-quota", quota, "2024-01-15");
    world.norm("family-case.kandas.arrived-in-the-year", 1);
    world.norm("family-tie.kandas.arrived-in-the-year.spouse", 1);
    let hold = |application: Ref| json!({"application": application.to_string()});
    let principal = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    world.must("hold-places", hold(principal), "2024-02-05");
    let mut later = world.context("2024-02-06");
    later.effective = Some(day("2024-04-01"));
    later.adopted_leaf = Some(crate::world::leaf());
    world
        .give("commit-places", hold(principal), &later)
        .expect("included from April on");
    let spouse = world.must("record-person", json!({"kind": "foreigner"}), "2024-03-01");
    let filed = json!({"applicant": spouse.to_string(), "category": "kandas", "territory": "pavlodar", "year": "2024",
        "members": "0", "joins": {"application": principal.to_string(), "tie": "spouse", "case": "arrived-in-the-year",
        "arrived_on": "2024-02-20"}});
    let spouse = world.must("file-application", filed, "2024-03-01");
    let early = world.blocked(
        "hold-places",
        hold(spouse),
        "2024-03-29",
        "before-its-cause",
    );
    assert_eq!(early.facts.get("included-from"), Some("2024-04-01"));
    world.must("hold-places", hold(spouse), "2024-04-02");
    let gone = json!({"application": principal.to_string(), "reason": "withdrawn"});
    world.must("release-places", gone, "2024-04-03");
    world.blocked(
        "commit-places",
        hold(spouse),
        "2024-04-04",
        "nothing-to-join",
    );
}

#[test]
fn a_territory_comes_out_of_one_other_and_never_of_itself() {
    let mut world = world();
    let out = |territory: &str, of: &str| json!({"territory": territory, "out_of": of, "certainty": "known", "source": "test"});
    world.must(
        "record-succession",
        out("abai", "east-kazakhstan"),
        "2024-01-01",
    );
    world.must("record-succession", out("semey", "abai"), "2024-01-01");
    for (territory, of) in [
        ("abai", "pavlodar"),
        ("east-kazakhstan", "semey"),
        ("ulytau", "ulytau"),
    ] {
        world.blocked(
            "record-succession",
            out(territory, of),
            "2024-01-01",
            "no-change",
        );
    }
    let law = Known(&world).law().expect("loaded").clone();
    let same = |a: &str, b: &str| {
        law.same_region(&a.parse().expect("a slug"), &b.parse().expect("a slug"))
    };
    assert!(same("semey", "east-kazakhstan") && same("abai", "semey"));
    assert!(!same("abai", "pavlodar"));
}
