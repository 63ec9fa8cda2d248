SELECT e.position, e.stream_type, e.stream_id, e.streamseq, e.entry, e.command_id
  FROM (SELECT DISTINCT command_id FROM unnest($1::uuid[]) AS asked(command_id)) AS wanted
 CROSS JOIN LATERAL (
    -- By its index, whatever the planner believes of a table that nobody has analysed yet.
    SELECT * FROM log.entries AS e WHERE e.command_id = wanted.command_id ORDER BY e.command_index LIMIT 1024
 ) AS e
 ORDER BY e.position
