-- name: docking_order_table
-- Orders of the docking store, on the side of the local store, for all that one run looks at: it reads 12345's tables once.

CREATE TEMPORARY TABLE IF NOT EXISTS docking_order (
    day date NOT NULL,
    is_uncollected boolean NOT NULL,
    is_overdue boolean NOT NULL,
    interface text NOT NULL,
    key text NOT NULL
);

-- name: docking_orders
-- Orders that 12345 took, by the day of registration that their newest row names: eight digits, whatever the text is else.
-- Two numbers that are one up to their 200th character are two orders. A row that nobody has collected is overdue after a while,
-- and at once where it does not tell when it was written.

SELECT
    taken.day,
    taken.is_uncollected,
    taken.is_overdue,
    %(interface)s AS interface,
    left(taken.order_number, 200) AS key
FROM (
    SELECT
        {order_number} AS order_number,
        (array_agg({day_named} ORDER BY d.written_at DESC NULLS LAST))[1] AS day,
        bool_or(d.collected_at IS NULL) AS is_uncollected,
        bool_or(
            d.collected_at IS NULL
            AND coalesce(
                d.written_at NOT BETWEEN now() - %(not_collected)s::interval AND now() + interval '1 day', TRUE
            )
        ) AS is_overdue
    FROM {table} AS d -- noqa: AL04
    -- Those whose newest row names one of the days are chosen below.
    WHERE {of_days}
    GROUP BY {order_number}
) AS taken
WHERE taken.day = any(%(days)s::text []);

-- name: docking_other_table
-- Contents of further orders under numbers that another order has, on the side of the local store.

CREATE TEMPORARY TABLE IF NOT EXISTS docking_other (
    day date NOT NULL,
    interface text NOT NULL,
    key text NOT NULL,
    nth integer NOT NULL,
    content_hash bytea NOT NULL,
    is_uncollected boolean NOT NULL,
    is_overdue boolean NOT NULL
);

-- name: docking_repeated
-- Rows of the docking store whose number stands in several, the newest first, where one of them names one of the days: day,
-- content, and what names the order (`named_by` of the contract). All is hashed there, so no personal data travels.

WITH repeated AS (
    SELECT {order_number} AS order_number
    FROM {table} AS d -- noqa: AL04
    WHERE {of_days}
    GROUP BY {order_number}
    HAVING count(*) > 1
)

SELECT
    repeated.order_number AS regino,
    {day_named} AS day,
    sha256(convert_to(row_to_json(content)::text, 'UTF8')) AS content_hash,
    array(
        SELECT encode(sha256(convert_to(n.said, 'UTF8')), 'hex')
        FROM unnest({names}) WITH ORDINALITY AS n (said, place)
        ORDER BY n.place
    ) AS names,
    d.collected_at IS NULL AS is_uncollected,
    d.collected_at IS NULL
    AND coalesce(
        d.written_at NOT BETWEEN now() - %(not_collected)s::interval AND now() + interval '1 day', TRUE
    ) AS is_overdue
FROM repeated INNER JOIN {table} AS d ON repeated.order_number = {order_number}
CROSS JOIN LATERAL (SELECT {content}) AS content
ORDER BY repeated.order_number ASC, d.written_at DESC NULLS LAST;

-- name: known_contents
-- Contents of these keys that count for the record of their key, and whether the platform has them.

SELECT
    d.key,
    d.content_hash,
    d.state = 'delivered' AS is_delivered
FROM hotline.delivery AS d
WHERE
    d.interface = %(interface)s
    AND d.key = any(%(keys)s::text [])
    AND d.discarded_at IS NULL
    AND NOT %(shared)s = any(d.reasons);

-- name: docking_side
-- Where the orders that 12345 took are: delivered in any version, else in the state of their newest one (given up by a person
-- is a place of its own), else not taken in. What waits too long explains nothing
-- (architecture: explanations have an age): a state beyond it is `late_`.

WITH version AS (
    SELECT
        d.key,
        bool_or(d.state = 'delivered') AS is_delivered,
        (
            array_agg(
                CASE
                    WHEN d.discarded_at IS NOT NULL THEN 'discarded'
                    WHEN d.taken_in_at < now() - (%(ages)s::jsonb ->> d.state)::interval THEN 'late_' || d.state
                    ELSE d.state
                END
                ORDER BY d.written_at DESC, d.row_id DESC
            ) FILTER (WHERE d.state <> 'superseded')
        )[1] AS place
    FROM hotline.delivery AS d
    WHERE
        d.interface = %(interface)s
        AND d.key IN (
            SELECT o.key FROM docking_order AS o
            WHERE o.interface = %(interface)s AND o.day = any(%(days)s::date [])
        )
    GROUP BY d.key
),

