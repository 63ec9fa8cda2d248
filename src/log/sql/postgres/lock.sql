-- The lock that every append takes first; see append.sql.
SELECT pg_advisory_xact_lock(8173873316607324007)
