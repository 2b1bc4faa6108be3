-- name: keep
-- A list that waits for somebody to confirm it, in the place of what waits of this list since a day, or by the same hand.

WITH dropped AS (
    DELETE FROM hotline.code_delivery AS d
    WHERE
        d.category = %(category)s
        AND d.state = 'uploaded'
        AND (d.actor = %(actor)s OR d.uploaded_at < now() - interval '1 day')
)

INSERT INTO hotline.code_delivery (category, actor, file_name, source, source_date, holds_from, has_days, codes, remarks)
VALUES (
    %(category)s, %(actor)s, %(file_name)s, %(source)s, %(source_date)s, %(holds_from)s, %(has_days)s, %(codes)s,
    %(remarks)s
)
RETURNING row_id;

-- name: in_use
-- The lists that stand in the place of their files, and who uploaded them.

SELECT
    d.category,
    d.actor
FROM hotline.code_delivery AS d
WHERE d.state = 'in_use';

-- name: find

SELECT
    d.row_id,
    d.category,
    d.uploaded_at,
    d.actor,
    d.file_name,
    d.source,
    d.source_date,
    d.holds_from,
    d.state,
    d.has_days,
    d.codes,
    d.remarks
FROM hotline.code_delivery AS d
WHERE d.row_id = %(row_id)s;

-- name: end
-- The list that is in use is so no more.

UPDATE hotline.code_delivery AS d
SET
    state = %(state)s,
    decided_at = now()
WHERE d.category = %(category)s AND d.state = 'in_use';

-- name: put_in_use

UPDATE hotline.code_delivery AS d
SET
    state = 'in_use',
    decided_at = now()
WHERE d.row_id = %(row_id)s;

-- name: log

INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
VALUES (%(actor)s, %(action)s, 'standard_data', %(category)s, %(before)s, %(after)s, %(reason)s);
