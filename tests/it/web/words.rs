//! Every word stands in Kazakh, Russian and English; numbers and days are written as each language writes them.

use std::collections::{BTreeMap, BTreeSet};

use qonys::locale::Lang;
use qonys_domain::blocked::Code;
use qonys_events::{
    scalar::Day,
    term::{
        ActDate, ActKind, Answer, Category, CountingRule, DecisionType, Direction, Feature,
        MeasureKind, MeasureOutcome, Nature, ProposalWarning, Reading, RefusalGround, ServiceKind,
        SourceKind, TerritoryChange, TriggerOutcome,
    },
};
use qonys_projections::{
    decisions::Decisions, projection::Projection as _, proposals::ProposalState,
};

use crate::tidy::root;

/// The messages of a language, as its files have them.
fn messages(lang: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let directory = root().join("locales").join(lang);
    for file in std::fs::read_dir(&directory).expect("a directory") {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("text");
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (id, words) = line
                .split_once(" = ")
                .unwrap_or_else(|| panic!("{}: {line}", path.display()));
            assert!(!words.trim().is_empty(), "{lang}: {id} says nothing");
            let twice = found.insert(id.to_owned(), words.to_owned());
            assert!(twice.is_none(), "{lang}: {id} stands twice");
        }
    }
    assert!(found.len() > 250, "{lang}: {}", found.len());
    found
}

fn variables(words: &str) -> BTreeSet<&str> {
    words
        .split("{ $")
        .skip(1)
        .filter_map(|rest| rest.split_once(" }"))
        .map(|(name, _)| name)
        .collect()
}

/// What of a message is words: letters outside its variables.
fn letters(words: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for c in words.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            c if depth == 0 && c.is_alphabetic() => out.push(c),
            _ => {}
        }
    }
    out
}

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..='\u{52f}').contains(&c)
}

/// Messages whose words are the same in Kazakh and Russian: names, abbreviations, borrowed words.
const SAME: [&str; 18] = [
    "act-number",
    "basis-wording",
    "column-act",
    "column-norm",
    "column-office",
    "fact-category",
    "month-short-11",
    "month-short-8",
    "role-operator",
    "site-city",
    "site-name",
    "tree-origin",
    "part-acts",
    "act-about",
    "act-norms",
    "fact-norm",
    "machines-entries",
    "asked-line",
];

#[test]
fn every_word_stands_in_three_languages_that_differ() {
    let [kk, ru, en] = ["kk", "ru", "en"].map(messages);
    let ids: BTreeSet<&String> = kk.keys().collect();
    assert_eq!(ids, ru.keys().collect());
    assert_eq!(ids, en.keys().collect());
    for id in ids {
        let (kk, ru, en) = (&kk[id], &ru[id], &en[id]);
        assert_eq!(variables(kk), variables(en), "{id}");
        assert_eq!(variables(ru), variables(en), "{id}");
        let (in_kk, in_ru, in_en) = (letters(kk), letters(ru), letters(en));
        assert!(!in_en.chars().any(is_cyrillic), "{id}: {en}");
        if in_en.is_empty() {
            continue;
        }
        assert!(
            in_kk.chars().any(is_cyrillic) || in_kk.is_empty(),
            "{id}: {kk}"
        );
        assert!(
            in_ru.chars().any(is_cyrillic) || in_ru.is_empty(),
            "{id}: {ru}"
        );
        assert_ne!(in_ru, in_en, "{id}");
        assert!(in_kk != in_ru || SAME.contains(&id.as_str()), "{id}: {kk}");
    }
}

