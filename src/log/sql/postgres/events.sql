-- The log in the shape that postgres-es reads: payload = the whole text of the entry, metadata =
-- strings only. Reading needs no snapshots in event-sourced mode.
CREATE OR REPLACE VIEW public.events AS
SELECT e.stream_type                            AS aggregate_type,
       e.stream_id                              AS aggregate_id,
       e.streamseq                              AS sequence,
       e.type                                   AS event_type,
       substring(e.type FROM '[.]v([0-9]+)$')   AS event_version,
       e.entry::json                            AS payload,
       (SELECT json_build_object(
                   'position', e.position::text,
                   'id', e.entry_id::text,
                   'commandid', e.command_id::text,
                   'commandindex', e.command_index::text,
                   'time', m."time",
                   'actor', m.actor,
                   'role', m.role,
                   'office', m.office)
          FROM json_to_record(e.entry::json) AS m("time" text, actor text, role text, office text)
       )                                        AS metadata
  FROM log.entries AS e;
