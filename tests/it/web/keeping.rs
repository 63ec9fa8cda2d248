//! What every page keeps to: it works without scripts, under a strict policy, in three languages, with links that lead
//! somewhere; and the public ones show no single case.

use std::collections::{BTreeMap, BTreeSet};

use qonys::locale::Lang;
use serde_json::{Value, json};

use super::markup::{self, Page};
use crate::{
    http::{Served, client::Client},
    support::register::{Lines, Register},
    views::{
        history::{BEGIN, fill},
        on_both_stores,
    },
};

on_both_stores!(every_page_keeps_to_the_rules_and_every_link_leads_somewhere,);

/// A register in which every page has something to show.
async fn full(register: Register) -> Served {
    fill(&register).await;
    let mut lines = Lines::new(111);
    let norm = json!({"norm": "housing-provision", "document": "law-477-2011", "point": "10",
        "value": "1500", "unit": "square-decimetres", "from": "2021-02-19", "certainty": "interpretation", "source": "test"});
    let territory = |change: &str| json!({"category": "kandas", "territory": "abai", "change": change, "act": "order"});
    let mut unknown = lines.act("undated", "2024-01-01");
    unknown["data"]
        .as_object_mut()
        .expect("an object")
        .remove("in_force_on");
    unknown["data"]["adopted_on"] = json!("2024-03");
    let mut repealing = lines.act("repealing", "2024-05-01");
    repealing["data"]["repeals"] = json!(["order-august"]);
    repealing["data"]["parents"] = json!(["law-477-2011"]);
    repealing["data"]["number"] = json!("17");
    let law = [
        lines.line("record-norm", &norm),
        lines.line("change-territory", &territory("determined")),
        unknown,
        repealing,
    ];
    register.must(&law).await;
    let served = Served::start(register).await;
    served.caught_up().await;
    served
}

/// What no page goes without, and what none has.
#[track_caller]
fn keeps(path: &str, page: &Page, lang: &str) {
    let html = &page.tags[0];
    assert_eq!(
        (html.name.as_str(), html.get("lang")),
        ("html", Some(lang)),
        "{path}"
    );
    let mut ids = BTreeSet::new();
    for tag in &page.tags {
        assert!(
            !["script", "style", "iframe", "object", "base", "font"].contains(&tag.name.as_str()),
            "{path}: <{}>",
            tag.name
        );
        for name in tag.attributes.keys() {
            assert!(
                name != "style" && !name.starts_with("on"),
                "{path}: {name} in {tag:?}"
            );
        }
        if let Some(id) = tag.get("id") {
            assert!(ids.insert(id), "{path}: #{id} stands twice");
        }
        for name in ["href", "src", "action"] {
            if let Some(address) = tag.get(name) {
                assert!(
                    address.starts_with('/') && !address.starts_with("//") || address == "#content",
                    "{path}: {address}"
                );
            }
        }
    }
    let count = |name: &str| page.tags.iter().filter(|tag| tag.name == name).count();
    for name in ["title", "h1", "main", "header"] {
        let wanted = if name == "title" { count("svg") } else { 1 };
        assert!(
            count(name) >= 1 && count(name) <= wanted + 1,
            "{path}: {name}"
        );
    }
    assert_eq!(count("h1"), 1, "{path}");
    for tag in &page.tags {
        for name in ["aria-labelledby", "aria-describedby", "for"] {
            if let Some(id) = tag.get(name) {
                assert!(ids.contains(id), "{path}: {name}={id}");
            }
        }
        match tag.name.as_str() {
            "th" => assert!(tag.get("scope").is_some(), "{path}: {tag:?}"),
            "img" => assert!(tag.get("alt").is_some(), "{path}: {tag:?}"),
            "svg" => assert!(
                tag.get("aria-hidden") == Some("true") || tag.get("role") == Some("img"),
                "{path}: {tag:?}"
            ),
            "input" => assert!(tag.get("id").is_some(), "{path}: {tag:?}"),
            _ => {}
        }
    }
    for text in &page.texts {
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
            assert!(
                !is_key(word),
                "{path}: `{word}` has no words in {lang}: {text}"
            );
        }
    }
}

/// Whether a word is the id of a message, or looks like one: beginnings of ids that are no English.
fn is_key(word: &str) -> bool {
    const BEGINNINGS: [&str; 31] = [
        "act-",
        "acts-",
        "answer-",
        "ask-",
        "asked-",
        "basis-",
        "board-",
        "category-",
        "certainty-",
        "column-",
        "decision-",
        "event-",
        "feature-",
        "figure-",
        "formula-",
        "kind-",
        "labour-",
        "legend-",
        "line-",
        "measure-",
        "method-",
        "month-",
        "nature-",
        "proposal-",
        "reading-",
        "role-",
        "rule-",
        "service-",
        "standing-",
        "state-",
        "trigger-",
    ];
    word.contains('-')
        && (Lang::En.known(word).is_some()
            || BEGINNINGS.iter().any(|begin| word.starts_with(begin)))
}

/// References: what a single case could be known by.
fn references(html: &str) -> BTreeSet<String> {
    let parts = html.split(|c: char| !(c.is_ascii_hexdigit() || c == '-'));
    parts
        .filter(|part| part.len() == 36 && part.matches('-').count() == 4)
        .map(str::to_owned)
        .collect()
}

