//! A log in its store held against what its signer signed of it: an export to a scratch directory that is verified as an auditor
//! verifies one. For a log whose entries are not for everybody, so that nobody else sees to it.

use std::path::Path;

use qonys_events::scalar::Position;
use qonys_verify::{
    archive::Directory,
    check::{self, Part, Wanted},
    report::{Code, Fault, Level, Report},
};

use super::{
    Proof, ProofError,
    export::{self, export},
    signer::Signer,
};
use crate::log::{Log, LogError};

/// Entries that are looked for at once.
const PAGE: u64 = 256;

/// Holds the log against the head in the signer's place. It writes to the scratch directory alone, and signs nothing.
///
/// # Errors
/// Where something cannot be read; what is wrong with the log stands in the report.
pub async fn against_its_signer(
    (proof, signer): (&Proof, &Signer),
    scratch: &Path,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Report, ProofError> {
    let (head, signed) = signer.head()?;
    let published = proof
        .checkpoint()?
        .filter(|(_, last)| last.size >= signed.size);
    let behind = || {
        let why = "the last signed head is not published yet: `qonys serve` does within a second";
        ProofError::Broken(why.to_owned())
    };
    let (note, last) = published.ok_or_else(behind)?;
    let found = |fault: Fault| {
        let mut report = Report::new(Level::Proof);
        report.origin.clone_from(&signed.origin);
        report.size = last.size;
        report.root = Some(last.root);
        report.fault(fault);
        report
    };
    let stands = proof.log().head().await?.position.0;
    if stands < last.size {
        let what = format!(
            "the log has {stands} entries, and {} were signed",
            last.size
        );
        let lost = Fault::new(Code::Tail, what);
        return Ok(found(lost.between(stands + 1, last.size)));
    }
    if let Some(position) = missing(proof.log(), last.size).await? {
        let gap = Fault::new(Code::Gap, "the log does not have it any more");
        return Ok(found(gap.at(position)));
    }
    let target = scratch.join("bundle");
    let all = export::Wanted {
        from: Position(1),
        to: None,
        views: None,
        openings: Vec::new(),
        kept: None,
    };
    export(proof, &note, all, &target, |_, _| ()).await?;
    let wanted = Wanted {
        level: Level::Rules,
        keys: signer.public()?,
        policy: None,
        older: vec![head.to_string().into_bytes()],
        stamped: Vec::new(),
        fresh: None,
        four_eyes: true,
        scratch: scratch.to_owned(),
    };
    let mut source = Directory::new(&target);
    let part = Part {
        source: &mut source,
        kept: None,
    };
    Ok(check::verify(&mut [part], &wanted, progress))
}

/// The first entry of so many that is not there.
async fn missing(log: &Log, size: u64) -> Result<Option<u64>, LogError> {
    let mut first = 1;
    while first <= size {
        let count = PAGE.min(size - first + 1);
        let page = log
            .read_after(Position(first - 1), u32::try_from(count).unwrap_or(1))
            .await;
        if !page.is_ok_and(|page| page.len() as u64 == count) {
            break;
        }
        first += count;
    }
    for position in first..=size.min(first + PAGE) {
        let found = log.read_after(Position(position - 1), 1).await;
        let found = found.map(|found| found.first().map(|entry| entry.position.0));
        if !matches!(found, Ok(Some(at)) if at == position) {
            // A store that says nothing at all has not lost an entry.
            log.head().await?;
            return Ok(Some(position));
        }
    }
    Ok(None)
}
