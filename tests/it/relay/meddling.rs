//! Each message and each answer lost, doubled or late.

use super::carrier::Carrier;
use super::ledger::{Ledger, assert_carried};
use super::meddler::{Fault, Frames, Meddler};
use crate::support::broker::PrivateBroker;
use crate::support::rows::row;

/// How many entries stand in each round; the fault is tried on each of them.
const ENTRIES: u64 = 8;

/// Every row of one table: the fault on the first, the second … the last of a round's messages.
async fn table(broker: &PrivateBroker, frames: Frames, fault: Fault) {
    let ledger = Ledger::of(&format!("qonys/{frames:?}-{fault:?}/1").to_lowercase()).await;
    let meddler = Meddler::start(broker.address(), frames, fault).await;
    let mut carrier = Carrier::start(&ledger.log, meddler.url());
    for nth in 0..ENTRIES {
        meddler.meddle_after(nth as usize);
        let head = ledger.append(ENTRIES).await;
        carrier.published(head).await;
        assert!(
            meddler.has_happened(),
            "{frames:?} {fault:?}: nothing happened to frame {nth}"
        );
    }
    // One more without a fault, over what is still on its way.
    let head = ledger.append(ENTRIES).await;
    carrier.published(head).await;
    assert_carried(&ledger, &broker.jetstream().await).await;
    if fault == Fault::Lost {
        assert!(
            carrier.now().resyncs > 0,
            "{frames:?}: a loss goes unnoticed"
        );
    }
    carrier.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_and_each_answer_may_be_lost_doubled_or_late() {
    let broker = PrivateBroker::start().await;
    tokio::join!(
        table(&broker, Frames::Messages, Fault::Lost),
        table(&broker, Frames::Messages, Fault::Doubled),
        table(&broker, Frames::Messages, Fault::Late),
        table(&broker, Frames::Answers, Fault::Lost),
        table(&broker, Frames::Answers, Fault::Doubled),
        table(&broker, Frames::Answers, Fault::Late),
    );
    row(
        "each message and each answer lost, doubled, late",
        "the stream is the log, message by message, six tables of eight places",
    );
}
