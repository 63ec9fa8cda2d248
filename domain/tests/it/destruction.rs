//! Data are destroyed by two people, and kept while support is owed or a dwelling stands; a person and a dwelling are subjects of
//! their own (point 6 for the support).

use qonys_domain::{decide::destroyed, person::data::DataState};
use qonys_events::{fact::Fact, id::Ref};
use serde_json::{Value, json};

use crate::{
    personal::{
        destroy, destroyed_on, last, later_calendars, order, person, proposal, state, world,
    },
    world::{World, day, leaf},
};

/// Somebody who received support and moved out of the determined regions: a finding that is owed.
fn in_debt(world: &mut World) -> (Ref, Ref, String) {
    world.norm("personal-data.working-days", 1);
    world.norm("personal-data.destruction-ground.relation-ended", 2);
    world.norm("personal-data.archive.months", 1);
    world.norm("repayment.resettlers.years", 5);
    later_calendars(world);
    let application = crate::review::included(world, "resettlers", 1);
    let of: Ref = world.last_applicant().parse().expect("a reference");
    let of_case = |more: Value| {
        let mut data = json!({"application": application.to_string()});
        let (data_of, more) = (data.as_object_mut(), more.as_object().cloned());
        data_of.expect("an object").extend(more.expect("an object"));
        data
    };
    let support = of_case(json!({"kind": "one-off", "amount": "258440"}));
    world.must("pay-support", support, "2024-03-01");
    let moved = of_case(json!({"to": "almaty", "own_will": true, "permanent": true}));
    world.must("record-move", moved, "2024-04-01");
    let stream = format!("application/{application}");
    let in_stream = world
        .events
        .iter()
        .filter(|(on, _)| on.to_string() == stream);
    (of, application, in_stream.count().to_string())
}

/// The duty that a destruction is blocked by: its name, the finding, the day.
fn live(world: &mut World, of: Ref, on: &str) -> (String, bool, bool) {
    let blocked = world.blocked("propose-destruction", destroy(of, on), on, "duty-to-keep");
    let fact = |name: &str| blocked.facts.get(name);
    let duty = fact("duty").expect("it names the duty").to_owned();
    (duty, fact("finding").is_some(), fact("until").is_some())
}

#[test]
fn a_debt_that_is_paid_back_keeps_nothing_any_more() {
    let mut world = crate::review::world();
    let (of, application, finding) = in_debt(&mut world);
    let paid = |amount: &str| {
        json!({"application": application.to_string(), "finding": finding, "amount": amount,
            "document": leaf().to_string()})
    };
    let debt = ("repayment-claim".to_owned(), true, false);
    assert_eq!(
        live(&mut world, of, "2029-06-01"),
        debt,
        "for ever, while it is owed"
    );
    world.must("record-repayment", paid("258439"), "2029-06-02");
    assert_eq!(live(&mut world, of, "2029-06-03"), debt, "a tenge is owed");
    world.must("record-repayment", paid("1"), "2029-06-03");
    // Then the archive's month runs from the last payment.
    let archive = ("archive".to_owned(), false, true);
    assert_eq!(live(&mut world, of, "2029-07-01"), archive);
    destroyed_on(&mut world, of, "2029-07-05", "2029-07-05");
    assert_eq!(state(&world, of), DataState::Destroyed);
}

#[test]
fn a_claim_that_is_withdrawn_keeps_the_data_while_another_may_arise() {
    let mut world = crate::review::world();
    let (of, application, finding) = in_debt(&mut world);
    let withdrawn = json!({"application": application.to_string(), "finding": finding,
        "document": leaf().to_string()});
    world.must("withdraw-repayment-claim", withdrawn, "2025-03-03");
    // The support was not paid back, and the years of the rule run.
    let years = ("repayment-claim".to_owned(), false, true);
    assert_eq!(live(&mut world, of, "2025-06-03"), years);
    destroyed_on(&mut world, of, "2029-12-03", "2029-12-04");
    assert_eq!(state(&world, of), DataState::Destroyed);
}

#[test]
pub fn two_people_destroy() {
    let mut world = world();
    let of = person(&mut world, "2024-01-10");
    world.blocked(
        "destroy-personal-data",
        order(of),
        "2025-02-03",
        "not-proposed",
    );
    world.must(
        "propose-destruction",
        destroy(of, "2025-02-03"),
        "2025-02-03",
    );
    assert_eq!(
        state(&world, of),
        DataState::Open,
        "nothing is destroyed yet"
    );
    let mut adopting = world.context("2025-02-04");
    adopting.adopted_of = Some(adopting.actor.actor);
    for stead in [None, "a0b1c2d3-0000-4000-8000-000000000009".parse().ok()] {
        adopting.actor.onbehalfof = stead;
        let blocked = world.give("destroy-personal-data", order(of), &adopting);
        assert_eq!(blocked.expect_err("blocked").code.as_str(), "same-hands");
    }
    let mut other = order(of);
    other["adopts"] = json!(qonys_events::digest::Sha256Hex::of(b"another").to_string());
    world.blocked(
        "destroy-personal-data",
        other,
        "2025-02-04",
        "adopts-other-bytes",
    );
    world.blocked(
        "destroy-personal-data",
        order(of),
        "2025-02-02",
        "before-its-cause",
    );
    // What came meanwhile stands against it.
    let case = json!({"applicant": of.to_string(), "category": "resettlers", "territory": "pavlodar", "year": "2025", "members": "0"});
    let case = world.must("file-application", case, "2025-02-03");
    world.blocked(
        "destroy-personal-data",
        order(of),
        "2025-02-04",
        "duty-to-keep",
    );
    let withdrawn = json!({"application": case.to_string()});
    world.must("withdraw-application", withdrawn, "2025-02-04");
    let mut right = order(of);
    right["adopts"] = json!(leaf().to_string());
    world.must("destroy-personal-data", right, "2026-02-05");
    let Fact::DataDestroyed(fact) = &last(&world).fact else {
        panic!("{:?}", last(&world));
    };
    assert_eq!(
        (fact.adopts.leaf, fact.requested_on),
        (leaf(), day("2025-02-03"))
    );
    assert!(fact.late, "one working day after it was asked for");
    assert_eq!(state(&world, of), DataState::Destroyed);
}

