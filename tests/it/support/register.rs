//! A register to try things on: command lines with ids in order, a log on either store, a clock that is set.

use qonys::{
    clock::{Clock, Entropy},
    dispatch::{Answer, Dispatch, Outcome, Request, Stored},
    log::{Log, NewLog, postgres::PgLog, sqlite::SqliteLog},
    vault::Vault,
};
use qonys_events::{id::Ref, scalar::Instant, term::ClockKind};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::database::TestDatabase;

/// Makes command lines. Ids come in order, so that a line can name the one before it.
pub(crate) struct Lines {
    series: u32,
    made: u64,
    /// The office that gives the commands.
    pub(crate) office: String,
}

impl Lines {
    /// Lines of a series: series never share ids.
    pub(crate) fn new(series: u32) -> Self {
        Self {
            series,
            made: 0,
            office: "akimat.pavlodar".into(),
        }
    }

    /// The next line.
    pub(crate) fn line(&mut self, type_name: &str, data: &Value) -> Value {
        self.made += 1;
        // Two people: who adopts is another one.
        let adopts = ["commit-places", "destroy-personal-data"].contains(&type_name);
        let official = if adopts { 2 } else { 1 };
        let actor = json!({"actor": format!("a0b1c2d3-0000-4000-8000-{official:012}"), "role": "quota-officer", "office": self.office});
        json!({"id": self.last(), "type": type_name, "actor": actor, "data": data})
    }

    /// The next line, decided on a day.
    pub(crate) fn on(&mut self, day: &str, type_name: &str, data: &Value) -> Value {
        let mut line = self.line(type_name, data);
        line["decidedon"] = json!(day);
        line
    }

    /// The id of the last line.
    pub(crate) fn last(&self) -> String {
        format!("{:08x}-0000-7000-8000-{:012x}", self.series, self.made)
    }

    /// An IIN of somebody born in the 1800s that no other line has.
    pub(crate) fn iin(&self) -> String {
        iin(u64::from(self.series) * 10_000 + self.made)
    }

    /// The lines that open a log for tests, with an act that gives the powers of point 6 since 2011.
    pub(crate) fn opening(&mut self, clock: &str) -> Vec<Value> {
        let mut lines = vec![self.line(
            "open-log",
            &json!({"zone": "Asia/Almaty", "kind": "test", "clock": clock}),
        )];
        lines.push(self.act("law-477-2011", "2011-07-22"));
        for (decision, point) in [
            ("kandas-inclusion", "15(6-3)"),
            ("resettler-inclusion", "15(6-6)"),
            ("kandas-status", "15(6-1)"),
            ("residence-registration", "9"),
        ] {
            let power = json!({"decisions": [decision], "document": "law-477-2011", "point": point, "from": "2011-07-22",
                "certainty": "known", "source": "migration law"});
            lines.push(self.line("record-power", &power));
        }
        lines
    }

    /// A synthetic act that is in force from a day.
    pub(crate) fn act(&mut self, name: &str, in_force_on: &str) -> Value {
        let act = json!({"act": name, "kind": "order", "body": "a body", "titles": {"en": name}, "language": "ru",
            "in_force_on": in_force_on, "entry_into_force": {"rule": "unknown"}, "document": name, "wording": "first",
            "synthetic": true, "source": "test"});
        self.line("record-act", &act)
    }

    /// An act of the setter for 2024 on the national line, which stands in for a gap in the sources.
    pub(crate) fn quota(&mut self, act: &str, action: &str, limits: &[(&str, u64)]) -> Value {
        let lines: Vec<Value> = limits
            .iter()
            .map(|(category, limit)| {
                json!({"category": category, "territory": "kazakhstan", "limit": limit.to_string(), "mark": "source-gap"})
            })
            .collect();
        let quota = json!({"act": act, "action": action, "year": "2024", "rule": "principals-and-members",
            "rule_certainty": "assumed", "lines": lines});
        self.line("set-quota", &quota)
    }

    /// A person with an application; `command:<last id>` names the application afterwards.
    pub(crate) fn applicant(&mut self, category: &str, members: u64, day: &str) -> Vec<Value> {
        let kind = if category == "kandas" {
            "foreigner"
        } else {
            "citizen"
        };
        let mut lines = vec![self.on(day, "record-person", &json!({"kind": kind}))];
        lines[0]["personal"] =
            json!({"name": format!("Сынақ Тұлға {}", self.made), "iin": self.iin()});
        let person = format!("command:{}", self.last());
        if category == "kandas" {
            lines.push(self.on(day, "grant-kandas-status", &json!({"person": person})));
        }
        let filed = json!({"applicant": person, "category": category, "territory": "kazakhstan", "year": "2024", "members": members.to_string()});
        lines.push(self.on(day, "file-application", &filed));
        lines
    }

    /// The norm by which `ministry` is competent for proposals of a kind.
    pub(crate) fn competence(&mut self, kind: &str) -> Value {
        let norm = json!({"norm": format!("addressee.ministry.{kind}"), "document": "law-477-2011", "point": "11(4-2)",
            "value": "1", "unit": "one-is-competent", "from": "2017-02-01", "certainty": "assumed", "source": "test"});
        self.line("record-norm", &norm)
    }
}

