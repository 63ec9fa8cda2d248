//! The contract: the OpenAPI document, and what the server does. Every route stands in it, everything in it is served, and
//! what is served is of the form that it says.

use std::collections::{BTreeMap, BTreeSet};

use qonys_domain::command::Command;
use serde_json::{Map, Value, json};

use super::{Served, client::Client};
use crate::{
    support::register::{Lines, Register},
    views::{
        history::{fill, person as named},
        on_both_stores,
    },
};

on_both_stores!(every_answer_is_of_the_form_that_the_document_says,);

const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

/// Every operation: path, method, description.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("a path") {
            assert!(METHODS.contains(&method.as_str()), "{method} {path}");
            all.push((path.as_str(), method.as_str(), operation));
        }
    }
    assert!(all.len() > 40, "{}", all.len());
    all
}

/// A validator of one schema of the document, with everything that it refers to.
#[track_caller]
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut root = schema.as_object().expect("a schema").clone();
    root.insert("components".to_owned(), document["components"].clone());
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .build(&Value::Object(root))
        .unwrap_or_else(|e| panic!("{schema}: {e}"))
}

/// Follows a reference into the document.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference} leads nowhere")),
        None => value,
    }
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.insert(reference);
            }
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_route_stands_in_the_document_and_the_other_way_round() {
    let document = qonys::http::document();
    let mut documented: BTreeSet<(String, String)> = operations(&document)
        .into_iter()
        .map(|(path, method, _)| (method.to_owned(), path.to_owned()))
        .collect();
    for (method, path) in qonys::http::paths() {
        if (method, path) == ("post", "/v1/commands/{id}") {
            // One route, shown as one path per type of command.
            for type_name in Command::TYPES {
                let shown = ("post".to_owned(), format!("/v1/commands/{type_name}"));
                assert!(documented.remove(&shown), "{type_name} is not documented");
            }
            continue;
        }
        let route = (method.to_owned(), path.to_owned());
        assert!(
            documented.remove(&route),
            "{method} {path} is not documented"
        );
    }
    assert!(documented.is_empty(), "no route for {documented:?}");
}

#[test]
fn references_lead_somewhere_and_names_are_used_once() {
    let document = qonys::http::document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for reference in &found {
        assert!(
            document
                .pointer(reference.strip_prefix('#').expect("an inner reference"))
                .is_some(),
            "{reference} leads nowhere"
        );
    }
    let ids: Vec<&str> = operations(&document)
        .iter()
        .map(|(path, method, operation)| {
            let id = operation["operationId"].as_str();
            id.unwrap_or_else(|| panic!("{method} {path} has no id"))
        })
        .collect();
    let unique: BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let tags: BTreeSet<&str> = document["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    for (path, method, operation) in operations(&document) {
        let own = operation["tags"].as_array().expect("tags");
        assert!(
            own.iter()
                .all(|tag| tag.as_str().is_some_and(|tag| tags.contains(tag))),
            "{method} {path}"
        );
        for parameter in path.split('{').skip(1).filter_map(|p| p.split('}').next()) {
            let declared = operation["parameters"].as_array().into_iter().flatten();
            let known = declared
                .map(|parameter| resolved(&document, parameter))
                .any(|p| p["in"] == "path" && p["name"] == parameter);
            assert!(known, "{method} {path}: {parameter}");
        }
    }
    // Every schema is one that a validator takes.
    let schemas = document["components"]["schemas"].as_object();
    for name in schemas.expect("schemas").keys() {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        validator(&document, &schema);
    }
}

#[test]
fn every_example_is_of_its_schema() {
    let document = qonys::http::document();
    let mut examples = 0;
    for (path, method, operation) in operations(&document) {
        let body = &operation["requestBody"]["content"]["application/json"];
        if body.is_null() {
            continue;
        }
        let example = body.get("example");
        let example = example.unwrap_or_else(|| panic!("{method} {path} has no example"));
        let schema = validator(&document, &body["schema"]);
        let faults: Vec<_> = schema.iter_errors(example).collect();
        assert!(faults.is_empty(), "{method} {path}: {faults:?}");
        assert!(
            !schema.is_valid(&json!({"actor": example["actor"]})),
            "{method} {path}: a schema that takes anything"
        );
        examples += 1;
    }
    // And the search for a person, whose number comes in a body.
    assert_eq!(examples, Command::TYPES.len() + 1);
}

