-- As the log keeps its entries, without its checks, functions and triggers. Ids come in order, as they do there.
CREATE SEQUENCE ids;
CREATE TABLE entries (
    position      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream_type   text COLLATE "C" NOT NULL DEFAULT 'person',
    stream_id     text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()::text,
    streamseq     bigint NOT NULL DEFAULT 1,
    entry_id      uuid   NOT NULL UNIQUE DEFAULT ('01900000-0000-7000-8000-' || lpad(to_hex(nextval('ids')), 12, '0'))::uuid,
    command_id    uuid   NOT NULL DEFAULT ('01900000-0000-7000-8000-' || lpad(to_hex(nextval('ids')), 12, '0'))::uuid,
    command_index integer NOT NULL DEFAULT 1,
    time_micros   bigint NOT NULL DEFAULT 1724457600000000,
    type          text COLLATE "C" NOT NULL DEFAULT 'kz.qonys.person.recorded.v1',
    entry         text COLLATE "C" NOT NULL,
    UNIQUE (stream_type, stream_id, streamseq),
    UNIQUE (command_id, command_index)
);
