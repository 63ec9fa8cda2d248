//! Forecasts (point 8) as rows: the territory stands under its own name beside its districts.

use qonys_projections::forecasts::{
    BaseRow, FacilityRow, ForecastLineRow, ForecastNeedRow, ForecastRow, ForecastTestRow,
    RecordsUseRow,
};

use crate::support::{Log, on, rows};

const STREAM: &str = "forecast/town";
const STEPS: &str = r#"[{"on":"2025-01-01","persons":["5","7"],"total":"12","low":"10","high":"14","naive":"11","needs":[{"service":"school","persons":"5","need":"5","have":"7","gap":"-2"}]},{"on":"2026-01-01","persons":["6","7"],"total":"13","naive":"11","needs":[]}]"#;

#[test]
fn a_corrected_base_stands_beside_the_one_that_it_supersedes() {
    let mut log = Log::default();
    let base = |number: u32, persons: u32, more: &str| {
        format!(
            r#"{{"base":"{number}","territory":"town","as_of":"2024-01-01","purpose":"schools","bands":["0","6"],"districts":[{{"district":"old","persons":["4","{persons}"]}}],"source":"s"{more},"facts":{{}}}}"#
        )
    };
    let first = base(1, 7, "");
    log.command([on(STREAM, "forecast.base-recorded", &first, "2024-02-01")]);
    let second = base(2, 9, r#","supersedes":"1","reason":"counted twice""#);
    log.command([on(STREAM, "forecast.base-recorded", &second, "2024-03-01")]);
    let told: Vec<_> = rows::<BaseRow>(&log.views())
        .into_iter()
        .map(|row| (row.base.0, row.total.0, row.supersedes.map(|old| old.0)))
        .collect();
    assert_eq!(told, [(1, 11, None), (2, 13, Some(1))]);
}

#[test]
fn lines_and_needs_stand_by_district_and_day() {
    let mut log = Log::default();
    let base = r#"{"base":"1","territory":"town","as_of":"2024-01-01","purpose":"schools","bands":["0","6"],"districts":[{"district":"old","persons":["4","7"]},{"district":"not-stated","persons":["0","1"]}],"source":"s","facts":{}}"#;
    log.command([on(STREAM, "forecast.base-recorded", base, "2024-02-01")]);
    let hash = "22".repeat(32);
    let produced = format!(
        r#"{{"forecast":"1","territory":"town","method":{{"method":"series"}},"method_version":"series.1","bases":["1"],"bands":["0","6"],"norm_set":"n","inputs":"{hash}","steps":{STEPS},"facts":{{}}}}"#
    );
    let district = format!(
        r#"{{"forecast":"1","territory":"town","district":"old","chosen":{{"method":"naive"}},"backtest":[],"steps":{STEPS}}}"#
    );
    log.command([
        on(STREAM, "forecast.produced", &produced, "2024-02-02"),
        on(
            STREAM,
            "forecast.district-produced",
            &district,
            "2024-02-02",
        ),
    ]);
    let facility = r#"{"facility":"00000000-0000-4000-8000-00000000000f","territory":"town","district":"old","service":"school","capacity":"7","opens":"2020-09-01","source":"s"}"#;
    log.command([on(
        STREAM,
        "forecast.facility-recorded",
        facility,
        "2024-02-03",
    )]);
    let sink = log.views();
    let used = rows::<RecordsUseRow>(&sink);
    assert_eq!(
        (
            used.len(),
            used[0].purpose.as_str(),
            used[0].base.map(|b| b.0)
        ),
        (1, "schools", Some(1))
    );
    let bases: Vec<_> = rows::<BaseRow>(&sink)
        .into_iter()
        .map(|row| (row.district.to_string(), row.total.0))
        .collect();
    assert_eq!(
        bases,
        [("not-stated".to_owned(), 1), ("old".to_owned(), 11)]
    );
    let lines: Vec<_> = rows::<ForecastLineRow>(&sink)
        .into_iter()
        .map(|row| {
            format!(
                "{} {} {} {:?}",
                row.district,
                row.day,
                row.total,
                row.low.map(|low| low.0)
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "old 2025-01-01 12 Some(10)",
            "old 2026-01-01 13 None",
            "town 2025-01-01 12 Some(10)",
            "town 2026-01-01 13 None",
        ]
    );
    let needs = rows::<ForecastNeedRow>(&sink);
    assert_eq!(
        needs.iter().map(|row| row.gap.0).collect::<Vec<_>>(),
        [-2, -2]
    );
    assert_eq!(
        rows::<ForecastTestRow>(&sink)[0]
            .chosen
            .as_ref()
            .map(|c| c.as_str()),
        Some(r#"{"method":"naive"}"#)
    );
    assert_eq!(rows::<ForecastRow>(&sink)[0].inputs.to_string(), hash);
    assert_eq!(rows::<FacilityRow>(&sink)[0].capacity.0, 7);
}

#[test]
fn an_institution_stands_as_it_is_on_each_day() {
    let mut log = Log::default();
    let school = r#""facility":"00000000-0000-4000-8000-00000000000f","territory":"town","district":"old","service":"school""#;
    let recorded = format!(r#"{{{school},"capacity":"7","opens":"2020-09-01","source":"s"}}"#);
    log.command([on(
        STREAM,
        "forecast.facility-recorded",
        &recorded,
        "2020-09-01",
    )]);
    for (capacity, from) in [("9", "2023-09-01"), ("8", "2022-09-01")] {
        let changed = format!(r#"{{{school},"capacity":"{capacity}","source":"s"}}"#);
        log.command([on(STREAM, "forecast.facility-changed", &changed, from)]);
    }
    let known: Vec<_> = rows::<FacilityRow>(&log.views())
        .into_iter()
        .filter(|row| row.recorded_to.is_none())
        .map(|row| {
            let until = row.effective_to.map(|day| day.to_string());
            (row.capacity.0, row.effective_from.to_string(), until)
        })
        .collect();
    let day = |day: &str| day.to_owned();
    assert_eq!(
        known,
        [
            (7, day("2020-09-01"), Some(day("2022-09-01"))),
            (8, day("2022-09-01"), None),
        ]
    );
}
