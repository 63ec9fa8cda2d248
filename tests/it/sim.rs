//! Simulation: the real decider, relay and views, several processes of them, on a model of the log's store, of the broker
//! and of the views' database, in one thread and on a clock of its own. Processes are killed, stand still, lose their
//! connections and their clocks; the seed of what fails is printed, and tells the same story again:
//! `QONYS_SIM_SEED=17 cargo test --test it -- sim::a_seed`. `cargo xtask sim --seeds 500` runs many.

#![expect(clippy::print_stdout, reason = "what seeds told, for whoever looks")]

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use qonys_events::fault::Fault;

mod city;
mod dice;
mod disk;
mod history;
mod process;
mod rows;
mod store;
mod wire;
mod world;

use city::{Story, prepare, tell};

/// Seeds that every run of the tests tells.
const FIXED: u64 = 24;
/// Seeds within which a planted fault must be found.
const ENOUGH: u64 = 60;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// What one seed shows to whoever looks for what is wrong.
fn report(seed: u64, story: &Story) -> String {
    let shown = story.wrong.iter().take(5);
    let lines: Vec<String> = shown
        .map(|(check, why)| format!("  [{check}] {why}"))
        .collect();
    format!(
        "seed {seed}: {} faults\n{}\n  again: QONYS_SIM_SEED={seed} cargo test --test it -- sim::a_seed",
        story.wrong.len(),
        lines.join("\n")
    )
}

/// Tells seeds in as many threads as the machine has processors; gives what they showed together.
fn tell_all(first: u64, count: u64) -> Story {
    let next = AtomicU64::new(first);
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8);
    let told = thread::scope(|scope| {
        let tellers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut sum = Story::default();
                    loop {
                        let seed = next.fetch_add(1, Ordering::SeqCst);
                        if seed >= first + count {
                            return sum;
                        }
                        let story = tell(seed);
                        assert!(story.wrong.is_empty(), "{}", report(seed, &story));
                        sum.add(&story);
                    }
                })
            })
            .collect();
        let mut sum = Story::default();
        for teller in tellers {
            match teller.join() {
                Ok(story) => sum.add(&story),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        sum
    });
    println!(
        "{count} seeds from {first}: {} entries, {} accepted, {} blocked, {} told again, {} unheard, {} deaths",
        told.entries, told.accepted, told.blocked, told.again, told.unheard, told.deaths
    );
    told
}

/// A fixed set of seeds, or as many as `QONYS_SIM_SEEDS` says (`cargo xtask sim --seeds N`).
#[test]
fn seeds_keep_every_promise() {
    let first = variable("QONYS_SIM_FIRST").unwrap_or(1);
    let told = tell_all(first, variable("QONYS_SIM_SEEDS").unwrap_or(FIXED));
    let all = [
        told.accepted,
        told.blocked,
        told.again,
        told.unheard,
        told.deaths,
    ];
    assert!(
        all.iter().all(|count| *count > 0),
        "the seeds show little: {told:?}"
    );
}

#[test]
fn a_seed_tells_the_same_story_twice() {
    for seed in [3, 4] {
        let (once, twice) = (tell(seed), tell(seed));
        assert_eq!(once, twice, "seed {seed}");
    }
}

/// One seed, for whoever looks for what is wrong; `QONYS_SIM_SEED` says which.
#[test]
fn a_seed() {
    let seed = variable("QONYS_SIM_SEED").unwrap_or(1);
    let story = tell(seed);
    println!("seed {seed}: {story:?}");
    assert!(story.wrong.is_empty(), "{}", report(seed, &story));
}

/// Plants a fault and tells seeds until a check finds it: it must be one of those that are named.
fn finds(fault: Fault, checks: &[&str]) {
    prepare();
    let _planted = fault.plant_here();
    for seed in 1..=ENOUGH {
        let story = tell(seed);
        if let Some((check, why)) = story.wrong.first() {
            assert!(
                checks.contains(check),
                "seed {seed}: [{check}] found it, not {checks:?}: {why}"
            );
            println!("{fault:?}: found at seed {seed} by [{check}] {why}");
            return;
        }
    }
    panic!("{fault:?} is not found within {ENOUGH} seeds");
}

#[test]
fn a_checkpoint_before_its_rows_is_found() {
    finds(Fault::CheckpointFirst, &["views"]);
}

#[test]
fn a_message_that_expects_nothing_is_found() {
    finds(Fault::PublishUnfenced, &["stream"]);
}

#[test]
fn a_cache_that_outlives_a_failed_append_is_found() {
    finds(
        Fault::CacheKept,
        &["quota", "memory", "answers", "liveness"],
    );
}

#[test]
fn a_block_that_is_told_before_what_it_leaned_on_is_found() {
    finds(Fault::BlockedEarly, &["answers"]);
}

#[test]
fn an_append_that_is_cut_inside_a_command_is_found() {
    finds(Fault::AppendCut, &["commands"]);
}

#[test]
fn a_batch_of_views_that_is_cut_inside_a_command_is_found() {
    finds(Fault::FoldCut, &["views"]);
}

impl Story {
    fn add(&mut self, other: &Self) {
        self.entries += other.entries;
        self.accepted += other.accepted;
        self.blocked += other.blocked;
        self.again += other.again;
        self.unheard += other.unheard;
        self.deaths += other.deaths;
    }
}
