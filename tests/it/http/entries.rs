//! Entries over HTTP are the bytes of the log, by position, in pages, by stream; the head is the tree's (promise P5).

use qonys_events::tree::{Frontier, leaf_hash};
use serde_json::{Value, json};

use super::Served;
use crate::{
    support::register::Register,
    views::{history::fill, on_both_stores},
};

on_both_stores!(
    p5_entries_are_the_bytes_of_the_log,
    streams_come_in_pages_and_carry_their_version,
);

async fn p5_entries_are_the_bytes_of_the_log(register: Register) {
    fill(&register).await;
    let served = Served::start(register).await;
    let client = served.client;
    let texts = served.register.texts().await;
    // One by one.
    for n in [1, 2, texts.len() / 2, texts.len()] {
        let path = format!("/v1/entries/{n}");
        let reply = client.get(&path).await.expect(200);
        assert_eq!(reply.text(), texts[n - 1]);
        assert_eq!(
            reply.header("content-type"),
            Some("application/cloudevents+json")
        );
        let leaf = leaf_hash(texts[n - 1].as_bytes()).to_string();
        assert_eq!(reply.header("qonys-leaf-hash"), Some(leaf.as_str()));
        assert_eq!(reply.header("qonys-position"), Some(n.to_string().as_str()));
        let tag = reply.header("etag").expect("a tag").to_owned();
        let known = client
            .get_with(&path, &[("if-none-match", tag.as_str())])
            .await
            .expect(304);
        assert!(known.body.is_empty());
        let other = [("if-none-match", "\"other\"")];
        client.get_with(&path, &other).await.expect(200);
    }
    // In pages of an odd size, and whole.
    for limit in [7, 100, 10_000] {
        let mut seen = Vec::new();
        let mut next = Some(format!("/v1/entries?limit={limit}"));
        let mut pages = 0;
        while let Some(path) = next {
            let page = client.get(&path).await.expect(200);
            seen.extend(page.text().lines().map(str::to_owned));
            assert_eq!(
                page.header("qonys-position"),
                Some(seen.len().to_string().as_str())
            );
            next = page.next();
            pages += 1;
        }
        assert_eq!(seen, texts);
        assert_eq!(pages, texts.len().div_ceil(limit));
    }
    let after = format!("/v1/entries?after={}", texts.len());
    let none = client.get(&after).await.expect(200);
    assert_eq!((none.text(), none.next()), ("", None));
    // The head stands for all of them.
    let mut frontier = Frontier::empty();
    for text in &texts {
        frontier.push(leaf_hash(text.as_bytes()));
    }
    let head = client.get("/v1/tree-head").await.expect(200).json();
    let last: Value = serde_json::from_str(texts.last().expect("an entry")).expect("JSON");
    assert_eq!(
        head,
        json!({"origin": "qonys/almaty/test/1", "size": texts.len().to_string(),
            "root": frontier.root().to_string(), "time": last["time"]})
    );
}

async fn streams_come_in_pages_and_carry_their_version(register: Register) {
    fill(&register).await;
    let served = Served::start(register).await;
    let client = served.client;
    let texts = served.register.texts().await;
    let subject = |text: &String| {
        let entry: Value = serde_json::from_str(text).expect("JSON");
        entry["subject"].as_str().expect("a stream").to_owned()
    };
    let line = texts
        .iter()
        .map(subject)
        .find(|stream| stream.starts_with("quota-line/"))
        .expect("a quota line");
    for stream in ["law/main", &line] {
        let expected: Vec<&String> = texts
            .iter()
            .filter(|text| subject(text) == *stream)
            .collect();
        assert!(expected.len() > 3, "{stream}");
        let mut seen = Vec::new();
        let mut next = Some(format!("/v1/streams/{stream}?limit=3"));
        while let Some(path) = next {
            let page = client.get(&path).await.expect(200);
            seen.extend(page.text().lines().map(str::to_owned));
            next = page.next();
            let tag = page.header("etag").map(str::to_owned);
            let whole = format!("\"{stream}@{}\"", expected.len());
            assert_eq!(
                tag,
                next.is_none().then_some(whole),
                "the version, on the last page"
            );
        }
        assert_eq!(seen.iter().collect::<Vec<_>>(), expected);
    }
}
