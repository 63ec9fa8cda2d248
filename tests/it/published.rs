//! What is published: it can be entered, it says what its files say, and what no source gives stays unknown until it is
//! determined.

use qonys::{clock::Entropy, dispatch::Outcome, published};
use qonys_domain::blocked::Code;
use qonys_events::{
    digest::Sha256Hex,
    entry::Actor,
    id::Ref,
    scalar::{Day, Position, Slug},
    term::Certainty,
};
use qonys_projections::{
    acts::{
        register::{LATEST, Register as Acts},
        status::Status,
    },
    projection::Recorded,
};
use serde_json::{Value, json};

use crate::support::register::{Lines, Register};

const RULES: &str = "almaty-maslikhat-152-2017";
const REPEAL: &str = "almaty-maslikhat-97-2024";
const WORDING_2021: &str = "almaty-maslikhat-22-2021";

fn slug(text: &str) -> Slug {
    text.parse().expect("a name")
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// What is published, as command lines.
pub(crate) fn lines(of: Vec<published::Published>, series: u64) -> Vec<Value> {
    let actor: Actor = serde_json::from_value(json!({
        "actor": "a0b1c2d3-0000-4000-8000-0000000000ff", "role": "lawyer", "office": "akimat.almaty",
    }))
    .expect("an actor");
    let ids = Entropy::seeded(series);
    let line = |line: published::Published| {
        let id: Ref = ids.reference();
        serde_json::from_str(&line.line(id, &actor)).expect("a line of JSON")
    };
    of.into_iter().map(line).collect()
}

/// A register with the acts, and then with the determinations; the position between them.
async fn entered() -> (Register, Position) {
    let register = Register::embedded("2026-01-05T04:00:00.000000Z").await;
    let open = json!({"zone": "Asia/Almaty", "kind": "demo", "clock": "simulated"});
    register
        .must(&[Lines::new(77).line("open-log", &open)])
        .await;
    let stored = register.must(&lines(published::acts(), 1)).await;
    let position = *stored.positions.last().expect("a position");
    register.must(&lines(published::determinations(), 2)).await;
    (register, position)
}

async fn acts(register: &Register) -> Acts {
    let mut acts = Acts::default();
    for text in register.texts().await {
        let entry = Recorded::read(text).expect("an entry");
        acts.fold(&entry).expect("the register folds");
    }
    acts
}

#[tokio::test]
async fn what_no_source_gives_is_unknown_until_it_is_determined() {
    let (register, undetermined) = entered().await;
    let acts = acts(&register).await;
    let assumed = Some(Certainty::Assumed);
    let of = |act: &str, on: &str, as_of| acts.status(&slug(act), day(on), as_of);
    for (act, on, in_force) in [
        (WORDING_2021, "2021-03-11", false),
        (WORDING_2021, "2021-03-12", true),
        (WORDING_2021, "2024-04-08", true),
        ("law-477-2011", "2020-01-01", true),
        ("order-2024-08", "2024-08-23", false),
    ] {
        let status = of(act, on, LATEST);
        assert_eq!(status.is_in_force(), in_force, "{act} on {on}: {status:?}");
        assert!(!in_force || status.certainty() == assumed, "{status:?}");
    }
    for act in [WORDING_2021, RULES] {
        let status = of(act, "2024-04-09", LATEST);
        assert!(matches!(status, Status::Repealed { .. }), "{status:?}");
        assert_eq!(status.certainty(), assumed);
        assert!(of(act, "2022-06-01", undetermined).is_unknown(), "{act}");
        assert!(of(act, "2024-04-09", undetermined).is_unknown(), "{act}");
    }
    // What a source gives needs no determination.
    for (act, on) in [
        ("order-2024-08", "2024-08-24"),
        ("order-2023-12-27", "2024-01-14"),
        ("law-226-2023", "2023-07-01"),
    ] {
        let status = of(act, on, undetermined);
        assert_eq!(status.certainty(), Some(Certainty::Known), "{act}");
    }
    let wording = acts.wording(&slug(RULES), day("2018-06-01"), LATEST);
    assert_eq!(wording.wording, Some(slug("2017")));
    let text = |act: &str| acts.act(&slug(act), LATEST).expect("recorded").text_sha256;
    assert_eq!(text(RULES), None, "its text is not recorded");
    let recorded = Sha256Hex::of(published::RULES_2021_KK.as_bytes());
    assert_eq!(text(WORDING_2021), Some(recorded));
    assert!(
        acts.act(&slug(REPEAL), LATEST)
            .expect("recorded")
            .note
            .is_some()
    );
}

#[tokio::test]
async fn each_decision_has_the_basis_of_its_day() {
    let (register, _) = entered().await;
    let mut lines = Lines::new(78);
    lines.office = "akimat.almaty".into();
    let justification = Sha256Hex::of(b"justification");
    let mut propose = |on: &str, horizon: Value| {
        let subject = json!({"kind": "regional-quota", "direction": "increase", "horizon": horizon,
            "lines": [{"category": "kandas", "asked": "10"}]});
        let data =
            json!({"subject": subject, "territory": "almaty", "justification": justification});
        lines.on(on, "draft-proposal", &data)
    };
    let medium = |from: &str, to: &str| json!({"horizon": "medium-term", "from": from, "to": to});
    let coming = |year: &str| json!({"horizon": "coming-year", "year": year});
    for (line, blocked) in [
        (propose("2018-06-01", medium("2019", "2021")), None),
        (propose("2024-04-08", medium("2025", "2027")), None),
        (
            propose("2024-04-09", medium("2025", "2027")),
            Some(Code::NoBasis),
        ),
        (propose("2024-04-09", coming("2025")), None),
    ] {
        match (register.send(&line).await, blocked) {
            (Outcome::Accepted(_), None) => {}
            (Outcome::Blocked(found), Some(code)) => assert_eq!(found.code, code, "{line}"),
            (other, _) => panic!("{line}: {other:?}"),
        }
    }
    // No ground on which a resettler is refused is known, nor one for kandas before law 223-VII.
    for (category, on) in [("resettlers", "2024-02-01"), ("kandas", "2023-04-19")] {
        register.must(&lines.applicant(category, 0, on)).await;
        let application = format!("command:{}", lines.last());
        let entries = register.texts().await;
        let mut entries = entries
            .iter()
            .rev()
            .map(|text| serde_json::from_str(text).expect("JSON"));
        let filed: Value = entries
            .find(|entry: &Value| entry["type"] == "kz.qonys.application.filed.v1")
            .expect("it was filed");
        let data = json!({"application": application, "applicant": filed["data"]["applicant"],
            "ground": "no-regional-quota", "hearing": {"choice": "held", "on": on}, "appeal": "to the court"});
        let refusal = lines.on(on, "refuse-application", &data);
        match register.send(&refusal).await {
            Outcome::Blocked(found) => assert_eq!(found.code, Code::NormMissing, "{category}"),
            other => panic!("{category}: {other:?}"),
        }
    }
}

#[test]
fn every_row_of_the_quotas_stands_in_a_line() {
    let csv = std::fs::read_to_string(crate::tidy::root().join("data/quotas.csv"));
    let rows = csv.expect("the file").lines().count() - 1;
    let mut limits = std::collections::BTreeMap::<String, u64>::new();
    let mut lines = 0;
    for set in published::acts()
        .iter()
        .filter(|line| line.type_name == "set-quota")
    {
        let set: Value = serde_json::from_str(&set.data).expect("JSON");
        for line in set["lines"].as_array().expect("lines") {
            lines += 1;
            let national = line["territory"] == "kazakhstan";
            let part = if national { "total" } else { "regions" };
            let key = format!("{} {} {part}", set["act"], line["category"]).replace('"', "");
            let limit = line["limit"].as_str().expect("a limit");
            *limits.entry(key).or_default() += limit.parse::<u64>().expect("a number");
        }
    }
    assert_eq!(lines, rows);
    let regions = |key: &&String| key.ends_with("regions");
    let found: Vec<_> = limits.keys().filter(regions).cloned().collect();
    assert_eq!(found.len(), 5, "{found:?}");
    for key in found {
        let total = key.replace("regions", "total");
        // Of the resettlers of 2025 the sources give three lines: four regions share what is left.
        let left = if key.contains("order-2024-12 resettlers") {
            790
        } else {
            0
        };
        assert_eq!(limits[&key] + left, limits[&total], "{key}");
    }
}
