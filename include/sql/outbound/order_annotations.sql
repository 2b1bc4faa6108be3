-- name: keep
-- Every content of every note, once. A note without a number is named by its content. A content that is written again
-- only learns the new time; one without a usable time was written again where another has taken its place since and is
-- not read beside it (as keep_times in outbound/versions.sql).

WITH note AS (
    SELECT
        b.body::jsonb AS fields,
        sha256(convert_to(b.body, 'UTF8')) AS content_hash,
        hotline.written_moment(max(b.written_at), max(b.collected_at)) AS written_at,
        hotline.is_usable(max(b.written_at)) AS is_timed,
        max(b.position) AS place,
        hotline.note_key(b.body, {key}) AS note_key
    FROM batch AS b
    GROUP BY b.body
)

INSERT INTO {table} AS known (note_key, {columns}, content_hash, written_at)
SELECT
    n.note_key,
    {values},
    n.content_hash,
    n.written_at
FROM note AS n
ORDER BY n.written_at, n.place
ON CONFLICT (note_key, content_hash) DO UPDATE
    SET written_at = excluded.written_at
    WHERE
    excluded.written_at > known.written_at
    AND (
        (
            SELECT n.is_timed FROM note AS n
            WHERE n.note_key = excluded.note_key AND n.content_hash = excluded.content_hash -- noqa: RF01
        )
        OR NOT (
            known.is_current
            OR EXISTS (
                SELECT 1 FROM {table} AS newer
                INNER JOIN note AS beside ON newer.note_key = beside.note_key AND newer.content_hash = beside.content_hash
                WHERE newer.note_key = known.note_key AND newer.is_current -- noqa: RF01
            )
        )
    );

-- name: choose_current
-- Of the contents of the notes just read, the newest of each is the current one.

WITH newest AS (
    SELECT DISTINCT ON (t.note_key)
        t.note_key,
        t.row_id
    FROM {table} AS t
    WHERE t.note_key IN (SELECT hotline.note_key(b.body, {key}) FROM batch AS b)
    ORDER BY t.note_key ASC, t.written_at DESC, t.row_id DESC
)

UPDATE {table} AS t
SET is_current = (t.row_id = newest.row_id)
FROM newest
WHERE t.note_key = newest.note_key AND t.is_current <> (t.row_id = newest.row_id);

-- name: put_aside
-- Notes that our store refuses, or that hold bytes which are no text: kept as they came, and without effect. One is fixed once
-- another content of its number could be read.

WITH note AS (
    SELECT
        b.body,
        b.reasons,
        hotline.note_key(b.body, %(key)s) AS note_key,
        left(b.body::jsonb ->> 'regino', 200) AS regino,
        sha256(convert_to(b.body, 'UTF8')) AS content_hash,
        hotline.written_moment(b.written_at, b.collected_at) AS written_at
    FROM batch AS b
),

fixed AS (
    UPDATE hotline.quarantined_note AS q
    SET state = 'replaced'
    FROM note AS n
    WHERE
        q.docking_table = %(table)s AND q.state = 'open'
        AND q.note_key = n.note_key AND q.content_hash <> n.content_hash AND n.reasons = '{}'
)

INSERT INTO hotline.quarantined_note AS known (
    docking_table, note_key, regino, content_hash, body, reasons, written_at
)
SELECT DISTINCT ON (n.content_hash)
    %(table)s,
    n.note_key,
    n.regino,
    n.content_hash,
    n.body,
    n.reasons,
    n.written_at
FROM note AS n
WHERE n.reasons <> '{}'
ORDER BY n.content_hash ASC, n.written_at DESC
ON CONFLICT (docking_table, content_hash) DO UPDATE
    SET
        reasons = excluded.reasons,
        written_at = greatest(known.written_at, excluded.written_at),
        state = CASE known.state WHEN 'replaced' THEN 'open' ELSE known.state END;

-- name: reopen_supplements
-- An order that a supplement came to, changed on, or went away from is to be composed anew.

UPDATE {table} AS t
SET laid_at = NULL
WHERE t.note_key IN (SELECT hotline.note_key(b.body, {key}) FROM batch AS b);

-- name: keep_seats
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
FROM event AS e;

-- name: find_waiting
-- Notes of 12345 whose order has not come, and rows of notes and deadlines that were put aside: they hold nothing up.

SELECT
    'supplement' AS kind,
    s.row_id,
    s.supplementid AS note,
    s.regino,
    s.written_at,
    '{}'::text [] AS reasons
FROM hotline.order_supplement AS s
WHERE
    s.is_current
    AND NOT EXISTS (
        SELECT FROM hotline.order_source AS known
        WHERE known.key = s.regino
    )
UNION ALL
SELECT
    'urge' AS kind,
    u.row_id,
    u.urgeid AS note,
    u.regino,
    u.written_at,
    '{}'::text [] AS reasons
FROM hotline.order_urge AS u
WHERE
    u.is_current
    AND NOT EXISTS (
        SELECT FROM hotline.order_source AS known
        WHERE known.key = u.regino
    )
UNION ALL
SELECT
    'quarantined' AS kind,
    q.row_id,
    q.note_key AS note,
    q.regino,
    q.written_at,
    q.docking_table || q.reasons AS reasons
FROM hotline.quarantined_note AS q
WHERE q.state = 'open'
ORDER BY kind, row_id
LIMIT 1000;

-- name: discard_waiting
-- A note that is no longer the current one is applied to nothing; what 12345 writes under its number later is.

WITH discarded AS (
    UPDATE {table} AS n
    SET is_current = FALSE
    WHERE
        n.row_id = any(%(row_ids)s)
        AND n.is_current
        AND NOT EXISTS (
            SELECT FROM hotline.order_source AS known
            WHERE known.key = n.regino
        )
    RETURNING n.regino
)

INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'discard',
    %(table_name)s,
    left(discarded.regino, 200),
    'waiting',
    'discarded',
    %(reason)s
FROM discarded;

-- name: discard_quarantined
-- Rows that were put aside and that somebody gives up; what 12345 writes under their number later counts.

WITH discarded AS (
    UPDATE hotline.quarantined_note AS q
    SET state = 'discarded'
    WHERE q.row_id = any(%(row_ids)s) AND q.state = 'open'
    RETURNING q.docking_table, q.regino
)

INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'discard',
    discarded.docking_table,
    discarded.regino,
    'quarantined',
    'discarded',
    %(reason)s
FROM discarded;
