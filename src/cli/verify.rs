//! `qonys verify`: offline, with a bundle and public keys. No database, no network.

use std::path::{Path, PathBuf};

use clap::{Args, builder::PossibleValuesParser};
use indicatif::ProgressBar;
use qonys_events::{scalar::Position, tree::leaf_hash};
use qonys_verify::{
    archive::{Archive, Directory, Source},
    bundle::Contents,
    check::{self, Part, Wanted},
    note::VerifierKey,
    receipt::Receipt,
    report::{Level, Report},
};
use serde_json::json;

use super::{Failure, Output, ask::progress, output, proof::policy};
use crate::clock::{Clock, Entropy};

/// Options of `qonys verify`.
#[derive(Args)]
pub(super) struct Verify {
    /// A bundle (a directory or a `.tar`), or a receipt (`.tlog-proof`).
    what: PathBuf,
    /// A public key of the log, or a file with keys, one per line; got from elsewhere than the bundle.
    #[arg(long = "key")]
    keys: Vec<String>,
    /// A C2SP tlog-policy file: trusted logs, and how many witnesses must have cosigned.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// A checkpoint that was kept from before: the log must extend it.
    #[arg(long)]
    older: Vec<PathBuf>,
    /// A checkpoint that a time-stamping authority stamped, as `seconds=file` with the time of the stamp in seconds since
    /// 1970; verify the stamp itself with `openssl ts -verify`. It bounds the recorded times.
    #[arg(long, value_parser = stamped)]
    stamped: Vec<(u64, PathBuf)>,
    /// The bundle of the incarnation before, for a log that goes on from one; the oldest first.
    #[arg(long)]
    before: Vec<PathBuf>,
    /// How deep to look; each level includes those before it.
    #[arg(long, default_value = "views", value_parser = PossibleValuesParser::new(Level::ALL.iter().map(|(name, _)| *name)))]
    level: String,
    /// The checkpoint may be so many seconds old.
    #[arg(long)]
    max_age: Option<u64>,
    /// Only counts adoptions by the official who gave the command to hold, and does not take them for faults.
    #[arg(long)]
    same_hands: bool,
    /// How the report is written.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

/// A directory for scratch files, of this process alone. It goes with the value.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("qonys-{}", Entropy::System.reference()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn stamped(text: &str) -> Result<(u64, PathBuf), String> {
    let parts = text.split_once('=');
    let (time, path) = parts.ok_or("seconds since 1970, an equals sign, a file")?;
    let time = time
        .parse()
        .map_err(|_| "the time is in seconds since 1970")?;
    Ok((time, path.into()))
}

fn keys(given: &[String]) -> Result<Vec<VerifierKey>, Failure> {
    let mut keys = Vec::new();
    for given in given {
        if let Ok(key) = given.parse() {
            keys.push(key);
            continue;
        }
        let text = std::fs::read_to_string(given).map_err(|error| {
            Failure::usage(format!("{given} is no key, and as a file: {error}"))
        })?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let key = line.trim().parse();
            keys.push(key.map_err(|error| Failure::usage(format!("{given}: {error}")))?);
        }
    }
    Ok(keys)
}

fn source(path: &Path) -> Result<Box<dyn Source>, Failure> {
    if path.is_dir() {
        return Ok(Box::new(Directory::new(path)));
    }
    let archive = Archive::open(path);
    let archive = archive.map_err(|e| Failure::error(format!("{}: {e}", path.display())))?;
    Ok(Box::new(archive))
}

/// Verifies a bundle or a receipt. Exit code 3 where something is wrong with it.
pub(super) fn run(verify: &Verify) -> Result<(), Failure> {
    let mut trusted = keys(&verify.keys)?;
    let policy = verify.policy.as_ref().map(policy).transpose()?;
    trusted.extend(policy.iter().flat_map(|policy| policy.logs.clone()));
    if trusted.is_empty() {
        return Err(Failure::usage(
            "a public key of the log is needed (--key or --policy); without one anybody's bundle would pass",
        ));
    }
    if verify
        .what
        .extension()
        .is_some_and(|e| e == qonys_verify::receipt::EXTENSION)
    {
        return receipt(verify, &trusted, policy.as_ref());
    }
    let read = |path: &PathBuf| {
        std::fs::read(path).map_err(|e| Failure::error(format!("{}: {e}", path.display())))
    };
    let mut stamped = Vec::new();
    for (time, path) in &verify.stamped {
        stamped.push((read(path)?, *time));
    }
    let mut older = Vec::new();
    for path in &verify.older {
        older.push(read(path)?);
    }
    let paths: Vec<&PathBuf> = verify.before.iter().chain([&verify.what]).collect();
    let mut sources = Vec::new();
    for path in &paths {
        sources.push(source(path)?);
    }
    // Each bundle says how much it keeps of the one before.
    let mut kept = Vec::new();
    for path in &paths[1..] {
        let contents = Contents::read(&mut *source(path)?).ok();
        kept.push(
            contents
                .and_then(|contents| contents.kept)
                .or(Some(Position(0))),
        );
    }
    kept.push(None);
    let mut parts: Vec<Part<'_>> = sources
        .iter_mut()
        .zip(kept)
        .map(|(source, kept)| Part {
            source: &mut **source,
            kept,
        })
        .collect();
    let now = u64::try_from(Clock::System.now().micros() / 1_000_000).unwrap_or(0);
    let named = Level::ALL.iter().find(|(name, _)| *name == verify.level);
    let scratch = Scratch::new()?;
    let wanted = Wanted {
        level: named.map_or(Level::Views, |(_, level)| *level),
        keys: trusted,
        policy,
        older,
        stamped,
        fresh: verify.max_age.map(|age| (now, age)),
        four_eyes: !verify.same_hands,
        scratch: scratch.path().to_owned(),
    };
    let bar = progress("verifying");
    let report = check::verify(&mut parts, &wanted, &mut |at, end| show(&bar, at, end));
    bar.finish_and_clear();
    told(&report, verify.output)
}

