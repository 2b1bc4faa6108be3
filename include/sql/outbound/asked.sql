-- name: ask
SELECT hotline.ask_release(
    %(row_ids)s, %(action)s, %(answers)s, %(number)s, %(reason)s, %(actor)s
);

-- name: of_versions
-- What waits to be judged again, oldest first: together what one person asked for with one reason.

SELECT
    d.interface,
    a.action,
    a.actor,
    a.reason,
    array_agg(a.row_id) AS asked,
    array_agg(a.delivery_id) AS row_ids
FROM hotline.asked_release AS a
INNER JOIN hotline.delivery AS d ON a.delivery_id = d.row_id
WHERE d.interface = any(%(interfaces)s::text [])
GROUP BY d.interface, a.action, a.actor, a.reason
ORDER BY min(a.row_id);

-- name: of_answers
-- The same of rows of answers, without those that were given up or mended meanwhile.

SELECT
    a.action,
    a.actor,
    a.reason,
    a.number,
    array_agg(a.row_id) AS asked,
    coalesce(array_agg(a.answer_id) FILTER (WHERE q.state = 'open'), '{}') AS row_ids
FROM hotline.asked_release AS a
INNER JOIN hotline.quarantined_answer AS q ON a.answer_id = q.row_id
WHERE q.interface = any(%(interfaces)s::text [])
GROUP BY a.action, a.actor, a.reason, a.number
ORDER BY min(a.row_id);

-- name: done
DELETE FROM hotline.asked_release AS a
WHERE a.row_id = any(%(asked)s);

-- name: waiting
-- How many wait for the next run.

SELECT
    count(a.delivery_id) AS versions,
    count(a.answer_id) AS answers
FROM hotline.asked_release AS a;
