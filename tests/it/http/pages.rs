//! Lists come in pages without gap or repetition, whatever is recorded meanwhile; answers are as of the point that was
//! asked about; `min_position` waits, for a bounded time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Served, client::Client};
use crate::{
    support::register::{Lines, Register},
    views::{
        history::{accept_all, fill, mixed, person},
        on_both_stores,
    },
};

on_both_stores!(
    pages_have_no_gap_and_no_repetition_while_the_log_grows,
    an_answer_is_as_of_the_point_that_was_asked_about,
    a_reader_who_names_a_position_waits_for_it,
    a_reader_of_views_that_stand_still_is_told_so,
);

/// Every list, and how it is narrowed.
const LISTS: [&str; 14] = [
    "/v1/norms?effective=2024-05-30",
    "/v1/powers?effective=2024-05-30",
    "/v1/limits",
    "/v1/limits?category=kandas",
    "/v1/moves",
    "/v1/moves?line=kandas.kazakhstan.2024.principals-and-members",
    "/v1/applications?effective=2024-05-30&category=kandas",
    "/v1/kandas-statuses",
    "/v1/dwellings?effective=2024-05-30&district=almaly",
    "/v1/residences",
    "/v1/stays",
    "/v1/proposals?effective=2024-05-30",
    "/v1/proposal-acts",
    "/v1/decisions?act=law-477-2011",
];

fn with(path: &str, more: &str) -> String {
    let between = if path.contains('?') { '&' } else { '?' };
    format!("{path}{between}{more}")
}

fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().expect("a list").clone()
}

/// Every row, in pages of `limit`.
async fn walk(client: Client, first: String, limit: u32) -> (Vec<Value>, usize) {
    let (mut seen, mut pages, mut next) = (Vec::new(), 0, Some(first));
    while let Some(path) = next {
        let page = client.get(&path).await.expect(200);
        let rows = items(&page.json());
        assert!(rows.len() <= limit as usize, "{path}");
        assert!(!rows.is_empty() || pages == 0, "an empty page: {path}");
        seen.extend(rows);
        pages += 1;
        next = page.next();
    }
    (seen, pages)
}

async fn pages_have_no_gap_and_no_repetition_while_the_log_grows(register: Register) {
    fill(&register).await;
    let served = Served::start(register).await;
    let end = served.caught_up().await;
    let client = served.client;
    let mut lines = Lines::new(81);
    let mut growing = Vec::new();
    let mut long = 0;
    for path in LISTS {
        let pinned = with(path, &format!("position={end}&limit=500"));
        let whole = items(&client.get(&pinned).await.expect(200).json());
        for limit in [1, 7, 100] {
            if limit == 1 && whole.len() > 40 {
                continue;
            }
            // The first page pins the position; whatever comes afterwards stands on no page.
            let first = with(path, &format!("position={end}&limit={limit}"));
            growing.clear();
            growing.extend((0..3).map(|_| person(&mut lines, "2024-02-01")));
            let (walked, _) = tokio::join!(
                walk(client, first, limit),
                accept_all(&served.register, &growing)
            );
            assert_eq!(walked.0, whole, "{path} by {limit}");
            assert_eq!(
                walked.1,
                whole.len().div_ceil(limit as usize).max(1),
                "{path} by {limit}"
            );
            long += usize::from(walked.1 > 2);
        }
        if !path.contains("norms") {
            assert!(!whole.is_empty(), "{path} shows nothing: it proves nothing");
        }
    }
    assert!(long > 8, "{long} walks had several pages");
    served.caught_up().await;
    // Without a pin the first page tells its position, and the next ones keep to it.
    let first = client.get("/v1/decisions?limit=5").await.expect(200);
    let at = first.json()["position"].as_str().expect("text").to_owned();
    let next = first.next().expect("more");
    assert!(next.contains(&format!("position={at}")), "{next}");
}

