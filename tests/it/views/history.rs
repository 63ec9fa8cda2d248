//! A history in which every view has rows: a few hundred commands of many types, some of them blocked.

use std::collections::BTreeMap;

mod cases;
mod monitoring;
mod office;

use qonys::dispatch::{Outcome, Request};
use serde_json::{Value, json};

use crate::support::register::{Lines, Register, answer, consents, holding};

/// The time at which the registers of these tests begin.
pub(crate) const BEGIN: &str = "2024-06-01T06:00:00.000000Z";

/// The power for a type of decision, by the act that `Lines::opening` enters.
fn power(lines: &mut Lines, decision: &str, point: &str) -> Value {
    let power = json!({"decisions": [decision], "document": "law-477-2011", "point": point, "from": "2011-07-22",
        "certainty": "known", "source": "migration law"});
    lines.line("record-power", &power)
}

fn day(n: usize) -> String {
    format!("2024-{:02}-{:02}", 2 + (n * 7) % 4, 1 + (n * 11) % 28)
}

/// The reference that the last line mints.
fn minted(lines: &Lines) -> String {
    format!("command:{}", lines.last())
}

/// A quota of 100 places and what `turns` applicants, residents and proposals do.
pub(crate) fn mixed(lines: &mut Lines, turns: usize) -> Vec<Value> {
    let mut all = lines.opening("simulated");
    all.push(power(lines, "coming-year-quota-proposal", "15(3-1)"));
    all.push(power(lines, "stay-registration", "9"));
    all.push(lines.competence("regional-quota"));
    all.push(lines.act("order", "2024-01-14"));
    all.push(lines.quota("order", "establish", &[("kandas", 60), ("resettlers", 40)]));
    all.push(lines.act("order-august", "2024-04-24"));
    all.push(lines.quota(
        "order-august",
        "amend",
        &[("kandas", 70), ("resettlers", 30)],
    ));
    monitoring::monitoring(lines, &mut all);
    cases::case(lines, &mut all);
    office::office(lines, &mut all);
    for n in 0..turns {
        quota(lines, n, &mut all);
        residence(lines, n, &mut all);
        if n.is_multiple_of(8) {
            proposal(lines, n, &mut all);
        }
    }
    registration(lines, &mut all);
    all
}

/// What rarely happens in registration: an arrival that is reported, an area that is found smaller, a death.
fn registration(lines: &mut Lines, all: &mut Vec<Value>) {
    all.push(power(lines, "housing-norm", "10"));
    let norm = json!({"norm": "housing-provision.useful-area", "document": "law-477-2011", "point": "75", "value": "1500",
        "unit": "square-decimetres", "from": "2011-07-22", "certainty": "known", "source": "test"});
    all.push(lines.line("record-norm", &norm));
    all.push(dwelling(lines, "2024-02-01", "medeu"));
    let home = minted(lines);
    let mut arrives = lines.on("2024-02-01", "record-person", &json!({"kind": "foreigner"}));
    arrives["personal"] = json!({"name": "Сынақ Қонақ", "iin": lines.iin()});
    all.push(arrives);
    let person = minted(lines);
    let residence = json!({"person": person, "dwelling": home, "body": "police", "consent": "owners", "age": "from-14",
        "consents": consents()});
    all.push(lines.on("2024-03-01", "register-residence", &residence));
    let arrival = json!({"person": person, "dwelling": home});
    all.push(lines.on("2024-03-01", "report-arrival", &arrival));
    let smaller = json!({"dwelling": home, "fund": "state", "useful_area": "1400", "district": "medeu",
        "premises": "living", "reason": "measured", "document": "00".repeat(32)});
    all.push(lines.on("2024-04-01", "change-dwelling", &smaller));
    let mut marries = lines.on(
        "2024-04-02",
        "record-family-change",
        &json!({"person": person, "change": "marriage", "document": "00".repeat(32)}),
    );
    marries["personal"] = json!({"other-person": "Сынақ Жұбай"});
    all.push(marries);
    let acts = json!({"person": person, "representative": {"holder": "organisation", "organisation": "aid"},
        "basis": "court", "scope": "all", "document": "00".repeat(32)});
    all.push(lines.on("2024-04-03", "appoint-representative", &acts));
    all.push(lines.on("2024-05-01", "record-death", &json!({"person": person})));
}

/// A person, with what is sealed.
pub(crate) fn person(lines: &mut Lines, on: &str) -> Value {
    let mut line = lines.on(on, "record-person", &json!({"kind": "citizen"}));
    line["personal"] = json!({"name": format!("Сынақ Тұлға {}", lines.last()), "iin": lines.iin()});
    line
}

/// A private dwelling of 45 m2 in a district, with its sealed address.
pub(crate) fn dwelling(lines: &mut Lines, on: &str, district: &str) -> Value {
    let data = json!({"fund": "private", "useful_area": "4500", "district": district, "holding": holding()});
    let mut line = lines.on(on, "record-dwelling", &data);
    line["personal"] = json!({"address": format!("Сынақ көшесі, {}", lines.last())});
    line
}

