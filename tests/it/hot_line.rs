//! Show E, promise P4: 64 callers on one line of 1,000 places; exactly 1,000 succeed, whatever the store and however
//! many processes decide.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use qonys::{
    dispatch::Outcome,
    log::{Log, NewLog, postgres::PgLog},
};
use qonys_events::{scalar::Position, term::ClockKind};
use serde_json::{Value, json};

use crate::{
    oracle::check_line,
    support::{
        database::TestDatabase,
        process::{qonys, run_with_input},
        register::{Lines, Register, answer},
    },
};

const LINE: &str = "resettlers.kazakhstan.2024.principals-and-members";
const PLACES: i64 = 1_000;
const CALLERS: usize = 64;

/// What precedes the rush: a line of 1,000 places and so many applications. Gives the holds.
fn prepare(lines: &mut Lines, clock: &str, applications: usize) -> (Vec<Value>, Vec<Value>) {
    let mut before = lines.opening(clock);
    before.push(lines.act("order", "2024-01-01"));
    before.push(lines.quota("order", "establish", &[("resettlers", PLACES as u64)]));
    let mut holds = Vec::new();
    for n in 0..applications {
        before.extend(lines.applicant("resettlers", 0, "2024-02-01"));
        let application = format!("command:{}", lines.last());
        // Days out of order, so that backdated holds are among them.
        let day = format!("2024-{:02}-{:02}", 2 + (n * 7) % 10, 1 + (n * 11) % 28);
        holds.push(lines.on(&day, "hold-places", &json!({"application": application})));
    }
    (before, holds)
}

async fn rush(register: Register) {
    let (before, holds) = prepare(&mut Lines::new(1), "simulated", 1_100);
    register.must(&before).await;
    let register = Arc::new(register);
    let holds = Arc::new(holds);
    let next = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (register, holds, next) = (register.clone(), holds.clone(), next.clone());
            tokio::spawn(async move {
                let (mut accepted, mut reached) = (0, 0);
                while let Some(hold) = holds.get(next.fetch_add(1, Ordering::SeqCst)) {
                    match register.send(hold).await {
                        Outcome::Accepted(_) => accepted += 1,
                        Outcome::Blocked(blocked) if blocked.code.as_str() == "limit-reached" => {
                            reached += 1
                        }
                        other => panic!("{}", answer(&other)),
                    }
                }
                (accepted, reached)
            })
        })
        .collect();
    let mut sum = (0, 0);
    for caller in callers {
        let (accepted, reached) = caller.await.expect("a caller ends");
        sum = (sum.0 + accepted, sum.1 + reached);
    }
    assert_eq!(sum, (PLACES, 100));
    assert_eq!(
        check_line(&register.texts().await, LINE, PLACES),
        (PLACES, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p4_64_callers_fill_a_line_exactly_on_the_embedded_store() {
    rush(Register::embedded("2025-01-15T00:00:00.000000Z").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p4_64_callers_fill_a_line_exactly_on_postgresql() {
    rush(Register::postgres("2025-01-15T00:00:00.000000Z").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p4_two_processes_fill_a_line_exactly_on_postgresql() {
    let database = TestDatabase::create().await;
    let new = NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock: ClockKind::System,
    };
    PgLog::init(&database.url(), &new).await.expect("a new log");
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().to_string_lossy().into_owned();
    let text = |lines: &[Value]| {
        lines
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let submit = |lines: String| {
        let url = database.url();
        let directory = directory.clone();
        async move {
            let command = qonys([
                "submit",
                "-",
                "--database-url",
                &url,
                "--data-dir",
                &directory,
            ]);
            run_with_input(command, &lines)
                .await
                .expect_success()
                .stdout
        }
    };
    let (before, holds) = prepare(&mut Lines::new(2), "system", 1_200);
    let prepared = submit(text(&before)).await;
    assert_eq!(prepared.lines().count(), before.len());
    assert!(
        prepared
            .lines()
            .all(|line| line.contains(r#""outcome":"accepted""#)),
        "{prepared}"
    );
    let (one, two) = holds.split_at(600);
    let (one, two) = tokio::join!(submit(text(one)), submit(text(two)));
    let count =
        |answers: &str, what: &str| answers.lines().filter(|line| line.contains(what)).count();
    let accepted = [&one, &two].map(|answers| count(answers, r#""outcome":"accepted""#));
    let reached = [&one, &two].map(|answers| count(answers, r#""code":"limit-reached""#));
    assert_eq!(
        (accepted[0] + accepted[1], reached[0] + reached[1]),
        (1_000, 200),
        "{one}\n{two}"
    );
    assert!(
        accepted.iter().all(|n| *n > 0),
        "{accepted:?}: both processes accepted some"
    );
    let log = Log::Postgres(PgLog::open(&database.url()).await.expect("the log opens"));
    let mut texts = Vec::new();
    loop {
        let page = log
            .read_after(Position(texts.len() as u64), 1_000)
            .await
            .expect("the log reads");
        if page.is_empty() {
            break;
        }
        texts.extend(page.into_iter().map(|recorded| recorded.text));
    }
    assert_eq!(check_line(&texts, LINE, PLACES), (PLACES, 0));
}
