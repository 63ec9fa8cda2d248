-- The log in one file. Texts compare by bytes, as they do on the other store.

CREATE TABLE IF NOT EXISTS settings (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    origin TEXT    NOT NULL,
    zone   TEXT    NOT NULL,
    clock  TEXT    NOT NULL CHECK (clock IN ('system', 'simulated'))
) STRICT;

-- One row per entry. `entry` is the byte string that is hashed, published and exported; the other
-- columns repeat what stands in it, so that it can be found.
CREATE TABLE IF NOT EXISTS entries (
    position      INTEGER PRIMARY KEY CHECK (position > 0),
    stream_type   TEXT    NOT NULL,
    stream_id     TEXT    NOT NULL,
    streamseq     INTEGER NOT NULL CHECK (streamseq > 0),
    entry_id      BLOB    NOT NULL UNIQUE CHECK (length(entry_id) = 16),
    command_id    BLOB    NOT NULL CHECK (length(command_id) = 16),
    command_index INTEGER NOT NULL CHECK (command_index BETWEEN 1 AND 1000),
    time_micros   INTEGER NOT NULL,
    type          TEXT    NOT NULL,
    entry         TEXT    NOT NULL CHECK (octet_length(entry) BETWEEN 2 AND 65535),
    UNIQUE (stream_type, stream_id, streamseq),
    UNIQUE (command_id, command_index)
) STRICT;

-- What the duties about personal data ask: which cases a person has, and whose data are destroyed.
CREATE INDEX IF NOT EXISTS entries_applicant ON entries (json_extract(entry, '$.data.applicant'))
 WHERE type IN ('kz.qonys.application.filed.v1', 'kz.qonys.application.status-asked.v1');
CREATE INDEX IF NOT EXISTS entries_destroyed ON entries (position)
    WHERE type IN ('kz.qonys.person.data-destroyed.v1', 'kz.qonys.dwelling.data-destroyed.v1');

-- How far the log has come: one row per append.
CREATE TABLE IF NOT EXISTS heads (
    position    INTEGER PRIMARY KEY,
    time_micros INTEGER NOT NULL,
    frontier    BLOB    NOT NULL CHECK (length(frontier) > 0 AND length(frontier) % 32 = 0)
) STRICT;

-- The sealed bytes of personal slots: the only rows that can be destroyed.
CREATE TABLE IF NOT EXISTS sealed_slots (
    hash       BLOB NOT NULL CHECK (length(hash) = 32),
    command_id BLOB NOT NULL CHECK (length(command_id) = 16),
    name       TEXT NOT NULL,
    subject    BLOB NOT NULL CHECK (length(subject) = 16),
    bytes      BLOB NOT NULL,
    PRIMARY KEY (command_id, name, subject)
) STRICT;

-- The vault's door: a file has no roles. Who destroys puts a row here, deletes slots and takes the
-- row away again, in one transaction; without it a slot cannot be deleted.
CREATE TABLE IF NOT EXISTS vault_door (
    open INTEGER PRIMARY KEY CHECK (open = 1)
) STRICT;

-- Nothing is changed or removed.
CREATE TRIGGER IF NOT EXISTS settings_update BEFORE UPDATE ON settings
BEGIN SELECT raise(ABORT, 'settings never change: UPDATE is refused'); END;
CREATE TRIGGER IF NOT EXISTS settings_delete BEFORE DELETE ON settings
BEGIN SELECT raise(ABORT, 'settings never change: DELETE is refused'); END;
CREATE TRIGGER IF NOT EXISTS entries_update BEFORE UPDATE ON entries
BEGIN SELECT raise(ABORT, 'entries only grows: UPDATE is refused'); END;
CREATE TRIGGER IF NOT EXISTS entries_delete BEFORE DELETE ON entries
BEGIN SELECT raise(ABORT, 'entries only grows: DELETE is refused'); END;
CREATE TRIGGER IF NOT EXISTS heads_update BEFORE UPDATE ON heads
BEGIN SELECT raise(ABORT, 'heads only grows: UPDATE is refused'); END;
CREATE TRIGGER IF NOT EXISTS heads_delete BEFORE DELETE ON heads
BEGIN SELECT raise(ABORT, 'heads only grows: DELETE is refused'); END;
CREATE TRIGGER IF NOT EXISTS slots_update BEFORE UPDATE ON sealed_slots
BEGIN SELECT raise(ABORT, 'sealed_slots is changed by the vault only: UPDATE is refused'); END;
CREATE TRIGGER IF NOT EXISTS slots_delete BEFORE DELETE ON sealed_slots
WHEN NOT EXISTS (SELECT 1 FROM vault_door)
BEGIN SELECT raise(ABORT, 'sealed_slots is changed by the vault only: DELETE is refused'); END;

-- INSERT OR REPLACE removes rows without the triggers above: nothing that stands is inserted again.
CREATE TRIGGER IF NOT EXISTS settings_replace BEFORE INSERT ON settings
WHEN EXISTS (SELECT 1 FROM settings)
BEGIN SELECT raise(ABORT, 'settings never change: they stand already'); END;
CREATE TRIGGER IF NOT EXISTS entries_replace BEFORE INSERT ON entries
WHEN NEW.position <> 1 + (SELECT coalesce(max(position), 0) FROM entries)
  OR EXISTS (SELECT 1 FROM entries WHERE entry_id = NEW.entry_id)
  OR EXISTS (SELECT 1 FROM entries WHERE command_id = NEW.command_id AND command_index = NEW.command_index)
  OR EXISTS (SELECT 1 FROM entries WHERE stream_type = NEW.stream_type AND stream_id = NEW.stream_id
                                     AND streamseq = NEW.streamseq)
BEGIN SELECT raise(ABORT, 'entries only grows: the entry, its command or its place stands already'); END;
-- In a log that goes on from another one, a stream may have begun there.
CREATE TRIGGER IF NOT EXISTS entries_stream BEFORE INSERT ON entries
WHEN NEW.streamseq > 1
 AND NOT EXISTS (SELECT 1 FROM entries WHERE stream_type = NEW.stream_type AND stream_id = NEW.stream_id
                                         AND streamseq = NEW.streamseq - 1)
 AND (EXISTS (SELECT 1 FROM entries WHERE stream_type = NEW.stream_type AND stream_id = NEW.stream_id)
      OR NOT (EXISTS (SELECT 1 FROM entries WHERE position = 1 AND type = 'kz.qonys.log.continued.v1')
              OR (NEW.position = 1 AND NEW.type = 'kz.qonys.log.continued.v1')))
BEGIN SELECT raise(ABORT, 'the stream sequence is not the next one'); END;
CREATE TRIGGER IF NOT EXISTS heads_replace BEFORE INSERT ON heads
WHEN NEW.position <= (SELECT max(position) FROM heads)
BEGIN SELECT raise(ABORT, 'heads only grows: a head stands already'); END;
CREATE TRIGGER IF NOT EXISTS slots_replace BEFORE INSERT ON sealed_slots
WHEN EXISTS (SELECT 1 FROM sealed_slots WHERE command_id = NEW.command_id AND name = NEW.name
                                          AND subject = NEW.subject)
BEGIN SELECT raise(ABORT, 'sealed_slots is changed by the vault only: the slot stands already'); END;
