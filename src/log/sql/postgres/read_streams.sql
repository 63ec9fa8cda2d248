SELECT e.position, e.stream_type, e.stream_id, e.streamseq, e.entry
  FROM unnest($1::text[], $2::text[]) AS wanted(stream_type, stream_id)
 CROSS JOIN LATERAL (
    SELECT * FROM log.entries AS e
     WHERE e.stream_type = wanted.stream_type COLLATE "C" AND e.stream_id = wanted.stream_id COLLATE "C"
     ORDER BY e.streamseq LIMIT $3
 ) AS e
