-- Where within a day rows are missing; an earlier answer to the same question stays beside it.

INSERT INTO hotline.count_location (checked_at, kind, begins, ends, platform_count, local_count)
SELECT
    %(checked_at)s,
    %(kind)s,
    p.begins,
    p.ends,
    p.platform_count,
    p.local_count
FROM jsonb_to_recordset(%(places)s::jsonb) AS p (
    begins timestamptz,
    ends timestamptz,
    platform_count integer,
    local_count integer
)