#[test]
fn every_code_stands_in_the_response_of_its_status() {
    let document = qonys::http::document();
    let responses = document["components"]["responses"]
        .as_object()
        .expect("responses");
    let mut seen = BTreeSet::new();
    for known in qonys::http::problems() {
        assert!(seen.insert(known.code), "{} stands twice", known.code);
        let response = &responses[&format!("Problem{}", known.status)];
        let words = response["description"].as_str().expect("words");
        assert!(
            words.contains(&format!("- `{}`: {}", known.code, known.explanation)),
            "{}",
            known.code
        );
    }
    assert!(seen.len() > 60, "{}", seen.len());
}

/// Something to put in the place of each parameter of a path.
async fn subjects(client: Client) -> BTreeMap<&'static str, String> {
    let first = |path: &'static str, member: &'static str| async move {
        let page = client.get(path).await.expect(200).json();
        let value = &page["items"][0][member];
        value
            .as_str()
            .unwrap_or_else(|| panic!("{path} {member}: {page}"))
            .to_owned()
    };
    BTreeMap::from([
        ("person", first("/v1/residences", "person").await),
        (
            "dwelling",
            first("/v1/dwellings?effective=2024-05-30", "dwelling").await,
        ),
        (
            "proposal",
            first("/v1/proposals?effective=2024-05-30", "proposal").await,
        ),
        (
            "application",
            first("/v1/applications?effective=2024-05-30", "application").await,
        ),
        (
            "line",
            "kandas.kazakhstan.2024.principals-and-members".to_owned(),
        ),
        ("act", "order".to_owned()),
        ("document", "law-477-2011".to_owned()),
        ("id", first("/v1/decisions", "command").await),
        ("kind", "law".to_owned()),
        ("key", "main".to_owned()),
        ("code", "no-basis".to_owned()),
        ("indicator", "population".to_owned()),
    ])
}

async fn every_answer_is_of_the_form_that_the_document_says(register: Register) {
    fill(&register).await;
    let mut lines = Lines::new(70);
    let norm = json!({"norm": "refusal-ground.kandas.no-regional-quota", "document": "law-477-2011", "point": "3",
        "value": "5", "unit": "ground", "from": "2023-11-24", "certainty": "assumed", "source": "test"});
    let territory = json!({"category": "kandas", "territory": "pavlodar", "change": "determined", "act": "order"});
    let line = json!({"category": "kandas", "territory": "pavlodar", "year": "2022", "rule": "principals"});
    let quota = json!({"act": "order-2022", "action": "establish", "year": "2022", "rule": "principals",
        "rule_certainty": "known", "lines": [{"category": "kandas", "territory": "pavlodar", "limit": "5"}]});
    let close = json!({"decisions": ["quota-year-close"], "document": "law-477-2011", "point": "a reading",
        "from": "2011-07-22", "certainty": "interpretation", "source": "test"});
    let law = [
        lines.line("record-norm", &norm),
        lines.line("change-territory", &territory),
        lines.act("order-2022", "2022-01-14"),
        lines.line("set-quota", &quota),
        lines.line("record-power", &close),
        lines.on("2023-01-09", "close-quota-year", &json!({"line": line})),
    ];
    register.must(&law).await;
    let served = Served::start(register).await;
    let end = served.caught_up().await;
    let client = served.client;
    let document = client.get("/openapi.json").await.expect(200).json();
    assert_eq!(document, qonys::http::document());
    let subjects = subjects(client).await;
    let decision = client.get("/v1/decisions").await.expect(200).json();
    let decision = decision["items"][0]["recorded_from"].clone();
    let mut asked = 0;
    for (path, method, operation) in operations(&document) {
        if method != "get" {
            continue;
        }
        let mut address = path.to_owned();
        while let Some((before, rest)) = address.split_once('{') {
            let (name, after) = rest.split_once('}').expect("a name ends");
            let value = match name {
                "position" => decision.as_str().expect("a position"),
                name => subjects
                    .get(name)
                    .unwrap_or_else(|| panic!("{path}: nothing stands for {name}")),
            };
            address = format!("{before}{value}{after}");
        }
        let answer = &operation["responses"]["200"];
        let (kind, content) = answer["content"]
            .as_object()
            .and_then(|content| content.iter().next())
            .expect("a body");
        if kind == "text/event-stream" {
            assert_eq!(client.follow(&address, &[]).await.status, 200);
            continue;
        }
        let reply = client.get(&address).await;
        let reply = reply.expect(200);
        let told = reply.header("content-type").expect("a type");
        assert_eq!(told.split(';').next(), Some(kind.as_str()), "{address}");
        let headers = answer["headers"].as_object().expect("headers");
        for (name, header) in headers {
            resolved(&document, header);
            let may_miss = ["Link", "ETag"].contains(&name.as_str());
            assert!(
                may_miss || reply.header(name).is_some(),
                "{address}: {name}"
            );
        }
        if kind == "application/json" && path != "/openapi.json" {
            let value = reply.json();
            let schema = validator(&document, &content["schema"]);
            let faults: Vec<_> = schema.iter_errors(&value).collect();
            assert!(faults.is_empty(), "{address}: {faults:?}");
            if let Some(items) = value.get("items") {
                let items = items.as_array().expect("a list");
                assert!(
                    !items.is_empty(),
                    "{address} shows nothing: it proves nothing"
                );
            }
            if path.starts_with("/v1/") && value.get("position").is_some() {
                assert_eq!(value["position"], json!(end.to_string()), "{address}");
            }
        }
        others_are_refused(client, &address, &document["paths"][path]).await;
        asked += 1;
    }
    assert!(asked > 30, "{asked}");
    commands(client, &document).await;
}

