//! Consent to a registration (point 9): every holder, or the person himself as one, or a court; on that day.

use qonys_events::{
    digest::Sha256Hex,
    fact::dwelling::Holder,
    term::{ConsentKind, ConsentScope},
};

use super::*;
use crate::command::{Custody, GiveConsent, HolderConsent, WithdrawConsent};

const OWNED: &[&str] = &["dwelling.holders-recorded"];

fn of(person: Ref) -> Holder {
    Holder::Person { person }
}

fn fund() -> Holder {
    Holder::Organisation {
        organisation: "housing-fund".parse().expect("a slug"),
    }
}

fn came(holders: &[Holder]) -> Vec<HolderConsent> {
    let one = |holder: &Holder| HolderConsent {
        holder: holder.clone(),
        document: Sha256Hex::of(b"signed"),
    };
    holders.iter().map(one).collect()
}

fn consents(holder: Holder, until: Option<&str>) -> Given {
    Given::new(Command::GiveConsent(GiveConsent {
        dwelling: home(),
        holder,
        person: anna(),
        scope: ConsentScope::Residence,
        represented_by: None,
        document: Sha256Hex::of(b"signed"),
        until: until.map(day),
    }))
}

fn withdraws(holder: Holder) -> Given {
    Given::new(Command::WithdrawConsent(WithdrawConsent {
        dwelling: home(),
        holder,
        person: anna(),
    }))
}

/// The home belongs to Berik and a fund together from 1 January.
fn co_owned() -> World {
    world().after([held(home(), vec![of(berik()), fund()]).on("01-01")])
}

fn by_owners(holders: &[Holder]) -> Given {
    by(moves(anna(), home()), ConsentKind::Owners, came(holders)).on("03-05")
}

#[test]
fn every_co_owner_consents_or_nobody_is_registered() {
    let blocked = |facts| Then::Law(Code::NoConsent, "registration-rules 3", facts);
    let none = &[
        ("holders", "2"),
        ("consenting", "0"),
        ("consent-day", "2024-03-05"),
    ];
    check(co_owned(), by_owners(&[]), blocked(none));
    check(
        co_owned(),
        by_owners(&[fund()]),
        blocked(&[("consenting", "1")]),
    );
    let both = &[
        ("holders", "2"),
        ("consenting", "2"),
        ("holding-title", "ownership"),
    ];
    check(
        co_owned(),
        by_owners(&[fund(), of(berik())]),
        Then::Accepted(MOVED_IN, both),
    );
    // One consent is recorded, the other came with the application.
    let recorded = co_owned().after([consents(of(berik()), None).on("02-01")]);
    check(
        recorded,
        by_owners(&[fund()]),
        Then::Accepted(MOVED_IN, both),
    );
    // The consent of somebody who does not hold the dwelling is no consent, and is said to be none.
    let foreign = by_owners(&[fund(), of(berik()), owner()]);
    check(
        co_owned(),
        foreign,
        Then::Control(Code::NotAHolder, &[("holders", "2")]),
    );
}

#[test]
fn a_consent_is_valid_on_the_day_of_the_registration_or_not_at_all() {
    let given = || {
        co_owned().after([
            consents(of(berik()), Some("03-05")).on("02-01"),
            consents(fund(), None).on("02-01"),
        ])
    };
    let registers = |on: &str| by_owners(&[]).on(on);
    check(given(), registers("03-04"), Then::Accepted(MOVED_IN, &[]));
    let ended = &[("consenting", "1")];
    check(
        given(),
        registers("03-05"),
        Then::Law(Code::NoConsent, "registration-rules 3", ended),
    );
    check(
        given(),
        registers("01-31"),
        Then::Law(
            Code::NoConsent,
            "registration-rules 3",
            &[("consenting", "0")],
        ),
    );
    // Late: the day of the registration counts, not the day from which the person lives there.
    check(
        given(),
        registers("03-04").from("01-15"),
        Then::Accepted(MOVED_IN, &[("consent-day", "2024-03-04")]),
    );
    check(
        given(),
        registers("03-06").from("03-01"),
        Then::Law(Code::NoConsent, "registration-rules 3", ended),
    );
}

