//! Files of a bundle that are read whole, and what the tree's mismatches are as faults.

use qonys_events::scalar::Position;

use crate::{
    archive::{Source, SourceError},
    bundle::{self, Contents},
    digest::Published,
    openings::Openings,
    report::{Code, Fault, Report},
    tile::WIDTH,
    tree::Tree,
};

/// Entries before the first bundle of entries.
pub(super) fn bundle_start(contents: &Contents) -> u64 {
    (contents.from.0 - 1) / WIDTH * WIDTH
}

pub(super) fn unreadable(error: &SourceError) -> Fault {
    let code = match error {
        SourceError::Io(..) => Code::Io,
        _ => Code::Bundle,
    };
    Fault::new(code, error.to_string())
}

/// What is opened, where the bundle says that something is.
pub(super) fn read_openings(
    source: &mut dyn Source,
    contents: &Contents,
    report: &mut Report,
) -> Option<Openings> {
    if !contents.openings {
        return None;
    }
    let read = source.read(bundle::OPENINGS, bundle::MAX_OPENINGS);
    let fault = match read.map(|bytes| bytes.map(|bytes| Openings::read(&bytes))) {
        Ok(Some(Ok(openings))) => return Some(openings),
        Ok(Some(Err(error))) => Fault::new(Code::Bundle, error.to_string()),
        Ok(None) => Fault::new(Code::Bundle, "it is missing"),
        Err(error) => unreadable(&error),
    };
    report.fault(fault.file(bundle::OPENINGS));
    None
}

pub(super) fn read_views(source: &mut dyn Source) -> Result<Published, Fault> {
    let bytes = source
        .read(bundle::VIEWS, bundle::MAX_JSON)
        .map_err(|error| unreadable(&error).file(bundle::VIEWS))?;
    let missing = || Fault::new(Code::Bundle, "it is missing").file(bundle::VIEWS);
    serde_json::from_slice(&bytes.ok_or_else(missing)?)
        .map_err(|error| Fault::new(Code::Bundle, error.to_string()).file(bundle::VIEWS))
}

/// The tree's mismatches as faults; neighbours of one tile are one fault.
pub(super) fn coalesced(tree: &Tree, entries_are_right: bool) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for mismatch in &tree.mismatches {
        let fault = mismatch.fault(entries_are_right);
        let goes_on = faults.last_mut().filter(|last| {
            let end = last.until.or(last.position).unwrap_or_default();
            (last.code, &last.file) == (fault.code, &fault.file)
                && fault.position == Some(Position(end.0 + 1))
        });
        match goes_on {
            Some(last) => last.until = fault.until.or(fault.position),
            None => faults.push(fault),
        }
    }
    faults
}
