SELECT DISTINCT subject, command_id FROM sealed.slots WHERE subject = ANY($1)
