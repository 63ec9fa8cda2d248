//! What pages show: figures of the day, what was known then, what is assumed or invented, and a line that is over-committed.

use qonys::locale::Lang;
use serde_json::json;

use super::markup::{self, Page};
use crate::{
    http::Served,
    support::register::{Lines, Register},
    views::on_both_stores,
};

on_both_stores!(
    a_line_shows_its_figures_its_history_and_its_over_commitment,
    a_page_shows_the_day_and_the_position_that_were_asked_for,
);

const LINE: &str = "lines/kandas.kazakhstan.2024.principals-and-members";

/// A quota of 1,200 places, of which 9 are committed and 3 held, cut to 8 by an act from 1 May on.
async fn over_committed(register: &Register) {
    let mut lines = Lines::new(121);
    let mut all = lines.opening("simulated");
    all.push(lines.act("order", "2024-01-14"));
    all.push(lines.quota("order", "establish", &[("kandas", 1_200)]));
    for (n, members) in [3, 2, 1, 2].into_iter().enumerate() {
        all.extend(lines.applicant("kandas", members, "2024-02-01"));
        let application = json!({"application": format!("command:{}", lines.last())});
        all.push(lines.on("2024-03-04", "hold-places", &application));
        if n < 3 {
            all.push(lines.on("2024-03-18", "commit-places", &application));
        }
    }
    all.push(lines.act("cut", "2024-05-01"));
    all.push(lines.quota("cut", "amend", &[("kandas", 8)]));
    register.must(&all).await;
}

fn page(html: &str) -> Page {
    markup::read(html)
}

/// The numbers of the cells that are numbers, in order.
fn with_class<'a>(page: &'a Page, class: &str) -> Vec<&'a markup::Tag> {
    page.tags
        .iter()
        .filter(|tag| tag.has_class(class))
        .collect()
}

async fn a_line_shows_its_figures_its_history_and_its_over_commitment(register: Register) {
    over_committed(&register).await;
    let served = Served::start(register).await;
    served.caught_up().await;
    let client = served.client;
    for lang in Lang::ALL {
        let over = lang.with("state-over", &[("over", "4")]);
        let board = client.get(lang.path()).await.expect(200);
        assert!(board.text().contains(&over), "the board says so");
        let found = page(board.text());
        assert!(!with_class(&found, "alarm").is_empty());
        let bar = found
            .tags
            .iter()
            .filter(|tag| tag.name == "rect" && tag.has_class("over"));
        assert!(bar.count() >= 2, "in the legend and in the bar");

        let reply = client
            .get(&format!("{}{LINE}", lang.path()))
            .await
            .expect(200);
        let found = page(reply.text());
        assert!(found.texts.contains(&over), "{:?}", found.texts);
        for words in [
            lang.day("2024-03-31".parse().expect("a day")),
            lang.number(1_200),
            lang.say("certainty-assumed"),
            lang.say("line-counts"),
            lang.say("act-synthetic"),
        ] {
            assert!(found.texts.contains(&words), "{words}: {:?}", found.texts);
        }
        // From January to June: no limit, then 1,200, then 8; nothing, then 12 places, 9 of them committed.
        let charts: Vec<_> = found
            .tags
            .iter()
            .filter(|tag| tag.has_class("chart"))
            .collect();
        assert_eq!(charts.len(), 2, "one for wide pages, one for narrow ones");
        let limits: Vec<&str> = found
            .tags
            .iter()
            .filter(|tag| tag.name == "path" && tag.has_class("limit"))
            .filter_map(|tag| tag.get("d"))
            .collect();
        let steps = |path: &str| path.matches('H').count();
        assert_eq!(
            limits.iter().map(|path| steps(path)).collect::<Vec<_>>(),
            [2, 2, 1],
            "{limits:?}"
        );
        let days_over = found
            .tags
            .iter()
            .filter(|tag| tag.name == "rect" && tag.has_class("over"));
        assert_eq!(days_over.count(), 3, "one in each chart, one in the legend");
    }
    // The same figures as for programs.
    let json = client
        .get("/v1/lines/kandas.kazakhstan.2024.principals-and-members")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            &json["item"]["over_committed_by"],
            &json["item"]["committed"],
            &json["item"]["held"]
        ),
        (&json!("4"), &json!("9"), &json!("3"))
    );
    // Before the cut there was room.
    let before = client
        .get(&format!("/en/{LINE}?effective=2024-04-30"))
        .await
        .expect(200);
    let found = page(before.text());
    assert!(
        found.texts.contains(&"1,188".to_owned()),
        "{:?}",
        found.texts
    );
    assert!(!before.text().contains("Over-committed by"));
}

async fn a_page_shows_the_day_and_the_position_that_were_asked_for(register: Register) {
    over_committed(&register).await;
    let served = Served::start(register).await;
    let end = served.caught_up().await;
    let client = served.client;
    // Before the cut was recorded.
    let path = format!("/en/?effective=2024-05-20&position={}", end - 2);
    let reply = client.get(&path).await.expect(200);
    assert!(
        !reply.text().contains("Over-committed by"),
        "nobody knew of it"
    );
    let found = page(reply.text());
    assert!(
        found
            .texts
            .iter()
            .any(|text| text.starts_with("You are looking at the past"))
    );
    let query = format!("?effective=2024-05-20&position={}", end - 2);
    for tag in found.tags.iter().filter(|tag| tag.name == "a") {
        let address = tag.get("href").expect("an address");
        let goes_back = tag.has_class("button");
        if address.starts_with("/en/")
            || address.starts_with("/kk/")
            || address.starts_with("/v1/board")
        {
            assert!(
                goes_back || address.contains(&query),
                "{address} forgets what was asked"
            );
        }
    }
    // What cannot be shown is told, and the page stands.
    for (query, words) in [
        ("effective=yesterday", Lang::En.say("ask-wrong-day")),
        ("position=x", Lang::En.say("ask-wrong-position")),
        (
            "position=1000000",
            Lang::En.with("ask-wrong-beyond", &[("position", &end.to_string())]),
        ),
    ] {
        let reply = client.get(&format!("/en/{LINE}?{query}")).await.expect(400);
        assert!(page(reply.text()).texts.contains(&words), "{query}");
    }
    // Empty fields ask for nothing; another year of the quota is another table.
    let plain = client.get("/en/").await.expect(200);
    let empty = client.get("/en/?effective=&position=").await.expect(200);
    assert_eq!(plain.text(), empty.text());
    let other = client.get("/en/?year=2020").await.expect(200);
    assert!(
        page(other.text())
            .texts
            .contains(&Lang::En.say("board-empty"))
    );
}
