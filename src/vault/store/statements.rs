//! What both stores of the vault are asked, written once. Lists travel as one JSON text.

use std::sync::LazyLock;

/// Declares the statements: a name, and a text with `each($1)` for the elements of a JSON array, `bytes(…)` for bytes from
/// their digits and `now()` for the seconds since 1970.
macro_rules! statements {
    ($($name:ident = $text:literal;)+) => {
        /// The statements in the words of one database.
        pub(super) struct Statements { $(pub(super) $name: String,)+ }

        impl Statements {
            fn of(words: &[(&str, &str)]) -> Self {
                let written = |text: &str| words.iter().fold(text.to_owned(), |text, (ours, theirs)| text.replace(ours, theirs));
                Self { $($name: written($text),)+ }
            }
        }
    };
}

statements! {
    epoch = "SELECT epoch FROM epochs ORDER BY epoch DESC LIMIT 1";
    last_epoch = "SELECT epoch, provider, origin, probe FROM epochs ORDER BY epoch DESC LIMIT 1";
    insert_epoch = "INSERT INTO epochs (epoch, provider, origin, probe) VALUES ($1, $2, $3, $4)";
    insert_pepper = "INSERT INTO peppers (epoch, wrapped) VALUES ($1, $2) ON CONFLICT (epoch) DO NOTHING";
    peppers = "SELECT epoch, wrapped FROM peppers ORDER BY epoch DESC";
    select_keys = "SELECT k.subject, k.category, k.epoch, k.wrapped FROM each($1) AS w CROSS JOIN keys AS k \
        WHERE k.subject = w.value ->> 0 AND k.category = w.value ->> 1";
    insert_keys = "INSERT INTO keys (subject, category, epoch, wrapped) \
        SELECT w.value ->> 0, w.value ->> 1, CAST($2 AS bigint), bytes(w.value ->> 2) FROM each($1) AS w \
        WHERE NOT EXISTS (SELECT 1 FROM fence AS f WHERE f.subject = w.value ->> 0) \
        ON CONFLICT (subject, category) DO NOTHING";
    insert_minting = "INSERT INTO mintings (made, owners) VALUES (now(), $1)";
    mintings = "SELECT id, owners FROM mintings WHERE made <= now() - $1 ORDER BY id";
    delete_minting = "DELETE FROM mintings WHERE id = $1";
    delete_keys = "DELETE FROM keys WHERE (subject, category) IN (SELECT w.value ->> 0, w.value ->> 1 FROM each($1) AS w) \
        AND NOT EXISTS (SELECT 1 FROM blind AS b WHERE b.subject = keys.subject)";
    fenced = "SELECT f.subject FROM each($1) AS w CROSS JOIN fence AS f WHERE f.subject = w.value ->> 0";
    fence = "SELECT subject, position FROM fence ORDER BY position, subject";
    insert_fence = "INSERT INTO fence (subject, position) SELECT w.value ->> 0, CAST(w.value ->> 1 AS bigint) \
        FROM each($1) AS w WHERE true ON CONFLICT (subject) DO NOTHING";
    destroy_keys = "DELETE FROM keys WHERE subject IN (SELECT w.value ->> 0 FROM each($1) AS w)";
    destroy_blind = "DELETE FROM blind WHERE subject IN (SELECT w.value ->> 0 FROM each($1) AS w)";
    find_blind = "SELECT b.name, b.value, b.place, b.subject FROM each($1) AS w CROSS JOIN blind AS b \
        WHERE b.name = w.value ->> 0 AND b.value = bytes(w.value ->> 1) ORDER BY b.name, b.subject";
    insert_blind = "INSERT INTO blind (name, value, place, subject, command, sealed, epoch, made) \
        SELECT w.value ->> 0, bytes(w.value ->> 1), w.value ->> 2, w.value ->> 3, w.value ->> 4, bytes(w.value ->> 5), \
            CAST($2 AS bigint), now() \
        FROM each($1) AS w WHERE NOT EXISTS (SELECT 1 FROM fence AS f WHERE f.subject = w.value ->> 3) \
        ON CONFLICT (name, value, place) DO NOTHING";
    touch_blind = "UPDATE blind SET made = now() WHERE settled = 0 \
        AND subject IN (SELECT w.value ->> 0 FROM each($1) AS w)";
    withdraw_blind = "DELETE FROM blind WHERE settled = 0 \
        AND (subject, command) IN (SELECT w.value ->> 0, w.value ->> 1 FROM each($1) AS w)";
    abandon_blind = "DELETE FROM blind WHERE settled = 0 AND made <= now() - $2 \
        AND subject IN (SELECT w.value ->> 0 FROM each($1) AS w)";
    unsettled_blind = "SELECT DISTINCT subject, command FROM blind WHERE settled = 0 AND made <= now() - $1 \
        ORDER BY subject, command LIMIT $2";
    settle_blind = "UPDATE blind SET settled = 1 \
        WHERE (subject, command) IN (SELECT w.value ->> 0, w.value ->> 1 FROM each($1) AS w)";
    forget_blind = "DELETE FROM blind WHERE subject = $1 AND (settled = 1 OR command = $2)";
    older_keys = "SELECT subject, category, epoch, wrapped FROM keys WHERE (subject, category) > ($1, $2) AND epoch < $3 \
        ORDER BY subject, category LIMIT $4";
    rewrap_keys = "UPDATE keys SET epoch = $2, wrapped = bytes(w.value ->> 2) FROM each($1) AS w \
        WHERE keys.subject = w.value ->> 0 AND keys.category = w.value ->> 1 AND keys.epoch < $2";
    older_blind = "SELECT name, value, place, subject, sealed FROM blind WHERE epoch < $1 ORDER BY name, value, place LIMIT $2";
    rename_blind = "UPDATE blind SET epoch = $2, value = bytes(w.value ->> 3) FROM each($1) AS w \
        WHERE blind.name = w.value ->> 0 AND blind.value = bytes(w.value ->> 1) AND blind.place = w.value ->> 2";
    drop_blind = "DELETE FROM blind \
        WHERE (name, value, place) IN (SELECT w.value ->> 0, bytes(w.value ->> 1), w.value ->> 2 FROM each($1) AS w)";
    unfinished = "SELECT (SELECT count(*) FROM keys WHERE epoch < $1) + (SELECT count(*) FROM blind WHERE epoch < $1)";
    end_peppers = "DELETE FROM peppers WHERE epoch < $1";
    end_epochs = "DELETE FROM epochs WHERE epoch < $1";
}

/// For the file.
pub(super) static SQLITE: LazyLock<Statements> = LazyLock::new(|| {
    Statements::of(&[
        ("each(", "json_each("),
        ("bytes(", "unhex("),
        ("now()", "unixepoch()"),
    ])
});

/// For the database.
pub(super) static POSTGRES: LazyLock<Statements> = LazyLock::new(|| {
    Statements::of(&[
        ("each($1) AS w", "json_array_elements($1::json) AS w(value)"),
        ("bytes(w.value ->> 1)", "decode(w.value ->> 1, 'hex')"),
        ("bytes(w.value ->> 2)", "decode(w.value ->> 2, 'hex')"),
        ("bytes(w.value ->> 3)", "decode(w.value ->> 3, 'hex')"),
        ("bytes(w.value ->> 5)", "decode(w.value ->> 5, 'hex')"),
        ("now()", "extract(epoch FROM now())::bigint"),
    ])
});
