//! What the log refuses, whoever asks: the rules of a batch, each broken alone.

use qonys::{
    clock::{Clock, Entropy},
    log::{Batch, Head, Log, LogError},
};
use qonys_events::{
    entry::Entry,
    scalar::{Count, Instant, Position, StreamSeq},
    term::ClockKind,
    tree::{Frontier, leaf_hash},
};

use super::{
    drafts::{batch, drafts, entries, entries_at, fresh_stream, one_command},
    fails, on_both_stores, refused,
    stores::{Store, new_log},
};

on_both_stores! {
    ids_stand_once,
    positions_are_dense,
    a_stream_continues_its_last_sequence,
    commands_are_whole,
    the_frontier_is_of_the_right_size,
    times_increase,
    a_time_is_near_the_clock_of_the_store,
    the_text_says_its_place,
}

/// A log with two streams and its head.
async fn begun(store: &Store) -> (Log, Head, Batch) {
    let log = store.simulated().await;
    let head = Head::default();
    let commands = [drafts(&fresh_stream(), 1, 3), drafts(&fresh_stream(), 1, 2)];
    let first = batch(&head, &entries(&log, &head, &commands));
    log.append(head.position, &first)
        .await
        .expect("a good batch");
    let head = log.head().await.expect("the head");
    (log, head, first)
}

/// A good command of three entries, bent.
fn bent(log: &Log, head: &Head, bend: impl FnOnce(&mut Vec<Entry>)) -> Batch {
    let mut wrong = entries(log, head, &[drafts(&fresh_stream(), 1, 3)]);
    bend(&mut wrong);
    batch(head, &wrong)
}

async fn ids_stand_once(store: Store) {
    let (log, head, first) = begun(&store).await;
    let stored = &first.entries[0];
    refused(
        &log,
        &bent(&log, &head, |e| e[1].place.id = stored.place.id),
        "",
    )
    .await;
    refused(
        &log,
        &bent(&log, &head, |e| e[1].place.id = e[0].place.id),
        "",
    )
    .await;
    let twice = bent(&log, &head, |entries| {
        for entry in entries {
            entry.command.commandid = stored.commandid;
        }
    });
    refused(&log, &twice, "").await;
    // The same command twice in one batch, each time whole.
    let mut wrong = entries(
        &log,
        &head,
        &[drafts(&fresh_stream(), 1, 1), drafts(&fresh_stream(), 1, 1)],
    );
    wrong[1].command.commandid = wrong[0].command.commandid;
    refused(&log, &batch(&head, &wrong), "").await;
}

async fn positions_are_dense(store: Store) {
    let (log, head, _) = begun(&store).await;
    let why = "its position is not the next one";
    refused(
        &log,
        &bent(&log, &head, |e| e[2].place.position.0 += 1),
        why,
    )
    .await;
    refused(
        &log,
        &bent(&log, &head, |e| e[1].place.position.0 -= 1),
        why,
    )
    .await;
    let shifted = bent(&log, &head, |e| {
        e.iter_mut().for_each(|e| e.place.position.0 += 1)
    });
    refused(&log, &shifted, why).await;
    refused(&log, &bent(&log, &head, |e| e.swap(0, 1)), why).await;
    let mut empty = one_command(&log, &head, 1);
    empty.entries.clear();
    empty.frontier = head.frontier.clone();
    refused(&log, &empty, "the batch is empty").await;
}

async fn a_stream_continues_its_last_sequence(store: Store) {
    let (log, head, first) = begun(&store).await;
    let stream = first.entries[0].place.subject.clone();
    let why = "stream sequence";
    for from in [1, 2, 3, 5, 1 << 40] {
        let wrong = batch(&head, &entries(&log, &head, &[drafts(&stream, from, 1)]));
        refused(&log, &wrong, "").await;
    }
    refused(
        &log,
        &bent(&log, &head, |e| e[0].place.streamseq = StreamSeq(0)),
        "",
    )
    .await;
    refused(
        &log,
        &bent(&log, &head, |e| e[2].place.streamseq = StreamSeq(2)),
        "",
    )
    .await;
    refused(
        &log,
        &bent(&log, &head, |e| e[2].place.streamseq = StreamSeq(4)),
        why,
    )
    .await;
    let begins_late = bent(&log, &head, |e| {
        e.iter_mut().for_each(|e| e.place.streamseq.0 += 1)
    });
    refused(&log, &begins_late, why).await;
    // Two streams, interleaved, both continued: that is good.
    let other = first.entries[4].place.subject.clone();
    let woven = [
        drafts(&stream, 4, 1),
        drafts(&other, 3, 1),
        drafts(&stream, 5, 1),
        drafts(&other, 4, 1),
    ];
    let good = batch(&head, &entries(&log, &head, &woven));
    log.append(head.position, &good)
        .await
        .expect("both streams go on");
}

