//! Tokens that are not good, keys that turn, and who stands in the entries.

use std::collections::BTreeSet;

use qonys::access::{Gate, token::Provider};
use qonys_events::entry::Entry;
use ring::hmac;
use serde_json::{Value, json};

use super::{
    Guarded,
    issuer::{Issuer, compact, ed_jwk, ed_key, now},
    named,
};
use crate::support::register::Lines;

const NOT_THERE: &str = "7b0c2a5e-51a0-4c0f-9d0c-0d6a7f1b2c11";

/// Credentials that nobody may come in with, each with what is wrong with it.
fn bad(issuer: &Issuer) -> Vec<(&'static str, String)> {
    let good = issuer.claims("official", &["auditor"]);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        issuer.signed(&claims)
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().expect("an object").remove(name);
        issuer.signed(&claims)
    };
    let by = |header: Value, sign: &dyn Fn(&[u8]) -> Vec<u8>| compact(&header, &good, sign);
    let ed = |message: &[u8]| issuer.ed.sign(message).as_ref().to_vec();
    let token = issuer.signed(&good);
    let parts: Vec<&str> = token.split('.').collect();
    let mut other = good.clone();
    other["realm_access"]["roles"] = json!(["registrar"]);
    let other = issuer.signed(&other);
    let tampered = other.split('.').nth(1).expect("claims");
    let public = issuer.document()["keys"][0]["x"]
        .as_str()
        .expect("x")
        .to_owned();
    let secret = |bytes: &[u8], message: &[u8]| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        hmac::sign(&key, message).as_ref().to_vec()
    };
    let jwks = issuer.document().to_string();
    let wrong = ed_key();
    let flipped = {
        let mut signature = parts[2].to_owned().into_bytes();
        signature[10] = if signature[10] == b'A' { b'B' } else { b'A' };
        String::from_utf8(signature).expect("text")
    };
    vec![
        ("no token at all", "hello".to_owned()),
        ("empty parts", "..".to_owned()),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        (
            "without its signature",
            format!("{}.{}.", parts[0], parts[1]),
        ),
        (
            "tampered claims",
            format!("{}.{tampered}.{}", parts[0], parts[2]),
        ),
        (
            "tampered signature",
            format!("{}.{}.{flipped}", parts[0], parts[1]),
        ),
        ("a fourth part", format!("{token}.{}", parts[2])),
        ("expired", with("exp", json!(now() - 120))),
        (
            "expiry as a text",
            with("exp", json!((now() + 600).to_string())),
        ),
        ("not yet good", with("nbf", json!(now() + 600))),
        ("issued in the future", with("iat", json!(now() + 600))),
        ("another audience", with("aud", json!("another"))),
        ("no audience in the list", with("aud", json!([]))),
        (
            "another issuer",
            with("iss", json!("https://id.example.kz/realms/akimat/")),
        ),
        ("nobody", with("sub", json!(""))),
        ("without expiry", without("exp")),
        ("without audience", without("aud")),
        ("without issuer", without("iss")),
        ("without subject", without("sub")),
        (
            "the algorithm none",
            by(json!({"alg": "none", "kid": "ed"}), &|_| Vec::new()),
        ),
        (
            "the algorithm None",
            by(json!({"alg": "None", "kid": "ed"}), &ed),
        ),
        ("no algorithm", by(json!({"kid": "ed"}), &ed)),
        (
            "HMAC with the public key",
            by(json!({"alg": "HS256", "kid": "ed"}), &|m| {
                secret(public.as_bytes(), m)
            }),
        ),
        (
            "HMAC with the document",
            by(json!({"alg": "HS256", "kid": "ed"}), &|m| {
                secret(jwks.as_bytes(), m)
            }),
        ),
        (
            "HMAC with a published secret",
            by(json!({"alg": "HS256", "kid": "oct"}), &|m| {
                secret(b"a secret that everybody can read", m)
            }),
        ),
        (
            "a wrong key under a known name",
            by(json!({"alg": "EdDSA", "kid": "ed"}), &|m| {
                wrong.sign(m).as_ref().to_vec()
            }),
        ),
        (
            "a key that nobody knows",
            by(json!({"alg": "EdDSA", "kid": "unknown"}), &ed),
        ),
        (
            "a key that it brings itself",
            by(
                json!({"alg": "EdDSA", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": ed_jwk("x", &wrong)["x"]}}),
                &|m| wrong.sign(m).as_ref().to_vec(),
            ),
        ),
        (
            "another algorithm than the key's",
            by(json!({"alg": "ES256", "kid": "ed"}), &ed),
        ),
        (
            "a critical header",
            by(
                json!({"alg": "EdDSA", "kid": "ed", "crit": ["b64"], "b64": true}),
                &ed,
            ),
        ),
        ("a key for encryption", issuer.by_rsa("enc", &good)),
        ("far too long", "a".repeat(10_000)),
        (
            "an API key that is none",
            "qonys_0011223344556677_00".to_owned(),
        ),
        ("half an API key", "qonys_".to_owned()),
    ]
}

#[tokio::test]
async fn what_is_no_good_token_gets_401_whatever_it_asks_for() {
    let guarded = Guarded::start().await;
    let there = format!("/v1/persons/{}", guarded.person);
    let not_there = format!("/v1/persons/{NOT_THERE}");
    let paths = [
        there.as_str(),
        &not_there,
        "/v1/board",
        "/v1/entries/1",
        "/livez",
    ];
    let mut bodies = BTreeSet::new();
    let bad = bad(&guarded.issuer);
    for (what, token) in &bad {
        for path in paths {
            let reply = guarded.get(path, token).await;
            assert_eq!(reply.status, 401, "{what} {path}: {}", reply.text());
            assert!(reply.header("www-authenticate").is_some(), "{what} {path}");
            bodies.insert(reply.body);
        }
    }
    for header in [
        "Basic cXVvbnlzOnF1b255cw==",
        "Bearer",
        "Bearer ",
        "bearer\u{9}x",
    ] {
        let headers = [("authorization", header)];
        let reply = guarded.client.get_with("/v1/board", &headers).await;
        assert_eq!(reply.status, 401, "{header:?}");
        bodies.insert(reply.body);
    }
    let token = guarded.issuer.token("official", &["auditor"]);
    let bearer = format!("Bearer {token}");
    let twice = [
        ("authorization", bearer.as_str()),
        ("authorization", bearer.as_str()),
    ];
    assert_eq!(
        guarded.client.get_with("/v1/board", &twice).await.status,
        401
    );
    assert_eq!(bodies.len(), 1, "a 401 tells what was wrong");
    assert!(bad.len() > 30);
    // The same addresses with good ones.
    let claims = guarded.issuer.claims("official", &["auditor"]);
    for token in [
        guarded.issuer.signed(&claims),
        guarded.issuer.by_ec(&claims),
        guarded.issuer.by_rsa("rsa", &claims),
    ] {
        guarded.get("/v1/entries/1", &token).await.expect(200);
        guarded.get("/v1/board", &token).await.expect(200);
    }
}

#[tokio::test]
async fn what_is_forbidden_looks_the_same_whether_it_exists() {
    let guarded = Guarded::start().await;
    let token = guarded.issuer.token("official", &["operator"]);
    let pairs = [
        (
            format!("/v1/persons/{}", guarded.person),
            format!("/v1/persons/{NOT_THERE}"),
        ),
        ("/v1/entries/1".to_owned(), "/v1/entries/999999".to_owned()),
        (
            "/v1/streams/law/main".to_owned(),
            format!("/v1/streams/person/{NOT_THERE}"),
        ),
        (
            "/v1/decisions/1".to_owned(),
            "/v1/decisions/99999".to_owned(),
        ),
    ];
    for (there, not_there) in pairs {
        let (one, other) = (
            guarded.get(&there, &token).await,
            guarded.get(&not_there, &token).await,
        );
        assert_eq!((one.status, other.status), (403, 403), "{there}");
        assert_eq!(one.body, other.body, "{there}");
        let (one, other) = (
            guarded.client.get(&there).await,
            guarded.client.get(&not_there).await,
        );
        assert_eq!((one.status, other.status), (401, 401), "{there}");
        assert_eq!(one.body, other.body, "{there}");
    }
}

#[tokio::test]
async fn keys_of_the_provider_turn() {
    let guarded = Guarded::start().await;
    let next = ed_key();
    let claims = guarded.issuer.claims("official", &["auditor"]);
    let header = json!({"alg": "EdDSA", "kid": "next"});
    let token = compact(&header, &claims, |m| next.sign(m).as_ref().to_vec());
    guarded.get("/v1/entries/1", &token).await.expect(401);
    let mut document = guarded.issuer.document();
    document["keys"]
        .as_array_mut()
        .expect("keys")
        .push(ed_jwk("next", &next));
    guarded.issuer.publish(&document);
    // Unknown names do not make it fetch more often than every two seconds.
    tokio::time::sleep(std::time::Duration::from_millis(2_200)).await;
    guarded.get("/v1/entries/1", &token).await.expect(200);
    // The keys that were there before are good still, until they are withdrawn.
    let old = guarded.issuer.signed(&claims);
    guarded.get("/v1/entries/1", &old).await.expect(200);
}

#[tokio::test]
async fn who_was_verified_stands_in_the_entry_and_by_which_policy() {
    let guarded = Guarded::start().await;
    let subject = "850101100012";
    let token = guarded.issuer.token(subject, &["registrar"]);
    let bearer = format!("Bearer {token}");
    let mut lines = Lines::new(62);
    let mut stored = Vec::new();
    for says in [false, true] {
        let mut line = named(lines.on("2024-05-30", "record-person", &json!({"kind": "citizen"})));
        if says {
            line["actor"] = json!({"role": "registrar", "office": "akimat.almaty"});
        } else {
            line.as_object_mut().expect("an object").remove("actor");
        }
        let reply = guarded
            .client
            .command_with(&line, "", &[("authorization", &bearer)])
            .await;
        let position: u64 = reply.expect(201).json()["positions"][0]
            .as_str()
            .expect("digits")
            .parse()
            .expect("a number");
        let texts = guarded.register.texts().await;
        stored.push(Entry::parse(&texts[position as usize - 1]).expect("an entry"));
    }
    for entry in &stored {
        assert_eq!(entry.command.policy.as_str(), "registrars-register");
        assert_eq!(entry.command.actor.role.as_str(), "registrar");
        assert_eq!(entry.command.actor.office.as_str(), "akimat.almaty");
        assert_eq!(entry.command.actor.actor, stored[0].command.actor.actor);
    }
    // What the provider calls him stands nowhere.
    let directory = guarded.register.directory.path();
    for file in std::fs::read_dir(directory).expect("a directory").flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let found = bytes
            .windows(subject.len())
            .any(|part| part == subject.as_bytes());
        assert!(!found, "{:?} names {subject}", file.path());
    }
    // Another's reference, another office, a role that he has not.
    for (actor, pointer) in [
        (json!({"actor": NOT_THERE}), "/actor/actor"),
        (json!({"office": "akimat.pavlodar"}), "/actor/office"),
        (json!({"role": "quota-officer"}), "/type"),
    ] {
        let mut line = named(lines.on("2024-05-30", "record-person", &json!({"kind": "citizen"})));
        line["actor"] = actor;
        let reply = guarded
            .client
            .command_with(&line, "", &[("authorization", &bearer)])
            .await;
        let problem = reply.expect(403).json();
        assert_eq!(problem["pointer"], pointer, "{problem}");
    }
    // A stream of lines: each is looked at by itself.
    let good = named(lines.on("2024-05-30", "record-person", &json!({"kind": "citizen"})));
    let mut good = good;
    good.as_object_mut().expect("an object").remove("actor");
    let mut other = lines.on("2024-05-30", "draft-proposal", &json!({}));
    other.as_object_mut().expect("an object").remove("actor");
    let body = format!("{other}\n{good}\n");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/x-ndjson"),
    ];
    let reply = guarded
        .client
        .send("POST", "/v1/commands", &headers, body)
        .await
        .expect(200);
    let answers: Vec<Value> = reply
        .text()
        .lines()
        .map(|l| serde_json::from_str(l).expect("JSON"))
        .collect();
    assert_eq!(answers[0]["outcome"], "invalid", "{answers:?}");
    assert_eq!(answers[1]["outcome"], "accepted", "{answers:?}");
}

