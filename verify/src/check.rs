//! Verifying: one pass over the files of a bundle, in constant memory.

use std::path::PathBuf;

use qonys_events::{
    digest::Sha256Hex,
    fact::Fact,
    scalar::{Instant, Position},
    term::ClockKind,
    tree::leaf_hash,
};
use qonys_projections::projection::Recorded;

use crate::{
    archive::Source,
    bundle::{self, Contents},
    digest::Published,
    entries::Entries,
    note::VerifierKey,
    openings::Openings,
    policy::Policy,
    report::{Code, Fault, Level, Report},
    rules::Rules,
    tile::{self, BUNDLE_BYTES, Layer, TILE_BYTES, Tile, WIDTH},
    tree::Tree,
    views::Views,
    window::Window,
};
use heads::Heads;
use parts::{bundle_start, coalesced, read_openings, read_views, unreadable};

mod end;
mod heads;
mod parts;

/// What is asked.
pub struct Wanted {
    /// How deep to look.
    pub level: Level,
    /// Public keys of the logs, got from elsewhere than the bundle.
    pub keys: Vec<VerifierKey>,
    /// Which witnesses must have cosigned; its logs are trusted as `keys` are.
    pub policy: Option<Policy>,
    /// Checkpoints that the auditor has kept: the log must extend them.
    pub older: Vec<Vec<u8>>,
    /// Checkpoints that a time-stamping authority stamped, with the time of the stamp in seconds since 1970. The stamps
    /// themselves (RFC 3161) were verified by other means.
    pub stamped: Vec<(Vec<u8>, u64)>,
    /// The time now, in seconds since 1970, and how old the checkpoint may be, in seconds.
    pub fresh: Option<(u64, u64)>,
    /// Whether who adopts a hold must be another official than who gave the command to hold.
    pub four_eyes: bool,
    /// An existing directory for scratch files, used by nobody else meanwhile.
    pub scratch: PathBuf,
}

/// One incarnation: its bundle, and how many of its entries the next one keeps; `None` for the last one.
pub struct Part<'a> {
    /// The files.
    pub source: &'a mut dyn Source,
    /// How many entries the next incarnation goes on from.
    pub kept: Option<Position>,
}

/// How far a verification has come: entries, and of how many.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Verifies a log: the bundles of its incarnations in order, mostly one. The report is about the last one; faults of all
/// stand in it.
pub fn verify(parts: &mut [Part<'_>], wanted: &Wanted, progress: Progress<'_>) -> Report {
    let mut report = Report::new(wanted.level);
    let mut history = History {
        wanted,
        before: 0,
        goes_on: None,
        last: None,
        rules: (wanted.level >= Level::Rules).then(|| Rules::new(&wanted.scratch)),
        views: (wanted.level >= Level::Views).then(|| Views::new(&wanted.scratch)),
        published: None,
    };
    if parts.is_empty() {
        report.fault(Fault::new(Code::Bundle, "there is nothing to verify"));
    }
    for part in parts {
        let head = Reading::of(part, &mut history, &mut report);
        if let Some(reading) = head {
            reading.run(&mut *part.source, &mut report, progress);
        }
    }
    history.finish(&mut report);
    report.verified = report.faults.is_empty();
    report
}

/// What goes on through all incarnations.
struct History<'a> {
    wanted: &'a Wanted,
    /// Entries that are kept of the incarnations before the one that is read.
    before: u64,
    /// What the next incarnation must go on from: origin, kept, root.
    goes_on: Option<(String, u64, Sha256Hex)>,
    /// The time of the last entry that is kept of the incarnation before.
    last: Option<Instant>,
    rules: Option<Rules>,
    views: Option<Views>,
    published: Option<Published>,
}

/// One incarnation while it is read.
struct Reading<'a, 'h> {
    contents: Contents,
    heads: Heads<'a>,
    tree: Tree,
    entries: Entries,
    window: Window,
    openings: Option<Openings>,
    history: &'h mut History<'a>,
    kept: Option<u64>,
    /// Whether the tree could be followed to its end.
    followed: bool,
}

