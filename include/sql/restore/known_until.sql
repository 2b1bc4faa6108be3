-- The newest sign of life in the local store: a backup of it is no younger.

SELECT max(r.finished_at) AS known_until FROM hotline.run_log AS r
