INSERT INTO log.entries (position, stream_type, stream_id, streamseq, entry_id, command_id, command_index,
                         time_micros, type, entry)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::uuid[], $6::uuid[], $7::integer[],
                     $8::bigint[], $9::text[], $10::text[])
