//! Changes in a family without silent effects, representatives, and the determination of nationality.

use qonys_events::{
    digest::Sha256Hex,
    fact::dwelling::Holder,
    term::{
        ConsentScope, FamilyChange, RepresentationBasis, RepresentationScope, Review, SlotCategory,
    },
};

use super::*;
use crate::command::{
    AppointRepresentative, DetermineKazakhNationality, EndRepresentation, GiveConsent,
    RecordFamilyChange,
};

fn document() -> Sha256Hex {
    Sha256Hex::of(b"document")
}

fn sealing(given: Given, name: &str) -> Given {
    let given = given.minting(anna());
    given.carrying(|subject| {
        serde_json::from_value(
            serde_json::json!({"name": name, "subject": subject, "category": SlotCategory::Identity,
            "scheme": "test", "commitment": "00".repeat(32), "sealed": "00".repeat(32)}),
        )
        .expect("a slot")
    })
}

fn changes(change: FamilyChange) -> Given {
    let command = RecordFamilyChange {
        person: anna(),
        change,
        document: document(),
    };
    sealing(
        Given::new(Command::RecordFamilyChange(command)),
        "other-person",
    )
}

#[test]
fn a_change_in_a_family_changes_nothing_else_and_says_what_to_look_at() {
    let lives = || {
        world().after([
            moves(anna(), home()).on("03-10"),
            stays(anna(), flat_b(), "06-01").on("03-12"),
            kandas(anna(), None).on("03-01"),
        ])
    };
    for change in FamilyChange::ALL {
        let before = lives();
        let standing = |world: &World| {
            let known = world.known();
            let anna_ = known.person(anna()).expect("loaded");
            let stays: Vec<_> = anna_.stays_on(day("04-01")).collect();
            (
                anna_.residence_on(day("04-01")),
                stays,
                anna_.kandas_on(day("04-01")),
            )
        };
        let stood = standing(&before);
        let mut world = before;
        let decided = world.run(changes(*change).on("04-01")).expect("accepted");
        assert_eq!(decided.len(), 1, "one entry, and no other");
        let Fact::FamilyChanged(fact) = &decided[0].1.fact else {
            panic!("a change")
        };
        assert_eq!(
            fact.review,
            [Review::Residence, Review::Stay, Review::KandasStatus]
        );
        assert_eq!(standing(&world), stood, "{change}");
    }
    check(
        lives(),
        changes(FamilyChange::Birth).unsealed(),
        Then::Control(Code::FactsMissing, &[("missing", "other-person")]),
    );
    let nobody = world()
        .run(changes(FamilyChange::Divorce).on("04-01"))
        .expect("accepted");
    let Fact::FamilyChanged(fact) = &nobody[0].1.fact else {
        panic!("a change")
    };
    assert!(fact.review.is_empty());
}

fn of(person: Ref) -> Holder {
    Holder::Person { person }
}

fn appoints(person: Ref, representative: Ref, until: Option<&str>) -> Given {
    Given::new(Command::AppointRepresentative(AppointRepresentative {
        person,
        representative: of(representative),
        basis: RepresentationBasis::PowerOfAttorney,
        scope: RepresentationScope::Registration,
        document: document(),
        until: until.map(day),
    }))
}

fn ends(person: Ref, representative: Ref) -> Given {
    Given::new(Command::EndRepresentation(EndRepresentation {
        person,
        representative: of(representative),
        document: None,
    }))
}

