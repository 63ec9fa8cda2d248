INSERT INTO entries (entry) SELECT * FROM unnest($1::text[])
