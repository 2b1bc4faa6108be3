-- The limits of all open orders at one moment, kept for the questions that follow.

CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
SELECT
    s.regino,
    s.kind,
    s.stage,
    s.state,
    s.registime,
    s.limit_at,
    s.limit_source,
    s.working_days_left,
    s.urge_count
FROM hotline.judged_deadlines(%(at)s, TRUE) AS s
