//! What a person must look into: the relay says what it is and stops.

use async_nats::jetstream::stream::Config;
use qonys::relay::{Options, RelayError};
use qonys_events::scalar::Position;

use super::carrier::Carrier;
use super::ledger::{Ledger, assert_carried};
use crate::support::broker::PrivateBroker;
use crate::support::rows::row;

const STREAM: &str = "QONYS-ALMATY-TEST-1";

/// Writes into the stream as somebody who is not the relay, and returns the sequence.
async fn intrude(broker: &PrivateBroker) -> u64 {
    let sent = broker.jetstream().await;
    let sent = sent
        .publish("qonys.almaty.test.1.law.act_recorded", "{}".into())
        .await;
    sent.expect("it is sent")
        .await
        .expect("the stream takes it")
        .sequence
}

fn foreign(sequence: u64) -> RelayError {
    RelayError::Foreign {
        stream: STREAM.to_owned(),
        sequence,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_message_is_named_when_its_place_is_needed() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(ledger.append(20).await).await;
    let sequence = intrude(&broker).await;
    ledger.append(20).await;
    let alarm = carrier.alarm().await;
    assert_eq!(alarm, foreign(sequence));
    assert!(
        alarm
            .to_string()
            .contains("message 21 of stream QONYS-ALMATY-TEST-1"),
        "{alarm}"
    );

    // And again at every start, until a person has looked.
    let alarm = Carrier::start(&ledger.log, broker.url()).alarm().await;
    assert_eq!(alarm, foreign(sequence));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_message_among_many_under_way_is_named() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    ledger.append(8_000).await;
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(1_000).await;
    let sequence = intrude(&broker).await;
    assert_eq!(carrier.alarm().await, foreign(sequence));
    row(
        "somebody else writes into the stream",
        "the relay stops with an alarm that names the message",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_message_while_no_relay_ran_is_named() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(ledger.append(20).await).await;
    carrier.stop().await;
    let first = intrude(&broker).await;
    intrude(&broker).await;
    ledger.append(20).await;
    assert_eq!(
        Carrier::start(&ledger.log, broker.url()).alarm().await,
        foreign(first)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_above_the_head_of_the_log_is_an_alarm() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(ledger.append(20).await).await;
    // Found while nothing comes.
    intrude(&broker).await;
    let alarm = carrier.alarm().await;
    let (stream, head) = (STREAM.to_owned(), Position(20));
    assert_eq!(
        alarm,
        RelayError::AheadOfLog {
            stream,
            sequence: 21,
            head
        }
    );

    // The same log, restored from an older copy: shorter than what was published.
    let older = Ledger::new().await;
    older.append(7).await;
    let alarm = Carrier::start(&older.log, broker.url()).alarm().await;
    let (stream, head) = (STREAM.to_owned(), Position(7));
    assert_eq!(
        alarm,
        RelayError::AheadOfLog {
            stream,
            sequence: 21,
            head
        }
    );
    row(
        "the log was restored, the stream is ahead of it",
        "the relay stops with an alarm and publishes nothing",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_restored_and_went_another_way_is_an_alarm() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(ledger.append(20).await).await;
    carrier.stop().await;
    let other = Ledger::new().await;
    other.append(30).await;
    assert_eq!(
        Carrier::start(&other.log, broker.url()).alarm().await,
        foreign(1)
    );
    row(
        "the log was restored and went another way",
        "the relay stops with an alarm that names the message",
    );
}

#[tokio::test]
async fn a_stream_with_holes_is_an_alarm_and_heals_by_deleting_it() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    let head = ledger.append(20).await;
    carrier.published(head).await;
    carrier.stop().await;
    // The server lets nobody lift `deny_delete`: make the stream anew without it, then set it.
    let jetstream = broker.jetstream().await;
    let stream = jetstream
        .get_stream(STREAM)
        .await
        .expect("the stream is there");
    let tight = stream.cached_info().config.clone();
    let loose = Config {
        deny_delete: false,
        deny_purge: false,
        ..tight.clone()
    };
    jetstream
        .delete_stream(STREAM)
        .await
        .expect("the stream can be deleted");
    let loose = jetstream
        .create_stream(loose)
        .await
        .expect("the stream can be made");
    for sequence in 1..=20 {
        assert_eq!(intrude(&broker).await, sequence);
    }
    loose
        .delete_message(5)
        .await
        .expect("a message can be deleted");
    jetstream
        .update_stream(tight)
        .await
        .expect("the settings can be tightened");

    let alarm = Carrier::start(&ledger.log, broker.url()).alarm().await;
    let stream = STREAM.to_owned();
    assert_eq!(
        alarm,
        RelayError::Holes {
            stream,
            sequence: 20,
            messages: 19
        }
    );

    jetstream
        .delete_stream(STREAM)
        .await
        .expect("the stream can be deleted");
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(head).await;
    assert_carried(&ledger, &jetstream).await;
}

#[tokio::test]
async fn an_entry_that_says_it_stands_elsewhere_is_not_published() {
    for (from, to, why) in [
        (
            r#""position":"4""#,
            r#""position":"5""#,
            "it says that it stands at 5",
        ),
        (
            "almaty/test/1",
            "almaty/test/2",
            "it says that it belongs to qonys/almaty/test/2",
        ),
        (
            r#""specversion""#,
            r#"specversion"#,
            "key must be a string at line 1 column 2",
        ),
    ] {
        let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
        ledger.append(9).await;
        ledger.tamper(4, from, to).await;
        let alarm = Carrier::start(&ledger.log, broker.url()).alarm().await;
        let (position, why) = (Position(4), why.to_owned());
        assert_eq!(alarm, RelayError::Entry { position, why });
    }
}

#[tokio::test]
async fn a_stream_with_other_settings_is_refused_with_each_difference() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    ledger.append(5).await;
    let config = Config {
        name: STREAM.to_owned(),
        subjects: vec!["qonys.almaty.test.1.>".to_owned(), "more".to_owned()],
        max_messages: 1_000,
        max_message_size: 1_000,
        deny_purge: true,
        ..Config::default()
    };
    let jetstream = broker.jetstream().await;
    jetstream
        .create_stream(config)
        .await
        .expect("the stream can be made");
    let alarm = Carrier::start(&ledger.log, broker.url()).alarm().await;
    let RelayError::Settings {
        stream,
        differences,
    } = &alarm
    else {
        panic!("{alarm}")
    };
    assert_eq!(stream, STREAM);
    let named: Vec<_> = differences
        .iter()
        .filter_map(|d| d.split(' ').next())
        .collect();
    let expected = [
        "allow_direct",
        "deny_delete",
        "discard",
        "max_msgs",
        "subjects",
        "max_msg_size",
    ];
    assert_eq!(named, expected, "{alarm}");
    let said = r#"discard is "old", must be "new""#;
    assert!(alarm.to_string().contains(said), "{alarm}");
    let mut stream = jetstream
        .get_stream(STREAM)
        .await
        .expect("the stream is there");
    assert_eq!(stream.info().await.expect("an answer").state.messages, 0);
}

#[tokio::test]
async fn a_broker_that_cannot_hold_the_stream_is_refused() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let mut options = Options::new(broker.url());
    options.replicas = 3;
    let alarm = Carrier::with(&ledger.log, options).alarm().await;
    assert!(
        matches!(&alarm, RelayError::Unfit(why) if why.contains("replicas")),
        "{alarm}"
    );

    let config = Config {
        name: "ANOTHER".to_owned(),
        subjects: vec!["qonys.almaty.>".to_owned()],
        ..Config::default()
    };
    broker
        .jetstream()
        .await
        .create_stream(config)
        .await
        .expect("the stream can be made");
    let alarm = Carrier::start(&ledger.log, broker.url()).alarm().await;
    assert!(
        matches!(&alarm, RelayError::Unfit(why) if why.contains("overlap")),
        "{alarm}"
    );

    let alarm = Carrier::start(&ledger.log, "nats://user:secret@[::")
        .alarm()
        .await;
    assert!(
        matches!(&alarm, RelayError::Unfit(why) if !why.contains("secret")),
        "{alarm}"
    );
}
