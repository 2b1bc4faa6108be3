-- The calls of one month, and what is logged of them.

TRUNCATE made_call;

-- Materialized, or the planner would put each chance into every place that names it.
INSERT INTO made_call
WITH call AS MATERIALIZED (
    SELECT
        h.first + g AS n,
        h.day,
        h.hour,
        h.is_workday,
        h.hourly / 98.0 AS busy,
        h.begins + pg_temp.seconds(3600.0 * (g - pg_temp.u(h.first + g, 1)) / h.calls) AS called_at,
        floor(%(calls)s / 3.0 * pg_temp.u(h.first + g, 2) ^ 1.4)::bigint AS caller,
        (%(areas)s::text [])[1 + width_bucket(pg_temp.u(h.first + g, 3), %(shares)s::float8 [])] AS area,
        pg_temp.u(h.first + g, 4) < 0.03 AS is_outbound,
        pg_temp.u(h.first + g, 5) AS fate
    FROM made_hour AS h, generate_series(1, h.calls) AS g
    WHERE h.begins >= %(from)s AND h.begins < %(to)s
),

fated AS MATERIALIZED (
    SELECT
        c.*,
        c.is_outbound OR c.fate >= 0.05 AS is_queued,
        c.is_outbound OR c.fate >= 0.05 + 0.314 * (0.5 + 0.6 * c.busy) AS is_served,
        c.called_at + pg_temp.seconds(CASE WHEN c.is_outbound THEN 0 ELSE least(60, 1 + pg_temp.lognormal(c.n, 6, 6, 0.45)) END)
            AS queued_at,
        pg_temp.seconds(
            CASE
                WHEN c.is_outbound OR pg_temp.u(c.n, 7) < 0.25 THEN 12 * pg_temp.u(c.n, 8)
                ELSE least(900, pg_temp.lognormal(c.n, 9, 40 + 110 * c.busy, 0.71))
            END
        ) AS wait,
        pg_temp.seconds(least(2400, 5 + pg_temp.lognormal(c.n, 10, 116, 0.94))) AS talk
    FROM call AS c
),

placed AS MATERIALIZED (
    SELECT
        f.*,
        to_char(f.called_at, 'YYYYMMDDHH24MISS') || lpad(f.n::text, 9, '0') AS serial,
        CASE
            WHEN f.caller %% 100 = 99 THEN '匿名'
            WHEN f.caller %% 100 < 81
                THEN pg_temp.pick(f.caller, 11, %(mobiles)s) || lpad(floor(pg_temp.u(f.caller, 12) * 100000000)::text, 8, '0')
            ELSE '0751' || pg_temp.pick(f.caller, 11, '{6,8}') || lpad(floor(pg_temp.u(f.caller, 12) * 1000000)::text, 6, '0')
        END AS callno,
        -- On days off every other seat works.
        s.base + CASE
            WHEN f.is_workday OR s.seats < 4 THEN floor(pg_temp.u(f.n, 13) * s.seats)::integer
            ELSE 2 * floor(pg_temp.u(f.n, 13) * (s.seats / 2))::integer + (f.day - date '2000-01-01') %% 2
        END AS place
    FROM fated AS f
    INNER JOIN made_shift AS s ON f.hour / 8 = s.shift
)

SELECT
    p.n,
    p.area || p.serial AS callid,
    p.callno,
    p.caller,
    p.area,
    CASE WHEN p.is_outbound THEN '2' ELSE '1' END AS calltype,
    p.called_at,
    CASE WHEN p.is_queued THEN p.queued_at END AS queued_at,
    CASE WHEN p.is_served THEN p.queued_at + p.wait END AS rang_at,
    CASE WHEN p.is_served THEN e.answered_at END AS answered_at,
    e.ended_at,
    CASE WHEN p.is_served THEN seat.seatno END AS seatno,
    p.area || CASE WHEN p.is_outbound THEN '2' ELSE '1' END || p.area || p.serial AS recordid,
    seat.seatno || '_' || p.serial || '.wav' AS recordname,
    e.ended_at + pg_temp.seconds(1 + 4 * pg_temp.u(p.n, 14)) AS written_at
FROM placed AS p
INNER JOIN made_seat AS seat ON p.place = seat.place
CROSS JOIN LATERAL (
    SELECT
        p.queued_at + p.wait + pg_temp.seconds(9 * pg_temp.u(p.n, 15)) AS answered_at,
        CASE
            WHEN p.is_served THEN p.queued_at + p.wait + pg_temp.seconds(9 * pg_temp.u(p.n, 15)) + p.talk
            ELSE p.queued_at + pg_temp.seconds(least(1800, pg_temp.lognormal(p.n, 16, 56, 0.81)))
        END AS ended_at
) AS e;

ANALYZE made_call;

