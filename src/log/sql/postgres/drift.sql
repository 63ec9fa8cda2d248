-- Where the catalogue differs from what this version made: one text per difference. $1 to $3 are the
-- bodies of log.append, log.refuse_change and sealed.refuse_change.
WITH relation (name) AS (
    VALUES ('log.settings'), ('log.entries'), ('log.heads'), ('sealed.slots')
), routine (schema, name, body, definer, config) AS (
    VALUES ('log', 'append', $1, true, ARRAY['search_path=log, pg_temp', 'plan_cache_mode=force_generic_plan', 'enable_seqscan=off']),
           ('log', 'refuse_change', $2, false, ARRAY['search_path=pg_catalog, pg_temp']),
           ('sealed', 'refuse_change', $3, false, ARRAY['search_path=pg_catalog, pg_temp'])
), guard (name) AS (
    VALUES ('only_grows'), ('only_grows_by_row')
), constrained (relation, name) AS (
    VALUES ('log.settings', 'settings_one'), ('log.settings', 'settings_clock'),
           ('log.entries', 'entries_position'), ('log.entries', 'entries_id'), ('log.entries', 'entries_length'),
           ('log.entries', 'entries_plain'),
           ('log.entries', 'entries_stream'), ('log.entries', 'entries_command'),
           ('log.heads', 'heads_position'), ('log.heads', 'heads_frontier'),
           ('sealed.slots', 'slots_place'), ('sealed.slots', 'slots_bytes')
), privilege (name, held) AS (
    VALUES ('SELECT', true), ('INSERT', false), ('UPDATE', false), ('DELETE', false), ('TRUNCATE', false),
           ('REFERENCES', false), ('TRIGGER', false)
)
SELECT format('%s is not a plain table of qonys_owner', r.name)
  FROM relation AS r
  LEFT JOIN pg_class AS c ON c.oid = to_regclass(r.name)
 WHERE c.relkind IS DISTINCT FROM 'r' OR c.relowner::regrole::text <> 'qonys_owner' OR c.relrowsecurity
       OR c.relhasrules OR c.relhassubclass
UNION ALL
SELECT format('%s: the constraint %s is missing or not valid', k.relation, k.name)
  FROM constrained AS k
  LEFT JOIN pg_constraint AS c ON c.conrelid = to_regclass(k.relation) AND c.conname = k.name
  LEFT JOIN pg_index AS i ON i.indexrelid = c.conindid
 WHERE c.convalidated IS NOT TRUE OR i.indisvalid IS FALSE
UNION ALL
SELECT format('%s: the trigger %s is missing, replaced or switched off', r.name, g.name)
  FROM relation AS r CROSS JOIN guard AS g
  LEFT JOIN pg_trigger AS t ON t.tgrelid = to_regclass(r.name) AND t.tgname = g.name
       AND t.tgfoid = to_regproc(split_part(r.name, '.', 1) || '.refuse_change')
       -- before; a row's: update and delete; a statement's: also truncate
       AND t.tgtype = CASE g.name WHEN 'only_grows' THEN 2 + 8 + 16 + 32 ELSE 1 + 2 + 8 + 16 END
       AND t.tgqual IS NULL AND t.tgattr::text = ''
 WHERE t.tgenabled IS DISTINCT FROM 'A'
UNION ALL
SELECT format('%s: the trigger %s is none of ours', r.name, t.tgname)
  FROM relation AS r JOIN pg_trigger AS t ON t.tgrelid = to_regclass(r.name)
 WHERE NOT t.tgisinternal AND t.tgname NOT IN (SELECT name FROM guard)
UNION ALL
SELECT format('%s.%s is not the function that this version made', r.schema, r.name)
  FROM routine AS r
 WHERE (SELECT count(*) FROM pg_proc WHERE pronamespace = to_regnamespace(r.schema) AND proname = r.name) <> 1
    OR NOT EXISTS (
        SELECT FROM pg_proc AS p
         WHERE p.pronamespace = to_regnamespace(r.schema) AND p.proname = r.name AND p.prosrc = r.body
           AND p.prosecdef = r.definer AND p.proconfig = r.config AND p.proowner::regrole::text = 'qonys_owner')
UNION ALL
SELECT format('%s: qonys_app %s %s', r.name, CASE WHEN p.held THEN 'lacks' ELSE 'has' END, p.name)
  FROM relation AS r CROSS JOIN privilege AS p
 WHERE p.held <> (has_table_privilege('qonys_app', to_regclass(r.name), p.name)
                  OR p.name IN ('INSERT', 'UPDATE', 'REFERENCES')
                     AND has_any_column_privilege('qonys_app', to_regclass(r.name), p.name))
UNION ALL
SELECT format('public.events: qonys_app %s SELECT', CASE WHEN to_regclass('public.events') IS NULL THEN 'finds nothing to' ELSE 'lacks' END)
 WHERE has_table_privilege('qonys_app', to_regclass('public.events'), 'SELECT') IS NOT TRUE
UNION ALL
SELECT format('the schema %s: qonys_app may create in it', s.name)
  FROM (VALUES ('log'), ('sealed')) AS s(name)
 WHERE has_schema_privilege('qonys_app', s.name, 'CREATE')
UNION ALL
SELECT format('the schema views: qonys_app lacks %s', p.name)
  FROM (VALUES ('USAGE'), ('CREATE')) AS p(name)
 WHERE has_schema_privilege('qonys_app', to_regnamespace('views'), p.name) IS NOT TRUE
UNION ALL
SELECT format('%s.%s: qonys_app %s EXECUTE', n.nspname, p.proname, CASE WHEN p.proname = 'append' THEN 'lacks' ELSE 'has' END)
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('log', 'sealed')
   AND has_function_privilege('qonys_app', p.oid, 'EXECUTE') <> (n.nspname = 'log' AND p.proname = 'append')
UNION ALL
SELECT 'qonys_app is more than a plain group'
  FROM pg_roles AS r
 WHERE r.rolname = 'qonys_app'
   AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolcanlogin
        OR pg_has_role('qonys_app', 'qonys_owner', 'MEMBER') OR pg_has_role('qonys_app', 'qonys_vault', 'MEMBER'))
