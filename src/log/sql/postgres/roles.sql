-- The roles of the log. They belong to the whole cluster: another database may have made them, or
-- be making them at this moment.
--   qonys_owner  owns every relation and function; nobody logs in as it
--   qonys_app    what the application acts as: reads, and appends through log.append
--   qonys_vault  may destroy sealed slots
DO $roles$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['qonys_owner', 'qonys_app', 'qonys_vault'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- made by somebody else since we looked
            END;
        END IF;
    END LOOP;
    IF NOT pg_has_role(current_user, 'qonys_owner', 'MEMBER') THEN
        GRANT qonys_owner TO CURRENT_USER;
    END IF;
END
$roles$;
