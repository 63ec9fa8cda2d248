//! Corrections (point 9): a full new fact that supersedes an entry, which is superseded once.

use qonys_events::{
    scalar::StreamSeq,
    slot::Slot,
    term::{CorrectionReason, SlotCategory},
};

use super::*;
use crate::{
    command::{CorrectDwelling, CorrectPerson, CorrectResidence, CorrectStay},
    person::given::registration,
};

const CORRECTED: &[&str] = &[
    "dwelling.resident-left",
    "person.residence-registered",
    "dwelling.resident-entered",
];

fn corrects(entry: u64, right: Given, until: Option<&str>) -> Given {
    Given::new(Command::CorrectResidence(CorrectResidence {
        entry: StreamSeq(entry),
        reason: CorrectionReason::Documents,
        registration: registration(right),
        until: until.map(day),
    }))
}

fn corrects_stay(entry: u64, right: Given) -> Given {
    Given::new(Command::CorrectStay(CorrectStay {
        entry: StreamSeq(entry),
        reason: CorrectionReason::Clerical,
        stay: stay(right),
    }))
}

fn lived(world: &World, on: &str) -> (Option<Ref>, bool, bool) {
    let known = world.known();
    let at = known.person(anna()).expect("loaded").residence_on(day(on));
    let there = |d| known.dwelling(d).is_ok_and(|d| d.houses(anna(), day(on)));
    (at, there(home()), there(flat_b()))
}

/// Anna lives in the home from 10 March: the second entry of her stream.
fn lives() -> World {
    world().after([
        moves(anna(), home()).on("03-10"),
        moves(berik(), flat_b()).on("03-01"),
    ])
}

#[test]
fn a_registration_is_corrected_in_dwelling_and_days_on_both_sides() {
    let right = corrects(2, moves(anna(), flat_b()), None)
        .on("04-01")
        .from("03-05");
    let mut world = check(
        lives(),
        right.clone(),
        Then::Accepted(CORRECTED, &[("corrects", "documents")]),
    );
    assert_eq!(lived(&world, "03-04"), (None, false, false));
    assert_eq!(lived(&world, "03-05"), (Some(flat_b()), false, true));
    assert_eq!(lived(&world, "03-20"), (Some(flat_b()), false, true));
    // Superseded is superseded: the correction itself may be corrected, not what it corrected.
    let superseded = Then::Control(Code::AlreadySuperseded, &[("entry", "2")]);
    check(world, right.clone(), superseded);
    world = lives().after([
        right,
        corrects(3, moves(anna(), home()), Some("03-20"))
            .on("04-02")
            .from("03-12"),
    ]);
    assert_eq!(lived(&world, "03-11"), (None, false, false));
    assert_eq!(lived(&world, "03-19"), (Some(home()), true, false));
    assert_eq!(lived(&world, "03-20"), (None, false, false));
}

#[test]
fn a_correction_names_the_entry_that_it_supersedes() {
    let decided = lives()
        .run(
            corrects(2, moves(anna(), home()), None)
                .on("04-01")
                .from("03-01"),
        )
        .expect("accepted");
    let superseding: Vec<_> = decided
        .iter()
        .filter(|(_, event)| event.supersedes.is_some())
        .collect();
    assert_eq!(superseding.len(), 1);
    assert_eq!(
        superseding[0].1.supersedes,
        Some(superseded_as(StreamSeq(2)))
    );
    let Fact::ResidenceRegistered(fact) = &superseding[0].1.fact else {
        panic!("a registration")
    };
    assert_eq!(fact.corrects.map(|c| c.entry), Some(StreamSeq(2)));
}

