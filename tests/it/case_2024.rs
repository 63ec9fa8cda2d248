//! Show C: the quota of 2024 as published, through the public board, on both stores and in both times. The national line
//! stands in for regional lines that no source gives.

use qonys::{
    clock::Clock,
    dispatch::Outcome,
    views::{
        Views,
        queries::{
            AsOf,
            board::{BoardAnswer, BoardQuery},
        },
    },
};
use qonys_events::{
    id::Line,
    scalar::{Count, Instant},
};
use qonys_projections::quota::board::{BoardLine, LineState};
use serde_json::{Value, json};

use crate::{
    support::register::{Lines, Register, answer},
    views::{caught_up, history::accept_all},
};

const KANDAS: &str = "kandas.kazakhstan.2024.principals-and-members";
const RESETTLERS: &str = "resettlers.kazakhstan.2024.principals-and-members";
const BEGIN: &str = "2024-01-02T06:00:00.000000Z";

/// A register with its views, and the lines that it is given.
struct Case {
    register: Register,
    views: Views,
    lines: Lines,
}

/// What a board says of one line.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    limit: Option<u64>,
    held: i64,
    committed: i64,
    remaining: Option<i64>,
    over: i64,
}

fn figures(line: &BoardLine) -> Figures {
    Figures {
        limit: line.limit.map(|limit| limit.0),
        held: line.held,
        committed: line.committed,
        remaining: line.remaining,
        over: line.over_committed_by,
    }
}

fn line<'a>(board: &'a BoardAnswer, name: &str) -> &'a BoardLine {
    let name: Line = name.parse().expect("a line");
    board.line(&name).expect("the line stands on the board")
}

/// A line with a limit in force.
fn stands(limit: u64, held: i64, committed: i64) -> Figures {
    let room = limit as i64 - held - committed;
    Figures {
        limit: Some(limit),
        held,
        committed,
        remaining: Some(room.max(0)),
        over: (-room).max(0),
    }
}

impl Case {
    async fn begin(register: Register) -> Self {
        let mut lines = Lines::new(11);
        let mut opening = lines.opening("simulated");
        opening.push(lines.act("order-2023-12-27", "2024-01-14"));
        let limits = [("kandas", 2_433), ("resettlers", 7_050)];
        opening.push(lines.quota("order-2023-12-27", "establish", &limits));
        register.must(&opening).await;
        let views = caught_up(&register).await;
        Self {
            register,
            views,
            lines,
        }
    }

    fn clock(&self, at: &str) {
        self.register
            .clock
            .set(at.parse::<Instant>().expect("an instant"));
    }

    /// The board of a day, as recorded up to an instant or to the end.
    async fn board(&self, day: &str, recorded: Option<&str>) -> BoardAnswer {
        self.views
            .catch_up(|_, _| {})
            .await
            .expect("the views catch up");
        let query = BoardQuery {
            as_of: recorded.map_or(AsOf::Latest, |at| {
                AsOf::Time(at.parse().expect("an instant"))
            }),
            effective: Some(day.parse().expect("a day")),
            year: None,
        };
        self.views
            .board(query, &Clock::System)
            .await
            .expect("a board")
    }

    async fn figures(&self, name: &str, day: &str, recorded: Option<&str>) -> Figures {
        figures(line(&self.board(day, recorded).await, name))
    }

    /// An application of one person.
    async fn applicant(&mut self, category: &str, day: &str) -> Value {
        let filed = self.lines.applicant(category, 0, day);
        self.register.must(&filed).await;
        json!({"application": format!("command:{}", self.lines.last())})
    }

    /// Holds places without a decision date: the civil day of the log's zone counts.
    async fn hold_now(&mut self, application: &Value) -> Outcome {
        let line = self.lines.line("hold-places", application);
        self.register.send(&line).await
    }

    /// Includes families of at most `size` persons until exactly `persons` places are committed.
    async fn include(&mut self, category: &str, persons: u64, size: u64, day: &str) {
        let (mut left, mut all) = (persons, Vec::new());
        while left > 0 {
            let family = left.min(size);
            all.extend(self.lines.applicant(category, family - 1, day));
            let application = json!({"application": format!("command:{}", self.lines.last())});
            all.push(self.lines.on(day, "hold-places", &application));
            all.push(self.lines.on(day, "commit-places", &application));
            left -= family;
        }
        accept_all(&self.register, &all).await;
    }

    /// Records an amending act and its limits.
    async fn amend(&mut self, act: &str, in_force: &str, limits: &[(&str, u64)]) {
        let mut recorded = self.lines.act(act, in_force);
        recorded["data"]["document"] = json!("order-2023-12-27");
        recorded["data"]["wording"] = json!(act);
        let set = self.lines.quota(act, "amend", limits);
        self.register.must(&[recorded, set]).await;
    }
}