#[test]
fn a_withdrawn_consent_registers_nobody_and_what_was_registered_stands() {
    let given = || {
        co_owned().after([
            consents(of(berik()), None).on("02-01"),
            consents(fund(), None).on("02-01"),
        ])
    };
    let withdrawn = check(
        given().after([by_owners(&[]).on("02-10")]),
        withdraws(fund()).on("03-01"),
        Then::Accepted(&["dwelling.consent-withdrawn"], &[]),
    );
    assert!(
        withdrawn
            .known()
            .dwelling(home())
            .expect("loaded")
            .houses(anna(), day("04-01"))
    );
    let withdrawn = given().after([withdraws(fund()).on("03-01")]);
    check(
        withdrawn,
        by_owners(&[]),
        Then::Law(
            Code::NoConsent,
            "registration-rules 3",
            &[("consenting", "1")],
        ),
    );
    check(
        co_owned(),
        withdraws(fund()),
        Then::Control(Code::NoConsent, &[("day", "2024-03-01")]),
    );
}

#[test]
fn only_who_holds_the_dwelling_then_consents() {
    check(
        co_owned(),
        consents(owner(), None),
        Then::Control(Code::NotAHolder, &[("day", "2024-03-01")]),
    );
    check(
        co_owned(),
        consents(fund(), Some("03-01")).on("03-01"),
        Then::Control(Code::IntervalEmpty, &[]),
    );
    // On New Year's Eve the home was still somebody else's.
    check(
        co_owned(),
        consents(fund(), None).on("2023-12-31"),
        Then::Control(Code::NotAHolder, &[]),
    );
    let nobody = Given::new(Command::GiveConsent(GiveConsent {
        dwelling: home(),
        holder: fund(),
        person: reference(7),
        scope: ConsentScope::Both,
        represented_by: None,
        document: Sha256Hex::of(b"signed"),
        until: None,
    }));
    check(co_owned(), nobody, Then::Control(Code::PersonNotFound, &[]));
}

#[test]
fn the_owner_himself_and_a_court_need_nobody_else() {
    let himself =
        |person| by(moves(person, home()), ConsentKind::OwnerHimself, Vec::new()).on("03-05");
    check(
        co_owned(),
        himself(berik()),
        Then::Accepted(MOVED_IN, &[("holders", "2")]),
    );
    check(
        co_owned(),
        himself(anna()),
        Then::Control(Code::NotAHolder, &[("consent", "owner-himself")]),
    );
    let court = || by(moves(anna(), home()), ConsentKind::Court, Vec::new()).on("03-05");
    check(
        co_owned(),
        court(),
        Then::Control(Code::FactsMissing, &[("missing", "court-act")]),
    );
    let ordered = court().with(|command| {
        let Command::RegisterResidence(c) = command else {
            unreachable!("it is a registration")
        };
        c.court_act = Some(Sha256Hex::of(b"act"));
    });
    check(
        co_owned(),
        ordered,
        Then::Accepted(MOVED_IN, &[("consent", "court")]),
    );
}

#[test]
fn holders_are_all_of_them_from_a_day_on_and_are_recorded_persons() {
    let none = &[("holders", "not-recorded")];
    let unheld =
        world().after([flat(reference(13), HousingFund::Private, 3000).from("2024-06-01")]);
    check(
        unheld,
        moves(anna(), reference(13)).on("03-05"),
        Then::Law(Code::NoConsent, "registration-rules 3", none),
    );
    let malformed = |holders| Then::Control(Code::MembersMalformed, holders);
    check(
        world(),
        held(home(), Vec::new()),
        malformed(&[("holders", "0")]),
    );
    check(
        world(),
        held(home(), vec![fund(), fund()]),
        malformed(&[("holders", "2")]),
    );
    check(
        world(),
        held(home(), vec![of(reference(7))]),
        Then::Control(Code::PersonNotFound, &[]),
    );
    check(
        world(),
        held(reference(17), vec![fund()]),
        Then::Control(Code::DwellingNotFound, &[]),
    );
    check(
        world(),
        held(home(), vec![owner()]),
        Then::Control(Code::NoChange, &[]),
    );
    let sold = check(
        world(),
        held(home(), vec![fund()]).on("02-01"),
        Then::Accepted(OWNED, &[]),
    );
    let before = sold
        .known()
        .dwelling(home())
        .expect("loaded")
        .holders_on(day("01-31"))
        .cloned();
    assert_eq!(before.expect("an owner").holders, [owner()]);
    check(
        sold,
        moves(anna(), home()).on("03-05"),
        Then::Control(Code::NotAHolder, &[]),
    );
}

