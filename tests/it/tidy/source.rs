//! Reading the project's files: which there are, what of them is code, which modules it names.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::depth;

/// The root of the checkout. Asked at run time: a target directory may be shared by checkouts.
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR");
    manifest.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

/// One file of the project: its path from the root, with slashes, and its text.
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

/// The tracked files that are text; without git, every file outside the build's own directories.
pub(super) fn files() -> Vec<File> {
    let root = root();
    let listed = Command::new("git")
        .current_dir(&root)
        .args(["ls-files", "-z"])
        .output();
    let paths: Vec<String> = match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            let text = String::from_utf8(output.stdout).expect("paths are UTF-8");
            text.split_terminator('\0').map(str::to_owned).collect()
        }
        _ => walk(&root, &root),
    };
    paths
        .into_iter()
        // A file may be deleted and not yet committed, or hold bytes that are no text.
        .filter_map(|path| {
            let text = std::fs::read_to_string(root.join(&path)).ok()?;
            Some(File { path, text })
        })
        .collect()
}

fn walk(root: &Path, dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)
        .expect("the checkout can be read")
        .flatten()
    {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if !["target", ".git", "qonys-data"]
                .iter()
                .any(|skip| name == *skip)
            {
                found.extend(walk(root, &path));
            }
        } else if let Ok(relative) = path.strip_prefix(root) {
            found.push(relative.to_string_lossy().into_owned());
        }
    }
    found
}

/// The text with comments and the insides of literals blanked; lines stay where they are.
pub(super) fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let length = literal_length(&chars[at..], at.checked_sub(1).map(|before| chars[before]));
        if length == 0 {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(
                chars[at..at + length]
                    .iter()
                    .map(|c| if *c == '\n' { '\n' } else { ' ' }),
            );
            at += length;
        }
    }
    out
}

/// How many characters the comment, text or character literal takes that starts here; 0 for none.
fn literal_length(rest: &[char], before: Option<char>) -> usize {
    let second = rest.get(1).copied();
    match (rest[0], second) {
        ('/', Some('/')) => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
        ('/', Some('*')) => {
            let (mut depth, mut at) = (0_u32, 0);
            while at + 1 < rest.len() {
                match (rest[at], rest[at + 1]) {
                    ('/', '*') => depth += 1,
                    ('*', '/') => depth -= 1,
                    _ => {
                        at += 1;
                        continue;
                    }
                }
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            rest.len()
        }
        ('r', Some('"' | '#')) if !before.is_some_and(|c| c.is_alphanumeric() && c != 'b') => {
            let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
            if rest.get(1 + hashes) != Some(&'"') {
                return 0;
            }
            let body = &rest[2 + hashes..];
            let closes = |at: usize| {
                body[at] == '"'
                    && body[at + 1..]
                        .iter()
                        .take(hashes)
                        .filter(|c| **c == '#')
                        .count()
                        == hashes
            };
            let end = (0..body.len()).find(|at| closes(*at)).unwrap_or(body.len());
            (2 + hashes + end + 1 + hashes).min(rest.len())
        }
        ('"', _) => {
            let mut at = 1;
            while at < rest.len() && rest[at] != '"' {
                at += if rest[at] == '\\' { 2 } else { 1 };
            }
            (at + 1).min(rest.len())
        }
        ('\'', Some('\\')) => {
            let end = rest.iter().skip(3).position(|c| *c == '\'');
            end.map_or(rest.len(), |end| end + 4)
        }
        ('\'', Some(_)) if rest.get(2) == Some(&'\'') => 3,
        _ => 0,
    }
}

/// Whether a name stands in code as a whole word.
pub(super) fn has_word(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].chars().next_back().is_some_and(part)
            && !code[at + word.len()..].chars().next().is_some_and(part)
    })
}

/// The module of the root package a file belongs to: `src/log/append.rs` and `src/log.rs` to `log`.
pub(super) fn module(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let first = inside.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

/// The modules of the root package that code names: `crate::x`, `crate::{x, y::z}`, and from the
/// program `qonys::x`; `super::` where it climbs up to the crate's own root.
pub(super) fn named_modules(path: &str, code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for start in ["crate::", "qonys::"] {
        if start == "qonys::" && path != "src/main.rs" {
            continue;
        }
        for (at, _) in code.match_indices(start) {
            found.extend(heads(&code[at + start.len()..]));
        }
    }
    let below = path
        .trim_start_matches("src/")
        .trim_end_matches(".rs")
        .trim_end_matches("/mod");
    let levels = below.split('/').count();
    let mut rest = code;
    while let Some(at) = rest.find("super::") {
        let tail = &rest[at..];
        let mut after = tail;
        let mut climbed = 0;
        while let Some(next) = after.strip_prefix("super::") {
            after = next;
            climbed += 1;
        }
        if climbed >= levels {
            found.extend(
                heads(after)
                    .into_iter()
                    .filter(|head| depth(head).is_some()),
            );
        }
        rest = after;
    }
    found
}

/// The first names of a path or of a braced list of paths.
fn heads(text: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(list) = text.trim_start().strip_prefix('{') else {
        return vec![name(text)];
    };
    let mut found = vec![name(list)];
    let mut open = 1;
    for (at, c) in list.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            ',' if open == 1 => found.push(name(&list[at + 1..])),
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    found.retain(|name| !name.is_empty());
    found
}
