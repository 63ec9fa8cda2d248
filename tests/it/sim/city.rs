//! A simulated city: processes that decide, publish and fold on one log, callers, and what befalls them. Everything is
//! drawn from the seed and happens in one thread on a clock that only waits move, so that a seed tells the same story
//! every time.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use qonys::{
    dispatch::{Outcome, Request},
    log::{Log, Recorded},
    views::feed::LogFeed,
};
use qonys_domain::streams::Stream;
use qonys_events::{
    entry::Entry,
    id::{Ref, StreamId},
    scalar::{Instant, Position},
};
use qonys_projections::{
    all,
    equal::verify_equal,
    memory::{MemoryFeed, MemorySink},
    port::Feed as _,
    runner::Runner,
};
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant as Moment, sleep, timeout},
};

use super::{
    disk::Disk,
    history::{self, Call, City, Told, Wish, Wrong},
    process::{BEGINNING, Process},
    store::ModelStore,
    world::{Life, State, World},
};
use crate::support::register::{Lines, Register};

const LINE: &str = "resettlers.kazakhstan.2024.principals-and-members";
const PROCESSES: usize = 3;
const CALLERS: u32 = 8;
const CALLS: u32 = 12;
const APPLICATIONS: usize = 14;
const LIMIT: u64 = 12;
/// The day of every decision: so that a line has one state at a time.
const DAY: &str = "2024-03-01";
/// How long a caller waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long everything has to come right, once nothing goes wrong any more.
const RECOVERY: Duration = Duration::from_secs(90);

/// What one seed told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Story {
    pub(crate) entries: u64,
    pub(crate) root: String,
    pub(crate) accepted: usize,
    pub(crate) blocked: usize,
    pub(crate) again: usize,
    pub(crate) unheard: usize,
    pub(crate) deaths: usize,
    pub(crate) wrong: Vec<Wrong>,
}

/// What every city begins with: acts, powers, a line and applications, made once by the decider on the embedded store.
#[derive(Clone)]
struct Founding {
    disk: Disk,
    city: City,
    applications: Vec<Ref>,
}

/// Founds the city that every story begins with, before anything is planted.
pub(crate) fn prepare() {
    founding();
}

fn founding() -> &'static Founding {
    static FOUNDED: OnceLock<Founding> = OnceLock::new();
    FOUNDED.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(found())
    })
}

/// Runs a future in this thread, on a clock that only waits move.
fn in_a_new_city<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(what)
}

async fn found() -> Founding {
    let register = Register::embedded("2025-01-14T00:00:00.000000Z").await;
    let mut lines = Lines::new(1);
    register.must(&lines.opening("simulated")).await;
    let order = lines.act("order", "2024-01-01");
    let quota = lines.quota("order", "establish", &[("resettlers", LIMIT)]);
    register.must(&[order, quota]).await;
    let (mut places, mut applications) = (Vec::new(), Vec::new());
    for n in 0..APPLICATIONS {
        let members = n as u64 % 3;
        let applicant = lines.applicant("resettlers", members, "2024-02-01");
        let filed = register.must(&applicant).await;
        let mut streams = filed.streams.keys();
        let application = streams.find_map(|stream| stream.strip_prefix("application/"));
        let application: Ref = application.expect("it was filed").parse().expect("an id");
        places.push(1 + members);
        applications.push(application);
    }
    let numbers = applications.iter().map(ToString::to_string).zip(0..);
    let city = City {
        limit: LIMIT,
        places,
        numbers: numbers.collect(),
    };
    let entries = register.log.read_after(Position(0), 10_000).await;
    let head = register.log.head().await.expect("the head");
    Founding {
        disk: Disk::of(entries.expect("the log reads"), head),
        city,
        applications,
    }
}

/// What callers share: ids that were sent, with their bodies, and what was told.
#[derive(Default)]
struct Desk {
    made: u64,
    sent: Vec<(Ref, Wish, usize)>,
    calls: Vec<Call>,
}