/// A log with a decider on it. The store goes when the value does.
pub(crate) struct Register {
    pub(crate) log: Log,
    pub(crate) dispatch: Dispatch,
    pub(crate) clock: Clock,
    pub(crate) vault: Vault,
    pub(crate) database: Option<TestDatabase>,
    pub(crate) directory: TempDir,
}

fn settings(clock: ClockKind) -> NewLog {
    NewLog {
        origin: "qonys/almaty/test/1".parse().expect("an origin"),
        zone: "Asia/Almaty".parse().expect("a zone"),
        clock,
    }
}

impl Register {
    /// A register on the embedded store, with a clock that is set to `at`.
    pub(crate) async fn embedded(at: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let log = SqliteLog::open(directory.path(), Some(&settings(ClockKind::Simulated)))
            .await
            .expect("a new log");
        Self::on(Log::Sqlite(log), at, None, directory).await
    }

    /// A register on PostgreSQL, with a clock that is set to `at`.
    pub(crate) async fn postgres(at: &str) -> Self {
        let database = TestDatabase::create().await;
        PgLog::init(&database.url(), &settings(ClockKind::Simulated))
            .await
            .expect("a new log");
        let log = PgLog::open(&database.url()).await.expect("the log opens");
        let directory = tempfile::tempdir().expect("a directory");
        Self::on(Log::Postgres(log), at, Some(database), directory).await
    }

    async fn on(log: Log, at: &str, database: Option<TestDatabase>, directory: TempDir) -> Self {
        let clock = Clock::simulated(at.parse::<Instant>().expect("an instant"));
        let entropy = Entropy::seeded(1);
        let vault = Vault::open(directory.path(), log.origin(), entropy.clone())
            .await
            .expect("a vault");
        let dispatch = Dispatch::start(log.clone(), Some(vault.clone()), clock.clone(), entropy)
            .await
            .expect("a decider");
        Self {
            log,
            dispatch,
            clock,
            vault,
            database,
            directory,
        }
    }

    /// Sends one line.
    pub(crate) async fn send(&self, line: &Value) -> Outcome {
        match Request::read(&line.to_string()) {
            Ok(request) => self.dispatch.decide(request).await,
            Err(invalid) => Outcome::Invalid(invalid),
        }
    }

    /// Sends lines that must all be accepted; gives what the last one stored.
    #[track_caller]
    pub(crate) fn must<'a>(&'a self, lines: &'a [Value]) -> impl Future<Output = Stored> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let mut last = Stored::default();
            for line in lines {
                match self.send(line).await {
                    Outcome::Accepted(stored) => last = stored,
                    other => panic!("{caller}: {line}: {}", answer(&other)),
                }
            }
            last
        }
    }

    /// The bytes of every entry, in order.
    pub(crate) async fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        loop {
            let after = qonys_events::scalar::Position(texts.len() as u64);
            let page = self
                .log
                .read_after(after, 1_000)
                .await
                .expect("the log reads");
            if page.is_empty() {
                return texts;
            }
            texts.extend(page.into_iter().map(|recorded| recorded.text));
        }
    }
}

/// The answer line of an outcome.
pub(crate) fn answer(outcome: &Outcome) -> String {
    serde_json::to_string(&Answer {
        lang: qonys::locale::Lang::En,
        line: None,
        id: None::<Ref>,
        outcome: outcome.clone(),
    })
    .expect("an answer is JSON")
}

/// The n-th IIN of somebody born in the 1800s, with a right control digit: 56 million of them, no one twice.
pub(crate) fn iin(n: u64) -> String {
    let (serial, day) = (n % 10_000, n / 10_000 % 28 + 1);
    let (year, seventh) = (n / 280_000 % 100, n / 28_000_000 % 2 + 1);
    // Where a month gives no control digit, the next one does.
    let mut numbers = (1..=12).filter_map(|month| {
        let first = format!("{year:02}{month:02}{day:02}{seventh}{serial:04}");
        let digits: Vec<u64> = first.bytes().map(|b| u64::from(b - b'0')).collect();
        let pass = |begin: usize| {
            let weighed = digits
                .iter()
                .zip(0..)
                .map(|(d, n)| d * ((n + begin as u64) % 11 + 1));
            weighed.sum::<u64>() % 11
        };
        let control = [pass(0), pass(2)].into_iter().find(|rest| *rest < 10)?;
        Some(format!("{first}{control}"))
    });
    numbers.next().expect("some month gives one")
}

/// Who holds every dwelling of these tests.
fn holder() -> Value {
    json!({"holder": "organisation", "organisation": "owner"})
}

/// That holder, as a dwelling is recorded with it.
pub(crate) fn holding() -> Value {
    json!({"title": "ownership", "holders": [holder()], "document": "00".repeat(32)})
}

/// That holder's consent, as it comes with an application.
pub(crate) fn consents() -> Value {
    json!([{"holder": holder(), "document": "00".repeat(32)}])
}
