SELECT position, time_micros, frontier FROM log.heads ORDER BY position DESC LIMIT 1