async fn an_answer_is_as_of_the_point_that_was_asked_about(register: Register) {
    let all = mixed(&mut Lines::new(82), 12);
    let (early, late) = all.split_at(all.len() / 2);
    let served = Served::start(register).await;
    let client = served.client;
    let send = |lines: &[Value]| {
        let lines = lines.to_vec();
        let register = &served.register;
        async move {
            for line in &lines {
                drop(register.send(line).await);
            }
        }
    };
    send(early).await;
    let middle = served.caught_up().await;
    let paths = [
        "/v1/board?effective=2024-05-30",
        "/v1/acts?effective=2024-05-30",
        "/v1/moves",
        "/v1/residences",
        "/v1/decisions?limit=500",
    ];
    let mut before = Vec::new();
    for path in paths {
        before.push(client.get(path).await.expect(200).json());
    }
    send(late).await;
    let end = served.caught_up().await;
    assert!(end > middle + 50);
    for (path, before) in paths.iter().zip(&before) {
        let now = client.get(path).await.expect(200).json();
        assert_eq!(now["position"], json!(end.to_string()));
        let then = client
            .get(&with(path, &format!("position={middle}")))
            .await
            .expect(200)
            .json();
        assert_eq!(then, *before, "{path}");
    }
    // The time of the position leads to the same point.
    let board = &before[0];
    let time = board["time"].as_str().expect("a time");
    let path = with(paths[0], &format!("recorded={time}"));
    assert_eq!(client.get(&path).await.expect(200).json(), *board);
    // A day before the acts are in force: no limit, and whoever holds places is not hidden.
    let early = client.get("/v1/board?effective=2010-01-01").await;
    let lines = early.expect(200).json()["lines"].clone();
    assert!(!lines.as_array().expect("lines").is_empty());
    assert!(
        lines
            .as_array()
            .expect("lines")
            .iter()
            .all(|l| l["limit"].is_null())
    );
}

async fn a_reader_who_names_a_position_waits_for_it(register: Register) {
    let mut lines = Lines::new(83);
    register.must(&lines.opening("simulated")).await;
    let served = Served::start(register).await;
    let client = served.client;
    for n in 0..20 {
        let act = lines.act(&format!("act-{n}"), "2024-01-01");
        let answer = client.command(&act).await.expect(201).json();
        let position = answer["positions"][0].as_str().expect("a position");
        let path = format!("/v1/acts/act-{n}?min_position={position}");
        let seen = client.get(&path).await.expect(200).json();
        assert_eq!(seen["item"]["recorded_from"], json!(position));
        assert!(
            seen["position"]
                .as_str()
                .expect("text")
                .parse::<u64>()
                .expect("digits")
                >= n
        );
    }
    let beyond = client.get("/v1/acts?min_position=100000").await;
    let problem = beyond.problem(404, "beyond-end");
    let end = served.register.texts().await.len();
    assert_eq!(problem["position"], json!(end.to_string()));
}

async fn a_reader_of_views_that_stand_still_is_told_so(register: Register) {
    register.must(&Lines::new(84).opening("simulated")).await;
    let end = register.texts().await.len();
    let served = Served::without_views(register).await;
    let client = served.client;
    let began = Instant::now();
    let behind = client.get(&format!("/v1/board?min_position={end}")).await;
    let waited = began.elapsed();
    let problem = behind.problem(503, "views-behind");
    assert_eq!(problem["position"], "0");
    assert_eq!(behind.header("retry-after"), Some("1"));
    assert!(
        (Duration::from_secs(2)..Duration::from_secs(10)).contains(&waited),
        "{waited:?}"
    );
    // A reader who names none is answered at once, with the position where they stand.
    let board = client.get("/v1/board").await.expect(200).json();
    assert_eq!(board["position"], "0");
    let ready = client.get("/readyz").await.expect(200).json();
    assert_eq!(
        ready,
        json!({"ready": true, "log": end.to_string(), "views": "0", "lag": end.to_string()})
    );
}
