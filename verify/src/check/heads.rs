//! Checkpoints: the one that is verified, those before it in the bundle, those that the auditor has kept.

use qonys_events::{digest::Sha256Hex, tree::Frontier};

use super::{Wanted, unreadable};
use crate::{
    archive::Source,
    bundle::{self, Contents},
    checkpoint::{BadCheckpoint, Checkpoint},
    note::{BadSignature, Note, VerifierKey},
    report::{Code, Fault, Report, Signer},
    window::Window,
};

/// A checkpoint to which the tree is compared when it has come to its size.
struct Earlier {
    note: Note,
    checkpoint: Checkpoint,
    /// Where it stands: a file of the bundle, or the auditor's own.
    file: String,
    /// Whether the auditor brought it: he must know its key.
    own: bool,
    /// When it was stamped, in seconds since 1970.
    stamped: Option<u64>,
}

/// All checkpoints of one incarnation.
pub(super) struct Heads<'a> {
    note: Note,
    checkpoint: Checkpoint,
    /// By size.
    earlier: Vec<Earlier>,
    /// Keys of logs that are trusted: those given, and those announced in what they signed.
    trusted: Vec<VerifierKey>,
    announced: Vec<(u64, VerifierKey)>,
    /// Keys that announced ones took the place of.
    replaced: Vec<VerifierKey>,
    /// Earlier checkpoints that no trusted key signed.
    unknown: Vec<(String, Note)>,
    wanted: &'a Wanted,
    /// The size up to which a signed root was found right.
    right_to: u64,
    root_is_right: bool,
    signed: bool,
}

fn fault_of(error: &BadCheckpoint) -> Fault {
    let code = match error {
        BadCheckpoint::Note(_) => Code::Note,
        BadCheckpoint::Malformed(_) => Code::Checkpoint,
        BadCheckpoint::Extended => Code::CheckpointExtended,
    };
    Fault::new(code, error.to_string())
}

