SELECT coalesce(max(streamseq), 0) FROM log.entries WHERE stream_type = $1 AND stream_id = $2
