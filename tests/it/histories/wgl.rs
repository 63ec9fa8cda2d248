//! Our one pass over a quota line's history (`quota`) beside the checker of Wing, Gong and Lowe in `todc-utils`, which tries
//! orders: on thousands of small histories, right ones and disturbed ones, both say the same.

use std::{collections::BTreeMap, time::Duration};

use qonys::clock::Entropy;
use todc_utils::{
    linearizability::{
        WGLChecker,
        history::{Action, History},
    },
    specifications::Specification,
};

use super::{
    quota::{self, Answered, Moment},
    record::{Asked, Came, Op},
};

const LIMIT: u64 = 4;

/// A line of `LIMIT` places, whose stream has one entry when it begins: its limit.
struct QuotaLine;

impl Specification for QuotaLine {
    /// The version of its stream, and how many places are taken.
    type State = (u64, u64);
    type Operation = Answered;

    fn init() -> (u64, u64) {
        (1, 0)
    }

    fn apply(answered: &Answered, &(version, taken): &(u64, u64)) -> (bool, (u64, u64)) {
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

/// The same question, asked of the other checker.
fn tried_in_every_order(ops: &[Op], stands: &BTreeMap<u64, u64>) -> bool {
    let actions =
        quota::moments(ops, stands)
            .into_iter()
            .map(|(id, moment, answered)| match moment {
                Moment::Question => (id, Action::Call(answered)),
                Moment::Answer => (id, Action::Response(answered)),
            });
    WGLChecker::<QuotaLine>::is_linearizable(History::from_actions(actions.collect()))
}

/// A history that is right, of up to nine questions that overlap, and then up to two disturbances of it.
fn history(seed: u64) -> (Vec<Op>, BTreeMap<u64, u64>) {
    let dice = Entropy::seeded(seed);
    let [length, disturbances] = dice.bytes::<2>();
    let (mut version, mut taken) = (1, 0);
    let mut shown = Vec::new();
    let mut ops = Vec::new();
    let mut stands = BTreeMap::new();
    for n in 1..=2 + u64::from(length) % 8 {
        let [kind, places, before, after, unheard] = dice.bytes::<5>();
        let places = 1 + u64::from(places) % 3;
        let (asked, mut came) = match kind % 5 {
            0 => (Asked::Read, Came::Shows(shown.clone())),
            1 if taken >= places => {
                taken -= places;
                version += 1;
                (Asked::Release { n, places }, Came::Done(version))
            }
            _ if taken + places > LIMIT => (Asked::Hold { n, places }, Came::Full),
            _ => {
                taken += places;
                version += 1;
                (Asked::Hold { n, places }, Came::Done(version))
            }
        };
        if let Came::Done(at) = came {
            shown.push(n);
            stands.insert(n, at);
        }
        if unheard < 20 {
            came = Came::Unknown;
        }
        let at = 100 + 10 * n;
        ops.push(Op {
            caller: n as usize,
            asked,
            began: Duration::from_secs(at - u64::from(before) % 30),
            ended: Duration::from_secs(at + 1 + u64::from(after) % 30),
            came,
        });
    }
    for _ in 0..disturbances % 3 {
        let [which, how, by] = dice.bytes::<3>();
        let which = usize::from(which) % ops.len();
        let by = u64::from(by) % 40;
        let op = &mut ops[which];
        match (how % 4, &mut op.came) {
            (0, _) => op.began = op.ended.saturating_sub(Duration::from_secs(1)),
            (1, _) => {
                op.began += Duration::from_secs(by);
                op.ended += Duration::from_secs(by);
            }
            (2, Came::Done(at)) => *at = 2 + by % 5,
            (2 | 3, Came::Shows(seen)) => seen.truncate(by as usize % (seen.len() + 1)),
            (_, came) => *came = Came::Full,
        }
    }
    (ops, stands)
}

#[test]
fn one_pass_says_what_trying_every_order_says() {
    let (mut right, mut wrong) = (0, 0);
    for seed in 1..=4_000 {
        let (ops, stands) = history(seed);
        if quota::moments(&ops, &stands).is_empty() {
            continue;
        }
        let ours = quota::is_linearizable(&ops, &stands, LIMIT);
        assert_eq!(
            ours,
            tried_in_every_order(&ops, &stands),
            "seed {seed}: {ops:#?}"
        );
        *(if ours { &mut right } else { &mut wrong }) += 1;
    }
    assert!(right > 500 && wrong > 500, "{right} {wrong}");
}
