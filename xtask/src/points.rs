//! `cargo xtask points`: for each point of the Rules its commands, events, blocked reasons, views and tests, as
//! `docs/points.md`. Nothing is kept by hand: a file says in its first words which points it is about, a command and an
//! event in their own, and that is what is read here. `--check` compares and writes nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::{Stop, root, say};

/// The document that is generated.
const DOCUMENT: &str = "docs/points.md";

/// The points: 0 is the preamble.
const POINTS: [&str; 12] = [
    "the act itself: adopted, registered, published, in force, repealed",
    "legal basis",
    "principles: free choice of residence, no discrimination",
    "terms",
    "monitoring and its ten features",
    "proposals to the authorised body",
    "settling by regional quotas",
    "when departures exceed the pace of growth",
    "what the registration records are for",
    "registration at the place of residence and of stay",
    "the norm for provision of housing",
    "other powers",
];

/// What a row of the document lists.
#[derive(Default)]
struct Row {
    commands: BTreeSet<String>,
    events: BTreeSet<String>,
    blocked: BTreeSet<String>,
    views: BTreeSet<String>,
    tests: BTreeSet<String>,
}

/// The points that a text names: `(point 6)`, `points 9 and 10`, `Points 1-3`, `preamble`.
fn points_of(text: &str) -> BTreeSet<usize> {
    let lower = text.to_lowercase();
    let mut found = BTreeSet::new();
    if lower.contains("preamble") {
        found.insert(0);
    }
    for (at, _) in lower.match_indices("point") {
        let rest = lower[at + "point".len()..].trim_start_matches('s');
        let mut rest = rest.trim_start();
        let mut last: Option<usize> = None;
        loop {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let Ok(number) = rest[..digits].parse::<usize>() else {
                break;
            };
            if number < POINTS.len() {
                found.insert(number);
            }
            if let Some(first) = last.take() {
                found.extend(first..=number.min(POINTS.len() - 1));
            }
            rest = &rest[digits..];
            if let Some(after) = rest.strip_prefix(", ").or(rest.strip_prefix(" and ")) {
                rest = after;
            } else if let Some(after) = rest.strip_prefix('-').or(rest.strip_prefix(" to ")) {
                last = Some(number);
                rest = after;
            } else {
                break;
            }
        }
    }
    found
}

/// The first words of a file: its `//!` lines.
fn header(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.starts_with("//!"));
    lines.map(|line| &line[3..]).collect::<Vec<_>>().join(" ")
}

fn read(path: &Path) -> Result<String, Stop> {
    fs::read_to_string(path).map_err(|error| Stop::failed(format!("{}: {error}", path.display())))
}

/// Every Rust file below a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let entries = fs::read_dir(folder)
        .map_err(|error| Stop::failed(format!("{}: {error}", folder.display())))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The text between two quotes that follow a mark.
fn quoted<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark)?.1.split('"').nth(1)
}

struct Rows(Vec<Row>);

impl Rows {
    fn add(
        &mut self,
        points: &BTreeSet<usize>,
        list: fn(&mut Row) -> &mut BTreeSet<String>,
        what: &str,
    ) {
        for point in points {
            list(&mut self.0[*point]).insert(what.to_owned());
        }
    }

    /// Commands by their own words.
    fn commands(&mut self, root: &Path) -> Result<(), Stop> {
        let text = read(&root.join("domain/src/command.rs"))?;
        for part in text.split("#[doc = \"").skip(1) {
            let Some((words, rest)) = part.split_once("\"]") else {
                continue;
            };
            if let Some(name) = quoted(rest.split_once('\n').map_or("", |(_, next)| next), "=") {
                self.add(&points_of(words), |row| &mut row.commands, name);
            }
        }
        Ok(())
    }

