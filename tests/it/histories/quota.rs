//! A quota line as one object that callers share: whether some order of what was done explains every answer.
//!
//! An accepted answer names the version of the line's stream at which it stands, so the order of the changes is known and
//! only their moments are not: each is somewhere between a question and its answer. Going through the history in the order
//! of the clock, the line is moved on as late as can be, that is when an answer shows that it had moved. What an answer
//! asks is always "by now at least at this version", and the version it names never falls when the one at which its
//! question found the line rises; so the latest moves are allowed if any are, and one pass decides. `wgl` holds it against
//! the checker of Wing, Gong and Lowe, whose work grows with what came together.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use super::record::{Asked, Came, Op};

/// A question with its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// Places were held, at this version of the stream.
    Held { places: u64, at: u64 },
    /// Places were released, at this version of the stream.
    Released { places: u64, at: u64 },
    /// So many places were not free.
    Full { places: u64 },
    /// The stream was seen at this version.
    Seen { at: u64 },
    /// An answer to another question.
    Wrong,
}

impl Answered {
    fn of(asked: &Asked, came: &Came) -> Self {
        match (asked, came) {
            (&Asked::Hold { places, .. }, &Came::Done(at)) => Self::Held { places, at },
            (&Asked::Release { places, .. }, &Came::Done(at)) => Self::Released { places, at },
            (&Asked::Hold { places, .. }, Came::Full) => Self::Full { places },
            (Asked::Read, Came::Shows(seen)) => Self::Seen {
                at: seen.len() as u64 + 1,
            },
            _ => Self::Wrong,
        }
    }
}

/// Somebody asks, or is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Question,
    Answer,
}

/// Who asks or is answered when, in the order of the clock. Of what nobody knows, the log says whether it happened:
/// `stands` gives the version at which each command stands.
pub(crate) fn moments(ops: &[Op], stands: &BTreeMap<u64, u64>) -> Vec<(usize, Moment, Answered)> {
    let mut moments = Vec::new();
    for (id, op) in ops.iter().enumerate() {
        let (came, ended) = match (&op.asked, &op.came) {
            (_, Came::Refused) => continue,
            (Asked::Read, Came::Unknown) => continue,
            // It happened some time after it was asked for.
            (Asked::Hold { n, .. } | Asked::Release { n, .. }, Came::Unknown) => {
                match stands.get(n) {
                    Some(at) => (Came::Done(*at), Duration::MAX),
                    None => continue,
                }
            }
            (_, came) => (came.clone(), op.ended),
        };
        let answered = Answered::of(&op.asked, &came);
        // At one moment, answers come before questions would only forbid more than is true: questions first.
        moments.push(((op.began, 0, id), Moment::Question, answered));
        moments.push(((ended, 1, id), Moment::Answer, answered));
    }
    moments.sort_by_key(|(key, ..)| *key);
    let in_order = moments.into_iter();
    in_order
        .map(|((_, _, id), moment, answered)| (id, moment, answered))
        .collect()
}

/// What the line held at each version, the first of which is 1 and empty; `None` where two changes stand at one version,
/// one is missing between others, or one does not fit. `limit` in places.
fn taken(changes: impl Iterator<Item = Answered>, limit: u64) -> Option<Vec<u64>> {
    let mut by_version = BTreeMap::new();
    for change in changes {
        let (at, places) = match change {
            Answered::Held { places, at } => (at, places as i64),
            Answered::Released { places, at } => (at, -(places as i64)),
            _ => continue,
        };
        if by_version.insert(at, places).is_some() {
            return None;
        }
    }
    let mut taken = vec![0_u64];
    for (expected, (at, places)) in (2..).zip(by_version) {
        let now = taken.last()?.checked_add_signed(places)?;
        if at != expected || now > limit {
            return None;
        }
        taken.push(now);
    }
    Some(taken)
}

/// For each version, the first from it on at which so many places are not free.
fn first_full(taken: &[u64], places: u64, limit: u64) -> Vec<Option<usize>> {
    let mut next = None;
    let mut first: Vec<_> = (1..=taken.len())
        .rev()
        .map(|version| {
            if taken[version - 1] + places > limit {
                next = Some(version);
            }
            next
        })
        .collect();
    first.reverse();
    first
}