async fn commands_are_whole(store: Store) {
    let (log, head, _) = begun(&store).await;
    let why = "its command index is not the next one";
    // Indexes with a gap, said to be as many as the last one.
    for indexes in [[2, 3, 4], [1, 2, 4], [1, 2, 2]] {
        let wrong = bent(&log, &head, |entries| {
            for (entry, index) in entries.iter_mut().zip(indexes) {
                entry.place.commandindex = Count(index);
                entry.command.commandcount = Count(indexes[2]);
            }
        });
        refused(&log, &wrong, why).await;
    }
    // A command of three that writes two; of three that says four.
    refused(
        &log,
        &bent(&log, &head, |e| drop(e.pop())),
        "its text names another",
    )
    .await;
    let says_four = bent(&log, &head, |entries| {
        for entry in entries {
            entry.command.commandcount = Count(4);
        }
    });
    refused(&log, &says_four, "its text names another").await;
    // Another command in its middle.
    let between = bent(&log, &head, |e| {
        e[1].command.commandid = Entropy::System.reference();
        e[1].command.commandcount = Count(1);
        e[1].place.commandindex = Count(1);
    });
    refused(&log, &between, "").await;
}

async fn the_frontier_is_of_the_right_size(store: Store) {
    let (log, head, _) = begun(&store).await;
    let good = one_command(&log, &head, 3);
    let with = |frontier| Batch {
        frontier,
        ..good.clone()
    };
    let mut longer = good.frontier.clone();
    longer.push(leaf_hash(b""));
    for wrong in [head.frontier.clone(), Frontier::empty(), longer] {
        refused(&log, &with(wrong), "the frontier").await;
    }
    log.append(head.position, &good)
        .await
        .expect("a good batch");
    assert_eq!(log.head().await.expect("the head").frontier, good.frontier);
}

async fn times_increase(store: Store) {
    let (log, head, _) = begun(&store).await;
    let last = head.time.expect("a log that has begun");
    let refused_for_time = async |wrong: Batch| {
        let error = fails(&log, head.position, &wrong).await;
        assert!(matches!(error, LogError::Time(_)), "{error:?}");
    };
    refused_for_time(bent(&log, &head, |e| e[0].place.time = last)).await;
    refused_for_time(bent(&log, &head, |e| {
        e[0].place.time = last.plus_micros(-1)
    }))
    .await;
    refused_for_time(bent(&log, &head, |e| e[1].place.time = e[0].place.time)).await;
    refused_for_time(bent(&log, &head, |e| e[2].place.time = e[0].place.time)).await;
    // One microsecond is above; so is a century, with a clock that nobody compares.
    let good = bent(&log, &head, |e| {
        e[0].place.time = last.plus_micros(1);
        e[1].place.time = last.plus_micros(2);
        e[2].place.time = last.plus_micros(100 * 365 * 86_400 * 1_000_000);
    });
    log.append(head.position, &good)
        .await
        .expect("times that increase");
    assert_eq!(
        log.head().await.expect("the head").time,
        Some(good.entries[2].place.time)
    );
}

async fn a_time_is_near_the_clock_of_the_store(store: Store) {
    let log = store
        .make(&new_log(ClockKind::System))
        .await
        .expect("a new log");
    let start = Head::default();
    let at = |head: &Head, time: Instant| {
        batch(
            head,
            &entries_at(log.origin(), head, time, &[drafts(&fresh_stream(), 1, 1)]),
        )
    };
    for seconds in [-86_400, -6, 6, 86_400] {
        let wrong = at(&start, Clock::System.now().plus_micros(seconds * 1_000_000));
        let error = fails(&log, start.position, &wrong).await;
        assert!(matches!(error, LogError::Time(_)), "{seconds} s: {error:?}");
    }
    for (seconds, position) in [(-4, 0), (0, 1), (3, 2)] {
        let head = log.head().await.expect("the head");
        assert_eq!(head.position, Position(position));
        let good = at(&head, Clock::System.now().plus_micros(seconds * 1_000_000));
        log.append(head.position, &good)
            .await
            .expect("a time that is near enough");
    }
}

async fn the_text_says_its_place(store: Store) {
    let (log, head, _) = begun(&store).await;
    let why = "its text names another place, command or log";
    let with = |change: fn(&mut qonys::log::Prepared)| {
        let mut wrong = one_command(&log, &head, 2);
        change(&mut wrong.entries[1]);
        wrong
    };
    refused(
        &log,
        &with(|e| e.place.id = Entropy::System.reference()),
        why,
    )
    .await;
    refused(
        &log,
        &with(|e| e.place.time = e.place.time.plus_micros(1)),
        why,
    )
    .await;
    refused(
        &log,
        &with(|e| e.text = e.text.replace("/test/1", "/test/2")),
        why,
    )
    .await;
    refused(
        &log,
        &with(|e| {
            e.text = e
                .text
                .replacen("\"position\":\"7\"", "\"position\":\"8\"", 1)
        }),
        why,
    )
    .await;
    refused(
        &log,
        &with(|e| e.text = e.text.replacen("application/", "person/", 1)),
        why,
    )
    .await;
    refused(&log, &with(|e| e.text.insert(1, ' ')), why).await;
    refused(&log, &with(|e| e.text = "{}".into()), why).await;
    refused(&log, &with(|e| e.text.clear()), why).await;
    refused(&log, &with(|e| e.text = "\u{fffd}".repeat(4000)), why).await;
}
