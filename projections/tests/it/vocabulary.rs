//! The views against the whole vocabulary, and the declarations of their tables.

use std::collections::BTreeSet;

use qonys_events::{catalog, fact::Fact};
use qonys_projections::{
    UNFOLDED, all,
    memory::{MemoryFeed, MemorySink},
    port::Stored,
    runner::Runner,
    table::{Kind, RECORDED_FROM, RECORDED_TO, Value},
    tables,
};

use crate::support::ready;

#[test]
fn every_type_of_the_vocabulary_is_folded_or_has_its_reason() {
    let folded: BTreeSet<&str> = all().iter().flat_map(|p| p.types()).copied().collect();
    let unfolded: BTreeSet<&str> = UNFOLDED.iter().map(|(name, _)| *name).collect();
    let known: BTreeSet<&str> = Fact::TYPES.iter().copied().collect();
    assert_eq!(&folded | &unfolded, known);
    assert_eq!(&folded & &unfolded, BTreeSet::new());
    for projection in all() {
        let types: BTreeSet<_> = projection.types().iter().collect();
        assert_eq!(
            types.len(),
            projection.types().len(),
            "{} names a type twice",
            projection.name()
        );
    }
}

/// The example log of the vocabulary, one entry per type, which follow each other as a log would.
fn examples() -> Vec<Stored> {
    let entries = catalog::example_entries();
    let stored = entries.iter().map(|entry| Stored {
        position: entry.place.position,
        before: 0,
        time: entry.place.time,
        text: entry.write().unwrap(),
    });
    stored.collect()
}

/// Views and types of which the example log leaves nothing to write: the status was ended on its first day before; what ends
/// and is corrected there is a power for a type of decision, and a norm. What they write is told in `amended` and `anew`.
const NOTHING_LEFT: [(&str, &str); 3] = [
    ("residents", "kz.qonys.person.kandas-status-annulled.v1"),
    ("offices", "kz.qonys.power.ended.v1"),
    ("offices", "kz.qonys.law.corrected.v1"),
];

#[test]
fn each_projection_writes_something_for_each_type_that_it_names() {
    let log = examples();
    for projection in all() {
        let (name, types) = (projection.name(), projection.types());
        let sink = MemorySink::default();
        let mut runner = Runner::new(MemoryFeed(log.clone()), &sink, vec![projection]);
        let all_rows = || {
            tables()
                .iter()
                .map(|table| sink.rows(table))
                .collect::<Vec<_>>()
        };
        let mut before = all_rows();
        for (stored, event_type) in log.iter().zip(Fact::TYPES) {
            ready(runner.catch_up_to(stored.position)).unwrap_or_else(|e| panic!("{e}"));
            let after = all_rows();
            assert_eq!(
                before != after,
                types.contains(event_type) && !NOTHING_LEFT.contains(&(name, *event_type)),
                "{name}: {event_type}"
            );
            before = after;
        }
    }
}

#[test]
fn tables_are_declared_so_that_any_store_can_make_them() {
    // Words that a store reserves and a query would have to quote.
    const RESERVED: &[&str] = &[
        "all",
        "and",
        "as",
        "by",
        "case",
        "check",
        "column",
        "desc",
        "end",
        "from",
        "group",
        "in",
        "index",
        "key",
        "limit",
        "not",
        "null",
        "offset",
        "on",
        "or",
        "order",
        "primary",
        "references",
        "select",
        "table",
        "to",
        "union",
        "unique",
        "user",
        "values",
        "when",
        "where",
    ];
    let names: BTreeSet<_> = tables().iter().map(|table| table.name).collect();
    assert_eq!(names.len(), tables().len(), "two tables of one name");
    for table in tables() {
        let columns: BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(columns.len(), table.columns.len(), "{}", table.name);
        for name in columns.iter().chain([&table.name]) {
            let plain = name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            assert!(plain && !RESERVED.contains(name), "{}.{name}", table.name);
        }
        let indexed = table
            .key
            .iter()
            .chain(table.entity)
            .chain(table.indexes.iter().copied().flatten());
        for name in indexed {
            assert!(columns.contains(name), "{}.{name} is no column", table.name);
        }
        for key in table.key {
            assert!(
                !table.columns[table.column(key).unwrap()].nullable,
                "{}.{key}",
                table.name
            );
        }
        let from = table.columns[table.column(RECORDED_FROM).unwrap()];
        assert_eq!(
            (from.kind, from.nullable),
            (Kind::Integer, false),
            "{}",
            table.name
        );
        assert!(
            table.key.contains(&RECORDED_FROM),
            "{}: a row says which entry wrote it",
            table.name
        );
        assert_eq!(
            table.closes(),
            !table.entity.is_empty(),
            "{}: only what is read back is closed",
            table.name
        );
        if table.closes() {
            assert!(
                table.columns[table.column(RECORDED_TO).unwrap()].nullable,
                "{}",
                table.name
            );
        }
    }
}

#[test]
fn no_row_holds_what_stands_in_slots() {
    let log = examples();
    let sink = MemorySink::default();
    let head = log.last().unwrap().position;
    ready(Runner::new(MemoryFeed(log), &sink, all()).catch_up_to(head)).unwrap();
    let hash = "6dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
    for table in tables() {
        let rows = sink.rows(table);
        assert!(!rows.is_empty(), "{} has no row", table.name);
        for value in rows.iter().flat_map(|row| &row.0) {
            let text = value.as_text().unwrap_or_default();
            assert!(
                !text.contains("aes-256") && !text.contains(hash),
                "{}: {text}",
                table.name
            );
        }
        for (column, value) in rows.iter().flat_map(|row| table.columns.iter().zip(&row.0)) {
            let fits = match value {
                Value::Null => column.nullable,
                Value::Integer(_) => column.kind == Kind::Integer,
                Value::Text(_) => column.kind.is_text(),
            };
            assert!(fits, "{}.{} holds {value}", table.name, column.name);
        }
    }
}
