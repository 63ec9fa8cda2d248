INSERT INTO log.heads (position, time_micros, frontier) VALUES ($1, $2, $3)
