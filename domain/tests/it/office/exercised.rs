//! Point 11: whatever cites an act exercises a power that an office can hold.

use qonys_domain::{
    command::Command,
    office::exercised,
    streams::{Known, Needs, Stream, Streams},
};
use qonys_events::id::{Ref, StreamId};
use serde_json::Value;

use crate::world::{World, day};

/// Everything that is not loaded is empty.
struct Open<'a>(&'a World, Stream);

impl Streams for Open<'_> {
    fn stream(&self, id: &StreamId) -> Option<&Stream> {
        self.0
            .stream(id)
            .or_else(|| (id.kind() == qonys_events::id::StreamKind::Office).then_some(&self.1))
    }
}

/// Commands that cite an act though nobody exercises its power: they record facts of others, and what follows from them
/// was decided before under that power.
const FOLLOW: [&str; 11] = [
    "record-release",
    "revise-figure",
    "record-move",
    "change-dwelling",
    "correct-dwelling",
    "close-measure-plan",
    "record-earlier-inclusion",
    // Duties of whoever keeps the data, not powers of point 11.
    "block-personal-data",
    "unblock-personal-data",
    "propose-destruction",
    "destroy-personal-data",
];

#[test]
fn every_command_that_cites_an_act_exercises_a_power() {
    let mut world = World::default();
    let mut names: Vec<(String, Ref)> = Vec::new();
    let mut cited = 0;
    for line in include_str!("../../../../data/examples.ndjson").lines() {
        let mut text = line.to_owned();
        for (name, minted) in &names {
            text = text.replace(&format!("command:{name}"), &minted.to_string());
        }
        let line: Value = serde_json::from_str(&text).expect("a line");
        let name = line["type"].as_str().expect("a type");
        let on = line["decidedon"].as_str().unwrap_or("2024-12-31");
        let mut cx = world.context(on);
        cx.effective = line["effectivefrom"].as_str().map(day);
        cx.actor = serde_json::from_value(line["actor"].clone()).expect("an actor");
        let Ok(command) = Command::read(name, line["data"].clone()).expect("a command") else {
            panic!("{line}");
        };
        let known_before = Open(&world, Stream::empty(qonys_events::id::StreamKind::Office));
        let power = exercised::decision(&command, day(on), &Known(&known_before));
        let first = world.events.len();
        let given = world.give(name, line["data"].clone(), &cx);
        names.push((line["id"].as_str().expect("an id").to_owned(), cx.minted));
        if given.is_err() {
            continue; // What needs sealed values does not run here; the same commands run elsewhere in the list.
        }
        let cites = world.events[first..].iter().any(|(_, e)| e.act.is_some());
        let own = matches!(power, Ok(Some(_)) | Err(Needs(_))) || name == "exercise-power";
        assert!(
            !cites || own || FOLLOW.contains(&name),
            "{name} cites an act and exercises nothing"
        );
        cited += usize::from(cites);
    }
    assert!(cited > 15, "{cited} commands cite an act");
}
