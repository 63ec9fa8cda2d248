//! A history in the form that Elle reads: one EDN map per line, for its `list-append` model. A command that was done is an
//! append of its number to one list; a reader reads the whole list.
//!
//!     java -jar elle-cli.jar --model list-append history.edn

use std::fmt::Write as _;

use super::record::{Asked, Came, Op};

/// The list that everything is appended to.
const KEY: u64 = 1;

/// The lines of a history, in the order of its clock.
pub(crate) fn written(ops: &[Op]) -> String {
    let mut events = Vec::new();
    for op in ops {
        let value = |seen: Option<&Vec<u64>>| match (op.asked, seen) {
            (Asked::Hold { n, .. } | Asked::Release { n, .. }, _) => {
                format!("[[:append {KEY} {n}]]")
            }
            (Asked::Read, None) => format!("[[:r {KEY} nil]]"),
            (Asked::Read, Some(seen)) => {
                let seen: Vec<String> = seen.iter().map(u64::to_string).collect();
                format!("[[:r {KEY} [{}]]]", seen.join(" "))
            }
        };
        let (kind, seen) = match &op.came {
            Came::Done(_) => ("ok", None),
            Came::Shows(seen) => ("ok", Some(seen)),
            Came::Full | Came::Refused => ("fail", None),
            Came::Unknown => ("info", None),
        };
        events.push((op.began, op.caller, "invoke", value(None)));
        events.push((op.ended, op.caller, kind, value(seen)));
    }
    events.sort_by_key(|(at, ..)| *at);
    let mut text = String::new();
    for (index, (at, process, kind, value)) in events.iter().enumerate() {
        let nanos = at.as_nanos();
        let line = format!(
            "{{:index {index} :time {nanos} :type :{kind} :process {process} :f :txn :value {value}}}"
        );
        writeln!(text, "{line}").expect("a string takes everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_history_is_written_as_elle_reads_it() {
        let at = Duration::from_nanos;
        let ops = [
            Op {
                caller: 7,
                asked: Asked::Hold { n: 5, places: 1 },
                began: at(10),
                ended: at(30),
                came: Came::Done(2),
            },
            Op {
                caller: 8,
                asked: Asked::Read,
                began: at(20),
                ended: at(40),
                came: Came::Shows(vec![5]),
            },
        ];
        let expected = "\
{:index 0 :time 10 :type :invoke :process 7 :f :txn :value [[:append 1 5]]}
{:index 1 :time 20 :type :invoke :process 8 :f :txn :value [[:r 1 nil]]}
{:index 2 :time 30 :type :ok :process 7 :f :txn :value [[:append 1 5]]}
{:index 3 :time 40 :type :ok :process 8 :f :txn :value [[:r 1 [5]]]}
";
        assert_eq!(written(&ops), expected);
    }
}
