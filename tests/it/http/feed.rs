//! The live feed: server-sent events, each entry once, from any cursor, byte for byte (promises P1 and P5).

use serde_json::Value;

use super::{Served, client::Coming};
use crate::{
    support::register::{Lines, Register},
    views::{
        history::{accept_all, fill, person},
        on_both_stores,
    },
};

on_both_stores!(
    p5_a_feed_shows_every_entry_once_and_goes_on_where_it_broke_off,
    a_feed_waits_for_what_comes_and_ends_with_the_server,
);

/// The next event: its id and its data. Signs of life are passed over.
async fn next(feed: &mut Coming) -> Option<(u64, String)> {
    loop {
        let event = feed.until(b"\n\n").await?;
        let mut id = None;
        let mut data = None;
        for line in event.lines() {
            match line.split_once(": ").or_else(|| line.split_once(':')) {
                Some(("id", text)) => id = text.parse().ok(),
                Some(("data", text)) => {
                    assert!(data.is_none(), "an entry is one line of its event: {event}");
                    data = Some(text.to_owned());
                }
                Some(("", _)) => {}
                other => panic!("{other:?} in {event}"),
            }
        }
        if let (Some(id), Some(data)) = (id, data) {
            return Some((id, data));
        }
    }
}

/// Reads events up to a position, from the one after `after` on, into `seen`.
async fn read_to(feed: &mut Coming, to: u64, seen: &mut Vec<String>) {
    while (seen.len() as u64) < to {
        let (id, data) = next(feed).await.expect("the feed goes on");
        assert_eq!(id, seen.len() as u64 + 1, "no gap and no repetition");
        seen.push(data);
    }
}

async fn p5_a_feed_shows_every_entry_once_and_goes_on_where_it_broke_off(register: Register) {
    fill(&register).await;
    let served = Served::start(register).await;
    let client = served.client;
    let half = served.register.texts().await.len() as u64;
    let mut seen = Vec::new();
    let mut feed = client.follow("/v1/feed", &[]).await;
    assert_eq!(feed.status, 200);
    read_to(&mut feed, half / 3, &mut seen).await;
    drop(feed);

    // It comes again while the log grows.
    let mut lines = Lines::new(61);
    let persons: Vec<Value> = (0..150).map(|_| person(&mut lines, "2024-02-01")).collect();
    let writes = accept_all(&served.register, &persons);
    let reads = async {
        let cursor = seen.len().to_string();
        let headers = [("last-event-id", cursor.as_str())];
        // The header of a browser that comes again counts, not the address that it came from.
        let mut feed = client.follow("/v1/feed?after=2", &headers).await;
        read_to(&mut feed, half + 60, &mut seen).await;
        drop(feed);
        let path = format!("/v1/feed?after={}&origin=qonys/almaty/test/1", seen.len());
        let mut feed = client.follow(&path, &[]).await;
        read_to(&mut feed, half + 150, &mut seen).await;
    };
    tokio::join!(writes, reads);
    let stored = served.register.texts().await;
    assert_eq!(stored.len() as u64, half + 150);
    assert_eq!(seen, stored, "byte for byte what the log holds");
}

async fn a_feed_waits_for_what_comes_and_ends_with_the_server(register: Register) {
    let served = Served::start(register).await;
    let client = served.client;
    let mut lines = Lines::new(62);
    let mut feeds = Vec::new();
    for _ in 0..3 {
        feeds.push(client.follow("/v1/feed", &[]).await);
    }
    for (n, line) in lines.opening("simulated").iter().enumerate() {
        let reply = client.command(line).await.expect(201);
        let last = reply.json()["positions"]
            .as_array()
            .expect("positions")
            .len();
        for feed in &mut feeds {
            for _ in 0..last {
                let (id, _) = next(feed).await.expect("an event");
                assert!(id > n as u64, "{id}");
            }
        }
    }
    served.end().await;
    for feed in &mut feeds {
        assert!(
            next(feed).await.is_none(),
            "a feed ends when the server does"
        );
    }
}