impl<'a, 'h> Reading<'a, 'h> {
    /// Reads what stands before the tiles.
    fn of(part: &mut Part<'_>, history: &'h mut History<'a>, report: &mut Report) -> Option<Self> {
        let source = &mut *part.source;
        let contents = match Contents::read(source) {
            Ok(contents) => contents,
            Err(why) => {
                report.fault(Fault::new(Code::Bundle, why).file(bundle::CONTENTS));
                return None;
            }
        };
        let wanted = history.wanted;
        let heads = Heads::read(source, &contents, wanted, part.kept.is_none(), report)?;
        let openings = read_openings(source, &contents, report);
        let mut window = Window::default();
        heads.times(&mut window);
        let whole = contents.is_whole();
        if !whole && wanted.level > Level::Format {
            report.level = Level::Format;
            report.notes.push(
                "the bundle is a range: streams, ids, adoptions and views are looked at in a whole one only".to_owned(),
            );
        }
        if !whole {
            (history.rules, history.views) = (None, None);
        }
        report.origin.clone_from(&contents.origin);
        report.size = heads.size();
        report.root = Some(heads.root());
        (report.entries, report.first, report.last, report.range) = (0, None, None, None);
        report.before = history.before;
        let first = bundle_start(&contents);
        Some(Self {
            entries: Entries::new(&contents.origin, first).after(history.last.take()),
            heads,
            tree: Tree::default(),
            window,
            openings,
            history,
            kept: part.kept.map(|kept| kept.0),
            contents,
            followed: true,
        })
    }

    fn run(mut self, source: &mut dyn Source, report: &mut Report, progress: Progress<'_>) {
        // Two buffers for all files: the entries of a block wait for its hashes.
        let (mut waiting, mut read) = (Vec::new(), Vec::new());
        let mut entries: Option<(Tile, bool)> = None;
        for tile in self.contents.clone().tiles() {
            let limit = match tile.layer {
                Layer::Entries => BUNDLE_BYTES,
                Layer::Hashes(_) => TILE_BYTES,
            };
            let into = match tile.layer {
                Layer::Entries => &mut waiting,
                Layer::Hashes(_) => &mut read,
            };
            let there = match source.read_into(&tile.to_string(), limit, into) {
                Ok(there) => there,
                Err(error) => {
                    report.fault(unreadable(&error).file(tile));
                    false
                }
            };
            if let Layer::Entries = tile.layer {
                entries = Some((tile, there));
                continue;
            }
            let hashes = Some(&read).filter(|_| there);
            let hashes = hashes.and_then(|bytes| tile::hashes(&tile, bytes));
            if hashes.is_none() {
                let what = if !there {
                    "is missing"
                } else {
                    "has another length"
                };
                report
                    .fault(Fault::new(Code::Bundle, format!("a tile of hashes {what}")).file(tile));
            }
            let leaves = tile.layer == Layer::Hashes(0);
            let stored = hashes.clone().filter(|_| leaves);
            if let Some(hashes) = hashes {
                self.tree.store(tile, hashes);
            }
            if leaves {
                self.skip_to(tile.index, report);
                let entries = entries
                    .take()
                    .map(|(file, there)| (file, if there { waiting.as_slice() } else { &[] }));
                self.block(&tile, stored, entries, report);
                progress(self.tree.size(), self.heads.size());
            }
            if !self.followed {
                break;
            }
        }
        self.skip_to(self.heads.size() / WIDTH, report);
        self.end(source, report);
    }

    /// Takes the hashes above blocks that are not in the bundle, up to a block.
    fn skip_to(&mut self, block: u64, report: &mut Report) {
        while self.followed && self.tree.size() / WIDTH < block {
            let index = self.tree.size() / WIDTH;
            match self.tree.stored(1, index) {
                Some(root) => self.tree.push_block(root),
                None => {
                    self.followed = false;
                    let first = index * WIDTH + 1;
                    let fault = Fault::new(Code::Bundle, "nothing stands for these entries");
                    report.fault(fault.between(first, first + WIDTH - 1));
                }
            }
        }
    }

