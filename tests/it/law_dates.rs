//! Show D: whether an act was in force, by day and by what was known, through the public question about acts; and what
//! the repeal of the Rules blocks and what it does not.

use qonys::{
    clock::Clock,
    dispatch::Outcome,
    views::{
        Views,
        queries::{AsOf, acts::ActOnDay},
    },
};
use qonys_events::{scalar::Position, term::Certainty};
use qonys_projections::acts::status::Status;
use serde_json::{Value, json};

use crate::{
    support::register::{Lines, Register, answer, consents},
    views::{
        caught_up,
        history::{dwelling, person},
    },
};

const BEGIN: &str = "2024-05-01T06:00:00.000000Z";

/// The Rules as published: No 152 of 2017, its wording by No 22, the repeal by No 97; without the days of publication that
/// no source gives.
fn rules(lines: &mut Lines) -> Vec<Value> {
    let days = json!({"rule": "days-after-publication", "days": "10"});
    let act = |lines: &mut Lines, name: &str, known: Value| {
        let mut data = json!({"act": name, "kind": "decision", "body": "a body", "titles": {"en": name}, "language": "ru",
            "entry_into_force": days, "document": name, "wording": "first", "synthetic": false, "source": "test"});
        for (key, value) in known.as_object().expect("an object") {
            data[key] = value.clone();
        }
        lines.line("record-act", &data)
    };
    let mut all = lines.opening("simulated");
    let known = json!({"number": "152", "adopted_on": "2017-09-15", "published_on": "2017-10-19", "wording": "2017"});
    all.push(act(lines, "no-152", known));
    let known = json!({"number": "22", "adopted_on": "2021-02-19", "registered_on": "2021-03-01", "document": "no-152",
        "wording": "2021"});
    all.push(act(lines, "no-22", known));
    let known = json!({"number": "97", "adopted_on": "2024-03-29", "repeals": ["no-22", "no-152"]});
    all.push(act(lines, "no-97", known));
    for (decision, document, point) in [
        ("medium-term-quota-proposal", "no-152", "5"),
        ("coming-year-quota-proposal", "law-477-2011", "15(3-1)"),
    ] {
        let power = json!({"decisions": [decision], "document": document, "point": point, "from": "2011-07-22",
            "certainty": "known", "source": "test"});
        all.push(lines.line("record-power", &power));
    }
    all.push(lines.act("order", "2024-01-14"));
    all.push(lines.quota("order", "establish", &[("kandas", 100)]));
    all
}

async fn on(views: &Views, act: &str, day: &str, as_of: AsOf) -> ActOnDay {
    let (act, day) = (act.parse().expect("a name"), day.parse().expect("a day"));
    let answer = views
        .acts(Some(&act), Some(day), as_of, &Clock::System)
        .await;
    let mut acts = answer.expect("an answer").acts;
    acts.pop().expect("the act is recorded")
}

/// The written form of how an act stands.
fn word(status: &Status) -> String {
    let status = serde_json::to_value(status).expect("JSON");
    status["status"].as_str().expect("a word").to_owned()
}

async fn show_d(register: Register) {
    let mut lines = Lines::new(12);
    let recorded = register.must(&rules(&mut lines)).await;
    let undetermined = AsOf::Position(*recorded.positions.last().expect("a position"));
    for (act, from) in [("no-22", "2021-03-12"), ("no-97", "2024-04-09")] {
        let determined = json!({"act": act, "from": from, "basis": "the earliest possible day"});
        register
            .must(&[lines.on("2024-05-01", "determine-act", &determined)])
            .await;
    }
    let views = caught_up(&register).await;
    // With the determinations: assumed.
    for (day, expected) in [
        ("2021-03-11", "not-yet"),
        ("2021-03-12", "in-force"),
        ("2024-04-08", "in-force"),
        ("2024-04-09", "repealed"),
    ] {
        let found = on(&views, "no-22", day, AsOf::Latest).await;
        assert_eq!(word(&found.standing), expected, "{day}");
        let certainty = found.standing.certainty();
        assert_eq!(
            certainty,
            (expected != "not-yet").then_some(Certainty::Assumed),
            "{day}"
        );
    }
    // Without them, as known at the position before: unknown.
    for (day, expected) in [
        ("2021-03-11", "not-yet"),
        ("2022-06-01", "unknown"),
        ("2024-04-09", "unknown"),
    ] {
        let found = on(&views, "no-22", day, undetermined).await;
        assert_eq!(word(&found.standing), expected, "{day}");
    }
    // 2018 names the wording of 2017 and says that its text is not recorded.
    let found = on(&views, "no-152", "2018-06-01", AsOf::Latest).await;
    let wording = found
        .document_wording
        .wording
        .as_ref()
        .map(ToString::to_string);
    assert_eq!(
        (wording.as_deref(), found.text_recorded),
        (Some("2017"), false)
    );
    assert!(found.document_wording.status.is_in_force());
    let found = on(&views, "no-152", "2022-06-01", AsOf::Latest).await;
    let wording = found
        .document_wording
        .wording
        .as_ref()
        .map(ToString::to_string);
    assert_eq!(wording.as_deref(), Some("2021"));
    // Before the first entry no act is known.
    let name = "no-152".parse().expect("a name");
    let nothing = views
        .acts(
            Some(&name),
            None,
            AsOf::Position(Position(0)),
            &Clock::System,
        )
        .await;
    assert!(nothing.expect("an answer").acts.is_empty());
    decisions(&register, &mut lines).await;
}

