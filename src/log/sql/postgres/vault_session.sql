-- What a connection is that destroys sealed slots. It looks through all of them: ten minutes, in milliseconds.
SET ROLE qonys_vault;
SET synchronous_commit = on;
SET statement_timeout = 600000;
SET lock_timeout = 5000;
SET client_min_messages = warning;