    /// Takes the entries of a block, or its hashes alone where the bundle has no more of it.
    fn block(
        &mut self,
        leaves: &Tile,
        stored: Option<Vec<Sha256Hex>>,
        entries: Option<(Tile, &[u8])>,
        report: &mut Report,
    ) {
        let first = leaves.index * WIDTH + 1;
        let width = usize::from(leaves.width);
        let mut read = 0;
        let mut missing = None;
        if let Some((file, bytes)) = entries {
            let mut found = tile::entries(bytes);
            for n in 0..width {
                let Some(Some(entry)) = found.next() else {
                    missing = Some(file);
                    break;
                };
                self.entry(first + n as u64, entry, report);
                read = n + 1;
            }
            if missing.is_none() && found.next().is_some() {
                let fault = Fault::new(Code::Bundle, "more entries stand in it than the tree has");
                report.fault(fault.file(file).at(first + width as u64));
            }
        }
        if let Some(file) = missing {
            let fault = Fault::new(Code::Bundle, "entries are missing or cut");
            let place = (first + read as u64, first + width as u64 - 1);
            report.fault(fault.file(file).between(place.0, place.1));
        }
        if read < width {
            match stored {
                Some(stored) => stored[read..]
                    .iter()
                    .for_each(|hash| self.leaf(*hash, report)),
                None => self.followed = false,
            }
        }
    }

    fn leaf(&mut self, leaf: Sha256Hex, report: &mut Report) {
        self.tree.push(leaf);
        let size = self.tree.size();
        if self.heads.is_at(size) {
            self.heads.compare(size, &self.tree.root(), report);
        }
        if self.kept == Some(size) {
            let origin = self.contents.origin.clone();
            self.history.goes_on = Some((origin, size, self.tree.root()));
        }
    }

    fn entry(&mut self, position: u64, bytes: &[u8], report: &mut Report) {
        let leaf = leaf_hash(bytes);
        report.entries += 1;
        let from = report.range.map_or(Position(position), |(from, _)| from);
        report.range = Some((from, Position(position)));
        if self.history.wanted.level >= Level::Format {
            self.content(position, bytes, &leaf, report);
        }
        self.leaf(leaf, report);
    }

    /// Looks into an entry.
    fn content(&mut self, position: u64, bytes: &[u8], leaf: &Sha256Hex, report: &mut Report) {
        let Some((entry, text)) = self
            .entries
            .read(position, bytes, |fault| report.fault(fault))
        else {
            return;
        };
        let time = entry.place.time;
        report.first = report.first.or(Some(time));
        report.last = Some(time);
        // A simulated clock says nothing about the world's time.
        if self.entries.clock != Some(ClockKind::Simulated)
            && let Some(fault) = self.window.entry(position, time)
        {
            report.fault(fault);
        }
        if let Some(openings) = &mut self.openings {
            openings.entry(position, &entry, |fault| report.fault(fault));
        }
        if position == 1 {
            self.opening(&entry.event.fact, report);
        }
        if let Fact::LogKeyAnnounced(announced) = &entry.event.fact {
            let replaces = announced.replaces.as_ref().map(|key| key.as_str());
            self.heads
                .announced(position, announced.key.as_str(), replaces);
        }
        if self.kept == Some(position) {
            self.history.last = Some(time);
        }
        if self.kept.is_some_and(|kept| position > kept) {
            return;
        }
        let ordinal = self.history.before + position;
        if let Some(rules) = &mut self.history.rules {
            let looked = rules.entry(ordinal, &entry, leaf, |fault| report.fault(fault));
            if let Err(error) = looked {
                report.fault(Fault::new(Code::Io, error.to_string()));
                self.history.rules = None;
            }
        }
        if !report.faults.is_empty() {
            self.history.views = None;
        } else if let Some(views) = &mut self.history.views {
            let text = text.to_owned();
            let before = self.history.before;
            if let Err(error) = views.push(Recorded {
                entry,
                text,
                before,
            }) {
                report.fault(Fault::new(Code::Fold, error.to_string()).at(position));
                self.history.views = None;
            }
        }
    }

