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
    GROUP BY 1, 2
) AS d
LEFT JOIN hotline.delivery AS v
    ON v.interface = %(interface)s AND d.key = v.key AND d.content_hash = v.content_hash
GROUP BY 1
