//! The log's store as a model: entries in a vector. It knows nothing of what entries mean; that is for the decider to
//! keep right. What is on the disk survives every crash.

use std::collections::BTreeMap;

use qonys::log::{Batch, FirstAnswers, Head, LogError, Recorded};
use qonys_events::{
    entry::Entry,
    id::{Ref, StreamId},
    scalar::{Instant, Position, StreamSeq},
};
use tokio::time::Instant as Moment;

/// What is durable of a log.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    pub(crate) entries: Vec<Recorded>,
    /// The command of each entry.
    pub(crate) commands: Vec<Ref>,
    /// The time of each entry.
    pub(crate) times: Vec<Instant>,
    /// The head that each append left.
    pub(crate) heads: Vec<Head>,
    /// When each append was committed, and how many entries there were then.
    pub(crate) commits: Vec<(Moment, u64)>,
    by_stream: BTreeMap<StreamId, Vec<usize>>,
}

impl Disk {
    /// A disk that begins with entries which another store had.
    pub(crate) fn of(entries: Vec<Recorded>, head: Head) -> Self {
        let mut disk = Self {
            heads: vec![head],
            ..Self::default()
        };
        for recorded in entries {
            let entry = Entry::parse(&recorded.text).expect("an entry of the format");
            disk.put(recorded, entry.command.commandid, entry.place.time);
        }
        disk
    }

    fn put(&mut self, recorded: Recorded, command: Ref, time: Instant) {
        let place = self.by_stream.entry(recorded.stream.clone());
        place.or_default().push(self.entries.len());
        self.entries.push(recorded);
        self.commands.push(command);
        self.times.push(time);
    }

    pub(crate) fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    pub(crate) fn head(&self) -> Head {
        self.heads.last().cloned().unwrap_or_default()
    }

    /// One transaction: everything or nothing.
    pub(crate) fn append(&mut self, expected: Position, batch: &Batch) -> Result<(), LogError> {
        if expected.0 != self.size() {
            return Err(LogError::HeadMoved(Position(self.size())));
        }
        let mut time = self.times.last().copied();
        let mut position = self.size();
        for (n, prepared) in batch.entries.iter().enumerate() {
            let place = &prepared.place;
            position += 1;
            if place.position.0 != position {
                return Err(LogError::Refused("its position is not the next one".into()));
            }
            if time.is_some_and(|last| place.time <= last) {
                return Err(LogError::Time("it is not above the last one".into()));
            }
            let index = place.commandindex;
            let stands = |known: &Ref| *known == prepared.commandid;
            let before = batch.entries[..n].iter();
            if (index.0 == 1 && self.commands.iter().any(stands))
                || before
                    .clone()
                    .any(|other| stands(&other.commandid) && other.place.commandindex == index)
            {
                return Err(LogError::Refused("its command stands already".into()));
            }
            let standing = self.by_stream.get(&place.subject).map_or(0, Vec::len);
            let added = before.filter(|other| other.place.subject == place.subject);
            if place.streamseq.0 != (standing + added.count() + 1) as u64 {
                return Err(LogError::Refused(
                    "its stream sequence is not the next one".into(),
                ));
            }
            time = Some(place.time);
        }
        for prepared in &batch.entries {
            let place = &prepared.place;
            let recorded = Recorded {
                position: place.position,
                stream: place.subject.clone(),
                streamseq: place.streamseq,
                text: prepared.text.clone(),
                kept: false,
            };
            self.put(recorded, prepared.commandid, place.time);
        }
        self.heads.push(Head {
            position: Position(position),
            time,
            frontier: batch.frontier.clone(),
        });
        self.commits.push((Moment::now(), position));
        Ok(())
    }

    pub(crate) fn after(&self, after: Position, limit: u32) -> Vec<Recorded> {
        let from = self.entries.iter().skip(after.0 as usize);
        from.take(limit as usize).cloned().collect()
    }

    pub(crate) fn stream(&self, id: &StreamId, after: StreamSeq, limit: u32) -> Vec<Recorded> {
        let places = self.by_stream.get(id).into_iter().flatten();
        let places = places.skip(after.0 as usize).take(limit as usize);
        places.map(|n| self.entries[*n].clone()).collect()
    }

    pub(crate) fn streams(&self, ids: &[StreamId], limit: u32) -> Vec<Recorded> {
        ids.iter()
            .flat_map(|id| self.stream(id, StreamSeq(0), limit))
            .collect()
    }

    pub(crate) fn commands(&self, ids: &[Ref]) -> FirstAnswers {
        let mut found = FirstAnswers::new();
        for (entry, command) in self.entries.iter().zip(&self.commands) {
            if ids.contains(command) {
                found.entry(*command).or_default().push(entry.clone());
            }
        }
        found
    }

    /// The applications that name a person as their applicant.
    pub(crate) fn applications_of(&self, person: Ref) -> Vec<Ref> {
        let applicant = format!(r#""applicant":"{person}""#);
        let entries = self.entries.iter();
        let filed = entries.filter(|e| e.streamseq.0 == 1 && e.text.contains(&applicant));
        filed
            .filter_map(|entry| {
                entry
                    .stream
                    .to_string()
                    .strip_prefix("application/")?
                    .parse()
                    .ok()
            })
            .collect()
    }

    /// How many entries were committed at a moment.
    pub(crate) fn size_at(&self, moment: Moment) -> u64 {
        let until = self.commits.iter().take_while(|(at, _)| *at <= moment);
        until.last().map_or(0, |(_, size)| *size)
    }
}
