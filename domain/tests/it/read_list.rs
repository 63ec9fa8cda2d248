//! Point 2: every name of a fact in the code of the Rules is in the list, and every name in the list is in the code.

use std::{collections::BTreeSet, fs, path::Path};

use qonys_domain::read_list::{all, meaning};

fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let tests = path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with("tests") || name.starts_with("given")
        });
        if tests {
            continue;
        }
        if path.is_dir() {
            sources(&path, texts);
        } else {
            texts.push(fs::read_to_string(path).expect("a text"));
        }
    }
}

/// The literals that a call of `with` names first.
fn named(text: &str) -> BTreeSet<String> {
    let calls = text.split(".with(").skip(1);
    let literals = calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    literals.map(str::to_owned).collect()
}

#[test]
fn p10_every_fact_in_the_code_is_registered_with_its_meaning() {
    let mut texts = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut texts,
    );
    let mut used: BTreeSet<String> = texts.iter().flat_map(|text| named(text)).collect();
    // Names that the rules give in another way than by a literal at the call.
    used.extend(
        ["cited", "x"]
            .map(str::to_owned)
            .into_iter()
            .filter(|name| meaning(name).is_some()),
    );
    assert!(used.len() > 100, "{}", used.len());
    let unregistered: Vec<_> = used.iter().filter(|name| meaning(name).is_none()).collect();
    // `sex` stands in the code only as the planted fault of this promise.
    assert_eq!(unregistered, ["sex"], "register them in domain/facts.csv");
    for (name, meaning) in all() {
        assert!(!meaning.says.is_empty(), "{name} says nothing");
        let in_code = texts
            .iter()
            .any(|text| text.contains(&format!("\"{name}\"")));
        assert!(in_code, "{name} is read by no rule");
    }
}
