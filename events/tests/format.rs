//! The frozen format: schemas and golden entries are added, never edited (`QONYS_BLESS=1` writes the missing ones).

use std::{collections::BTreeSet, fs, path::PathBuf};

use qonys_events::{catalog, entry::Entry, fact::Fact, schema};

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compares with the committed file; writes it only when it is missing and blessing was asked for.
fn frozen(path: PathBuf, made: &str) {
    match fs::read_to_string(&path) {
        Ok(kept) if !kept.is_empty() => assert_eq!(
            kept,
            made,
            "{} is frozen: add a new version instead",
            path.display()
        ),
        _ if std::env::var_os("QONYS_BLESS").is_some() => {
            fs::write(&path, made).expect("the file can be written")
        }
        _ => panic!("{} is missing: QONYS_BLESS=1 writes it", path.display()),
    }
}

#[test]
fn every_type_has_its_committed_schema() {
    assert_eq!(
        schema::COMMITTED
            .iter()
            .map(|(n, _)| *n)
            .collect::<Vec<_>>(),
        Fact::TYPES
    );
    for name in Fact::TYPES {
        let schema = Fact::data_schema(name).expect("a schema for every type");
        let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
        frozen(folder("schemas").join(format!("{name}.json")), &text);
    }
}

#[test]
fn every_type_has_its_golden_entry_which_reads_and_writes_itself() {
    let entries = catalog::example_entries();
    assert_eq!(
        entries
            .iter()
            .map(|e| e.event.fact.type_name())
            .collect::<Vec<_>>(),
        Fact::TYPES
    );
    for entry in &entries {
        let text = entry.write().expect("an entry that can be written");
        frozen(
            folder("golden").join(format!("{}.json", entry.event.fact.type_name())),
            &text,
        );
        assert_eq!(Entry::read(&text).expect("its own bytes"), *entry);
    }
}

#[test]
fn no_golden_file_or_schema_is_without_a_type() {
    for (name, kept) in [("golden", true), ("schemas", true)] {
        let files: BTreeSet<String> = fs::read_dir(folder(name))
            .expect("the folder")
            .map(|f| {
                f.expect("a file")
                    .file_name()
                    .to_string_lossy()
                    .trim_end_matches(".json")
                    .to_owned()
            })
            .collect();
        let types: BTreeSet<String> = Fact::TYPES.iter().map(|t| (*t).to_owned()).collect();
        assert_eq!(files == types, kept, "{name}");
    }
}

#[test]
fn example_data_fits_the_committed_schema_and_a_foreign_member_does_not() {
    for entry in catalog::example_entries() {
        let name = entry.event.fact.type_name();
        let schema: serde_json::Value =
            serde_json::from_str(schema::text(name).expect("a schema")).expect("JSON");
        let validator = jsonschema::validator_for(&schema).expect("a valid schema");
        let mut data: serde_json::Value =
            serde_json::from_str(&entry.event.fact.write_data()).expect("JSON");
        assert!(
            validator.is_valid(&data),
            "{name}: {:?}",
            validator.iter_errors(&data).next().map(|e| e.to_string())
        );
        data["surprise"] = "here".into();
        assert!(
            !validator.is_valid(&data),
            "{name} lets a foreign member pass"
        );
    }
}

#[test]
fn the_whole_entry_decodes_as_an_event_for_postgres_es() {
    for entry in catalog::example_entries() {
        let text = entry.write().expect("an entry");
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let event: qonys_events::event::Event =
            serde_json::from_value(value).expect("an event in a whole entry");
        assert_eq!(event, entry.event);
    }
}

#[test]
fn other_bytes_for_the_same_members_are_refused() {
    let text = catalog::example_entries()[1].write().expect("an entry");
    let swapped = text.replacen("\"specversion\":\"1.0\",", "", 1).replacen(
        '{',
        "{\"specversion\": \"1.0\",",
        1,
    );
    let order = text.replacen("\"specversion\":\"1.0\",", "", 1);
    let order = format!(
        "{},\"specversion\":\"1.0\"}}",
        order.trim_end_matches('}').to_owned() + "}"
    );
    let escaped = text.replacen("Almaty", "\\u0041lmaty", 1);
    let doubled = text.replacen(
        "\"specversion\":\"1.0\",",
        "\"specversion\":\"1.0\",\"specversion\":\"1.0\",",
        1,
    );
    let number = text.replacen("\"position\":\"2\"", "\"position\":2", 1);
    let foreign = text.replacen(
        "\"specversion\":\"1.0\",",
        "\"specversion\":\"1.0\",\"extra\":\"x\",",
        1,
    );
    let version = text.replacen("\"entryversion\":\"1\"", "\"entryversion\":\"2\"", 1);
    let control = text.replacen("Almaty maslikhat", "Almaty\\u0007maslikhat", 1);
    for (what, bad) in [
        ("blank", swapped),
        ("order", order),
        ("escape", escaped),
        ("duplicate", doubled),
        ("number", number),
        ("foreign member", foreign),
        ("version", version),
        ("control character", control),
        ("cut", text[..text.len() - 1].to_owned()),
    ] {
        assert_ne!(bad, text, "{what} changed nothing");
        assert!(Entry::read(&bad).is_err(), "{what} passed");
    }
}
