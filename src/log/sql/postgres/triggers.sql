-- Nothing is changed or removed, not even where triggers are switched off for replication. Each
-- relation has a statement's trigger (it fires without rows and for TRUNCATE) and a row's (it fires
-- also for a statement that names a parent relation).

CREATE OR REPLACE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON log.settings
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE OR REPLACE TRIGGER only_grows_by_row BEFORE UPDATE OR DELETE ON log.settings
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE OR REPLACE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON log.entries
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE OR REPLACE TRIGGER only_grows_by_row BEFORE UPDATE OR DELETE ON log.entries
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE OR REPLACE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON log.heads
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE OR REPLACE TRIGGER only_grows_by_row BEFORE UPDATE OR DELETE ON log.heads
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE OR REPLACE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON sealed.slots
    FOR EACH STATEMENT EXECUTE FUNCTION sealed.refuse_change();
CREATE OR REPLACE TRIGGER only_grows_by_row BEFORE UPDATE OR DELETE ON sealed.slots
    FOR EACH ROW EXECUTE FUNCTION sealed.refuse_change();

ALTER TABLE log.settings ENABLE ALWAYS TRIGGER only_grows, ENABLE ALWAYS TRIGGER only_grows_by_row;
ALTER TABLE log.entries ENABLE ALWAYS TRIGGER only_grows, ENABLE ALWAYS TRIGGER only_grows_by_row;
ALTER TABLE log.heads ENABLE ALWAYS TRIGGER only_grows, ENABLE ALWAYS TRIGGER only_grows_by_row;
ALTER TABLE sealed.slots ENABLE ALWAYS TRIGGER only_grows, ENABLE ALWAYS TRIGGER only_grows_by_row;
