//! The reading works: the whole log through a fold, every view from nothing, a bundle verified offline; each against the
//! least that could be done with the same bytes.

use std::{
    io::Read as _,
    path::Path,
    time::{Duration, Instant},
};

use futures::TryStreamExt as _;
use qonys_domain::streams::Stream;
use qonys_events::{digest::Sha256Hex, entry::Entry, id::StreamId, scalar::Position};
use qonys_verify::{
    archive::Archive,
    check::{self, Part, Wanted as WantedCheck},
    checkpoint::Checkpoint,
    report::Level,
};
use sqlx::{Executor as _, PgConnection, Row as _};

use super::{Trouble, database::Scratch, lines::LINE, ours::Ours};
use crate::{
    clock::Entropy,
    proof::{
        Proof,
        export::{self, Wanted},
        publisher::Publisher,
        signer::Signer,
    },
    views::{Views, replay::replay},
};

/// The entries as the server can give them at best.
const COPY_OUT: &str =
    "COPY (SELECT entry FROM log.entries ORDER BY position) TO STDOUT (FORMAT binary)";
/// How much of a copy is put in at once.
const CHUNK: usize = 1 << 20;

/// Reads the whole log, proves count and root, decodes every entry and folds the line. Gives the time and the places held.
pub(super) async fn replayed(ours: &Ours) -> Result<(Duration, u64), Trouble> {
    let line: StreamId = format!("quota-line/{LINE}").parse().map_err(Trouble::new)?;
    let mut stream = Stream::empty(line.kind());
    let start = Instant::now();
    let result = replay(&ours.log, None, |stored, _| {
        let entry = Entry::parse(&stored.text).map_err(std::io::Error::other)?;
        if entry.place.subject == line {
            stream.apply(&entry.event);
        }
        Ok(())
    });
    result.await.map_err(Trouble::new)?;
    Ok((start.elapsed(), stream.seq.0))
}

/// The bytes of a copy out of the server, and how long it took. They are not kept.
pub(super) async fn copied_out(scratch: &Scratch) -> Result<Duration, Trouble> {
    let mut connection = scratch.connect().await?;
    let start = Instant::now();
    let mut bytes = 0;
    let mut copy = connection.copy_out_raw(COPY_OUT).await?;
    while let Some(part) = copy.try_next().await? {
        bytes += part.len();
    }
    drop(copy);
    let took = start.elapsed();
    if bytes == 0 {
        return Err(Trouble::new("the copy is empty"));
    }
    Ok(took)
}

/// Every view from nothing.
pub(super) async fn rebuilt(ours: &Ours) -> Result<Duration, Trouble> {
    let views = Views::open(&ours.log, &ours.directory)
        .await
        .map_err(Trouble::new)?;
    let start = Instant::now();
    views
        .rebuild(&[], &mut |_, _| {})
        .await
        .map_err(Trouble::new)?;
    let took = start.elapsed();
    views.close().await;
    Ok(took)
}

/// The rows of every view, as the server copies them.
pub(super) struct Dump {
    tables: Vec<(String, Vec<u8>)>,
}

impl Dump {
    /// Takes the rows as they stand.
    pub(super) async fn take(scratch: &Scratch) -> Result<Self, Trouble> {
        let mut connection = scratch.connect().await?;
        let names = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'views' ORDER BY 1";
        let names = sqlx::query(names).fetch_all(&mut connection).await?;
        let mut tables = Vec::new();
        for row in names {
            let name: String = row.get(0);
            let mut copy = connection
                .copy_out_raw(&format!("COPY views.\"{name}\" TO STDOUT (FORMAT binary)"))
                .await?;
            let mut bytes = Vec::new();
            while let Some(part) = copy.try_next().await? {
                bytes.extend_from_slice(&part);
            }
            drop(copy);
            tables.push((name, bytes));
        }
        Ok(Self { tables })
    }

