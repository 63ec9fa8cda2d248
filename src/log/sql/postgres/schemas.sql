-- The rooms, made by whoever initialises and owned by qonys_owner. One initialisation at a time.
SELECT pg_advisory_xact_lock(8173873316607127145); -- the bytes 'qonysini'
CREATE SCHEMA IF NOT EXISTS log AUTHORIZATION qonys_owner;
CREATE SCHEMA IF NOT EXISTS sealed AUTHORIZATION qonys_owner;
-- What is computed from the log and may be thrown away: the application makes and drops its tables.
CREATE SCHEMA IF NOT EXISTS views AUTHORIZATION qonys_owner;
GRANT USAGE, CREATE ON SCHEMA public TO qonys_owner;
SET LOCAL ROLE qonys_owner;
