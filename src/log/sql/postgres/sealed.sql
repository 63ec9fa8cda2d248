SELECT hash, bytes FROM sealed.slots WHERE command_id = $1 AND name = $2 AND subject = $3
