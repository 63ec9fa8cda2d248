//! Immigrants and kandas (point 9): the host's notice, days in a row and in the window, extension and end of a stay, the
//! adaptation centre.

use qonys_events::term::{ConsentKind, PremisesUse, StayEnd, StayLimit, Timeliness};

use super::*;
use crate::command::{EndStay, ExtendStay, ReportArrival};

const STAYS: &[&str] = &["person.stay-registered"];
const MOVED_IN: &[&str] = &["person.residence-registered", "dwelling.resident-entered"];

fn with(world: World, norms: &[(&str, u64)]) -> World {
    norms.iter().fold(world, |world, (name, value)| {
        world.knowing(("kz.qonys.norm.recorded.v1", &norm(name, *value)))
    })
}

/// The limits of the migration law.
fn limits() -> World {
    let norms = [
        ("immigrant-stay.days-at-once", 30),
        ("immigrant-stay.days-in-window", 90),
        ("immigrant-stay.window-days", 180),
        ("immigrant-stay.late-after-days", 30),
        ("host-notice.working-days", 3),
    ];
    with(world(), &norms)
}

fn limit(mut world: World, when: Given) -> (StayLimit, bool) {
    let decided = world.run(when).expect("accepted");
    match &decided[0].1.fact {
        Fact::StayRegistered(fact) => (fact.limit, fact.late),
        Fact::StayExtended(fact) => (fact.limit, false),
        other => panic!("{other:?}"),
    }
}

fn stays_for(dwelling: Ref, from: &str, until: &str) -> Given {
    stays(anna(), dwelling, until).on(from)
}

fn extends(until: &str) -> Given {
    let command = ExtendStay {
        person: anna(),
        dwelling: flat_b(),
        until: day(until),
        consent: ConsentKind::Owners,
        court_act: None,
        consents: consents(),
        permit: None,
    };
    Given::new(Command::ExtendStay(command))
}

#[test]
fn thirty_days_in_a_row_and_ninety_in_the_window_are_shown_and_bar_nothing() {
    let within = |world, when| limit(world, when).0;
    assert_eq!(
        within(limits(), stays_for(flat_b(), "03-01", "03-31")),
        StayLimit::Within
    );
    assert_eq!(
        within(limits(), stays_for(flat_b(), "03-01", "04-01")),
        StayLimit::OverAtOnce
    );
    // Next door does not interrupt the row.
    let row = || limits().after([stays_for(flat_b(), "03-01", "03-21")]);
    assert_eq!(
        within(row(), stays_for(home(), "03-21", "03-31")),
        StayLimit::Within
    );
    assert_eq!(
        within(row(), stays_for(home(), "03-21", "04-01")),
        StayLimit::OverAtOnce
    );
    assert_eq!(
        within(row(), stays_for(home(), "03-22", "04-01")),
        StayLimit::Within
    );
    // Three times 30 days are 90; the next day is the 91st of the window until the first ones fall out of it.
    let three = || {
        limits().after([
            stays_for(flat_b(), "01-01", "01-31"),
            stays_for(flat_b(), "02-10", "03-11"),
            stays_for(flat_b(), "03-20", "04-19"),
        ])
    };
    assert_eq!(
        within(three(), stays_for(flat_b(), "05-01", "05-02")),
        StayLimit::OverInWindow
    );
    assert_eq!(
        within(three(), stays_for(flat_b(), "06-28", "06-29")),
        StayLimit::OverInWindow
    );
    assert_eq!(
        within(three(), stays_for(flat_b(), "06-29", "06-30")),
        StayLimit::Within
    );
    let read = &[
        ("rolling-days", "91"),
        ("days-in-window", "90"),
        ("window-days", "180"),
        ("days-in-a-row", "1"),
    ];
    check(
        three(),
        stays_for(flat_b(), "05-01", "05-02"),
        Then::Accepted(STAYS, read),
    );
}

#[test]
fn a_stay_that_is_recorded_late_is_counted_with_those_that_came_after_it() {
    // 30 days in December and 61 from January on are 91 in one window over the end of the year.
    let later = || {
        limits().after([
            stays_for(flat_b(), "01-05", "02-03"),
            stays_for(flat_b(), "02-10", "03-12"),
        ])
    };
    let december = |until: &str| {
        let from = "2023-12-01";
        stays_for(home(), from, until).on("03-20").from(from)
    };
    assert_eq!(limit(later(), december("2023-12-30")).0, StayLimit::Within);
    assert_eq!(limit(later(), december("2023-12-31")).0, StayLimit::Within);
    let one_more = || later().after([stays_for(flat_b(), "03-15", "03-16")]);
    check(
        one_more(),
        december("2023-12-31"),
        Then::Accepted(STAYS, &[("rolling-days", "91")]),
    );
    assert_eq!(
        limit(one_more(), december("2023-12-31")).0,
        StayLimit::OverInWindow
    );
    // A window that reaches back to no day of it is not its own.
    let july = || later().after([stays_for(flat_b(), "07-01", "07-31")]);
    assert_eq!(limit(july(), december("2023-12-31")).0, StayLimit::Within);
    // A row goes on into what follows it.
    let next = || limits().after([stays_for(flat_b(), "03-21", "04-10")]);
    let before = |from: &str| stays_for(home(), from, "03-21").on("04-11").from(from);
    assert_eq!(limit(next(), before("03-11")).0, StayLimit::Within);
    assert_eq!(limit(next(), before("03-10")).0, StayLimit::OverAtOnce);
}

