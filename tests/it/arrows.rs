//! The arrows between the packages, asked of cargo itself.
//!
//! Each package is asked about alone (`-p`): built together, one package's features hide what
//! another truly needs.

use std::collections::BTreeSet;
use std::process::Command;

use crate::tidy::root;

/// What opens a socket, speaks a protocol or holds a database. Only the root package may.
const OUTSIDE: [&str; 14] = [
    "async-nats",
    "axum",
    "hyper",
    "hyper-util",
    "libsqlite3-sys",
    "mio",
    "postgres-es",
    "reqwest",
    "rustls",
    "socket2",
    "sqlx",
    "sqlx-core",
    "tokio-rustls",
    "tower-http",
];
/// What the root package holds and nothing pure may link: randomness and the system's files.
const CHANCE: [&str; 3] = ["rand", "rand_chacha", "tempfile"];
/// The features of tokio that reach outside. (The framework's core brings its channels.)
const TOKIO_OUTSIDE: [&str; 5] = ["fs", "net", "process", "rt-multi-thread", "signal"];

/// Package, and the siblings it may name in its manifest.
const ARROWS: [(&str, &[&str]); 6] = [
    ("qonys-events", &[]),
    ("qonys-domain", &["qonys-events"]),
    ("qonys-projections", &["qonys-events"]),
    ("qonys-verify", &["qonys-events", "qonys-projections"]),
    (
        "qonys",
        &[
            "qonys-domain",
            "qonys-events",
            "qonys-projections",
            "qonys-verify",
        ],
    ),
    ("xtask", &[]),
];

/// `cargo tree` for one package; each line is a package's name and its features.
#[track_caller]
fn tree(package: &str, arguments: &[&str]) -> Vec<(String, String)> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root())
        .args([
            "tree",
            "--offline",
            "--locked",
            "--prefix",
            "none",
            "--format",
            "{p}|{f}",
        ])
        .args(["-p", package])
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    text.lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(' ')?;
            let features = rest.split_once('|')?.1.trim_end_matches(" (*)");
            Some((name.to_owned(), features.to_owned()))
        })
        .collect()
}

/// The packages of the workspace that exist so far.
fn members() -> Vec<&'static str> {
    let directory = |name: &str| match name {
        "qonys" => root(),
        "xtask" => root().join("xtask"),
        other => root().join(other.trim_start_matches("qonys-")),
    };
    let names = ARROWS.iter().map(|(name, _)| *name);
    names
        .filter(|name| directory(name).join("Cargo.toml").is_file())
        .collect()
}

/// What of a tree a pure package must not reach.
fn forbidden(tree: &[(String, String)], names: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, features) in tree {
        if names.contains(&name.as_str()) {
            found.insert(name.clone());
        }
        if name == "tokio" {
            let outside = features
                .split(',')
                .filter(|feature| TOKIO_OUTSIDE.contains(feature));
            found.extend(outside.map(|feature| format!("tokio/{feature}")));
        }
    }
    found
}

#[test]
fn pure_packages_reach_no_socket_database_or_broker() {
    let never: Vec<&str> = OUTSIDE.into_iter().chain(CHANCE).collect();
    for package in members() {
        if matches!(package, "qonys" | "xtask") {
            continue;
        }
        let found = forbidden(&tree(package, &["-e", "normal"]), &never);
        assert!(
            found.is_empty(),
            "{package} reaches {found:?}: only the root package does I/O"
        );
    }
}

#[test]
fn the_root_package_would_be_caught() {
    let found = forbidden(&tree("qonys", &["-e", "normal"]), &OUTSIDE);
    for name in ["async-nats", "axum", "sqlx", "rustls", "tokio/net"] {
        assert!(
            found.contains(name),
            "the net has a hole: {name} was not found in {found:?}"
        );
    }
    assert!(!found.contains("reqwest"));
}

#[test]
fn siblings_see_each_other_only_along_the_arrows() {
    for package in members() {
        let (_, allowed) = ARROWS
            .iter()
            .find(|(name, _)| *name == package)
            .expect("it is listed");
        let direct = tree(package, &["-e", "normal,build,dev", "--depth", "1"]);
        for (name, _) in direct.iter().filter(|(name, _)| name != package) {
            let sibling = name.starts_with("qonys") || name == "xtask";
            assert!(
                !sibling || allowed.contains(&name.as_str()),
                "{package} depends on {name}: its arrows go to {allowed:?}"
            );
        }
    }
}

#[test]
fn projections_never_see_the_domain() {
    for package in members()
        .into_iter()
        .filter(|name| name.ends_with("projections"))
    {
        let reached = tree(package, &["-e", "normal,build,dev"]);
        assert!(
            reached.iter().all(|(name, _)| name != "qonys-domain"),
            "{package}"
        );
    }
}

#[test]
fn every_member_of_the_workspace_has_its_arrows() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let line = manifest
        .lines()
        .find(|line| line.starts_with("members"))
        .expect("its members");
    assert_eq!(
        line.matches('"').count() / 2,
        members().len(),
        "a package was added: give it its line in ARROWS ({line})"
    );
}

#[test]
fn xtask_has_no_dependency() {
    assert_eq!(tree("xtask", &["-e", "normal,build,dev"]).len(), 1);
}
