SELECT position, stream_type, stream_id, streamseq, entry
  FROM entries WHERE command_id = ?1 ORDER BY command_index
