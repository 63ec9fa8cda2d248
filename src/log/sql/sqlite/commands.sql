-- ?1 is a JSON array of ids in hexadecimal: one statement, whatever their number.
SELECT position, stream_type, stream_id, streamseq, entry, command_id
  FROM entries WHERE command_id IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY position
