//! `qonys export bundle`: everything that an auditor needs, in one directory or file.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use qonys_events::{
    id::{StreamId, StreamKind},
    scalar::{Position, Slug},
};
use qonys_verify::{
    checkpoint::Checkpoint, digest::Published as PublishedViews, note::Note, openings::Opening,
};

use super::{
    Failure, Where,
    ask::{moved, progress},
    output,
    place::{self, SecondPlace},
    signed::{Signed, Which},
    told::{Telling, Why},
    verify::Scratch,
};
use crate::{
    log::{Log, continued::goes_on_from},
    proof::{
        Proof,
        export::{self, Wanted, export},
        openings::openings,
    },
    settings::Place,
    views::Views,
};

/// Options of `qonys export`.
#[derive(Args)]
pub(super) struct Export {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The auditor's bundle: entries, hashes, checkpoints, digests of the views. `qonys verify` checks it offline.
    Bundle(Bundle),
}

#[derive(Args)]
struct Bundle {
    /// A directory that is not there yet, or a file that ends in `.tar`.
    target: PathBuf,
    /// The first position of a range, rounded down to a whole block of 256.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// The last position of a range.
    #[arg(long)]
    to: Option<u64>,
    /// A file that names the personal values of an approved scope, one a line: a position, or a position and the name of a
    /// slot. They are opened in the bundle for whoever reads it.
    #[arg(long)]
    open: Option<PathBuf>,
    /// Signs nothing: the bundle is made under the checkpoint that was published last.
    #[arg(long)]
    last: bool,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    at: Where,
}

/// Exports.
pub(super) async fn run(exported: Export) -> Result<(), Failure> {
    let What::Bundle(bundle) = exported.what;
    if bundle.which.second_log {
        return second(bundle).await;
    }
    let place = bundle.at.place();
    let signed = bundle.which.open(&bundle.at).await?;
    if !bundle.last {
        signed.publisher().await?.round().await?;
    }
    let (log, proof) = (signed.log.clone(), signed.proof());
    let note = export::checkpoint(&proof, !bundle.last)?;
    let size = Checkpoint::read(&note.text).map_err(Failure::error)?.size;
    let bar = progress("exporting");
    let whole = bundle.from <= 1 && bundle.to.is_none();
    let views = if whole && size > 0 {
        let views = Views::open(&log, place.directory()).await?;
        views.catch_up(moved(&bar)).await?;
        let scratch = Scratch::new()?;
        Some(views.digests(Position(size), scratch.path()).await?)
    } else {
        None
    };
    let openings = match &bundle.open {
        Some(path) => opened(&log, &place, path).await?,
        None => Vec::new(),
    };
    let telling = Telling {
        kind: "export",
        operation: "export-bundle",
        about: about(&log, &openings).await?,
    };
    drop(bundle.why.tell(&bundle.at, &log, telling).await?);
    let more = (openings, views, kept(&log).await?);
    write(&bundle, (&proof, &note), more, &bar).await
}

/// Exports the second log. That somebody took it away stands in it before.
async fn second(bundle: Bundle) -> Result<(), Failure> {
    if bundle.open.is_some() {
        return Err(Failure::usage(
            "no personal value stands in the second log: --open is of the register",
        ));
    }
    let log = place::open(&bundle.at.place()).await?;
    let telling = Telling::of("export", "export-second-log", Vec::new());
    let audit = bundle.why.tell(&bundle.at, &log, telling).await?;
    let second = SecondPlace::of(&bundle.at.place(), &bundle.at.signer())?;
    let signed = Signed::second(second, audit.log().clone());
    if !bundle.last {
        signed.publisher().await?.round().await?;
    }
    let proof = signed.proof();
    let note = export::checkpoint(&proof, !bundle.last)?;
    let bar = progress("exporting");
    write(&bundle, (&proof, &note), (Vec::new(), None, None), &bar).await
}

/// Writes a bundle, and says what stands in it.
async fn write(
    bundle: &Bundle,
    (proof, note): (&Proof, &Note),
    (openings, views, kept): (Vec<Opening>, Option<PublishedViews>, Option<Position>),
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let wanted = Wanted {
        openings,
        from: Position(bundle.from.max(1)),
        to: bundle.to.map(Position),
        views,
        kept,
    };
    let made = export(proof, note, wanted, &bundle.target, |at, end| {
        bar.set_length(end);
        bar.set_position(at);
    })
    .await?;
    bar.finish_and_clear();
    output::line(&format!("bundle   {}", bundle.target.display()))?;
    output::line(&format!("log      {}", made.origin))?;
    output::line(&format!(
        "entries  {} to {} of {}",
        made.from, made.to, made.size
    ))?;
    Ok(output::line(&format!(
        "check it: qonys verify {} --key <the log's public key>",
        bundle.target.display()
    ))?)
}

/// The values that a file of an approved scope names.
async fn opened(log: &Log, place: &Place, path: &Path) -> Result<Vec<Opening>, Failure> {
    let named = |n: usize, why: &str| Failure::usage(format!("{}:{n}: {why}", path.display()));
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::error(format!("{}: {error}", path.display())))?;
    let mut scope = Vec::new();
    for (line, n) in text
        .lines()
        .zip(1..)
        .filter(|(line, _)| !line.trim().is_empty())
    {
        let mut words = line.split_whitespace();
        let position = words.next().and_then(|word| word.parse::<Position>().ok());
        let position = position.ok_or_else(|| named(n, "a position comes first"))?;
        let name = words.next().map(str::parse::<Slug>).transpose();
        let name = name.map_err(|_| named(n, "the name of a slot comes second"))?;
        if words.next().is_some() {
            return Err(named(n, "a position and a name, and no more"));
        }
        scope.push((position, name));
    }
    let vault = super::vault::open(place, log).await?;
    Ok(openings(log, &vault, &scope).await?)
}

/// Whose personal values a bundle opens, and which: a subject may be a person or a dwelling, and the entry's own stream says so
/// where it is about it.
async fn about(log: &Log, openings: &[Opening]) -> Result<Vec<(StreamId, Vec<Slug>)>, Failure> {
    let mut about: BTreeMap<String, (StreamId, Vec<Slug>)> = BTreeMap::new();
    for opening in openings {
        let before = Position(opening.position.0.saturating_sub(1));
        let entry = log.read_after(before, 1).await?;
        let own = entry.first().map(|entry| entry.stream.clone());
        let own = own.filter(|stream| stream.key() == opening.subject.to_string());
        let stream = own.unwrap_or_else(|| StreamId::of(StreamKind::Person, opening.subject));
        let (_, names) = about
            .entry(stream.to_string())
            .or_insert_with(|| (stream, Vec::new()));
        if !names.contains(&opening.name) {
            names.push(opening.name.clone());
        }
    }
    Ok(about.into_values().collect())
}

/// How many entries of the incarnation before are kept, by the first entry.
pub(super) async fn kept(log: &Log) -> Result<Option<Position>, Failure> {
    let said = goes_on_from(log).await?;
    Ok(said.map(|said| said.kept))
}
