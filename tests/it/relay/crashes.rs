//! Crashes of ours, of the cable and of the broker: afterwards the stream is the log again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use qonys::relay::Progress;
use tokio::time::sleep;

use super::carrier::Carrier;
use super::ledger::{Ledger, assert_carried};
use crate::support::broker::PrivateBroker;
use crate::support::proxy::Proxy;
use crate::support::rows::row;

fn caught_up(head: u64) -> impl FnMut(&Progress) -> bool {
    move |progress| progress.connected && progress.published.0 == head
}

/// Promise P12: each entry stands once at sequence = position, through crashes of the relay, of the
/// cable and of the broker while entries keep coming.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p12_each_entry_stands_once_at_its_position_through_every_crash() {
    const APPENDS: u64 = 60;
    let (ledger, mut broker) = (Ledger::new().await, PrivateBroker::start().await);
    let proxy = Proxy::start(broker.address()).await;
    let url = format!("nats://{}", proxy.address());
    let writer = Arc::clone(&ledger);
    let writing = tokio::spawn(async move {
        for count in 0..APPENDS {
            writer.append(1 + count * 7 % 130).await;
            sleep(Duration::from_millis(40)).await;
        }
    });
    let mut carrier = Carrier::start(&ledger.log, &url);
    let mut crashes = 0;
    while !writing.is_finished() {
        let start = carrier.now().published.0;
        carrier
            .until(|progress| progress.published.0 > start + 40 || progress.lag() == 0)
            .await;
        match crashes % 4 {
            0 => carrier = Carrier::start(&ledger.log, &url),
            1 => {
                broker.kill9().await;
                broker.restart().await;
            }
            2 => {
                proxy.lose_answers();
                sleep(Duration::from_millis(30)).await;
                proxy.cut();
                proxy.restore();
            }
            _ => {
                proxy.cut();
                sleep(Duration::from_millis(30)).await;
                proxy.restore();
            }
        }
        crashes += 1;
    }
    writing.await.expect("the writer does not panic");
    assert!(
        crashes >= 8,
        "only {crashes} crashes: the test shows little"
    );
    let head = ledger.head().await;
    carrier.until(caught_up(head)).await;
    assert_carried(&ledger, &broker.jetstream().await).await;
    carrier.stop().await;
    row(
        "relay, cable and broker die by turns while entries come",
        "the stream is the log, message by message",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_killed_under_load_comes_back_to_the_same_stream() {
    let (ledger, mut broker) = (Ledger::new().await, PrivateBroker::start().await);
    let head = ledger.append(6_000).await;
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    for position in [500, 2_000, 4_000] {
        carrier.published(position).await;
        broker.kill9().await;
        carrier
            .until(|progress| !progress.connected && progress.trouble.is_some())
            .await;
        broker.restart().await;
    }
    carrier.until(caught_up(head)).await;
    assert_carried(&ledger, &broker.jetstream().await).await;
    carrier.stop().await;
    row(
        "the broker is killed (SIGKILL) under load",
        "the stream is the log, message by message",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_with_older_files_gets_the_rest_again() {
    let (ledger, mut broker) = (Ledger::new().await, PrivateBroker::start().await);
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    carrier.published(ledger.append(700).await).await;
    broker.kill9().await;
    let copy = tempfile::tempdir().expect("a temporary directory");
    copy_files(&broker.store(), copy.path());
    broker.restart().await;
    let head = ledger.append(900).await;
    carrier.until(caught_up(head)).await;

    broker.kill9().await;
    carrier.until(|progress| !progress.connected).await;
    std::fs::remove_dir_all(broker.store()).expect("the store can be removed");
    copy_files(copy.path(), &broker.store());
    broker.restart().await;
    // Nothing new comes, and still it heals.
    carrier.until(caught_up(head)).await;
    assert_carried(&ledger, &broker.jetstream().await).await;
    carrier.stop().await;
    row(
        "the stream at the broker is rolled back to older files",
        "the stream is the log, message by message; nothing new had to come",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_deleted_is_rebuilt_from_the_log() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let head = ledger.append(1_500).await;
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    let jetstream = broker.jetstream().await;
    // In the middle of publishing, after it, and while nothing comes.
    for position in [300, head, head] {
        carrier.published(position).await;
        let before = carrier.now().resyncs;
        let deleted = jetstream.delete_stream(ledger.names().stream()).await;
        deleted.expect("the stream can be deleted");
        carrier.resynced(before).await;
    }
    carrier.until(caught_up(head)).await;
    assert_carried(&ledger, &jetstream).await;
    carrier.stop().await;
    row(
        "the stream at the broker is deleted",
        "the stream is the log, message by message, rebuilt three times",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cable_cut_in_the_middle_of_a_window_is_noticed_at_once() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let proxy = Proxy::start(broker.address()).await;
    let head = ledger.append(5_000).await;
    let mut carrier = Carrier::start(&ledger.log, format!("nats://{}", proxy.address()));
    for position in [300, 1_700, 3_300] {
        carrier.published(position).await;
        let before = carrier.now().resyncs;
        // What is stored is not known to be.
        proxy.lose_answers();
        sleep(Duration::from_millis(20)).await;
        let start = std::time::Instant::now();
        proxy.cut();
        proxy.restore();
        carrier.resynced(before).await;
        // Not after the five seconds that an answer may take.
        assert!(
            start.elapsed() < Duration::from_secs(4),
            "{:?}",
            start.elapsed()
        );
    }
    carrier.until(caught_up(head)).await;
    assert_carried(&ledger, &broker.jetstream().await).await;
    carrier.stop().await;
    row(
        "messages stored, their answers lost, the cable cut",
        "the stream is the log, message by message; noticed within 4 s",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_broker_and_one_that_stands_still_only_cost_time() {
    let (ledger, broker) = (Ledger::new().await, PrivateBroker::start().await);
    let proxy = Proxy::start(broker.address()).await;
    ledger.append(3_000).await;
    proxy.delay(Duration::from_millis(40));
    let mut carrier = Carrier::start(&ledger.log, format!("nats://{}", proxy.address()));
    carrier.published(200).await;
    broker.pause().await;
    // Until the relay gives up waiting for an answer, and finds nobody to connect to.
    carrier.until(|progress| !progress.connected).await;
    sleep(Duration::from_secs(1)).await;
    broker.resume().await;
    proxy.restore();
    let head = ledger.append(200).await;
    carrier.until(caught_up(head)).await;
    assert_carried(&ledger, &broker.jetstream().await).await;
    carrier.stop().await;
    row(
        "the broker stands still (SIGSTOP) and goes on",
        "the stream is the log, message by message",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_cut_off_for_a_while_only_costs_time() {
    let (ledger, broker) = (Ledger::on_postgres().await, PrivateBroker::start().await);
    ledger.append(4_000).await;
    let (log, cable) = ledger.through_a_cable().await;
    let mut carrier = Carrier::start(&log, broker.url());
    for position in [100, 2_000] {
        carrier.published(position).await;
        cable.cut();
        carrier.until(|progress| progress.trouble.is_some()).await;
        cable.restore();
    }
    carrier.published(4_000).await;
    let head = ledger.append(20).await;
    carrier.until(caught_up(head)).await;
    assert_carried(&ledger, &broker.jetstream().await).await;
    carrier.stop().await;
    row(
        "the relay is cut off from the database",
        "the stream is the log, message by message",
    );
}

#[tokio::test]
async fn a_broker_that_is_not_there_yet_is_waited_for() {
    let (ledger, mut broker) = (Ledger::new().await, PrivateBroker::start().await);
    broker.kill9().await;
    let head = ledger.append(10).await;
    let mut carrier = Carrier::start(&ledger.log, broker.url());
    let progress = carrier.until(|progress| progress.trouble.is_some()).await;
    assert!(!progress.connected);
    broker.restart().await;
    carrier.until(caught_up(head)).await;
    assert_carried(&ledger, &broker.jetstream().await).await;
    carrier.stop().await;
    row(
        "the broker comes later than the relay",
        "the stream is the log, message by message",
    );
}

fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory can be made");
    for entry in std::fs::read_dir(from).expect("the directory can be read") {
        let entry = entry.expect("the directory can be read");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a file has a type").is_dir() {
            copy_files(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}
