-- The seats as 12345 lists them now, and every change in the history. Of a number that stands twice the newest row counts.

WITH wanted AS (
    SELECT DISTINCT ON (b.body::jsonb ->> 'seatno')
        b.body::jsonb ->> 'seatno' AS seatno,
        b.body::jsonb ->> 'seatname' AS seatname,
        b.body::jsonb ->> 'sourcearea' AS sourcearea,
        b.body::jsonb ->> 'unitcode' AS unitcode,
        b.body::jsonb ->> 'enabled' AS enabled,
        sha256(convert_to(b.body, 'UTF8')) AS content_hash
    FROM batch AS b
    WHERE NOT hotline.is_blank(b.body::jsonb ->> 'seatno') AND char_length(b.body::jsonb ->> 'seatno') <= 200
    ORDER BY b.body::jsonb ->> 'seatno' ASC, hotline.written_moment(b.written_at, b.collected_at) DESC, b.position DESC
),

event AS (
    SELECT
        w.seatno,
        w.seatname,
        w.sourcearea,
        w.unitcode,
        w.enabled,
        w.content_hash,
        CASE
            WHEN s.seatno IS NULL THEN 'new'
            WHEN s.gone_at IS NOT NULL THEN 'back'
            ELSE 'changed'
        END AS what
    FROM wanted AS w
    LEFT JOIN hotline.seat AS s ON w.seatno = s.seatno
    WHERE s.seatno IS NULL OR s.gone_at IS NOT NULL OR w.content_hash <> s.content_hash
    UNION ALL
    SELECT
        s.seatno,
        s.seatname,
        s.sourcearea,
        s.unitcode,
        s.enabled,
        s.content_hash,
        'gone' AS what
    FROM hotline.seat AS s
    WHERE
        s.gone_at IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM wanted AS w
            WHERE w.seatno = s.seatno
        )
),

kept AS (
    INSERT INTO hotline.seat AS s (seatno, seatname, sourcearea, unitcode, enabled, content_hash, gone_at)
    SELECT
        e.seatno,
        e.seatname,
        e.sourcearea,
        e.unitcode,
        e.enabled,
        e.content_hash,
        CASE WHEN e.what = 'gone' THEN now() END
    FROM event AS e
    ON CONFLICT (seatno) DO UPDATE
        SET
            seatname = excluded.seatname,
            sourcearea = excluded.sourcearea,
            unitcode = excluded.unitcode,
            enabled = excluded.enabled,
            content_hash = excluded.content_hash,
            since = now(),
            gone_at = excluded.gone_at
)

INSERT INTO hotline.seat_history (seatno, seatname, sourcearea, unitcode, enabled, event)
SELECT
    e.seatno,
    e.seatname,
    e.sourcearea,
    e.unitcode,
    e.enabled,
    e.what
FROM event AS e
