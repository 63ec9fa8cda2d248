//! A number that the law sets is a dated norm and stands in no code (points 1 and 9). Whatever other number the rules need is
//! listed here with its reason, file by file: a new one has to be looked at, and one that is gone leaves the list.

use std::collections::BTreeSet;

use super::{File, code, files};

/// Numbers that say nothing by themselves: the none, the first, the next.
const PLAIN: [&str; 2] = ["0", "1"];

/// File, number, and why no law sets it.
const OURS: &[(&str, &str, &str)] = &[
    ("projections/src/acts.rs", "2", "the version of a view"),
    ("projections/src/cases.rs", "3", "the version of a view"),
    (
        "projections/src/cell.rs",
        "36",
        "the length of a reference as text",
    ),
    ("domain/src/destruction.rs", "12", "months of a year"),
    ("domain/src/streams.rs", "256", "bytes of memory"),
    ("domain/src/streams.rs", "768", "bytes of memory"),
    (
        "domain/src/person/residence.rs",
        "2",
        "the length of a list",
    ),
    (
        "domain/src/forecast/series.rs",
        "2",
        "the method: pairs, twice",
    ),
    (
        "domain/src/forecast/produce.rs",
        "2",
        "neighbours in a series",
    ),
    (
        "domain/src/forecast/decide.rs",
        "2",
        "neighbours in a series",
    ),
    (
        "domain/src/forecast/record.rs",
        "2",
        "neighbours in a series",
    ),
    (
        "domain/src/forecast/needs.rs",
        "2",
        "neighbours in a series, half of a whole",
    ),
    (
        "domain/src/forecast/backtest.rs",
        "2",
        "a parameter of the method",
    ),
    ("domain/src/forecast/cohort.rs", "2", "half of a step"),
    ("domain/src/forecast/fixed.rs", "2", "half of a whole"),
    ("domain/src/indicator/derive.rs", "2", "half of a whole"),
    (
        "domain/src/person/residence.rs",
        "4000000",
        "more days than any calendar holds",
    ),
    (
        "domain/src/person/presence.rs",
        "4000000",
        "more days than any calendar holds",
    ),
    (
        "domain/src/person/arrival.rs",
        "4000000",
        "more days than any calendar holds",
    ),
    ("domain/src/quota.rs", "1900", "a day before every act"),
    (
        "domain/src/application.rs",
        "1900",
        "a day before every act",
    ),
    ("domain/src/law/force.rs", "1900", "a day before every act"),
    (
        "domain/src/application/repayment.rs",
        "12",
        "months of a year",
    ),
    ("domain/src/measure.rs", "100", "percent of a whole"),
    (
        "domain/src/indicator/derive.rs",
        "100",
        "hectares of a square kilometre",
    ),
    (
        "domain/src/proposal/subject.rs",
        "6",
        "the length of a list",
    ),
    ("domain/src/proposal/step.rs", "8", "the length of a list"),
    ("domain/src/forecast.rs", "7", "the length of a list"),
    (
        "domain/src/forecast/series.rs",
        "10",
        "observations of the regression, of the method",
    ),
    ("domain/src/forecast/series.rs", "3", "the length of a list"),
    (
        "domain/src/forecast/decide.rs",
        "30",
        "steps at most: a bound of ours",
    ),
    ("domain/src/forecast/decide.rs", "4", "digits of a year"),
    (
        "domain/src/forecast/decide.rs",
        "2200",
        "the last year: a bound of ours",
    ),
    (
        "domain/src/forecast/backtest.rs",
        "100000000",
        "a tenth in billionths",
    ),
    (
        "domain/src/forecast/backtest.rs",
        "8",
        "a parameter of the method",
    ),
    (
        "domain/src/forecast/backtest.rs",
        "5",
        "a parameter of the method",
    ),
    (
        "domain/src/forecast/backtest.rs",
        "9",
        "a parameter of the method",
    ),
    (
        "domain/src/forecast/backtest.rs",
        "3",
        "a parameter of the method",
    ),
    (
        "domain/src/forecast/backtest.rs",
        "1959963985",
        "the normal quantile of a 95 % interval",
    ),
    (
        "domain/src/forecast/record.rs",
        "1000000000",
        "a count at most: a bound of ours",
    ),
    (
        "domain/src/forecast/record.rs",
        "101",
        "bands of single years, and the open one",
    ),
    (
        "domain/src/forecast/cohort.rs",
        "10",
        "years of a step at most: a bound of ours",
    ),
    (
        "domain/src/forecast/cohort.rs",
        "100000000000",
        "persons at most: a bound of ours",
    ),
    (
        "domain/src/forecast/fixed.rs",
        "1000000000000",
        "the scale of the arithmetic",
    ),
    (
        "domain/src/forecast/fixed.rs",
        "1000",
        "the scale of the arithmetic",
    ),
    (
        "domain/src/forecast/fixed.rs",
        "1000000000",
        "the scale of the arithmetic",
    ),
    (
        "projections/src/proposals.rs",
        "2",
        "the version of the view",
    ),
    (
        "projections/src/indicators/monitor.rs",
        "3",
        "months of a quarter",
    ),
    (
        "projections/src/indicators/monitor.rs",
        "100",
        "days that lead beyond a quarter",
    ),
    ("projections/src/equal.rs", "1000", "rows of a page"),
    ("projections/src/runner.rs", "2000", "entries of a batch"),
    (
        "projections/src/residents/dwellings.rs",
        "1800",
        "a day before every dwelling",
    ),
    (
        "projections/src/acts/status.rs",
        "36525",
        "a century of days: a bound of ours",
    ),
];

