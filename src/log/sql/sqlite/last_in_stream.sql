SELECT max(streamseq) FROM entries WHERE stream_type = ?1 AND stream_id = ?2
