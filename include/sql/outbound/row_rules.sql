-- name: check_rows
-- The row rules (architecture: printed rules only) over a whole batch, on text, before any cast: identical rows become
-- one version with every broken rule in `reasons` (it is held back) and every oddity in `flags` (it is sent all the
-- same). %(fields)s is the contract's fields of the interface; a new rule on a field is an entry there, not a line
-- here.

INSERT INTO version (position, key, content_hash, written_at, is_timed, fields, body, state, reasons, flags)
WITH content AS (
    SELECT
        max(position) AS position,
        -- A clock of 12345 that runs ahead, or 'infinity', would make a row newer than its own corrections, which then would
        -- never be sent.
        hotline.written_moment(max(written_at), max(collected_at)) AS written_at,
        hotline.is_usable(max(written_at)) AS is_timed,
        -- A clock that is some minutes wrong says nothing about a row.
        coalesce(max(written_at) > now() + interval '1 day' OR max(written_at) < '2000-01-01 00:00:00+08', TRUE) AS is_odd,
        body::jsonb AS fields,
        convert_to(body, 'UTF8') AS body
    FROM batch
    GROUP BY body
),

field AS (
    SELECT f.*
    FROM jsonb_to_recordset(%(fields)s::jsonb) AS f (
        name text, kind text, required boolean, max_length integer, codes jsonb,
        is_area boolean, required_when jsonb, compose jsonb, not_after text
    )
),

cell AS (
    SELECT
        content.position,
        content.written_at,
        content.fields,
        field.*,
        content.fields ->> field.name AS value,
        hotline.is_blank(content.fields ->> field.name) AS blank,
        CASE WHEN field.kind IN ('time', 'timestamp') THEN hotline.wire_time(content.fields ->> field.name) END AS at
    FROM content CROSS JOIN field
),

-- One array a cell instead of one row a rule: PostgreSQL evaluates the expressions of an array far faster than those
-- of a lateral VALUES list.
judged AS (
    SELECT
        cell.position,
        cell.name,
        array_remove(ARRAY[
            CASE WHEN cell.required AND cell.blank THEN 'required' END,
            CASE WHEN cell.required_when IS NOT NULL AND cell.blank AND (
                SELECT
                    bool_and(CASE w.expected
                        WHEN 'filled' THEN NOT hotline.is_blank(cell.fields ->> w.name)
                        ELSE cell.fields ->> w.name = w.expected
                    END)
                FROM jsonb_each_text(cell.required_when) AS w (name, expected)
            ) THEN 'condition' END,
            CASE WHEN NOT cell.blank AND char_length(cell.value) > cell.max_length THEN 'length' END,
            CASE WHEN NOT cell.blank AND (
                (cell.kind = 'time' AND cell.at IS NULL)
                OR (cell.kind = 'time' AND cell.value !~ '^[0-9]{14}$')
                OR (cell.kind = 'timestamp' AND cell.at IS NULL)
                OR (cell.kind = 'timestamp' AND cell.value !~ '^[0-9]{4}-')
                OR (cell.kind = 'number' AND cell.value !~ '^-?[0-9]{1,12}([.][0-9]{1,6})?$')
            ) THEN 'type' END,
            CASE WHEN NOT cell.blank AND NOT cell.codes ? cell.value THEN 'code' END,
            CASE WHEN NOT cell.blank AND cell.is_area AND cell.value !~ '^[0-9]{6}$' THEN 'area' END,
            CASE WHEN cell.compose IS NOT NULL AND NOT cell.blank AND (
                SELECT
                    CASE
                        -- A part that is missing is named by its own rule.
                        WHEN bool_or(p.part <> '*' AND hotline.is_blank(cell.fields ->> p.part)) THEN FALSE
                        WHEN bool_or(p.part = '*')
                            THEN
                                NOT (
                                    starts_with(cell.value, string_agg(cell.fields ->> p.part, '' ORDER BY p.place))
                                    AND NOT hotline.is_blank(
                                        substr(cell.value, sum(char_length(cell.fields ->> p.part))::integer + 1)
                                    )
                                )
                        ELSE cell.value <> string_agg(cell.fields ->> p.part, '' ORDER BY p.place)
                    END
                FROM jsonb_array_elements_text(cell.compose) WITH ORDINALITY AS p (part, place)
            ) THEN 'composition' END
        ], NULL) AS reasons,
        array_remove(ARRAY[
            -- Control, zero-width, bidirectional and private-use characters, blanks at the ends, words for "nothing".
            CASE WHEN cell.value ~ (
                E'[\u0001-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ue000-\uf8ff\ufeff]'
                || E'|^[ \u00a0\u3000]|[ \u00a0\u3000]$|^([\\\\]N|NULL|null|None|undefined)$'
            ) THEN 'odd_text' END,
            CASE
                WHEN
                    cell.is_area AND NOT cell.blank AND cardinality(%(areas)s::text []) > 0
                    AND NOT cell.value = any(%(areas)s::text []) THEN 'unknown_area'
            END,
            CASE
                WHEN cell.not_after IS NOT NULL AND cell.at IS NOT NULL AND cell.value < (cell.fields ->> cell.not_after)
                    THEN 'clock_order'
            END,
            CASE
                WHEN cell.at > cell.written_at + interval '1 day' OR cell.at < '2000-01-01 00:00:00+08'
                    THEN 'odd_time'
            END
        ], NULL) AS flags
    FROM cell
),