returned AS (
    SELECT DISTINCT ON (a.regino)
        a.regino,
        a.decision = 'return' AS is_returned
    FROM hotline.order_audit AS a INNER JOIN version AS v ON a.regino = v.key
    WHERE a.interface = %(interface)s
    ORDER BY a.regino ASC, a.row_id DESC
),

placed AS (
    SELECT
        o.day,
        CASE
            WHEN v.is_delivered THEN 'delivered'
            WHEN v.place IN ('held', 'late_held') AND r.is_returned THEN 'returned_by_audit'
            WHEN v.place IS NOT NULL THEN v.place
            WHEN o.is_overdue THEN 'late_not_collected'
            WHEN o.is_uncollected THEN 'not_collected'
            ELSE 'lost_on_intake'
        END AS place,
        (t.registime AT TIME ZONE 'Asia/Shanghai')::date AS content_day
    FROM docking_order AS o
    LEFT JOIN version AS v ON o.key = v.key
    LEFT JOIN returned AS r ON o.key = r.regino
    LEFT JOIN {order_table} AS t ON o.key = t.regino
    WHERE o.interface = %(interface)s AND o.day = any(%(days)s::date [])
)

SELECT
    p.day,
    p.place,
    count(*) AS orders,
    count(*) FILTER (WHERE p.content_day = p.day) AS same_day
FROM placed AS p
GROUP BY p.day, p.place;

-- name: shared_numbers
-- Where the further orders are whose number another order has: not taken in, given up by a person, or nowhere but here, since the
-- platform knows one order a number. A person may have said that they are one order.

WITH other AS (
    SELECT
        o.day,
        o.key,
        o.nth,
        bool_or(d.row_id IS NULL) AS is_missing,
        bool_or(d.row_id IS NULL AND o.is_uncollected) AS is_uncollected,
        bool_or(d.row_id IS NULL AND o.is_overdue) AS is_overdue,
        bool_and(d.discarded_at IS NOT NULL) AS is_discarded,
        coalesce(bool_or(%(shared)s = any(d.reasons)), FALSE) AS is_held
    FROM docking_other AS o
    LEFT JOIN hotline.delivery AS d ON o.interface = d.interface AND o.key = d.key AND o.content_hash = d.content_hash
    WHERE o.interface = %(interface)s AND o.day = any(%(days)s::date []) -- noqa: CP05
    GROUP BY o.day, o.key, o.nth
)

SELECT
    o.day,
    CASE
        WHEN o.is_overdue THEN 'late_not_collected'
        WHEN o.is_uncollected THEN 'not_collected'
        WHEN o.is_missing THEN 'lost_on_intake'
        WHEN o.is_discarded THEN 'discarded'
        ELSE 'shared_number'
    END AS place,
    count(*) AS orders
FROM other AS o
WHERE
    o.is_held
    OR NOT EXISTS (
        SELECT FROM hotline.operator_action AS a
        WHERE a.interface = %(interface)s AND a.key = o.key AND a.action = %(as_correction)s
    )
GROUP BY o.day, place;

-- name: delivered_orders
-- Orders that the platform accepted, by the registration that their content names, and whether they are among the cases.

CREATE TEMPORARY TABLE delivered_order ON COMMIT DROP AS
SELECT
    accepted.regino,
    accepted.day,
    accepted.delivered_at,
    accepted.delivery_id,
    coalesce(bool_or(c.missing_since IS NULL) FILTER (WHERE c.regino IS NOT NULL), FALSE) AS is_local,
    coalesce(
        bool_or(c.missing_since IS NULL AND (c.registime AT TIME ZONE 'Asia/Shanghai')::date = accepted.day), FALSE
    ) AS is_local_that_day
