-- What became of the orders of one month beside their own tables, as far as it had happened by the end.

INSERT INTO hotline.delivery (
    row_id, interface, key, content_hash, state, written_at, body_sha256, rounds, attempts, code, settled_at, taken_in_at
)
OVERRIDING SYSTEM VALUE
SELECT
    2 * %(calls)s + o.n,
    i.interface,
    o.regino,
    o.content_hash,
    CASE WHEN o.reported_at < %(end)s::timestamptz THEN 'delivered' ELSE 'waiting' END,
    o.written_at,
    o.content_hash,
    1,
    1,
    '0',
    CASE WHEN o.reported_at < %(end)s::timestamptz THEN o.reported_at END,
    o.taken_in_at
FROM made_order AS o
INNER JOIN unnest(%(kinds)s::text [], %(interfaces)s::text []) AS i (kind, interface) ON o.kind = i.kind
WHERE NOT o.is_network AND o.taken_in_at < %(end)s::timestamptz
UNION ALL
-- Half of what was returned is put again a day later.
SELECT
    2 * %(calls)s + %(orders)s + o.n,
    i.interface,
    o.regino,
    sha256(o.content_hash),
    'delivered',
    o.returned_at + interval '1 day',
    sha256(o.content_hash),
    1,
    1,
    '0',
    o.returned_at + interval '25 hours',
    o.returned_at + interval '24 hours 5 minutes'
FROM made_order AS o
INNER JOIN unnest(%(kinds)s::text [], %(interfaces)s::text []) AS i (kind, interface) ON o.kind = i.kind
WHERE NOT o.is_network AND o.n %% 2 = 0 AND o.returned_at < %(end)s::timestamptz - interval '25 hours';

INSERT INTO hotline.order_source (interface, key, body, written_at)
SELECT
    i.interface,
    o.regino,
    convert_to(
        json_build_object(
            'Regino', o.regino, 'ComplaContent', o.complacontent, 'Proname', o.proname, 'Protel', o.protel, 'TelNumber', o.telnumber,
            'InvoPart', o.invopart, 'Registime', to_char(o.registime, 'YYYY-MM-DD HH24:MI:SS')
        )::text,
        'UTF8'
    ),
    o.written_at
FROM made_order AS o
INNER JOIN unnest(%(kinds)s::text [], %(interfaces)s::text []) AS i (kind, interface) ON o.kind = i.kind
WHERE NOT o.is_network AND o.taken_in_at < %(end)s::timestamptz;

INSERT INTO hotline.returned_case (
    odrno, handdept, agent, dealresult, updatetime, content_hash, source, requested_at, window_begin, window_end, loaded_at
)
SELECT
    o.regino,
    o.handling_unit,
    o.officer,
    pg_temp.pick(o.n, 70, %(returns)s),
    o.returned_at,
    o.content_hash,
    'getShBtgData',
    s.seen_at,
    date_trunc('day', o.registime),
    date_trunc('day', o.registime) + interval '1 day',
    s.seen_at
FROM made_order AS o
CROSS JOIN LATERAL (SELECT o.returned_at + pg_temp.seconds(900 * pg_temp.u(o.n, 71)) AS seen_at) AS s
WHERE s.seen_at < %(end)s::timestamptz;

CREATE TEMPORARY TABLE made_life ON COMMIT DROP AS
SELECT
    o.n,
    o.kind,
    o.regino,
    o.handling_unit,
    o.officer,
    o.officer_tel,
    o.registime,
    o.reported_at,
    o.answered_at,
    date_trunc('day', o.registime) AS window_begin,
    date_trunc('day', o.registime) + interval '1 day' AS window_end,
    -- Who waits is not answered yet; whoever is never answered waits until the end.
    coalesce(o.answered_at, %(end)s::timestamptz) AS waits_until,
    pg_temp.u(o.n, 72) < 0.14 AS is_extended,
    o.reported_at + (coalesce(o.answered_at, o.reported_at + interval '50 days') - o.reported_at) * (0.3 + 0.6 * pg_temp.u(o.n, 73))
        AS extended_at