    /// The first entry opens the log, or goes on from what was read before.
    fn opening(&mut self, fact: &Fact, report: &mut Report) {
        let goes_on = self.history.goes_on.take();
        let fault = |detail: String| Fault::new(Code::Opening, detail).at(1);
        match (fact, goes_on) {
            (Fact::LogContinued(continued), Some((origin, kept, root))) => {
                let same = continued.origin.as_str() == origin
                    && continued.kept.0 == kept
                    && continued.root == root;
                if !same {
                    let (from, at) = (&continued.origin, continued.kept);
                    report.fault(fault(format!(
                        "it goes on from {from} at {at} with the root {}; {origin} at {kept} has {root}",
                        continued.root
                    )));
                }
                if continued.signed > continued.kept {
                    report.notes.push(format!(
                        "{origin}: entries {} to {} were signed and are lost, as the log says",
                        kept + 1,
                        continued.signed
                    ));
                }
            }
            (Fact::LogContinued(continued), None) => {
                (self.history.rules, self.history.views) = (None, None);
                report.notes.push(format!(
                    "the log goes on from {}: streams, adoptions and views are looked at with its bundle only (--before)",
                    continued.origin
                ));
                report.level = report.level.min(Level::Format);
            }
            (_, Some((origin, ..))) => {
                report.fault(fault(format!("it does not go on from {origin}")))
            }
            (_, None) => {}
        }
    }

    /// Which of the entries that were read a signed root covers, and which none does.
    fn anchors(&self, report: &mut Report) {
        let Some((first, last)) = report.range else {
            return;
        };
        let anchored = Position(self.heads.anchored_to());
        report.anchored = (anchored >= first).then(|| (first, anchored.min(last)));
        report.unanchored = (anchored < last).then(|| (first.max(Position(anchored.0 + 1)), last));
    }

    fn end(mut self, source: &mut dyn Source, report: &mut Report) {
        let right = self.followed && self.tree.size() == self.heads.size() && {
            let root = self.tree.root();
            self.heads.end(&root, report)
        };
        for fault in coalesced(&self.tree, right) {
            report.fault(fault);
        }
        report.more_faults += self.tree.more;
        self.heads.finish(report, self.history.wanted);
        self.anchors(report);
        if let Some(openings) = self.openings.take() {
            report.opened += openings.good;
            if self.history.wanted.level >= Level::Format {
                openings.rest(|fault| report.fault(fault));
            }
        }
        if self.window.bounded_to() == 0 {
            report
                .notes
                .push("no witness and no stamp bounds the recorded times".to_owned());
        } else if self.entries.clock == Some(ClockKind::Simulated) {
            report
                .notes
                .push("the log's clock is simulated: its times are not the world's".to_owned());
        } else {
            report.times_bounded_to = self.window.bounded_to();
        }
        if let Some(rules) = &self.history.rules
            && self.kept.is_none()
            && !rules.ends_whole()
        {
            let fault = Fault::new(Code::Command, "the checkpoint ends within a command");
            report.fault(fault.at(self.heads.size()));
        }
        self.history.published = None;
        if self.contents.views {
            match read_views(source) {
                Ok(published) => self.history.published = Some(published),
                Err(fault) => report.fault(fault),
            }
        }
        match source.rest() {
            Ok(None) => {}
            Ok(Some(name)) => {
                let fault = Fault::new(
                    Code::Bundle,
                    "a file that does not belong there, or not so early",
                );
                report.fault(fault.file(name));
            }
            Err(error) => report.fault(unreadable(&error)),
        }
        if let Some(kept) = self.kept {
            self.history.before += kept;
        }
    }
}