/// Whether a file holds rules or folds, and no tests.
fn holds_rules(path: &str) -> bool {
    let tests = ["/tests.rs", "/tests/", "/given", "/oracles.rs"];
    (path.starts_with("domain/src/") || path.starts_with("projections/src/"))
        && !tests.iter().any(|part| path.contains(part))
}

/// The code above the tests of the file.
fn rules_of(text: &str) -> &str {
    let tests = text.match_indices("#[cfg(test)]\n").find(|(at, mark)| {
        let next = text[at + mark.len()..].lines().next().unwrap_or_default();
        next.contains("mod ") && next.ends_with('{')
    });
    tests.map_or(text, |(at, _)| &text[..at])
}

/// The whole numbers that stand in code, without underscores and the name of their type.
fn numbers(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut before = ' ';
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if first.is_ascii_digit() && !is_word(before) && before != '.' {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let digits = rest[..end].split(['u', 'i']).next().unwrap_or_default();
            found.insert(digits.replace('_', ""));
            before = '0';
            rest = &rest[end..];
        } else {
            before = first;
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}

/// Texts that cite an article and a point: a citation comes from the register of acts.
fn citations(rules: &str) -> Vec<String> {
    let lines = rules
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let texts = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let cites = |text: &&str| {
        let mut chars = text.chars();
        chars.next().is_some_and(|c| c.is_ascii_digit())
            && chars.all(|c| c.is_ascii_digit() || "()-., ".contains(c))
    };
    texts.filter(cites).map(str::to_owned).collect()
}

/// What the law might have set and data should say.
pub(super) fn sets_the_law(file: &File) -> Vec<String> {
    if !holds_rules(&file.path) {
        return Vec::new();
    }
    let rules = rules_of(&file.text);
    let listed = |number: &String| {
        PLAIN.contains(&number.as_str())
            || OURS
                .iter()
                .any(|(path, own, _)| *path == file.path && own == number)
    };
    let numbers = numbers(&code(rules)).into_iter().filter(|n| !listed(n));
    let numbers = numbers.map(|n| {
        format!("{n}: what the law sets is a dated norm; otherwise say in OURS why it is none")
    });
    let citations = citations(rules).into_iter();
    let citations =
        citations.map(|c| format!("\"{c}\": a citation comes from the register of acts"));
    numbers.chain(citations).collect()
}

#[test]
fn no_number_of_the_law_stands_in_code() {
    super::hold(".rs", sets_the_law);
    let all = files();
    for (path, number, why) in OURS {
        assert!(!why.is_empty());
        let file = all.iter().find(|file| file.path == *path);
        let file = file.unwrap_or_else(|| panic!("{path} is gone"));
        assert!(
            numbers(&code(rules_of(&file.text))).contains(*number),
            "{path} has no {number} any more"
        );
    }
}

#[test]
fn a_number_of_the_law_is_seen() {
    let found = |path: &str, text: &str| {
        let (path, text) = (path.to_owned(), text.to_owned());
        sets_the_law(&File { path, text }).len()
    };
    let rule = "domain/src/application/term.rs";
    assert_eq!(found(rule, "const TERM: u64 = 15;"), 1);
    assert_eq!(found(rule, "let last = filed.plus_days(30_i64);"), 1);
    assert_eq!(found(rule, "cite(act, \"15(3-1)\")"), 1);
    assert_eq!(found(rule, "if members.len() > 3 { /* 4 */ }"), 1);
    assert_eq!(found("domain/src/measure.rs", "share * 100 / whole"), 0);
    assert_eq!(found(rule, "let e10n: u64 = pair.0 + slots[1]; // 99"), 0);
    assert_eq!(
        found(rule, "fn f() {}\n#[cfg(test)]\nmod tests {\n 99 }"),
        0
    );
    assert_eq!(
        found("src/http/guard.rs", "const REQUESTS: usize = 256;"),
        0
    );
}