/// Writes a report. Exit code 3 where it names a fault.
pub(super) fn told(report: &Report, form: Output) -> Result<(), Failure> {
    match form {
        Output::Table => table(report)?,
        Output::Json => output::json_document(report)?,
        Output::Ndjson => output::json(report)?,
    }
    if report.verified {
        Ok(())
    } else {
        let count = report.faults.len() as u64 + report.more_faults;
        Err(Failure::unverified(format!(
            "verification failed: {count} faults"
        )))
    }
}

fn show(bar: &ProgressBar, at: u64, end: u64) {
    bar.set_length(end);
    bar.set_position(at);
}

fn table(report: &Report) -> Result<(), Failure> {
    let line = |name: &str, text: String| output::line(&format!("{name:<9}{text}"));
    line("log", report.origin.clone())?;
    line("level", format!("{:?}", report.level).to_lowercase())?;
    if let Some(root) = report.root {
        line("signed", format!("{} entries, root {root}", report.size))?;
    }
    for signer in &report.signed_by {
        let at = signer.time.map_or(String::new(), |time| {
            format!(", at {time} (seconds since 1970)")
        });
        line("by", format!("{}{at}", signer.key))?;
    }
    if let Some((from, to)) = report.range {
        line("read", format!("entries {from} to {to}"))?;
    }
    if let Some((from, to)) = report.unanchored {
        line(
            "loose",
            format!("entries {from} to {to}: no signed root covers them"),
        )?;
    }
    if report.opened > 0 {
        line(
            "opened",
            format!("{} personal values: as committed", report.opened),
        )?;
    }
    if !report.extends.is_empty() {
        line(
            "extends",
            format!("{} earlier signed checkpoints", report.extends.len()),
        )?;
    }
    if report.times_bounded_to > 0 {
        line(
            "times",
            format!(
                "bounded by witnesses up to entry {}",
                report.times_bounded_to
            ),
        )?;
    }
    if !report.views.is_empty() {
        let rows: u64 = report.views.iter().map(|(_, rows)| rows).sum();
        line(
            "views",
            format!("{} tables, {rows} rows: as published", report.views.len()),
        )?;
    }
    if report.same_hands > 0 {
        line(
            "adopted",
            format!(
                "{} by the official who gave the command to hold",
                report.same_hands
            ),
        )?;
    }
    line(
        "after",
        format!(
            "entry {}: not covered by this checkpoint, nothing is said about it",
            report.size
        ),
    )?;
    for note in &report.notes {
        line("note", note.clone())?;
    }
    for fault in &report.faults {
        let at = match (fault.position, fault.until) {
            (Some(first), Some(last)) => format!(" at {first} to {last}"),
            (Some(first), None) => format!(" at {first}"),
            _ => String::new(),
        };
        let file = fault
            .file
            .as_ref()
            .map_or(String::new(), |file| format!(" in {file}"));
        line(
            "FAULT",
            format!("{}{at}{file}: {}", fault.code.as_str(), fault.detail),
        )?;
    }
    if report.more_faults > 0 {
        line("FAULT", format!("and {} more", report.more_faults))?;
    }
    let verdict = if report.verified {
        "verified"
    } else {
        "NOT verified"
    };
    Ok(output::line(verdict)?)
}

/// Verifies a receipt: the entry in it stands in the log.
fn receipt(
    verify: &Verify,
    trusted: &[VerifierKey],
    policy: Option<&qonys_verify::policy::Policy>,
) -> Result<(), Failure> {
    let bytes = std::fs::read(&verify.what)?;
    let receipt = Receipt::read(&bytes).map_err(Failure::unverified)?;
    let entry = receipt.extra.as_deref().ok_or_else(|| {
        Failure::usage(
            "the receipt does not hold its entry; compare the entry's leaf hash with another tool",
        )
    })?;
    let mut all = trusted.to_vec();
    all.extend(
        policy
            .iter()
            .flat_map(|policy| policy.witnesses.iter().map(|w| w.key.clone())),
    );
    let signed = receipt
        .verify(&leaf_hash(entry), &all)
        .map_err(Failure::unverified)?;
    if let Some(policy) = policy {
        let signed = receipt.note.signed_by(&policy.keys()).unwrap_or_default();
        if !policy.has_quorum(&signed) {
            return Err(Failure::unverified(
                "fewer witnesses cosigned than the policy asks for",
            ));
        }
    }
    let entry = qonys_events::entry::Entry::read(&String::from_utf8_lossy(entry));
    let entry = entry.map_err(Failure::unverified)?;
    if entry.place.position.0 != receipt.index + 1
        || entry.command.source.as_str() != receipt.checkpoint.origin
    {
        return Err(Failure::unverified(
            "the entry says another place or log of itself",
        ));
    }
    let document = json!({
        "verified": true,
        "origin": receipt.checkpoint.origin,
        "position": entry.place.position,
        "type": entry.event.fact.type_name(),
        "subject": entry.place.subject,
        "time": entry.place.time,
        "size": receipt.checkpoint.size.to_string(),
        "signatures": signed.len(),
    });
    match verify.output {
        Output::Table => {
            output::line(&format!(
                "entry {} of {}: {} about {}, recorded {}",
                entry.place.position,
                receipt.checkpoint.origin,
                entry.event.fact.type_name(),
                entry.place.subject,
                entry.place.time
            ))?;
            Ok(output::line("verified")?)
        }
        Output::Json => Ok(output::json_document(&document)?),
        Output::Ndjson => Ok(output::json(&document)?),
    }
}