/// The reason and the facts of a blocked command.
fn blocked(outcome: &Outcome, code: &str) -> Value {
    let answer: Value = serde_json::from_str(&answer(outcome)).expect("an answer is JSON");
    assert_eq!(
        (&answer["outcome"], &answer["code"]),
        (&json!("blocked"), &json!(code)),
        "{answer}"
    );
    answer
}

#[track_caller]
fn accepted(outcome: &Outcome) {
    assert!(
        matches!(outcome, Outcome::Accepted(_)),
        "{}",
        answer(outcome)
    );
}

async fn case_2024(register: Register) {
    let mut case = Case::begin(register).await;
    in_force_at_midnight(&mut case).await;
    first_half(&mut case).await;
    august(&mut case).await;
    over_committed(&mut case).await;
    both_times(&case).await;
}

/// Almaty is 6 hours ahead of UTC: its 14.01.2024 begins at 18:00Z.
async fn in_force_at_midnight(case: &mut Case) {
    let first = case.applicant("kandas", "2024-01-02").await;
    case.clock("2024-01-13T17:59:59.999998Z");
    let outcome = case.hold_now(&first).await;
    let told = blocked(&outcome, "quota-not-in-force");
    assert_eq!(told["facts"]["day"], "2024-01-13", "{told}");
    let board = case.board("2024-01-13", None).await;
    let found = line(&board, KANDAS);
    assert!(matches!(found.state, LineState::NotYet { .. }), "{found:?}");
    assert_eq!((found.limit, found.remaining), (None, None));
    case.clock("2024-01-13T18:00:00.000000Z");
    accepted(&case.hold_now(&first).await);
    assert_eq!(case.figures(KANDAS, "2024-01-13", None).await.held, 0);
    assert_eq!(
        case.figures(KANDAS, "2024-01-14", None).await,
        stands(2_433, 1, 0)
    );
    let commit = case.lines.line("commit-places", &first);
    accepted(&case.register.send(&commit).await);
    assert_eq!(
        case.figures(KANDAS, "2024-01-14", None).await,
        stands(2_433, 0, 1)
    );
}

/// By 01.07.2024 as published: 1,891 kandas and 2,978 resettlers.
async fn first_half(case: &mut Case) {
    case.clock("2024-03-01T06:00:00.000000Z");
    case.include("kandas", 1_890, 6, "2024-03-01").await;
    case.clock("2024-04-01T06:00:00.000000Z");
    case.include("resettlers", 2_978, 9, "2024-04-01").await;
    case.clock("2024-07-01T06:00:00.000000Z");
    assert_eq!(
        case.figures(KANDAS, "2024-07-01", None).await,
        stands(2_433, 0, 1_891)
    );
    assert_eq!(
        case.figures(RESETTLERS, "2024-07-01", None).await,
        stands(7_050, 0, 2_978)
    );
}

/// The line is full by 23.08.; the act of August moves 600 places; the 24.08. of Almaty, now 5 hours ahead of UTC, begins
/// at 19:00Z.
async fn august(case: &mut Case) {
    case.clock("2024-08-15T06:00:00.000000Z");
    case.amend(
        "order-2024-08",
        "2024-08-24",
        &[("kandas", 3_033), ("resettlers", 6_450)],
    )
    .await;
    let board = case.board("2024-08-15", None).await;
    let [amendment] = &board.amendments[..] else {
        panic!("one act is one amendment: {:?}", board.amendments);
    };
    assert_eq!(amendment.lines.len(), 2);
    let moved = amendment.moved.as_ref().expect("places moved");
    assert_eq!(moved.places, 600);
    assert_eq!(moved.from, [RESETTLERS.parse::<Line>().expect("a line")]);
    assert_eq!(moved.to, [KANDAS.parse::<Line>().expect("a line")]);
    assert_eq!(
        (amendment.total_before, amendment.total_after),
        (Some(9_483), Some(9_483))
    );
    case.clock("2024-08-20T06:00:00.000000Z");
    case.include("kandas", 2_433 - 1_891, 6, "2024-08-20").await;
    let next = case.applicant("kandas", "2024-08-20").await;
    case.clock("2024-08-23T18:59:59.999998Z");
    blocked(&case.hold_now(&next).await, "limit-reached");
    assert_eq!(
        case.figures(KANDAS, "2024-08-23", None).await,
        stands(2_433, 0, 2_433)
    );
    case.clock("2024-08-23T19:00:00.000000Z");
    accepted(&case.hold_now(&next).await);
    assert_eq!(
        case.figures(KANDAS, "2024-08-23", None).await,
        stands(2_433, 0, 2_433)
    );
    assert_eq!(
        case.figures(KANDAS, "2024-08-24", None).await,
        stands(3_033, 1, 2_433)
    );
    assert_eq!(
        case.figures(RESETTLERS, "2024-08-24", None).await,
        stands(6_450, 0, 2_978)
    );
}