INSERT INTO hotline.call_log (
    row_id, callid, callno, sourcearea, calltime, skilltime, seattime, ringtime, calltype, content_hash, written_at, loaded_at
)
SELECT
    n,
    callid,
    callno,
    area,
    called_at,
    queued_at,
    answered_at,
    rang_at,
    calltype,
    sha256(convert_to(callid, 'UTF8')),
    written_at,
    written_at + interval '40 seconds'
FROM made_call
WHERE written_at < %(end)s::timestamptz;

-- One call in a hundred was written again; what it said before is history.
INSERT INTO hotline.call_log_history (
    row_id, callid, callno, sourcearea, calltime, skilltime, calltype, content_hash, written_at, loaded_at, replaced_at
)
SELECT
    %(calls)s + n,
    callid,
    callno,
    area,
    called_at,
    queued_at,
    calltype,
    sha256(convert_to(callid || '-', 'UTF8')),
    written_at - interval '20 seconds',
    written_at - interval '10 seconds',
    written_at + interval '40 seconds'
FROM made_call
WHERE pg_temp.u(n, 17) < 0.01 AND written_at < %(end)s::timestamptz;

INSERT INTO hotline.recording_log (
    row_id, recordid, callid, recordname, recordpath, begintime, endtime, sourcearea, calltype, content_hash, written_at, loaded_at
)
SELECT
    n,
    recordid,
    callid,
    recordname,
    'https://luyin.12345.example/' || to_char(called_at, 'YYYY/MM/DD/') || recordname,
    answered_at,
    ended_at,
    area,
    calltype,
    sha256(convert_to(recordid, 'UTF8')),
    written_at,
    written_at + interval '40 seconds'
FROM made_call
WHERE answered_at IS NOT NULL AND written_at < %(end)s::timestamptz;

-- Callers are the less content the longer they waited, and for a while in the middle of it all.
INSERT INTO hotline.satisfaction_log (
    row_id, id, callid, satisfaction, opttime, sourcearea, content_hash, written_at, loaded_at
)
SELECT
    c.n,
    c.area || c.callid,
    c.callid,
    CASE
        WHEN pg_temp.u(c.n, 18) < b.bad THEN '3'
        WHEN pg_temp.u(c.n, 18) < b.bad + 0.09 THEN '2'
        ELSE '1'
    END,
    c.ended_at + interval '20 seconds',
    c.area,
    sha256(convert_to('s' || c.callid, 'UTF8')),
    c.written_at + interval '25 seconds',
    c.written_at + interval '1 minute'
FROM made_call AS c
CROSS JOIN LATERAL (
    SELECT
        0.02
        + 0.04 * sin(pi() * extract(EPOCH FROM c.called_at - %(begin)s::timestamptz)
            / extract(EPOCH FROM %(end)s::timestamptz - %(begin)s::timestamptz))::float8 ^ 4
        + CASE WHEN c.rang_at - c.queued_at > interval '4 minutes' THEN 0.06 ELSE 0 END
        + 0.02 * (c.seatno::integer %% 3) AS bad
) AS b
WHERE c.answered_at IS NOT NULL AND c.calltype = '1' AND pg_temp.u(c.n, 19) < 0.42 AND c.written_at < %(end)s::timestamptz;

-- Each seat signs in twice a shift, with a break between.
INSERT INTO hotline.seat_login_log (
    row_id, signid, seatno, seatname, begintime, endtime, sourcearea, content_hash, written_at, loaded_at
)
SELECT
    s.n,
    s.area || s.seatno || to_char(s.begintime, 'YYYYMMDDHH24MISS'),
    s.seatno,
    s.name,
    s.begintime,
    s.endtime,
    s.area,
    sha256(convert_to(s.seatno || s.begintime, 'UTF8')),
    s.endtime + interval '5 seconds',
    s.endtime + interval '45 seconds'
FROM (
    SELECT
        p.*,
        d.day::timestamptz + (h.shift * 8 + part.number * 4.2) * interval '1 hour'
        - pg_temp.seconds(600 * pg_temp.u(chance.n, 20) * (1 - part.number)) AS begintime,
        d.day::timestamptz + (h.shift * 8 + 3.8 + part.number * 4.2) * interval '1 hour'
        + pg_temp.seconds(900 * pg_temp.u(chance.n, 21) * part.number) AS endtime,
        chance.n
    FROM made_day AS d
    CROSS JOIN made_shift AS h
    INNER JOIN made_seat AS p ON p.place >= h.base AND p.place < h.base + h.seats
    CROSS JOIN generate_series(0, 1) AS part (number)
    CROSS JOIN LATERAL (
        SELECT ((d.day - date '2000-01-01')::bigint * 10000 + p.place) * 2 + part.number AS n
    ) AS chance
    WHERE
        d.day >= %(begin)s::date
        AND d.day >= %(from)s::date AND d.day < %(to)s::date
        AND (d.is_workday OR h.seats < 4 OR (p.place - h.base) %% 2 = (d.day - date '2000-01-01') %% 2)
) AS s
WHERE s.endtime < %(end)s::timestamptz;