fn quota(lines: &mut Lines, n: usize, all: &mut Vec<Value>) {
    let category = if n.is_multiple_of(2) {
        "kandas"
    } else {
        "resettlers"
    };
    all.extend(lines.applicant(category, (n % 4) as u64, "2024-02-01"));
    let application = minted(lines);
    let on = day(n);
    all.push(lines.on(&on, "hold-places", &json!({"application": application})));
    if !n.is_multiple_of(3) {
        all.push(lines.on(&on, "commit-places", &json!({"application": application})));
    }
    if n.is_multiple_of(5) {
        let release = json!({"application": application, "reason": "withdrawn"});
        all.push(lines.on("2024-05-30", "release-places", &release));
    }
}

fn residence(lines: &mut Lines, n: usize, all: &mut Vec<Value>) {
    let district = ["almaly", "medeu", "not-stated"][n % 3];
    all.push(dwelling(lines, "2024-02-01", district));
    let first = minted(lines);
    all.push(dwelling(lines, "2024-02-01", district));
    let second = minted(lines);
    all.push(person(lines, "2024-02-01"));
    let person = minted(lines);
    let register = |dwelling: &str| json!({"person": person, "dwelling": dwelling, "body": "police", "consent": "owners", "age": "from-14", "consents": consents()});
    all.push(lines.on("2024-03-01", "register-residence", &register(&first)));
    if n.is_multiple_of(2) {
        all.push(lines.on("2024-04-01", "register-residence", &register(&second)));
    }
    if n.is_multiple_of(4) {
        let end = json!({"person": person, "reason": "departed"});
        all.push(lines.on("2024-05-01", "end-residence", &end));
    }
    let mut stay = register(&second);
    stay.as_object_mut().expect("an object").remove("age");
    stay["until"] = json!("2024-05-15");
    all.push(lines.on("2024-04-15", "register-stay", &stay));
}

fn proposal(lines: &mut Lines, n: usize, all: &mut Vec<Value>) {
    let horizon = json!({"horizon": "coming-year", "year": "2025"});
    let subject = json!({"kind": "regional-quota", "direction": "increase", "horizon": horizon,
        "lines": [{"category": "kandas", "asked": "300"}]});
    let draft = json!({"subject": subject, "territory": "pavlodar", "justification": "00".repeat(32),
        "indicators": ["population"]});
    all.push(lines.on("2024-05-01", "draft-proposal", &draft));
    let proposal = minted(lines);
    let signed = json!({"proposal": proposal, "document": "11".repeat(32)});
    all.push(lines.on("2024-05-02", "sign-proposal", &signed));
    if n.is_multiple_of(16) {
        all.push(lines.on(
            "2024-05-03",
            "withdraw-proposal",
            &json!({"proposal": proposal}),
        ));
        return;
    }
    let sent =
        json!({"proposal": proposal, "authority": "ministry", "addressee": "Ministry of Labour"});
    all.push(lines.on("2024-05-03", "send-proposal", &sent));
    let received = json!({"proposal": proposal, "number": "1-1/24"});
    all.push(lines.on("2024-05-03", "record-receipt", &received));
    let answered = json!({"proposal": proposal, "answer": "accepted", "number": "1-2/24"});
    all.push(lines.on("2024-05-04", "record-answer", &answered));
    all.push(lines.on(
        "2024-05-04",
        "link-proposal",
        &json!({"proposal": proposal, "act": "order"}),
    ));
}

/// Sends lines as fast as the decider takes them; gives how many were accepted and how many blocked. Nothing else may
/// come of them.
async fn send_all(register: &Register, lines: &[Value]) -> (usize, BTreeMap<String, usize>) {
    let mut waiting = Vec::new();
    for line in lines {
        let request = Request::read(&line.to_string());
        let request = request.unwrap_or_else(|e| panic!("{line}: {e:?}"));
        waiting.push((line, register.dispatch.submit(request).await));
    }
    let mut counts = (0, BTreeMap::new());
    for (line, outcome) in waiting {
        match outcome.await.expect("an outcome") {
            Outcome::Accepted(_) => counts.0 += 1,
            Outcome::Blocked(why) => {
                let what = format!("{} {}", line["type"], why.code.as_str());
                *counts.1.entry(what).or_insert(0) += 1;
            }
            other => panic!("{line}: {}", answer(&other)),
        }
    }
    counts
}

/// As [`send_all`], and every line must be accepted.
pub(crate) async fn accept_all(register: &Register, lines: &[Value]) {
    for lines in lines.chunks(1_000) {
        let mut waiting = Vec::new();
        for line in lines {
            let request = Request::read(&line.to_string());
            let request = request.unwrap_or_else(|e| panic!("{line}: {e:?}"));
            waiting.push((line, register.dispatch.submit(request).await));
        }
        for (line, outcome) in waiting {
            let outcome = outcome.await.expect("an outcome");
            assert!(
                matches!(outcome, Outcome::Accepted(_)),
                "{line}: {}",
                answer(&outcome)
            );
        }
    }
}

/// A register with the mixed history in it.
pub(crate) async fn fill(register: &Register) {
    let counts = send_all(register, &mixed(&mut Lines::new(7), 40)).await;
    assert!(
        counts.0 > 300 && !counts.1.is_empty(),
        "accepted and blocked: {counts:?}"
    );
}
