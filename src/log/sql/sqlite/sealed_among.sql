SELECT DISTINCT subject, command_id FROM sealed_slots WHERE subject IN (SELECT unhex(value) FROM json_each(?1))
