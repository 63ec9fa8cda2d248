-- The vault in a database of its own: the same tables as in the file. Texts compare by bytes.
SELECT pg_advisory_xact_lock(8173873316607127145); -- the bytes 'qonysini'
CREATE SCHEMA IF NOT EXISTS vault AUTHORIZATION qonys_vault_owner;
SET LOCAL ROLE qonys_vault_owner;

CREATE TABLE IF NOT EXISTS vault.epochs (
    epoch    bigint PRIMARY KEY CHECK (epoch > 0),
    provider text COLLATE "C" NOT NULL,
    origin   text COLLATE "C" NOT NULL,
    probe    bytea NOT NULL
);
CREATE TABLE IF NOT EXISTS vault.keys (
    subject  text COLLATE "C" NOT NULL,
    category text COLLATE "C" NOT NULL,
    epoch    bigint NOT NULL REFERENCES vault.epochs,
    wrapped  bytea NOT NULL,
    PRIMARY KEY (subject, category)
);
CREATE TABLE IF NOT EXISTS vault.mintings (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made   bigint NOT NULL,
    owners text NOT NULL
);
CREATE TABLE IF NOT EXISTS vault.peppers (
    epoch   bigint PRIMARY KEY REFERENCES vault.epochs,
    wrapped bytea NOT NULL
);
CREATE TABLE IF NOT EXISTS vault.blind (
    name    text COLLATE "C" NOT NULL,
    value   bytea NOT NULL CHECK (length(value) = 32),
    place   text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    epoch   bigint NOT NULL REFERENCES vault.epochs,
    command text COLLATE "C" NOT NULL,
    made    bigint NOT NULL,
    settled bigint NOT NULL DEFAULT 0,
    sealed  bytea NOT NULL,
    PRIMARY KEY (name, value, place)
);
CREATE INDEX IF NOT EXISTS blind_subject ON vault.blind (subject);
CREATE TABLE IF NOT EXISTS vault.fence (
    subject  text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL
);

REVOKE ALL ON SCHEMA vault FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA vault FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO qonys_vault;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vault TO qonys_vault;
REVOKE UPDATE, DELETE ON vault.fence FROM qonys_vault;
