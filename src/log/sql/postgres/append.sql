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
    p_sealed_entries  integer[], -- which entry of the call it belongs to, from 1
    p_sealed_names    text[],
    p_sealed_subjects uuid[],
    p_sealed_bytes    bytea[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = log, pg_temp
SET plan_cache_mode = force_generic_plan -- planning a call of one entry takes longer than making it
SET enable_seqscan = off -- a plan that was made while the log was small must stay right
AS $body$
DECLARE
    c_skew_micros constant bigint := 5000000;
    v_origin      text;
    v_clock       text;
    v_position    bigint;
    v_counts      integer[];
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

    SELECT coalesce(h.position, 0), h.time_micros, s.origin, s.clock INTO STRICT v_position, v_time, v_origin, v_clock
      FROM log.settings AS s
      LEFT JOIN LATERAL (SELECT * FROM log.heads ORDER BY position DESC LIMIT 1) AS h ON true
     WHERE s.one; -- by its index: without seqscan everything else looks dear enough to be compiled first
    IF v_position IS DISTINCT FROM p_expected THEN
        RAISE EXCEPTION USING ERRCODE = 'QN001', MESSAGE = 'the head has moved', DETAIL = v_position;
    END IF;

    v_now := extract(epoch FROM clock_timestamp()) * 1000000;

    -- How many entries the command of each entry has: the index of its last one.
    v_counts := p_command_indexes;
    IF 2 = ANY (p_command_indexes) THEN
        FOR n IN REVERSE cardinality(p_command_indexes) - 1 .. 1 LOOP
            IF p_command_ids[n] = p_command_ids[n + 1] THEN
                v_counts[n] := v_counts[n + 1];
            END IF;
        END LOOP;
    END IF;

    -- The first entry that breaks a rule, and how. A NULL passes here and fails at the INSERT.
    SELECT f.position, f.fault[1], f.fault[2] INTO v_at, v_code, v_fault
      FROM (
        SELECT u.n, u.position,
               CASE
                   WHEN u.position <> v_position + u.n THEN
                       ARRAY['QN003', 'its position is not the next one']
                   WHEN u.time_micros <= coalesce(p_times[u.n - 1], v_time) THEN
                       ARRAY['QN002', 'it is not above the last one']
                   WHEN v_clock = 'system' AND abs(u.time_micros - v_now) > c_skew_micros THEN
                       ARRAY['QN002', 'it is more than 5 s from the clock of the database']
                   WHEN u.command_index <> CASE u.command_id WHEN p_command_ids[u.n - 1]
                                           THEN p_command_indexes[u.n - 1] + 1 ELSE 1 END THEN
                       ARRAY['QN003', 'its command index is not the next one']
                   WHEN NOT starts_with(u.entry, t.head)
                        OR substr(convert_to(u.entry, 'UTF8'), octet_length(t.head) + 65, octet_length(t.tail))
                           <> convert_to(t.tail, 'UTF8') THEN
                       ARRAY['QN003', 'its text names another place, command or log']
               END AS fault
          FROM unnest(p_positions, p_stream_types, p_stream_ids, p_streamseqs, p_entry_ids, p_command_ids,
                      p_command_indexes, v_counts, p_times, p_types, p_entries)
               WITH ORDINALITY AS u(position, stream_type, stream_id, streamseq, entry_id, command_id,
                                    command_index, command_count, time_micros, type, entry, n)
         CROSS JOIN LATERAL (
            -- The members as they are written, in their order (docs/format.md), around the 64 digits
            -- of the schema's hash. OFFSET 0: once for each entry, not once for each mention.
            SELECT concat('{"specversion":"1.0","id":"', u.entry_id, '","source":"', v_origin,
                          '","type":"', u.type, '","subject":"', u.stream_type, '/', u.stream_id,
                          '","time":"', to_char(timestamp 'epoch' + u.time_micros * interval '1 microsecond',
                                                'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                          '","datacontenttype":"application/json","dataschema":"urn:qonys:schema:sha256:') AS head,
                   concat('","entryversion":"1","position":"', u.position, '","streamseq":"', u.streamseq,
                          '","commandid":"', u.command_id, '","commandindex":"', u.command_index,
                          '","commandcount":"', u.command_count, '","') AS tail
            OFFSET 0
         ) AS t
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
    INSERT INTO log.entries (position, stream_type, stream_id, streamseq, entry_id, command_id, command_index,
                             time_micros, type, entry)
    SELECT * FROM unnest(p_positions, p_stream_types, p_stream_ids, p_streamseqs, p_entry_ids, p_command_ids,
                         p_command_indexes, p_times, p_types, p_entries);
    -- Each stream continues: what is not the first of its stream stands after the one before it.
    IF 1 < ANY (p_streamseqs) THEN
        SELECT min(u.position) INTO v_at
          FROM unnest(p_positions, p_stream_types, p_stream_ids, p_streamseqs)
               AS u(position, stream_type, stream_id, streamseq)
         WHERE u.streamseq > 1
           AND coalesce((SELECT e.position FROM log.entries AS e
                          WHERE e.stream_type = u.stream_type AND e.stream_id = u.stream_id
                            AND e.streamseq = u.streamseq - 1), u.position) >= u.position
           -- In a log that goes on from another one, a stream may have begun there.
           AND NOT (EXISTS (SELECT FROM log.entries AS e WHERE e.position = 1 AND e.type = 'kz.qonys.log.continued.v1')
                    AND NOT EXISTS (SELECT FROM log.entries AS e
                                     WHERE e.stream_type = u.stream_type AND e.stream_id = u.stream_id
                                       AND e.streamseq < u.streamseq));
        IF v_at IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'QN003',
                MESSAGE = format('position %s: its stream sequence is not the next one', v_at);
        END IF;
    END IF;

    IF cardinality(p_sealed_hashes) > 0 THEN
        INSERT INTO sealed.slots (hash, command_id, name, subject, bytes)
        SELECT u.hash, p_command_ids[u.entry], u.name, u.subject, u.bytes
          FROM unnest(p_sealed_hashes, p_sealed_entries, p_sealed_names, p_sealed_subjects, p_sealed_bytes)
               AS u(hash, entry, name, subject, bytes);
    END IF;
    INSERT INTO log.heads (position, time_micros, frontier)
    VALUES (v_position, p_times[cardinality(p_times)], p_frontier);
    RETURN v_position;
END
$body$;
