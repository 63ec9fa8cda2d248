-- What every connection of the vault is. The role is the group's, whoever logged in; limits in milliseconds.
SET ROLE qonys_vault;
SET search_path = vault, pg_temp;
SET default_transaction_isolation = 'read committed';
SET synchronous_commit = on;
SET statement_timeout = 30000;
SET lock_timeout = 5000;
SET idle_in_transaction_session_timeout = 30000;
SET client_min_messages = warning;
