//! Planted faults: what the rules must see, and what they must let pass.

use super::*;

fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

#[track_caller]
fn check(rule: fn(&File) -> Vec<String>, path: &str, text: &str, faults: usize) {
    let found = rule(&file(path, text));
    assert_eq!(found.len(), faults, "{path}: {text}\n{found:?}");
}

#[test]
fn comments_and_texts_are_blank() {
    for (text, expected) in [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        (r#"f("x\"y") + 'z'"#, "f(      ) +    "),
        (r##"r#"a"b"# 'c"##, "         'c"),
        ("<'a> '\\n' '\\'' b", "<'a>           b"),
        ("for\"a\"", "for   "),
    ] {
        assert_eq!(code(text), expected);
    }
}

#[test]
fn a_look_up_or_aside() {
    check(
        looks_up,
        "src/log/append.rs",
        "use crate::dispatch::Head;",
        1,
    );
    check(
        looks_up,
        "src/log/append.rs",
        "use crate::{clock::Clock, vault, log::{a, b}};",
        1,
    );
    check(
        looks_up,
        "src/log.rs",
        "fn f() -> crate::http::Answer {}",
        1,
    );
    check(looks_up, "src/log.rs", "use super::dispatch;", 1);
    check(
        looks_up,
        "src/log/append.rs",
        "use super::super::{relay, clock};",
        1,
    );
    check(
        looks_up,
        "src/log/append.rs",
        "use super::heads; // crate::dispatch",
        0,
    );
    check(
        looks_up,
        "src/dispatch.rs",
        "use crate::{\n    log::{Head, Append},\n    vault,\n};",
        0,
    );
    check(looks_up, "src/relay.rs", "use crate::views::Feed;", 1);
    check(
        looks_up,
        "src/main.rs",
        "fn main() { qonys::cli::run() }",
        0,
    );
    check(looks_up, "src/cli.rs", "use crate::main::run;", 1);
    check(
        looks_up,
        "src/lib.rs",
        "pub mod log;\npub use crate::log::Head;",
        0,
    );
    check(looks_up, "src/novelty.rs", "//! New.", 1);
    check(looks_up, "domain/src/log.rs", "use crate::dispatch;", 0);
}

#[test]
fn sql_in_the_wrong_room() {
    check(speaks_sql, "src/http/board.rs", "use sqlx::Row;", 1);
    check(
        speaks_sql,
        "src/http/board.rs",
        "// sqlx\nlet sqlx_like = 1;",
        0,
    );
    check(speaks_sql, "src/log/postgres.rs", "use sqlx::Row;", 0);
}

#[test]
fn unfinished_work() {
    check(is_unfinished, "a.rs", "fn f() { todo!() }", 1);
    check(
        is_unfinished,
        "a.rs",
        "#[ignore = \"slow\"]\n#[test]\nfn f() { unimplemented!() }",
        2,
    );
    check(is_unfinished, "a.rs", &["// FIX", "ME: soon"].concat(), 1);
    check(is_unfinished, "a.rs", "\"todo!\" // todo!", 0);
}

#[test]
fn an_impure_domain() {
    check(
        is_impure,
        "domain/src/a.rs",
        "fn f(share: f64) -> f32 {}",
        2,
    );
    check(
        is_impure,
        "domain/src/a.rs",
        "use std::time::SystemTime;",
        2,
    );
    check(
        is_impure,
        "domain/src/a.rs",
        "use rand::Rng; let operand = 1; // f64",
        1,
    );
    check(is_impure, "src/a.rs", "fn f(share: f64) {}", 0);
}

#[test]
fn an_empty_name() {
    check(is_misnamed, "src/log/utils.rs", "//! x", 1);
    check(is_misnamed, "events/src/common/mod.rs", "//! x", 1);
    check(is_misnamed, "src/log.rs", "mod helpers {}", 1);
    check(is_misnamed, "src/commons.rs", "mod miscarriage {}", 0);
}

#[test]
fn a_workshop_path() {
    check(
        leaks_the_workshop,
        "README.md",
        &["see ..", "/shared/law.md"].concat(),
        1,
    );
    check(
        leaks_the_workshop,
        "README.md",
        &["see /wo", "rk/x and /ro", "ot/y"].concat(),
        2,
    );
    check(
        leaks_the_workshop,
        "README.md",
        "see docs/format.md at work",
        0,
    );
}

#[test]
fn a_loose_image_or_port() {
    check(is_unpinned, "docker-compose.yml", "  image: postgres", 1);
    check(
        is_unpinned,
        "docker-compose.yml",
        "  image: postgres:latest",
        1,
    );
    check(
        is_unpinned,
        "docker-compose.yml",
        "  image: postgres:17.6-bookworm",
        0,
    );
    check(
        is_unpinned,
        "Dockerfile",
        "FROM rust:1.95 AS build\nFROM build\nFROM debian",
        1,
    );
    check(
        ports_are_open,
        "docker-compose.yml",
        "ports:\n  - \"5432:5432\"\nvolumes:\n  - a:/b",
        1,
    );
    check(
        ports_are_open,
        "docker-compose.yml",
        "ports:\n  - \"127.0.0.1:5432:5432\"",
        0,
    );
}
