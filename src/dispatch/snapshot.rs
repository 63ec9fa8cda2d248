//! Snapshots of long streams: a state with the place in the log that it was folded up to, so that a cold stream is opened
//! without all of its entries. They are made from what stands in the log, off the way of commands, and can be deleted at
//! any time.
//!
//! A snapshot is used only if this version of the fold made it, its bytes are whole, and the entry at its place has the
//! leaf hash that it names.

use std::{
    collections::HashMap,
    fs,
    io::{self, BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use qonys_domain::streams::Stream;
use qonys_events::{
    digest::Sha256Hex,
    entry::Entry,
    id::{Origin, StreamId},
    scalar::{Position, StreamSeq},
    tree::leaf_hash,
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tracing::{debug, warn};

use crate::log::{Log, LogError, Recorded};

/// Events of a stream after which another snapshot is made.
const EVERY: u64 = 10_000;
/// The directory of snapshots, in a register's own.
const DIRECTORY: &str = "snapshots";
/// Bytes of state for each of which one more event may pass: what a snapshot costs is spread over the events between two.
/// A state needs 10 MB before it waits for longer than [`EVERY`].
const BYTES_PER_EVENT: u64 = 1_000;
/// Snapshots of a stream that are kept: the older one serves whoever has not come as far as the newer one.
const KEPT: usize = 2;
/// Entries that are read at once.
const PAGE: u32 = 1_000;
/// Streams that may wait for a snapshot.
const WAITING_MAX: usize = 64;
/// The version of the fold; see `build.rs`.
const FOLD: &str = env!("QONYS_FOLD");
/// How the names of files end.
const ENDING: &str = "snapshot";

/// Where snapshots stand and how often they are made.
#[derive(Debug, Clone)]
pub struct Snapshotting {
    /// A directory for them alone.
    pub directory: PathBuf,
    /// Events of a stream after which another one is made.
    pub every: u64,
}

impl Snapshotting {
    /// As usual, in the directory of a register.
    pub fn in_register(directory: &Path) -> Self {
        Self {
            directory: directory.join(DIRECTORY),
            every: EVERY,
        }
    }
}

/// What a snapshot says of itself: the first line of its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    fold: String,
    origin: Origin,
    stream: StreamId,
    streamseq: StreamSeq,
    position: Position,
    leaf: Sha256Hex,
    /// SHA-256 of what stands after this line.
    state: Sha256Hex,
}

/// A state and the entry that it was folded up to.
pub(super) struct Taken {
    pub(super) stream: Stream,
    pub(super) position: Position,
    pub(super) leaf: Sha256Hex,
}

impl Taken {
    /// Nothing yet.
    fn nothing(of: &StreamId) -> Self {
        Self {
            stream: Stream::empty(of.kind()),
            position: Position(0),
            leaf: Sha256Hex([0; 32]),
        }
    }

    /// Whether it was folded up to this very entry of the log.
    pub(super) fn ends_at(&self, recorded: &Recorded) -> bool {
        (recorded.position, recorded.streamseq) == (self.position, self.stream.seq)
            && leaf_hash(recorded.text.as_bytes()) == self.leaf
    }

    /// The place in the stream before its last entry.
    pub(super) fn before_last(&self) -> StreamSeq {
        StreamSeq(self.stream.seq.0.saturating_sub(1))
    }
}

/// Which snapshots there are: stream sequence and position of each, the newest last.
type Known = HashMap<StreamId, Vec<(StreamSeq, Position)>>;

/// The snapshots in a directory. Cheap to clone.
#[derive(Clone)]
pub(super) struct Snapshots {
    shared: Arc<Shared>,
}

struct Shared {
    directory: PathBuf,
    every: u64,
    origin: Origin,
    known: Mutex<Known>,
}

impl Snapshots {
    /// Opens a directory, or makes it. What stands there and is none of ours, or of another fold, is deleted.
    pub(super) fn open(of: &Snapshotting, origin: &Origin) -> io::Result<Self> {
        let Snapshotting { directory, every } = of;
        fs::create_dir_all(directory)?;
        let mut known = Known::new();
        for file in fs::read_dir(directory)? {
            let path = file?.path();
            if path.extension().is_none_or(|ending| ending != ENDING) {
                continue;
            }
            match header(&path) {
                Ok(header) if header.fold == FOLD && header.origin == *origin => {
                    let of_stream = known.entry(header.stream).or_default();
                    of_stream.push((header.streamseq, header.position));
                    of_stream.sort_unstable();
                }
                _ => fs::remove_file(&path)?,
            }
        }
        Ok(Self {
            shared: Arc::new(Shared {
                directory: directory.clone(),
                every: (*every).max(1),
                origin: origin.clone(),
                known: Mutex::new(known),
            }),
        })
    }

    /// Events of a stream after which another snapshot is made.
    pub(super) fn every(&self) -> u64 {
        self.shared.every
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.shared
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, stream: &StreamId, seq: StreamSeq) -> PathBuf {
        let name = Sha256Hex::of(stream.to_string().as_bytes());
        self.shared.directory.join(format!("{name}-{seq}.{ENDING}"))
    }

    /// The newest snapshot of a stream that was taken at or before a position. One that cannot be used is deleted.
    pub(super) fn newest(&self, stream: &StreamId, at_most: Position) -> Option<Taken> {
        loop {
            let known = self.known();
            let of_stream = known.get(stream)?.iter().rev();
            let (seq, _) = *of_stream
                .clone()
                .find(|(_, position)| *position <= at_most)?;
            drop(known);
            match self.read(stream, seq) {
                Ok(taken) => return Some(taken),
                Err(error) => {
                    warn!(%stream, %seq, %error, "a snapshot cannot be read; it is deleted");
                    self.forget(stream, seq);
                }
            }
        }
    }

    fn read(&self, stream: &StreamId, seq: StreamSeq) -> io::Result<Taken> {
        let bytes = fs::read(self.path(stream, seq))?;
        let damaged = || io::Error::other("it is not what was written");
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (head, state) = bytes.split_at(end.ok_or_else(damaged)? + 1);
        let header: Header = serde_json::from_slice(head)?;
        if header.stream != *stream || Sha256Hex::of(state) != header.state {
            return Err(damaged());
        }
        let stream: Stream = serde_json::from_slice(state)?;
        if stream.seq != header.streamseq {
            return Err(damaged());
        }
        Ok(Taken {
            stream,
            position: header.position,
            leaf: header.leaf,
        })
    }

    /// Deletes a snapshot.
    pub(super) fn forget(&self, stream: &StreamId, seq: StreamSeq) {
        if let Some(of_stream) = self.known().get_mut(stream) {
            of_stream.retain(|(known, _)| *known != seq);
        }
        // What cannot be deleted is not known any more, and is looked at again with the next start.
        drop(fs::remove_file(self.path(stream, seq)));
    }

    /// Writes a snapshot; older ones than the last few go.
    pub(super) fn write(&self, id: &StreamId, taken: &Taken) -> io::Result<()> {
        let state = serde_json::to_vec(&taken.stream)?;
        let header = Header {
            fold: FOLD.to_owned(),
            origin: self.shared.origin.clone(),
            stream: id.clone(),
            streamseq: taken.stream.seq,
            position: taken.position,
            leaf: taken.leaf,
            state: Sha256Hex::of(&state),
        };
        let path = self.path(id, taken.stream.seq);
        let unfinished = path.with_extension("part");
        let mut file = BufWriter::new(fs::File::create(&unfinished)?);
        serde_json::to_writer(&mut file, &header)?;
        file.write_all(b"\n")?;
        file.write_all(&state)?;
        // Not synced: a file that a crash leaves torn has another hash and is not read.
        file.flush()?;
        drop(file);
        fs::rename(&unfinished, &path)?;
        let mut known = self.known();
        let of_stream = known.entry(id.clone()).or_default();
        of_stream.retain(|(seq, _)| *seq != taken.stream.seq);
        of_stream.push((taken.stream.seq, taken.position));
        of_stream.sort_unstable();
        let old: Vec<_> = of_stream
            .drain(..of_stream.len().saturating_sub(KEPT))
            .collect();
        drop(known);
        for (seq, _) in old {
            drop(fs::remove_file(self.path(id, seq)));
        }
        Ok(())
    }
}

/// The first line of a file.
fn header(path: &Path) -> io::Result<Header> {
    let mut line = String::new();
    BufReader::new(fs::File::open(path)?).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// Whoever is told that a stream has grown long.
#[derive(Clone)]
pub(super) struct Taker(mpsc::Sender<StreamId>);

impl Taker {
    /// Starts making snapshots of a log's streams. It ends when nobody can tell it of a stream any more.
    pub(super) fn start(log: Log, snapshots: Snapshots) -> Self {
        let (told, mut streams) = mpsc::channel(WAITING_MAX);
        tokio::spawn(async move {
            let mut last = None;
            while let Some(id) = streams.recv().await {
                if let Err(error) = take(&log, &snapshots, &id, &mut last).await {
                    warn!(stream = %id, %error, "no snapshot could be made");
                }
            }
        });
        Self(told)
    }

    /// Tells of a stream. When too many wait it is told again some events later.
    pub(super) fn tell(&self, stream: &StreamId) {
        drop(self.0.try_send(stream.clone()));
    }
}

/// Why a snapshot was not made.
#[derive(Debug, thiserror::Error)]
enum NotTaken {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the file: {0}")]
    File(#[from] io::Error),
    #[error("entry {0} cannot be read: {1}")]
    Entry(Position, qonys_events::entry::BadEntry),
}

/// A stream that is followed: its state, and how far the newest snapshot goes.
struct Followed {
    id: StreamId,
    taken: Taken,
    written: StreamSeq,
}

/// Folds a stream on from where it was left, and writes its state down if it has grown enough since.
async fn take(
    log: &Log,
    snapshots: &Snapshots,
    id: &StreamId,
    last: &mut Option<Followed>,
) -> Result<(), NotTaken> {
    let mut followed = last.take().filter(|last| last.id == *id);
    if followed.is_none() {
        followed = snapshots
            .newest(id, Position(u64::MAX))
            .map(|taken| Followed {
                id: id.clone(),
                written: taken.stream.seq,
                taken,
            });
    }
    // What was folded from another log would spoil all that follows it.
    if let Some(Followed { taken, written, .. }) = &followed {
        let there = log.read_stream(id, taken.before_last(), 1).await?;
        if !there
            .first()
            .is_some_and(|recorded| taken.ends_at(recorded))
        {
            snapshots.forget(id, *written);
            followed = None;
        }
    }
    let Followed {
        id,
        mut taken,
        written,
    } = followed.unwrap_or_else(|| Followed {
        id: id.clone(),
        taken: Taken::nothing(id),
        written: StreamSeq(0),
    });
    loop {
        let page = log.read_stream(&id, taken.stream.seq, PAGE).await?;
        let full = page.len() == PAGE as usize;
        for recorded in page {
            let entry = Entry::parse(&recorded.text)
                .map_err(|error| NotTaken::Entry(recorded.position, error))?;
            taken.stream.apply(&entry.event);
            taken.position = recorded.position;
            taken.leaf = leaf_hash(recorded.text.as_bytes());
        }
        if !full {
            break;
        }
    }
    let grown = taken.stream.seq.0 - written.0;
    let due = snapshots
        .every()
        .max(taken.stream.bytes() as u64 / BYTES_PER_EVENT);
    let mut followed = Followed { id, taken, written };
    if grown >= due {
        let snapshots = snapshots.clone();
        let writing = tokio::task::spawn_blocking(move || {
            snapshots.write(&followed.id, &followed.taken)?;
            followed.written = followed.taken.stream.seq;
            Ok::<_, io::Error>(followed)
        });
        followed = writing.await.map_err(io::Error::other)??;
        debug!(stream = %followed.id, streamseq = %followed.written, "a snapshot was made");
    }
    *last = Some(followed);
    Ok(())
}
