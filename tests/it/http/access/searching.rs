//! A person by a number: who may search, what is told, and what stands in the second log before it is.

use qonys_events::{entry::Entry, fact::Fact, scalar::Position};
use serde_json::{Value, json};

use super::{Guarded, named};
use crate::{http::client::Reply, support::register::Lines};

const PATH: &str = "/v1/persons/search";
const IIN: &str = "850101100012";
const NOBODYS: &str = "850101100023";
const CASE: &str = "0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01";

/// Asks with a token and whatever else.
async fn ask(guarded: &Guarded, token: &str, why: bool, body: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    if why {
        headers.push(("qonys-purpose", "counter"));
        headers.push(("qonys-case", CASE));
    }
    guarded
        .client
        .send("POST", PATH, &headers, body.to_owned())
        .await
}

fn by(number: &str) -> String {
    json!({"iin": number}).to_string()
}

/// Searches that stand in the second log: stream, parameters, whom they told.
async fn searches(guarded: &Guarded) -> Vec<(String, Vec<String>, Vec<String>)> {
    let read = guarded.audit.log().read_after(Position(0), 1_000).await;
    let read = read.expect("entries");
    let mut searches = Vec::new();
    for recorded in &read {
        // Whatever the number was written like, it stands nowhere.
        for hidden in [IIN, NOBODYS, "1234567"] {
            assert!(!recorded.text.contains(hidden), "{}", recorded.text);
        }
        let entry = Entry::read(&recorded.text).expect("an entry");
        if let Fact::DataRead(fact) = &entry.event.fact
            && fact.kind.as_str() == "search"
        {
            assert_eq!(fact.operation.as_str(), "search-persons");
            assert_eq!(
                entry.event.caseref.map(|case| case.to_string()),
                Some(CASE.to_owned())
            );
            let words = fact.parameters.iter().map(ToString::to_string).collect();
            let found = fact.found.iter().map(ToString::to_string).collect();
            searches.push((entry.place.subject.to_string(), words, found));
        }
    }
    searches
}

/// A person with an IIN and a document.
async fn recorded(guarded: &Guarded, lines: &mut Lines) -> String {
    let data = json!({"kind": "foreigner", "document": "foreign-passport"});
    let mut line = named(lines.on("2024-05-30", "record-person", &data));
    line["personal"]["iin"] = json!(IIN);
    line["personal"]["document"] = json!("n 12-34567");
    let stored = guarded.register.must(&[line]).await;
    let stream = stored.streams.keys().next().expect("a stream");
    stream.trim_start_matches("person/").to_owned()
}

