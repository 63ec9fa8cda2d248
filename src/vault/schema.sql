-- The vault: wrapped data keys, apart from the log and its backups.

-- One key-encryption key after the other. The probe shows whether a provider holds the key of its epoch.
CREATE TABLE epochs (
    epoch INTEGER PRIMARY KEY CHECK (epoch > 0),
    provider TEXT NOT NULL,
    origin TEXT NOT NULL,
    probe BLOB NOT NULL
) STRICT;

-- One random data key for each subject and category, wrapped in an epoch.
CREATE TABLE keys (
    subject TEXT NOT NULL,
    category TEXT NOT NULL,
    epoch INTEGER NOT NULL REFERENCES epochs,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (subject, category)
) STRICT, WITHOUT ROWID;

-- Which keys were made together and when (seconds since 1970), until it has been looked whether all of them came to be
-- used: a key is durable before its entry, and a crash between the two leaves a key without one. `owners` is a JSON array
-- of [subject, category].
CREATE TABLE mintings (
    id INTEGER PRIMARY KEY,
    made INTEGER NOT NULL,
    owners TEXT NOT NULL
) STRICT;

PRAGMA user_version = 2;
