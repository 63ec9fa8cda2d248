-- Refuses every change of what was appended. SQLSTATE QN004.
CREATE OR REPLACE FUNCTION log.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'QN004',
        MESSAGE = format('%I.%I only grows: %s is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP);
END
$body$;
