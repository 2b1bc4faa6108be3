-- The difference that the latest check of a day left; another number is another difference.

WITH chosen AS (
    SELECT
        u.subject,
        u.begins,
        u.ends,
        u.unexplained
    FROM hotline.unaccepted AS u
    WHERE u.subject = %(kind)s AND u.begins = %(day)s::timestamp AT TIME ZONE 'Asia/Shanghai' AND u.unexplained IS NOT NULL
),

accepted AS (
    INSERT INTO hotline.acceptance (subject, begins, ends, unexplained)
    SELECT
        chosen.subject,
        chosen.begins,
        chosen.ends,
        chosen.unexplained
    FROM chosen
)

INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'accept',
    chosen.subject,
    to_char(chosen.begins, 'YYYY-MM-DD') || ' ' || chosen.unexplained,
    'open',
    'accepted',
    %(reason)s
FROM chosen
