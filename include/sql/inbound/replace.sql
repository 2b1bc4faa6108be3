-- name: land
-- The answer as it came (architecture: replace by order). An answer of the same bytes is kept once; of one that holds an order
-- whose personal data were erased only that it came. Its orders are looked up where any is erased at all: looking them up takes
-- longer than keeping the answer.

INSERT INTO hotline.landing (interface, answer_sha256, answer, row_count, window_begin, window_end, requested_at)
VALUES (
    %(interface)s,
    %(answer_sha256)s,
    CASE
        WHEN EXISTS (SELECT FROM hotline.erased_record) AND EXISTS (
            SELECT FROM hotline.erased_record AS e
            WHERE e.kind = 'order' AND e.key IN (SELECT json_array_elements_text(%(keys)s::json))
        ) THEN ''
        ELSE %(answer)b
    END,
    %(row_count)s,
    to_timestamp(%(begins)s::bigint),
    to_timestamp(%(ends)s::bigint),
    %(requested_at)s
)
ON CONFLICT (interface, answer_sha256) DO UPDATE SET
    seen_count = landing.seen_count + 1,
    requested_at = greatest(landing.requested_at, excluded.requested_at),
    window_begin = excluded.window_begin,
    window_end = excluded.window_end;

-- name: known
-- What is stored of these orders, contents alone, as most answers repeat what is there; and of a whole answer to a window
-- the orders that it should have held. An order counts as asked for where its registration lies inside the
-- window for certain, or the window of its own answer does.
-- `rest_of_name` is what names a row beside its key. What was asked for more than an hour later than an answer that has just
-- come was asked for before the clock was set back.

SELECT
    t.row_id,
    t.{key_column},
    t.content_hash,
    {rest_of_name} AS rest_of_name,
    t.missing_since IS NOT NULL AS was_missing,
    t.requested_at > %(requested_at)s AND t.requested_at < %(requested_at)s + interval '1 hour' AS is_newer
FROM {table} AS t
WHERE
    t.{key_column} = any(array(SELECT json_array_elements_text(%(keys)s::json)))
    OR (
        %(whole)s
        AND {moment} > to_timestamp(%(begins)s::bigint) - {begin_margin}
        AND {moment} < to_timestamp(%(ends)s::bigint)
        AND (
            {is_inside}
            OR (t.window_begin >= to_timestamp(%(begins)s::bigint) AND t.window_end <= to_timestamp(%(ends)s::bigint))
        )
    );

-- name: found_again
-- What was missing for a while and came back is not missing any more.

UPDATE {table}
SET
    missing_since = NULL,
    window_begin = to_timestamp(%(begins)s::bigint),
    window_end = to_timestamp(%(ends)s::bigint)
WHERE row_id = any(%(row_ids)s);

-- name: replace
-- Rows of an order replace its current rows (architecture: replace by order): what a whole answer does not repeat goes
-- to history. An order of which a row broke a rule, or that was not asked for, only gains rows: nothing says that the
-- others are gone.

WITH gone AS (
    DELETE FROM {table} AS t
    WHERE t.row_id = any(%(row_ids)s)
    RETURNING t.*
)

INSERT INTO {history} (
    row_id, {kept}, flags, content_hash, source, requested_at, window_begin, window_end, missing_since, loaded_at, replaced_by
)
SELECT
    row_id,
    {kept},
    flags,
    content_hash,
    source,
    requested_at,
    window_begin,
    window_end,
    missing_since,
    loaded_at,
    %(requested_at)s::timestamptz AS replaced_by
FROM gone;

-- name: mark_missing
-- Rows of orders that a whole answer should have held and did not (see `known`): reported, never deleted
-- (architecture: replace by order).

UPDATE {table}
SET missing_since = %(requested_at)s
WHERE row_id = any(%(row_ids)s);

-- name: add
-- Good rows that are not there yet, by content.

COPY {table} ({columns}, content_hash, flags, source, requested_at, window_begin, window_end)
FROM STDIN (NULL '');

-- name: make_room
-- For a try that is taken back: rows of these orders stand in no other's way.

DELETE FROM {table} AS t
WHERE t.{key_column} = any(array(SELECT json_array_elements_text(%(keys)s::json)));

-- name: quarantine
-- Rows that broke a rule, as they came; what the platform has fixed since is marked
-- (architecture: a bad row stops no other), whichever interface gave it: a whole answer holds all rows of each order in
-- it.

WITH bad AS (
    SELECT b.*
    FROM json_to_recordset(%(bad)s::json) AS b (key text, content_hash bytea, reasons text [], raw bytea)
),

kept AS (
    INSERT INTO hotline.quarantined_answer (
        interface, key, content_hash, reasons, raw, state, first_seen_at, last_seen_at, window_begin, window_end
    )
    SELECT
        %(interface)s,
        bad.key,
        bad.content_hash,
        bad.reasons,
        bad.raw,
        -- Decided already, when it came by the other interface that gives rows of this table.
        coalesce(
            (
                SELECT max(other.state) FROM hotline.quarantined_answer AS other
                WHERE
                    other.interface = any(%(interfaces)s)
                    AND other.key = bad.key
                    AND other.content_hash = bad.content_hash
                    AND other.state IN ('released', 'discarded')
            ),
            'open'
        ),
        %(requested_at)s,
        %(requested_at)s,
        to_timestamp(%(begins)s::bigint),
        to_timestamp(%(ends)s::bigint)
    FROM bad
    ON CONFLICT (interface, key, content_hash) DO UPDATE SET
        last_seen_at = greatest(quarantined_answer.last_seen_at, excluded.last_seen_at),
        reasons = excluded.reasons,
        -- The narrowest window that ever brought a row says most about when its order was registered.
        window_begin = CASE
            WHEN
                excluded.window_end - excluded.window_begin
                < quarantined_answer.window_end - quarantined_answer.window_begin
                OR quarantined_answer.window_begin IS NULL
                THEN excluded.window_begin
            ELSE quarantined_answer.window_begin
        END,
        window_end = CASE
            WHEN
                excluded.window_end - excluded.window_begin
                < quarantined_answer.window_end - quarantined_answer.window_begin
                OR quarantined_answer.window_end IS NULL
                THEN excluded.window_end
            ELSE quarantined_answer.window_end
        END,
        state = CASE quarantined_answer.state WHEN 'replaced' THEN 'open' ELSE quarantined_answer.state END
)

UPDATE hotline.quarantined_answer AS q
SET state = 'replaced'
WHERE
    %(whole)s
    AND q.interface = any(%(interfaces)s)
    AND q.state = 'open'
    AND q.key <> ''
    AND q.key = any(array(SELECT json_array_elements_text(%(keys)s::json)))
    AND NOT EXISTS (
        SELECT FROM bad
        WHERE bad.key = q.key AND bad.content_hash = q.content_hash
    );
