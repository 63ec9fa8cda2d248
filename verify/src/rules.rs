//! The level `rules`: what holds between entries, in constant memory. Commands and citations are looked at as entries come;
//! streams, ids and adoptions are sorted on disk and looked at in the end.

use std::{
    collections::{HashMap, HashSet},
    io,
    path::Path,
};

use qonys_events::{
    citation::Facts,
    digest::Sha256Hex,
    entry::{Entry, MAX_EVENTS_PER_COMMAND},
    event::Event,
    fact::Fact,
    id::{Ref, StreamId, StreamKind},
    scalar::{Slug, StreamSeq},
};

use crate::{
    report::{Code, Fault},
    sort::Sorter,
};

/// The command whose entries are coming.
struct Current {
    id: Ref,
    hash: Sha256Hex,
    actor: Ref,
    count: u64,
    index: u64,
}

/// Kinds of ids, as they sort.
const ENTRY: u8 = 0;
const COMMAND: u8 = 1;
/// What stands at a place of a stream, as it sorts.
const PROPOSED: u8 = 0;
const ADOPTION: u8 = 1;

/// What the rules remember across entries, through all incarnations.
pub(crate) struct Rules {
    current: Option<Current>,
    /// kind, id, ordinal.
    ids: Sorter<25>,
    /// stream, sequence, ordinal.
    places: Sorter<{ STREAM + 16 }>,
    /// stream, sequence, kind, ordinal, leaf, actor.
    adoptions: Sorter<{ STREAM + 65 }>,
    /// The document of each recorded act.
    documents: HashMap<Slug, Slug>,
    /// Document and wording.
    wordings: HashSet<(Slug, Slug)>,
}

/// What the end shows.
pub(crate) struct AtTheEnd {
    /// Faults by ordinal.
    pub(crate) faults: Vec<(u64, Fault)>,
    /// Faults that were not kept.
    pub(crate) more: u64,
    /// What was adopted by the official who held or proposed it, by ordinal of the first.
    pub(crate) same_hands: Vec<u64>,
    /// How many of them.
    pub(crate) same_hands_count: u64,
}

/// Faults of the end that are kept.
const KEPT: usize = 200;

/// Bytes that stand for a stream.
const STREAM: usize = 17;

/// Where the kind of an adoption stands: behind stream and sequence.
const KIND: usize = STREAM + 8;

/// A stream by its kind and its reference; one that has a name instead, by a hash of it.
fn stream_key(stream: &StreamId) -> [u8; STREAM] {
    if let Ok(key) = stream.key().parse::<Ref>() {
        let kind = StreamKind::ALL
            .iter()
            .position(|kind| *kind == stream.kind());
        let kind = kind
            .and_then(|kind| u8::try_from(kind).ok())
            .unwrap_or(u8::MAX);
        return record(&[&[kind], key.0.as_bytes()]);
    }
    let hash = Sha256Hex::of(stream.to_string().as_bytes());
    record(&[&[u8::MAX], &hash.0[..16]])
}

/// Writes the parts of a record one after the other.
fn record<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut record = [0; N];
    let mut at = 0;
    for part in parts {
        record[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    record
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_be_bytes)
}

/// What a decision read; `None` for what is no decision under a power. Whoever decides under one reads how sure it is that
/// the act is in force.
fn facts(event: &Event) -> Option<&Facts> {
    let (facts, _) = event.fact.read_list();
    facts.filter(|facts| facts.get("act-certainty").is_some())
}

impl Rules {
    pub(crate) fn new(scratch: &Path) -> Self {
        Self {
            current: None,
            ids: Sorter::new(scratch, "ids"),
            places: Sorter::new(scratch, "places"),
            adoptions: Sorter::new(scratch, "adoptions"),
            documents: HashMap::new(),
            wordings: HashSet::new(),
        }
    }

    /// Looks at the next entry; `ordinal` counts through all incarnations.
    pub(crate) fn entry(
        &mut self,
        ordinal: u64,
        entry: &Entry,
        leaf: &Sha256Hex,
        mut tell: impl FnMut(Fault),
    ) -> io::Result<()> {
        let position = entry.place.position.0;
        let mut fault = |code, detail: &str| tell(Fault::new(code, detail).at(position));
        self.command(entry, &mut fault);
        if let Some(read) = facts(&entry.event) {
            self.citation(&entry.event, read, &mut fault);
        }
        if let Fact::ActRecorded(act) = &entry.event.fact {
            self.documents.insert(act.act.clone(), act.document.clone());
            self.wordings
                .insert((act.document.clone(), act.wording.clone()));
        }
        let at = ordinal.to_be_bytes();
        let place = &entry.place;
        self.ids
            .push(record(&[&[ENTRY], place.id.0.as_bytes(), &at]))?;
        if place.commandindex.0 == 1 {
            let id = entry.command.commandid;
            self.ids.push(record(&[&[COMMAND], id.0.as_bytes(), &at]))?;
        }
        let stream = stream_key(&place.subject);
        let seq = place.streamseq.0.to_be_bytes();
        self.places.push(record(&[&stream, &seq, &at]))?;
        let actor = entry.command.actor.actor;
        let mut adoption = |kind, StreamSeq(seq), leaf: &Sha256Hex| {
            let seq = seq.to_be_bytes();
            let parts: [&[u8]; 6] = [&stream, &seq, &[kind], &at, &leaf.0, actor.0.as_bytes()];
            self.adoptions.push(record(&parts))
        };
        match &entry.event.fact {
            Fact::PlacesHeld(_)
            | Fact::DestructionProposed(_)
            | Fact::DwellingDestructionProposed(_) => adoption(PROPOSED, place.streamseq, leaf),
            Fact::PlacesCommitted(committed) => {
                let adopts = &committed.adopts;
                adoption(ADOPTION, adopts.streamseq, &adopts.leaf)
            }
            Fact::DataDestroyed(destroyed) | Fact::DwellingDataDestroyed(destroyed) => {
                let adopts = &destroyed.adopts;
                adoption(ADOPTION, adopts.streamseq, &adopts.leaf)
            }
            _ => Ok(()),
        }
    }

