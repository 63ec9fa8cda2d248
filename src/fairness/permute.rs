//! The same case for synthetic persons who differ in forbidden attributes and in what stands for them: name, number, birth
//! date, birthplace, document, address, free text. Every verdict and every reason must stay the same, byte for byte.

use std::collections::{BTreeMap, HashMap};

use qonys_domain::{
    blocked::Basis,
    context::Context,
    decide::{Undecided, adopted, decide, records, superseded},
    streams::{Stream, Streams},
};
use qonys_events::{
    digest::Sha256Hex,
    event::Event,
    id::{Ref, StreamId},
    scalar::{Day, Instant},
};
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::Finding;
use crate::{
    dispatch::{Request, findings, stand_ins},
    examples,
};

/// Streams that one decision may ask for.
const READS_MAX: usize = 64;

/// Personal values of somebody who does not live: born in the 1800s, with a right control digit.
struct Person {
    /// Which attributes set this person apart.
    differs_in: &'static str,
    values: [(&'static str, &'static str); 8],
}

/// The first is compared with the others.
const PERSONS: [Person; 5] = [
    Person {
        differs_in: "the person that the others are compared with",
        values: [
            ("name", "Мысалов Үлгі Асқарұлы"),
            ("iin", "850101100012"),
            ("born-on", "1885-01-01"),
            ("birthplace", "Верный"),
            ("document", "N00000000"),
            ("address", "Үлгі көшесі, 1 үй"),
            ("nationality", "бірінші"),
            ("individual-facts", "бірінші"),
        ],
    },
    Person {
        differs_in: "sex",
        values: [
            ("name", "Мысалова Үлгі Асқарқызы"),
            ("iin", "850101200019"),
            ("born-on", "1885-01-01"),
            ("birthplace", "Верный"),
            ("document", "N00000001"),
            ("address", "Үлгі көшесі, 1 үй"),
            ("nationality", "бірінші"),
            ("individual-facts", "бірінші"),
        ],
    },
    Person {
        differs_in: "origin, ethnicity, race, language, prior residence",
        values: [
            ("name", "Примеров Пётр Сказкович"),
            ("iin", "680503100011"),
            ("born-on", "1868-05-03"),
            ("birthplace", "Kashgar"),
            ("document", "P-7"),
            ("address", "улица Примерная, дом 9"),
            ("nationality", "другая"),
            ("individual-facts", "другая"),
        ],
    },
    Person {
        differs_in: "religion, beliefs, origin",
        values: [
            ("name", "Ibn Example al-Synthetic"),
            ("iin", "800416100016"),
            ("born-on", "1880-04-16"),
            ("birthplace", "Ürümqi"),
            ("document", "X1"),
            ("address", "Ертегі көшесі, 3"),
            ("nationality", "үшінші"),
            ("individual-facts", "үшінші"),
        ],
    },
    Person {
        differs_in: "social, property and official status, disability, sex",
        values: [
            ("name", "Fürstin von Beispiel"),
            ("iin", "991231200017"),
            ("born-on", "1899-12-31"),
            ("birthplace", "a palace"),
            ("document", "DIPLOMATIC-1"),
            ("address", "Резиденция"),
            ("nationality", "төртінші"),
            ("individual-facts", "төртінші"),
        ],
    },
];

/// How the commands of a type were decided for each person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Decisions {
    /// Something was recorded.
    pub accepted: usize,
    /// Something stood against it.
    pub blocked: usize,
    /// Whether personal values came with it, which were exchanged.
    pub personal: bool,
}

/// What was exchanged, and found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchanged {
    /// Persons that were compared.
    pub persons: usize,
    /// Commands that were decided for each.
    pub commands: usize,
    /// Of these: verdicts by which something is recorded, and reasons why something is blocked.
    pub accepted: usize,
    /// Blocked ones.
    pub blocked: usize,
    /// The same by the type of the command: every type that the register knows was decided.
    pub types: BTreeMap<&'static str, Decisions>,
    /// What must not be.
    pub findings: Vec<Finding>,
}

/// A register in memory.
#[derive(Default)]
struct Memory(HashMap<StreamId, Stream>);

impl Streams for Memory {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        self.0.get(id)
    }
}

impl Memory {
    fn apply(&mut self, id: &StreamId, event: &Event) {
        let stream = self.0.entry(id.clone());
        stream
            .or_insert_with(|| Stream::empty(id.kind()))
            .apply(event);
    }
}

/// The lines of the case: every example, and once more under other ids about the same persons, so that most are blocked
/// the second time.
fn lines() -> Vec<(&'static str, String)> {
    const FIRST: &str = "e0000000-0000-4000-8000-";
    const SECOND: &str = "e0000000-0000-4000-9000-";
    let once = || examples::commands().map(|(name, line)| (name, line.to_owned()));
    // A line begins with its own id; the references in it are those of the first time.
    let again = once().map(|(name, line)| (name, line.replacen(FIRST, SECOND, 1)));
    once().chain(again).collect()
}

