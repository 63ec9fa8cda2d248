-- The one way into the log: whole commands, all of them or none (promise P2), on a head that is
-- still the expected one. Returns the new head. Errors, each without an effect:
--   QN001  the head has moved; DETAIL is the position that it moved to
--   QN002  a time is not above the last one, or too far from this server's clock
--   QN003  the batch breaks a rule of the log
--   23505  an entry, a command, a place in a stream or a sealed slot stands already
-- The lock comes first and every look at the log is a statement of its own: each sees what was
-- committed before the lock was free. One statement for all would read a snapshot from before it.
CREATE OR REPLACE FUNCTION log.append(
    p_expected        bigint,
    p_positions       bigint[],
    p_stream_types    text[],
    p_stream_ids      text[],
    p_streamseqs      bigint[],
    p_entry_ids       uuid[],
    p_command_ids     uuid[],
    p_command_indexes integer[],
    p_times           bigint[],
    p_types           text[],
    p_entries         text[],
    p_frontier        bytea,
    p_sealed_hashes   bytea[],
    p_sealed_commands uuid[],
    p_sealed_names    text[],
    p_sealed_subjects uuid[],
    p_sealed_bytes    bytea[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = log, pg_temp
SET enable_seqscan = off -- a plan that was made while the log was small must stay right
AS $body$
DECLARE
    c_skew_micros constant bigint := 5000000;
    v_settings    log.settings;
    v_position    bigint;
    v_time        bigint;
    v_now         bigint;
    v_at          bigint;
    v_code        text;
    v_fault       text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed'
       OR current_setting('synchronous_commit') = 'off' THEN
        RAISE EXCEPTION USING ERRCODE = 'QN003',
            MESSAGE = 'an append is READ COMMITTED and durable: transaction_isolation or synchronous_commit is wrong';
    END IF;

    PERFORM pg_advisory_xact_lock(8173873316607324007); -- the bytes 'qonyslog'

    SELECT h.position, h.time_micros INTO v_position, v_time
      FROM log.heads AS h ORDER BY h.position DESC LIMIT 1;
    v_position := coalesce(v_position, 0);
    IF v_position IS DISTINCT FROM p_expected THEN
        RAISE EXCEPTION USING ERRCODE = 'QN001', MESSAGE = 'the head has moved', DETAIL = v_position;
    END IF;

    SELECT * INTO STRICT v_settings FROM log.settings;
    v_now := extract(epoch FROM clock_timestamp()) * 1000000;

    -- The first entry that breaks a rule, and how. A NULL passes here and fails at the INSERT.
    SELECT f.position, f.fault[1], f.fault[2] INTO v_at, v_code, v_fault
      FROM (
        SELECT h.n, h.position,
               CASE
                   WHEN h.position <> v_position + h.n THEN
                       ARRAY['QN003', 'its position is not the next one']
                   WHEN h.time_micros <= coalesce(h.time_before, v_time) THEN
                       ARRAY['QN002', 'it is not above the last one']
                   WHEN v_settings.clock = 'system' AND abs(h.time_micros - v_now) > c_skew_micros THEN
                       ARRAY['QN002', 'it is more than 5 s from the clock of the database']
                   WHEN h.command_index <> CASE h.command_id WHEN h.command_before THEN h.index_before + 1 ELSE 1 END THEN
                       ARRAY['QN003', 'its command index is not the next one']
                   WHEN h.streamseq <> 1 + CASE
                            WHEN h.seq_before IS NOT NULL THEN h.seq_before
                            WHEN h.streamseq = 1 THEN 0 -- the unique constraint knows a stream that stands
                            ELSE coalesce((SELECT e.streamseq FROM log.entries AS e
                                            WHERE e.stream_type = h.stream_type AND e.stream_id = h.stream_id
                                            ORDER BY e.streamseq DESC LIMIT 1), 0)
                        END THEN
                       ARRAY['QN003', 'its stream sequence is not the next one']
                   WHEN NOT starts_with(h.entry, h.head)
                        OR substr(h.entry, length(h.head) + 65, length(h.tail)) <> h.tail THEN
                       ARRAY['QN003', 'its text names another place, command or log']
               END AS fault
          FROM (
            SELECT u.n, u.position, u.stream_type, u.stream_id, u.streamseq, u.command_id, u.command_index,
                   u.time_micros, u.entry,
                   lag(u.time_micros) OVER batch     AS time_before,
                   lag(u.command_id) OVER batch      AS command_before,
                   lag(u.command_index) OVER batch   AS index_before,
                   lag(u.streamseq) OVER stream      AS seq_before,
                   -- The members as they are written, in their order (docs/format.md), around the
                   -- 64 digits of the schema's hash.
                   concat('{"specversion":"1.0","id":"', u.entry_id, '","source":"', v_settings.origin,
                          '","type":"', u.type, '","subject":"', u.stream_type, '/', u.stream_id,
                          '","time":"', to_char(timestamp 'epoch' + u.time_micros * interval '1 microsecond',
                                                'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                          '","datacontenttype":"application/json","dataschema":"urn:qonys:schema:sha256:') AS head,
                   concat('","entryversion":"1","position":"', u.position, '","streamseq":"', u.streamseq,
                          '","commandid":"', u.command_id, '","commandindex":"', u.command_index,
                          '","commandcount":"', count(*) OVER (PARTITION BY u.command_id), '","') AS tail
              FROM unnest(p_positions, p_stream_types, p_stream_ids, p_streamseqs, p_entry_ids, p_command_ids,
                          p_command_indexes, p_times, p_types, p_entries)
                   WITH ORDINALITY AS u(position, stream_type, stream_id, streamseq, entry_id, command_id,
                                        command_index, time_micros, type, entry, n)
            WINDOW batch  AS (ORDER BY u.n),
                   stream AS (PARTITION BY u.stream_type, u.stream_id ORDER BY u.n)
          ) AS h
      ) AS f
     WHERE f.fault IS NOT NULL
     ORDER BY f.n
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = v_code, MESSAGE = format('position %s: %s', v_at, v_fault);
    END IF;

    v_position := v_position + cardinality(p_positions);
    IF v_position = p_expected THEN
        RAISE EXCEPTION USING ERRCODE = 'QN003', MESSAGE = 'the batch is empty';
    END IF;
    IF octet_length(p_frontier) <> 32 * bit_count(v_position::bit(64)) THEN
        RAISE EXCEPTION USING ERRCODE = 'QN003',
            MESSAGE = format('the frontier has %s bytes, which no tree of %s leaves has', octet_length(p_frontier), v_position);
    END IF;
    IF EXISTS (SELECT unnest(p_sealed_commands) EXCEPT SELECT unnest(p_command_ids)) THEN
        RAISE EXCEPTION USING ERRCODE = 'QN003', MESSAGE = 'a sealed slot belongs to no command of the batch';
    END IF;

    INSERT INTO log.entries (position, stream_type, stream_id, streamseq, entry_id, command_id, command_index,
                             time_micros, type, entry)
    SELECT * FROM unnest(p_positions, p_stream_types, p_stream_ids, p_streamseqs, p_entry_ids, p_command_ids,
                         p_command_indexes, p_times, p_types, p_entries);
    INSERT INTO sealed.slots (hash, command_id, name, subject, bytes)
    SELECT * FROM unnest(p_sealed_hashes, p_sealed_commands, p_sealed_names, p_sealed_subjects, p_sealed_bytes);
    INSERT INTO log.heads (position, time_micros, frontier)
    VALUES (v_position, p_times[cardinality(p_times)], p_frontier);
    RETURN v_position;
END
$body$;
