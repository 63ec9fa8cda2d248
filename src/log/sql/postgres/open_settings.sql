INSERT INTO log.settings (origin, zone, clock) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
