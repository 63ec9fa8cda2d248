//! Show H: nothing that stands in the log is changed or removed, whoever tries.

use qonys::{
    clock::Entropy,
    log::{Head, Log, LogError, postgres::PgLog},
};
use qonys_events::scalar::Position;
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, SqliteConnection,
    postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};

use crate::log_conformance::{
    drafts::{one_command, slot},
    stores::Store,
};

/// Every relation of the log on PostgreSQL, with a column to change and a row to insert.
const RELATIONS: [(&str, &str, &str); 4] = [
    (
        "log.settings",
        "zone = 'UTC'",
        "DEFAULT, 'a/1', 'UTC', 'system'",
    ),
    (
        "log.entries",
        "entry = '{}'",
        "2, 'law', 'main', 1, gen_random_uuid(), gen_random_uuid(), 1, 0, 'x.v1', '{}'",
    ),
    (
        "log.heads",
        "frontier = ''",
        "2, 0, decode(repeat('00', 32), 'hex')",
    ),
    (
        "sealed.slots",
        "bytes = ''",
        "sha256(''), gen_random_uuid(), 'name', gen_random_uuid(), ''",
    ),
];

/// Statements that change or remove what stands in a relation.
fn changes(relation: &str, set: &str) -> [String; 3] {
    [
        format!("UPDATE {relation} SET {set}"),
        format!("DELETE FROM {relation}"),
        format!("TRUNCATE {relation} CASCADE"),
    ]
}

/// A log of one entry and one sealed slot.
async fn begun(store: &Store) -> Log {
    let log = store.simulated().await;
    let mut batch = one_command(&log, &Head::default(), 1);
    let mut sealed = slot(batch.entries[0].commandid, "name", b"sealed");
    sealed.subject = sealed.commandid;
    batch.sealed.push(sealed);
    log.append(Position(0), &batch).await.expect("a good batch");
    log
}

/// Whether the sealed bytes of [`begun`] are there.
async fn holds_the_slot(log: &Log) -> bool {
    let first = log.read_after(Position(0), 1).await.expect("the log");
    let entry = qonys_events::entry::Entry::parse(&first[0].text).expect("an entry");
    let command = entry.command.commandid;
    let name = "name".parse().expect("a name");
    let found = log.sealed(command, &name, command).await.expect("a look");
    found.is_some()
}

async fn sqlstate(connection: &mut PgConnection, statement: &str) -> String {
    let error = connection.execute(statement).await.expect_err(statement);
    let error = error.as_database_error().expect("the server refuses");
    error.code().expect("a code").into_owned()
}

/// A login of the test server, gone with [`Login::drop`].
struct Login {
    name: String,
    server: PgConnection,
}

impl Login {
    async fn new(store: &Store, attributes: &str) -> Self {
        let mut server = owner(store).await;
        let name = format!(
            "qonys_test_login_{}",
            Entropy::System.reference().0.simple()
        );
        let create = format!("CREATE ROLE {name} LOGIN {attributes}");
        server
            .execute(&*create)
            .await
            .expect("the test login may create roles");
        Self { name, server }
    }

    /// How to reach the store's database as this login.
    fn options(&self, store: &Store) -> PgConnectOptions {
        let Store::Postgres(database) = store else {
            panic!("a store on PostgreSQL")
        };
        database.options().username(&self.name)
    }

    async fn drop(mut self) {
        self.server
            .execute(&*format!("DROP ROLE {}", self.name))
            .await
            .expect("it owns nothing");
    }
}

#[tokio::test]
async fn a_login_is_a_member_of_the_group_and_can_become_nothing_else() {
    let store = Store::postgres().await;
    drop(begun(&store).await);
    let stranger = Login::new(&store, "").await;
    let opened = PgLog::open(stranger.options(&store).to_url_lossy().as_str()).await;
    match opened {
        Err(LogError::Unavailable(why)) if why.contains("a member of qonys_app") => {}
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a stranger came in"),
    }
    stranger.drop().await;

    let member = Login::new(&store, "IN ROLE qonys_app").await;
    let url = member.options(&store).to_url_lossy();
    let log = Log::Postgres(PgLog::open(url.as_str()).await.expect("a member may"));
    let head = log.head().await.expect("the head");
    log.append(head.position, &one_command(&log, &head, 1))
        .await
        .expect("a member may");
    let mut connection = PgConnection::connect(url.as_str())
        .await
        .expect("a member may");
    for statement in [
        "SET ROLE qonys_owner",
        "SET ROLE qonys_vault",
        "SET session_replication_role = replica",
        "DELETE FROM sealed.slots",
        "DELETE FROM log.entries",
    ] {
        assert_eq!(
            sqlstate(&mut connection, statement).await,
            "42501",
            "{statement}"
        );
    }
    member.drop().await;
}

