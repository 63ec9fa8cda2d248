//! What callers of a simulated city saw, and whether the log can have been so: each answer must be the one that some
//! state of the log between question and answer gives. The model of a quota line is ours, and reads entries as JSON.

use std::collections::{BTreeMap, BTreeSet};

use qonys_events::{
    id::Ref,
    tree::{Frontier, leaf_hash},
};
use serde_json::Value;
use tokio::time::Instant as Moment;

use super::disk::Disk;

/// What a caller asks about an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Hold,
    Commit,
    Release,
}

/// What a caller was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Accepted(Vec<u64>),
    Duplicate(Vec<u64>),
    Blocked(&'static str),
    /// The id stands for another command.
    Reused,
    /// Nothing, or that nobody knows.
    Nothing,
}

/// One command from question to answer.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) id: Ref,
    pub(crate) wish: Wish,
    pub(crate) application: usize,
    pub(crate) asked: Moment,
    pub(crate) answered: Moment,
    pub(crate) told: Told,
}

/// What the city began with.
#[derive(Clone)]
pub(crate) struct City {
    /// The limit of its quota line.
    pub(crate) limit: u64,
    /// How many places each application takes.
    pub(crate) places: Vec<u64>,
    /// The number of an application by its reference.
    pub(crate) numbers: BTreeMap<String, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Status {
    #[default]
    Open,
    Held,
    Committed,
    Ended,
}

/// The quota line and its applications, folded from the entries one by one.
struct Line<'a> {
    city: &'a City,
    taken: u64,
    status: Vec<Status>,
}

impl<'a> Line<'a> {
    fn new(city: &'a City) -> Self {
        let status = vec![Status::Open; city.places.len()];
        Self {
            city,
            taken: 0,
            status,
        }
    }

    /// What the line would say: `ok`, or why not.
    fn say(&self, wish: Wish, application: usize) -> &'static str {
        let status = self.status[application];
        match wish {
            Wish::Hold if status == Status::Held => "already-held",
            Wish::Hold if status != Status::Open => "other",
            Wish::Hold if self.taken + self.city.places[application] > self.city.limit => {
                "limit-reached"
            }
            Wish::Commit if status != Status::Held => "other",
            Wish::Release if !matches!(status, Status::Held | Status::Committed) => "other",
            _ => "ok",
        }
    }

    /// Folds an entry. Gives the wish that it grants.
    fn fold(&mut self, entry: &Value) -> Option<(Wish, usize)> {
        let application = entry["data"]["application"].as_str()?;
        let application = *self.city.numbers.get(application)?;
        let kind = entry["type"].as_str()?.rsplit('.').nth(1)?;
        let places = self.city.places[application];
        let status = &mut self.status[application];
        let wish = match kind {
            "places-held" => {
                self.taken += places;
                *status = Status::Held;
                Wish::Hold
            }
            "places-committed" => {
                *status = Status::Committed;
                Wish::Commit
            }
            "places-released" => {
                self.taken -= places;
                *status = match status {
                    Status::Held => Status::Open,
                    _ => Status::Ended,
                };
                Wish::Release
            }
            _ => return None,
        };
        Some((wish, application))
    }
}

const WISHES: [Wish; 3] = [Wish::Hold, Wish::Commit, Wish::Release];

