-- Who gets in: which reference stands for whom whom a provider names, and the API keys. What a provider calls somebody may
-- be his identification number, so only a keyed hash of it stands here; the key is a file beside this one.
CREATE TABLE officials (
    identity  BLOB NOT NULL PRIMARY KEY CHECK (length(identity) = 32),
    official  TEXT NOT NULL UNIQUE,
    issuer    TEXT NOT NULL,
    seen      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    id       TEXT NOT NULL PRIMARY KEY,
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    official TEXT NOT NULL,
    roles    TEXT NOT NULL,
    office   TEXT,
    scopes   TEXT,
    label    TEXT NOT NULL,
    expires  INTEGER NOT NULL,
    revoked  INTEGER
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