FROM (
    SELECT
        t.regino,
        (t.registime AT TIME ZONE 'Asia/Shanghai')::date AS day,
        max(d.settled_at) AS delivered_at,
        (array_agg(d.row_id ORDER BY d.written_at DESC, d.row_id DESC))[1] AS delivery_id
    FROM {order_table} AS t INNER JOIN hotline.delivery AS d ON t.regino = d.key
    WHERE
        d.interface = %(interface)s
        AND d.state = 'delivered'
        AND t.registime >= %(begins)s
        AND t.registime < %(ends)s
    GROUP BY t.regino, t.registime
) AS accepted
LEFT JOIN {case_table} AS c ON accepted.regino = c.regino
GROUP BY accepted.regino, accepted.day, accepted.delivered_at, accepted.delivery_id;

-- name: delivered_side
-- How many orders of each day the platform accepted, and how many of them are among the cases of that day.

SELECT
    o.day,
    count(*) AS delivered,
    count(*) FILTER (WHERE o.is_local_that_day) AS matched
FROM delivered_order AS o
GROUP BY o.day;

-- name: absent_orders
-- Orders that the platform accepted and does not show among its cases, with what may explain it.

SELECT
    o.day,
    o.regino,
    o.delivered_at,
    o.delivery_id,
    exists(
        SELECT FROM hotline.returned_case AS r
        WHERE r.odrno = o.regino AND r.missing_since IS NULL
    ) AS is_returned,
    exists(
        SELECT FROM hotline.quarantined_answer AS q
        WHERE q.interface = %(case_interface)s AND q.key = o.regino AND q.state = 'open'
    ) AS is_quarantined,
    (
        SELECT max(a.acted_at) FROM hotline.operator_action AS a
        WHERE a.interface = %(interface)s AND a.key = o.regino AND a.actor = %(actor)s
    ) AS sent_again_at
FROM delivered_order AS o
WHERE NOT o.is_local
ORDER BY o.day, o.delivered_at;

-- name: local_side
-- Collected orders by day of registration: those that the platform still shows, and those that vanished from its answers.
-- A registration that cannot be read is that of the window which brought it, where that is no longer than a day and its margins.

SELECT
    c.day,
    count(*) FILTER (WHERE c.is_shown) AS shown,
    count(*) FILTER (WHERE NOT c.is_shown) AS withdrawn
FROM (
    SELECT
        (t.registime AT TIME ZONE 'Asia/Shanghai')::date AS day,
        t.regino,
        bool_or(t.missing_since IS NULL) AS is_shown
    FROM {case_table} AS t
    WHERE t.registime >= %(begins)s AND t.registime < %(ends)s
    GROUP BY day, t.regino
    UNION ALL
    SELECT
        ((t.window_begin + (t.window_end - t.window_begin) / 2) AT TIME ZONE 'Asia/Shanghai')::date AS day,
        t.regino,
        bool_or(t.missing_since IS NULL) AS is_shown
    FROM {case_table} AS t
    WHERE
        t.registime IS NULL
        AND t.window_end - t.window_begin < interval '1 day 2 minutes'
        AND t.window_begin + (t.window_end - t.window_begin) / 2 >= %(begins)s
        AND t.window_begin + (t.window_end - t.window_begin) / 2 < %(ends)s
    GROUP BY day, t.regino
) AS c
GROUP BY c.day;

-- name: incomplete_windows
-- Windows that could not be collected whole, by day; a window of the bottom holds two seconds.

SELECT
    (w.begins AT TIME ZONE 'Asia/Shanghai')::date AS day,
    count(*) AS windows
FROM hotline.collection_window AS w
WHERE
    w.interface = %(case_interface)s
    AND w.state = 'incomplete'
    AND w.begins >= %(begins)s
    AND w.begins < %(ends)s
GROUP BY day;

-- name: quarantined_cases
-- Cases in quarantine, given up by a person or not, whose order is not among the collected ones, from windows that reach into a
-- stretch: the platform counts them.

SELECT
    q.raw,
    q.window_begin,
    q.window_end
FROM hotline.quarantined_answer AS q
WHERE
    q.interface = %(case_interface)s
    AND q.state IN ('open', 'discarded')
    AND (
        q.window_begin IS NULL
        OR (
            q.window_begin < %(ends)s::timestamptz + interval '2 minutes'
            AND q.window_end > %(begins)s::timestamptz - interval '2 minutes'
        )
    )
    AND NOT EXISTS (
        SELECT FROM {case_table} AS t
        WHERE t.regino = q.key AND t.missing_since IS NULL
    );
