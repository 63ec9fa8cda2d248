//! The matrix (`access/matrix.csv`) over HTTP: every role, every operation, and whoever has no credential.

#![expect(
    clippy::print_stdout,
    reason = "what was looked through, for whoever looks"
)]

use std::collections::BTreeSet;

use qonys::http;
use qonys_domain::command::Command;

use super::{Guarded, address};
use crate::http::client::Reply;

const MATRIX: &str = include_str!("../../../../access/matrix.csv");

/// Asks for an operation; of an answer without end only the status is waited for.
async fn ask(
    guarded: &Guarded,
    (method, path): &(String, String),
    token: Option<&str>,
    through: bool,
) -> Reply {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![
        ("content-type", "application/json"),
        ("idempotency-key", "0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c99"),
        ("qonys-purpose", "review"),
        ("qonys-case", "0d6f3d0e-7a44-4c2e-9f3a-2b1f1f6f0c01"),
    ];
    if let Some(bearer) = &bearer {
        headers.push(("authorization", bearer));
    }
    if through && path == "/v1/feed" {
        let coming = guarded.client.follow(path, &headers).await;
        return Reply {
            status: coming.status,
            headers: hyper::HeaderMap::new(),
            body: Vec::new(),
        };
    }
    let body = if method == "post" {
        r#"{"data":{}}"#
    } else {
        ""
    };
    let method = method.to_uppercase();
    guarded.client.send(&method, path, &headers, body).await
}

#[tokio::test]
async fn every_cell_of_the_matrix_is_answered_as_it_says() {
    let guarded = Guarded::start().await;
    let document = http::document();
    let mut rows = MATRIX.lines();
    let roles: Vec<&str> = rows.next().expect("a header").split(',').skip(1).collect();
    assert_eq!(roles.len(), 7, "{roles:?}");
    let tokens: Vec<Option<String>> = roles
        .iter()
        .map(|role| (*role != "public").then(|| guarded.issuer.token(role, &[*role])))
        .collect();
    // Who is known and has no role of ours may do what everybody may.
    let stranger = guarded.issuer.token("stranger", &["uma_authorization"]);
    let mut listed = BTreeSet::new();
    let (mut cells, mut through, mut refused) = (0, 0, BTreeSet::new());
    for row in rows {
        let mut parts = row.split(',');
        let operation = parts.next().expect("an operation");
        assert!(listed.insert(operation), "{operation} stands twice");
        let asked =
            address(&document, operation).unwrap_or_else(|| panic!("nobody serves {operation}"));
        for ((role, token), expected) in roles.iter().zip(&tokens).zip(parts) {
            let token = token.as_deref();
            let reply = ask(&guarded, &asked, token, expected == "yes").await;
            cells += 1;
            match (expected, token) {
                ("yes", _) => {
                    let status = reply.status;
                    assert!(
                        status != 401 && status != 403 && status < 500,
                        "{role} {operation}: {status} {}",
                        reply.text()
                    );
                    through += 1;
                }
                ("no", Some(_)) => {
                    assert_eq!(reply.status, 403, "{role} {operation}: {}", reply.text());
                    refused.insert(reply.body);
                }
                ("no", None) => {
                    assert_eq!(reply.status, 401, "nobody {operation}: {}", reply.text());
                    let reply = ask(&guarded, &asked, Some(&stranger), false).await;
                    assert_eq!(reply.status, 403, "a stranger {operation}");
                    refused.insert(reply.body);
                }
                other => panic!("{role} {operation}: {other:?}"),
            }
        }
    }
    let mut known: BTreeSet<String> = Command::TYPES.iter().map(|t| (*t).to_owned()).collect();
    let paths = document["paths"].as_object().expect("paths");
    for methods in paths.values().filter_map(|methods| methods.as_object()) {
        let ids = methods.values().filter_map(|of| of["operationId"].as_str());
        known.extend(ids.map(str::to_owned));
    }
    let missing: Vec<_> = known
        .iter()
        .filter(|id| !listed.contains(id.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "give these an action in access/operations.csv and a row in access/matrix.csv: {missing:?}"
    );
    // Every refusal has the same bytes: it tells nothing of what was asked for.
    assert_eq!(refused.len(), 1, "{}", refused.len());
    println!(
        "{cells} cells of {} operations, {through} let through",
        listed.len()
    );
    assert!(cells > 1_000 && through > 300, "{cells} {through}");
}
