-- Until when this run has looked. The last runs of both kinds are all that is ever asked for.

INSERT INTO hotline.publication (is_whole, looked_until)
VALUES (%(whole)s, %(now)s)
ON CONFLICT (is_whole) DO UPDATE SET looked_until = excluded.looked_until
