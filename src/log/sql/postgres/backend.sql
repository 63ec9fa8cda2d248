-- Which process of the server this connection has. Before the session takes the application's role, which may not see it.
SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()
