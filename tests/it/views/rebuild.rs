//! Promise P8: what is rebuilt equals what was live, row for row; it is swapped in one transaction, equal or ahead.

use qonys::views::rebuild::names;
use qonys_projections::{all, equal::verify_equal, quota::QUOTA_MOVE};
use sqlx::{Connection as _, SqliteConnection};

use super::{caught_up, history::fill, in_memory, on_both_stores, views};
use crate::support::register::Register;

on_both_stores!(
    p8_a_rebuild_equals_the_live_rows,
    p8_a_swapped_rebuild_equals_the_rows_before_it,
    p8_a_rebuild_beside_a_follower_is_equal_or_ahead,
    p8_views_of_another_version_are_rebuilt,
);

async fn p8_a_rebuild_equals_the_live_rows(register: Register) {
    fill(&register).await;
    let views = caught_up(&register).await;
    let equal = views.verify_rebuild(&[], &mut |_, _| {}).await;
    let equal = equal.unwrap_or_else(|e| panic!("{e}"));
    assert!(equal.rows(&QUOTA_MOVE) > 0);
    assert_eq!(
        equal.position,
        register.log.head().await.expect("a head").position
    );
    // One view alone.
    let equal = views.verify_rebuild(&["decisions"], &mut |_, _| {}).await;
    assert_eq!(equal.unwrap_or_else(|e| panic!("{e}")).tables.len(), 1);
}

async fn p8_a_swapped_rebuild_equals_the_rows_before_it(register: Register) {
    fill(&register).await;
    let views = caught_up(&register).await;
    let head = register.log.head().await.expect("a head");
    // Twice: what the first one leaves must not be in the way of the second.
    for _ in 0..2 {
        let rebuilt = views.rebuild(&[], &mut |_, _| {}).await;
        let rebuilt = rebuilt.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            (rebuilt.count, rebuilt.root),
            (head.position, head.frontier.root())
        );
        assert_eq!(rebuilt.views, names());
        let memory = in_memory(&register, head.position).await;
        let equal = verify_equal(&views.live(), &memory, &all()).await;
        assert!(equal.unwrap_or_else(|e| panic!("{e}")).rows(&QUOTA_MOVE) > 0);
    }
}

async fn p8_a_rebuild_beside_a_follower_is_equal_or_ahead(register: Register) {
    let views = views(&register).await;
    let follower = views.follow();
    let (_, rebuilt) = tokio::join!(fill(&register), async {
        let mut last = None;
        for _ in 0..5 {
            let rebuilt = views.rebuild(&[], &mut |_, _| {}).await;
            last = Some(rebuilt.unwrap_or_else(|e| panic!("{e}")));
        }
        last
    });
    assert!(rebuilt.is_some());
    let head = register.log.head().await.expect("a head").position;
    let at = views
        .wait_for(head, std::time::Duration::from_secs(30))
        .await;
    assert_eq!(at.expect("the views come"), head);
    follower.stop().await;
    let memory = in_memory(&register, head).await;
    let equal = verify_equal(&views.live(), &memory, &all()).await;
    assert!(equal.unwrap_or_else(|e| panic!("{e}")).rows(&QUOTA_MOVE) > 0);
}

/// Runs a statement on the store of the views, past the views.
async fn tamper(register: &Register, sql: &str) {
    match &register.database {
        Some(database) => {
            let mut on = database.connect().await;
            let sql = sql.replace("{}", "views.");
            sqlx::raw_sql(&sql)
                .execute(&mut on)
                .await
                .expect("the statement runs");
        }
        None => {
            let file = register.directory.path().join(qonys::views::FILE);
            let url = format!("sqlite://{}", file.display());
            let mut on = SqliteConnection::connect(&url)
                .await
                .expect("the file opens");
            let sql = sql.replace("{}", "");
            sqlx::raw_sql(&sql)
                .execute(&mut on)
                .await
                .expect("the statement runs");
        }
    }
}

async fn p8_views_of_another_version_are_rebuilt(register: Register) {
    fill(&register).await;
    drop(caught_up(&register).await);
    tamper(
        &register,
        "UPDATE {}checkpoint SET version = 99 WHERE projection = 'quota'",
    )
    .await;
    tamper(&register, "DELETE FROM {}quota_move").await;
    let views = caught_up(&register).await;
    let head = register.log.head().await.expect("a head").position;
    let memory = in_memory(&register, head).await;
    let equal = verify_equal(&views.live(), &memory, &all()).await;
    assert!(equal.unwrap_or_else(|e| panic!("{e}")).rows(&QUOTA_MOVE) > 0);
    // What somebody changed by hand is found.
    tamper(&register, "DELETE FROM {}quota_move WHERE held_delta > 0").await;
    let different = views.verify_rebuild(&[], &mut |_, _| {}).await;
    assert!(different.is_err());
}
