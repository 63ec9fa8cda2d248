//! Thirty lines that share nothing with the product: they read the entries as JSON and check the limit of a line at
//! every effective day, as known at each position.

use std::collections::BTreeMap;

use serde_json::Value;

fn number(value: &Value) -> i64 {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// Checks every hold and commitment of a line with one constant limit; gives (held, committed) at the end of time.
pub(crate) fn check_line(texts: &[String], line: &str, limit: i64) -> (i64, i64) {
    let mut days: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut seen = 0;
    for text in texts {
        let entry: Value = serde_json::from_str(text).expect("an entry is JSON");
        if entry["subject"] != format!("quota-line/{line}").as_str() {
            continue;
        }
        let (kind, data) = (entry["type"].as_str().expect("a type"), &entry["data"]);
        let places = if data["places"].is_null() {
            0
        } else {
            number(&data["places"])
        };
        let (held, committed) = match kind.rsplit('.').nth(1) {
            Some("places-held") => (places, 0),
            Some("places-committed") => (-places, places),
            Some("places-released") if data["was"] == "held" => (-places, 0),
            Some("places-released") => (0, -places),
            _ => continue,
        };
        seen += 1;
        let day = days
            .entry(entry["effectivefrom"].as_str().expect("a day").to_owned())
            .or_default();
        *day = (day.0 + held, day.1 + committed);
        let mut sum = (0, 0);
        for (day, change) in &days {
            sum = (sum.0 + change.0, sum.1 + change.1);
            assert!(
                sum.0 >= 0 && sum.1 >= 0,
                "{day}: less than nothing is taken at {}",
                entry["position"]
            );
            assert!(
                sum.0 + sum.1 <= limit,
                "{day}: {sum:?} of {limit} at position {}",
                entry["position"]
            );
        }
    }
    assert!(seen > 0, "the oracle saw nothing of {line}");
    days.values()
        .fold((0, 0), |sum, change| (sum.0 + change.0, sum.1 + change.1))
}
