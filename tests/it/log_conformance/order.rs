//! Promise P1: one order, dense, never missed, never repeated; and the lock that carries it.

use std::{collections::HashSet, time::Duration};

use qonys::{
    clock::Entropy,
    log::{Batch, Head, Log, LogError, Recorded},
};
use qonys_events::{
    scalar::Position,
    tree::{Frontier, leaf_hash},
};

use super::{
    drafts::{batch, drafts, entries, fresh_stream, one_command},
    on_both_stores,
    stores::Store,
};

on_both_stores! {
    p1_a_reader_never_misses_and_never_repeats,
    a_moved_head_is_told,
    the_lock_keeps_others_out_and_its_append_commits,
    a_dropped_lock_is_free_and_left_nothing,
    a_failed_append_under_the_lock_frees_it,
}

const APPENDERS: u64 = 16;
const COMMANDS: u64 = 12;

/// Appends one more command of a stream, deciding again whenever somebody else came first.
async fn append_until_stored(
    log: &Log,
    stream: &qonys_events::id::StreamId,
    from: u64,
    count: u64,
) {
    loop {
        let head = log.head().await.expect("the head can be read");
        let batch = batch(&head, &entries(log, &head, &[drafts(stream, from, count)]));
        match log.append(head.position, &batch).await {
            Ok(()) => return,
            Err(LogError::HeadMoved(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

/// Follows the log from its beginning until `total` entries were seen.
async fn follow(log: Log, total: usize, limit: u32) -> Vec<Recorded> {
    let mut seen: Vec<Recorded> = Vec::new();
    while seen.len() < total {
        let after = Position(seen.len() as u64);
        let page = log
            .read_after(after, limit)
            .await
            .expect("a page without a gap");
        if page.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        seen.extend(page);
    }
    seen
}

async fn p1_a_reader_never_misses_and_never_repeats(store: Store) {
    let log = store.simulated().await;
    let other = store.beside(&log).await;
    // Commands of one, two and three entries.
    let total = (APPENDERS * (0..COMMANDS).map(|n| 1 + n % 3).sum::<u64>()) as usize;
    let readers: Vec<_> = [1, 7, 1000]
        .into_iter()
        .map(|limit| tokio::spawn(follow(other.clone(), total, limit)))
        .collect();
    let appenders: Vec<_> = (0..APPENDERS)
        .map(|n| {
            let log = if n % 2 == 0 {
                log.clone()
            } else {
                other.clone()
            };
            tokio::spawn(async move {
                let stream = fresh_stream();
                let mut from = 1;
                for n in 0..COMMANDS {
                    append_until_stored(&log, &stream, from, 1 + n % 3).await;
                    from += 1 + n % 3;
                }
            })
        })
        .collect();
    for appender in appenders {
        appender.await.expect("an appender ends well");
    }

    let stored = log
        .read_after(Position(0), u32::MAX)
        .await
        .expect("the whole log");
    assert_eq!(stored.len(), total);
    let mut frontier = Frontier::empty();
    for (entry, position) in stored.iter().zip(1..) {
        assert_eq!(entry.position, Position(position));
        frontier.push(leaf_hash(entry.text.as_bytes()));
    }
    let ids: HashSet<_> = stored.iter().map(|entry| &entry.text[26..62]).collect();
    assert_eq!(ids.len(), total, "each entry once");
    let head = log.head().await.expect("the head can be read");
    assert_eq!(
        (head.position, &head.frontier),
        (Position(total as u64), &frontier)
    );
    for reader in readers {
        assert!(
            reader.await.expect("a reader ends well") == stored,
            "a reader saw another log"
        );
    }
}

async fn a_moved_head_is_told(store: Store) {
    let log = store.simulated().await;
    let start = Head::default();
    log.append(start.position, &one_command(&log, &start, 3))
        .await
        .expect("a good batch");
    let late = one_command(&log, &start, 1);
    let error = super::fails(&log, start.position, &late).await;
    assert!(
        matches!(error, LogError::HeadMoved(Position(3))),
        "{error:?}"
    );
    let ahead = super::fails(&log, Position(4), &Batch::default()).await;
    assert!(
        matches!(
            ahead,
            LogError::HeadMoved(Position(3)) | LogError::Refused(_)
        ),
        "{ahead:?}"
    );
}

async fn the_lock_keeps_others_out_and_its_append_commits(store: Store) {
    let log = store.simulated().await;
    let other = store.beside(&log).await;
    let mut locked = log.lock().await.expect("a free lock");
    let head = locked.head().await.expect("the head under the lock");
    assert_eq!(head, Head::default());

    let foreign = one_command(&other, &head, 1);
    let waiting = tokio::spawn(async move { other.append(Position(0), &foreign).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished(), "somebody else came in");

    let stream = fresh_stream();
    let mine = batch(&head, &entries(&log, &head, &[drafts(&stream, 1, 2)]));
    let command = mine.entries[0].commandid;
    assert!(
        locked
            .read_after(Position(0), 10)
            .await
            .expect("a page")
            .is_empty()
    );
    assert!(
        locked
            .read_stream(&stream, Default::default(), 9)
            .await
            .expect("a page")
            .is_empty()
    );
    assert!(
        locked
            .commands(&[command])
            .await
            .expect("a look")
            .is_empty()
    );
    locked
        .append(Position(0), &mine)
        .await
        .expect("the only appender");

    let moved = waiting
        .await
        .expect("the other ends well")
        .expect_err("it came second");
    assert!(
        matches!(moved, LogError::HeadMoved(Position(2))),
        "{moved:?}"
    );
    assert_eq!(
        log.read_after(Position(0), 10).await.expect("a page").len(),
        2
    );
    // The next holder sees it.
    let mut locked = log.lock().await.expect("a free lock");
    assert_eq!(
        locked
            .read_stream(&stream, Default::default(), 9)
            .await
            .expect("a page")
            .len(),
        2
    );
    assert_eq!(
        locked.commands(&[command]).await.expect("a look")[&command].len(),
        2
    );
}

async fn a_dropped_lock_is_free_and_left_nothing(store: Store) {
    let log = store.simulated().await;
    for _ in 0..3 {
        let mut locked = log.lock().await.expect("a free lock");
        assert_eq!(locked.head().await.expect("the head"), Head::default());
        drop(locked);
    }
    let head = Head::default();
    log.append(head.position, &one_command(&log, &head, 1))
        .await
        .expect("a free log");
}

async fn a_failed_append_under_the_lock_frees_it(store: Store) {
    let log = store.simulated().await;
    let head = Head::default();
    let mut wrong = entries(&log, &head, &[drafts(&fresh_stream(), 1, 2)]);
    wrong[1].place.id = Entropy::System.reference();
    wrong[1].place.streamseq.0 = 7;
    let locked = log.lock().await.expect("a free lock");
    let error = locked.append(head.position, &batch(&head, &wrong)).await;
    assert!(matches!(error, Err(LogError::Refused(_))), "{error:?}");
    assert_eq!(log.head().await.expect("the head"), head);
    log.append(head.position, &one_command(&log, &head, 1))
        .await
        .expect("a free log");
}
