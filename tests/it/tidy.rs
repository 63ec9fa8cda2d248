//! The repository checks itself: a rule that runs is not discussed again.
//!
//! Each rule is a function from a file to its faults, tried on planted faults beside it. Rules about
//! code look at [`code`], in which comments and texts are blank.

mod literals;
mod planted;
mod source;

pub(crate) use source::root;
use source::{File, code, files, has_word, module, named_modules};

/// The layers of the root package, from the top. A module uses its own and those further down.
const LAYERS: [&[&str]; 9] = [
    &["main"],
    &["cli"],
    &["demo", "fairness", "bench"],
    &["http", "web", "relay", "views", "witness"],
    &["personal", "completeness"],
    &["dispatch", "queries", "proof"],
    &["audit"],
    &["log", "vault", "access"],
    &[
        "settings",
        "clock",
        "telemetry",
        "examples",
        "published",
        "locale",
        "peer",
    ],
];
/// Rooms that speak to the database through others only.
const WITHOUT_SQL: [&str; 5] = ["http", "web", "cli", "demo", "dispatch"];
/// Names that say nothing.
const EMPTY_NAMES: [&str; 4] = ["utils", "common", "helpers", "misc"];
/// The longest a source file gets.
const MAX_LINES: usize = 500;

/// Every fault that a rule finds in the files whose path ends with `suffix`.
#[track_caller]
fn hold(suffix: &str, rule: impl Fn(&File) -> Vec<String>) {
    let files = files();
    let mut chosen = files
        .iter()
        .filter(|file| file.path.ends_with(suffix))
        .peekable();
    assert!(
        chosen.peek().is_some(),
        "no file ends with {suffix}: the rule looks at nothing"
    );
    let faults: Vec<String> = chosen
        .flat_map(|file| {
            rule(file)
                .into_iter()
                .map(|fault| format!("{}: {fault}", file.path))
        })
        .collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// How far down a module lies; none for a name that is no layer.
fn depth(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn looks_up(file: &File) -> Vec<String> {
    let Some(own) = module(&file.path).filter(|own| *own != "lib") else {
        return Vec::new();
    };
    let Some(level) = depth(own) else {
        return vec![format!(
            "module `{own}` is in no layer: give it one in LAYERS, or a room below one"
        )];
    };
    named_modules(&file.path, &code(&file.text))
        .into_iter()
        .filter(|name| name != own && depth(name).is_some_and(|other| other <= level))
        .map(|name| format!("`{own}` looks at `{name}`, which is not below it"))
        .collect()
}

fn speaks_sql(file: &File) -> Vec<String> {
    let room = module(&file.path).filter(|room| WITHOUT_SQL.contains(room));
    match room {
        Some(room) if has_word(&code(&file.text), "sqlx") => {
            vec![format!(
                "`{room}` names sqlx: ask log, vault or views instead"
            )]
        }
        _ => Vec::new(),
    }
}

fn is_unfinished(file: &File) -> Vec<String> {
    let code = code(&file.text);
    let mut faults = Vec::new();
    for word in ["todo!", "unimplemented!", "#[ignore"] {
        if code.contains(word) {
            faults.push(format!(
                "`{word}`: finish it, or write down in an issue what is missing"
            ));
        }
    }
    if file.text.contains(&["FIX", "ME"].concat()) {
        faults.push("a note to fix it: fix it, or open an issue".to_owned());
    }
    faults
}

fn is_impure(file: &File) -> Vec<String> {
    if !file.path.starts_with("domain/src/") {
        return Vec::new();
    }
    let code = code(&file.text);
    let forbidden = [
        (
            "f32",
            "count in whole units: areas in square decimetres, shares as fractions",
        ),
        (
            "f64",
            "count in whole units: areas in square decimetres, shares as fractions",
        ),
        ("std::time", "time is an argument of decide"),
        ("SystemTime", "time is an argument of decide"),
        (
            "rand",
            "what is random is minted at the edge and arrives in the command",
        ),
    ];
    let found = forbidden
        .into_iter()
        .filter(|(word, _)| has_word(&code, word));
    found
        .map(|(word, instead)| format!("`{word}`: {instead}"))
        .collect()
}

fn is_misnamed(file: &File) -> Vec<String> {
    let stem = file.path.trim_end_matches(".rs");
    let inline = code(&file.text);
    let named = |name: &&str| {
        stem.split('/').any(|part| part == *name) || inline.contains(&format!("mod {name} "))
    };
    let found = EMPTY_NAMES.iter().filter(|name| named(name));
    found
        .map(|name| format!("a module `{name}` says nothing: name what it holds"))
        .collect()
}

fn leaks_the_workshop(file: &File) -> Vec<String> {
    let needles = [
        ["..", "/shared"].concat(),
        ["/wo", "rk/"].concat(),
        ["/ro", "ot/"].concat(),
    ];
    let found = needles.iter().filter(|needle| file.text.contains(*needle));
    found
        .map(|needle| format!("`{needle}` means nothing to a reader elsewhere"))
        .collect()
}

fn is_unpinned(file: &File) -> Vec<String> {
    let stages: Vec<&str> = file
        .text
        .lines()
        .filter_map(|line| line.split_once(" AS "))
        .map(|(_, name)| name)
        .collect();
    let mut faults = Vec::new();
    for line in file.text.lines().map(str::trim) {
        let image = line
            .strip_prefix("image: ")
            .or_else(|| line.strip_prefix("FROM "));
        let Some(image) = image.and_then(|rest| rest.split(' ').next()) else {
            continue;
        };
        let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
        if !stages.contains(&image) && !tag.contains(|c: char| c.is_ascii_digit()) {
            faults.push(format!(
                "`{image}` has no version: the same file must build the same thing"
            ));
        }
    }
    faults
}

fn ports_are_open(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    let mut in_ports = false;
    for line in file.text.lines().map(str::trim) {
        if let Some(port) = line.strip_prefix("- ").filter(|_| in_ports) {
            if !port.trim_matches('"').starts_with("127.0.0.1:") {
                faults.push(format!(
                    "port {port} is open to the network: bind it to 127.0.0.1"
                ));
            }
        } else if !line.starts_with('#') {
            in_ports = line == "ports:";
        }
    }
    faults
}

#[test]
fn every_file_opens_with_what_it_is() {
    hold(".rs", |file| {
        let opens = file.text.starts_with("//! ");
        if opens {
            Vec::new()
        } else {
            vec!["opens without a `//!` module doc".to_owned()]
        }
    });
}

#[test]
fn no_file_is_too_long() {
    hold(".rs", |file| {
        let lines = file.text.lines().count();
        let long = (lines > MAX_LINES).then(|| format!("{lines} lines: split it along its parts"));
        long.into_iter().collect()
    });
}

#[test]
fn layers_only_look_down() {
    hold(".rs", looks_up);
}

#[test]
fn sql_stays_in_its_rooms() {
    hold(".rs", speaks_sql);
}

#[test]
fn nothing_is_unfinished() {
    hold(".rs", is_unfinished);
}

#[test]
fn the_domain_has_no_clock_no_chance_and_no_floats() {
    hold(".rs", is_impure);
}

#[test]
fn modules_are_named_for_what_they_hold() {
    hold(".rs", is_misnamed);
}

#[test]
fn nothing_leans_on_the_place_it_was_made_in() {
    hold("", leaks_the_workshop);
}

#[test]
fn images_are_pinned_and_ports_stay_here() {
    hold("docker-compose.yml", is_unpinned);
    hold("docker-compose.yml", ports_are_open);
    hold("Dockerfile", is_unpinned);
}
