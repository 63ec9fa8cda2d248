//! The auditor's bundle: entries as the log has them, hashes as they were published, the checkpoints.

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use qonys_events::scalar::Position;
use qonys_verify::{
    archive::ArchiveWriter,
    bundle::{self, Contents},
    digest::Published as PublishedViews,
    note::Note,
    openings::Opening,
    tile::{self, Layer, Tile, WIDTH},
};

use super::{HISTORY, Proof, ProofError, files};

/// Where a bundle goes.
enum Target {
    Directory(PathBuf),
    Archive(ArchiveWriter<BufWriter<File>>),
}

impl Target {
    fn new(path: &Path) -> io::Result<Self> {
        let archive = path.extension().is_some_and(|extension| extension == "tar");
        if archive {
            let file = File::create_new(path)?;
            return Ok(Self::Archive(ArchiveWriter::new(BufWriter::with_capacity(
                1 << 20,
                file,
            ))));
        }
        // Nothing of an older bundle may stand there.
        fs::create_dir(path)?;
        Ok(Self::Directory(path.to_owned()))
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Archive(archive) => archive.add(name, bytes),
            Self::Directory(directory) => {
                let path = directory.join(name);
                fs::create_dir_all(path.parent().unwrap_or(directory))?;
                fs::write(path, bytes)
            }
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Archive(archive) => {
                let file = archive
                    .finish()?
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)?;
                file.sync_all()
            }
            Self::Directory(_) => Ok(()),
        }
    }
}

/// Sizes of the earlier checkpoints that are kept, ascending.
pub(super) fn history(proof: &Proof) -> Result<Vec<u64>, ProofError> {
    let path = proof.directory().join(HISTORY);
    let failed = |error| ProofError::File(path.clone(), error);
    let found = match fs::read_dir(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut sizes = Vec::new();
    for file in found {
        let name = file.map_err(failed)?.file_name();
        sizes.extend(name.to_str().and_then(|name| name.parse::<u64>().ok()));
    }
    sizes.sort_unstable();
    Ok(sizes)
}

/// What an export covers.
pub struct Wanted {
    /// The first position; 1 for the whole.
    pub from: Position,
    /// The last position; the checkpoint's size where it is absent.
    pub to: Option<Position>,
    /// The digests of the views at the checkpoint's size.
    pub views: Option<PublishedViews>,
    /// Personal values that an approved scope opens.
    pub openings: Vec<Opening>,
    /// How many entries of the incarnation before this one are kept.
    pub kept: Option<Position>,
}

/// The checkpoint that a bundle is made under: the cosigned one where there is one, unless `newest` is asked for.
pub fn checkpoint(proof: &Proof, newest: bool) -> Result<Note, ProofError> {
    let cosigned = if newest { None } else { proof.cosigned()? };
    let found = match cosigned {
        Some(found) => Some(found),
        None => proof.checkpoint()?,
    };
    let none = || {
        ProofError::Broken("no checkpoint is signed yet: `qonys checkpoint` signs one".to_owned())
    };
    found.map(|(note, _)| note).ok_or_else(none)
}

/// Writes a bundle: to a file that ends in `.tar`, or to a directory that must not be there yet.
pub async fn export(
    proof: &Proof,
    note: &Note,
    wanted: Wanted,
    path: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<Contents, ProofError> {
    let failed = |error| ProofError::File(path.to_owned(), error);
    let checkpoint = qonys_verify::checkpoint::Checkpoint::read(&note.text)?;
    let size = checkpoint.size;
    let to = wanted.to.map_or(size, |to| to.0.min(size));
    let mut sizes = history(proof)?;
    sizes.retain(|earlier| *earlier < size);
    // The newest ones where there are too many; those that a new key rests on are few and old ones are rarely asked for.
    let surplus = sizes.len().saturating_sub(bundle::MAX_HISTORY);
    sizes.drain(..surplus);
    let contents = Contents {
        format: bundle::FORMAT.to_owned(),
        origin: checkpoint.origin,
        size: Position(size),
        from: Position(wanted.from.0.clamp(1, to.max(1))),
        to: Position(to),
        history: sizes.iter().copied().map(Position).collect(),
        views: wanted.views.is_some(),
        openings: !wanted.openings.is_empty(),
        kept: wanted.kept,
    };
    let mut target = Target::new(path).map_err(failed)?;
    target
        .add(bundle::CONTENTS, &json(&contents)?)
        .map_err(failed)?;
    let text = note.to_string();
    target
        .add(bundle::CHECKPOINT, text.as_bytes())
        .map_err(failed)?;
    for size in sizes {
        let name = bundle::history(size);
        let bytes = files::read(&proof.directory().join(&name))?.unwrap_or_default();
        target.add(&name, &bytes).map_err(failed)?;
    }
    if contents.openings {
        let opened = json(&wanted.openings)?;
        target.add(bundle::OPENINGS, &opened).map_err(failed)?;
    }
    for tile in contents.tiles() {
        let bytes = match tile.layer {
            Layer::Entries => entries(proof, &tile).await?,
            Layer::Hashes(_) => proof
                .tile(&tile)?
                .ok_or_else(|| ProofError::Broken(format!("{tile} is missing")))?,
        };
        target.add(&tile.to_string(), &bytes).map_err(failed)?;
        progress(((tile.index + 1) * WIDTH).min(to), to);
    }
    if let Some(views) = &wanted.views {
        target.add(bundle::VIEWS, &json(views)?).map_err(failed)?;
    }
    target.finish().map_err(failed)?;
    Ok(contents)
}

/// A bundle of entries out of the log itself: what it holds now is what the auditor sees.
async fn entries(proof: &Proof, tile: &Tile) -> Result<Vec<u8>, ProofError> {
    let first = tile.index * WIDTH;
    let width = usize::from(tile.width);
    let read = proof
        .log()
        .read_after(Position(first), u32::from(tile.width))
        .await?;
    if read.len() != width {
        let at = first + read.len() as u64 + 1;
        return Err(ProofError::Broken(format!("the log has no entry {at}")));
    }
    let texts = read.iter().map(|recorded| recorded.text.as_bytes());
    let long = || ProofError::Broken("an entry is longer than the format allows".to_owned());
    tile::bundle(texts).ok_or_else(long)
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, ProofError> {
    let unwritten = |error| ProofError::Broken(format!("JSON: {error}"));
    serde_json::to_vec(value).map_err(unwritten)
}
