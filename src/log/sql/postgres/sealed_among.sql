SELECT DISTINCT subject FROM sealed.slots WHERE subject = ANY($1)
