//! Point 6: the term of a case is extended by a reasoned decision (administrative procedure code, art. 76). The deadline moves
//! day by day, the applicant is told, and silence counts from the extended term.

use qonys_domain::{application::term::term, streams::Known};
use qonys_events::id::Ref;
use serde_json::{Value, json};

use crate::{
    review::of,
    world::{World, leaf},
};

const NORMS: [(&str, u64); 3] = [
    ("term-extension.administrative-procedure.months", 2),
    ("term-extension.counted-from-filing", 1),
    ("term-extension.notice.working-days", 3),
];

fn world_without(missing: &str) -> World {
    let mut world = World::open();
    world.procedure();
    for (name, value) in NORMS.into_iter().filter(|(name, _)| *name != missing) {
        world.norm(name, value);
    }
    world.norm("refusal-ground.kandas.false-documents", 2);
    world
}

/// A kandas who asked for the status on Thursday 01.02.2024: the default term ends on Thursday 22.02.
fn asks(world: &mut World) -> Ref {
    let person = world.must("record-person", json!({"kind": "foreigner"}), "2024-02-01");
    let asked = json!({"applicant": person.to_string(), "asks": "grant"});
    world.must("ask-for-status", asked, "2024-02-01")
}

fn extension(world: &World, application: Ref, until: &str) -> Value {
    json!({"application": application.to_string(), "applicant": world.last_applicant(), "until": until,
        "document": leaf().to_string()})
}

/// Extends with a sealed reason.
fn extend(
    world: &mut World,
    application: Ref,
    until: &str,
    on: &str,
) -> Result<Ref, qonys_domain::blocked::Blocked> {
    let data = extension(world, application, until);
    let mut cx = world.context(on);
    let applicant = world.last_applicant().parse().expect("a reference");
    for slot in &mut cx.slots {
        (slot.name, slot.subject) = ("reason".parse().expect("a name"), applicant);
    }
    world.give("extend-term", data, &cx)
}

fn deadline(world: &World, application: Ref) -> (String, Vec<(String, Option<u64>)>) {
    let known = Known(world);
    let state = known.application(application).expect("it is loaded");
    let asked = state.asked(application).expect("it exists");
    let term = term(known.law().expect("it is loaded"), state, &asked).expect("a term");
    let days = term.days.iter();
    let days = days.map(|counted| (counted.day.to_string(), counted.working_day.map(|n| n.0)));
    (term.deadline().to_string(), days.collect())
}

#[track_caller]
fn fails(given: Result<Ref, qonys_domain::blocked::Blocked>, code: &str) -> Vec<(String, String)> {
    let blocked = given.expect_err("blocked");
    assert_eq!(blocked.code.as_str(), code, "{:?}", blocked.facts);
    let facts = blocked.facts.0.iter();
    facts.map(|(k, v)| (k.to_string(), v.to_string())).collect()
}