broken AS (
    SELECT
        judged.position,
        array_agg(judged.name || ':' || r.reason ORDER BY judged.name, r.reason) AS reasons
    FROM judged CROSS JOIN unnest(judged.reasons) AS r (reason)
    WHERE judged.reasons <> '{}'
    GROUP BY judged.position
),

odd AS (
    SELECT
        judged.position,
        array_agg(judged.name || ':' || f.flag ORDER BY judged.name, f.flag) AS flags
    FROM judged CROSS JOIN unnest(judged.flags) AS f (flag)
    WHERE judged.flags <> '{}'
    GROUP BY judged.position
)

SELECT
    content.position,
    -- A key that broke its length rule may be longer than an index entry can be; the body holds it whole.
    left(coalesce(content.fields ->> %(key)s, ''), 200) AS key,
    sha256(content.body) AS content_hash,
    content.written_at,
    content.is_timed,
    content.fields,
    content.body,
    CASE
        WHEN broken.reasons IS NOT NULL THEN 'quarantined'
        WHEN %(hold)s::text IS NOT NULL AND hotline.is_blank(content.fields ->> %(hold)s) THEN 'held'
        ELSE 'waiting'
    END AS state,
    coalesce(broken.reasons, '{}') AS reasons,
    coalesce(odd.flags, '{}') || CASE WHEN content.is_odd THEN ARRAY['written_at:odd_time'] ELSE '{}' END AS flags
FROM content
LEFT JOIN broken ON content.position = broken.position
LEFT JOIN odd ON content.position = odd.position;

-- name: put_aside
-- Rows that were put aside before any rule was asked: what they break besides is told too.

UPDATE version AS v
SET state = 'quarantined', reasons = b.reasons || v.reasons
FROM batch AS b
WHERE b.position = v.position AND b.reasons <> '{}';

-- name: contested
-- Versions of the batch whose key has another content, in the batch or before it, oldest first, with what names their record.

SELECT
    v.position,
    v.key,
    {names} AS names
FROM version AS v
-- LIMIT asks for each by the index, however long the queue is.
LEFT JOIN LATERAL (
    SELECT TRUE AS is_known
    FROM hotline.delivery AS d
    WHERE d.interface = %(interface)s AND d.key = v.key AND d.content_hash <> v.content_hash
    ORDER BY d.content_hash
    LIMIT 1
) AS other ON TRUE
WHERE
    NOT hotline.is_blank(v.key)
    AND (
        other.is_known
        OR v.key IN (
            SELECT several.key FROM version AS several
            GROUP BY several.key
            HAVING count(*) > 1
        )
    )
ORDER BY v.written_at, v.position;

-- name: known_names
-- What names the records that have these keys: of each version that nobody gave up and that is not held back as another record.
-- Where the body was dropped after delivery, the typed table tells it.

SELECT
    d.key,
    CASE WHEN d.body IS NULL THEN {names_of_row} ELSE {names_of_body} END AS names
FROM hotline.delivery AS d
LEFT JOIN {table} AS t -- noqa: ST11
    ON d.body IS NULL AND d.key = t.{key_column} AND d.row_id = t.row_id
WHERE
    d.interface = %(interface)s
    AND d.key = any(%(keys)s::text [])
    AND d.discarded_at IS NULL
    AND NOT %(shared)s = any(d.reasons);

-- name: add_flags
UPDATE version AS v
SET flags = v.flags || found.flags
FROM (
    SELECT
        d.position,
        array_agg(d.flag ORDER BY d.flag) AS flags
    FROM unnest(%(positions)s::integer [], %(flags)s::text []) AS d (position, flag)
    GROUP BY d.position
) AS found
WHERE v.position = found.position;

-- name: flag_seats
-- A seat that 12345 does not list (4.2.1). While no seat is known at all, every one is taken for known.

UPDATE version AS v
SET flags = v.flags || ARRAY[%(field)s || ':unknown_seat']
WHERE
    NOT hotline.is_blank(v.fields ->> %(field)s)
    AND EXISTS (
        SELECT 1 FROM hotline.seat AS s
        WHERE s.gone_at IS NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM hotline.seat AS s
        WHERE s.seatno = v.fields ->> %(field)s AND (s.gone_at IS NULL OR s.gone_at > v.written_at)
    );
