//! The registers of an office, the language of a case and its transfer (point 6), and every reason that blocks.

use proptest::prelude::*;
use qonys_events::{fact::Fact, id::Ref, scalar::Count, slot::Slot};
use serde_json::{Value, json};

use crate::world::World;

const OFFICE: &str = "akimat.pavlodar";

/// An office whose head is the official of [`World::context`].
fn staffed() -> World {
    let mut world = World::open();
    staff(&mut world);
    world
}

pub(crate) fn staff(world: &mut World) {
    let order = json!({"number": "1", "dated": "2023-01-10"});
    let office = json!({"office": OFFICE, "titles": {"en": "akimat"}, "territories": ["pavlodar"], "order": order});
    world.must("register-office", office, "2023-01-10");
    for (power, point) in [
        ("kandas-inclusion", "15(6-3)"),
        ("kandas-status", "15(6-1)"),
    ] {
        let vest = json!({"office": OFFICE, "powers": [power], "document": "law-477-2011", "point": point,
            "certainty": "known", "source": "test"});
        world.must("vest-powers", vest, "2023-01-10");
    }
    let head = json!({"office": OFFICE, "official": "a0b1c2d3-0000-4000-8000-000000000001", "role": "quota-officer",
        "powers": ["kandas-inclusion", "kandas-status"], "order": order});
    world.must("appoint-official", head, "2023-01-10");
}

pub(crate) fn incoming() -> Value {
    json!({"kind": "letter", "language": "kk", "sha256": "22".repeat(32)})
}

fn outgoing() -> Value {
    json!({"kind": "answer", "way": "post", "language": "kk", "sha256": "33".repeat(32)})
}

fn with(mut data: Value, more: Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        data[name] = value.clone();
    }
    data
}

/// Every number of a register, in the order in which it was given.
fn numbers(world: &World, office_and_year: &str) -> (Vec<Count>, Vec<Count>) {
    let (mut came, mut went) = (Vec::new(), Vec::new());
    for (stream, event) in &world.events {
        match &event.fact {
            Fact::IncomingRegistered(f) if stream.key() == office_and_year => came.push(f.number),
            Fact::OutgoingRegistered(f) if stream.key() == office_and_year => went.push(f.number),
            _ => {}
        }
    }
    (came, went)
}

#[test]
fn each_office_and_year_counts_from_one_in_both_directions() {
    let mut world = staffed();
    for on in ["2024-02-01", "2024-02-01", "2024-03-05"] {
        world.must("register-incoming", incoming(), on);
    }
    world.must("register-outgoing", outgoing(), "2024-03-06");
    world.must("register-incoming", incoming(), "2025-01-08");
    let counted = |of: &[u64]| of.iter().copied().map(Count).collect::<Vec<_>>();
    assert_eq!(
        numbers(&world, "akimat.pavlodar.2024"),
        (counted(&[1, 2, 3]), counted(&[1]))
    );
    assert_eq!(
        numbers(&world, "akimat.pavlodar.2025"),
        (counted(&[1]), counted(&[]))
    );
}

#[test]
pub fn a_paper_number_is_the_next_one_on_a_day_that_is_not_before_the_last() {
    let mut world = staffed();
    let numbered = |n: &str| with(incoming(), json!({"number": n}));
    world.must("register-incoming", numbered("1"), "2024-02-05");
    let taken = world.blocked(
        "register-incoming",
        numbered("1"),
        "2024-02-06",
        "number-taken",
    );
    assert_eq!(taken.facts.get("next-number"), Some("2"));
    world.blocked(
        "register-incoming",
        numbered("3"),
        "2024-02-06",
        "number-gap",
    );
    world.blocked(
        "register-incoming",
        incoming(),
        "2024-02-04",
        "dates-out-of-order",
    );
    world.must("register-incoming", numbered("2"), "2024-02-05");
    world.blocked(
        "register-outgoing",
        with(outgoing(), json!({"number": "2"})),
        "2024-02-06",
        "number-gap",
    );
}

#[test]
fn an_office_that_is_not_registered_keeps_no_registers() {
    let mut world = World::open();
    world.blocked(
        "register-incoming",
        incoming(),
        "2024-02-01",
        "office-not-found",
    );
    world.blocked(
        "register-outgoing",
        outgoing(),
        "2024-02-01",
        "office-not-found",
    );
}

#[test]
fn an_answer_names_what_came_in_before() {
    let mut world = staffed();
    world.must("register-incoming", incoming(), "2024-12-30");
    let answers = |year: &str, number: &str| {
        with(
            outgoing(),
            json!({"answers": {"year": year, "number": number}}),
        )
    };
    for (year, number) in [("2024", "2"), ("2024", "0"), ("2023", "1"), ("2025", "1")] {
        world.blocked(
            "register-outgoing",
            answers(year, number),
            "2025-01-09",
            "entry-not-found",
        );
    }
    world.must("register-outgoing", answers("2024", "1"), "2025-01-09");
}