/// Follows every link of ours from some pages on; gives the pages by address.
async fn crawl(client: Client, from: &[String]) -> BTreeMap<String, String> {
    let mut waiting: Vec<String> = from.to_vec();
    let mut seen = BTreeSet::new();
    let mut pages = BTreeMap::new();
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let reply = client.get(&path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        if reply.header("content-type") != Some("text/html; charset=utf-8") {
            continue;
        }
        let policy = reply.header("content-security-policy").expect("a policy");
        assert_eq!(
            policy,
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'",
            "{path}"
        );
        let lang = reply
            .header("content-language")
            .expect("a language")
            .to_owned();
        assert!(path.starts_with(&format!("/{lang}/")), "{path}");
        let page = markup::read(reply.text());
        keeps(&path, &page, &lang);
        for tag in page
            .tags
            .iter()
            .filter(|tag| tag.name == "a" || tag.name == "link")
        {
            let address = tag.get("href").expect("an address");
            if address != "#content" {
                waiting.push(address.to_owned());
            }
        }
        pages.insert(path, reply.text().to_owned());
    }
    pages
}

async fn every_page_keeps_to_the_rules_and_every_link_leads_somewhere(register: Register) {
    let served = full(register).await;
    let client = served.client;
    let public = crawl(client, &["/kk/".to_owned()]).await;
    for kind in [
        "",
        "acts",
        "acts/order",
        "acts/undated",
        "proposals",
        "figures",
        "figures/pavlodar",
        "figures/pavlodar/population",
        "departures",
        "departures/pavlodar",
        "forecasts",
        "forecasts/pavlodar/1",
    ] {
        for lang in Lang::ALL {
            assert!(
                public.contains_key(&format!("{}{kind}", lang.path())),
                "{kind}"
            );
        }
    }
    let count = |part: &str| public.keys().filter(|path| path.contains(part)).count();
    assert!(
        count("/lines/") >= 6 && count("/proposals/") > 6,
        "{:?}",
        public.keys()
    );
    assert_eq!(
        count("/office"),
        0,
        "no public page leads to a working page"
    );

    // The only references on public pages are those of proposals.
    let proposals = client
        .get("/v1/proposals?effective=2024-06-01&limit=500")
        .await;
    let proposals: BTreeSet<String> = proposals.expect(200).json()["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item["proposal"].as_str().expect("a reference").to_owned())
        .collect();
    let mut shown = BTreeSet::new();
    for (path, html) in &public {
        let found = references(html);
        assert!(found.is_subset(&proposals), "{path}");
        shown.extend(found);
    }
    assert_eq!(shown, proposals);

    // Working pages keep to the same rules, say what they are, and are found by no machine that asks first.
    let office: Vec<String> = Lang::ALL
        .iter()
        .map(|lang| format!("{}office", lang.path()))
        .collect();
    let office = crawl(client, &office).await;
    let decisions: Vec<_> = office
        .iter()
        .filter(|(path, _)| path.contains("/office/decisions/"))
        .collect();
    assert!(decisions.len() >= 3 * 30, "{}", decisions.len());
    for (path, html) in office.iter().filter(|(path, _)| path.contains("/office")) {
        let page = markup::read(html);
        let robots = page
            .tags
            .iter()
            .find(|tag| tag.get("name") == Some("robots"));
        assert_eq!(
            robots.expect(path).get("content"),
            Some("noindex, nofollow")
        );
        assert!(
            page.tags.iter().any(|tag| tag.has_class("working")),
            "{path}"
        );
    }
    no_personal_value(&served, public.values().chain(office.values())).await;
}

/// What was sealed stands on no page.
async fn no_personal_value<'a>(served: &Served, pages: impl Iterator<Item = &'a String>) {
    assert!(!served.register.texts().await.is_empty());
    for html in pages {
        for sealed in ["Сынақ Тұлға", "Сынақ көшесі", "850101100012"] {
            assert!(!html.contains(sealed));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_is_led_to_his_language() {
    let served = Served::start(Register::embedded(BEGIN).await).await;
    let client = served.client;
    for (accepted, path) in [
        ("", "/kk/"),
        ("de", "/kk/"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "/ru/"),
        ("en-GB, ru;q=0.5", "/en/"),
        ("de, en;q=0.2, kk;q=0.7", "/kk/"),
        ("ru;q=0, en;q=0.1", "/en/"),
        ("\u{1}", "/kk/"),
    ] {
        let headers = [("accept-language", accepted)];
        let sent: &[(&str, &str)] = if accepted.chars().any(char::is_control) {
            &[]
        } else {
            &headers
        };
        let reply = client.get_with("/", sent).await.expect(302);
        assert_eq!(reply.header("location"), Some(path), "{accepted}");
        assert_eq!(reply.header("vary"), Some("accept-language"));
    }
    for lang in Lang::ALL {
        let bare = lang.path().trim_end_matches('/');
        let reply = client.get(bare).await.expect(308);
        assert_eq!(reply.header("location"), Some(lang.path()));
        for path in [
            "nix",
            "acts/nix",
            "lines/nix",
            "lines/kandas.abai.2024.families",
            "office/decisions/1",
        ] {
            let path = format!("{}{path}", lang.path());
            let reply = client.get(&path).await.expect(404);
            let page = markup::read(reply.text());
            keeps(&path, &page, lang.code());
            assert!(page.texts.contains(&lang.say("lost-title")), "{path}");
        }
    }
    // An empty register has pages too.
    let pages = crawl(client, &["/en/".to_owned()]).await;
    assert!(pages["/en/"].contains(&Lang::En.say("board-nothing")));
    let none: Vec<Value> = Vec::new();
    served.register.must(&none).await;
}
