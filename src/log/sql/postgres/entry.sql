SELECT position, stream_type, stream_id, streamseq, entry
  FROM log.entries WHERE entry_id = $1
