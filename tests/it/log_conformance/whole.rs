//! Promises P2 and P5: whole commands with their sealed slots or nothing, and the same bytes back.

use qonys::log::{Head, Log, LogError, NewLog, SealedSlot};
use qonys_events::{catalog::example_entries, scalar::Position, term::ClockKind};

use super::{
    drafts::{batch, drafts, entries, fresh_stream, of_length, one_command, slot},
    fails, on_both_stores, refused,
    stores::{Store, new_log},
};

on_both_stores! {
    p2_all_or_nothing,
    p5_the_bytes_that_went_in_come_out,
    an_entry_has_at_most_65535_bytes,
    a_command_has_at_most_1000_entries,
    sealed_slots_stand_with_their_entries,
    a_reopened_log_continues,
    a_log_is_not_taken_for_another,
}

async fn p2_all_or_nothing(store: Store) {
    let log = store.simulated().await;
    let head = Head::default();
    let first = one_command(&log, &head, 2);
    log.append(head.position, &first)
        .await
        .expect("a good batch");
    let head = log.head().await.expect("the head");

    // Four streams, two commands, a sealed slot; only the very last entry is wrong: its id stands.
    let commands = [
        drafts(&fresh_stream(), 1, 2),
        [
            drafts(&fresh_stream(), 1, 1),
            drafts(&fresh_stream(), 1, 1),
            drafts(&fresh_stream(), 1, 1),
        ]
        .concat(),
    ];
    let mut wrong = entries(&log, &head, &commands);
    wrong[4].place.id = first.entries[0].place.id;
    let mut batch_ = batch(&head, &wrong);
    batch_
        .sealed
        .push(slot(wrong[0].command.commandid, "name", b"sealed"));
    refused(&log, &batch_, "").await;
    let commands: Vec<_> = wrong.iter().map(|entry| entry.command.commandid).collect();
    assert!(log.commands(&commands).await.expect("a look").is_empty());
    for entry in &wrong {
        let stream = log
            .read_stream(&entry.place.subject, Default::default(), 9)
            .await;
        assert!(stream.expect("a page").is_empty());
    }

    // The same with the id put right is stored, all of it.
    wrong[4].place.id = qonys::clock::Entropy::System.reference();
    let mut right = batch(&head, &wrong);
    right.sealed = batch_.sealed;
    log.append(head.position, &right)
        .await
        .expect("a good batch");
    assert_eq!(
        log.read_after(head.position, 9)
            .await
            .expect("a page")
            .len(),
        5
    );
    assert!(
        stored(&log, &right.sealed[0])
            .await
            .expect("a look")
            .is_some()
    );
}

async fn p5_the_bytes_that_went_in_come_out(store: Store) {
    // Every type of event, as its example stands in the catalogue.
    let examples = example_entries();
    let origin = examples[0].command.source.clone();
    let log = store
        .make(&NewLog {
            origin,
            ..new_log(ClockKind::Simulated)
        })
        .await
        .expect("a log");
    let head = Head::default();
    let golden = batch(&head, &examples);
    log.append(head.position, &golden)
        .await
        .expect("the examples are a log");
    let own = one_command(&log, &log.head().await.expect("the head"), 3);
    log.append(Position(examples.len() as u64), &own)
        .await
        .expect("a good batch");

    let sent: Vec<_> = golden.entries.iter().chain(&own.entries).collect();
    let stored = log
        .read_after(Position(0), 1000)
        .await
        .expect("the whole log");
    assert_eq!(stored.len(), sent.len());
    for (stored, sent) in stored.iter().zip(sent) {
        assert_eq!(stored.text.as_bytes(), sent.text.as_bytes());
        assert_eq!(stored.position, sent.place.position);
        assert_eq!(stored.stream, sent.place.subject);
        assert_eq!(stored.streamseq, sent.place.streamseq);
        let stream = log
            .read_stream(&sent.place.subject, Default::default(), 1000)
            .await;
        assert!(stream.expect("a page").contains(stored));
    }
}

async fn an_entry_has_at_most_65535_bytes(store: Store) {
    let log = store.simulated().await;
    let head = Head::default();
    refused(&log, &of_length(&log, &head, 65_536), "").await;
    let longest = of_length(&log, &head, 65_535);
    log.append(head.position, &longest)
        .await
        .expect("the longest entry");
    let stored = log.read_after(Position(0), 1).await.expect("a page");
    assert!(
        stored[0].text == longest.entries[0].text,
        "the bytes are others"
    );
}

