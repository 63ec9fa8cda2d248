-- The vault: wrapped data keys and the blind index, apart from the log and its backups. It may be run again.

-- One key-encryption key after the other. The probe shows whether a provider holds the key of its epoch.
CREATE TABLE IF NOT EXISTS epochs (
    epoch INTEGER PRIMARY KEY CHECK (epoch > 0),
    provider TEXT NOT NULL,
    origin TEXT NOT NULL,
    probe BLOB NOT NULL
) STRICT;

-- One random data key for each subject and category, wrapped in an epoch.
CREATE TABLE IF NOT EXISTS keys (
    subject TEXT NOT NULL,
    category TEXT NOT NULL,
    epoch INTEGER NOT NULL REFERENCES epochs,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (subject, category)
) STRICT, WITHOUT ROWID;

-- Which keys were made together and when (seconds since 1970), until it has been looked whether all of them came to be
-- used: a key is durable before its entry, and a crash between the two leaves a key without one. `owners` is a JSON array
-- of [subject, category].
CREATE TABLE IF NOT EXISTS mintings (
    id INTEGER PRIMARY KEY,
    made INTEGER NOT NULL,
    owners TEXT NOT NULL
) STRICT;

-- The key of the blind index in each epoch, wrapped as the data keys are.
CREATE TABLE IF NOT EXISTS peppers (
    epoch INTEGER PRIMARY KEY REFERENCES epochs,
    wrapped BLOB NOT NULL
) STRICT;

-- The blind index: which subject a number is known to stand for. `value` is a keyed hash; `sealed` is the number itself under
-- the subject's data key, so that the index can be made again under the next pepper. `place` is empty where a number stands
-- for one subject at most, else it is the subject. `command` brought the row; `settled` is 1 once it is known to stand in the
-- log.
CREATE TABLE IF NOT EXISTS blind (
    name TEXT NOT NULL,
    value BLOB NOT NULL CHECK (length(value) = 32),
    place TEXT NOT NULL,
    subject TEXT NOT NULL,
    epoch INTEGER NOT NULL REFERENCES epochs,
    command TEXT NOT NULL,
    made INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    sealed BLOB NOT NULL,
    PRIMARY KEY (name, value, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS blind_subject ON blind (subject);

-- Subjects whose data are destroyed: no key is ever made for them again. A copy of what the log says.
CREATE TABLE IF NOT EXISTS fence (
    subject TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 3;
