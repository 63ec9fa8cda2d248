SELECT position, stream_type, stream_id, streamseq, entry
  FROM log.entries WHERE stream_type = $1 AND stream_id = $2 AND streamseq > $3
 ORDER BY streamseq LIMIT $4
