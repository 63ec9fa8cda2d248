SELECT position, time_micros, frontier FROM log.heads WHERE position <= $1 ORDER BY position DESC LIMIT 1