FROM made_order AS o
WHERE o.returned_at IS NULL AND coalesce(o.replyonsite, '') <> '1' AND o.reported_at < %(end)s::timestamptz;

INSERT INTO hotline.case_routing (
    bh, id, fltype, flfqr, zcdate, ccdate, pcdate, deadline, jsdept, content_hash, source, requested_at, window_begin, window_end,
    loaded_at
)
SELECT
    l.regino,
    md5(l.n || 'r' || r.number),
    (1 + l.n %% 3)::text,
    l.officer,
    a.at,
    a.at + pg_temp.seconds(86400 * pg_temp.lognormal(l.n, 75, 2, 0.8)),
    a.at + pg_temp.seconds(86400 * pg_temp.lognormal(l.n, 75, 2, 0.8)) + interval '3 hours',
    (l.registime + interval '60 days' + CASE WHEN l.is_extended AND l.extended_at < %(end)s::timestamptz
        THEN interval '30 days' ELSE interval '0' END)::date,
    l.handling_unit,
    sha256(convert_to(l.n || 'r' || r.number, 'UTF8')),
    'getCaseLzmx',
    a.at + interval '4 hours',
    l.window_begin,
    l.window_end,
    a.at + interval '4 hours'
FROM made_life AS l
CROSS JOIN generate_series(1, CASE WHEN pg_temp.u(l.n, 76) < 0.25 THEN 2 ELSE 1 END) AS r (number)
CROSS JOIN LATERAL (
    SELECT l.reported_at + pg_temp.seconds(86400 * (0.05 + 0.4 * pg_temp.u(l.n, 74) + 2 * (r.number - 1))) AS at
) AS a
WHERE a.at + interval '4 hours' < %(end)s::timestamptz;

INSERT INTO hotline.case_extension (
    orderid, sqrbh, sqr, sqrdept, sqrunit, spdate, sqrmobile, olddeadline, yqdate, gxdate, sqdate, result, state, reason, suggestion,
    content_hash, source, requested_at, window_begin, window_end, loaded_at
)
SELECT
    l.regino,
    l.n::text,
    l.officer,
    l.handling_unit,
    l.handling_unit,
    l.extended_at,
    l.officer_tel,
    (l.registime + interval '60 days')::date,
    (l.registime + interval '90 days')::date,
    l.extended_at::date,
    (l.extended_at - interval '1 day')::date,
    CASE WHEN pg_temp.u(l.n, 77) < 0.9 THEN '1' ELSE '0' END,
    CASE WHEN pg_temp.u(l.n, 77) < 0.9 THEN '审批通过' ELSE '审批不通过' END,
    '无',
    pg_temp.pick(l.n, 78, %(extensions)s),
    sha256(convert_to(l.n || 'e', 'UTF8')),
    'getCaseApproval',
    l.extended_at + interval '1 hour',
    l.window_begin,
    l.window_end,
    l.extended_at + interval '1 hour'
FROM made_life AS l
WHERE l.is_extended AND l.extended_at + interval '1 hour' < %(end)s::timestamptz;

-- Steps: whether it is taken up, what a report leads to, what is done, the result.
CREATE TEMPORARY TABLE made_step ON COMMIT DROP AS
SELECT
    l.n,
    l.kind,
    l.regino,
    l.handling_unit,
    l.officer,
    l.window_begin,
    l.window_end,
    s.slflag,
    s.number,
    CASE s.slflag WHEN '9' THEN pg_temp.pick(l.n, 80, %(results)s) ELSE pg_temp.pick(l.n, 81 + s.number, %(steps)s) END AS remark,
    s.at + interval '30 minutes' AS seen_at
