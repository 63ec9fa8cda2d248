INSERT INTO entries (position, stream_type, stream_id, streamseq, entry_id, command_id, command_index,
                     time_micros, type, entry)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