#[test]
fn who_obtained_the_citizenship_is_no_immigrant_any_more() {
    let grounds = r#"{"norm":"status-end-ground.citizenship-obtained","document":"migration-law","point":"25","value":"1","unit":"ground","from":"2011-12-01","certainty":"known","source":"test"}"#;
    let power = r#"{"decision":"kandas-status-end","document":"migration-law","point":"25","from":"2011-12-01","certainty":"known","source":"test"}"#;
    let ends = crate::command::EndKandasStatus {
        person: anna(),
        ground: qonys_events::term::StatusEndGround::CitizenshipObtained,
    };
    let citizen = || {
        limits()
            .knowing(("kz.qonys.norm.recorded.v1", grounds))
            .knowing(("kz.qonys.power.recorded.v1", power))
            .after([
                kandas(anna(), Some("2025-02-01")).on("02-01"),
                Given::new(Command::EndKandasStatus(ends.clone())).on("03-01"),
            ])
    };
    let long = |from: &str| stays_for(flat_b(), from, "12-01").on("03-10").from(from);
    assert_eq!(limit(citizen(), long("03-01")).0, StayLimit::NotApplicable);
    // Until then an immigrant's days are counted.
    assert_eq!(limit(citizen(), long("02-29")).0, StayLimit::OverInWindow);
}

#[test]
fn the_limits_are_for_immigrants_without_a_permit_and_unknown_without_their_norms() {
    let long = || stays_for(flat_b(), "03-01", "12-01");
    let citizen = stays(berik(), flat_b(), "12-01").on("03-01");
    assert_eq!(limit(limits(), citizen).0, StayLimit::NotApplicable);
    let permitted = long().with(|command| {
        let Command::RegisterStay(c) = command else {
            unreachable!("it is a stay")
        };
        c.permit = Some(qonys_events::digest::Sha256Hex::of(b"permit"));
    });
    assert_eq!(limit(limits(), permitted).0, StayLimit::NotApplicable);
    assert_eq!(limit(world(), long()).0, StayLimit::Unknown);
    check(
        world(),
        long(),
        Then::Accepted(STAYS, &[("stay-limits", "norm-missing")]),
    );
    // Late by the term for immigrants, not by that for citizens.
    let entered = |on: &str| stays_for(flat_b(), "03-01", "12-01").on(on).from("03-01");
    assert!(!limit(limits(), entered("03-31")).1 && limit(limits(), entered("04-01")).1);
    assert!(!limit(world().knowing(TEN_DAYS), entered("04-01")).1);
}

#[test]
fn a_stay_is_extended_as_one_stay_and_may_end_early() {
    let staying = || limits().after([stays_for(flat_b(), "03-01", "03-21")]);
    let extended = &["person.stay-extended"];
    let world = check(
        staying(),
        extends("03-31").on("03-15"),
        Then::Accepted(extended, &[("days-in-a-row", "30")]),
    );
    let on = |world: &World, text| {
        world
            .known()
            .person(anna())
            .expect("loaded")
            .stays_on(day(text))
            .count()
    };
    assert_eq!((on(&world, "03-30"), on(&world, "03-31")), (1, 0));
    assert_eq!(
        limit(staying(), extends("04-01").on("03-15")).0,
        StayLimit::OverAtOnce
    );
    check(
        staying(),
        extends("03-21").on("03-15"),
        Then::Control(Code::IntervalEmpty, &[]),
    );
    check(
        staying(),
        extends("04-01").on("03-21"),
        Then::Control(Code::NoStay, &[("day", "2024-03-21")]),
    );
    let alone = by(extends("03-31"), ConsentKind::Owners, Vec::new()).on("03-15");
    let sold = staying().after([held(
        flat_b(),
        vec![qonys_events::fact::dwelling::Holder::Person { person: berik() }],
    )
    .on("03-14")]);
    check(
        sold,
        alone,
        Then::Law(Code::NoConsent, "registration-rules 4", &[]),
    );

    let ends = |reason| {
        Given::new(Command::EndStay(EndStay {
            person: anna(),
            dwelling: flat_b(),
            reason,
        }))
    };
    let world = check(
        staying(),
        ends(StayEnd::Departed).on("03-10"),
        Then::Accepted(&["person.stay-ended"], &[]),
    );
    assert_eq!((on(&world, "03-09"), on(&world, "03-10")), (1, 0));
    check(
        world,
        ends(StayEnd::Departed).on("03-10"),
        Then::Control(Code::NoStay, &[]),
    );
    let world = staying().after([ends(StayEnd::Death).on("03-10")]);
    check(
        world,
        moves(anna(), home()).on("03-10"),
        Then::Control(Code::PersonDied, &[]),
    );
    // What was extended and then ended is one stay.
    let world = staying().after([
        extends("03-31").on("03-15"),
        ends(StayEnd::HostRequest).on("03-25"),
    ]);
    assert_eq!((on(&world, "03-24"), on(&world, "03-25")), (1, 0));
}

