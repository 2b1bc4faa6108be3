-- One row for each check of a day and kind; none is ever changed.

INSERT INTO hotline.count_reconciliation (
    checked_at, day, kind, docking_count, delivered_count, platform_count, local_count, explained, unexplained, state, repair
)
SELECT
    %(checked_at)s,
    c.day,
    c.kind,
    c.docking_count,
    c.delivered_count,
    c.platform_count,
    c.local_count,
    c.explained,
    c.unexplained,
    c.state,
    c.repair
FROM jsonb_to_recordset(%(checks)s::jsonb) AS c (
    day date,
    kind text,
    docking_count integer,
    delivered_count integer,
    platform_count integer,
    local_count integer,
    explained jsonb,
    unexplained integer,
    state text,
    repair jsonb
)