#[test]
fn who_acts_for_whom_is_recorded_with_its_days() {
    let acts = |world: &World, on| {
        let known = world.known();
        let owner = known.person(reference(500)).expect("loaded");
        owner.represented_by(&of(berik()), RepresentationScope::Registration, day(on))
    };
    let appointed =
        || world().after([appoints(reference(500), berik(), Some("05-01")).on("03-01")]);
    let world_ = appointed();
    assert_eq!(
        [
            acts(&world_, "02-29"),
            acts(&world_, "03-01"),
            acts(&world_, "04-30"),
            acts(&world_, "05-01")
        ],
        [false, true, true, false]
    );
    let ended = check(
        appointed(),
        ends(reference(500), berik()).on("04-01"),
        Then::Accepted(&["person.representation-ended"], &[]),
    );
    assert_eq!(
        [acts(&ended, "03-31"), acts(&ended, "04-01")],
        [true, false]
    );
    check(
        ended,
        ends(reference(500), berik()).on("04-02"),
        Then::Control(Code::NotARepresentative, &[("day", "2024-04-02")]),
    );
    let overlaps = appoints(reference(500), berik(), None).on("04-30");
    check(
        appointed(),
        overlaps,
        Then::Control(Code::ValidityOverlaps, &[]),
    );
    check(
        world(),
        appoints(anna(), anna(), None),
        Then::Control(Code::NotARepresentative, &[]),
    );
    check(
        world(),
        appoints(anna(), reference(7), None),
        Then::Control(Code::PersonNotFound, &[]),
    );
    check(
        world(),
        appoints(anna(), berik(), Some("03-01")),
        Then::Control(Code::IntervalEmpty, &[]),
    );
}

#[test]
fn a_representative_consents_for_the_holder_while_he_acts() {
    let consent = |by| {
        Given::new(Command::GiveConsent(GiveConsent {
            dwelling: home(),
            holder: Holder::Person {
                person: reference(500),
            },
            person: anna(),
            scope: ConsentScope::Residence,
            represented_by: by,
            document: document(),
            until: None,
        }))
    };
    let given = &["dwelling.consent-given"];
    let appointed =
        || world().after([appoints(reference(500), berik(), Some("05-01")).on("03-01")]);
    check(
        appointed(),
        consent(Some(of(berik()))).on("04-30"),
        Then::Accepted(given, &[]),
    );
    check(
        appointed(),
        consent(Some(of(berik()))).on("05-01"),
        Then::Control(Code::NotARepresentative, &[("day", "2024-05-01")]),
    );
    check(
        appointed(),
        consent(Some(of(anna()))).on("04-30"),
        Then::Control(Code::NotARepresentative, &[]),
    );
    check(
        world(),
        consent(None).on("04-30"),
        Then::Accepted(given, &[]),
    );
}

#[test]
fn nationality_is_determined_by_its_own_role_and_power_and_stays_sealed() {
    let determines = || {
        let command = DetermineKazakhNationality {
            person: anna(),
            document: document(),
        };
        sealing(
            Given::new(Command::DetermineKazakhNationality(command)),
            "nationality",
        )
    };
    let power = || {
        world().knowing((
            "kz.qonys.power.recorded.v1",
            r#"{"decision":"kazakh-nationality","document":"migration-law","point":"1(13)","from":"2011-08-01","certainty":"known","source":"test"}"#,
        ))
    };
    let officer = || determines().acting("nationality-officer");
    let role = &[
        ("role", "registrar"),
        ("needed-role", "nationality-officer"),
    ];
    check(power(), determines(), Then::Control(Code::NotTheRole, role));
    check(
        world(),
        officer(),
        Then::Control(Code::NoBasis, &[("decision", "kazakh-nationality")]),
    );
    check(
        power(),
        officer().unsealed(),
        Then::Control(Code::FactsMissing, &[("missing", "nationality")]),
    );
    let determined = &["person.kazakh-nationality-determined"];
    let world = check(
        power(),
        officer(),
        Then::Accepted(determined, &[("determined-before", "no")]),
    );
    check(
        world,
        officer(),
        Then::Accepted(determined, &[("determined-before", "yes")]),
    );
    // The status reads that it was determined, and never what was found.
    let granted = &["person.kandas-status-granted"];
    let read = &[("nationality-determined-on", "2024-03-01")];
    check(
        power().after([officer()]),
        kandas(anna(), None).on("03-02"),
        Then::Accepted(granted, read),
    );
    let none = &[("nationality-determined-on", "not-determined")];
    check(
        power(),
        kandas(anna(), None).on("03-02"),
        Then::Accepted(granted, none),
    );
}