    /// Copies the entries out and the rows into new tables with the same indexes, in one transaction.
    pub(super) async fn copied_in(&self, scratch: &Scratch) -> Result<Duration, Trouble> {
        let out = copied_out(scratch).await?;
        let mut connection: PgConnection = scratch.connect().await?;
        let start = Instant::now();
        connection.execute("BEGIN; CREATE SCHEMA copied").await?;
        for (name, bytes) in &self.tables {
            let table =
                format!("CREATE TABLE copied.\"{name}\" (LIKE views.\"{name}\" INCLUDING ALL)");
            connection.execute(table.as_str()).await?;
            let statement = format!("COPY copied.\"{name}\" FROM STDIN (FORMAT binary)");
            let mut copy = connection.copy_in_raw(&statement).await?;
            for part in bytes.chunks(CHUNK) {
                copy.send(part).await?;
            }
            copy.finish().await?;
        }
        connection.execute("COMMIT").await?;
        let took = start.elapsed();
        connection.execute("DROP SCHEMA copied CASCADE").await?;
        Ok(out + took)
    }
}

/// A bundle of the log with its key.
pub(super) struct Bundled {
    path: std::path::PathBuf,
    key: qonys_verify::note::VerifierKey,
    entries: u64,
}

impl Bundled {
    /// Signs the log and exports it whole, with the digests of its views.
    pub(super) async fn make(ours: &Ours, directory: &Path) -> Result<Self, Trouble> {
        let proof = Proof::new(&ours.log, &ours.directory);
        let fresh = proof.checkpoint().map_err(Trouble::new)?.is_none();
        let entropy = Entropy::System;
        let home = ours.directory.join("signer");
        let signer = Signer::open(&home, ours.log.origin(), fresh.then_some(&entropy))
            .map_err(Trouble::new)?;
        let key = signer.public().map_err(Trouble::new)?.into_iter().next();
        let key = key.ok_or_else(|| Trouble::new("the signer has no key"))?;
        Publisher::new(proof.clone(), signer)
            .round()
            .await
            .map_err(Trouble::new)?;
        let note = export::checkpoint(&proof, true).map_err(Trouble::new)?;
        let size = Checkpoint::read(&note.text).map_err(Trouble::new)?.size;
        let views = Views::open(&ours.log, &ours.directory)
            .await
            .map_err(Trouble::new)?;
        views.catch_up(|_, _| {}).await.map_err(Trouble::new)?;
        let digests = views
            .digests(Position(size), directory)
            .await
            .map_err(Trouble::new)?;
        views.close().await;
        let wanted = Wanted {
            from: Position(1),
            to: None,
            views: Some(digests),
            openings: Vec::new(),
            kept: None,
        };
        let path = directory.join("bundle.tar");
        drop(std::fs::remove_file(&path));
        export::export(&proof, &note, wanted, &path, |_, _| {})
            .await
            .map_err(Trouble::new)?;
        Ok(Self {
            path,
            key,
            entries: size,
        })
    }

    /// Verifies it to a level.
    pub(super) fn verified(&self, level: Level, scratch: &Path) -> Result<Duration, Trouble> {
        let start = Instant::now();
        let mut archive = Archive::open(&self.path)?;
        let mut parts = [Part {
            source: &mut archive,
            kept: None,
        }];
        let wanted = WantedCheck {
            level,
            keys: vec![self.key.clone()],
            policy: None,
            older: Vec::new(),
            stamped: Vec::new(),
            fresh: None,
            four_eyes: false,
            scratch: scratch.to_owned(),
        };
        let report = check::verify(&mut parts, &wanted, &mut |_, _| {});
        if !report.verified {
            return Err(Trouble::new(format!(
                "the bundle does not verify: {:?}",
                report.faults
            )));
        }
        Ok(start.elapsed())
    }

    /// SHA-256 over the same file, read as it is verified.
    pub(super) fn hashed(&self) -> Result<Duration, Trouble> {
        let start = Instant::now();
        let mut file = std::fs::File::open(&self.path)?;
        let mut hasher = sha2::Sha256::default();
        let mut part = vec![0; CHUNK];
        loop {
            let read = file.read(&mut part)?;
            if read == 0 {
                break;
            }
            sha2::Digest::update(&mut hasher, &part[..read]);
        }
        let digest: Sha256Hex = Sha256Hex(sha2::Digest::finalize(hasher).into());
        std::hint::black_box(digest);
        Ok(start.elapsed())
    }

    /// How many entries it holds.
    pub(super) fn entries(&self) -> u64 {
        self.entries
    }
}
