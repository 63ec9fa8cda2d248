//! A quota line (points 3 and 6): the limit of one category, territory, year and counting rule, and what is taken of it.
//!
//! The state keeps one figure per day and the open holds, so that it stays small however many places were decided.

use std::collections::BTreeMap;

use qonys_events::{
    citation::Citation,
    event::Event,
    fact::{Fact, application::ApplicationFiled},
    id::{Line, Ref},
    scalar::{Count, Day, Slug, StreamSeq},
    term::{CountingRule, LineMark, PlaceState},
};
use serde::{Deserialize, Serialize};

use crate::{
    blocked::Blocked,
    law::{Holding, Law},
};

pub mod decide;
mod eligibility;
pub mod proved;
pub mod recount;
pub mod set;

/// Places held and committed. Differences may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Taken {
    /// Held by verdicts that nobody has adopted.
    pub held: i64,
    /// Committed by decisions.
    pub committed: i64,
}

impl Taken {
    /// Held and committed together.
    pub fn total(self) -> i64 {
        self.held + self.committed
    }

    fn add(&mut self, other: Self) {
        self.held += other.held;
        self.committed += other.committed;
    }
}

/// An open hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Places by the counting rule.
    pub places: Count,
    /// First effective day.
    pub from: Day,
    /// Its entry's place in the stream: what a commitment adopts.
    pub seq: StreamSeq,
}

/// A limit as one act set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Limit {
    act: Slug,
    places: Count,
}

/// The state of a quota line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QuotaLine {
    line: Option<Line>,
    mark: Option<LineMark>,
    limits: Vec<Limit>,
    /// What changed on each effective day.
    changes: BTreeMap<Day, Taken>,
    holds: BTreeMap<Ref, Hold>,
    closed: bool,
    events: u64,
}

/// The limit that is in force on a day, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitOn {
    /// This many places, by this act.
    Known {
        /// Places.
        places: Count,
        /// The act that set them.
        act: Slug,
    },
    /// No act that sets it is in force; the act that would be next, if one is recorded.
    NotInForce,
    /// Whether an act that sets it is in force is not known.
    Unknown {
        /// That act.
        act: Slug,
    },
}

/// Places of an application by the counting rule (point 3): rules never mix. A member of the family who joins an
/// inclusion later takes a place only where members count.
///
/// What the rules that point 3 names count is in their words. Any other rule of an act is described by two norms,
/// `counting-rule.<rule>.principal` and `counting-rule.<rule>.member`: the places of each. Blocked without them.
pub fn places_of(
    rule: &CountingRule,
    filed: &ApplicationFiled,
    law: &Law,
    on: Day,
) -> Result<(Count, Vec<Citation>), Blocked> {
    let (principal, member, bases) = match rule.as_str() {
        CountingRule::PRINCIPALS | CountingRule::FAMILIES => (1, 0, Vec::new()),
        CountingRule::PRINCIPALS_AND_MEMBERS => (1, 1, Vec::new()),
        other => {
            let [principal, member] = ["principal", "member"]
                .map(|who| law.norm(&format!("counting-rule.{other}.{who}"), on));
            let (principal, member) = (principal?, member?);
            let bases = vec![principal.citation, member.citation];
            (principal.value.0, member.value.0, bases)
        }
    };
    // Whoever joins is a member of the family himself, with those who come along.
    let (principals, members) = match filed.joins {
        None => (1, filed.members.0),
        Some(_) => (0, filed.members.0.saturating_add(1)),
    };
    let places = u64::saturating_add(
        u64::saturating_mul(principal, principals),
        member.saturating_mul(members),
    );
    Ok((Count(places), bases))
}

impl QuotaLine {
    /// Applies the next event of the stream.
    pub fn apply(&mut self, event: &Event) {
        self.events += 1;
        // Every event of a line that moves places names its effective day.
        let from = event.effectivefrom.unwrap_or(Day::new(1900, 1, 1));
        match &event.fact {
            Fact::LimitSet(set) => {
                self.line = Some(set.line.clone());
                self.mark = self.mark.or(set.mark);
                // A correction of what an act says takes its place.
                match self.limits.iter_mut().find(|limit| limit.act == set.act) {
                    Some(limit) => limit.places = set.limit,
                    None => self.limits.push(Limit {
                        act: set.act.clone(),
                        places: set.limit,
                    }),
                }
            }
            Fact::PlacesHeld(held) => {
                let hold = Hold {
                    places: held.places,
                    from,
                    seq: StreamSeq(self.events),
                };
                self.holds.insert(held.application, hold);
                self.change(from, held.places, 1, 0);
            }
            Fact::PlacesCommitted(committed) => {
                self.holds.remove(&committed.application);
                self.change(from, committed.places, -1, 1);
            }
            Fact::PlacesReleased(released) => match released.was {
                PlaceState::Held => {
                    self.holds.remove(&released.application);
                    self.change(from, released.places, -1, 0);
                }
                PlaceState::Committed => self.change(from, released.places, 0, -1),
            },
            Fact::LimitWithdrawn(withdrawn) => {
                self.limits.retain(|limit| limit.act != withdrawn.act);
            }
            Fact::PlacesOrdered(ordered) => self.change(from, ordered.places, 0, 1),
            Fact::PlacesProved(proved) => self.change(from, proved.places, 0, 1),
            Fact::PlacesRecounted(recounted) => self.change(from, recounted.places, 0, 1),
            Fact::YearClosed(_) => self.closed = true,
            _ => {}
        }
    }

