-- Ends a process of the server and waits until it is gone; no row where it is gone already. Its number may be another's by
-- now: the moment at which it began tells them apart.
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2
