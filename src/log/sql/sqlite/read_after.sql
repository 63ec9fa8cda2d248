SELECT position, stream_type, stream_id, streamseq, entry
  FROM entries WHERE position > ?1 ORDER BY position LIMIT ?2
