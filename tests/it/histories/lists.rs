//! The log as an append-only list: whoever reads sees a prefix of the list as it is at the end, with everything in it that
//! was told before he asked, and nothing that was asked for after he was answered.

use std::collections::BTreeMap;

use super::record::{Asked, Came, Op};

/// What is wrong with what readers saw of a list. The last argument is the list at the end.
pub(crate) fn wrong(ops: &[Op], list: &[u64]) -> Vec<String> {
    let place: BTreeMap<u64, usize> = list.iter().copied().zip(0..).collect();
    let mut wrong = Vec::new();
    if place.len() != list.len() {
        wrong.push("a command stands twice in the list".to_owned());
    }
    let reads = ops.iter().filter_map(|op| match &op.came {
        Came::Shows(seen) => Some((op, seen)),
        _ => None,
    });
    for (read, seen) in reads {
        if !list.starts_with(seen) {
            wrong.push(format!("{read:?} is no prefix"));
            continue;
        }
        for op in ops {
            let (Asked::Hold { n, .. } | Asked::Release { n, .. }) = op.asked else {
                continue;
            };
            let shown = place.get(&n).is_some_and(|at| *at < seen.len());
            let told = matches!(op.came, Came::Done(_));
            if told && op.ended < read.began && !shown {
                wrong.push(format!("{read:?} misses {op:?}"));
            }
            if shown && op.began > read.ended {
                wrong.push(format!("{read:?} foresees {op:?}"));
            }
        }
    }
    for op in ops {
        let (Asked::Hold { n, .. } | Asked::Release { n, .. }) = op.asked else {
            continue;
        };
        match (&op.came, place.contains_key(&n)) {
            (Came::Done(_), false) => wrong.push(format!("{op:?} is lost")),
            (Came::Full | Came::Refused, true) => {
                wrong.push(format!("{op:?} stands, and was refused"));
            }
            _ => {}
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

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
        op(Asked::Hold { n, places: 1 }, began, ended, came)
    }

    #[test]
    fn prefixes_pass() {
        let ops = [
            hold(1, 0, 1, Came::Done(2)),
            op(Asked::Read, 2, 3, Came::Shows(vec![1])),
            hold(2, 2, 5, Came::Unknown),
            op(Asked::Read, 6, 7, Came::Shows(vec![1, 2])),
        ];
        assert_eq!(wrong(&ops, &[1, 2]), Vec::<String>::new());
    }

    #[test]
    fn what_no_list_shows_is_found() {
        let one = hold(1, 0, 1, Came::Done(2));
        let two = hold(2, 0, 1, Came::Done(3));
        let read = |seen: &[u64]| op(Asked::Read, 2, 3, Came::Shows(seen.to_vec()));
        let cases: [(&str, Vec<Op>, Vec<u64>); 6] = [
            (
                "a skipped entry",
                vec![one.clone(), two.clone(), read(&[2])],
                vec![1, 2],
            ),
            ("another order", vec![read(&[2, 1])], vec![1, 2]),
            ("a stale read", vec![one.clone(), read(&[])], vec![1]),
            ("a lost command", vec![one.clone()], vec![]),
            ("a command twice", vec![one], vec![1, 1]),
            (
                "a refusal that was done",
                vec![hold(3, 0, 1, Came::Full)],
                vec![3],
            ),
        ];
        for (what, ops, list) in cases {
            assert!(!wrong(&ops, &list).is_empty(), "{what} is not found");
        }
        let late = [read(&[4]), hold(4, 5, 6, Came::Done(2))];
        assert!(
            !wrong(&late, &[4]).is_empty(),
            "a foreseen command is not found"
        );
    }
}
