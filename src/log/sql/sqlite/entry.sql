SELECT position, stream_type, stream_id, streamseq, entry
  FROM entries WHERE entry_id = ?1