/// A dwelling serves for something else from the beginning of the year.
fn serving(dwelling: Ref, premises: PremisesUse) -> Given {
    measured(dwelling, HousingFund::Private, 3000)
        .on("01-01")
        .with(|command| {
            let Command::ChangeDwelling(c) = command else {
                unreachable!("it is a change")
            };
            c.premises = premises;
        })
}

#[test]
fn a_kandas_lives_in_an_adaptation_centre_for_a_year_at_most() {
    let centre = || {
        with(limits(), &[("adaptation-centre.months", 12)]).after([
            serving(flat_b(), PremisesUse::AdaptationCentre),
            kandas(anna(), None).on("02-01"),
        ])
    };
    let term = |facts| Then::Law(Code::AdaptationTerm, "registration-rules 5", facts);
    check(
        centre(),
        stays_for(flat_b(), "03-01", "2025-03-01"),
        Then::Accepted(STAYS, &[("adaptation-until", "2025-03-01")]),
    );
    check(
        centre(),
        stays_for(flat_b(), "03-01", "2025-03-02"),
        term(&[("adaptation-months", "12")]),
    );
    // The term runs from the first day of the row, through extensions and new registrations.
    let half = || centre().after([stays_for(flat_b(), "03-01", "09-01")]);
    check(
        half(),
        extends("2025-03-01").on("08-01"),
        Then::Accepted(&["person.stay-extended"], &[]),
    );
    check(
        half(),
        extends("2025-03-02").on("08-01"),
        term(&[("adaptation-began", "2024-03-01")]),
    );
    check(
        half(),
        stays_for(flat_b(), "09-01", "2025-03-02"),
        term(&[("adaptation-began", "2024-03-01")]),
    );
    // Another room is the same centre, and so is a residence instead of a stay: it has no end.
    let rooms = || half().after([serving(home(), PremisesUse::AdaptationCentre)]);
    check(
        rooms(),
        stays_for(home(), "09-01", "2025-03-01"),
        Then::Accepted(STAYS, &[("adaptation-began", "2024-03-01")]),
    );
    check(
        rooms(),
        stays_for(home(), "09-01", "2025-03-02"),
        term(&[("adaptation-began", "2024-03-01")]),
    );
    check(
        centre(),
        moves(anna(), flat_b()).on("03-01"),
        term(&[("adaptation-began", "2024-03-01")]),
    );
    check(
        centre(),
        moves(berik(), flat_b()).on("03-01"),
        Then::Accepted(MOVED_IN, &[]),
    );
    // Elsewhere, and for somebody who is no kandas, there is no such term.
    check(
        centre(),
        stays_for(home(), "03-01", "2026-01-01"),
        Then::Accepted(STAYS, &[]),
    );
    check(
        centre(),
        stays(berik(), flat_b(), "2026-01-01").on("03-01"),
        Then::Accepted(STAYS, &[]),
    );
    let unknown = world().after([
        serving(flat_b(), PremisesUse::AdaptationCentre),
        kandas(anna(), None).on("02-01"),
    ]);
    let missing = &[("norm", "adaptation-centre.months")];
    check(
        unknown,
        stays_for(flat_b(), "03-01", "04-01"),
        Then::Control(Code::NormMissing, missing),
    );
}

#[test]
fn a_host_reports_an_arrival_and_late_is_never_a_bar() {
    let reports = |person, on: &str| {
        let command = ReportArrival {
            person,
            dwelling: home(),
        };
        Given::new(Command::ReportArrival(command))
            .on(on)
            .from("03-07")
    };
    let timeliness = |mut world: World, on: &str| {
        let decided = world.run(reports(anna(), on)).expect("accepted");
        let Fact::ArrivalReported(fact) = &decided[0].1.fact else {
            panic!("a report")
        };
        assert_eq!(decided[0].1.effectivefrom, Some(day("03-07")));
        fact.timeliness
    };
    assert_eq!(timeliness(limits(), "03-10"), Timeliness::InTime);
    // Behind three calendar days only a calendar of working days can tell.
    assert_eq!(timeliness(limits(), "03-11"), Timeliness::Unknown);
    assert_eq!(timeliness(world(), "03-08"), Timeliness::Unknown);
    check(
        limits(),
        reports(berik(), "03-08"),
        Then::Control(Code::NotAnImmigrant, &[]),
    );
    check(
        limits(),
        reports(anna(), "03-06"),
        Then::Control(Code::BeforeItsCause, &[("reported-on", "2024-03-06")]),
    );
    check(
        limits(),
        reports(reference(7), "03-08"),
        Then::Control(Code::PersonNotFound, &[]),
    );
}
