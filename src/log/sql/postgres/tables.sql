-- The log itself. Texts compare by bytes, as they do on the other store.

CREATE TABLE IF NOT EXISTS log.settings (
    one    boolean          CONSTRAINT settings_one PRIMARY KEY DEFAULT true CHECK (one),
    origin text COLLATE "C" NOT NULL,
    zone   text COLLATE "C" NOT NULL,
    clock  text COLLATE "C" NOT NULL CONSTRAINT settings_clock CHECK (clock IN ('system', 'simulated'))
);

-- One row per entry. `entry` is the byte string that is hashed, published and exported; the other
-- columns repeat what stands in it, so that it can be found.
CREATE TABLE IF NOT EXISTS log.entries (
    position      bigint           CONSTRAINT entries_position PRIMARY KEY CHECK (position > 0),
    stream_type   text COLLATE "C" NOT NULL CHECK (strpos(stream_type, '/') = 0),
    stream_id     text COLLATE "C" NOT NULL,
    streamseq     bigint           NOT NULL CHECK (streamseq > 0),
    entry_id      uuid             NOT NULL CONSTRAINT entries_id UNIQUE,
    command_id    uuid             NOT NULL,
    command_index integer          NOT NULL CHECK (command_index BETWEEN 1 AND 1000),
    time_micros   bigint           NOT NULL,
    type          text COLLATE "C" NOT NULL,
    entry         text COLLATE "C" NOT NULL CONSTRAINT entries_length CHECK (octet_length(entry) BETWEEN 2 AND 65535),
    -- What stands between quotes in the text stands there as it is here.
    CONSTRAINT entries_plain CHECK (strpos(stream_type || stream_id || type, '"') = 0
                                    AND strpos(stream_type || stream_id || type, '\') = 0),
    CONSTRAINT entries_stream UNIQUE (stream_type, stream_id, streamseq),
    CONSTRAINT entries_command UNIQUE (command_id, command_index)
);

-- What the duties about personal data ask: which cases a person has, and whose data are destroyed.
CREATE INDEX IF NOT EXISTS entries_applicant ON log.entries (substring(entry FROM '"applicant":"([0-9a-f-]{36})"'))
    WHERE type IN ('kz.qonys.application.filed.v1', 'kz.qonys.application.status-asked.v1');
CREATE INDEX IF NOT EXISTS entries_destroyed ON log.entries (position)
    WHERE type IN ('kz.qonys.person.data-destroyed.v1', 'kz.qonys.dwelling.data-destroyed.v1');

-- How far the log has come: one row per append, never changed. A row that is updated in place slows
-- every append while a dump keeps its old versions alive.
CREATE TABLE IF NOT EXISTS log.heads (
    position    bigint CONSTRAINT heads_position PRIMARY KEY,
    time_micros bigint NOT NULL,
    frontier    bytea  NOT NULL,
    CONSTRAINT heads_frontier CHECK (octet_length(frontier) = 32 * bit_count(position::bit(64)))
);

-- The sealed bytes of personal slots: the only rows that can be destroyed, and only by qonys_vault.
CREATE TABLE IF NOT EXISTS sealed.slots (
    hash       bytea            NOT NULL,
    command_id uuid             NOT NULL,
    name       text COLLATE "C" NOT NULL,
    subject    uuid             NOT NULL,
    bytes      bytea            NOT NULL,
    CONSTRAINT slots_place PRIMARY KEY (command_id, name, subject),
    CONSTRAINT slots_bytes CHECK (hash = sha256(bytes))
);