async fn a_command_has_at_most_1000_entries(store: Store) {
    let log = store.simulated().await;
    let head = Head::default();
    refused(&log, &one_command(&log, &head, 1001), "").await;
    let longest = one_command(&log, &head, 1000);
    log.append(head.position, &longest)
        .await
        .expect("the longest command");
    let command = longest.entries[0].commandid;
    let stored = log.commands(&[command]).await.expect("a look");
    assert_eq!(stored[&command].len(), 1000);
    assert_eq!(
        log.head().await.expect("the head").frontier,
        longest.frontier
    );
}

async fn stored(log: &Log, slot: &SealedSlot) -> Result<Option<SealedSlot>, LogError> {
    log.sealed(slot.commandid, &slot.name, slot.subject).await
}

async fn sealed_slots_stand_with_their_entries(store: Store) {
    let log = store.simulated().await;
    let head = Head::default();
    let mut one = one_command(&log, &head, 1);
    let command = one.entries[0].commandid;
    let (name, iin) = (
        slot(command, "name", b"sealed name"),
        slot(command, "iin", &[0; 4096]),
    );
    assert!(stored(&log, &name).await.expect("a look").is_none());

    // A hash of other bytes, a slot of another command: nothing is stored.
    let mut damaged = name.clone();
    damaged.bytes[0] ^= 1;
    one.sealed = vec![iin.clone(), damaged];
    refused(&log, &one, "").await;
    one.sealed = vec![
        iin.clone(),
        slot(qonys::clock::Entropy::System.reference(), "name", b"x"),
    ];
    refused(&log, &one, "a sealed slot belongs to no command").await;

    one.sealed = vec![name.clone(), iin.clone()];
    log.append(head.position, &one).await.expect("a good batch");
    for slot in [&name, &iin] {
        let found = stored(&log, slot).await.expect("a look");
        assert!(found.expect("the slot") == *slot, "another slot");
    }
    // A slot of a command does not stand twice.
    let head = log.head().await.expect("the head");
    let mut again = one_command(&log, &head, 1);
    let twice = slot(again.entries[0].commandid, "name", b"sealed name");
    let mut other = slot(twice.commandid, "name", b"other bytes");
    other.subject = twice.subject;
    again.sealed = vec![twice, other];
    refused(&log, &again, "").await;
}

async fn a_reopened_log_continues(store: Store) {
    let new = new_log(ClockKind::Simulated);
    let log = store.make(&new).await.expect("a new log");
    let stream = fresh_stream();
    let head = Head::default();
    let first = batch(&head, &entries(&log, &head, &[drafts(&stream, 1, 3)]));
    log.append(head.position, &first)
        .await
        .expect("a good batch");
    let head = log.head().await.expect("the head");
    drop(log);

    let log = store.open().await.expect("the log stands");
    assert_eq!(
        (log.origin(), log.zone(), log.clock_kind()),
        (&new.origin, &new.zone, new.clock)
    );
    assert_eq!(log.head().await.expect("the head"), head);
    let next = batch(&head, &entries(&log, &head, &[drafts(&stream, 4, 1)]));
    log.append(head.position, &next)
        .await
        .expect("the stream goes on");
    drop(log);

    let log = store.make(&new).await.expect("the same log");
    let stored = log
        .read_stream(&stream, Default::default(), 9)
        .await
        .expect("a page");
    assert_eq!(
        stored.iter().map(|e| e.streamseq.0).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
}

async fn a_log_is_not_taken_for_another(store: Store) {
    let there = store.open().await.err().expect("there is no log yet");
    assert!(matches!(there, LogError::Unavailable(_)), "{there:?}");
    let new = new_log(ClockKind::Simulated);
    let log = store.make(&new).await.expect("a new log");
    let head = log.head().await.expect("the head");
    // An entry that names another log.
    let mut foreign = entries(&log, &head, &[drafts(&fresh_stream(), 1, 1)]);
    foreign[0].command.source = "qonys/astana/1".parse().expect("an origin");
    let error = fails(&log, head.position, &batch(&head, &foreign)).await;
    assert!(matches!(error, LogError::Refused(_)), "{error:?}");
    drop(log);
    for other in [
        NewLog {
            origin: "qonys/astana/1".parse().expect("an origin"),
            ..new.clone()
        },
        NewLog {
            zone: "Asia/Qostanay".parse().expect("a text"),
            ..new.clone()
        },
        NewLog {
            clock: ClockKind::System,
            ..new.clone()
        },
    ] {
        let error = store
            .make(&other)
            .await
            .err()
            .expect("another log stands here");
        assert!(matches!(error, LogError::Refused(_)), "{error:?}");
    }
}
