//! Names at the broker: safe in every place where they stand, and never shared.

use std::collections::HashMap;

use proptest::prelude::*;
use qonys::relay::names::{Names, token};
use qonys_events::catalog::example_entries;
use qonys_events::id::{Origin, StreamKind};

fn names(origin: &str) -> Names {
    Names::of(&origin.parse().expect("an origin"))
}

#[test]
fn names_come_from_the_origin() {
    let plain = names("qonys/almaty/1");
    assert_eq!(
        (plain.stream(), plain.prefix()),
        ("QONYS-ALMATY-1", "qonys.almaty.1")
    );
    assert_eq!(plain.subjects(), "qonys.almaty.1.>");
    let odd = names("qonys.kz/almaty-oblast/demo/12");
    assert_eq!(odd.stream(), "QONYS__KZ-ALMATY_-OBLAST-DEMO-12");
    assert_eq!(odd.prefix(), "qonys_kz.almaty-oblast.demo.12");
}

#[test]
fn a_subject_names_the_kind_and_the_event_but_no_version_and_no_id() {
    let names = names("qonys/almaty/1");
    let subject = |kind, type_name| names.subject(kind, type_name);
    let filed = "qonys.almaty.1.application.filed";
    assert_eq!(
        subject(StreamKind::Application, "kz.qonys.application.filed.v1"),
        filed
    );
    assert_eq!(
        subject(StreamKind::Application, "kz.qonys.application.filed.v20"),
        filed
    );
    let act = subject(StreamKind::Law, "kz.qonys.act.recorded.v1");
    assert_eq!(act, "qonys.almaty.1.law.act_recorded");
    let stranger = subject(StreamKind::Law, "org.example.*.>");
    assert_eq!(stranger, "qonys.almaty.1.law.org_example_=2a_=3e");
}

#[test]
fn every_type_of_event_has_a_subject_of_its_own() {
    let names = names("qonys/almaty/1");
    let mut types = HashMap::new();
    for entry in example_entries() {
        let (kind, name) = (entry.place.subject.kind(), entry.event.fact.type_name());
        let subject = names.subject(kind, name);
        assert_eq!(subject.split('.').count(), 5, "{subject}");
        if let Some(other) = types.insert(subject.clone(), name) {
            assert_eq!(other, name, "{subject} is shared");
        }
    }
    assert!(types.len() > 25, "{}", types.len());
}

/// Texts that are awkward on purpose: separators, wildcards, escapes.
fn text() -> impl Strategy<Value = String> {
    proptest::string::string_regex(r"([a-z0-9A-Z._=\-*> /\\]|\PC){0,12}").expect("a pattern")
}

fn origin() -> impl Strategy<Value = Origin> {
    let part = "[a-c]([a-c.\\-]{0,4}[a-c])?";
    let parts = prop::collection::vec(part, 1..4);
    (parts, 1..30_u32).prop_map(|(parts, incarnation)| {
        format!("{}/{incarnation}", parts.join("/"))
            .parse()
            .expect("an origin")
    })
}

proptest! {
    #[test]
    fn a_token_is_safe_for_every_text(text in text()) {
        let token = token(&text);
        prop_assert!(!token.is_empty());
        let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_=".contains(c);
        prop_assert!(token.chars().all(safe), "{token:?}");
    }

    #[test]
    fn two_texts_never_share_a_token(one in text(), other in text()) {
        prop_assert_eq!(one == other, token(&one) == token(&other));
    }

    #[test]
    fn a_subject_has_a_fixed_number_of_tokens_whatever_the_type(origin in origin(), text in text()) {
        let subject = Names::of(&origin).subject(StreamKind::Person, &text);
        let parts: Vec<_> = subject.split('.').collect();
        prop_assert_eq!(parts.len(), origin.as_str().split('/').count() + 2);
        prop_assert!(parts.iter().all(|part| !part.is_empty()));
        let prefix = Names::of(&origin).subjects();
        prop_assert!(subject.starts_with(prefix.trim_end_matches('>')));
    }

    #[test]
    fn two_origins_never_share_a_name(one in origin(), other in origin()) {
        let (names, others) = (Names::of(&one), Names::of(&other));
        prop_assert_eq!(one == other, names.stream() == others.stream());
        prop_assert_eq!(one == other, names.prefix() == others.prefix());
        let safe = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "-_".contains(c);
        prop_assert!(names.stream().chars().all(safe), "{}", names.stream());
    }
}