#[test]
fn what_comes_in_is_registered_in_any_language_and_with_one_translation_each() {
    let mut world = staffed();
    let translation = |language: &str| json!({"language": language, "notarised": true, "sha256": "44".repeat(32)});
    let mut foreign = incoming();
    foreign
        .as_object_mut()
        .expect("an object")
        .remove("language");
    world.must("register-incoming", foreign.clone(), "2024-02-01");
    let translated = with(
        foreign.clone(),
        json!({"translations": [translation("kk"), translation("ru")]}),
    );
    world.must("register-incoming", translated, "2024-02-01");
    let twice = with(
        foreign,
        json!({"translations": [translation("ru"), translation("ru")]}),
    );
    world.blocked("register-incoming", twice, "2024-02-01", "lines-malformed");
}

#[test]
fn whoever_hands_in_for_another_represents_him_in_applications_on_that_day() {
    let mut world = staffed();
    let application = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    let person = world.last_applicant();
    let other = world.must("record-person", json!({"kind": "citizen"}), "2024-02-01");
    let representative = json!({"holder": "organisation", "organisation": "aid"});
    let handed = |person: &str| {
        let represented = json!({"person": person, "representative": representative});
        with(
            incoming(),
            json!({"represented": represented, "application": application.to_string()}),
        )
    };
    world.blocked(
        "register-incoming",
        handed(&person),
        "2024-03-01",
        "not-a-representative",
    );
    for (of, scope, until) in [
        (person.as_str(), "applications", "2024-04-01"),
        (&other.to_string(), "all", "2024-04-01"),
    ] {
        let appoint = json!({"person": of, "representative": representative, "basis": "power-of-attorney", "scope": scope,
            "until": until, "document": "22".repeat(32)});
        world.must("appoint-representative", appoint, "2024-02-10");
    }
    world.must("register-incoming", handed(&person), "2024-03-01");
    world.blocked(
        "register-incoming",
        handed(&person),
        "2024-04-01",
        "not-a-representative",
    );
    // He represents the other one too, and the case is not that one's.
    world.blocked(
        "register-incoming",
        handed(&other.to_string()),
        "2024-03-01",
        "not-the-applicant",
    );
    world.blocked(
        "register-incoming",
        handed("a0b1c2d3-0000-4000-8000-0000000000ff"),
        "2024-03-01",
        "person-not-found",
    );
    let nowhere = with(
        incoming(),
        json!({"application": "a0b1c2d3-0000-4000-8000-0000000000ff"}),
    );
    world.blocked(
        "register-incoming",
        nowhere,
        "2024-03-01",
        "application-not-found",
    );
}

fn slot(name: &str, subject: &str) -> Slot {
    let hash = "44".repeat(32);
    serde_json::from_value(
        json!({"name": name, "subject": subject, "category": "case", "scheme": "aes-256-gcm-siv.1",
        "commitment": hash, "sealed": hash}),
    )
    .expect("a slot")
}

/// Chooses Russian for a case, with these sealed values.
fn choose(
    world: &mut World,
    application: Ref,
    applicant: &str,
    sealed: &[&str],
) -> Result<Ref, qonys_domain::blocked::Blocked> {
    let mut cx = world.context("2024-02-10");
    cx.slots = sealed.iter().map(|name| slot(name, applicant)).collect();
    let data =
        json!({"application": application.to_string(), "applicant": applicant, "language": "ru"});
    world.give("choose-language", data, &cx)
}

#[test]
pub fn the_decision_goes_out_in_the_language_of_the_case() {
    let mut world = staffed();
    let application = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    let applicant = world.last_applicant();
    let of_case = |data: Value| with(data, json!({"application": application.to_string()}));
    world.must("register-outgoing", of_case(outgoing()), "2024-02-05");
    let no_interpreter = choose(&mut world, application, &applicant, &["own-language"]);
    let blocked = no_interpreter.expect_err("nobody interprets");
    assert_eq!(blocked.code.as_str(), "facts-missing");
    assert_eq!(blocked.facts.get("missing"), Some("interpreter"));
    let stranger = "a0b1c2d3-0000-4000-8000-0000000000ff";
    let not_his = choose(&mut world, application, stranger, &[]).expect_err("another's case");
    assert_eq!(not_his.code.as_str(), "not-the-applicant");
    choose(
        &mut world,
        application,
        &applicant,
        &["own-language", "interpreter"],
    )
    .expect("chosen");
    let Some((_, event)) = world.events.last() else {
        panic!("nothing was recorded");
    };
    let Fact::LanguageChosen(chosen) = &event.fact else {
        panic!("{event:?}");
    };
    assert!(chosen.interpreter && chosen.slots.len() == 2);
    world.blocked(
        "register-outgoing",
        of_case(outgoing()),
        "2024-03-01",
        "not-the-language-of-the-case",
    );
    let translation = json!([{"language": "ru", "notarised": false, "sha256": "44".repeat(32)}]);
    let translated = with(outgoing(), json!({"translations": translation}));
    world.must("register-outgoing", of_case(translated), "2024-03-01");
    let russian = with(outgoing(), json!({"language": "ru"}));
    world.must("register-outgoing", of_case(russian), "2024-03-02");
}

