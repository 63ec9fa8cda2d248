-- What every connection of the application is. The role is the group's, whoever logged in; limits
-- in milliseconds: a process that stops in mid-transaction must not stop the others.
SET ROLE qonys_app;
SET default_transaction_isolation = 'read committed';
SET synchronous_commit = on;
SET statement_timeout = 10000;
SET lock_timeout = 5000;
SET idle_in_transaction_session_timeout = 5000;
SET client_min_messages = warning;
-- Every question has its index. A plan that is made before anybody has analysed a fast growing log must not read all of it.
SET enable_seqscan = off;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
