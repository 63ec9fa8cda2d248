-- The application reads everything and appends through one function. Only in `views`, where nothing of
-- the log stands, it may make tables of its own.
REVOKE ALL ON SCHEMA log, sealed FROM PUBLIC, qonys_app, qonys_vault;
REVOKE ALL ON ALL TABLES IN SCHEMA log, sealed FROM PUBLIC, qonys_app, qonys_vault;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA log, sealed FROM PUBLIC, qonys_app, qonys_vault;
REVOKE ALL ON public.events FROM PUBLIC, qonys_app, qonys_vault;

GRANT USAGE ON SCHEMA log, sealed TO qonys_app;
GRANT SELECT ON log.settings, log.entries, log.heads, sealed.slots, public.events TO qonys_app;
GRANT EXECUTE ON FUNCTION log.append TO qonys_app;

GRANT USAGE ON SCHEMA sealed TO qonys_vault;
GRANT SELECT, DELETE ON sealed.slots TO qonys_vault;

REVOKE ALL ON SCHEMA views FROM PUBLIC, qonys_app, qonys_vault;
GRANT USAGE, CREATE ON SCHEMA views TO qonys_app;