#[test]
fn a_correction_makes_nothing_late_that_came_in_time() {
    let registered = |mut world: World, when: Given| {
        let decided = world.run(when).expect("accepted");
        let late = decided.iter().find_map(|(_, event)| match &event.fact {
            Fact::ResidenceRegistered(fact) => Some(fact.late),
            Fact::StayRegistered(fact) => Some(fact.late),
            _ => None,
        });
        late.expect("a registration")
    };
    // Registered on 10 March; the wrong flat is found in June, and again in July.
    let known = || lives().knowing(TEN_DAYS);
    let june = corrects(2, moves(anna(), flat_b()), None)
        .on("06-01")
        .from("03-05");
    assert!(!registered(known(), june.clone()));
    let july = corrects(3, moves(anna(), home()), None)
        .on("07-01")
        .from("03-05");
    assert!(!registered(known().after([june]), july));
    // Whoever moved in long before came late, whatever the wrong day said.
    let earlier = corrects(2, moves(anna(), home()), None)
        .on("06-01")
        .from("02-28");
    assert!(registered(known(), earlier));
    let stay = || {
        let term = norm("immigrant-stay.late-after-days", 30);
        world()
            .knowing(("kz.qonys.norm.recorded.v1", &term))
            .after([stays(anna(), flat_b(), "05-01").on("03-10")])
    };
    let right = corrects_stay(2, stays(anna(), home(), "05-01"))
        .on("06-01")
        .from("03-05");
    assert!(!registered(stay(), right));
}

#[test]
fn what_would_overlap_or_is_not_there_is_no_correction() {
    let two = || lives().after([moves(anna(), flat_b()).on("03-20")]);
    // The first residence lasted until 20 March; it cannot have lasted longer without the second one being corrected.
    let longer = corrects(2, moves(anna(), home()), Some("03-25"))
        .on("04-01")
        .from("03-10");
    check(
        two(),
        longer,
        Then::Control(
            Code::RegistrationOverlaps,
            &[("registered-from", "2024-03-20")],
        ),
    );
    let earlier = corrects(2, moves(anna(), home()), Some("03-20"))
        .on("04-01")
        .from("03-01");
    check(two(), earlier, Then::Accepted(CORRECTED, &[]));
    let nothing = |entry| corrects(entry, moves(anna(), home()), None).on("04-01");
    check(
        lives(),
        nothing(1),
        Then::Control(Code::EntryNotFound, &[("entry", "1")]),
    );
    check(lives(), nothing(9), Then::Control(Code::EntryNotFound, &[]));
    let empty = corrects(2, moves(anna(), home()), Some("03-10"))
        .on("04-01")
        .from("03-10");
    check(lives(), empty, Then::Control(Code::IntervalEmpty, &[]));
    let strangers = corrects(2, moves(reference(7), home()), None);
    check(lives(), strangers, Then::Control(Code::PersonNotFound, &[]));
}

#[test]
fn a_correction_is_decided_on_like_a_registration_and_does_not_count_its_person_twice() {
    let persons = (3..=5).map(|n| person(reference(n), PersonKind::Citizen));
    let full = || {
        World::new()
            .knowing(OVER_NORM_BLOCKS)
            .after([
                person(anna(), PersonKind::Citizen),
                flat(home(), HousingFund::State, 4500),
            ])
            .after(persons.clone())
            .after([moves(anna(), home()).on("03-10")])
            .after((3..=4).map(|n| moves(reference(n), home()).on("03-10")))
    };
    let earlier = || {
        corrects(2, moves(anna(), home()), None)
            .on("04-01")
            .from("03-01")
    };
    let counted = &[("residents", "2"), ("capacity", "3")];
    check(full(), earlier(), Then::Accepted(CORRECTED, counted));
    let nobody_consents = by(
        moves(anna(), home()),
        qonys_events::term::ConsentKind::Owners,
        Vec::new(),
    );
    let world = full().after([held(
        home(),
        vec![qonys_events::fact::dwelling::Holder::Person {
            person: reference(3),
        }],
    )
    .on("03-15")]);
    let blocked = Then::Law(
        Code::NoConsent,
        "registration-rules 3",
        &[("consenting", "0")],
    );
    check(
        world,
        corrects(2, nobody_consents, None).on("04-01").from("03-01"),
        blocked,
    );
}

