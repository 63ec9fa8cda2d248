//! What the command line answers about the log of a demonstration, figure by figure: from `board` and from the bytes of
//! `history`, never from the code that prints the story.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use qonys_events::tree::{Frontier, leaf_hash};
use serde_json::Value;

use crate::support::process::{qonys, run};

/// A dwelling of the story: its reference, fund and area.
const FLAT_AREA: &str = "4500";

/// The log of a demonstration, as it is printed.
pub(super) struct Answers {
    dir: String,
    texts: Vec<String>,
    entries: Vec<Value>,
    boards: RefCell<BTreeMap<String, Value>>,
}

/// Runs the program on a directory, when that is free.
async fn ask(dir: &str, args: &[&str]) -> String {
    for _ in 0..200 {
        let done = run(qonys(args.iter().copied().chain(["--data-dir", dir]))).await;
        if done.code() != Some(6) {
            return done.expect_success().stdout;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{args:?}: the directory stays locked");
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// 9483 is 9,483.
fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}

fn number(value: &Value) -> u64 {
    text(value).parse().expect("a number")
}

impl Answers {
    pub(super) async fn of(dir: &Path) -> Self {
        let dir = dir.to_str().expect("a path").to_owned();
        let history = ask(&dir, &["history", "--output", "ndjson"]).await;
        let texts: Vec<String> = history.lines().map(str::to_owned).collect();
        let entries = texts
            .iter()
            .map(|text| serde_json::from_str(text).expect("an entry is JSON"));
        Self {
            entries: entries.collect(),
            texts,
            dir,
            boards: RefCell::default(),
        }
    }

    /// The commands that were accepted.
    pub(super) fn commands(&self) -> BTreeSet<String> {
        let ids = self.entries.iter().map(|entry| text(&entry["commandid"]));
        ids.collect()
    }

    /// Computes the report of the story again: what was frozen is what the log says.
    pub(super) async fn report_holds(&self) {
        let frozen = self.of_type("report.frozen").next();
        let report = text(&frozen.expect("a report is frozen")["data"]["report"]);
        let told = ask(&self.dir, &["report", "check", &report]).await;
        assert!(told.contains("as frozen; signed on"), "{told}");
    }

    fn of_type<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Value> {
        let name = format!("kz.qonys.{name}.v1");
        self.entries
            .iter()
            .filter(move |entry| entry["type"] == *name)
    }

    async fn board(&self, day: &str) -> Value {
        if let Some(board) = self.boards.borrow().get(day) {
            return board.clone();
        }
        let board = ask(
            &self.dir,
            &["board", "--effective", day, "--output", "json"],
        )
        .await;
        let board: Value = serde_json::from_str(&board).expect("a board is JSON");
        self.boards
            .borrow_mut()
            .insert(day.to_owned(), board.clone());
        board
    }

    async fn line(&self, name: &str, day: &str) -> Value {
        let board = self.board(day).await;
        let of = |line: &Value| {
            let parts = ["category", "territory", "year", "rule"];
            parts.map(|part| text(&line["line"][part])).join(".") == name
        };
        let lines = board["lines"].as_array().expect("lines");
        let found = lines.iter().find(|line| of(line));
        found
            .unwrap_or_else(|| panic!("{day} has no {name}"))
            .clone()
    }

    async fn amendment(&self, act: &str) -> Value {
        let board = self.board("2024-08-24").await;
        let amendments = board["amendments"].as_array().expect("amendments");
        let found = amendments.iter().find(|amendment| amendment["act"] == act);
        found.unwrap_or_else(|| panic!("no {act}")).clone()
    }

    async fn national(&self, category: &str, day: &str) -> u64 {
        let name = format!("{category}.kazakhstan.2024.principals-and-members");
        number(&self.line(&name, day).await["limit"])
    }

    /// The flat of the story in a fund: the first of its size.
    fn flat(&self, fund: &str) -> &Value {
        let mut flats = self.of_type("dwelling.recorded");
        let of = |flat: &&Value| {
            let data = &flat["data"];
            let day = text(&flat["decidedon"]);
            let on = ["2024-02-26", "2024-02-27"].contains(&day.as_str());
            on && data["fund"] == fund && data["useful_area"] == FLAT_AREA
        };
        &flats.find(of).expect("the flat of the story")["data"]
    }

    fn residents(&self, fund: &str, day: &str) -> usize {
        let flat = format!("dwelling/{}", text(&self.flat(fund)["dwelling"]));
        let moves = |name: &str| {
            let of = |entry: &&Value| {
                entry["subject"] == *flat && text(&entry["effectivefrom"]).as_str() <= day
            };
            self.of_type(name).filter(of).count()
        };
        moves("dwelling.resident-entered") - moves("dwelling.resident-left")
    }

    fn held_in_almaty(&self) -> &Value {
        let mut held = self.of_type("quota-line.places-held");
        let of = |entry: &&Value| text(&entry["subject"]).contains("kandas.almaty.2024");
        &held.find(of).expect("a hold in Almaty")["data"]
    }

    fn root(&self) -> String {
        let mut edge = Frontier::empty();
        for text in &self.texts {
            edge.push(leaf_hash(text.as_bytes()));
        }
        edge.root().to_string()
    }

    /// The answer to the question behind a figure.
    pub(super) async fn figure(&self, name: &str) -> String {
        if let Some(entry_type) = name.strip_prefix("entries ") {
            return self.of_type(entry_type).count().to_string();
        }
        if let Some((what, on)) = name
            .split_once(" of ")
            .filter(|(_, on)| on.contains(" on 2"))
        {
            let (line, day) = on.split_once(" on ").expect("a line and a day");
            if let Some(fund) = line
                .strip_prefix("the ")
                .and_then(|l| l.strip_suffix(" flat"))
            {
                return self.residents(fund, day).to_string();
            }
            let found = self.line(line, day).await;
            return match &found[what] {
                Value::Null => "-".to_owned(),
                value => text(value),
            };
        }
        if let Some((what, command)) = name.split_once(" by ")
            && !what.starts_with("moved")
        {
            return self.of_command(what, command);
        }
        if let Some(what) = name.strip_suffix(" in the town") {
            return self.of_town(what).await;
        }
        if let Some(act) = name.strip_prefix("moved by ") {
            return grouped(number(&self.amendment(act).await["moved"]["places"]));
        }
        if let Some(act) = name.strip_prefix("total after ") {
            return grouped(number(&self.amendment(act).await["total_after"]));
        }
        if let Some(day) = name.strip_prefix("national total on ") {
            let kandas = self.national("kandas", day).await;
            return grouped(kandas + self.national("resettlers", day).await);
        }
        if let Some(rest) = name.strip_prefix("national ") {
            let (category, day) = rest.split_once(" on ").expect("a category and a day");
            return grouped(self.national(category, day).await);
        }
        self.single(name)
    }

    /// The rows of a list of the town's office or territory.
    async fn town(&self, list: &str, more: &[&str]) -> Vec<Value> {
        let args = [&["list", list, "--output", "ndjson"], more].concat();
        let rows = ask(&self.dir, &args).await;
        let rows = rows.lines().map(serde_json::from_str);
        rows.map(|row| row.expect("a row is JSON")).collect()
    }

    /// Figures of the invented town, by the lists of its office.
    async fn of_town(&self, what: &str) -> String {
        let office = ["--where", "office=akimat.synthetic-town"];
        if what == "appointed" {
            let day = [&office[..], &["--effective", "2024-03-04"]].concat();
            return self.town("assignments", &day).await.len().to_string();
        }
        if let Some(direction) = what.strip_suffix(" number") {
            let direction = format!("direction={direction}");
            let of = [&office[..], &["--where", &direction]].concat();
            return text(&self.town("journal", &of).await[0]["number"]);
        }
        let column = what
            .strip_prefix("labour ")
            .expect("a column of the ledger");
        let of = ["--where", "territory=synthetic-town"];
        let rows = self.town("labour-ledger", &of).await;
        let row = rows.iter().find(|row| row["category"] == "category-3");
        text(&row.expect("a line of the ledger")[column])
    }

    /// Figures that the entries of one command hold.
    fn of_command(&self, what: &str, command: &str) -> String {
        let entries = self.entries.iter().filter(|e| e["commandid"] == *command);
        let found = entries.map(|entry| &entry["data"]).find_map(|data| {
            let value = if let Some(fact) = what.strip_prefix("read ") {
                &data["facts"][fact]
            } else if let Some(what) = what.strip_suffix(" forecast") {
                &data["steps"].as_array()?.last()?[what]
            } else {
                &data[what]
            };
            (!value.is_null()).then(|| text(value))
        });
        found.unwrap_or_else(|| panic!("no entry of {command} says {what}"))
    }

    /// Figures that one entry holds.
    fn single(&self, name: &str) -> String {
        let first = |entry_type: &str| {
            let mut found = self.of_type(entry_type);
            found.next().expect("an entry of the type")["data"].clone()
        };
        let closed = || {
            let mut closed = self.of_type("quota-line.year-closed");
            let of = |entry: &&Value| text(&entry["subject"]).contains("kandas.almaty");
            closed.find(of).expect("the line of Almaty is closed")["data"].clone()
        };
        let hundredths = |area: u64| format!("{}.{:02}", area / 100, area % 100);
        let norm = || {
            let mut norms = self.of_type("norm.recorded");
            let of = |entry: &&Value| entry["data"]["norm"] == "housing-provision.useful-area";
            number(&norms.find(of).expect("the norm of point 10")["data"]["value"])
        };
        match name {
            "entries" => self.texts.len().to_string(),
            "accepted commands" => {
                let last = |e: &&Value| e["commandindex"] == e["commandcount"];
                self.entries.iter().filter(last).count().to_string()
            }
            "root" => self.root(),
            "members of the family" => {
                let mut filed = self.of_type("application.filed");
                let of =
                    |e: &&Value| e["data"]["territory"] == "almaty" && e["data"]["year"] == "2024";
                text(&filed.find(of).expect("the family applies")["data"]["members"])
            }
            "number of the ground" => {
                text(&first("application.refusal-act-adopted")["facts"]["ground-number"])
            }
            "places held for the family" => text(&self.held_in_almaty()["places"]),
            "limit that the verdict read" => text(&self.held_in_almaty()["facts"]["limit"]),
            "useful area of the state flat" => {
                hundredths(number(&self.flat("state")["useful_area"]))
            }
            "useful area of the private flat" => {
                hundredths(number(&self.flat("private")["useful_area"]))
            }
            "norm of useful area per person" => hundredths(norm()),
            "capacity of the state flat" => {
                (number(&self.flat("state")["useful_area"]) / norm()).to_string()
            }
            "the Rules lost force on" => {
                let mut determined = self.of_type("act.determined");
                let of = |e: &&Value| e["data"]["act"] == "almaty-maslikhat-97-2024";
                text(&determined.find(of).expect("the repeal is determined")["data"]["from"])
            }
            "warning that was confirmed" => {
                let mut signed = self.of_type("proposal.signed");
                // The year of the town hall confirms others: this one is for a medium term, and for kandas.
                let of = |e: &&Value| {
                    let facts = &e["data"]["facts"];
                    e["data"]["confirmed"].is_array()
                        && facts["horizon"] == "medium-term"
                        && facts["limit-kandas"].is_string()
                };
                let signed = signed.find(of).expect("a warning was confirmed");
                text(&signed["data"]["confirmed"][0]["warning"])
            }
            "limit of Almaty at the close" => text(&closed()["limit"]),
            "committed in Almaty at the close" => text(&closed()["committed"]),
            "lapsed in Almaty at the close" => text(&closed()["lapsed"]),
            other => panic!("no query answers for the figure {other:?}"),
        }
    }
}
