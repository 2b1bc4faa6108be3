-- name: accept_windows
-- Seconds of registration that hold more rows than an answer can. The next visit may cut them a second earlier or later.

WITH chosen AS (
    SELECT
        u.subject,
        u.begins,
        u.ends
    FROM hotline.unaccepted AS u
    WHERE u.subject = %(interface)s AND u.unexplained IS NULL AND u.begins >= %(begins)s AND u.ends <= %(ends)s
),

accepted AS (
    INSERT INTO hotline.acceptance (subject, begins, ends)
    SELECT
        chosen.subject,
        chosen.begins - interval '1 second',
        chosen.ends + interval '1 second'
    FROM chosen
)

INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'accept',
    chosen.subject,
    to_char(chosen.begins, 'YYYY-MM-DD HH24:MI:SS') || to_char(chosen.ends, ' - HH24:MI:SS'),
    'incomplete',
    'accepted',
    %(reason)s
FROM chosen;

-- name: accept_day
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
FROM chosen;
