//! What a batch must be on its head. PostgreSQL holds these rules itself (`sql/postgres/append.sql`);
//! here they stand for the embedded store.

use std::collections::{HashMap, HashSet};

use qonys_events::{
    digest::Sha256Hex,
    entry::{MAX_BYTES, MAX_EVENTS_PER_COMMAND},
    id::{Origin, Ref, StreamId},
    scalar::{Instant, Position},
};

use super::{Batch, Head, LogError, Prepared, Recorded};

/// How far the time of an entry may be from the store's clock, in microseconds.
const SKEW_MICROS: u64 = 5_000_000;

/// The type that stands in the text of an entry; empty where none does.
pub(super) fn type_of(text: &str) -> &str {
    let from = text.split_once(r#","type":""#).map_or("", |(_, from)| from);
    from.split_once('"').map_or("", |(name, _)| name)
}

/// Entries that were read after a position, if none is missing (promise P1).
pub(super) fn dense(after: Position, entries: Vec<Recorded>) -> Result<Vec<Recorded>, LogError> {
    let mut expected = after.0;
    for entry in &entries {
        expected += 1;
        if entry.position.0 != expected {
            return Err(LogError::Unavailable(format!(
                "the store is damaged: entry {expected} is missing, {} comes next",
                entry.position
            )));
        }
    }
    Ok(entries)
}

/// Holds a batch against the rules that need no look at the store: that nothing of it stands already and that each
/// stream continues is for the file's own triggers.
///
/// `clock` is the store's own, and none where the log's time is simulated.
pub(super) fn check(
    origin: &Origin,
    head: &Head,
    clock: Option<Instant>,
    batch: &Batch,
) -> Result<(), LogError> {
    let refuse = |why: &str| Err(LogError::Refused(why.to_owned()));
    let entries = &batch.entries;
    if entries.is_empty() {
        return refuse("the batch is empty");
    }
    if batch.frontier.size() != head.position.0 + entries.len() as u64 {
        return refuse("the frontier is one of another size");
    }
    // How many entries the command of each entry has: the index of its last one.
    let mut counts: Vec<u64> = entries.iter().map(|e| e.place.commandindex.0).collect();
    for (n, pair) in entries.windows(2).enumerate().rev() {
        if pair[0].commandid == pair[1].commandid {
            counts[n] = counts[n + 1];
        }
    }
    let mut last: HashMap<&StreamId, u64> = HashMap::new();
    let mut time = head.time;
    let mut previous: Option<&Prepared> = None;
    let numbered = entries.iter().zip(head.position.0 + 1..);
    for ((entry, position), count) in numbered.zip(counts) {
        let place = &entry.place;
        let fault = |why: &str| Err(LogError::Refused(format!("position {position}: {why}")));
        if place.position.0 != position {
            return fault("its position is not the next one");
        }
        in_time(entry, time, clock)?;
        let same = previous.filter(|previous| previous.commandid == entry.commandid);
        let before = same.map_or(0, |previous| previous.place.commandindex.0);
        if before.checked_add(1) != Some(place.commandindex.0) {
            return fault("its command index is not the next one");
        }
        let seq = place.streamseq.0;
        let before = last.insert(&place.subject, seq);
        if seq == 0 || before.is_some_and(|before| before.checked_add(1) != Some(seq)) {
            return fault("its stream sequence is not the next one");
        }
        if count > MAX_EVENTS_PER_COMMAND as u64 {
            return fault("its command has more than 1,000 entries");
        }
        if entry.text.len() > MAX_BYTES {
            return fault("its text has more than 65,535 bytes");
        }
        if !says_its_place(entry, origin, count) {
            return fault("its text names another place, command or log");
        }
        time = Some(place.time);
        previous = Some(entry);
    }
    let commands: HashSet<Ref> = entries.iter().map(|entry| entry.commandid).collect();
    for slot in &batch.sealed {
        if !commands.contains(&slot.commandid) {
            return refuse("a sealed slot belongs to no command of the batch");
        }
        if Sha256Hex::of(&slot.bytes) != slot.hash {
            return refuse("the hash of a sealed slot is not the one of its bytes");
        }
    }
    Ok(())
}

fn in_time(
    entry: &Prepared,
    last: Option<Instant>,
    clock: Option<Instant>,
) -> Result<(), LogError> {
    let (position, time) = (entry.place.position, entry.place.time);
    if last.is_some_and(|last| time <= last) {
        return Err(LogError::Time(format!(
            "position {position}: it is not above the last one"
        )));
    }
    if clock.is_some_and(|now| time.micros().abs_diff(now.micros()) > SKEW_MICROS) {
        return Err(LogError::Time(format!(
            "position {position}: it is more than 5 s from the clock of the store"
        )));
    }
    Ok(())
}

/// Whether the text begins as the format begins it (`docs/format.md`), with the members that the
/// columns repeat, around the 64 digits of the schema's hash.
fn says_its_place(entry: &Prepared, origin: &Origin, count: u64) -> bool {
    let place = &entry.place;
    let head = format!(
        r#"{{"specversion":"1.0","id":"{}","source":"{origin}","type":"{}","subject":"{}","time":"{}","datacontenttype":"application/json","dataschema":"urn:qonys:schema:sha256:"#,
        place.id,
        type_of(&entry.text),
        place.subject,
        place.time,
    );
    let tail = format!(
        r#"","entryversion":"1","position":"{}","streamseq":"{}","commandid":"{}","commandindex":"{}","commandcount":"{count}",""#,
        place.position, place.streamseq, entry.commandid, place.commandindex,
    );
    let rest = entry
        .text
        .strip_prefix(&head)
        .and_then(|rest| rest.get(64..));
    rest.is_some_and(|rest| rest.starts_with(&tail))
}
