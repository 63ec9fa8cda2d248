INSERT INTO sealed_slots (hash, command_id, name, subject, bytes) VALUES (?, ?, ?, ?, ?)
