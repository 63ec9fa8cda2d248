//! Where the public pages lead (points 4, 5 and 6): whoever has no credential may read every address that a public page names
//! to him. Published figures are among them; single cases, entries and counts that may be small are not named to him.

use std::collections::BTreeSet;

use qonys::{clock::Entropy, published};
use serde_json::{Value, json};

use super::Guarded;
use crate::http::client::Client;

/// The addresses of this server that a page names.
fn named(html: &str) -> BTreeSet<String> {
    let hrefs = html.split("href=\"").skip(1);
    let hrefs = hrefs.filter_map(|rest| rest.split_once('"'));
    let plain = |href: &str| href.replace("&#38;", "&").replace("&amp;", "&");
    hrefs
        .map(|(href, _)| plain(href))
        .filter(|href| href.starts_with('/'))
        .map(|href| href.split('#').next().unwrap_or_default().to_owned())
        .collect()
}

/// Reads every page that a page leads to, and asks for whatever else they name; each address without its day and position.
async fn crawl(client: Client, first: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut waiting = BTreeSet::from([first.to_owned()]);
    while let Some(address) = waiting.pop_first() {
        let path = address.split('?').next().unwrap_or_default().to_owned();
        if !seen.insert(path.clone()) {
            continue;
        }
        assert!(!path.contains("/office"), "a public page leads to {path}");
        let reply = client.get(&address).await;
        assert_eq!(reply.status, 200, "{address}: {}", reply.text());
        if path.starts_with("/en") {
            waiting.extend(named(reply.text()));
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_credential_may_read_what_public_pages_lead_to() {
    let guarded = Guarded::start().await;
    let actor = json!({"actor": "a0b1c2d3-0000-4000-8000-0000000000fe", "role": "analyst", "office": "akimat.almaty"});
    let actor = serde_json::from_value(actor).expect("an actor");
    let entropy = Entropy::seeded(17);
    let lines = published::acts().into_iter();
    let lines = lines.chain(published::determinations());
    for line in lines.chain(published::figures()) {
        let mut line: Value =
            serde_json::from_str(&line.line(entropy.reference(), &actor)).expect("JSON");
        if line["type"] == "record-release" {
            line["decidedon"] = json!("2024-05-30");
        }
        // What is published after the day of this register is not recorded in it.
        drop(guarded.register.send(&line).await);
    }
    let head = guarded.register.log.head().await.expect("a head").position;
    let waits = format!("/v1/board?min_position={head}");
    guarded.client.get(&waits).await.expect(200);
    let seen = crawl(guarded.client, "/en/").await;
    for address in [
        "/v1/board",
        "/v1/acts",
        "/v1/coverage",
        "/v1/indicators/population",
        "/v1/population-departure-evaluations",
    ] {
        assert!(seen.contains(address), "{address} among {seen:?}");
    }
    // What may tell of few persons, or of one, is read with a role.
    for address in [
        "/v1/entries",
        "/v1/forecasts",
        "/v1/applications",
        "/v1/population-bases",
    ] {
        assert!(!seen.contains(address), "{address}");
        assert_eq!(guarded.client.get(address).await.status, 401, "{address}");
    }
    let figures = guarded.client.get("/v1/figures").await.expect(200).json();
    assert!(
        figures["items"]
            .as_array()
            .is_some_and(|items| !items.is_empty()),
        "{figures}"
    );
}
