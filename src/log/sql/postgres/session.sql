-- What every connection of the application is. The role is the group's, whoever logged in; limits
-- in milliseconds: a process that stops in mid-transaction must not stop the others.
SET ROLE qonys_app;
SET default_transaction_isolation = 'read committed';
SET synchronous_commit = on;
SET statement_timeout = 10000;
SET lock_timeout = 5000;
SET idle_in_transaction_session_timeout = 5000;
SET client_min_messages = warning;