/// The owner's connection to the database of a store.
async fn owner(store: &Store) -> PgConnection {
    let Store::Postgres(database) = store else {
        panic!("a store on PostgreSQL")
    };
    database.connect().await
}

#[tokio::test]
async fn the_application_appends_and_reads_and_nothing_else() {
    let store = Store::postgres().await;
    let log = begun(&store).await;
    let Log::Postgres(open) = &log else {
        panic!("a log on PostgreSQL")
    };
    let mut app = open
        .pool()
        .acquire()
        .await
        .expect("a connection of the application");
    for (relation, set, row) in RELATIONS {
        let insert = format!("INSERT INTO {relation} VALUES ({row})");
        for statement in changes(relation, set).iter().chain([&insert]) {
            assert_eq!(sqlstate(&mut app, statement).await, "42501", "{statement}");
        }
        app.execute(&*format!("SELECT * FROM {relation}"))
            .await
            .expect("SELECT works");
    }
    for statement in [
        "ALTER TABLE log.entries DISABLE TRIGGER ALL",
        "DROP TABLE log.entries",
        "CREATE TABLE log.other ()",
        "DROP FUNCTION log.append",
    ] {
        assert_eq!(sqlstate(&mut app, statement).await, "42501", "{statement}");
    }
    drop(app);
    let head = log.head().await.expect("the head");
    log.append(head.position, &one_command(&log, &head, 2))
        .await
        .expect("log.append works");
}

#[tokio::test]
async fn the_owner_is_refused_by_the_triggers_also_in_replication_mode() {
    let store = Store::postgres().await;
    let log = begun(&store).await;
    let mut owner = owner(&store).await;
    for mode in [
        "SET ROLE qonys_owner",
        "RESET ROLE",
        "SET session_replication_role = replica",
    ] {
        owner.execute(mode).await.expect("a mode of the session");
        for (relation, set, _) in RELATIONS {
            for statement in changes(relation, set) {
                assert_eq!(
                    sqlstate(&mut owner, &statement).await,
                    "QN004",
                    "{mode}: {statement}"
                );
            }
            // Also a statement that finds no row.
            let none = format!("DELETE FROM {relation} WHERE false");
            assert_eq!(sqlstate(&mut owner, &none).await, "QN004", "{mode}: {none}");
        }
    }
    assert_eq!(
        log.read_after(Position(0), 9).await.expect("the log").len(),
        1
    );
}

#[tokio::test]
async fn only_the_vault_destroys_and_only_sealed_slots() {
    let store = Store::postgres().await;
    let log = begun(&store).await;
    assert!(holds_the_slot(&log).await);
    let mut vault = owner(&store).await;
    vault
        .execute("SET ROLE qonys_vault")
        .await
        .expect("the role stands");
    for (statement, code) in [
        ("UPDATE sealed.slots SET bytes = ''", "42501"),
        ("TRUNCATE sealed.slots", "42501"),
        ("DELETE FROM log.entries", "42501"),
        ("SELECT * FROM log.entries", "42501"),
    ] {
        assert_eq!(sqlstate(&mut vault, statement).await, code, "{statement}");
    }
    let destroyed = vault
        .execute("DELETE FROM sealed.slots")
        .await
        .expect("the vault may");
    assert_eq!(destroyed.rows_affected(), 1);
    assert!(!holds_the_slot(&log).await);
    assert_eq!(
        log.read_after(Position(0), 9).await.expect("the log").len(),
        1
    );
}

