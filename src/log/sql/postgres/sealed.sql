SELECT command_id, name, subject, bytes FROM sealed.slots WHERE hash = $1