/// An event without its sealed values: what the verdict is.
fn verdict(stream: &StreamId, event: &Event) -> String {
    let mut value = serde_json::to_value(event).unwrap_or_default();
    if let Some(data) = value.get_mut("data").and_then(Value::as_object_mut) {
        data.remove("slots");
    }
    format!("{stream} {value}")
}

/// Decides one line for a person and tells what came of it, as text.
fn told(
    line: &str,
    person: &Person,
    memory: &mut Memory,
    subjects: &mut BTreeMap<Ref, Ref>,
) -> Result<(bool, String), String> {
    let mut request = Request::read(line).map_err(|e| e.message)?;
    for (name, value) in &mut request.personal {
        let own = person
            .values
            .iter()
            .find(|(known, _)| *known == name.as_str());
        if let Some((_, own)) = own {
            *value = Zeroizing::new((*own).to_owned());
        }
    }
    let command = request
        .command(|id| subjects.get(&id).copied())
        .map_err(|e| e.message)?;
    // The command's own id is reference enough: it is the same for everybody.
    let minted = request.id;
    let decided_on = request.decidedon.unwrap_or(Day::new(2026, 1, 1));
    let mut cx = Context {
        known_as: None,
        cases: Vec::new(),
        correspondence: None,
        now: Instant::from_micros(1_800_000_000_000_000),
        today: Day::new(2027, 1, 1),
        decided_on,
        effective: request.effective,
        actor: request.actor.clone(),
        minted,
        slots: stand_ins(&command, &request, minted),
        adopted_leaf: None,
        adopted_of: None,
        superseded: Vec::new(),
        findings: findings(&request.personal),
    };
    for _ in 0..READS_MAX {
        let looked_up = superseded(&command, memory).and_then(|entries| {
            let ids = entries.into_iter().map(|(_, entry)| (entry, minted));
            cx.superseded = ids.collect();
            adopted(&command, memory)
        });
        let needed = match looked_up {
            Err(needs) => needs.0,
            Ok(place) => {
                cx.adopted_leaf = place.map(|_| Sha256Hex::of(b"leaf"));
                match decide(&command, &cx, memory) {
                    Ok(decided) => {
                        subjects
                            .extend(records(&command, minted).map(|subject| (request.id, subject)));
                        let mut text = String::new();
                        for (stream, event) in &decided {
                            memory.apply(stream, event);
                            text.push_str(&verdict(stream, event));
                            text.push('\n');
                        }
                        return Ok((true, text));
                    }
                    Err(Undecided::Blocked(blocked)) => {
                        let basis = match &blocked.basis {
                            Basis::Control => "control".to_owned(),
                            Basis::Law { act, point } => format!("{act} {point}"),
                        };
                        let facts = serde_json::to_string(&blocked.facts).unwrap_or_default();
                        return Ok((false, format!("{} {basis} {facts}", blocked.code.as_str())));
                    }
                    Err(Undecided::Needs(stream)) => stream,
                }
            }
        };
        let empty = Stream::empty(needed.kind());
        memory.0.insert(needed, empty);
    }
    Err("the decision keeps asking for streams".to_owned())
}

/// The case for one person, command by command.
fn case(person: &Person) -> Vec<Result<(bool, String), String>> {
    let (mut memory, mut subjects) = (Memory::default(), BTreeMap::new());
    let told = |(_, line): &(_, String)| told(line, person, &mut memory, &mut subjects);
    lines().iter().map(told).collect()
}

/// Decides the same case for every person and compares verdicts and reasons, byte for byte.
pub fn exchanged() -> Exchanged {
    let first = case(&PERSONS[0]);
    let accepted = |one: &&Result<(bool, String), String>| matches!(one, Ok((true, _)));
    let blocked = |one: &&Result<(bool, String), String>| matches!(one, Ok((false, _)));
    let mut findings = Vec::new();
    for person in &PERSONS[1..] {
        let differs = person.differs_in;
        for (n, (one, other)) in first.iter().zip(case(person)).enumerate() {
            if *one != other {
                findings.push(Finding {
                    code: "verdict-differs",
                    position: None,
                    what: format!("command {} of the case is decided otherwise for a person who differs in {differs}", n + 1),
                });
            }
        }
    }
    let mut types: BTreeMap<&'static str, Decisions> = BTreeMap::new();
    for ((name, line), one) in lines().iter().zip(&first) {
        let of = types.entry(*name).or_default();
        of.accepted += usize::from(accepted(&one));
        of.blocked += usize::from(blocked(&one));
        of.personal |= Request::read(line).is_ok_and(|request| !request.personal.is_empty());
    }
    Exchanged {
        types,
        persons: PERSONS.len(),
        commands: first.len(),
        accepted: first.iter().filter(accepted).count(),
        blocked: first.iter().filter(blocked).count(),
        findings,
    }
}
