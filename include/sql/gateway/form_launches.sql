-- name: launch
INSERT INTO hotline.form_launch (
    ticket_hash, client, origins, interface, regino, operator, opener_origin, prefill
) VALUES (
    %(ticket_hash)s, %(client)s, %(origins)s, %(interface)s, %(regino)s, %(operator)s, %(opener_origin)s, %(prefill)s
)
ON CONFLICT (ticket_hash) DO NOTHING
RETURNING row_id;

-- name: forget
-- What was prefilled for forms that nobody opened in time, and openings that are long past. Whoever waits for a row leaves it.

WITH late AS (
    SELECT row_id FROM hotline.form_launch
    WHERE prefill IS NOT NULL AND launched_at < clock_timestamp() - interval '10 minutes'
    ORDER BY launched_at
    LIMIT 1000
    FOR UPDATE SKIP LOCKED
)

UPDATE hotline.form_launch AS f
SET prefill = NULL
FROM late
WHERE f.row_id = late.row_id;

-- name: open
-- The ticket is used up with this. Two that come at once: the second waits for the first and finds it used.

WITH wanted AS (
    SELECT
        row_id,
        prefill
    FROM hotline.form_launch
    WHERE
        ticket_hash = %(ticket_hash)s AND opened_at IS NULL
        AND launched_at > clock_timestamp() - interval '10 minutes'
        AND NOT EXISTS (
            SELECT FROM hotline.gateway_client AS c
            WHERE
                c.app_id = form_launch.client
                AND (c.revoked_at IS NOT NULL OR NOT hotline.is_in_areas(form_launch.regino, c.areas, c.area_at))
        )
    FOR UPDATE
)

UPDATE hotline.form_launch AS f
SET opened_at = clock_timestamp(), key_hash = %(key_hash)s, prefill = NULL
FROM wanted
WHERE f.row_id = wanted.row_id
RETURNING f.row_id, f.client, f.origins, f.interface, f.regino, f.operator, f.opener_origin, f.submitted_at, wanted.prefill;

-- name: ticket
SELECT
    origins,
    opened_at IS NOT NULL AS is_used
FROM hotline.form_launch
WHERE ticket_hash = %(ticket_hash)s;

-- name: opened
-- The opening that a form belongs to; it counts no more a working day after it was opened, once its client is revoked, or once the
-- order lies in none of its client's areas.

SELECT
    row_id,
    client,
    origins,
    interface,
    regino,
    operator,
    opener_origin,
    submitted_at,
    NULL AS prefill
FROM hotline.form_launch
WHERE
    key_hash = %(key_hash)s AND opened_at > clock_timestamp() - interval '8 hours'
    AND NOT EXISTS (
        SELECT FROM hotline.gateway_client AS c
        WHERE
            c.app_id = form_launch.client
            AND (c.revoked_at IS NOT NULL OR NOT hotline.is_in_areas(form_launch.regino, c.areas, c.area_at))
    );

-- name: hold
SELECT submitted_at FROM hotline.form_launch
WHERE row_id = %(row_id)s
FOR UPDATE;

-- name: submitted
UPDATE hotline.form_launch
SET submitted_at = clock_timestamp()
WHERE row_id = %(row_id)s;

-- name: last_submission
SELECT max(submitted_at) FROM hotline.form_launch
WHERE regino = %(regino)s AND interface = %(interface)s AND submitted_at IS NOT NULL;