/// An act that cuts below what is used is recorded; nothing more passes until an act raises the limit.
async fn over_committed(case: &mut Case) {
    case.clock("2024-08-28T06:00:00.000000Z");
    case.amend("order-cut", "2024-09-01", &[("resettlers", 2_900)])
        .await;
    assert_eq!(
        case.figures(RESETTLERS, "2024-08-31", None).await,
        stands(6_450, 0, 2_978)
    );
    let over = case.figures(RESETTLERS, "2024-09-01", None).await;
    assert_eq!(over, stands(2_900, 0, 2_978));
    assert_eq!((over.over, over.remaining), (78, Some(0)));
    let late = case.applicant("resettlers", "2024-08-28").await;
    case.clock("2024-09-02T06:00:00.000000Z");
    let told = blocked(&case.hold_now(&late).await, "over-committed");
    assert_eq!(told["facts"]["over-committed-by"], "78", "{told}");
    case.amend("order-raise", "2024-10-01", &[("resettlers", 2_979)])
        .await;
    case.clock("2024-09-30T06:00:00.000000Z");
    blocked(&case.hold_now(&late).await, "over-committed");
    case.clock("2024-10-01T06:00:00.000000Z");
    assert_eq!(
        case.figures(RESETTLERS, "2024-10-01", None).await,
        stands(2_979, 0, 2_978)
    );
    accepted(&case.hold_now(&late).await);
    assert_eq!(
        case.figures(RESETTLERS, "2024-10-01", None).await,
        stands(2_979, 1, 2_978)
    );
}

/// Every day again at the end, and each as it was known on the day itself.
async fn both_times(case: &Case) {
    for (name, day, recorded, expected) in [
        (KANDAS, "2024-01-14", None, stands(2_433, 0, 1)),
        (KANDAS, "2024-07-01", None, stands(2_433, 0, 1_891)),
        (RESETTLERS, "2024-07-01", None, stands(7_050, 0, 2_978)),
        (KANDAS, "2024-08-23", None, stands(2_433, 0, 2_433)),
        (KANDAS, "2024-08-24", None, stands(3_033, 1, 2_433)),
        (RESETTLERS, "2024-09-01", None, stands(2_900, 0, 2_978)),
        // As recorded on 01.07. nothing of August is known.
        (
            KANDAS,
            "2024-08-24",
            Some("2024-07-01T00:00:00.000000Z"),
            stands(2_433, 0, 1_891),
        ),
        (
            RESETTLERS,
            "2024-08-24",
            Some("2024-07-01T00:00:00.000000Z"),
            stands(7_050, 0, 2_978),
        ),
        // The act of August is recorded on 15.08. and works from 24.08.
        (
            KANDAS,
            "2024-08-24",
            Some("2024-08-16T00:00:00.000000Z"),
            stands(3_033, 0, 1_891),
        ),
        (
            KANDAS,
            "2024-08-23",
            Some("2024-08-16T00:00:00.000000Z"),
            stands(2_433, 0, 1_891),
        ),
        // The last instant of 23.08. in Almaty, and the first of 24.08.
        (
            KANDAS,
            "2024-08-24",
            Some("2024-08-23T18:59:59.999999Z"),
            stands(3_033, 0, 2_433),
        ),
        (
            KANDAS,
            "2024-08-24",
            Some("2024-08-23T19:30:00.000000Z"),
            stands(3_033, 1, 2_433),
        ),
        // Before the cut was recorded the line had room on 01.09.
        (
            RESETTLERS,
            "2024-09-01",
            Some("2024-08-27T00:00:00.000000Z"),
            stands(6_450, 0, 2_978),
        ),
    ] {
        assert_eq!(
            case.figures(name, day, recorded).await,
            expected,
            "{name} on {day}, {recorded:?}"
        );
    }
    let not_yet = case.figures(KANDAS, "2024-01-13", None).await;
    assert_eq!((not_yet.limit, not_yet.committed), (None, 0));
    // Without a day the board is about the civil day of its point.
    let point = AsOf::Time("2024-01-13T17:59:59.999999Z".parse().expect("an instant"));
    let by = |as_of| BoardQuery {
        as_of,
        effective: None,
        year: None,
    };
    let before = case
        .views
        .board(by(point), &Clock::System)
        .await
        .expect("a board");
    assert_eq!(before.day.to_string(), "2024-01-13");
    let point = AsOf::Time("2024-08-23T19:00:00.000001Z".parse().expect("an instant"));
    let after = case
        .views
        .board(by(point), &Clock::System)
        .await
        .expect("a board");
    assert_eq!(after.day.to_string(), "2024-08-24");
    assert_eq!(line(&after, KANDAS).limit, Some(Count(3_033)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_c_the_case_of_2024_on_the_embedded_store() {
    case_2024(Register::embedded(BEGIN).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_c_the_case_of_2024_on_postgresql() {
    case_2024(Register::postgres(BEGIN).await).await;
}
