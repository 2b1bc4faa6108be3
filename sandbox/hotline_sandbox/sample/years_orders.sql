-- The orders that the calls of one month led to, and those that came to the platform by itself.

TRUNCATE made_order;

INSERT INTO made_order
WITH telephone AS (
    SELECT
        c.*,
        row_number() OVER (ORDER BY c.n) AS place,
        count(*) OVER () AS all_calls
    FROM made_call AS c
    WHERE c.answered_at IS NOT NULL AND c.calltype = '1'
),

network AS (
    SELECT
        c.*,
        row_number() OVER (ORDER BY c.n) AS place,
        count(*) OVER () AS all_calls
    FROM made_call AS c
    WHERE c.answered_at IS NULL
),

came AS MATERIALIZED (
    SELECT
        %(telephone_first)s + t.place * %(telephone)s / t.all_calls AS n,
        false AS is_network,
        t.area,
        t.callno,
        t.caller,
        t.recordname,
        t.seatno,
        t.answered_at + interval '1 minute' AS registered
    FROM telephone AS t
    WHERE t.place * %(telephone)s / t.all_calls > (t.place - 1) * %(telephone)s / t.all_calls
    UNION ALL
    SELECT
        %(network_first)s + w.place * %(network)s / w.all_calls,
        true,
        w.area,
        w.callno,
        w.caller,
        NULL,
        '',
        w.called_at
    FROM network AS w
    WHERE w.place * %(network)s / w.all_calls > (w.place - 1) * %(network)s / w.all_calls
),

chosen AS MATERIALIZED (
    SELECT
        c.*,
        p.part,
        CASE WHEN pg_temp.u(c.n, 30) < 0.6 THEN 'complaint' WHEN pg_temp.u(c.n, 30) < 0.75 THEN 'report' ELSE 'consultation' END
            AS kind,
        -- Four companies and two kinds of problems grow all the time.
        CASE
            WHEN pg_temp.u(c.n, 31) < 0.01 + 0.20 * p.part THEN floor(4 * pg_temp.u(c.n, 32))::integer
            ELSE 4 + floor((%(companies)s - 4) * pg_temp.u(c.n, 32) ^ 1.5)::integer
        END AS company,
        CASE
            WHEN pg_temp.u(c.n, 33) < 0.06 + 0.16 * p.part THEN '9907'
            WHEN pg_temp.u(c.n, 33) < 0.10 + 0.34 * p.part THEN '9906'
            ELSE pg_temp.pick(c.n, 34, %(problems)s)
        END AS problem,
        pg_temp.pick(c.n, 35, %(people)s) AS officer,
        coalesce(a.name, c.area) AS area_name
    FROM came AS c
    CROSS JOIN LATERAL (
        SELECT
            (extract(EPOCH FROM c.registered - %(begin)s::timestamptz)
            / extract(EPOCH FROM %(end)s::timestamptz - %(begin)s::timestamptz))::float8 AS part
    ) AS p
    LEFT JOIN unnest(%(areas)s::text [], %(area_names)s::text []) AS a (code, name) ON c.area = a.code
),

supplied AS MATERIALIZED (
    SELECT
        c.*,
        company.name AS company_name,
        company.credit_code,
        person.name AS person,
        1 + (c.company * 7 + floor(2 * pg_temp.u(c.n, 36))::integer) %% cardinality(%(goods)s::text []) AS good,
        c.registered + pg_temp.seconds(5 + 595 * pg_temp.u(c.n, 37)) AS written_at,
        -- Offices are of different speed; a few orders are never answered.
        0.4 + 1.6 * pg_temp.u(c.area::bigint, 38) AS slowness,
        c.kind = 'consultation' AND pg_temp.u(c.n, 39) < 0.6 AS is_on_site,
        pg_temp.u(c.n, 44) < 0.015 AS is_returned
    FROM chosen AS c
    INNER JOIN made_company AS company ON c.company = company.n
    INNER JOIN made_person AS person ON c.caller %% %(persons)s = person.n
),

timed AS MATERIALIZED (
    SELECT
        s.*,
        s.written_at + pg_temp.seconds(60 * pg_temp.u(s.n, 45)) AS taken_in_at,
        s.written_at + pg_temp.seconds(
            90 + 60 * pg_temp.u(s.n, 46) + CASE WHEN pg_temp.u(s.n, 47) < 0.02 THEN pg_temp.lognormal(s.n, 48, 14400, 1) ELSE 0 END
        ) AS reported_at
    FROM supplied AS s
)