#[test]
fn a_stay_is_corrected_whole() {
    let staying = || lives().after([stays(anna(), flat_b(), "06-01").on("03-12")]);
    let right = corrects_stay(3, stays(anna(), flat_b(), "05-01"))
        .on("04-01")
        .from("03-15");
    let world = check(
        staying(),
        right.clone(),
        Then::Accepted(&["person.stay-registered"], &[]),
    );
    let known = world.known();
    let stays_on = |text| {
        known
            .person(anna())
            .expect("loaded")
            .stays_on(day(text))
            .count()
    };
    assert_eq!(
        [
            stays_on("03-14"),
            stays_on("03-15"),
            stays_on("04-30"),
            stays_on("05-01")
        ],
        [0, 1, 1, 0]
    );
    check(world, right, Then::Control(Code::AlreadySuperseded, &[]));
    let residence = corrects_stay(2, stays(anna(), flat_b(), "05-01"));
    check(
        staying(),
        residence,
        Then::Control(Code::EntryNotFound, &[]),
    );
}

fn sealed_for(given: Given, name: &str, category: SlotCategory) -> Given {
    let slot = |subject| -> Slot {
        serde_json::from_value(serde_json::json!({"name": name, "subject": subject, "category": category, "scheme": "test",
            "commitment": "00".repeat(32), "sealed": "00".repeat(32)}))
        .expect("a slot")
    };
    given.carrying(slot)
}

#[test]
fn a_person_and_a_dwelling_are_corrected_by_a_full_new_fact() {
    let person = |entry| {
        let given = Given::new(Command::CorrectPerson(CorrectPerson {
            person: anna(),
            entry: StreamSeq(entry),
            reason: CorrectionReason::Documents,
            kind: PersonKind::Stateless,
            document: None,
        }));
        sealed_for(given.minting(anna()), "name", SlotCategory::Identity)
    };
    let world = check(
        lives(),
        person(1),
        Then::Accepted(&["person.recorded"], &[]),
    );
    assert_eq!(
        world.known().person(anna()).expect("loaded").kind(),
        Some(PersonKind::Stateless)
    );
    check(
        world,
        person(1),
        Then::Control(Code::AlreadySuperseded, &[]),
    );
    check(lives(), person(2), Then::Control(Code::EntryNotFound, &[]));
    check(
        lives(),
        person(1).unsealed(),
        Then::Control(Code::FactsMissing, &[("missing", "name")]),
    );

    let dwelling = |entry, area| {
        let given = Given::new(Command::CorrectDwelling(CorrectDwelling {
            dwelling: home(),
            entry: StreamSeq(entry),
            reason: CorrectionReason::Documents,
            fund: HousingFund::State,
            useful_area: qonys_events::scalar::SquareDecimetres(area),
            district: "turksib".parse().expect("a slug"),
            premises: qonys_events::term::PremisesUse::Living,
        }));
        sealed_for(given.minting(home()), "address", SlotCategory::Residence)
    };
    check(
        lives(),
        dwelling(1, 3000),
        Then::Accepted(&["dwelling.recorded"], &[]),
    );
    let crowded = &["dwelling.recorded", "dwelling.over-norm-found"];
    let world = check(
        lives(),
        dwelling(1, 1499),
        Then::Accepted(
            crowded,
            &[("residents", "1"), ("capacity", "0"), ("missing-area", "1")],
        ),
    );
    assert!(
        world
            .known()
            .dwelling(home())
            .expect("loaded")
            .houses(anna(), day("04-01")),
        "it evicts nobody"
    );
    check(
        world,
        dwelling(1, 1499),
        Then::Control(Code::AlreadySuperseded, &[]),
    );
    check(
        lives(),
        dwelling(1, 1499).unsealed(),
        Then::Control(Code::FactsMissing, &[("missing", "address")]),
    );
}
