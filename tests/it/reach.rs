//! Whatever the register can do can be asked for on the command line and over HTTP: every command type, every view.

use std::collections::{BTreeMap, BTreeSet};

use qonys_domain::command::Command;
use qonys_projections::tables;
use serde_json::Value;

use crate::support::process::{qonys, run};

/// Views without a list of their own: the address and the command that show them.
const SHOWN_WITH_OTHERS: &[(&str, &str, &str)] = &[
    ("act", "/v1/acts", "acts"),
    ("act_date", "/v1/acts/{act}", "act"),
    ("act_determination", "/v1/acts/{act}", "act"),
];

/// The lists that the program prints, and the words of its help.
async fn program() -> (BTreeSet<String>, BTreeSet<String>) {
    let first_words = |text: &str| -> BTreeSet<String> {
        let words = text
            .lines()
            .filter_map(|line| line.split_whitespace().next());
        words.map(str::to_owned).collect()
    };
    let listed = run(qonys(["list"])).await.expect_success().stdout;
    let help = run(qonys(["--help"])).await.expect_success().stdout;
    (first_words(&listed), first_words(&help))
}

#[tokio::test]
async fn every_view_is_shown_on_the_command_line_and_over_http() {
    let (listed, subcommands) = program().await;
    let routes = qonys::http::paths();
    let served = |path: &str| routes.contains(&("get", path));
    let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (list, table) in qonys::http::lists() {
        assert!(listed.contains(list), "`qonys list` has no {list}");
        assert!(served(&format!("/v1/{list}")), "no address for {list}");
        lists.entry(table).or_default().push(list);
    }
    let mut with_others = 0;
    for table in tables() {
        let others = SHOWN_WITH_OTHERS
            .iter()
            .find(|(name, ..)| *name == table.name);
        match (lists.get(table.name), others) {
            (Some(_), None) => {}
            (None, Some((name, path, subcommand))) => {
                assert!(served(path), "{name}: {path} is not served");
                assert!(subcommands.contains(*subcommand), "{name}: {subcommand}");
                with_others += 1;
            }
            (Some(_), Some(_)) => panic!("{} has a list of its own", table.name),
            (None, None) => panic!("nobody can ask for {}", table.name),
        }
    }
    assert_eq!(with_others, SHOWN_WITH_OTHERS.len());
    assert!(lists.len() > 40, "{}", lists.len());
}

#[tokio::test]
async fn every_command_type_is_taken_on_the_command_line_and_over_http() {
    let printed = run(qonys(["schema", "commands"])).await.expect_success();
    let types = printed.stdout.lines().map(|line| {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        line["type"].as_str().expect("a type").to_owned()
    });
    let printed: BTreeSet<String> = types.collect();
    let document = qonys::http::document();
    for name in Command::TYPES {
        assert!(printed.contains(*name), "`qonys schema` has no {name}");
        let path = format!("/v1/commands/{name}");
        assert!(document["paths"][&path]["post"].is_object(), "no {path}");
    }
    assert_eq!(printed.len(), Command::TYPES.len());
}
