-- The vault: wrapped data keys, apart from the log and its backups.

-- One key-encryption key after the other. The probe shows whether a provider holds the key of its epoch.
CREATE TABLE epochs (
    epoch INTEGER PRIMARY KEY CHECK (epoch > 0),
    provider TEXT NOT NULL,
    origin TEXT NOT NULL,
    probe BLOB NOT NULL
) STRICT;

-- One random data key for each subject and category, wrapped in an epoch. `createdfor` is the command it was made
-- for: a key whose command never reached the log is found by it.
CREATE TABLE keys (
    subject TEXT NOT NULL,
    category TEXT NOT NULL,
    epoch INTEGER NOT NULL REFERENCES epochs,
    wrapped BLOB NOT NULL,
    createdfor TEXT NOT NULL,
    PRIMARY KEY (subject, category)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