FROM made_life AS l
CROSS JOIN LATERAL (
    VALUES
    (
        1,
        CASE WHEN pg_temp.u(l.n, 85) < 0.05 THEN '3' ELSE '1' END,
        l.reported_at + least(
            pg_temp.seconds(86400 * pg_temp.lognormal(l.n, 86, 2.5, 0.8)), (l.waits_until - l.reported_at) * 0.8
        )
    ),
    (
        2,
        CASE
            WHEN l.kind = 'report' AND pg_temp.u(l.n, 85) >= 0.05 AND pg_temp.u(l.n, 87) < 0.7
                THEN CASE WHEN pg_temp.u(l.n, 87) < 0.45 THEN '4' ELSE '5' END
        END,
        l.reported_at + least(pg_temp.seconds(86400 * pg_temp.lognormal(l.n, 88, 9, 0.6)), (l.waits_until - l.reported_at) * 0.9)
    ),
    (3, CASE WHEN pg_temp.u(l.n, 89) < 0.6 THEN '2' END, l.reported_at + (l.waits_until - l.reported_at) * 0.85),
    (4, CASE WHEN l.answered_at IS NOT NULL THEN '9' END, l.answered_at)
) AS s (number, slflag, at)
WHERE l.kind <> 'consultation' AND s.slflag IS NOT NULL AND s.at + interval '30 minutes' < %(end)s::timestamptz;

INSERT INTO hotline.complaint_handling (
    bh, id, slflag, fqdept, fqr, remark, content_hash, source, requested_at, window_begin, window_end, loaded_at
)
SELECT
    regino,
    md5(n || 's' || number),
    slflag,
    handling_unit,
    officer,
    remark,
    sha256(convert_to(n || 's' || number, 'UTF8')),
    'getTsCaseLzmx',
    seen_at,
    window_begin,
    window_end,
    seen_at
FROM made_step
WHERE kind = 'complaint';

INSERT INTO hotline.report_handling (
    bh, id, slflag, fqdept, fqr, remark, content_hash, source, requested_at, window_begin, window_end, loaded_at
)
SELECT
    regino,
    md5(n || 's' || number),
    slflag,
    handling_unit,
    officer,
    remark,
    sha256(convert_to(n || 's' || number, 'UTF8')),
    'getJbCaseLzmx',
    seen_at,
    window_begin,
    window_end,
    seen_at
FROM made_step
WHERE kind = 'report';

INSERT INTO hotline.case_urge (
    id, cbunit, cbdept, cbr, cbdate, cbmemo, bdbdept, jsr, content_hash, source, requested_at, window_begin, window_end, loaded_at
)
SELECT
    l.regino,
    '韶关市12345政务服务便民热线',
    '督办组',
    pg_temp.pick(l.n, 90, %(people)s),
    a.at,
    pg_temp.pick(l.n, 91 + t.number, %(urges)s),
    l.handling_unit,
    l.officer,
    sha256(convert_to(l.n || 'u' || t.number, 'UTF8')),
    'getCaseCb',
    a.at + interval '1 hour',
    l.window_begin,
    l.window_end,
    a.at + interval '1 hour'
FROM made_life AS l
CROSS JOIN generate_series(1, 3) AS t (number)
CROSS JOIN LATERAL (
    SELECT l.reported_at + interval '2 days' + (l.waits_until - l.reported_at - interval '2 days') * pg_temp.u(l.n, 95 + t.number) AS at
) AS a
WHERE
    l.waits_until - l.reported_at > interval '7 days'
    AND pg_temp.u(l.n, 100 + t.number) < 0.2
    AND a.at + interval '1 hour' < %(end)s::timestamptz;

INSERT INTO hotline.order_urge (note_key, urgeid, regino, urgetime, urger, remark, content_hash, written_at, taken_in_at)
SELECT
    'C' || l.regino,
    'C' || l.regino,
    l.regino,
    to_char(a.at, 'YYYYMMDDHH24MISS'),
    '督办组',
    pg_temp.pick(l.n, 105, %(urges)s),
    sha256(convert_to(l.n || 'h', 'UTF8')),
    a.at,
    a.at + interval '1 minute'
FROM made_life AS l
CROSS JOIN LATERAL (SELECT l.reported_at + pg_temp.seconds(864000 * pg_temp.u(l.n, 106)) AS at) AS a
WHERE pg_temp.u(l.n, 107) < 0.04 AND a.at < least(l.waits_until, %(end)s::timestamptz);