    fn change(&mut self, from: Day, places: Count, held: i64, committed: i64) {
        let n = places.0 as i64;
        self.changes.entry(from).or_default().add(Taken {
            held: held * n,
            committed: committed * n,
        });
    }

    /// About how many bytes it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        const PER_HOLD: usize = size_of::<Ref>() + size_of::<Hold>();
        const PER_DAY: usize = size_of::<Day>() + size_of::<Taken>();
        self.holds.len() * PER_HOLD
            + self.changes.len() * PER_DAY
            + self.limits.len() * size_of::<Limit>()
    }

    /// Whether an act that stands speaks of the line.
    pub(crate) fn established(&self) -> bool {
        !self.limits.is_empty()
    }

    /// The limit that an act sets, as it stands.
    pub(crate) fn limit_by(&self, act: &Slug) -> Option<Count> {
        let limit = self.limits.iter().find(|limit| limit.act == *act);
        limit.map(|limit| limit.places)
    }

    /// The acts that set a limit, in the order of recording.
    pub(crate) fn acts(&self) -> impl Iterator<Item = &Slug> {
        self.limits.iter().map(|limit| &limit.act)
    }

    /// The most places taken on any one day from a day on, as far as it is recorded.
    pub(crate) fn most_taken_from(&self, day: Day) -> i64 {
        let mut taken = self.taken(day);
        let mut most = taken.total();
        for (_, change) in self.changes.range(day.plus_days(1)..) {
            taken.add(*change);
            most = most.max(taken.total());
        }
        most
    }

    /// The line, once an act has set it.
    pub fn line(&self) -> Option<&Line> {
        self.line.as_ref()
    }

    /// Why the line is not an ordinary one.
    pub fn mark(&self) -> Option<LineMark> {
        self.mark
    }

    /// Whether the year of the line is closed.
    pub fn closed(&self) -> bool {
        self.closed
    }

    /// The open hold of an application.
    pub fn hold(&self, application: Ref) -> Option<Hold> {
        self.holds.get(&application).copied()
    }

    /// What is taken on a day.
    pub fn taken(&self, on: Day) -> Taken {
        let mut taken = Taken::default();
        self.changes
            .range(..=on)
            .for_each(|(_, change)| taken.add(*change));
        taken
    }

    /// The limit in force on a day: of the act that entered into force last; of two on one day, the one recorded last.
    pub fn limit(&self, law: &Law, on: Day) -> LimitOn {
        let said = self.limits.iter().map(|limit| (&limit.act, &limit.places));
        match law.holding(said, on) {
            Holding::InForce { act, says } => LimitOn::Known {
                places: *says,
                act: act.clone(),
            },
            Holding::Unknown { act } => LimitOn::Unknown { act: act.clone() },
            Holding::Nothing => LimitOn::NotInForce,
        }
    }

    /// The tightest day from a day on: limit less what is taken, smallest over every effective day at which either
    /// changes, as known now. Days whose limit is not in force or not known are passed over: what is decided on the
    /// first day is checked by [`QuotaLine::limit`].
    pub fn tightest(&self, law: &Law, from: Day) -> Option<Tightest> {
        let limit_days = self
            .limits
            .iter()
            .flat_map(|limit| law.turning_days(&limit.act));
        let mut days: Vec<Day> = limit_days
            .chain(self.changes.range(from..).map(|(day, _)| *day))
            .collect();
        days.push(from);
        days.retain(|day| *day >= from);
        days.sort_unstable();
        days.dedup();
        let mut taken = self.taken(from.plus_days(-1));
        let mut rest = self.changes.range(from..).peekable();
        let mut tightest: Option<Tightest> = None;
        for day in days {
            while let Some((_, change)) = rest.next_if(|(changed, _)| **changed <= day) {
                taken.add(*change);
            }
            let LimitOn::Known { places, .. } = self.limit(law, day) else {
                continue;
            };
            let headroom = places.0 as i64 - taken.total();
            if tightest.is_none_or(|t| headroom < t.headroom) {
                tightest = Some(Tightest {
                    day,
                    limit: places,
                    taken,
                    headroom,
                });
            }
        }
        tightest
    }
}

/// The day with the least headroom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tightest {
    /// The day.
    pub day: Day,
    /// The limit on it.
    pub limit: Count,
    /// What is taken on it.
    pub taken: Taken,
    /// Limit less what is taken; negative when the line is over-committed.
    pub headroom: i64,
}
