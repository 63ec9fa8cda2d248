//! Replay: an explicit end with count and root; what is cut in the middle is an error and never a shorter log.

use qonys::{
    log::{Log, postgres::PgLog},
    views::{ViewsError, replay::replay},
};
use qonys_events::{
    scalar::Position,
    tree::{Frontier, leaf_hash},
};

use super::{
    history::{BEGIN, accept_all, fill, person},
    on_both_stores,
};
use crate::support::{
    proxy::Proxy,
    register::{Lines, Register},
};

on_both_stores!(a_replay_has_the_count_and_the_root_of_its_end,);

async fn a_replay_has_the_count_and_the_root_of_its_end(register: Register) {
    fill(&register).await;
    let head = register.log.head().await.expect("a head");
    let mut texts = Vec::new();
    let whole = replay(&register.log, None, |stored, end| {
        assert_eq!(end, head.position);
        texts.push(stored.text.clone());
        Ok(())
    });
    let whole = whole.await.expect("the log replays");
    assert_eq!(texts, register.texts().await);
    assert_eq!(
        (whole.count, whole.root),
        (head.position, head.frontier.root())
    );
    assert_eq!(
        (whole.compared_at, whole.compared_root),
        (head.position, Some(whole.root))
    );
    assert_eq!(whole.last, head.time);
    // A prefix has the root of its own entries.
    let to = Position(head.position.0 / 2);
    let part = replay(&register.log, Some(to), |_, _| Ok(()))
        .await
        .expect("a prefix replays");
    let mut tree = Frontier::empty();
    texts
        .iter()
        .take(to.0 as usize)
        .for_each(|text| tree.push(leaf_hash(text.as_bytes())));
    assert_eq!((part.count, part.root), (to, tree.root()));
    assert!(part.compared_at <= to);
    let beyond = replay(
        &register.log,
        Some(Position(head.position.0 + 1)),
        |_, _| Ok(()),
    )
    .await;
    assert!(
        matches!(beyond, Err(ViewsError::BeyondEnd { .. })),
        "{beyond:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_that_is_cut_in_the_middle_is_an_error() {
    let register = Register::postgres(BEGIN).await;
    let mut lines = Lines::new(9);
    let mut all = lines.opening("simulated");
    all.extend((0..2_200).map(|_| person(&mut lines, "2024-02-01")));
    accept_all(&register, &all).await;
    let database = register.database.as_ref().expect("a database");
    let proxy = Proxy::start(database.address()).await;
    let log = PgLog::open(&database.url_through(proxy.address()))
        .await
        .expect("the log opens");
    let log = Log::Postgres(log);
    assert!(replay(&log, None, |_, _| Ok(())).await.is_ok());
    let mut seen = 0;
    let cut = replay(&log, None, |_, _| {
        seen += 1;
        if seen == 1 {
            proxy.cut();
        }
        Ok(())
    });
    let cut = cut.await;
    assert!(matches!(cut, Err(ViewsError::Run(_))), "{cut:?}");
    // One page is read ahead: it came before the cut or fell with it, and the one after it could not come.
    assert!(
        seen == 1_000 || seen == 2_000,
        "what was read before the cut was handed on: {seen}"
    );
}