fn draft(horizon: &Value) -> Value {
    let subject = json!({"kind": "regional-quota", "direction": "increase", "horizon": horizon,
        "lines": [{"category": "kandas", "asked": "300"}]});
    json!({"subject": subject, "territory": "almaty", "justification": "00".repeat(32)})
}

/// After the repeal a medium-term proposal has no basis; a coming-year one, an inclusion and a registration go on.
async fn decisions(register: &Register, lines: &mut Lines) {
    let medium = draft(&json!({"horizon": "medium-term", "from": "2025", "to": "2027"}));
    let coming = draft(&json!({"horizon": "coming-year", "year": "2025"}));
    register
        .must(&[lines.on("2024-04-08", "draft-proposal", &medium)])
        .await;
    let blocked = register
        .send(&lines.on("2024-04-09", "draft-proposal", &medium))
        .await;
    let told: Value = serde_json::from_str(&answer(&blocked)).expect("JSON");
    assert!(matches!(blocked, Outcome::Blocked(_)), "{told}");
    assert_eq!(
        (&told["code"], &told["facts"]["state"]),
        (&json!("no-basis"), &json!("repealed")),
        "{told}"
    );
    register
        .must(&[lines.on("2024-04-09", "draft-proposal", &coming)])
        .await;
    let mut after = lines.applicant("kandas", 0, "2024-04-09");
    let application = json!({"application": format!("command:{}", lines.last())});
    after.push(lines.on("2024-04-09", "hold-places", &application));
    after.push(dwelling(lines, "2024-04-09", "medeu"));
    let dwelling = format!("command:{}", lines.last());
    after.push(person(lines, "2024-04-09"));
    let residence = json!({"person": format!("command:{}", lines.last()), "dwelling": dwelling, "body": "police",
        "consent": "owners", "age": "from-14", "consents": consents()});
    after.push(lines.on("2024-04-09", "register-residence", &residence));
    register.must(&after).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_d_acts_by_day_on_the_embedded_store() {
    show_d(Register::embedded(BEGIN).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_d_acts_by_day_on_postgresql() {
    show_d(Register::postgres(BEGIN).await).await;
}

/// A civil date is that of the clock in Almaty: six hours before Greenwich up to 29 February 2024, five from 1 March on. In that
/// night the clock struck eleven twice, so that the last day of February had 25 hours.
#[test]
fn the_day_is_that_of_the_clock_before_and_after_the_change_of_2024() {
    let zone = jiff::tz::TimeZone::get("Asia/Almaty").expect("the zone is known");
    for (at, day) in [
        ("2024-01-13T17:59:59.999999Z", "2024-01-13"),
        ("2024-01-13T18:00:00.000000Z", "2024-01-14"),
        ("2024-02-29T17:59:59.999999Z", "2024-02-29"),
        ("2024-02-29T18:00:00.000000Z", "2024-02-29"),
        ("2024-02-29T18:59:59.999999Z", "2024-02-29"),
        ("2024-02-29T19:00:00.000000Z", "2024-03-01"),
        ("2024-08-23T18:30:00.000000Z", "2024-08-23"),
        ("2024-08-23T19:00:00.000000Z", "2024-08-24"),
    ] {
        let at: qonys_events::scalar::Instant = at.parse().expect("an instant");
        assert_eq!(
            qonys_events::scalar::Day::of(at, &zone).to_string(),
            day,
            "{at}"
        );
    }
}
