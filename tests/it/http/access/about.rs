//! Whatever is told about somebody stands in the second log in the stream of whom it is about, by whichever address it was
//! asked for; on the command line the same (`tests/it/personal/told.rs`).

use serde_json::json;

use super::{
    Guarded,
    second_log::{entries, reads},
};
use crate::support::register::Lines;

const CASE: &str = "0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01";
const WHY: [(&str, &str); 2] = [("qonys-purpose", "residence-check"), ("qonys-case", CASE)];

impl Guarded {
    async fn ask(
        &self,
        path: &str,
        why: &[(&str, &str)],
        role: &str,
    ) -> crate::http::client::Reply {
        let bearer = format!("Bearer {}", self.issuer.token(role, &[role]));
        let headers = [&[("authorization", bearer.as_str())][..], why].concat();
        self.client.get_with(path, &headers).await
    }

    /// Kind and operation of what stands in a stream of the second log.
    async fn told(&self, stream: &str) -> Vec<(String, String)> {
        let entries = entries(self.audit.log()).await;
        let told = reads(&entries, stream).into_iter();
        told.map(|(_, kind, operation)| (kind, operation)).collect()
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = expected.iter();
    pairs
        .map(|(kind, operation)| ((*kind).to_owned(), (*operation).to_owned()))
        .collect()
}

#[tokio::test]
async fn what_is_told_about_somebody_is_found_in_his_stream_whatever_the_address() {
    let guarded = Guarded::start().await;
    let person = guarded.person.clone();
    let position = guarded.register.log.head().await.expect("a head").position;
    let (first, rest) = person.split_at(1);
    let otherwise = format!("%{:02x}{rest}", first.as_bytes()[0]);

    // A list that is narrowed to somebody is a question about him, and needs what such a question needs.
    let narrowed = format!("/v1/residences?person={person}");
    for without in [&[][..], &WHY[..1], &WHY[1..]] {
        guarded
            .ask(&narrowed, without, "registrar")
            .await
            .problem(400, "purpose-missing");
    }
    for path in [
        narrowed.as_str(),
        // Letters that are written otherwise are the same letters.
        &format!("/v1/residences?%70erson={otherwise}"),
        &format!("/v1/persons/{otherwise}"),
        &format!("/v1/representations?representative=person/{person}"),
        &format!("/v1/decisions?stream=person%2f{person}"),
        &format!("/receipts/{position}"),
    ] {
        guarded.ask(path, &WHY, "registrar").await.expect(200);
    }
    for path in [
        format!("/v1/streams/person/{person}"),
        format!("/v1/entries/{position}"),
    ] {
        guarded.ask(&path, &[], "auditor").await.expect(200);
    }
    assert_eq!(
        guarded.told(&format!("person/{person}")).await,
        pairs(&[
            ("read", "list-residences"),
            ("read", "list-residences"),
            ("read", "get-person"),
            ("read", "list-representations"),
            ("read", "list-decisions"),
            ("read", "get-receipt"),
            ("export", "get-stream"),
            ("export", "get-entry"),
        ])
    );
    // A list of many is about nobody alone; what is about nobody at all stands nowhere.
    for path in [
        "/v1/persons",
        "/v1/offices",
        "/v1/norms",
        "/v1/applications",
    ] {
        guarded.ask(path, &[], "registrar").await.expect(200);
    }
    assert_eq!(
        guarded.told("office/akimat.almaty").await,
        pairs(&[("query", "list-persons"), ("query", "list-applications")])
    );
}

#[tokio::test]
async fn a_decision_is_about_its_case() {
    let guarded = Guarded::start().await;
    let mut lines = Lines::new(66);
    let mut all = vec![lines.act("order", "2024-01-01")];
    all.push(lines.quota("order", "establish", &[("kandas", 10)]));
    all.extend(lines.applicant("kandas", 2, "2024-02-01"));
    let application = json!({"application": format!("command:{}", lines.last())});
    all.push(lines.on("2024-02-02", "hold-places", &application));
    let held = guarded.register.must(&all).await;
    let position = held.positions[0];
    let texts = guarded.register.texts().await;
    let entry = qonys_events::entry::Entry::parse(&texts[position.0 as usize - 1]);
    let case = entry.expect("an entry").event.caseref.expect("a case");
    for path in [
        format!("/v1/decisions/{position}?min_position={position}"),
        format!("/en/office/decisions/{position}"),
    ] {
        guarded.ask(&path, &[], "quota-officer").await.expect(200);
    }
    assert_eq!(
        guarded.told(&format!("application/{case}")).await,
        pairs(&[("read", "get-decision"), ("read", "get-office-page")])
    );
    guarded
        .ask("/v1/decisions/1", &[], "quota-officer")
        .await
        .expect(404);
    assert!(guarded.told("office/akimat.almaty").await.is_empty());
}
