-- Refuses every change of a sealed slot except its destruction by the vault. SQLSTATE QN004.
CREATE OR REPLACE FUNCTION sealed.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF TG_OP = 'DELETE' AND current_user = 'qonys_vault' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'QN004',
        MESSAGE = format('%I.%I is changed by the vault only: %s is refused',
                         TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP);
END
$body$;