    /// Events by the file of their payload, and by their own words.
    fn events(&mut self, root: &Path) -> Result<(), Stop> {
        let text = read(&root.join("events/src/fact.rs"))?;
        let mut words = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(more) = line.strip_prefix("///") {
                words.push_str(more);
            } else if let (Some(name), Some((_, payload))) =
                (quoted(line, " = "), line.split_once('('))
                && name.starts_with("kz.qonys.")
            {
                let mut points = points_of(&words);
                if let Some((module, _)) = payload.split_once("::") {
                    let file = root.join(format!("events/src/fact/{module}.rs"));
                    points.extend(points_of(&header(&read(&file)?)));
                }
                self.add(
                    &points,
                    |row| &mut row.events,
                    name.trim_start_matches("kz.qonys."),
                );
                words.clear();
            } else {
                words.clear();
            }
        }
        Ok(())
    }

    /// Blocked reasons by the files of the rules that give them.
    fn blocked(&mut self, root: &Path) -> Result<(), Stop> {
        let catalogue = read(&root.join("domain/src/blocked.rs"))?;
        let codes: BTreeMap<&str, &str> = catalogue
            .lines()
            .filter_map(|line| {
                let (variant, code) = line.trim().strip_suffix("\",")?.split_once(" = \"")?;
                Some((variant, code))
            })
            .collect();
        for path in files(&root.join("domain/src"))? {
            let text = read(&path)?;
            let points = points_of(&header(&text));
            for used in text.split("Code::").skip(1) {
                let end = used
                    .find(|c: char| !c.is_ascii_alphanumeric())
                    .unwrap_or(used.len());
                if let Some(code) = codes.get(&used[..end]) {
                    self.add(&points, |row| &mut row.blocked, code);
                }
            }
        }
        Ok(())
    }

    /// Tables of the views by their files.
    fn views(&mut self, root: &Path) -> Result<(), Stop> {
        for path in files(&root.join("projections/src"))? {
            let text = read(&path)?;
            let points = points_of(&header(&text));
            for part in text.split("rows! {").skip(1) {
                if let Some(table) = quoted(part, " in ") {
                    self.add(&points, |row| &mut row.views, table);
                }
            }
        }
        Ok(())
    }

    /// Files of tests by their first words.
    fn tests(&mut self, root: &Path) -> Result<(), Stop> {
        for folder in [
            "domain/src",
            "domain/tests",
            "projections/tests",
            "tests/it",
        ] {
            for path in files(&root.join(folder))? {
                let text = read(&path)?;
                let is_test = text.contains("#[test]") || text.contains("#[tokio::test");
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy();
                if is_test {
                    self.add(&points_of(&header(&text)), |row| &mut row.tests, &name);
                }
            }
        }
        Ok(())
    }
}

fn list(of: &BTreeSet<String>) -> String {
    let names: Vec<_> = of.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The document, and what is empty in it.
fn document(rows: &[Row]) -> (String, Vec<String>) {
    let mut text = String::from(
        "# The points of the Rules, and where each stands in the code\n\n\
         Generated by `cargo xtask points` from the first words of the files and types; do not edit.\n\
         A point without a number is the preamble.\n",
    );
    let mut empty = Vec::new();
    for (point, (title, row)) in POINTS.iter().zip(rows).enumerate() {
        let name = if point == 0 {
            "Preamble".to_owned()
        } else {
            format!("Point {point}")
        };
        text.push_str(&format!("\n## {name}: {title}\n\n"));
        for (what, of) in [
            ("commands", &row.commands),
            ("events", &row.events),
            ("blocked", &row.blocked),
            ("views", &row.views),
            ("tests", &row.tests),
        ] {
            if of.is_empty() {
                empty.push(format!("{name} has no {what}"));
            }
            text.push_str(&format!("- **{what}**: {}\n", list(of)));
        }
    }
    (text, empty)
}

/// Writes the document, or compares it.
pub(crate) fn run(args: &[String]) -> Result<u8, Stop> {
    let check = match args {
        [] => false,
        [only] if only == "--check" => true,
        _ => return Err(Stop::usage("points takes `--check` or nothing")),
    };
    let root = root();
    let mut rows = Rows(POINTS.iter().map(|_| Row::default()).collect());
    rows.commands(&root)?;
    rows.events(&root)?;
    rows.blocked(&root)?;
    rows.views(&root)?;
    rows.tests(&root)?;
    let (text, empty) = document(&rows.0);
    if !empty.is_empty() {
        return Err(Stop::failed(empty.join("; ")));
    }
    let path = root.join(DOCUMENT);
    if check {
        if read(&path)? != text {
            return Err(Stop::failed(format!(
                "{DOCUMENT} is not what the code says: `cargo xtask points` writes it"
            )));
        }
        say(&format!("{DOCUMENT} is what the code says"));
        return Ok(0);
    }
    fs::write(&path, text).map_err(|error| Stop::failed(format!("{DOCUMENT}: {error}")))?;
    Ok(0)
}
