//! Decisions and views tell alike how an act stands: the domain's register and the projections' are two codes, folded
//! from the same entries (preamble; promise P9).

use proptest::{collection::vec, option, prelude::*, sample::select};
use qonys_domain::law::{
    Law,
    force::{Force, Wording},
};
use qonys_events::{
    event::Event,
    fact::{
        Fact,
        law::{ActDateRecorded, ActDetermined, ActRecorded, EntryIntoForce, Titles},
    },
    id::StreamId,
    scalar::{Count, Day, Instant, PartialDay, Position, Slug},
    term::{ActDate, ActKind, Language},
};
use qonys_projections::{
    acts::{
        register::{LATEST, Register},
        status::Status,
    },
    projection::Recorded,
};

use crate::log_conformance::drafts::{START, entries_at};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

fn slug(name: &str) -> Slug {
    name.parse().expect("a slug")
}

fn date() -> impl Strategy<Value = PartialDay> {
    let text = prop_oneof![
        (1..4u32, 1..29u32).prop_map(|(month, day)| format!("2024-{month:02}-{day:02}")),
        (1..4u32).prop_map(|month| format!("2024-{month:02}")),
    ];
    text.prop_map(|text| text.parse().expect("a day or a month"))
}

fn clause() -> impl Strategy<Value = EntryIntoForce> {
    prop_oneof![
        Just(EntryIntoForce::Unknown),
        (0..12u64).prop_map(|days| EntryIntoForce::DaysAfterPublication { days: Count(days) }),
    ]
}

fn act(n: usize) -> impl Strategy<Value = Fact> {
    let dates = [(); 4].map(|()| option::of(date()));
    let others = select(&NAMES[..=n]);
    let repeals = vec(select(&NAMES[..]), 0..2);
    (dates, clause(), others, repeals).prop_map(
        move |(dates, entry_into_force, document, repeals)| {
            let [adopted_on, registered_on, published_on, in_force_on] = dates;
            Fact::ActRecorded(ActRecorded {
                act: slug(NAMES[n]),
                kind: ActKind::Order,
                number: None,
                body: "a body".parse().expect("a text"),
                titles: Titles {
                    kk: None,
                    ru: None,
                    en: Some("an act".parse().expect("a text")),
                },
                language: Language::Ru,
                adopted_on,
                registered_on,
                registration_number: None,
                published_on,
                in_force_on,
                entry_into_force,
                document: slug(document),
                wording: slug(&format!("by-{}", NAMES[n])),
                repeals: repeals.iter().map(|name| slug(name)).collect(),
                parents: Vec::new(),
                text_sha256: None,
                synthetic: true,
                source: "test".parse().expect("a text"),
                note: None,
            })
        },
    )
}

fn later() -> impl Strategy<Value = Fact> {
    let kinds = select(
        &[
            ActDate::Adopted,
            ActDate::Registered,
            ActDate::Published,
            ActDate::InForce,
        ][..],
    );
    prop_oneof![
        (select(&NAMES[..]), kinds, date()).prop_map(|(act, date, on)| {
            Fact::ActDateRecorded(ActDateRecorded {
                act: slug(act),
                date,
                on,
                source: "test".parse().expect("a text"),
            })
        }),
        (select(&NAMES[..]), date()).prop_map(|(act, from)| {
            Fact::ActDetermined(ActDetermined {
                act: slug(act),
                from: from.latest(),
                basis: "test".parse().expect("a text"),
            })
        }),
    ]
}

fn history() -> impl Strategy<Value = Vec<Fact>> {
    let acts = (act(0), act(1), act(2), act(3)).prop_map(|(a, b, c, d)| vec![a, b, c, d]);
    (acts, vec(later(), 0..5)).prop_map(|(acts, later)| [acts, later].concat())
}

/// How the domain says that an act stands: the word and since when.
fn said(force: Force) -> (&'static str, Option<Day>) {
    match force {
        Force::InForce { since, .. } | Force::Repealed { since, .. } => {
            (force.as_str(), Some(since))
        }
        Force::NotYet | Force::Unknown => (force.as_str(), None),
    }
}

/// How the view says it.
fn shown(status: &Status) -> (&'static str, Option<Day>) {
    match status {
        Status::NotYet { .. } => ("not-yet", None),
        Status::InForce { from, .. } => ("in-force", Some(*from)),
        Status::Repealed { from, .. } => ("repealed", Some(*from)),
        Status::Unknown { .. } => ("unknown", None),
    }
}

proptest! {
    #[test]
    fn decisions_and_views_tell_alike_how_an_act_stands(facts in history()) {
        let stream = StreamId::law();
        let drafts = facts.into_iter().zip(1..).map(|(fact, seq)| (stream.clone(), seq, Event::new(fact)));
        let origin = "qonys/almaty/test/1".parse().expect("an origin");
        let entries = entries_at(&origin, &Default::default(), Instant::from_micros(START), &[drafts.collect()]);
        let (mut law, mut register) = (Law::default(), Register::default());
        for entry in entries {
            law.apply(&entry.event);
            let text = entry.write().expect("an entry");
            register.fold(&Recorded::read(text).expect("an entry")).expect("a fold");
        }
        prop_assert_eq!(law.acts().count(), 4);
        prop_assert_eq!(register.acts(Position(u64::MAX)).count(), 4);
        let mut day = Day::new(2023, 12, 25);
        while day < Day::new(2024, 5, 15) {
            for name in NAMES.map(slug) {
                let status = register.status(&name, day, LATEST);
                prop_assert_eq!(said(law.force(&name, day)), shown(&status), "{} on {}: {:?}", name, day, status);
                let wording = register.wording(&name, day, LATEST);
                let told = match law.wording(&name, day) {
                    Wording::NotYet => ("not-yet", None),
                    Wording::Unknown => ("unknown", None),
                    Wording::InForce { act, .. } => ("in-force", Some(act.record.act.clone())),
                    Wording::Repealed { act, .. } => ("repealed", Some(act.record.act.clone())),
                };
                let word = shown(&wording.status).0;
                // Which act may set a wording that is not in force is said by the view alone.
                let by = match word {
                    "in-force" | "repealed" => wording.act,
                    _ => None,
                };
                prop_assert_eq!(told, (word, by), "{} on {}: {:?}", name, day, wording.status);
            }
            day = day.plus_days(1);
        }
    }
}