#[test]
fn a_holder_asks_for_the_end_of_a_residence_and_nobody_else_does() {
    let lives = || world().after([moves(anna(), home()).on("03-10")]);
    let asks = |holder| {
        leaves(anna(), ResidenceEnd::OwnerRequest)
            .on("03-20")
            .with(move |command| {
                let Command::EndResidence(c) = command else {
                    unreachable!("it is an end")
                };
                c.requested_by = Some(holder);
            })
    };
    check(
        lives(),
        asks(owner()),
        Then::Accepted(LEFT, &[("requested-by", "holder")]),
    );
    check(
        lives(),
        asks(of(berik())),
        Then::Control(Code::NotAHolder, &[("reason", "owner-request")]),
    );
}

#[test]
fn a_child_under_14_is_registered_with_a_parent_a_guardian_or_an_institution() {
    let joins = |with| child(moves(anna(), home()), with).on("03-20");
    let lives = || world().after([moves(berik(), home()).on("03-10")]);
    let parent = || Some(Custody::Parent { person: berik() });
    check(
        lives(),
        joins(None),
        Then::Law(
            Code::ChildWithoutGuardian,
            "registration-rules 3",
            &[("age", "under-14")],
        ),
    );
    check(
        lives(),
        joins(parent()),
        Then::Accepted(MOVED_IN, &[("custody", "parent")]),
    );
    let guardian = Some(Custody::Guardian { person: berik() });
    check(
        lives(),
        joins(guardian),
        Then::Accepted(MOVED_IN, &[("custody", "guardian")]),
    );
    check(
        lives(),
        joins(parent()).from("03-09"),
        Then::Control(Code::GuardianNotResident, &[("custody", "parent")]),
    );
    check(
        lives(),
        joins(Some(Custody::Institution)),
        Then::Control(Code::GroundDoesNotFit, &[("premises", "living")]),
    );
    let home_for_children =
        || world().after([serving(qonys_events::term::PremisesUse::Institution)]);
    check(
        home_for_children(),
        joins(Some(Custody::Institution)),
        Then::Accepted(MOVED_IN, &[("custody", "institution")]),
    );
}

/// The home serves for something else from 1 January.
fn serving(premises: qonys_events::term::PremisesUse) -> Given {
    measured(home(), HousingFund::Private, 4500)
        .on("01-01")
        .with(|command| {
            let Command::ChangeDwelling(c) = command else {
                unreachable!("it is a change")
            };
            c.premises = premises;
        })
}

#[test]
fn nobody_is_registered_where_nobody_may_live_or_nothing_stands() {
    use crate::command::DestroyDwelling;
    let shop = || world().after([serving(qonys_events::term::PremisesUse::NotForLiving)]);
    check(
        shop(),
        moves(anna(), home()),
        Then::Control(Code::NotALivingPlace, &[("premises", "not-for-living")]),
    );
    check(
        shop(),
        stays(anna(), home(), "06-01"),
        Then::Control(Code::NotALivingPlace, &[]),
    );
    check(
        shop(),
        moves(anna(), home()).from("2023-12-31"),
        Then::Accepted(MOVED_IN, &[]),
    );
    let document = Sha256Hex::of(b"act");
    let destroy = || {
        Given::new(Command::DestroyDwelling(DestroyDwelling {
            dwelling: home(),
            document,
        }))
        .on("04-01")
    };
    let lives = world().after([moves(berik(), home()).on("03-10")]);
    let destroyed = check(
        lives,
        destroy(),
        Then::Accepted(&["dwelling.destroyed"], &[]),
    );
    let known = destroyed.known();
    assert!(
        known
            .dwelling(home())
            .expect("loaded")
            .houses(berik(), day("04-02")),
        "it evicts nobody"
    );
    let gone = || world().after([destroy()]);
    let since = &[("destroyed-on", "2024-04-01")];
    check(
        gone(),
        moves(anna(), home()).on("04-01"),
        Then::Control(Code::DwellingDestroyed, since),
    );
    check(
        gone(),
        stays(anna(), home(), "06-01").on("04-01"),
        Then::Control(Code::DwellingDestroyed, since),
    );
    check(
        gone(),
        moves(anna(), home()).on("04-02").from("03-31"),
        Then::Accepted(MOVED_IN, &[]),
    );
    check(
        gone(),
        destroy(),
        Then::Control(Code::DwellingDestroyed, since),
    );
}
