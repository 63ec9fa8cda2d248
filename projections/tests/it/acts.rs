//! The register of acts: evidence, repeal, wordings, territories, norms.

use qonys_events::{
    scalar::Position,
    term::{Category, Certainty, DecisionType},
};
use qonys_projections::acts::{
    Acts,
    register::{Determined, LATEST, Register},
    status::{Reason, Status, in_force_after},
};
use qonys_projections::projection::Projection as _;

use crate::support::{Log, act, act_after, day, noted, rows, slug};

fn register(log: &Log) -> Register {
    let mut register = Register::default();
    log.recorded()
        .for_each(|entry| register.fold(&entry).unwrap());
    register
}

fn status(log: &Log, act: &str, on: &str) -> Status {
    register(log).status(&slug(act), day(on), LATEST)
}

/// The Rules with their real dates: No 152, its wording No 22, and No 97 that repeals both.
fn the_rules(determined: bool) -> Log {
    let mut log = Log::default();
    log.command([act_after(
        "no-152",
        10,
        r#","adopted_on":"2017-09-15","published_on":"2017-10-19""#,
    )]);
    let no_22 = act_after(
        "no-22",
        10,
        r#","adopted_on":"2021-02-19","registered_on":"2021-03-01","parents":["no-152"]"#,
    );
    log.command([wording_of(no_22, "no-152", "2021")]);
    log.command([act_after(
        "no-97",
        10,
        r#","adopted_on":"2024-03-29","repeals":["no-22","no-152"]"#,
    )]);
    if determined {
        for (act, from) in [("no-22", "2021-03-12"), ("no-97", "2024-04-09")] {
            let data =
                format!(r#"{{"act":"{act}","from":"{from}","basis":"the earliest possible"}}"#);
            log.command([noted("law/main", "act.determined", &data)]);
        }
    }
    log
}

fn wording_of(
    mut said: crate::support::Said,
    document: &str,
    wording: &str,
) -> crate::support::Said {
    if let qonys_events::fact::Fact::ActRecorded(act) = &mut said.1.fact {
        (act.document, act.wording) = (slug(document), slug(wording));
    }
    said
}

#[test]
fn ten_days_after_publication_on_the_19th_is_the_30th() {
    assert_eq!(in_force_after(day("2017-10-19"), 10), day("2017-10-30"));
    assert_eq!(in_force_after(day("2024-02-28"), 0), day("2024-02-29"));
    let log = the_rules(false);
    assert_eq!(
        status(&log, "no-152", "2017-10-29"),
        Status::NotYet {
            earliest: day("2017-10-30")
        }
    );
    assert_eq!(
        status(&log, "no-152", "2017-10-30"),
        Status::InForce {
            from: day("2017-10-30"),
            certainty: Certainty::Known
        }
    );
}

#[test]
fn with_determinations_the_rules_are_in_force_from_12_03_2021_to_08_04_2024() {
    let log = the_rules(true);
    let in_force = Status::InForce {
        from: day("2021-03-12"),
        certainty: Certainty::Assumed,
    };
    assert_eq!(
        status(&log, "no-22", "2021-03-11"),
        Status::NotYet {
            earliest: day("2021-03-12")
        }
    );
    assert_eq!(status(&log, "no-22", "2021-03-12"), in_force);
    assert_eq!(status(&log, "no-22", "2024-04-08"), in_force);
    let repealed = Status::Repealed {
        from: day("2024-04-09"),
        by: slug("no-97"),
        certainty: Certainty::Assumed,
    };
    assert_eq!(status(&log, "no-22", "2024-04-09"), repealed);
    assert_eq!(status(&log, "no-152", "2024-04-09"), repealed);
    assert_eq!(
        status(&log, "no-97", "2024-04-08"),
        Status::NotYet {
            earliest: day("2024-04-09")
        }
    );
}

#[test]
fn without_determinations_the_rules_are_unknown_from_the_earliest_possible_day() {
    let log = the_rules(false);
    assert_eq!(
        status(&log, "no-22", "2021-03-11"),
        Status::NotYet {
            earliest: day("2021-03-12")
        }
    );
    let no_evidence = Status::Unknown {
        reason: Reason::NoEvidence,
    };
    assert_eq!(status(&log, "no-22", "2022-06-01"), no_evidence);
    let repeal = Status::Unknown {
        reason: Reason::RepealUnknown { by: slug("no-97") },
    };
    assert_eq!(status(&log, "no-22", "2024-04-09"), repeal);
    // The older act was surely in force until its repeal could begin.
    assert!(status(&log, "no-152", "2024-04-08").is_in_force());
    assert_eq!(status(&log, "no-152", "2024-04-09"), repeal);
}

#[test]
fn a_determination_counts_from_the_position_that_recorded_it() {
    let register = register(&the_rules(true));
    let at = |position| register.status(&slug("no-22"), day("2022-06-01"), Position(position));
    assert_eq!(
        at(1),
        Status::Unknown {
            reason: Reason::NotRecorded
        }
    );
    assert_eq!(
        at(3),
        Status::Unknown {
            reason: Reason::NoEvidence
        }
    );
    assert!(at(4).is_in_force());
}

#[test]
fn evidence_in_its_order() {
    let mut log = Log::default();
    let both = r#","published_on":"2024-01-03","in_force_on":"2024-02-01""#;
    log.command([act_after("both", 10, both)]);
    log.command([act("sourced", r#","in_force_on":"2024-01-14""#)]);
    log.command([act_after(
        "published",
        10,
        r#","published_on":"2024-01-03""#,
    )]);
    for act in ["both", "sourced", "published"] {
        let data = format!(r#"{{"act":"{act}","from":"2023-01-01","basis":"a guess"}}"#);
        log.command([noted("law/main", "act.determined", &data)]);
    }
    let from = |act, on| match status(&log, act, on) {
        Status::InForce {
            from,
            certainty: Certainty::Known,
        } => Some(from),
        _ => None,
    };
    assert_eq!(
        from("both", "2024-12-31"),
        Some(day("2024-02-01")),
        "(b) before (a) and (c)"
    );
    assert_eq!(
        from("sourced", "2024-01-13"),
        None,
        "(c) counts for nothing beside (b)"
    );
    assert_eq!(from("sourced", "2024-01-14"), Some(day("2024-01-14")));
    assert_eq!(from("published", "2024-01-13"), None);
    assert_eq!(from("published", "2024-01-14"), Some(day("2024-01-14")));
}

#[test]
fn a_date_known_to_the_month_is_unknown_inside_it() {
    let mut log = Log::default();
    log.command([act("sourced", r#","in_force_on":"2025-08""#)]);
    log.command([act_after("published", 10, r#","published_on":"2025-08""#)]);
    let month = Status::Unknown {
        reason: Reason::MonthOnly,
    };
    for (act, last_before, first, last, after) in [
        (
            "sourced",
            "2025-07-31",
            "2025-08-01",
            "2025-08-30",
            "2025-08-31",
        ),
        (
            "published",
            "2025-08-11",
            "2025-08-12",
            "2025-09-10",
            "2025-09-11",
        ),
    ] {
        assert_eq!(
            status(&log, act, last_before),
            Status::NotYet {
                earliest: day(first)
            }
        );
        assert_eq!(status(&log, act, first), month);
        assert_eq!(status(&log, act, last), month);
        assert_eq!(
            status(&log, act, after),
            Status::InForce {
                from: day(after),
                certainty: Certainty::Known
            }
        );
    }
}

#[test]
fn without_a_clause_the_earliest_day_is_the_next_and_without_a_date_there_is_none() {
    let mut log = Log::default();
    log.command([act("adopted", r#","adopted_on":"2022-12-30""#)]);
    log.command([act("adopted-in-a-month", r#","adopted_on":"2024-08""#)]);
    log.command([act("dateless", "")]);
    assert_eq!(
        status(&log, "adopted", "2022-12-30"),
        Status::NotYet {
            earliest: day("2022-12-31")
        }
    );
    assert!(status(&log, "adopted", "2022-12-31").is_unknown());
    assert_eq!(
        status(&log, "adopted-in-a-month", "2024-08-01"),
        Status::NotYet {
            earliest: day("2024-08-02")
        }
    );
    assert!(status(&log, "dateless", "1900-01-01").is_unknown());
    assert_eq!(
        status(&log, "nowhere", "2024-01-01"),
        Status::Unknown {
            reason: Reason::NotRecorded
        }
    );
}

#[test]
fn a_later_date_refines_the_act() {
    let mut log = Log::default();
    log.command([act("order", r#","in_force_on":"2025-08""#)]);
    let data = r#"{"act":"order","date":"in-force","on":"2025-08-15","source":"the gazette"}"#;
    let at = log.command([noted("law/main", "act.date-recorded", data)]);
    assert!(status(&log, "order", "2025-08-20").is_in_force());
    let before = register(&log).status(&slug("order"), day("2025-08-20"), Position(at.0 - 1));
    assert!(before.is_unknown());
}

#[test]
fn each_day_names_its_wording_and_a_repeal_revives_none() {
    let log = the_rules(true);
    let wording = |on: &str| register(&log).wording(&slug("no-152"), day(on), LATEST);
    let named = |on: &str| wording(on).wording.map(|w| w.to_string());
    assert!(matches!(
        wording("2017-10-29").status,
        Status::NotYet { .. }
    ));
    assert_eq!(named("2018-06-01").as_deref(), Some("no-152"));
    assert_eq!(named("2021-03-11").as_deref(), Some("no-152"));
    assert_eq!(named("2021-03-12").as_deref(), Some("2021"));
    assert!(wording("2024-04-08").status.is_in_force());
    let after = wording("2024-04-09");
    assert_eq!(after.wording, Some(slug("2021")));
    assert!(matches!(after.status, Status::Repealed { .. }), "{after:?}");
    let without = register(&the_rules(false)).wording(&slug("no-152"), day("2022-06-01"), LATEST);
    assert!(
        without.status.is_unknown(),
        "an amendment that may be in force: {without:?}"
    );
}

#[test]
fn a_document_falls_with_its_first_act_and_an_unknown_amendment_makes_it_unknown() {
    let mut log = Log::default();
    log.command([act("code", r#","in_force_on":"2011-10-13""#)]);
    log.command([wording_of(
        act("novel", r#","in_force_on":"2020-05-24""#),
        "code",
        "2020",
    )]);
    log.command([act(
        "end",
        r#","in_force_on":"2024-01-01","repeals":["code"]"#,
    )]);
    let wording = |log: &Log, on: &str| register(log).wording(&slug("code"), day(on), LATEST);
    assert!(wording(&log, "2023-12-31").status.is_in_force());
    let after = wording(&log, "2024-01-01");
    assert_eq!(
        (after.wording, after.act),
        (Some(slug("2020")), Some(slug("novel")))
    );
    assert!(
        matches!(after.status, Status::Repealed { .. }),
        "{:?}",
        after.status
    );
    log.command([wording_of(
        act("undated", r#","adopted_on":"2021-01-01""#),
        "code",
        "2021",
    )]);
    assert!(wording(&log, "2021-01-01").status.is_in_force());
    let unknown = wording(&log, "2021-01-02");
    assert_eq!(unknown.act, Some(slug("undated")));
    assert!(unknown.status.is_unknown());
    assert!(
        matches!(wording(&log, "2024-01-01").status, Status::Repealed { .. }),
        "it fell anyway"
    );
    assert_eq!(wording(&log, "2011-10-12").wording, None);
}

#[test]
fn territories_follow_the_acts_that_name_them() {
    let mut log = Log::default();
    log.command([act("first", r#","in_force_on":"2016-03-01""#)]);
    log.command([act("second", r#","in_force_on":"2020-01-01""#)]);
    log.command([act("third", r#","adopted_on":"2023-01-01""#)]);
    for (act, change) in [
        ("first", "determined"),
        ("second", "excluded"),
        ("third", "determined"),
    ] {
        let data = format!(
            r#"{{"category":"kandas","territory":"atyrau","change":"{change}","act":"{act}"}}"#
        );
        log.command([noted("law/main", "territory.changed", &data)]);
    }
    let register = register(&log);
    let on = |on: &str| register.determined(Category::Kandas, &slug("atyrau"), day(on), LATEST);
    assert_eq!(on("2016-02-29"), Determined::No { excluded_by: None });
    assert_eq!(
        on("2019-12-31"),
        Determined::Yes {
            act: slug("first"),
            certainty: Certainty::Known
        }
    );
    assert_eq!(
        on("2022-01-01"),
        Determined::No {
            excluded_by: Some(slug("second"))
        }
    );
    assert_eq!(on("2023-01-02"), Determined::Unknown { act: slug("third") });
    let almaty = register.determined(Category::Kandas, &slug("almaty"), day("2024-01-01"), LATEST);
    assert_eq!(almaty, Determined::No { excluded_by: None });
}

#[test]
fn norms_and_powers_are_looked_up_by_day_and_by_position() {
    let mut log = Log::default();
    log.command([act("law", r#","in_force_on":"2011-01-01""#)]);
    let norm = |value: u64, from: &str, until: &str| {
        let data = format!(
            r#"{{"norm":"area","document":"law","point":"10","value":"{value}","unit":"m2","from":"{from}"{until},"certainty":"known","source":"a test"}}"#
        );
        noted("law/main", "norm.recorded", &data)
    };
    log.command([norm(15, "2017-10-30", "")]);
    let second = log.command([norm(18, "2022-01-01", r#","until":"2023-01-01""#)]);
    let power = r#"{"decision":"housing-norm","document":"law","point":"10","from":"2017-10-30","until":"2024-04-09","certainty":"known","source":"a test"}"#;
    log.command([noted("law/main", "power.recorded", power)]);

    let sink = log.views();
    let mut from_rows = Register::default();
    for table in Acts.tables() {
        sink.rows(table)
            .iter()
            .for_each(|row| from_rows.take_row(table, row).unwrap());
    }
    for register in [&register(&log), &from_rows] {
        let value = |on: &str, as_of| {
            register
                .norm(&slug("area"), day(on), as_of)
                .map(|n| n.value.0)
        };
        assert_eq!(value("2017-10-29", LATEST), None);
        assert_eq!(value("2021-12-31", LATEST), Some(15));
        assert_eq!(value("2022-06-01", LATEST), Some(18));
        assert_eq!(value("2023-01-01", LATEST), Some(15));
        assert_eq!(value("2022-06-01", Position(second.0 - 1)), Some(15));
        let powers = |on: &str| {
            register
                .powers(DecisionType::HousingNorm, day(on), LATEST)
                .len()
        };
        assert_eq!((powers("2024-04-08"), powers("2024-04-09")), (1, 0));
    }
    // The open norm was cut in two around the later one: three rows stand, one is closed.
    let norms: Vec<qonys_projections::acts::NormRow> = rows(&sink);
    let open: Vec<_> = norms.iter().filter(|n| n.recorded_to.is_none()).collect();
    assert_eq!((norms.len(), open.len()), (4, 3));
}

#[test]
fn a_register_read_from_rows_answers_as_the_one_folded_from_entries() {
    let log = the_rules(true);
    let sink = log.views();
    let mut from_rows = Register::default();
    for table in Acts.tables() {
        sink.rows(table)
            .iter()
            .for_each(|row| from_rows.take_row(table, row).unwrap());
    }
    let folded = register(&log);
    for act in ["no-152", "no-22", "no-97"].map(slug) {
        for on in [
            "2017-10-29",
            "2021-03-11",
            "2021-03-12",
            "2024-04-08",
            "2024-04-09",
        ]
        .map(day)
        {
            for at in (0..=log.head().0).map(Position) {
                assert_eq!(from_rows.status(&act, on, at), folded.status(&act, on, at));
            }
        }
    }
}