    /// Entries of one command stand together, 1 to its count, and say the same of it.
    fn command(&mut self, entry: &Entry, fault: &mut impl FnMut(Code, &str)) {
        let (index, count) = (entry.place.commandindex.0, entry.command.commandcount.0);
        let (id, hash) = (entry.command.commandid, entry.command.commandhash);
        let actor = entry.command.actor.actor;
        match self.current.take() {
            Some(before) if before.index < before.count => {
                let goes_on = (before.id, before.hash, before.actor, before.count)
                    == (id, hash, actor, count)
                    && index == before.index + 1;
                if !goes_on {
                    fault(Code::Command, "the command before it has not ended");
                }
            }
            _ if index != 1 => fault(Code::Command, "its command does not begin with its entry 1"),
            _ => {}
        }
        if index > count || count > MAX_EVENTS_PER_COMMAND as u64 {
            fault(Code::Command, "its command counts otherwise");
        }
        self.current = Some(Current {
            id,
            hash,
            actor,
            count,
            index,
        });
    }

    fn citation(&self, event: &Event, read: &Facts, fault: &mut impl FnMut(Code, &str)) {
        let (Some(act), Some(wording)) = (&event.act, &event.wording) else {
            return fault(Code::Citation, "it names no act or no wording");
        };
        if event.point.is_none() || event.actlanguage.is_none() || event.decidedon.is_none() {
            fault(
                Code::Citation,
                "it names no point, language or day of decision",
            );
        }
        if read.0.is_empty() {
            fault(Code::Citation, "it names nothing that the verdict read");
        }
        match self.documents.get(act) {
            None => fault(
                Code::Citation,
                "no act of the name that it cites stands before it",
            ),
            Some(document) => {
                let known = (document.clone(), wording.clone());
                if !self.wordings.contains(&known) {
                    fault(
                        Code::Citation,
                        "no wording of the name that it cites stands before it",
                    );
                }
            }
        }
    }

    /// Whether the last command is whole. Called where a signed checkpoint ends.
    pub(crate) fn ends_whole(&self) -> bool {
        self.current
            .as_ref()
            .is_none_or(|current| current.index == current.count)
    }

    /// Looks at everything that was sorted.
    pub(crate) fn finish(self) -> io::Result<AtTheEnd> {
        let mut end = AtTheEnd {
            faults: Vec::new(),
            more: 0,
            same_hands: Vec::new(),
            same_hands_count: 0,
        };
        let mut before: Option<[u8; 25]> = None;
        self.ids.drain(|record| {
            if let Some(twice) = before.filter(|before| before[..17] == record[..17]) {
                let code = match record[0] {
                    ENTRY => Code::EntryTwice,
                    _ => Code::CommandTwice,
                };
                let first = number(&twice[17..]);
                end.fault(
                    number(&record[17..]),
                    code,
                    format!("it stands at {first} already"),
                );
            }
            before = Some(*record);
            Ok(())
        })?;
        let (mut stream, mut last) = ([0; STREAM], 0);
        self.places.drain(|record| {
            if record[..STREAM] != stream {
                stream.copy_from_slice(&record[..STREAM]);
                last = 0;
            }
            let (seq, ordinal) = (
                number(&record[STREAM..STREAM + 8]),
                number(&record[STREAM + 8..]),
            );
            if seq != last + 1 {
                let detail = format!(
                    "its stream sequence is {seq}, where {} comes next",
                    last + 1
                );
                end.fault(ordinal, Code::StreamSequence, detail);
            }
            last = seq;
            Ok(())
        })?;
        let mut hold: Option<[u8; STREAM + 65]> = None;
        self.adoptions.drain(|record| {
            if record[KIND] == PROPOSED {
                hold = Some(*record);
                return Ok(());
            }
            let ordinal = number(&record[KIND + 1..KIND + 9]);
            let held = hold.filter(|hold| hold[..KIND] == record[..KIND]);
            match held {
                Some(held)
                    if number(&held[KIND + 1..KIND + 9]) < ordinal
                        && held[KIND + 9..KIND + 41] == record[KIND + 9..KIND + 41] =>
                {
                    if held[KIND + 41..] == record[KIND + 41..] {
                        end.same_hands_count += 1;
                        if end.same_hands.len() < KEPT {
                            end.same_hands.push(ordinal);
                        }
                    }
                }
                Some(_) => end.fault(
                    ordinal,
                    Code::Adoption,
                    "the leaf hash that it adopts is another entry's".to_owned(),
                ),
                None => end.fault(
                    ordinal,
                    Code::Adoption,
                    "no hold or proposal stands at the place that it adopts".to_owned(),
                ),
            }
            Ok(())
        })?;
        Ok(end)
    }
}

impl AtTheEnd {
    fn fault(&mut self, ordinal: u64, code: Code, detail: String) {
        if self.faults.len() < KEPT {
            self.faults.push((ordinal, Fault::new(code, detail)));
        } else {
            self.more += 1;
        }
    }
}
