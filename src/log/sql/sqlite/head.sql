SELECT position, time_micros, frontier FROM heads ORDER BY position DESC LIMIT 1
