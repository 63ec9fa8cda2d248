//! The version of the fold: a number over the sources that make a stream's state out of its entries. A snapshot of
//! another version is not read, so nobody has to remember to count one up.

use std::{
    fs,
    hash::{DefaultHasher, Hasher as _},
    io,
    path::{Path, PathBuf},
};

/// Where events are read and states are made.
const SOURCES: [&str; 2] = ["events/src", "domain/src"];

fn files(directory: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let mut found = Vec::new();
    for sources in SOURCES {
        println!("cargo::rerun-if-changed={sources}");
        files(Path::new(sources), &mut found)?;
    }
    found.sort();
    let mut hasher = DefaultHasher::new();
    for path in found {
        hasher.write(path.as_os_str().as_encoded_bytes());
        hasher.write(&fs::read(&path)?);
    }
    println!("cargo::rustc-env=QONYS_FOLD={:016x}", hasher.finish());
    Ok(())
}