/// Whether some order of what was done explains every answer of a line of `limit` places, whose stream has one entry when
/// the history begins.
pub(crate) fn is_linearizable(ops: &[Op], stands: &BTreeMap<u64, u64>, limit: u64) -> bool {
    let moments = moments(ops, stands);
    assert!(!moments.is_empty(), "an empty history shows nothing");
    let questions = moments
        .iter()
        .filter(|(_, moment, _)| *moment == Moment::Question);
    let Some(taken) = taken(questions.map(|(_, _, answered)| *answered), limit) else {
        return false;
    };
    let mut full = HashMap::new();
    // The version at which the line is, and up to which every change has been asked for.
    let (mut now, mut asked) = (1, 1);
    let mut was_asked = vec![false; taken.len() + 1];
    // The version at which a question found the line.
    let mut found = HashMap::new();
    for (id, moment, answered) in moments {
        match (moment, answered) {
            (_, Answered::Wrong) => return false,
            (Moment::Question, Answered::Held { at, .. } | Answered::Released { at, .. }) => {
                was_asked[at as usize] = true;
                while was_asked.get(asked + 1) == Some(&true) {
                    asked += 1;
                }
            }
            (Moment::Question, Answered::Seen { at }) if now > at as usize => return false,
            (Moment::Question, Answered::Seen { .. }) => {}
            (Moment::Question, Answered::Full { .. }) => {
                found.insert(id, now);
            }
            (
                Moment::Answer,
                Answered::Held { at, .. } | Answered::Released { at, .. } | Answered::Seen { at },
            ) => now = now.max(at as usize),
            (Moment::Answer, Answered::Full { places }) => {
                let full = full
                    .entry(places)
                    .or_insert_with(|| first_full(&taken, places, limit));
                match full[found[&id] - 1] {
                    Some(version) => now = now.max(version),
                    None => return false,
                }
            }
        }
        if now > asked {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A question from one second to another.
    fn op(asked: Asked, began: u64, ended: u64, came: Came) -> Op {
        Op {
            caller: 0,
            asked,
            began: Duration::from_secs(began),
            ended: Duration::from_secs(ended),
            came,
        }
    }

    fn hold(n: u64, began: u64, ended: u64, came: Came) -> Op {
        op(Asked::Hold { n, places: 2 }, began, ended, came)
    }

    fn good(ops: &[Op]) -> bool {
        is_linearizable(ops, &BTreeMap::new(), 4)
    }

    #[test]
    fn good_histories_pass() {
        // One after the other, until it is full.
        assert!(good(&[
            hold(1, 0, 1, Came::Done(2)),
            hold(2, 2, 3, Came::Done(3)),
            hold(3, 4, 5, Came::Full),
            op(Asked::Read, 6, 7, Came::Shows(vec![1, 2])),
        ]));
        // At once: the answers come in another order than the entries.
        assert!(good(&[
            hold(1, 0, 9, Came::Done(3)),
            hold(2, 1, 2, Came::Done(2)),
            hold(3, 0, 9, Came::Full),
        ]));
        // What was released can be held again.
        assert!(good(&[
            hold(1, 0, 1, Came::Done(2)),
            hold(2, 2, 3, Came::Done(3)),
            op(Asked::Release { n: 3, places: 2 }, 4, 5, Came::Done(4)),
            hold(4, 6, 7, Came::Done(5)),
        ]));
    }

    #[test]
    fn what_nobody_knows_may_have_happened_at_any_later_time() {
        let ops = [
            hold(1, 0, 1, Came::Unknown),
            hold(2, 2, 3, Came::Done(2)),
            hold(3, 8, 9, Came::Full),
        ];
        assert!(is_linearizable(&ops, &BTreeMap::from([(1, 3)]), 4));
        assert!(
            !is_linearizable(&ops, &BTreeMap::new(), 4),
            "without it the line is not full"
        );
    }

    #[test]
    fn an_oversubscribed_line_is_found() {
        assert!(!good(&[
            hold(1, 0, 1, Came::Done(2)),
            hold(2, 0, 1, Came::Done(3)),
            hold(3, 0, 1, Came::Done(4)),
        ]));
    }

    #[test]
    fn a_block_while_there_was_room_is_found() {
        assert!(!good(&[
            hold(1, 0, 1, Came::Full),
            hold(2, 2, 3, Came::Done(2))
        ]));
    }

    #[test]
    fn two_commands_in_one_place_are_found() {
        assert!(!good(&[
            hold(1, 0, 5, Came::Done(2)),
            hold(2, 0, 5, Came::Done(2)),
        ]));
    }

    #[test]
    fn an_order_against_the_clock_is_found() {
        assert!(!good(&[
            hold(1, 0, 1, Came::Done(3)),
            hold(2, 2, 3, Came::Done(2)),
        ]));
    }

    #[test]
    fn a_stale_read_is_found() {
        assert!(!good(&[
            hold(1, 0, 1, Came::Done(2)),
            op(Asked::Read, 2, 3, Came::Shows(vec![])),
        ]));
    }
}