#[test]
pub fn the_address_of_a_dwelling_goes_after_the_dwelling() {
    let mut world = world();
    let (of, dwelling) = crate::registration::settled(&mut world);
    let asked = |on: &str| proposal("dwelling", dwelling, on);
    let order = json!({"of": "dwelling", "subject": dwelling.to_string()});
    let live = |world: &mut World, on: &str| {
        let blocked = world.blocked("propose-destruction", asked(on), on, "duty-to-keep");
        let fact = |name: &str| blocked.facts.get(name).map(str::to_owned);
        (fact("duty").expect("which"), fact("state"), fact("until"))
    };
    let stands = ("dwelling-stands".to_owned(), None, None);
    assert_eq!(live(&mut world, "2026-03-02"), stands);
    let gone = json!({"dwelling": dwelling.to_string(), "document": leaf().to_string()});
    world.must("destroy-dwelling", gone, "2026-03-03");
    let archive = |state: Option<&str>, until: Option<&str>| {
        (
            "archive".to_owned(),
            state.map(str::to_owned),
            until.map(str::to_owned),
        )
    };
    assert_eq!(
        live(&mut world, "2027-06-01"),
        archive(Some("registered"), None)
    );
    let end = json!({"person": of.to_string(), "reason": "dwelling-destroyed"});
    world.must("end-residence", end, "2027-06-01");
    assert_eq!(
        live(&mut world, "2028-05-31"),
        archive(None, Some("2028-06-01"))
    );
    world.must("propose-destruction", asked("2028-06-01"), "2028-06-01");
    world.must("destroy-personal-data", order.clone(), "2028-06-01");
    assert_eq!(destroyed(last(&world)), Some(dwelling));
    for (name, data) in [
        ("destroy-personal-data", order),
        ("propose-destruction", asked("2028-06-02")),
        (
            "correct-dwelling",
            json!({"dwelling": dwelling.to_string(), "entry": "1", "reason": "clerical",
            "fund": "private", "useful_area": "5000", "district": "medeu", "premises": "living"}),
        ),
    ] {
        world.blocked(name, data, "2028-06-02", "data-destroyed");
    }
    // The person is another subject: his data stand.
    assert_eq!(state(&world, of), DataState::Open);
}

/// Whoever only sent a document is recorded by it: his data are destroyed like anybody's, from the day of the document on.
#[test]
fn whoever_only_sent_a_document_is_destroyed_by_its_reference() {
    let mut world = world();
    crate::journal::staff(&mut world);
    let letter = world.must(
        "register-incoming",
        crate::journal::incoming(),
        "2024-02-01",
    );
    let archive = ("archive".to_owned(), false, true);
    assert_eq!(live(&mut world, letter, "2025-01-31"), archive);
    destroyed_on(&mut world, letter, "2025-02-03", "2025-02-03");
    assert_eq!(state(&world, letter), DataState::Destroyed);
    assert_eq!(destroyed(last(&world)), Some(letter));
    let again = destroy(letter, "2025-02-04");
    world.blocked("propose-destruction", again, "2025-02-04", "data-destroyed");
    // A reference that nothing stands for is nobody's.
    let nobody: Ref = "7b0c2a5e-51a0-4c0f-9d0c-0d6a7f1b2c11"
        .parse()
        .expect("a reference");
    let asked = destroy(nobody, "2025-02-04");
    world.blocked(
        "propose-destruction",
        asked,
        "2025-02-04",
        "person-not-found",
    );
}

/// What belongs to a case is kept while the case is open.
#[test]
fn a_document_of_an_open_case_is_kept() {
    let mut world = world();
    let of = person(&mut world, "2024-01-10");
    let filed = json!({"applicant": of.to_string(), "category": "resettlers", "territory": "kazakhstan",
        "year": "2024", "members": "1"});
    let application = world.must("file-application", filed, "2024-02-01");
    crate::journal::staff(&mut world);
    let mut came = crate::journal::incoming();
    came["application"] = json!(application.to_string());
    let letter = world.must("register-incoming", came, "2024-02-01");
    let (duty, ..) = live(&mut world, letter, "2026-02-02");
    assert_eq!(duty, "open-case");
}

/// A document that names whom it is from or for is sealed by his key, and goes with his data.
#[test]
fn a_document_that_names_a_person_is_sealed_for_him() {
    let mut world = world();
    let of = person(&mut world, "2024-01-10");
    crate::journal::staff(&mut world);
    let mut came = crate::journal::incoming();
    came["person"] = json!(of.to_string());
    let command = qonys_domain::command::Command::read("register-incoming", came.clone());
    let command = command.expect("a command").expect("it reads");
    assert_eq!(
        qonys_domain::decide::slot_subject(&command, world.context("2024-02-01").minted),
        of
    );
    world.must("register-incoming", came.clone(), "2024-02-01");
    destroyed_on(&mut world, of, "2025-02-03", "2025-02-03");
    world.blocked(
        "register-incoming",
        came.clone(),
        "2025-02-04",
        "data-destroyed",
    );
    came["person"] = json!("7b0c2a5e-51a0-4c0f-9d0c-0d6a7f1b2c11");
    world.blocked("register-incoming", came, "2025-02-04", "person-not-found");
}