INSERT INTO hotline.order_supplement (
    note_key, supplementid, regino, supplementtime, content, content_hash, written_at, taken_in_at, laid_at
)
SELECT
    'B' || l.regino,
    'B' || l.regino,
    l.regino,
    to_char(a.at, 'YYYYMMDDHH24MISS'),
    pg_temp.pick(l.n, 108, %(complaints)s),
    sha256(convert_to(l.n || 'b', 'UTF8')),
    a.at,
    a.at + interval '1 minute',
    a.at + interval '1 minute'
FROM made_life AS l
CROSS JOIN LATERAL (SELECT l.reported_at + pg_temp.seconds(86400 * pg_temp.u(l.n, 109)) AS at) AS a
WHERE pg_temp.u(l.n, 110) < 0.03 AND a.at < %(end)s::timestamptz;

-- Feedback: some comes again, some is not complete.
CREATE TEMPORARY TABLE made_answer ON COMMIT DROP AS
SELECT
    l.n,
    l.kind,
    l.regino,
    l.handling_unit,
    l.window_begin,
    l.window_end,
    CASE WHEN pg_temp.u(l.n, 111) >= 0.03 THEN l.officer END AS officer,
    CASE WHEN pg_temp.u(l.n, 112) >= 0.04 THEN l.officer_tel END AS officer_tel,
    CASE
        WHEN pg_temp.u(l.n, 113) < 0.02 THEN NULL
        WHEN l.kind = 'consultation' THEN pg_temp.pick(l.n, 114 + t.number, %(answers)s)
        ELSE pg_temp.pick(l.n, 114 + t.number, %(results)s)
    END AS result,
    t.number,
    a.at,
    a.at + pg_temp.seconds(300 + 3600 * pg_temp.u(l.n, 116)) AS seen_at
FROM made_life AS l
CROSS JOIN generate_series(0, CASE WHEN pg_temp.u(l.n, 117) < 0.12 THEN 1 ELSE 0 END) AS t (number)
CROSS JOIN LATERAL (SELECT l.answered_at + pg_temp.seconds(t.number * 864000 * pg_temp.u(l.n, 118)) AS at) AS a
WHERE a.at + interval '2 hours' < %(end)s::timestamptz;

INSERT INTO hotline.complaint_feedback (
    odrno, accepttype, handdept, agent, agenttel, dealresult, feedbackregister, content_hash, source, requested_at, window_begin,
    window_end, loaded_at
)
SELECT
    regino,
    '1',
    handling_unit,
    officer,
    officer_tel,
    result,
    officer,
    sha256(convert_to(n || 'f' || number, 'UTF8')),
    'getTodoCaseFeedbackTs',
    seen_at,
    window_begin,
    window_end,
    seen_at
FROM made_answer
WHERE kind = 'complaint';

INSERT INTO hotline.report_feedback (
    odrno, investresult, handdept, agent, agenttel, dealresult, feedbackregister, content_hash, source, requested_at, window_begin,
    window_end, loaded_at
)
SELECT
    regino,
    '已核查',
    handling_unit,
    officer,
    officer_tel,
    result,
    officer,
    sha256(convert_to(n || 'f' || number, 'UTF8')),
    'getTodoCaseFeedbackJb',
    seen_at,
    window_begin,
    window_end,
    seen_at
FROM made_answer
WHERE kind = 'report';

INSERT INTO hotline.consultation_feedback (
    odrno, consultrange, handdept, agent, agenttel, dealresult, content_hash, source, requested_at, window_begin, window_end, loaded_at
)
SELECT
    regino,
    '01',
    handling_unit,
    officer,
    officer_tel,
    result,
    sha256(convert_to(n || 'f' || number, 'UTF8')),
    'getTodoCaseFeedbackZx',
    seen_at,
    window_begin,
    window_end,
    seen_at
FROM made_answer
WHERE kind = 'consultation';

INSERT INTO hotline.case_feedback (
    region, feetime, feedbackname, feedbacktel, feedbackarea, feedbackcontent, content_hash, source, requested_at, window_begin,
    window_end, loaded_at
)
SELECT
    regino,
    at,
    officer,
    officer_tel,
    handling_unit,
    result,
    sha256(convert_to(n || 'f' || number, 'UTF8')),
    'todocasefeedback',
    seen_at,
    window_begin,
    window_end,
    seen_at
FROM made_answer;
