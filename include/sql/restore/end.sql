UPDATE hotline.restore
SET ended_at = now(), counts = %(counts)s::jsonb
WHERE ended_at IS NULL
