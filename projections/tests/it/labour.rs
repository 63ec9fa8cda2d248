//! The ledger of foreign labour (points 5 and 11) as a view.

use qonys_projections::labour::{LabourLedgerRow, LabourPermitRow, PermitState};

use crate::support::{Log, as_of, day, id, noted, on, rows};

const TOWN: &str = "foreign-labour/town";

fn share(log: &mut Log, act: &str, places: u64) {
    let data = format!(
        r#"{{"territory":"town","year":"2024","act":"{act}","lines":[{{"category":"category-3","places":"{places}"}}]}}"#
    );
    log.command([noted(TOWN, "foreign-labour.share-distributed", &data)]);
}

fn granted(log: &mut Log, permit: u64, workers: u64, outside: Option<&str>) {
    let more = outside.map_or_else(String::new, |ground| {
        format!(r#""outside_quota":"{ground}","#)
    });
    let data = format!(
        r#"{{"permit":"{}","employer":"plant","category":"category-3","workers":"{workers}",{more}"facts":{{}},"bases":[]}}"#,
        id(permit)
    );
    let (stream, event) = on(TOWN, "foreign-labour.permit-granted", &data, "2024-02-05");
    log.command([(
        stream,
        event.effective(day("2024-02-05"), Some(day("2025-02-05"))),
    )]);
}

fn ledger(log: &Log) -> LabourLedgerRow {
    let found = rows::<LabourLedgerRow>(&log.views());
    let mut standing = found.into_iter().filter(|row| row.recorded_to.is_none());
    let row = standing.next().expect("a line");
    assert!(standing.next().is_none());
    row
}

#[test]
fn what_is_left_is_unknown_until_a_share_is_recorded_and_below_zero_where_an_act_cuts_it() {
    let mut log = Log::default();
    granted(&mut log, 1, 4, None);
    granted(&mut log, 2, 30, Some("head-of-branch"));
    let row = ledger(&log);
    assert_eq!((row.share, row.places_left), (None, None));
    assert_eq!((row.granted.0, row.outside_quota.0), (4, 30));
    share(&mut log, "order", 10);
    assert_eq!(ledger(&log).places_left, Some(6));
    share(&mut log, "order-august", 3);
    assert_eq!(ledger(&log).places_left, Some(-1));
}

#[test]
fn a_permit_is_shown_as_it_stands_on_the_day() {
    let mut log = Log::default();
    share(&mut log, "order", 10);
    granted(&mut log, 1, 4, None);
    let step = format!(
        r#"{{"permit":"{}","document":"{}","facts":{{}}}}"#,
        id(1),
        "22".repeat(32)
    );
    for (name, from) in [
        ("permit-suspended", "2024-03-01"),
        ("permit-resumed", "2024-04-01"),
    ] {
        log.command([on(TOWN, &format!("foreign-labour.{name}"), &step, from)]);
    }
    let extended = format!(
        r#"{{"permit":"{}","counted":"4","facts":{{}},"bases":[]}}"#,
        id(1)
    );
    let (stream, event) = on(
        TOWN,
        "foreign-labour.permit-extended",
        &extended,
        "2024-05-01",
    );
    log.command([(
        stream,
        event.effective(day("2025-02-05"), Some(day("2025-08-05"))),
    )]);
    log.command([on(
        TOWN,
        "foreign-labour.permit-withdrawn",
        &step,
        "2025-06-01",
    )]);
    let sink = log.views();
    for (on, state) in [
        ("2024-02-04", None),
        ("2024-02-29", Some(PermitState::Valid)),
        ("2024-03-31", Some(PermitState::Suspended)),
        ("2025-02-05", Some(PermitState::Valid)),
        ("2025-06-01", Some(PermitState::Withdrawn)),
    ] {
        let found: Vec<LabourPermitRow> = as_of(&sink, log.head(), day(on));
        assert!(found.len() <= 1, "{on}: {found:?}");
        assert_eq!(found.first().map(|row| row.state), state, "{on}");
    }
    let found = rows::<LabourLedgerRow>(&sink);
    let of_2024 = found
        .iter()
        .find(|row| row.year.0 == 2024 && row.recorded_to.is_none());
    let row = of_2024.expect("a line");
    assert_eq!(
        (
            row.granted.0,
            row.extended.0,
            row.suspended.0,
            row.places_left
        ),
        (4, 4, 4, Some(2))
    );
}