impl<'a> Heads<'a> {
    /// Reads the checkpoint and those before it. `last`: whether it is the incarnation that the report is about.
    pub(super) fn read(
        source: &mut dyn Source,
        contents: &Contents,
        wanted: &'a Wanted,
        last: bool,
        report: &mut Report,
    ) -> Option<Self> {
        let mut read = |path: &str, report: &mut Report| {
            let bytes = match source.read(path, bundle::max_note()) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => {
                    report.fault(Fault::new(Code::Bundle, "it is missing").file(path));
                    return None;
                }
                Err(error) => {
                    report.fault(unreadable(&error).file(path));
                    return None;
                }
            };
            match Checkpoint::of_note(&bytes) {
                Ok(read) => Some(read),
                Err(error) => {
                    report.fault(fault_of(&error).file(path));
                    None
                }
            }
        };
        let (note, checkpoint) = read(bundle::CHECKPOINT, report)?;
        let (origin, size) = (&contents.origin, contents.size.0);
        if (&checkpoint.origin, checkpoint.size) != (origin, size) {
            let detail = format!(
                "the checkpoint is of {} with {} entries, the bundle of {origin} with {size}",
                checkpoint.origin, checkpoint.size
            );
            report.fault(Fault::new(Code::Bundle, detail).file(bundle::CONTENTS));
            return None;
        }
        let mut earlier = Vec::new();
        for size in &contents.history {
            let file = bundle::history(size.0);
            if let Some((note, checkpoint)) = read(&file, report) {
                earlier.push(Earlier {
                    note,
                    checkpoint,
                    file,
                    own: false,
                    stamped: None,
                });
            }
        }
        let older = wanted.older.iter().map(|bytes| (bytes, None));
        let stamped = wanted
            .stamped
            .iter()
            .map(|(bytes, time)| (bytes, Some(*time)));
        for (n, (bytes, stamped)) in older.chain(stamped).enumerate().filter(|_| last) {
            let file = format!("older checkpoint {}", n + 1);
            match Checkpoint::of_note(bytes) {
                Ok((note, checkpoint)) => earlier.push(Earlier {
                    note,
                    checkpoint,
                    file,
                    own: true,
                    stamped,
                }),
                Err(error) => report.fault(fault_of(&error).file(file)),
            }
        }
        let logs = wanted.policy.iter().flat_map(|policy| &policy.logs);
        let mut heads = Self {
            note,
            checkpoint,
            earlier: Vec::new(),
            trusted: wanted.keys.iter().chain(logs).cloned().collect(),
            announced: Vec::new(),
            replaced: Vec::new(),
            unknown: Vec::new(),
            wanted,
            right_to: 0,
            root_is_right: false,
            signed: false,
        };
        heads.sort_in(earlier, report);
        Some(heads)
    }

    /// Keeps the earlier ones that can be compared, by size.
    fn sort_in(&mut self, mut earlier: Vec<Earlier>, report: &mut Report) {
        earlier.sort_by_key(|earlier| earlier.checkpoint.size);
        for earlier in earlier {
            let Checkpoint { origin, size, .. } = &earlier.checkpoint;
            let (file, end) = (earlier.file.clone(), self.checkpoint.size);
            if *origin != self.checkpoint.origin {
                report.fault(Fault::new(Code::Origin, format!("it is of {origin}")).file(file));
            } else if *size > end {
                // Whether it is signed decides between a shorter log and a made-up checkpoint.
                let fault = match self.log_signed(&earlier.note) {
                    Ok(_) => Fault::new(
                        Code::Tail,
                        format!("a signed checkpoint covers {size} entries, this one {end}: the newest are missing"),
                    )
                    .between(end + 1, *size),
                    Err(error) => Fault::new(Code::Signature, error.to_string()),
                };
                report.fault(fault.file(file));
            } else {
                self.earlier.push(earlier);
            }
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// The size of the newest checkpoint whose signature and root were found right.
    pub(super) fn anchored_to(&self) -> u64 {
        if self.signed && self.root_is_right {
            self.checkpoint.size
        } else {
            self.right_to
        }
    }

    pub(super) fn root(&self) -> Sha256Hex {
        self.checkpoint.root
    }

    fn witnesses(&self) -> Vec<VerifierKey> {
        let policy = self.wanted.policy.iter();
        policy
            .flat_map(|policy| &policy.witnesses)
            .map(|witness| witness.key.clone())
            .collect()
    }

    /// When witnesses saw the log, for every checkpoint.
    pub(super) fn times(&self, window: &mut Window) {
        let keys = self.witnesses();
        let mut add = |note: &Note, size| {
            let signed = note.signed_by(&keys).unwrap_or_default();
            let mut times: Vec<u64> = signed.iter().filter_map(|signed| signed.time).collect();
            window.add(size, &mut times);
        };
        for earlier in &self.earlier {
            add(&earlier.note, earlier.checkpoint.size);
        }
        add(&self.note, self.checkpoint.size);
        for earlier in &self.earlier {
            if let Some(time) = earlier.stamped {
                window.stamped(earlier.checkpoint.size, time);
            }
        }
    }

    /// The keys of this log and of witnesses that signed a note.
    fn log_signed(&self, note: &Note) -> Result<Vec<Signer>, BadSignature> {
        let mut keys = self.trusted.clone();
        keys.extend(self.witnesses());
        let signed = note.signed_by(&keys)?;
        let by_log = signed.iter().any(|signed| {
            signed.key < self.trusted.len() && keys[signed.key].name() == self.checkpoint.origin
        });
        if !by_log {
            return Err(BadSignature::Unknown(format!(
                "{}, none of which is known as a key of {}",
                note.signatures
                    .iter()
                    .map(|s| s.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
                self.checkpoint.origin
            )));
        }
        Ok(signed
            .into_iter()
            .map(|signed| Signer {
                key: keys[signed.key].to_string(),
                time: signed.time,
            })
            .collect())
    }

    /// A key that an entry announces: trusted as soon as a checkpoint by a trusted key covers the entry.
    pub(super) fn announced(&mut self, position: u64, key: &str, replaces: Option<&str>) {
        if let Ok(key) = key.parse::<VerifierKey>() {
            self.announced.push((position, key));
        }
        self.replaced
            .extend(replaces.and_then(|key| key.parse().ok()));
    }

    fn trust_to(&mut self, size: u64) {
        self.right_to = size;
        let origin = &self.checkpoint.origin;
        let covered = self.announced.iter().filter(|(position, key)| {
            *position <= size && key.name() == origin && !self.trusted.contains(key)
        });
        let covered: Vec<_> = covered.map(|(_, key)| key.clone()).collect();
        self.trusted.extend(covered);
    }

    /// Whether an earlier checkpoint has this size.
    pub(super) fn is_at(&self, size: u64) -> bool {
        let at = self
            .earlier
            .partition_point(|earlier| earlier.checkpoint.size < size);
        self.earlier
            .get(at)
            .is_some_and(|earlier| earlier.checkpoint.size == size)
    }

    /// Compares the tree with the earlier checkpoints of its size.
    pub(super) fn compare(&mut self, size: u64, root: &Sha256Hex, report: &mut Report) {
        let from = self
            .earlier
            .partition_point(|earlier| earlier.checkpoint.size < size);
        let to = self
            .earlier
            .partition_point(|earlier| earlier.checkpoint.size <= size);
        for n in from..to {
            let earlier = &self.earlier[n];
            let file = earlier.file.clone();
            match self.log_signed(&earlier.note) {
                Ok(_) if earlier.checkpoint.root == *root => {
                    report.extends.push(size);
                    self.trust_to(size);
                }
                Ok(_) => {
                    let detail = format!(
                        "{size} entries had the root {} when it was signed, now they have {root}",
                        earlier.checkpoint.root
                    );
                    let fault = Fault::new(Code::Consistency, detail);
                    report.fault(fault.between(self.right_to + 1, size).file(file));
                }
                Err(BadSignature::Unknown(_)) if !earlier.own => {
                    self.unknown.push((file, earlier.note.clone()));
                }
                Err(error) => {
                    report.fault(Fault::new(Code::Signature, error.to_string()).file(file))
                }
            }
        }
    }

    /// Compares the whole tree with the signed root.
    pub(super) fn end(&mut self, root: &Sha256Hex, report: &mut Report) -> bool {
        if self.checkpoint.size == 0 {
            self.compare(0, &Frontier::empty().root(), report);
        }
        if *root == self.checkpoint.root {
            self.root_is_right = true;
            return true;
        }
        let detail = format!("the root is {root}, signed is {}", self.checkpoint.root);
        let fault = Fault::new(Code::Root, detail).file(bundle::CHECKPOINT);
        report.fault(fault.between(self.right_to + 1, self.checkpoint.size));
        false
    }

    /// Looks at the signatures of the checkpoint, now that announced keys are known.
    pub(super) fn finish(&mut self, report: &mut Report, wanted: &Wanted) {
        let fault = |code, detail: String| Fault::new(code, detail).file(bundle::CHECKPOINT);
        // Before the auditor's key there was another one, or somebody wrote what no key of this log signed.
        let named = self.announced.iter().map(|(_, key)| key);
        let named: Vec<_> = named.chain(&self.replaced).cloned().collect();
        for (file, note) in &self.unknown {
            match note.signed_by(&named) {
                Ok(_) => report.notes.push(format!(
                    "{file} is signed by another key of the log than those that are known"
                )),
                Err(error) => {
                    report.fault(Fault::new(Code::Signature, error.to_string()).file(file));
                }
            }
        }
        match self.log_signed(&self.note) {
            Ok(signed) => {
                self.signed = true;
                report.signed_by = signed;
            }
            Err(error) => {
                let mut detail = error.to_string();
                if let Some((position, key)) = self.announced.last() {
                    detail += &format!(
                        "; entry {position} announces {key}, which no checkpoint by a known key covers"
                    );
                }
                report.fault(fault(Code::Signature, detail));
            }
        }
        if let Some(policy) = wanted
            .policy
            .as_ref()
            .filter(|policy| policy.asks_for_witnesses())
        {
            let signed = self.note.signed_by(&policy.keys()).unwrap_or_default();
            let quorum = policy.has_quorum(&signed);
            report.quorum = Some(quorum);
            if !quorum {
                let detail = "fewer witnesses cosigned than the policy asks for".to_owned();
                report.fault(fault(Code::Quorum, detail));
            }
        }
        if let Some((now, most)) = wanted.fresh {
            let seen = report
                .signed_by
                .iter()
                .filter_map(|signer| signer.time)
                .max();
            let last = report.last.map(|last| last.micros().div_euclid(1_000_000));
            let last = last.and_then(|last| u64::try_from(last).ok());
            let age = seen.or(last).map(|time| now.saturating_sub(time));
            if age.is_none_or(|age| age > most) {
                let age = age.map_or("of unknown age".to_owned(), |age| format!("{age} s old"));
                report.fault(fault(
                    Code::Stale,
                    format!("it is {age}, allowed are {most} s"),
                ));
            }
        }
    }
}