/// Ids that code makes of the law's words.
fn made() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut add = |prefix: &str, words: Vec<&str>| {
        assert!(!words.is_empty(), "{prefix}");
        ids.extend(words.into_iter().map(|word| format!("{prefix}-{word}")));
    };
    add("kind", ActKind::ALL.iter().map(|t| t.as_str()).collect());
    add("act", ActDate::ALL.iter().map(|t| t.as_str()).collect());
    add(
        "category",
        Category::ALL.iter().map(|t| t.as_str()).collect(),
    );
    add("rule", CountingRule::NAMED.to_vec());
    add("answer", Answer::ALL.iter().map(|t| t.as_str()).collect());
    add(
        "decision",
        DecisionType::ALL.iter().map(|t| t.as_str()).collect(),
    );
    let states = [
        ProposalState::Drafted,
        ProposalState::Signed,
        ProposalState::Sent,
        ProposalState::Received,
        ProposalState::Returned,
        ProposalState::Answered,
        ProposalState::Withdrawn,
    ];
    add("proposal", states.iter().map(|t| t.as_str()).collect());
    for kind in ["ask-foreign-labour", "ask-regional-quota"] {
        add(kind, Direction::ALL.iter().map(|t| t.as_str()).collect());
    }
    for change in TerritoryChange::ALL {
        for prefix in ["territory", "ask-territory"] {
            let categories = Category::ALL.iter().map(|t| t.as_str()).collect();
            add(&format!("{prefix}-{change}"), categories);
        }
    }
    let labour = [
        "category-1",
        "category-2",
        "category-3",
        "category-4",
        "seasonal",
        "households",
    ];
    add("labour", labour.to_vec());
    add("feature", Feature::ALL.iter().map(|t| t.as_str()).collect());
    add("nature", Nature::ALL.iter().map(|t| t.as_str()).collect());
    add(
        "source",
        SourceKind::ALL.iter().map(|t| t.as_str()).collect(),
    );
    add("reading", Reading::ALL.iter().map(|t| t.as_str()).collect());
    add(
        "trigger",
        TriggerOutcome::ALL.iter().map(|t| t.as_str()).collect(),
    );
    add(
        "measure",
        MeasureKind::ALL.iter().map(|t| t.as_str()).collect(),
    );
    add(
        "came",
        MeasureOutcome::ALL.iter().map(|t| t.as_str()).collect(),
    );
    add(
        "service",
        ServiceKind::ALL.iter().map(|t| t.as_str()).collect(),
    );
    for n in 1..=12 {
        for prefix in ["month", "month-alone", "month-short"] {
            add(prefix, vec![n.to_string().as_str()]);
        }
    }
    let warnings = ProposalWarning::ALL.iter().map(|t| t.as_str()).collect();
    add("warning", warnings);
    for prefix in ["blocked", "next"] {
        add(prefix, Code::ALL.iter().map(|code| code.as_str()).collect());
    }
    for prefix in ["ground", "next-ground"] {
        let grounds = RefusalGround::ALL.iter().map(|t| t.as_str()).collect();
        add(prefix, grounds);
    }
    for event in Decisions.types() {
        let name = event
            .trim_start_matches("kz.qonys.")
            .trim_end_matches(".v1");
        add("event", vec![name.replace('.', "-").as_str()]);
    }
    ids
}

/// Ids that stand in templates and in code as they are.
fn written() -> BTreeSet<String> {
    let known = messages("en");
    let mut ids = BTreeSet::new();
    let mut files: Vec<_> = ["templates", "src/web"]
        .iter()
        .flat_map(|directory| std::fs::read_dir(root().join(directory)).expect("a directory"))
        .map(|file| file.expect("a file").path())
        .collect();
    files.extend(["src/web.rs", "src/locale.rs"].map(|file| root().join(file)));
    for path in files {
        let text = std::fs::read_to_string(&path).expect("text");
        for call in [
            ".say(\"",
            ".with(\"",
            ".with(\n            \"",
            ".with(\n                \"",
            " item(\"",
            " since(\"",
        ] {
            let found = text
                .split(call)
                .skip(1)
                .filter_map(|rest| rest.split_once('"'));
            ids.extend(found.map(|(id, _)| id.to_owned()));
        }
        // Ids that are chosen first and said afterwards.
        for quoted in text.split('"').skip(1).step_by(2) {
            if quoted.contains('-') && known.contains_key(quoted) {
                ids.insert(quoted.to_owned());
            }
        }
    }
    assert!(ids.len() > 120, "{}", ids.len());
    ids
}

#[test]
fn every_word_that_is_asked_for_is_there_and_none_is_there_for_nothing() {
    let (made, written) = (made(), written());
    for lang in Lang::ALL {
        let messages = messages(lang.code());
        for id in made.iter().chain(&written) {
            // A prefix that code completes is no id, nor is a column.
            let is_whole = !id.contains(['{', '_']) && !id.is_empty();
            assert!(
                !is_whole || messages.contains_key(id),
                "{}: {id}",
                lang.code()
            );
        }
    }
    // Names of places, roles and facts come from the register; the other words are asked for by name.
    let open = ["territory-", "district-", "unit-", "role-", "fact-"];
    for id in messages("en").keys() {
        let told = ["lost", "unavailable"];
        let is_told = told
            .iter()
            .any(|what| *id == format!("{what}-title") || *id == format!("{what}-lead"));
        assert!(
            made.contains(id)
                || written.contains(id)
                || is_told
                || open.iter().any(|prefix| id.starts_with(prefix)),
            "{id} is never said"
        );
    }
}

#[test]
fn numbers_and_days_are_written_as_each_language_writes_them() {
    let day = Day::new(2026, 3, 29);
    for (lang, number, long, month) in [
        (
            Lang::Kk,
            "1\u{a0}234\u{a0}567",
            "2026\u{a0}ж. 29\u{a0}наурыз",
            "2026 ж. наурыз",
        ),
        (
            Lang::Ru,
            "1\u{a0}234\u{a0}567",
            "29\u{a0}марта 2026\u{a0}г.",
            "март 2026 г.",
        ),
        (Lang::En, "1,234,567", "29\u{a0}March 2026", "March 2026"),
    ] {
        assert_eq!(lang.number(1_234_567), number);
        assert_eq!(lang.number(-1_234_567), format!("\u{2212}{number}"));
        assert_eq!(
            (lang.number(0), lang.number(999)),
            ("0".into(), "999".into())
        );
        assert_eq!(lang.day(day), long);
        assert_eq!(lang.month(day), month);
    }
}
