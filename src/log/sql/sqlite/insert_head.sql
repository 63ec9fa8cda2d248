INSERT INTO heads (position, time_micros, frontier) VALUES (?1, ?2, ?3)
