//! The agenda of a demonstration: which command is given on which working day at which hour, by whom. A pure function of
//! the seed, ids of commands included, so that an interrupted demonstration finds its place again.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use qonys_events::{
    entry::Actor,
    id::Ref,
    scalar::{Day, Instant},
};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::{clock::Entropy, published::Published, settings::DEFAULT_ZONE};

/// The hours of a day at which commands are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hour {
    /// 09:00: what was published is entered.
    Opening,
    /// 10:00.
    Morning,
    /// 12:00.
    Noon,
    /// 15:00.
    Afternoon,
    /// 17:00.
    Evening,
}

impl Hour {
    fn of_day(self) -> i8 {
        match self {
            Self::Opening => 9,
            Self::Morning => 10,
            Self::Noon => 12,
            Self::Afternoon => 15,
            Self::Evening => 17,
        }
    }
}

/// A command that will be given.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// Its id.
    pub(super) id: Ref,
    /// When it is given.
    pub(super) at: Instant,
    /// Its line.
    pub(super) line: String,
}

/// Commands that are given together: the clock stands still until all of them are answered.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// What the clock shows.
    pub(super) at: Instant,
    /// The commands, in their order.
    pub(super) commands: Vec<Planned>,
}

/// A command before it has an id.
pub(super) struct Draft {
    type_name: &'static str,
    actor: Actor,
    data: Value,
    personal: Option<Value>,
    decided_on: Option<Date>,
    effective: Option<Date>,
}

impl Draft {
    /// A command of a type, given by somebody.
    pub(super) fn new(type_name: &'static str, actor: &Actor, data: Value) -> Self {
        Self {
            type_name,
            actor: actor.clone(),
            data,
            personal: None,
            decided_on: None,
            effective: None,
        }
    }

    /// Adds personal values.
    pub(super) fn personal(mut self, values: Value) -> Self {
        self.personal = Some(values);
        self
    }

    /// Dates a paper decision earlier than the day on which it is entered.
    pub(super) fn decided_on(mut self, date: Date) -> Self {
        self.decided_on = Some(date);
        self
    }

    /// Names the day that the fact is about from.
    pub(super) fn effective(mut self, date: Date) -> Self {
        self.effective = Some(date);
        self
    }

    fn line(self, id: Ref) -> String {
        let mut line =
            json!({"id": id, "type": self.type_name, "actor": self.actor, "data": self.data});
        let members = [
            ("personal", self.personal),
            ("decidedon", self.decided_on.map(|date| json!(day(date)))),
            ("effective", self.effective.map(|date| json!(day(date)))),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                line[name] = value;
            }
        }
        line.to_string()
    }
}

/// The civil date as the vocabulary writes it.
pub(super) fn day(date: Date) -> Day {
    Day::new(date.year(), date.month(), date.day())
}

/// What a command records, as a later command refers to it.
pub(super) fn by(command: Ref) -> String {
    format!("command:{command}")
}

/// The date itself where it is a working day, else the next one. Holidays are working days here: the demonstration has
/// no calendar.
pub(super) fn working_day(mut date: Date) -> Date {
    while matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
        date = date.tomorrow().expect("a day within the calendar");
    }
    date
}

/// Every working day from the first to the last date.
pub(super) fn working_days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    let days = first.series(jiff::Span::new().days(1));
    days.take_while(move |date| *date <= last)
        .filter(|date| working_day(*date) == *date)
}

/// The date so many calendar days later, or the next working day.
pub(super) fn after(date: Date, days: i64) -> Date {
    working_day(date.saturating_add(jiff::Span::new().days(days)))
}

/// Chance from a seed: the same seed, the same draws.
pub(super) struct Chance(ChaCha20Rng);

impl Chance {
    /// Draws for one purpose.
    pub(super) fn new(entropy: &Entropy, purpose: &str) -> Self {
        Self(ChaCha20Rng::from_seed(
            entropy.derived("plan", purpose).bytes(),
        ))
    }

    /// A number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        // The bias of a remainder is no matter for invented persons.
        self.0.next_u32() as usize % end
    }

    /// A number from `first` to `last`.
    pub(super) fn span(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    /// True once in so many draws, on average.
    pub(super) fn once_in(&mut self, draws: usize) -> bool {
        self.below(draws) == 0
    }

    /// One of these.
    pub(super) fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// The agenda while it is written.
pub(super) struct Agenda {
    zone: jiff::tz::TimeZone,
    entropy: Entropy,
    ids: Entropy,
    moments: BTreeMap<(Date, Hour), Vec<Planned>>,
}

impl Agenda {
    /// An empty agenda of a seed.
    pub(super) fn new(seed: u64) -> Self {
        let entropy = Entropy::seeded(seed);
        let ids = entropy.derived("plan", "commands");
        Self {
            zone: jiff::tz::TimeZone::get(DEFAULT_ZONE).expect("the zone is bundled"),
            entropy,
            ids,
            moments: BTreeMap::new(),
        }
    }

    /// Draws for one purpose.
    pub(super) fn chance(&self, purpose: &str) -> Chance {
        Chance::new(&self.entropy, purpose)
    }

    /// An official of an office: the same one for the same role.
    pub(super) fn official(&self, role: &str, office: &str) -> Actor {
        let of = format!("{role}@{office}");
        Actor {
            actor: self.entropy.derived("official", of).reference(),
            role: role.parse().expect("a role is a name"),
            office: office.parse().expect("an office is a name"),
            onbehalfof: None,
        }
    }

    /// Gives a command at an hour of a day, after those that are given then already.
    pub(super) fn give(&mut self, on: Date, hour: Hour, draft: Draft) -> Planned {
        let id = self.ids.reference();
        self.put(on, hour, id, draft.line(id))
    }

    /// Enters something published.
    pub(super) fn publish(&mut self, on: Date, line: &Published, actor: &Actor) {
        let id = self.ids.reference();
        self.put(on, Hour::Opening, id, line.line(id, actor));
    }

    fn put(&mut self, on: Date, hour: Hour, id: Ref, line: String) -> Planned {
        let at = self.instant(on, hour);
        let planned = Planned { id, at, line };
        let moment = self.moments.entry((on, hour)).or_default();
        moment.push(planned.clone());
        planned
    }

    fn instant(&self, on: Date, hour: Hour) -> Instant {
        let at = on.at(hour.of_day(), 0, 0, 0).to_zoned(self.zone.clone());
        let at = at.expect("an instant within the calendar").timestamp();
        Instant::from_micros(at.as_microsecond())
    }

    /// The moments, in order of time.
    pub(super) fn moments(self) -> Vec<Moment> {
        let moment = |commands: Vec<Planned>| Moment {
            at: commands[0].at,
            commands,
        };
        self.moments.into_values().map(moment).collect()
    }
}