/// A city at work.
struct Town {
    seed: u64,
    world: Arc<World>,
    founding: &'static Founding,
    processes: Vec<Mutex<Option<Arc<Process>>>>,
    desk: Mutex<Desk>,
    deaths: Mutex<usize>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Town {
    fn process(&self, n: usize) -> Option<Arc<Process>> {
        lock(&self.processes[n]).clone()
    }

    async fn start(&self, n: usize, life: u64) {
        let process = Process::start(&self.world, self.seed * 1_000 + life * 10 + n as u64).await;
        *lock(&self.processes[n]) = Some(Arc::new(process));
    }

    fn kill(&self, n: usize) {
        if let Some(process) = lock(&self.processes[n]).take() {
            process.life.becomes(State::Dead);
            *lock(&self.deaths) += 1;
        }
    }

    fn line(&self, wish: Wish, application: usize, id: Ref) -> Request {
        let application = self.founding.applications[application];
        let (name, data) = match wish {
            Wish::Hold => ("hold-places", json!({"application": application})),
            Wish::Commit => ("commit-places", json!({"application": application})),
            Wish::Release => (
                "release-places",
                json!({"application": application, "reason": "withdrawn"}),
            ),
        };
        let mut line = Lines::new(2).on(DAY, name, &data);
        line["id"] = json!(id);
        Request::read(&line.to_string()).expect("a line")
    }

    /// A fresh id, or one that was sent before: mostly with the body that it had.
    fn draw(&self) -> (Ref, Wish, usize) {
        let dice = &self.world.dice;
        let mut desk = lock(&self.desk);
        let application = dice.below(APPLICATIONS as u32) as usize;
        let wish = match dice.below(10) {
            0..5 => Wish::Hold,
            5..8 => Wish::Commit,
            _ => Wish::Release,
        };
        if !desk.sent.is_empty() && dice.happens(200) {
            let (id, before, of) = desk.sent[dice.below(desk.sent.len() as u32) as usize];
            return match dice.happens(150) {
                true => (id, wish, application),
                false => (id, before, of),
            };
        }
        desk.made += 1;
        let id = format!("00000002-0000-7000-8000-{:012x}", desk.made);
        let drawn = (id.parse().expect("an id"), wish, application);
        desk.sent.push(drawn);
        drawn
    }

    /// One command to one process, and what came of it.
    async fn call(&self, (id, wish, application): (Ref, Wish, usize), n: usize) -> Told {
        let asked = Moment::now();
        let told = match self.process(n) {
            None => Told::Nothing,
            Some(process) => {
                let request = self.line(wish, application, id);
                let deciding = timeout(PATIENCE, process.dispatch.decide(request));
                tokio::select! {
                    biased;
                    () = process.life.ended() => Told::Nothing,
                    outcome = deciding => outcome.map_or(Told::Nothing, told),
                }
            }
        };
        lock(&self.desk).calls.push(Call {
            id,
            wish,
            application,
            asked,
            answered: Moment::now(),
            told: told.clone(),
        });
        told
    }

    async fn caller(self: Arc<Self>) {
        for _ in 0..CALLS {
            sleep(self.world.dice.within(1_500)).await;
            let drawn = self.draw();
            // Who hears nothing asks again, there or elsewhere, a few times.
            for _ in 0..3 {
                let n = self.world.dice.below(PROCESSES as u32) as usize;
                if self.call(drawn, n).await != Told::Nothing || self.world.dice.happens(300) {
                    break;
                }
                sleep(self.world.dice.within(500)).await;
            }
        }
    }

    /// What befalls the city while its callers are at work.
    async fn fate(self: Arc<Self>) {
        let dice = &self.world.dice;
        let mut lives = 0;
        loop {
            sleep(dice.within(2_500)).await;
            let n = dice.below(PROCESSES as u32) as usize;
            match dice.below(12) {
                0..4 => {
                    self.kill(n);
                    lives += 1;
                    sleep(dice.within(1_000)).await;
                    self.start(n, lives).await;
                }
                4..6 => {
                    if let Some(process) = self.process(n) {
                        process.life.becomes(State::Stands);
                        sleep(dice.within(9_000)).await;
                        process.life.becomes(State::Lives);
                    }
                }
                6..9 => {
                    if let Some(process) = self.process(n) {
                        // Forward or back, by up to two hours.
                        let skew = i64::from(dice.below(14_400)) - 7_200;
                        let at = BEGINNING + skew * 1_000_000;
                        process.clock.set(Instant::from_micros(at));
                    }
                }
                9..11 => self.world.stream().roll_back(dice.below(30) as usize),
                _ => self.world.stream().delete(),
            }
        }
    }

    /// Whether everything came right.
    async fn judge(&self) -> Vec<Wrong> {
        let mut wrong = self.world.faults();
        let disk = self.world.disk().clone();
        wrong.extend(history::check_log(&disk));
        wrong.extend(history::check(
            &lock(&self.desk).calls,
            &disk,
            &self.founding.city,
        ));
        let texts: Vec<&String> = disk.entries.iter().map(|entry| &entry.text).collect();
        let messages = &self.world.stream().messages.clone();
        if messages.iter().ne(texts) {
            let (messages, entries) = (messages.len(), disk.size());
            let why = format!("{messages} messages are not the {entries} entries");
            wrong.push(("stream", why));
        }
        wrong.extend(self.views(&disk).await.err().map(|why| ("views", why)));
        for n in 0..PROCESSES {
            wrong.extend(self.memory(n, &disk).await.err().map(|why| ("memory", why)));
        }
        wrong
    }

    /// The views are the fold of the log.
    async fn views(&self, disk: &Disk) -> Result<(), String> {
        let store = ModelStore {
            world: Arc::clone(&self.world),
            life: Life::begin(),
            in_doubt: Arc::default(),
        };
        let log = Log::Other(Arc::new(store));
        let whole = LogFeed::new(&log).read(Position(0), usize::MAX).await;
        let whole = whole.map_err(|error| error.to_string())?;
        let fresh = MemorySink::default();
        let head = Position(disk.size());
        let mut runner = Runner::new(MemoryFeed(whole), &fresh, all());
        let reached = runner.catch_up_to(head).await;
        if reached.map_err(|error| error.to_string())? != head {
            return Err("the log does not end with a command".to_owned());
        }
        let equal = verify_equal(&*self.world.rows, &fresh, &all()).await;
        equal.map(drop).map_err(|error| error.to_string())
    }

    /// What a process decides on is what the log says.
    async fn memory(&self, n: usize, disk: &Disk) -> Result<(), String> {
        let process = self.process(n).ok_or("a process is not there")?;
        let line = StreamId::from_parts("quota-line", LINE).map_err(|e| e.to_string())?;
        let streams = self.founding.applications.iter().map(|application| {
            StreamId::from_parts("application", &application.to_string()).map_err(|e| e.to_string())
        });
        for id in streams.chain([Ok(line)]) {
            let id = id?;
            // A stream that is not in memory is read again when it is needed.
            let Some(live) = process.dispatch.live(&id).await else {
                continue;
            };
            let entries = disk.stream(&id, Default::default(), u32::MAX);
            let folded = refold(&id, &entries, live.seq.0);
            if folded != live {
                return Err(format!("process {n} holds another {id} than the log"));
            }
        }
        Ok(())
    }
}

/// A stream as the log had it after so many of its entries: what others appended since is folded before it is used.
fn refold(id: &StreamId, entries: &[Recorded], seq: u64) -> Stream {
    let mut stream = Stream::empty(id.kind());
    for recorded in entries.iter().take(seq as usize) {
        let entry = Entry::parse(&recorded.text).expect("an entry of the format");
        stream.apply(&entry.event);
    }
    stream
}

fn told(outcome: Outcome) -> Told {
    let positions = |stored: qonys::dispatch::Stored| {
        stored
            .positions
            .into_iter()
            .map(|position| position.0)
            .collect()
    };
    match outcome {
        Outcome::Accepted(stored) => Told::Accepted(positions(stored)),
        Outcome::Duplicate(stored) => Told::Duplicate(positions(stored)),
        Outcome::Blocked(blocked) => Told::Blocked(blocked.code.as_str()),
        Outcome::Invalid(_) => Told::Reused,
        Outcome::Possible(_) | Outcome::Unknown | Outcome::Unavailable(_) => Told::Nothing,
    }
}

/// Tells the story of a seed.
pub(crate) fn tell(seed: u64) -> Story {
    let founding = founding();
    in_a_new_city(async {
        let mut disk = founding.disk.clone();
        disk.commits = vec![(Moment::now(), disk.size())];
        let town = Arc::new(Town {
            seed,
            world: World::new(seed, disk),
            founding,
            processes: (0..PROCESSES).map(|_| Mutex::default()).collect(),
            desk: Mutex::default(),
            deaths: Mutex::default(),
        });
        for n in 0..PROCESSES {
            town.start(n, 0).await;
        }
        let fate = tokio::spawn(Arc::clone(&town).fate());
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            callers.spawn(Arc::clone(&town).caller());
        }
        while let Some(ended) = callers.join_next().await {
            ended.expect("a caller does not panic");
        }
        fate.abort();
        town.world.calm_down();
        for n in 0..PROCESSES {
            match town.process(n) {
                Some(process) => process.life.becomes(State::Lives),
                None => town.start(n, 99).await,
            }
        }
        sleep(RECOVERY).await;
        let mut silent = Vec::new();
        for n in 0..PROCESSES {
            if town.call(town.draw(), n).await == Told::Nothing {
                silent.push(("liveness", format!("process {n} does not answer any more")));
            }
        }
        sleep(RECOVERY).await;
        let mut wrong = town.judge().await;
        wrong.extend(silent);
        let desk = lock(&town.desk);
        let count = |which: fn(&Told) -> bool| desk.calls.iter().filter(|c| which(&c.told)).count();
        let disk = town.world.disk();
        Story {
            entries: disk.size(),
            root: disk.head().frontier.root().to_string(),
            accepted: count(|told| matches!(told, Told::Accepted(_))),
            blocked: count(|told| matches!(told, Told::Blocked(_))),
            again: count(|told| matches!(told, Told::Duplicate(_) | Told::Reused)),
            unheard: count(|told| matches!(told, Told::Nothing)),
            deaths: *lock(&town.deaths),
            wrong,
        }
    })
}