/// What the log did, and what it would have said at every position.
struct Course {
    /// To each application and wish, after so many entries.
    says: Vec<Vec<[&'static str; 3]>>,
    /// What each entry did.
    did: BTreeMap<u64, (Wish, usize)>,
    positions: BTreeMap<Ref, Vec<u64>>,
}

fn says(line: &Line<'_>) -> Vec<[&'static str; 3]> {
    let applications = 0..line.status.len();
    applications
        .map(|n| WISHES.map(|wish| line.say(wish, n)))
        .collect()
}

/// Something that is wrong: which check found it, and what.
pub(crate) type Wrong = (&'static str, String);

impl Course {
    fn of(disk: &Disk, city: &City, wrong: &mut Vec<Wrong>) -> Self {
        let mut line = Line::new(city);
        let mut course = Self {
            says: vec![says(&line)],
            did: BTreeMap::new(),
            positions: BTreeMap::new(),
        };
        for ((entry, command), position) in disk.entries.iter().zip(&disk.commands).zip(1..) {
            let entry: Value = serde_json::from_str(&entry.text).expect("an entry is JSON");
            course.positions.entry(*command).or_default().push(position);
            if let Some((wish, application)) = line.fold(&entry) {
                let before = course.says[position as usize - 1][application][wish as usize];
                let (taken, limit) = (line.taken, city.limit);
                if before != "ok" || taken > limit {
                    let why = format!(
                        "entry {position}: {wish:?} of application {application} where {before} stood against it, {taken} of {limit} taken"
                    );
                    wrong.push(("quota", why));
                }
                course.did.insert(position, (wish, application));
            }
            course.says.push(says(&line));
        }
        course
    }

    /// What a command did, if it stands.
    fn done(&self, id: Ref) -> Option<(Wish, usize)> {
        let positions = self.positions.get(&id)?;
        positions.iter().find_map(|p| self.did.get(p)).copied()
    }

    /// What is wrong with an answer, given how far the log was when it was asked for and when it came.
    fn judge(&self, call: &Call, from: u64, to: u64) -> Option<&'static str> {
        let stands = self.positions.get(&call.id);
        let same = self.done(call.id) == Some((call.wish, call.application));
        match &call.told {
            Told::Nothing => None,
            Told::Accepted(told) | Told::Duplicate(told) => {
                if stands != Some(told) {
                    Some("it does not stand there")
                } else if told.last().is_some_and(|last| *last > to) {
                    Some("it was told before it was durable")
                } else if !same {
                    Some("it was taken for another command")
                } else {
                    None
                }
            }
            Told::Reused => (stands.is_none() || same).then_some("its id is nobody else's"),
            Told::Blocked(_) if stands.is_some_and(|stands| stands[0] <= from) => {
                Some("it stood already when it was blocked")
            }
            Told::Blocked(code) => {
                let fits = |said: &str| match said {
                    "ok" => false,
                    "other" => !matches!(*code, "limit-reached" | "already-held"),
                    exact => exact == *code,
                };
                let mut states = from..=to;
                let could = states
                    .any(|p| fits(self.says[p as usize][call.application][call.wish as usize]));
                (!could).then_some("nothing that was durable stood in its way")
            }
        }
    }
}

/// Checks every answer against the log: the log is the order in which everything happened, so each answer must be the
/// one that some state between question and answer gives.
pub(crate) fn check(calls: &[Call], disk: &Disk, city: &City) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let course = Course::of(disk, city, &mut wrong);
    for call in calls {
        let (from, to) = (disk.size_at(call.asked), disk.size_at(call.answered));
        if let Some(why) = course.judge(call, from, to) {
            let stands = course.positions.get(&call.id);
            let why = format!(
                "{why}: {call:?}; it stands at {stands:?}; the log had {from} and {to} entries"
            );
            wrong.push(("answers", why));
        }
    }
    wrong
}

fn number(entry: &Value, member: &str) -> usize {
    let text = entry[member].as_str().unwrap_or_default();
    text.parse().unwrap_or_default()
}

/// Whether commands are whole, stand once and side by side, and the tree is the one of the entries.
pub(crate) fn check_log(disk: &Disk) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let mut tree = Frontier::empty();
    let mut heads = disk.heads.iter().peekable();
    for (n, (entry, position)) in disk.entries.iter().zip(1..).enumerate() {
        let value: Value = serde_json::from_str(&entry.text).expect("an entry is JSON");
        let (index, count) = (
            number(&value, "commandindex"),
            number(&value, "commandcount"),
        );
        let command = disk.commands[n];
        let first = seen.insert(command);
        let last = disk.commands.get(n + 1) != Some(&command);
        if (index == 1) != first || (index == count) != last {
            wrong.push((
                "commands",
                format!("entry {position}: {index} of {count} of its command"),
            ));
        }
        if number(&value, "position") != position {
            wrong.push((
                "order",
                format!("entry {position} says {}", value["position"]),
            ));
        }
        tree.push(leaf_hash(entry.text.as_bytes()));
        let Some(head) = heads.next_if(|head| head.position.0 == position as u64) else {
            continue;
        };
        if index != count {
            wrong.push((
                "commands",
                format!("an append ended inside a command, at {position}"),
            ));
        } else if head.frontier != tree {
            wrong.push(("tree", format!("the head at {position} has another tree")));
        }
    }
    wrong
}