SELECT
    t.n,
    t.kind,
    t.is_network,
    t.area,
    t.area_name || CASE
        WHEN t.good IN (5, 6) AND t.area < '440205' THEN '市场监督管理局食品安全监管股'
        ELSE '市场监督管理局'
    END AS handling_unit,
    t.officer,
    '0751-8' || lpad(floor(pg_temp.u(t.n, 49) * 1000000)::text, 6, '0') AS officer_tel,
    t.written_at,
    t.taken_in_at,
    t.reported_at,
    CASE WHEN t.is_network THEN t.registered ELSE t.reported_at END + pg_temp.seconds(600 + 3600 * pg_temp.u(t.n, 50)) AS collected_at,
    CASE
        WHEN t.is_on_site OR t.is_returned OR pg_temp.u(t.n, 51) < 0.04 THEN NULL
        ELSE t.reported_at
            + pg_temp.seconds(greatest(5400, least(100224000, 86400 * pg_temp.lognormal(t.n, 52, 11 * t.slowness, 1.098))))
    END AS answered_at,
    CASE WHEN t.is_returned THEN t.reported_at + pg_temp.seconds(86400 * (0.1 + 3 * pg_temp.u(t.n, 53))) END AS returned_at,
    sha256(convert_to('o' || t.n, 'UTF8')) AS content_hash,
    t.area || to_char(t.registered, 'YYYYMMDD') || lpad(t.n::text, 9, '0') AS regino,
    CASE t.kind WHEN 'complaint' THEN '1' WHEN 'report' THEN '2' ELSE '3' END AS reginfotype,
    t.problem AS appltype,
    t.seatno AS workerno,
    CASE t.kind
        WHEN 'consultation' THEN pg_temp.pick(t.n, 54, %(questions)s)
        ELSE '来电人反映：' || to_char(t.registered - interval '5 days', 'YYYY-MM-DD') || '在' || t.company_name || '购买'
            || (%(goods)s::text [])[t.good] || '，'
            || CASE t.kind WHEN 'report' THEN pg_temp.pick(t.n, 54, %(reports)s) ELSE pg_temp.pick(t.n, 54, %(complaints)s) END
            || pg_temp.pick(t.n, 55, %(appeals)s)
            || CASE WHEN pg_temp.u(t.n, 56) < 0.05 THEN '请联系' || t.person || '，电话' || t.callno || '。' ELSE '' END
    END AS complacontent,
    t.registered - pg_temp.seconds(864000 * pg_temp.u(t.n, 57)) AS disputetime,
    pg_temp.pick(t.n, 58, %(appeals)s) AS applcontent,
    '1' AS receivemode,
    '1' || t.area || '00' AS regunitcode,
    pg_temp.pick(t.n, 59, %(people)s) AS accepregname,
    t.registered AS registime,
    t.callno AS telnumber,
    t.recordname,
    CASE WHEN pg_temp.u(t.n, 60) < 0.45 THEN '1' ELSE '9' END AS salesway,
    (%(goods)s::text [])[t.good] AS goodsname,
    (%(brands)s::text [])[t.good] AS brandname,
    CASE WHEN pg_temp.u(t.n, 61) < 0.85 THEN round(pg_temp.lognormal(t.n, 62, 245, 1.4)::numeric, 2) END AS consumamount,
    -- One company is written in several ways; a few orders name none.
    CASE floor(12 * pg_temp.u(t.n, 63))
        WHEN 8 THEN overlay(t.company_name PLACING ' ' FROM 3 FOR 0)
        WHEN 9 THEN replace(t.company_name, '有限公司', '公司')
        WHEN 10 THEN '韶关市' || t.company_name
        WHEN 11 THEN replace(replace(t.company_name, '（', '('), '）', ')') || '。'
        ELSE CASE WHEN pg_temp.u(t.n, 64) >= 0.02 THEN t.company_name END
    END AS invopart,
    (ARRAY['', '10', '50'])[1 + t.company %% 3] AS entitytype,
    '韶关市' || t.area_name || pg_temp.pick(t.company, 65, %(roads)s) || 1 + t.company %% 300 || '号' AS invoptaddr,
    '0751-6' || lpad((t.company * 7919 %% 1000000)::text, 6, '0') AS invopttel,
    CASE WHEN pg_temp.u(t.n, 66) < 0.7 THEN t.credit_code END AS creditcode,
    t.person AS proname,
    '韶关市' || t.area_name || pg_temp.pick(t.caller, 67, %(roads)s) || 1 + t.caller %% 300 || '号' AS proaddr,
    t.callno AS protel,
    (1 + t.caller %% 2)::text AS prosex,
    (1 + t.caller %% 6)::text AS proagegroup,
    CASE WHEN pg_temp.u(t.caller, 68) < 0.3 THEN '10' END AS procertype,
    CASE WHEN pg_temp.u(t.caller, 68) < 0.3 THEN pg_temp.identity_number(t.caller) END AS procerno,
    (%(goods_codes)s::text [])[t.good] AS goodsobtype,
    (%(goods_types)s::text [])[t.good] AS goodsobtypename,
    (ARRAY['01', '02', '03', '99'])[1 + t.n %% 4] AS consulrange,
    (ARRAY['登记注册', '消费维权', '食品药品', '其他'])[1 + t.n %% 4] AS consulrangename,
    '咨询' AS keywordname,
    CASE WHEN t.is_on_site THEN '1' ELSE '0' END AS replyonsite,
    CASE WHEN t.is_on_site THEN pg_temp.pick(t.n, 69, %(answers)s) END AS replycontent
FROM timed AS t
WHERE t.registered < %(end)s::timestamptz;

ANALYZE made_order;