/// Methods that the document does not name are refused.
async fn others_are_refused(client: Client, address: &str, item: &Value) {
    for method in METHODS {
        // One route of the router stands for a command's outcome and for the commands.
        let is_shared = method == "post" && address.starts_with("/v1/commands/");
        if item.get(method).is_none() && !is_shared {
            let reply = client.send(&method.to_uppercase(), address, &[], "").await;
            reply.problem(405, "method-not-allowed");
        }
    }
}

/// Answers to commands: accepted, told again, possible, blocked, invalid.
async fn commands(client: Client, document: &Value) {
    let mut lines = Lines::new(71);
    let person = named(&mut lines, "2024-02-01");
    let operation = &document["paths"]["/v1/commands/record-person"]["post"];
    let mut check = BTreeMap::new();
    let mut asked: Vec<(u16, super::client::Reply)> = Vec::new();
    asked.push((201, client.command(&person).await));
    asked.push((200, client.command(&person).await));
    let other = named(&mut lines, "2024-02-01");
    asked.push((200, client.command_with(&other, "?dry_run=true", &[]).await));
    let opened = json!({"zone": "Asia/Almaty", "kind": "test", "clock": "simulated"});
    asked.push((422, client.command(&lines.line("open-log", &opened)).await));
    let malformed = lines.line("record-person", &json!({"kind": "alien"}));
    asked.push((400, client.command(&malformed).await));
    for (status, reply) in asked {
        let reply = reply.expect(status);
        let response = resolved(document, &operation["responses"][status.to_string()]);
        let content: &Map<String, Value> = response["content"].as_object().expect("a body");
        let (kind, content) = content.iter().next().expect("a body");
        assert_eq!(reply.header("content-type"), Some(kind.as_str()));
        let schema = validator(document, &content["schema"]);
        let value = reply.json();
        let faults: Vec<_> = schema.iter_errors(&value).collect();
        assert!(faults.is_empty(), "{value}: {faults:?}");
        *check.entry(kind.clone()).or_insert(0) += 1;
    }
    assert_eq!(
        check,
        BTreeMap::from([
            ("application/json".to_owned(), 3),
            ("application/problem+json".to_owned(), 2)
        ])
    );
}