#[tokio::test]
async fn a_person_is_found_by_a_number_after_that_is_recorded() {
    let guarded = Guarded::start().await;
    let mut lines = Lines::new(66);
    let person = recorded(&guarded, &mut lines).await;
    let registrar = guarded.issuer.token("registrar", &["registrar"]);

    // Who may not, and who does not say why, learns nothing; nothing is recorded of it.
    for (role, status) in [
        ("proposal-officer", 403),
        ("operator", 403),
        ("authorised-body", 403),
    ] {
        let token = guarded.issuer.token(role, &[role]);
        ask(&guarded, &token, true, &by(IIN)).await.expect(status);
    }
    for number in [IIN, NOBODYS] {
        let reply = ask(&guarded, &registrar, false, &by(number)).await;
        reply.problem(400, "purpose-missing");
    }
    assert_eq!(searches(&guarded).await, []);

    let told = |reply: Reply| -> Value { reply.expect(200).json()["persons"].clone() };
    for body in [
        by(IIN),
        by("850101-100012"),
        json!({"document": "N1234567"}).to_string(),
    ] {
        let reply = ask(&guarded, &registrar, true, &body).await;
        assert_eq!(told(reply), json!([person]), "{body}");
    }
    assert_eq!(
        told(ask(&guarded, &registrar, true, &by(NOBODYS)).await),
        json!([])
    );

    // While the data are blocked the answer is that of a number that is nobody's, byte for byte.
    let law = |norm: &str, value: &str, point: &str| {
        json!({"norm": norm, "document": "law-94-2013", "point": point, "value": value,
            "unit": "days", "from": "2013-11-25", "certainty": "known", "source": "test"})
    };
    let act = lines.act("law-94-2013", "2013-11-25");
    let norm = lines.line("record-norm", &law("personal-data.working-days", "1", "25"));
    let calendar = json!({"year": "2024", "weekly_rest": ["saturday", "sunday"],
        "days_off": ["2024-01-01"], "synthetic": true, "source": "test"});
    let calendar = lines.line("record-calendar", &calendar);
    let block = json!({"person": person, "reason": "accuracy-disputed", "requested_on": "2024-05-30",
        "document": "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"});
    let block = lines.on("2024-05-30", "block-personal-data", &block);
    guarded.register.must(&[act, norm, calendar, block]).await;
    let hidden = ask(&guarded, &registrar, true, &by(IIN)).await.expect(200);
    let nobody = ask(&guarded, &registrar, true, &by(NOBODYS))
        .await
        .expect(200);
    assert_eq!(hidden.json()["persons"], json!([]));
    assert_eq!(hidden.text(), nobody.text());

    let (stream, office) = (
        format!("person/{person}"),
        "office/akimat.almaty".to_owned(),
    );
    let about = |stream: &str, by: &str, found: &[&str]| {
        let found = found.iter().map(|of| (*of).to_owned()).collect();
        (stream.to_owned(), vec![by.to_owned()], found)
    };
    assert_eq!(
        searches(&guarded).await,
        [
            about(&stream, "iin", &[&person]),
            about(&stream, "iin", &[&person]),
            about(&stream, "document", &[&person]),
            about(&office, "iin", &[]),
            about(&stream, "iin", &[]),
            about(&office, "iin", &[]),
        ]
    );
    // The person sees that somebody looked, and nobody else's number stands in the register's own log.
    let mut claims = guarded.issuer.claims("citizen", &[]);
    claims["person"] = json!(person);
    let citizen = guarded.issuer.signed(&claims);
    let shown = guarded
        .get(&format!("/v1/persons/{person}/readers"), &citizen)
        .await;
    let shown = shown.expect(200).json();
    assert_eq!(
        (&shown["items"][0]["kind"], &shown["items"][0]["purpose"]),
        (&json!("search"), &json!("counter"))
    );
    let texts = guarded.register.texts().await;
    assert!(
        texts
            .iter()
            .all(|text| !text.contains(IIN) && !text.contains("N1234567"))
    );
}

#[tokio::test]
async fn a_body_that_is_no_number_is_not_said_again_and_searches_are_counted() {
    let guarded = Guarded::start().await;
    let registrar = guarded.issuer.token("registrar", &["registrar"]);
    let wrong = [
        "",
        "{}",
        "[]",
        IIN,
        r#"{"iin":850101100012}"#,
        r#"{"iin":"850101100012","document":"850101100012"}"#,
        r#"{"iin":"850101100012","iin":"850101100012"}"#,
        r#"{"name":"850101100012"}"#,
        r#"{"iin":" - "}"#,
        r#"{"document":"850101100012850101100012850101100012850101100012850101100012850101100012"}"#,
    ];
    for body in wrong {
        let reply = ask(&guarded, &registrar, true, body).await;
        assert!(!reply.text().contains(IIN), "{}", reply.text());
        reply.problem(400, "malformed");
    }
    // A number in an address is no search: nobody takes it there.
    let bearer = format!("Bearer {registrar}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("qonys-purpose", "counter"),
        ("qonys-case", CASE),
    ];
    let path = format!("{PATH}?iin={IIN}");
    let reply = guarded.client.send("POST", &path, &headers, by(IIN)).await;
    reply.problem(400, "bad-parameter");
    // Those that could not be read counted too: from the sixty-first on nobody is told anything.
    let mut answered = wrong.len();
    loop {
        let reply = ask(&guarded, &registrar, true, &by(NOBODYS)).await;
        if reply.status == 429 {
            assert!(reply.header("retry-after").is_some());
            reply.problem(429, "too-many-requests");
            break;
        }
        reply.expect(200);
        answered += 1;
        assert!(answered <= 60, "as many as he likes");
    }
    assert_eq!(answered, 60);
    // Another official still may.
    let other = guarded.issuer.token("another", &["quota-officer"]);
    ask(&guarded, &other, true, &by(NOBODYS)).await.expect(200);
}
