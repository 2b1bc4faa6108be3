-- name: asked
-- Days whose repair somebody asked for, and nothing has answered.

SELECT DISTINCT a.key
FROM hotline.operator_action AS a
WHERE
    a.action = 'repair'
    AND a.state_after = 'asked'
    AND NOT EXISTS (
        SELECT FROM hotline.operator_action AS answered
        WHERE
            answered.action = 'repair'
            AND answered.key = a.key
            AND answered.state_before = 'asked'
            AND answered.row_id > a.row_id
    );

-- name: ask
SELECT hotline.ask_repair(%(day)s, %(worst)s, %(actor)s, %(reason)s);

-- name: answer

INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after)
VALUES (%(actor)s, 'repair', 'numcaseinfo', %(day)s::date::text, 'asked', %(state)s);
