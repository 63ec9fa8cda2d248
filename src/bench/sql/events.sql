-- The table of postgres-es, with what the log also keeps: a position, the ids of entry and command, and their indexes.
-- Ids come in order, as they do there.
CREATE SEQUENCE ids;
CREATE TABLE events (
    aggregate_type text   NOT NULL,
    aggregate_id   text   NOT NULL,
    sequence       bigint NOT NULL CHECK (sequence >= 0),
    event_type     text   NOT NULL,
    event_version  text   NOT NULL,
    payload        json   NOT NULL,
    metadata       json   NOT NULL,
    timestamp      timestamptz NOT NULL DEFAULT now(),
    position       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    entry_id       uuid   NOT NULL UNIQUE DEFAULT ('01900000-0000-7000-8000-' || lpad(to_hex(nextval('ids')), 12, '0'))::uuid,
    command_id     uuid   NOT NULL DEFAULT ('01900000-0000-7000-8000-' || lpad(to_hex(nextval('ids')), 12, '0'))::uuid,
    command_index  integer NOT NULL DEFAULT 1,
    UNIQUE (command_id, command_index),
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
);