#[tokio::test]
async fn a_database_that_somebody_changed_is_not_opened() {
    let store = Store::postgres().await;
    drop(begun(&store).await);
    let mut owner = owner(&store).await;
    for (change, back, told) in [
        (
            "ALTER TABLE log.entries DISABLE TRIGGER only_grows",
            "ALTER TABLE log.entries ENABLE ALWAYS TRIGGER only_grows",
            "log.entries: the trigger only_grows",
        ),
        (
            "ALTER TABLE sealed.slots ENABLE TRIGGER only_grows_by_row",
            "ALTER TABLE sealed.slots ENABLE ALWAYS TRIGGER only_grows_by_row",
            "sealed.slots: the trigger only_grows_by_row",
        ),
        (
            "DROP TRIGGER only_grows_by_row ON log.heads",
            "init",
            "log.heads: the trigger only_grows_by_row",
        ),
        (
            "CREATE TRIGGER more BEFORE INSERT ON log.entries FOR EACH ROW EXECUTE FUNCTION log.refuse_change()",
            "DROP TRIGGER more ON log.entries",
            "log.entries: the trigger more is none of ours",
        ),
        (
            "GRANT INSERT ON log.entries TO qonys_app",
            "REVOKE INSERT ON log.entries FROM qonys_app",
            "log.entries: qonys_app has INSERT",
        ),
        (
            "GRANT UPDATE (bytes) ON sealed.slots TO PUBLIC",
            "init",
            "sealed.slots: qonys_app has UPDATE",
        ),
        (
            "REVOKE SELECT ON public.events FROM qonys_app",
            "init",
            "public.events: qonys_app lacks",
        ),
        (
            "REVOKE CREATE ON SCHEMA views FROM qonys_app",
            "init",
            "the schema views: qonys_app lacks CREATE",
        ),
        (
            "REVOKE EXECUTE ON FUNCTION log.append FROM qonys_app",
            "init",
            "log.append: qonys_app lacks EXECUTE",
        ),
        (
            "CREATE FUNCTION log.extra() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
            "DROP FUNCTION log.extra()",
            "log.extra: qonys_app has EXECUTE",
        ),
        (
            "ALTER FUNCTION log.append SECURITY INVOKER",
            "init",
            "log.append is not the function",
        ),
        (
            "CREATE OR REPLACE FUNCTION sealed.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN OLD; END'",
            "init",
            "sealed.refuse_change is not the function",
        ),
        (
            "ALTER TABLE log.entries DROP CONSTRAINT entries_id",
            "ALTER TABLE log.entries ADD CONSTRAINT entries_id UNIQUE (entry_id)",
            "log.entries: the constraint entries_id",
        ),
        (
            "ALTER TABLE log.heads OWNER TO qonys_app",
            "ALTER TABLE log.heads OWNER TO qonys_owner; GRANT SELECT ON log.heads TO qonys_app",
            "log.heads is not",
        ),
    ] {
        owner.execute(change).await.expect(change);
        match store.open().await {
            Err(LogError::Unavailable(why)) if why.contains(told) => {}
            Err(other) => panic!("{change}: {other}"),
            Ok(_) => panic!("{change}: opened"),
        }
        if back == "init" {
            drop(store.simulated().await);
        } else {
            owner.execute(back).await.expect(back);
        }
        store
            .open()
            .await
            .unwrap_or_else(|error| panic!("{back}: {error}"));
    }
}

async fn file(store: &Store) -> SqliteConnection {
    let Store::Sqlite(dir) = store else {
        panic!("a store on SQLite")
    };
    let options = SqliteConnectOptions::new().filename(dir.path().join("log.sqlite"));
    SqliteConnection::connect_with(&options)
        .await
        .expect("the file opens")
}

#[tokio::test]
async fn the_files_triggers_refuse_every_change() {
    let store = Store::sqlite().await;
    let log = begun(&store).await;
    drop(log);
    let mut file = file(&store).await;
    for (table, set) in [
        ("settings", "zone = 'UTC'"),
        ("entries", "entry = '{}'"),
        ("heads", "frontier = zeroblob(32)"),
        ("sealed_slots", "bytes = zeroblob(1)"),
    ] {
        for statement in [
            format!("UPDATE {table} SET {set}"),
            format!("UPDATE OR REPLACE {table} SET {set}"),
            format!("DELETE FROM {table}"),
            format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
        ] {
            let error = file.execute(&*statement).await.expect_err(&statement);
            let error = error.as_database_error().expect("the file refuses");
            // SQLITE_CONSTRAINT_TRIGGER
            assert_eq!(
                error.code().as_deref(),
                Some("1811"),
                "{statement}: {error}"
            );
        }
    }
    // The vault's door: open in one transaction, shut again.
    file.execute("BEGIN; INSERT INTO vault_door VALUES (1); DELETE FROM sealed_slots; DELETE FROM vault_door; COMMIT")
        .await
        .expect("the vault may");
    file.close().await.expect("the file closes");
    let log = store.open().await.expect("the log stands");
    assert_eq!(
        log.read_after(Position(0), 9).await.expect("the log").len(),
        1
    );
    assert!(!holds_the_slot(&log).await);
}

#[tokio::test]
async fn a_file_that_somebody_changed_is_not_opened() {
    let store = Store::sqlite().await;
    drop(begun(&store).await);
    let mut file = file(&store).await;
    file.execute("DROP TRIGGER entries_delete; CREATE TABLE more (x)")
        .await
        .expect("a change");
    for (told, back) in [
        (
            "trigger entries_delete",
            "CREATE TRIGGER entries_delete BEFORE DELETE ON entries\n\
             BEGIN SELECT raise(ABORT, 'entries only grows: DELETE is refused'); END",
        ),
        ("table more", "DROP TABLE more"),
    ] {
        match store.open().await {
            Err(LogError::Unavailable(why)) if why.contains(told) => {}
            Err(other) => panic!("{told}: {other}"),
            Ok(_) => panic!("{told}: opened"),
        }
        file.execute(back).await.expect(back);
    }
    store.open().await.expect("it is as it was");
}
