DELETE FROM sealed.slots WHERE subject = ANY($1)
