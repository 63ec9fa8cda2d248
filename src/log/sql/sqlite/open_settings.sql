INSERT INTO settings (one, origin, zone, clock) VALUES (1, ?1, ?2, ?3)
