//! The table of attacks (`docs/attacks.md`) is whole, and names tests and codes that exist.

use std::{collections::BTreeSet, path::Path};

use qonys_verify::report::Code;

/// Rows without a test: what no log can show. Each says which in its remarks.
const WITHOUT: &[&str] = &["A13", "A39"];

#[test]
fn every_attack_of_the_table_names_a_test_and_a_code_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("docs/attacks.md")).expect("the table");
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let (mut rows, mut tests, mut named) = (Vec::new(), 0, BTreeSet::new());
    for line in table.lines().filter(|line| line.starts_with("| A")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, _, shown, place, links, remarks] = cells[..] else {
            panic!("a row has seven cells: {line}");
        };
        rows.push(id.to_owned());
        for word in shown
            .split([',', ' '])
            .filter(|word| word.starts_with("E-"))
        {
            assert!(codes.contains(word), "{id}: {word} is no code");
            assert_ne!(place, "—", "{id}: a code has a place");
            named.insert(word);
        }
        let links: Vec<&str> = links.split("<br>").filter(|link| *link != "—").collect();
        assert_eq!(links.is_empty(), WITHOUT.contains(&id), "{id}: {links:?}");
        assert!(!links.is_empty() || !remarks.is_empty(), "{id} says why");
        for link in links {
            let parts = link
                .strip_prefix("[`")
                .and_then(|rest| rest.strip_suffix(')'));
            let parts = parts.and_then(|rest| rest.split_once("`](../"));
            let (name, file) = parts.unwrap_or_else(|| panic!("{id}: {link} is no link"));
            let source = std::fs::read_to_string(root.join(file));
            let source = source.unwrap_or_else(|error| panic!("{id}: {file}: {error}"));
            let before = source
                .split(&format!("fn {name}("))
                .next()
                .unwrap_or_default();
            assert!(
                before.len() < source.len(),
                "{id}: no test {name} in {file}"
            );
            tests += 1;
        }
    }
    let expected: Vec<String> = (1..=58).map(|n| format!("A{n:02}")).collect();
    assert_eq!(rows, expected);
    assert!(tests > 60 && named.len() > 20, "{tests} tests, {named:?}");
}
