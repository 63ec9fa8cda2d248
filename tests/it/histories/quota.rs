//! A quota line as one object that callers share, for the checker of Wing, Gong and Lowe in `todc-utils`. An accepted
//! answer says at which version of the line's stream it stands, so that every order that fits can be tried quickly.

use std::collections::BTreeMap;

use todc_utils::{
    linearizability::{
        WGLChecker,
        history::{Action, History},
    },
    specifications::Specification,
};

use super::record::{Asked, Came, Op};

/// A line of so many places, whose stream has one entry when it begins: its limit.
pub(crate) struct QuotaLine<const LIMIT: u64>;

/// What the line holds: the version of its stream, and how many places are taken.
pub(crate) type Taken = (u64, u64);

/// A question with its answer, as small as the checker copies it often.
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

impl<const LIMIT: u64> Specification for QuotaLine<LIMIT> {
    type State = Taken;
    type Operation = Answered;

    fn init() -> Taken {
        (1, 0)
    }

    fn apply(answered: &Answered, &(version, taken): &Taken) -> (bool, Taken) {
        let same = (version, taken);
        match *answered {
            Answered::Held { places, at } => {
                let fits = at == version + 1 && taken + places <= LIMIT;
                (fits, if fits { (at, taken + places) } else { same })
            }
            Answered::Released { places, at } => {
                let fits = at == version + 1 && taken >= places;
                (fits, if fits { (at, taken - places) } else { same })
            }
            Answered::Full { places } => (taken + places > LIMIT, same),
            Answered::Seen { at } => (at == version, same),
            Answered::Wrong => (false, same),
        }
    }
}

/// Whether some order of what was done explains every answer. Of what nobody knows, the log says whether it happened:
/// `stands` gives the version at which each command stands.
pub(crate) fn is_linearizable<const LIMIT: u64>(ops: &[Op], stands: &BTreeMap<u64, u64>) -> bool {
    let mut events = Vec::new();
    for (id, op) in ops.iter().enumerate() {
        let (came, ended) = match (&op.asked, &op.came) {
            (_, Came::Refused) => continue,
            (Asked::Read, Came::Unknown) => continue,
            // It happened some time after it was asked for.
            (Asked::Hold { n, .. } | Asked::Release { n, .. }, Came::Unknown) => {
                match stands.get(n) {
                    Some(at) => (Came::Done(*at), std::time::Duration::MAX),
                    None => continue,
                }
            }
            (_, came) => (came.clone(), op.ended),
        };
        let operation = Answered::of(&op.asked, &came);
        events.push((op.began, 1, id, Action::Call(operation)));
        events.push((ended, 0, id, Action::Response(operation)));
    }
    assert!(!events.is_empty(), "an empty history shows nothing");
    // At one moment, answers come before questions would only forbid more than is true: questions first.
    events.sort_by_key(|(at, response, id, _)| (*at, 1 - response, *id));
    let actions = events.into_iter().map(|(_, _, id, action)| (id, action));
    WGLChecker::<QuotaLine<LIMIT>>::is_linearizable(History::from_actions(actions.collect()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
        is_linearizable::<4>(ops, &BTreeMap::new())
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
        assert!(is_linearizable::<4>(&ops, &BTreeMap::from([(1, 3)])));
        assert!(
            !is_linearizable::<4>(&ops, &BTreeMap::new()),
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
