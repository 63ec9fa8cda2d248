INSERT INTO entries (position, stream_type, stream_id, streamseq, entry_id, command_id, command_index,
                     time_micros, type, entry)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
