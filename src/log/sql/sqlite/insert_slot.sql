INSERT INTO sealed_slots (hash, command_id, name, subject, bytes) VALUES (?1, ?2, ?3, ?4, ?5)