#[test]
pub fn the_deadline_moves_day_by_day_and_silence_counts_from_the_extended_term() {
    let mut world = world_without("none");
    let application = asks(&mut world);
    assert_eq!(deadline(&world, application).0, "2024-02-22");
    extend(&mut world, application, "2024-03-15", "2024-02-22").expect("on the last day");
    let (last, days) = deadline(&world, application);
    assert_eq!(last, "2024-03-15");
    assert_eq!(days.first(), Some(&("2024-02-02".to_owned(), Some(1))));
    assert_eq!(days.last(), Some(&("2024-03-15".to_owned(), Some(31))));
    let off = days.iter().filter(|(_, n)| n.is_none()).count();
    assert_eq!((days.len(), off), (43, 12), "every day stands in it");
    let data = world.last_data();
    assert!(
        data.contains(r#""until":"2024-03-15","was":"2024-02-22","working_days":"31""#),
        "{data}"
    );
    assert!(
        data.contains(r#""name":"reason""#),
        "the reason is sealed: {data}"
    );
    world.blocked(
        "find-deemed-refusal",
        of(application),
        "2024-03-15",
        "term-runs",
    );
    world.must("find-deemed-refusal", of(application), "2024-03-18");
    assert!(world.last_data().contains(r#""deadline":"2024-03-15""#));
}

#[test]
pub fn a_term_is_extended_while_it_runs_within_the_norm_and_with_a_reason() {
    let mut world = world_without("none");
    let application = asks(&mut world);
    let bare = extension(&world, application, "2024-03-15");
    world.blocked("extend-term", bare, "2024-02-20", "facts-missing");
    let mut other = extension(&world, application, "2024-03-15");
    other["applicant"] = json!("00000000-0000-4000-8000-ffffffffffff");
    world.blocked("extend-term", other, "2024-02-20", "not-the-applicant");
    fails(
        extend(&mut world, application, "2024-02-22", "2024-02-20"),
        "interval-empty",
    );
    // Two months from the filing: Monday 01.04.
    let read = fails(
        extend(&mut world, application, "2024-04-02", "2024-02-20"),
        "extension-too-long",
    );
    let latest = read.iter().find(|(name, _)| name == "latest-deadline");
    assert_eq!(latest.map(|(_, day)| day.as_str()), Some("2024-04-01"));
    // A day off moves the last day to the next working day, and again within the norm.
    extend(&mut world, application, "2024-03-30", "2024-02-20").expect("Saturday");
    assert_eq!(deadline(&world, application).0, "2024-04-01");
    fails(
        extend(&mut world, application, "2024-04-02", "2024-03-20"),
        "extension-too-long",
    );
    fails(
        extend(&mut world, application, "2024-05-02", "2024-04-02"),
        "term-ran-out",
    );
    // By the other reading the months come on top of the term.
    let mut world = world_without("term-extension.counted-from-filing");
    world.norm("term-extension.counted-from-filing", 0);
    let application = asks(&mut world);
    extend(&mut world, application, "2024-04-22", "2024-02-20").expect("two months after 22.02.");
    fails(
        extend(&mut world, application, "2024-04-23", "2024-02-20"),
        "extension-too-long",
    );
}

#[test]
fn what_no_norm_says_blocks_by_its_name() {
    for (name, _) in &NORMS[..2] {
        let mut world = world_without(name);
        let application = asks(&mut world);
        let read = fails(
            extend(&mut world, application, "2024-03-15", "2024-02-20"),
            "norm-missing",
        );
        assert!(
            read.contains(&("norm".to_owned(), (*name).to_owned())),
            "{read:?}"
        );
    }
    // Whether a special term is extended at all is for a norm of its own to say.
    let mut world = world_without("none");
    world.norm("term.kandas-status.working-days", 30);
    let application = asks(&mut world);
    let special = "term-extension.kandas-status.months";
    let read = fails(
        extend(&mut world, application, "2024-03-29", "2024-02-20"),
        "norm-missing",
    );
    assert!(
        read.contains(&("norm".to_owned(), special.to_owned())),
        "{read:?}"
    );
    world.norm(special, 2);
    extend(&mut world, application, "2024-03-29", "2024-02-20").expect("there is one now");
    // Without the norm of the notice the extension stands, and its notice is not told in time or late.
    let mut world = world_without("term-extension.notice.working-days");
    let application = asks(&mut world);
    extend(&mut world, application, "2024-03-15", "2024-02-20").expect("extended");
    let notice =
        json!({"application": application.to_string(), "decision": "2", "way": "electronic"});
    world.blocked("notify-act", notice, "2024-02-21", "norm-missing");
}

#[test]
fn the_applicant_is_told_of_the_extension_and_a_late_notice_is_marked() {
    for (on, late) in [("2024-02-23", false), ("2024-02-26", true)] {
        let mut world = world_without("none");
        let application = asks(&mut world);
        extend(&mut world, application, "2024-03-15", "2024-02-20").expect("extended");
        let notice =
            json!({"application": application.to_string(), "decision": "2", "way": "electronic"});
        world.blocked(
            "notify-act",
            notice.clone(),
            "2024-02-19",
            "before-its-cause",
        );
        world.must("notify-act", notice.clone(), on);
        let data = world.last_data();
        let told = format!(r#""in_time_until":"2024-02-23","late":{late}"#);
        assert!(data.contains(&told), "{data}");
        world.blocked("notify-act", notice, "2024-02-27", "no-change");
        // The notice was given on another day: whether it is late is computed anew.
        let record =
            json!({"of": "notice", "says": {"decision": "2", "way": "post", "late": true}});
        let right = json!({"application": application.to_string(), "entry": "3", "reason": "documents", "record": record});
        world.must("correct-case", right, "2024-02-21");
        let data = world.last_data();
        assert!(
            data.contains(r#""way":"post","in_time_until":"2024-02-23","late":false"#),
            "{data}"
        );
    }
}

#[test]
fn a_short_term_that_was_extended_needs_a_hearing() {
    let refuse = |world: &World, application: Ref| {
        json!({"application": application.to_string(), "applicant": world.last_applicant(),
            "ground": "false-documents", "hearing": {"choice": "omitted", "point": "73"}, "appeal": "to the body above"})
    };
    let mut world = world_without("none");
    world.norm("term.kandas-status.working-days", 4);
    world.norm("term-extension.kandas-status.months", 1);
    let application = asks(&mut world);
    let data = refuse(&world, application);
    extend(&mut world, application, "2024-02-20", "2024-02-05").expect("extended");
    world.blocked("refuse-application", data, "2024-02-06", "hearing-due");
    let application = asks(&mut world);
    let data = refuse(&world, application);
    world.must("refuse-application", data, "2024-02-06");
}

#[test]
fn only_the_office_of_the_territory_extends_the_term_of_its_case() {
    let mut world = crate::review::world();
    for (name, value) in NORMS {
        world.norm(name, value);
    }
    let application = world.applicant("kandas", "kostanay", 0, "2024-02-01");
    fails(
        extend(&mut world, application, "2024-03-15", "2024-02-20"),
        "not-the-deciding-office",
    );
    let application = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    extend(&mut world, application, "2024-03-15", "2024-02-20").expect("the akimat of Pavlodar");
    world.must("hold-places", of(application), "2024-03-01");
    world.must("commit-places", of(application), "2024-03-04");
    fails(
        extend(&mut world, application, "2024-03-29", "2024-03-05"),
        "application-decided",
    );
}
