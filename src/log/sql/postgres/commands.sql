SELECT position, stream_type, stream_id, streamseq, entry, command_id
  FROM log.entries WHERE command_id = ANY ($1) ORDER BY position
