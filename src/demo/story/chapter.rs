//! A chapter that is told step by step: each step is a command with a sentence about it, and what the log is asked about it.

use jiff::civil::Date;
use qonys_events::{entry::Actor, id::Ref};
use serde_json::Value;

use crate::demo::{
    agenda::{Agenda, Draft, Hour, Planned},
    names::Names,
};

/// What is told of one command.
pub(in crate::demo) struct Step {
    pub(in crate::demo) command: Planned,
    pub(in crate::demo) text: &'static str,
    /// Facts that its verdict read and that are printed with it.
    pub(in crate::demo) reads: &'static [&'static str],
}

/// A chapter.
pub(in crate::demo) struct Chapter {
    pub(in crate::demo) heading: &'static str,
    pub(in crate::demo) steps: Vec<Step>,
}

/// A chapter while its commands are given.
pub(super) struct Teller<'a> {
    pub(super) agenda: &'a mut Agenda,
    pub(super) names: &'a mut Names,
    steps: Vec<Step>,
    /// When the next command is given.
    when: (Date, Hour),
}

impl<'a> Teller<'a> {
    pub(super) fn new(agenda: &'a mut Agenda, names: &'a mut Names, first: Date) -> Self {
        Self {
            agenda,
            names,
            steps: Vec::new(),
            when: (first, Hour::Noon),
        }
    }

    /// The next commands are given on this day, at noon.
    pub(super) fn on(&mut self, day: Date) {
        self.when = (day, Hour::Noon);
    }

    /// The next commands are given later on the same day: what went before stands then.
    pub(super) fn later(&mut self) {
        self.when.1 = match self.when.1 {
            Hour::Afternoon | Hour::Evening => Hour::Evening,
            _ => Hour::Afternoon,
        };
    }

    /// Gives a command of which nothing is told.
    pub(super) fn quietly(&mut self, draft: Draft) -> Ref {
        self.agenda.give(self.when.0, self.when.1, draft).id
    }

    /// Gives a command and says what it is.
    pub(super) fn say(&mut self, text: &'static str, draft: Draft) -> Ref {
        self.say_with(text, &[], draft)
    }

    /// The same with facts that its verdict read.
    pub(super) fn say_with(
        &mut self,
        text: &'static str,
        reads: &'static [&'static str],
        draft: Draft,
    ) -> Ref {
        let command = self.agenda.give(self.when.0, self.when.1, draft);
        let id = command.id;
        self.steps.push(Step {
            command,
            text,
            reads,
        });
        id
    }

    /// Records an invented person, of whom nothing is told yet.
    pub(super) fn person(&mut self, by: &Actor, kind: &str) -> Ref {
        let values = self.names.person();
        let data = serde_json::json!({"kind": kind});
        self.quietly(Draft::new("record-person", by, data).personal(values))
    }

    pub(super) fn told(self, heading: &'static str) -> Chapter {
        Chapter {
            heading,
            steps: self.steps,
        }
    }
}

/// A draft in few words.
pub(super) fn draft(type_name: &'static str, by: &Actor, data: Value) -> Draft {
    Draft::new(type_name, by, data)
}
