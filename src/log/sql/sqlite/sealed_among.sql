SELECT DISTINCT subject FROM sealed_slots WHERE subject IN (SELECT unhex(value) FROM json_each(?1))
