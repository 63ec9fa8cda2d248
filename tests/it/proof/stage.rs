//! A register that is signed: its log, its signer in a place of its own, its bundle.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use qonys::{
    clock::Entropy,
    proof::{
        Proof,
        export::{Wanted as Exported, export},
        publisher::Publisher,
        signer::Signer,
    },
    views::Views,
};
use qonys_events::scalar::Position;
use qonys_verify::{
    archive::{Directory, Source, SourceError},
    check::{Part, Wanted, verify},
    note::{Note, VerifierKey},
    report::{Code, Level, Report},
};
use serde_json::json;
use tempfile::TempDir;

use crate::support::register::{Lines, Register};

pub(crate) const AT: &str = "2025-01-15T00:00:00.000000Z";

/// A register with a publisher.
pub(crate) struct Stage {
    pub(crate) register: Register,
    pub(crate) publisher: Publisher,
    /// Where the signer stands: another directory than the log's.
    pub(crate) signer: TempDir,
    pub(super) lines: Lines,
}

impl Stage {
    /// An open log, signed once.
    pub(crate) async fn new(register: Register) -> Self {
        let signer = tempfile::tempdir().expect("a directory");
        let publisher = publisher(&register, signer.path());
        let mut lines = Lines::new(60);
        let mut opening = lines.opening("simulated");
        opening.push(lines.act("order", "2024-01-01"));
        opening.push(lines.quota("order", "establish", &[("kandas", 5_000)]));
        register.must(&opening).await;
        let mut stage = Self {
            register,
            publisher,
            signer,
            lines,
        };
        stage.sign().await;
        stage
    }

    pub(crate) async fn embedded() -> Self {
        Self::new(Register::embedded(AT).await).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::new(Register::postgres(AT).await).await
    }

    /// Families that are included: six entries each.
    pub(crate) async fn families(&mut self, count: usize) {
        for _ in 0..count {
            let mut lines = self.lines.applicant("kandas", 2, "2024-02-01");
            let application = json!({"application": format!("command:{}", self.lines.last())});
            lines.push(self.lines.on("2024-02-02", "hold-places", &application));
            lines.push(self.lines.on("2024-02-03", "commit-places", &application));
            self.register.must(&lines).await;
        }
    }

    pub(crate) async fn sign(&mut self) -> Note {
        self.publisher.round().await.expect("the log grew").note
    }

    pub(crate) fn keys(&self) -> Vec<VerifierKey> {
        self.publisher.signer().public().expect("keys")
    }

    /// The bundle as files in memory, with digests of the views.
    pub(crate) async fn bundle(&self) -> Files {
        let proof = self.publisher.proof();
        let (note, checkpoint) = proof.checkpoint().expect("a note").expect("it is signed");
        let scratch = tempfile::tempdir().expect("a directory");
        let views = Views::open(&self.register.log, self.register.directory.path()).await;
        let views = views.expect("views");
        views.catch_up(|_, _| ()).await.expect("a fold");
        let digests = views
            .digests(Position(checkpoint.size), scratch.path())
            .await;
        let wanted = Exported {
            openings: Vec::new(),
            from: Position(1),
            to: None,
            views: Some(digests.expect("digests")),
            kept: None,
        };
        let target = scratch.path().join("bundle");
        export(proof, &note, wanted, &target, |_, _| ())
            .await
            .expect("a bundle");
        views.close().await;
        Files::of(&target)
    }
}

/// A publisher of a register with the signer of a directory.
pub(crate) fn publisher(register: &Register, signer: &Path) -> Publisher {
    let proof = Proof::new(&register.log, register.directory.path());
    let entropy = Entropy::System;
    let signer = Signer::open(signer, register.log.origin(), Some(&entropy)).expect("a signer");
    Publisher::new(proof, signer)
}

/// The files of a bundle.
#[derive(Clone)]
pub(crate) struct Files(pub(crate) BTreeMap<String, Vec<u8>>);

impl Files {
    /// The files of a directory.
    pub(crate) fn of(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut directories: Vec<PathBuf> = vec![root.to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    directories.push(path);
                    continue;
                }
                let name = path.strip_prefix(root).expect("below it").to_string_lossy();
                files.insert(name.into_owned(), std::fs::read(&path).expect("a file"));
            }
        }
        assert!(!files.is_empty());
        Self(files)
    }

    /// Writes them to a directory.
    pub(crate) fn write(&self, root: &Path) {
        for (name, bytes) in &self.0 {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, bytes).expect("a file");
        }
    }

    pub(crate) fn get(&mut self, name: &str) -> &mut Vec<u8> {
        self.0
            .get_mut(name)
            .unwrap_or_else(|| panic!("{name} is in the bundle"))
    }
}

impl Source for Files {
    fn read_into(
        &mut self,
        path: &str,
        limit: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<bool, SourceError> {
        bytes.clear();
        match self.0.get(path) {
            Some(found) if found.len() > limit => Err(SourceError::TooLong(path.to_owned())),
            Some(found) => {
                bytes.extend_from_slice(found);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn rest(&mut self) -> Result<Option<String>, SourceError> {
        Ok(None)
    }
}

/// What an auditor asks who has these keys.
pub(crate) fn asked(keys: &[VerifierKey], scratch: &TempDir) -> Wanted {
    Wanted {
        level: Level::Views,
        keys: keys.to_vec(),
        policy: None,
        older: Vec::new(),
        stamped: Vec::new(),
        fresh: None,
        four_eyes: true,
        scratch: scratch.path().to_owned(),
    }
}

/// Verifies files with these keys and the checkpoints that the auditor has kept.
pub(crate) fn audit(files: &mut Files, keys: &[VerifierKey], older: &[Note]) -> Report {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut wanted = asked(keys, &scratch);
    wanted.older = older
        .iter()
        .map(|note| note.to_string().into_bytes())
        .collect();
    let source = files;
    verify(&mut [Part { source, kept: None }], &wanted, &mut |_, _| ())
}

/// Makes sure that a fault of this code was found at or around this position.
#[track_caller]
pub(crate) fn caught(report: &Report, code: Code, position: u64) {
    let at = report.faults.iter().any(|fault| {
        let first = fault.position.unwrap_or_default().0;
        let last = fault.until.map_or(first, |until| until.0);
        fault.code == code && (first..=last).contains(&position)
    });
    assert!(
        !report.verified && at,
        "{} at {position}: {:#?}",
        code.as_str(),
        report.faults
    );
}

/// A bundle in a directory, as the program sees it.
pub(crate) fn directory(path: &Path) -> Directory {
    Directory::new(path)
}