#[test]
pub fn a_case_goes_on_in_the_office_of_another_territory_and_its_filing_stays() {
    let mut world = World::open();
    world.act("order", json!({"in_force_on": "2024-01-05"}));
    let lines = json!([{"category": "kandas", "territory": "pavlodar", "limit": "5"},
        {"category": "kandas", "territory": "kostanay", "limit": "5"}]);
    let quota = json!({"act": "order", "action": "establish", "year": "2024", "rule": "principals",
        "rule_certainty": "known", "lines": lines});
    world.must("set-quota", quota, "2024-01-06");
    for territory in ["pavlodar", "kostanay"] {
        let determined = json!({"category": "kandas", "territory": territory, "change": "determined", "act": "order"});
        world.must("change-territory", determined, "2024-01-06");
    }
    let application = world.applicant("kandas", "pavlodar", 0, "2024-02-01");
    let it = json!({"application": application.to_string()});
    let transfer = |to: &str| with(it.clone(), json!({"to": to, "document": "22".repeat(32)}));
    world.must("hold-places", it.clone(), "2024-02-05");
    world.blocked(
        "transfer-case",
        transfer("kostanay"),
        "2024-02-06",
        "already-held",
    );
    let release = with(it.clone(), json!({"reason": "mistake"}));
    world.must("release-places", release, "2024-02-06");
    world.blocked(
        "transfer-case",
        transfer("pavlodar"),
        "2024-02-07",
        "no-change",
    );
    world.blocked(
        "transfer-case",
        transfer("kostanay"),
        "2024-01-31",
        "before-its-cause",
    );
    world.must("transfer-case", transfer("kostanay"), "2024-02-07");
    // It is no longer theirs, neither to decide nor to hand over.
    world.blocked(
        "hold-places",
        it.clone(),
        "2024-02-08",
        "not-the-deciding-office",
    );
    world.blocked(
        "transfer-case",
        transfer("pavlodar"),
        "2024-02-08",
        "not-the-deciding-office",
    );
    for step in ["hold-places", "commit-places"] {
        let mut cx = world.context("2024-02-08");
        cx.actor.office = "akimat.kostanay".parse().expect("a name");
        world
            .give(step, it.clone(), &cx)
            .unwrap_or_else(|blocked| panic!("{step}: {blocked} {:?}", blocked.facts));
    }
    let committed = world
        .events
        .iter()
        .filter(|(_, event)| matches!(event.fact, Fact::PlacesCommitted(_)));
    let held = committed.map(|(stream, _)| stream.to_string());
    let held: Vec<_> = held.collect();
    assert_eq!(held, ["quota-line/kandas.kostanay.2024.principals"]);
    let mut cx = world.context("2024-02-09");
    cx.actor.office = "akimat.kostanay".parse().expect("a name");
    let decided = world.give("transfer-case", transfer("pavlodar"), &cx);
    assert_eq!(
        decided.expect_err("decided").code.as_str(),
        "application-decided"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is asked in whatever order, the numbers of each year are 1, 2, 3 … and their days never fall.
    #[test]
    fn a_register_has_no_gap_and_no_number_twice(
        asked in prop::collection::vec((any::<bool>(), 0..4_u64, 0..60_i64, any::<bool>()), 1..60)
    ) {
        let mut world = staffed();
        for (comes_in, number, day, next_year) in asked {
            let (name, data) = if comes_in {
                ("register-incoming", incoming())
            } else {
                ("register-outgoing", outgoing())
            };
            let data = if number > 0 { with(data, json!({"number": number.to_string()})) } else { data };
            let year = if next_year { 2025 } else { 2024 };
            let on = crate::world::day(&format!("{year}-01-01")).plus_days(day).to_string();
            drop(world.on(name, data, &on));
        }
        for year in [2024, 2025] {
            let name = format!("akimat.pavlodar.{year}");
            for given in <[_; 2]>::from(numbers(&world, &name)) {
                let dense: Vec<_> = (1..=given.len() as u64).map(Count).collect();
                prop_assert_eq!(given, dense);
            }
            let days: Vec<_> = world
                .events
                .iter()
                .filter(|(stream, event)| stream.key() == name && matches!(event.fact, Fact::IncomingRegistered(_)))
                .filter_map(|(_, event)| event.decidedon)
                .collect();
            prop_assert!(days.is_sorted());
        }
    }
}
