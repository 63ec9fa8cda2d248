//! Pages, streams and first answers.

use qonys::{clock::Entropy, log::Head};
use qonys_events::{
    id::{StreamId, StreamKind},
    scalar::{Position, StreamSeq},
    term::ClockKind,
};

use super::{
    drafts::{batch, drafts, entries, fresh_stream, one_command},
    on_both_stores,
    stores::{Store, new_log},
};

on_both_stores! {
    an_empty_log_has_nothing,
    pages_follow_each_other,
    streams_are_read_by_themselves,
    first_answers_come_in_their_order,
}

async fn an_empty_log_has_nothing(store: Store) {
    let new = new_log(ClockKind::System);
    let log = store.make(&new).await.expect("a new log");
    assert_eq!(log.origin(), &new.origin);
    assert_eq!(log.zone(), &new.zone);
    assert_eq!(log.clock_kind(), new.clock);
    assert_eq!(log.head().await.expect("the head"), Head::default());
    assert!(
        log.read_after(Position(0), 10)
            .await
            .expect("a page")
            .is_empty()
    );
    assert!(
        log.read_after(Position(5), 10)
            .await
            .expect("a page")
            .is_empty()
    );
    assert!(
        log.read_stream(&StreamId::log(), StreamSeq(0), 10)
            .await
            .expect("a page")
            .is_empty()
    );
    let commands = log
        .commands(&[Entropy::System.reference()])
        .await
        .expect("a look");
    assert!(commands.is_empty());
    assert!(log.commands(&[]).await.expect("a look").is_empty());
}

async fn pages_follow_each_other(store: Store) {
    let log = store.simulated().await;
    log.append(Position(0), &one_command(&log, &Head::default(), 25))
        .await
        .expect("a good batch");
    let mut seen = Vec::new();
    loop {
        let page = log
            .read_after(Position(seen.len() as u64), 10)
            .await
            .expect("a page");
        assert!(page.len() <= 10);
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|entry| entry.position.0));
    }
    assert_eq!(seen, (1..=25).collect::<Vec<_>>());
    assert!(
        log.read_after(Position(3), 0)
            .await
            .expect("a page")
            .is_empty()
    );
    assert!(
        log.read_after(Position(1 << 62), 5)
            .await
            .expect("a page")
            .is_empty()
    );
}

async fn streams_are_read_by_themselves(store: Store) {
    let log = store.simulated().await;
    let key = Entropy::System.reference();
    // The same key under two kinds is two streams.
    let streams = [
        StreamId::of(StreamKind::Person, key),
        StreamId::of(StreamKind::Dwelling, key),
        fresh_stream(),
    ];
    let woven: Vec<_> = (1..=7)
        .map(|seq| {
            streams
                .iter()
                .map(|s| drafts(s, seq, 1).remove(0))
                .collect()
        })
        .collect();
    let head = Head::default();
    log.append(head.position, &batch(&head, &entries(&log, &head, &woven)))
        .await
        .expect("good");
    for (stream, nth) in streams.iter().zip(1..) {
        let all = log
            .read_stream(stream, StreamSeq(0), 100)
            .await
            .expect("a page");
        assert!(all.iter().all(|entry| entry.stream == *stream));
        assert_eq!(
            all.iter().map(|e| e.streamseq.0).collect::<Vec<_>>(),
            (1..=7).collect::<Vec<_>>()
        );
        let positions = all.iter().map(|e| e.position.0);
        assert!(positions.eq((0..7).map(|n| n * 3 + nth)));
        let part = log
            .read_stream(stream, StreamSeq(2), 3)
            .await
            .expect("a page");
        assert_eq!(part, all[2..5]);
        assert!(
            log.read_stream(stream, StreamSeq(7), 3)
                .await
                .expect("a page")
                .is_empty()
        );
    }
}

async fn first_answers_come_in_their_order(store: Store) {
    let log = store.simulated().await;
    let head = Head::default();
    let commands: Vec<_> = (1..=5)
        .map(|count| drafts(&fresh_stream(), 1, count))
        .collect();
    let batch = batch(&head, &entries(&log, &head, &commands));
    log.append(head.position, &batch)
        .await
        .expect("a good batch");
    let mut ids: Vec<_> = batch.entries.iter().map(|entry| entry.commandid).collect();
    ids.dedup();
    let unknown = Entropy::System.reference();
    let asked = [ids[4], unknown, ids[1], ids[1]];
    let found = log.commands(&asked).await.expect("a look");
    assert_eq!(found.len(), 2);
    assert!(!found.contains_key(&unknown));
    for (id, count) in [(ids[4], 5), (ids[1], 2)] {
        let sent: Vec<_> = batch
            .entries
            .iter()
            .filter(|e| e.commandid == id)
            .map(|e| &e.text)
            .collect();
        let stored: Vec<_> = found[&id].iter().map(|e| &e.text).collect();
        assert_eq!(stored, sent);
        assert_eq!(stored.len(), count);
    }
}
