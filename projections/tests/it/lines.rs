//! Quota lines as tests tell of them: acts, moves of places, and the case of 2024.

use qonys_events::id::Line;

use crate::support::{Log, Said, act, id, line, noted, on};

pub(crate) const KANDAS: &str = "kandas.kazakhstan.2024.principals-and-members";
pub(crate) const RESETTLERS: &str = "resettlers.kazakhstan.2024.principals-and-members";

/// An act of the setter: one entry about the act, one for each line.
pub(crate) fn quota_act(act: &str, action: &str, limits: &[(&str, u64)]) -> Vec<Said> {
    let lines: Vec<Line> = limits.iter().map(|(name, _)| line(name)).collect();
    let texts: Vec<_> = lines
        .iter()
        .zip(limits)
        .map(|(line, (_, limit))| {
            format!(
                r#"{{"category":"{}","territory":"{}","limit":"{limit}"}}"#,
                line.category, line.territory
            )
        })
        .collect();
    let data = format!(
        r#"{{"act":"{act}","action":"{action}","year":"{}","rule":"{}","rule_certainty":"assumed","lines":[{}]}}"#,
        lines[0].year,
        lines[0].rule,
        texts.join(",")
    );
    let mut said = vec![noted("law/main", "quota.set", &data)];
    for (line, (name, limit)) in lines.iter().zip(limits) {
        let json = serde_json::to_string(line).unwrap();
        let data = format!(
            r#"{{"line":{json},"act":"{act}","action":"{action}","limit":"{limit}","mark":"source-gap"}}"#
        );
        said.push(noted(
            &format!("quota-line/{name}"),
            "quota-line.limit-set",
            &data,
        ));
    }
    said
}

pub(crate) fn hold(line: &str, application: u64, places: u64, from: &str) -> Said {
    let data = format!(
        r#"{{"application":"{}","places":"{places}","facts":{{"headroom":"1"}},"bases":[]}}"#,
        id(application)
    );
    on(
        &format!("quota-line/{line}"),
        "quota-line.places-held",
        &data,
        from,
    )
}

pub(crate) fn commit(line: &str, application: u64, places: u64, from: &str) -> Said {
    let leaf = "00".repeat(32);
    let data = format!(
        r#"{{"application":"{}","places":"{places}","adopts":{{"streamseq":"2","leaf":"{leaf}"}},"facts":{{}},"bases":[]}}"#,
        id(application)
    );
    on(
        &format!("quota-line/{line}"),
        "quota-line.places-committed",
        &data,
        from,
    )
}

pub(crate) fn release(
    line: &str,
    application: u64,
    places: u64,
    was: &str,
    reason: &str,
    from: &str,
) -> Said {
    let data = format!(
        r#"{{"application":"{}","places":"{places}","was":"{was}","reason":"{reason}"}}"#,
        id(application)
    );
    on(
        &format!("quota-line/{line}"),
        "quota-line.places-released",
        &data,
        from,
    )
}

/// The case of 2024: the order of December in force on 14.01, use by 01.07 and 23.08, the amendment in force on 24.08.
pub(crate) fn case_2024() -> Log {
    let mut log = Log::default();
    log.command([act(
        "order-2023-12-27",
        r#","adopted_on":"2023-12-27","in_force_on":"2024-01-14""#,
    )]);
    log.command(quota_act(
        "order-2023-12-27",
        "establish",
        &[(KANDAS, 2433), (RESETTLERS, 7050)],
    ));
    for (line, n, places, from) in [
        (KANDAS, 1, 1891, "2024-06-30"),
        (RESETTLERS, 2, 2978, "2024-06-30"),
        (KANDAS, 3, 542, "2024-08-20"),
    ] {
        log.command([hold(line, n, places, from)]);
        log.command([commit(line, n, places, from)]);
    }
    log.command([act("order-2024-08", r#","in_force_on":"2024-08-24""#)]);
    log.command(quota_act(
        "order-2024-08",
        "amend",
        &[(KANDAS, 3033), (RESETTLERS, 6450)],
    ));
    log
}
