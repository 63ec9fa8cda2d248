-- The roles of the vault. They belong to the whole cluster: another database may have made them.
--   qonys_vault_owner  owns every table; nobody logs in as it
--   qonys_vault        what the vault acts as: here, and where it destroys sealed slots of the log
DO $roles$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['qonys_vault_owner', 'qonys_vault'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- made by somebody else since we looked
            END;
        END IF;
    END LOOP;
    IF NOT pg_has_role(current_user, 'qonys_vault_owner', 'MEMBER') THEN
        GRANT qonys_vault_owner TO CURRENT_USER;
    END IF;
END
$roles$;