#[tokio::test]
async fn a_gate_takes_public_key_algorithms_alone_and_only_those_that_are_named() {
    let issuer = Issuer::new();
    let directory = tempfile::tempdir().expect("a directory");
    for algorithms in [vec!["HS256"], vec!["EdDSA", "HS512"], vec!["none"], vec![]] {
        let algorithms = algorithms.into_iter().map(str::to_owned).collect();
        let provider = Provider {
            algorithms,
            ..issuer.provider()
        };
        let gate = Gate::guarded(directory.path(), Some(provider)).await;
        assert!(gate.is_err());
    }
    let provider = Provider {
        algorithms: vec!["ES256".to_owned()],
        ..issuer.provider()
    };
    let gate = Gate::guarded(directory.path(), Some(provider))
        .await
        .expect("a gate");
    let claims = issuer.claims("official", &["auditor"]);
    assert!(gate.identify(Some(&issuer.by_ec(&claims))).await.is_ok());
    assert!(gate.identify(Some(&issuer.signed(&claims))).await.is_err());
    assert!(
        gate.identify(Some(&issuer.by_rsa("rsa", &claims)))
            .await
            .is_err()
    );
    for keys in [
        "http://192.0.2.1/keys",
        "ftp://127.0.0.1/keys",
        "/no/such/file",
    ] {
        let provider = Provider {
            keys: keys.to_owned(),
            ..issuer.provider()
        };
        assert!(
            Gate::guarded(directory.path(), Some(provider))
                .await
                .is_err(),
            "{keys}"
        );
    }
}
