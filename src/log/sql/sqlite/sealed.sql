SELECT command_id, name, subject, bytes FROM sealed_slots WHERE hash = ?1
