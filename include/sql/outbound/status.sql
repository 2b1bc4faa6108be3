-- name: open_counts
-- Versions that are not at rest, by state: read from the partial indexes, so that it may run every minute.

SELECT
    interface,
    'waiting' AS state,
    count(*) AS versions,
    min(taken_in_at) AS oldest
FROM hotline.delivery
WHERE interface = any(%(interfaces)s) AND state = 'waiting' AND rounds = 0
GROUP BY interface
UNION ALL
SELECT
    interface,
    'retrying' AS state,
    count(*) AS versions,
    min(taken_in_at) AS oldest
FROM hotline.delivery
WHERE
    interface = any(%(interfaces)s)
    AND state = 'waiting'
    AND rounds > 0
    AND next_attempt_at IS NOT NULL
GROUP BY interface
UNION ALL
SELECT
    interface,
    state,
    count(*) AS versions,
    min(taken_in_at) AS oldest
FROM hotline.delivery
WHERE interface = any(%(interfaces)s) AND state IN ('held', 'rejected', 'quarantined') AND discarded_at IS NULL
GROUP BY interface, state;

-- name: count_uncollected
-- Rows of one docking table that the next intake would read.

SELECT count(*) FROM {table} AS d
WHERE d.collected_at IS NULL;

-- name: log_run
-- Proof that a flow ran, and what it did, interface by interface.

INSERT INTO hotline.run_log (dag, subject, taken_in, quarantined, delivered)
SELECT
    %(dag)s,
    done.subject,
    done.taken_in,
    done.quarantined,
    done.delivered
FROM unnest(%(subjects)s::text [], %(taken_in)s::integer [], %(quarantined)s::integer [], %(delivered)s::integer [])
    AS done (subject, taken_in, quarantined, delivered);

-- name: relieved
-- Whether another run of a DAG has done what there was since then: it watches from now on.

SELECT TRUE AS is_relieved
WHERE EXISTS (
    SELECT FROM hotline.run_log AS r
    WHERE r.dag = %(dag)s AND r.subject = '' AND r.finished_at > %(since)s
);

-- name: latency
-- Seconds from written to delivered, of what was delivered lately: per interface, and (interface null) over all of them.
-- Bodies are kept for longer than is asked about here, so that the index on settled_at of rows with a body serves.
-- Content that was written once more after it had been delivered does not tell when it was written first.

SELECT
    interface,
    count(*) AS delivered,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(EPOCH FROM settled_at - written_at)) AS median_s,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(EPOCH FROM settled_at - written_at)) AS p95_s
FROM hotline.delivery
WHERE
    body IS NOT NULL
    AND state = 'delivered'
    AND settled_at > now() - %(within)s::interval
    AND written_at <= settled_at
    AND interface = any(%(interfaces)s)
GROUP BY GROUPING SETS ((interface), ())
HAVING count(*) > 0;

-- name: docking_version_table
CREATE TEMPORARY TABLE docking_version (
    key text NOT NULL,
    content_hash bytea NOT NULL,
    docking_rows bigint NOT NULL,
    uncollected bigint NOT NULL
) ON COMMIT DROP;

-- name: read_docking_versions
-- What the docking table holds now, as versions: key, content hash, rows with that content, and how many of them nobody
-- has collected.

COPY (
    SELECT
        left({key}, 200),
        sha256(convert_to(row_to_json(content)::text, 'UTF8')),
        count(*),
        count(*) FILTER (WHERE d.collected_at IS NULL)
    FROM {table} AS d
    CROSS JOIN LATERAL (SELECT {content}) AS content
    WHERE {only}
    GROUP BY 1, 2 -- noqa: AM06
) TO STDOUT;

-- name: status
-- Docking rows = rows of current versions + counted identical copies, always (architecture: one version, one state):
-- every row of the docking table is either not taken in yet, a copy, or the one row of a version, and that version is
-- in exactly one state. A content that was marked as collected and has no version is lost; there must be none.

SELECT
    CASE
        WHEN v.row_id IS NOT NULL THEN v.state
        WHEN d.uncollected = d.docking_rows THEN 'uncollected'
        ELSE 'lost'
    END AS state,
    count(*) AS versions,
    sum(d.docking_rows)::bigint AS docking_rows,
    count(*) FILTER (WHERE v.flags <> '{}') AS flagged,
    count(v.discarded_at) AS discarded
FROM (
    -- A table with a row that is no text is read in parts.
    SELECT
        read.key,
        read.content_hash,
        sum(read.docking_rows) AS docking_rows,
        sum(read.uncollected) AS uncollected
    FROM docking_version AS read
    GROUP BY 1, 2 -- noqa: AM06
) AS d
LEFT JOIN hotline.delivery AS v
    ON v.interface = %(interface)s AND d.key = v.key AND d.content_hash = v.content_hash
GROUP BY 1; -- noqa: AM06

-- name: reverted
-- Keys whose newest content the platform got before another content of the same key: 12345 put an old content back, and
-- equal content is never sent twice (architecture: never old after new), so the platform still shows the one in
-- between.

SELECT count(*)
FROM hotline.delivery AS newest
WHERE
    newest.interface = %(interface)s
    AND newest.state = 'delivered'
    AND EXISTS (
        SELECT 1
        FROM hotline.delivery AS later
        WHERE
            later.interface = newest.interface
            AND later.key = newest.key
            AND later.state = 'delivered'
            AND later.settled_at > newest.settled_at
            AND (later.written_at, later.row_id) < (newest.written_at, newest.row_id)
    )
    AND NOT EXISTS (
        SELECT 1
        FROM hotline.delivery AS newer
        WHERE
            newer.interface = newest.interface
            AND newer.key = newest.key
            AND newer.state IN ('waiting', 'delivered', 'rejected')
            AND (newer.written_at, newer.row_id) > (newest.written_at, newest.row_id)
    );
