//! What the stream looks like when all goes well.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use qonys::relay::{CONTENT_TYPE, Options, WINDOW};
use tokio::sync::Notify;

use super::carrier::Carrier;
use super::ledger::{Ledger, ORIGIN, assert_carried, messages};
use crate::support::broker::PrivateBroker;

/// More than the window holds, and no multiple of a page.
const MANY: u64 = WINDOW as u64 + 777;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_on_sqlite_is_carried_byte_for_byte() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    carry_and_follow(&ledger, &broker).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_on_postgres_is_carried_byte_for_byte() {
    let (ledger, broker) = (Ledger::on_postgres().await, PrivateBroker::start().await);
    carry_and_follow(&ledger, &broker).await;
}

/// What stands there before the relay starts, and what comes while it runs.
async fn carry_and_follow(ledger: &Ledger, broker: &PrivateBroker) {
    let head = ledger.append(MANY).await;
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(head).await;
    for count in [1, 1, 33, 1] {
        let head = ledger.append(count).await;
        carrier.published(head).await;
    }
    let progress = carrier.until(|progress| progress.lag() == 0).await;
    assert_eq!(progress.published.0, ledger.head().await);
    assert_eq!(
        (progress.connected, progress.resyncs, progress.trouble),
        (true, 0, None)
    );
    assert_carried(ledger, &broker.jetstream().await).await;
    carrier.stop().await;
}

#[tokio::test]
async fn a_message_is_a_cloudevent_in_structured_mode() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let head = ledger.append(40).await;
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(head).await;

    let mut subjects = Vec::new();
    for message in messages(&broker.jetstream().await, "QONYS-ALMATY-TEST-1").await {
        let header = |name: &str| {
            message
                .headers
                .get(name)
                .map(|value| value.as_str().to_owned())
        };
        let event: serde_json::Value = serde_json::from_slice(&message.payload).expect("JSON");
        assert_eq!(header("Content-Type").as_deref(), Some(CONTENT_TYPE));
        assert_eq!(header("Nats-Msg-Id").as_deref(), event["id"].as_str());
        let before = (message.sequence - 1).to_string();
        assert_eq!(header("Nats-Expected-Last-Sequence"), Some(before));
        assert_eq!(event["position"], message.sequence.to_string());
        assert_eq!(
            (&event["specversion"], &event["source"]),
            (&"1.0".into(), &ORIGIN.into())
        );
        subjects.push(message.subject.to_string());
    }
    for subject in [
        "qonys.almaty.test.1.log.opened",
        "qonys.almaty.test.1.law.act_date-recorded",
        "qonys.almaty.test.1.quota-line.places-held",
        "qonys.almaty.test.1.person.residence-registered",
    ] {
        assert!(
            subjects.iter().any(|found| found == subject),
            "{subject} in {subjects:?}"
        );
    }
}

#[tokio::test]
async fn the_stream_keeps_everything_and_lets_nothing_be_taken_out() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let head = ledger.append(3).await;
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(head).await;

    let jetstream = broker.jetstream().await;
    let mut stream = jetstream
        .get_stream(ledger.names().stream())
        .await
        .expect("the stream");
    let config = &stream.info().await.expect("the broker answers").config;
    assert_eq!(config.subjects, ["qonys.almaty.test.1.>"]);
    assert_eq!(config.retention, RetentionPolicy::Limits);
    assert_eq!(config.discard, DiscardPolicy::New);
    assert_eq!(config.storage, StorageType::File);
    assert_eq!(
        (config.max_messages, config.max_bytes, config.max_age),
        (-1, -1, Duration::ZERO)
    );
    assert!(config.deny_delete && config.deny_purge && config.allow_direct);
    assert!(config.max_message_size > 65_535 && config.duplicate_window <= Duration::from_secs(5));
    let origin = config.metadata.get("qonys.origin").map(String::as_str);
    let has_metadata = jetstream.client().is_server_compatible(2, 10, 0);
    assert_eq!(origin, has_metadata.then_some(ORIGIN));

    assert!(stream.delete_message(2).await.is_err());
    assert!(stream.purge().await.is_err());
    assert_carried(&ledger, &jetstream).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_goes_on_where_the_one_before_it_ended() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    ledger.append(4 * MANY).await;
    let mut starts = 0;
    loop {
        let mut carrier = Carrier::start(&ledger.log, broker.url());
        starts += 1;
        let start = carrier
            .until(|progress| progress.connected)
            .await
            .published
            .0;
        if start == 4 * MANY {
            break;
        }
        // Dropped in the middle of a window.
        carrier.published((start + MANY / 2).min(4 * MANY)).await;
    }
    assert!(starts > 3, "the relay was not stopped in mid-way: {starts}");
    assert_carried(&ledger, &broker.jetstream().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_neither_repeat_nor_leave_out() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let mut carriers = [(); 3].map(|()| Carrier::start(&ledger.log, broker.url()));
    for _ in 0..12 {
        ledger.append(311).await;
    }
    let head = ledger.head().await;
    for carrier in &mut carriers {
        carrier.published(head).await;
    }
    assert_carried(&ledger, &broker.jetstream().await).await;

    // The others go on when one goes, and take over what it leaves.
    let [gone, mut left, mut other] = carriers;
    drop(gone);
    let head = ledger.append(100).await;
    left.published(head).await;
    other.published(head).await;
    left.stop().await;
    let head = ledger.append(100).await;
    other.published(head).await;
    assert_carried(&ledger, &broker.jetstream().await).await;
    other.stop().await;
}

#[tokio::test]
async fn a_wake_up_saves_the_pause() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let wake = Arc::new(Notify::new());
    let mut options = Options::new(broker.url());
    options.wake = Some(Arc::clone(&wake));
    let mut carrier = Carrier::with(&ledger.log, options);
    let mut fastest = Duration::MAX;
    for _ in 0..10 {
        // Long enough for the relay to look only ten times a second.
        tokio::time::sleep(Duration::from_millis(400)).await;
        let head = ledger.append(1).await;
        let start = Instant::now();
        wake.notify_one();
        carrier.published(head).await;
        fastest = fastest.min(start.elapsed());
    }
    assert!(fastest < Duration::from_millis(40), "{fastest:?}");
    carrier.stop().await;
}

#[tokio::test]
async fn a_stream_made_by_hand_serves_if_it_keeps_the_promise() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let config = Config {
        name: ledger.names().stream().to_owned(),
        subjects: vec![ledger.names().subjects()],
        discard: DiscardPolicy::New,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        max_consumers: 10,
        duplicate_window: Duration::from_secs(60),
        description: Some("by hand".to_owned()),
        ..Config::default()
    };
    let jetstream = broker.jetstream().await;
    jetstream
        .create_stream(config)
        .await
        .expect("the stream can be made");
    let head = ledger.append(50).await;
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(head).await;
    assert_carried(&ledger, &jetstream).await;
    carrier.stop().await;
}
