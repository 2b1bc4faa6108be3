-- One row an order with its whole life, so that questions over years read one table. Numbers, names and addresses are masked
-- when the row is made: no view has to, and nothing else is in it.

-- How a name of a company is compared: one width, no blanks, brackets and points, one word for the legal form.
CREATE FUNCTION hotline.plain_company_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN nullif(
    regexp_replace(
        replace(upper(normalize(name, nfkc)), '有限责任公司', '有限公司'),
        '[\s!-/:-@\[-`{-~·•‧・、。《》〈〉“”‘’「」『』【】〔〕〖〗—–…\u200b-\u200f\ufeff]+', '', 'g'
    ), ''
);

COMMENT ON FUNCTION hotline.plain_company_name IS '用于比较的企业名称：统一全角半角与大小写，去掉空白、括号和标点，有限责任公司与有限公司视为同一写法';

-- What tells one company from another: its credit code, else its name.
CREATE FUNCTION hotline.company_key(credit_code text, name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN hotline.plain_company_name(credit_code) ~ '^([0-9A-Z]{18}|[0-9A-Z]{15})$'
        THEN hotline.plain_company_name(credit_code)
    WHEN hotline.plain_company_name(name) NOT IN ('无', '不详', '未知', '未提供', '不清楚', '0', '个人', '匿名', '保密')
        THEN hotline.plain_company_name(name)
END;

COMMENT ON FUNCTION hotline.company_key IS '企业标识：统一社会信用代码（18 位，旧码 15 位），没有时为用于比较的名称；不知是谁的为空';

-- A number of the platform, which writes amounts as text.
CREATE FUNCTION hotline.amount(value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value ~ '^[0-9]{1,12}(\.[0-9]{1,6})?$' THEN value::numeric END;

COMMENT ON FUNCTION hotline.amount IS '文字写成的金额；不是数的为空';

-- An end before its beginning is no duration. Times of the platform can lack seconds: within a minute they count as one.
CREATE FUNCTION hotline.seconds_between(since timestamptz, until timestamptz) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN until >= since - interval '59 seconds' AND until < since + interval '50 years'
        THEN greatest(extract(EPOCH FROM until - since), 0)::integer
END;

COMMENT ON FUNCTION hotline.seconds_between IS '两个时间相隔的秒数；先后颠倒的为空；相差不到一分钟的颠倒（平台时间可能没有秒）计为 0';

-- Both at once, in seconds and in working days. As a set, so that the planner can take it into a query.
CREATE FUNCTION hotline.span(since timestamptz, until timestamptz)
RETURNS TABLE (seconds integer, working_days integer)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT
        passed.seconds,
        CASE
            WHEN passed.seconds IS NOT NULL
                THEN
                    (
                        SELECT c.workday_number FROM hotline.calendar_day AS c
                        WHERE c.day = (span.until AT TIME ZONE 'Asia/Shanghai')::date
                    ) - (
                        SELECT c.workday_number FROM hotline.calendar_day AS c
                        WHERE c.day = (span.since AT TIME ZONE 'Asia/Shanghai')::date
                    )
        END AS working_days
    FROM (SELECT hotline.seconds_between(span.since, span.until) AS seconds) AS passed
$$;

COMMENT ON FUNCTION hotline.span IS '两个时间相隔的秒数和工作日数（当日不计）；日历没有数据的，工作日数为空';

CREATE TABLE hotline.order_fact (
    regino text NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL,
    receive_mode_code text,
    registered_at timestamptz,
    day date,
    taken_at timestamptz,
    reported_at timestamptz,
    collected_at timestamptz,
    routed_at timestamptz,
    first_checked_at timestamptz,
    accepted_at timestamptz,
    refused_at timestamptz,
    filed_at timestamptz,
    not_filed_at timestamptz,
    answered_at timestamptz,
    finished_at timestamptz,
    returned_at timestamptz,
    is_returned boolean NOT NULL,
    is_withdrawn boolean NOT NULL,
    is_answered_on_site boolean NOT NULL,
    acceptance_due_at timestamptz,
    filing_due_at timestamptz,
    due_at timestamptz,
    due_source text,
    is_accepted_in_time boolean,
    is_filed_in_time boolean,
    is_finished_in_time boolean,
    is_first_checked_in_time boolean,
    reporting_seconds integer,
    first_check_seconds integer,
    first_check_working_days integer,
    acceptance_seconds integer,
    acceptance_working_days integer,
    filing_seconds integer,
    filing_working_days integer,
    finishing_seconds integer,
    finishing_working_days integer,
    is_time_ordered boolean NOT NULL,
    urge_count integer NOT NULL,
    extension_count integer NOT NULL,
    supplement_count integer NOT NULL,
    feedback_count integer NOT NULL,
    routing_count integer NOT NULL,
    step_count integer NOT NULL,
    unit_code text,
    handling_unit_name text,
    seat_code text,
    record_name text,
    company_name text,
    company_credit_code text,
    company_key text,
    industry_code text,
    entity_type_code text,
    problem_class_code text,
    goods_class_code text,
    goods_class_written_name text,
    sales_way_code text,
    consumption_amount numeric,
    consultation_range_code text,
    consultation_range_written_name text,
    person_sex_code text,
    person_age_group_code text,
    person_key text,
    identity_key text,
    person_name_masked text,
    person_phone_masked text,
    person_address_masked text,
    PRIMARY KEY (regino, kind)
);

COMMENT ON TABLE hotline.order_fact IS '工单全貌：每个工单每种类型一行，由原始表算出；有变化的由 analytics_refresh 重算';
COMMENT ON COLUMN hotline.order_fact.acceptance_due_at IS '受理时限的最后一刻';
COMMENT ON COLUMN hotline.order_fact.filing_due_at IS '立案时限的最后一刻';
COMMENT ON COLUMN hotline.order_fact.due_at IS '办理时限的最后一刻';
COMMENT ON COLUMN hotline.order_fact.record_name IS '录音文件名，用于找到来电';

CREATE INDEX order_fact_day ON hotline.order_fact (day, kind);
CREATE INDEX order_fact_record_name ON hotline.order_fact (record_name) WHERE record_name IS NOT null;
CREATE INDEX order_fact_seat ON hotline.order_fact (seat_code, day) WHERE seat_code IS NOT null;

-- How far an order is; sorted so, what waits for somebody comes first.
CREATE FUNCTION hotline.order_stage(
    is_returned boolean, is_withdrawn boolean, finished_at timestamptz, filed_at timestamptz, accepted_at timestamptz,
    is_reported boolean
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN is_returned THEN '5 returned'
    WHEN is_withdrawn THEN '7 withdrawn'
    WHEN finished_at IS NOT null THEN '6 finished'
    WHEN filed_at IS NOT null THEN '4 filed'
    WHEN accepted_at IS NOT null THEN '3 accepted'
    WHEN is_reported THEN '2 reported'
    ELSE '1 unreported'
END;

COMMENT ON FUNCTION hotline.order_stage IS '工单办理到哪一步，按需要处理的先后编号；网络工单由平台登记，视为已上报';

-- Lists of orders are read from indexes, in their order, however many orders there are.
CREATE INDEX order_fact_registered ON hotline.order_fact (registered_at, regino, kind);
CREATE INDEX order_fact_stage ON hotline.order_fact (
    hotline.order_stage(
        is_returned, is_withdrawn, finished_at, filed_at, accepted_at, reported_at IS NOT null OR channel = 'network'
    ), registered_at, regino, kind
);
-- Overdue orders are counted, and those of some days found, from the index alone.
CREATE INDEX order_fact_due ON hotline.order_fact (due_at, registered_at, regino, kind)
WHERE finished_at IS null AND NOT is_returned AND NOT is_withdrawn;
CREATE INDEX order_fact_returned ON hotline.order_fact (returned_at, regino, kind) WHERE returned_at IS NOT null;
CREATE INDEX order_fact_routed ON hotline.order_fact (routed_at, regino, kind) WHERE routed_at IS NOT null;
CREATE INDEX order_fact_finished ON hotline.order_fact (finished_at, regino, kind) WHERE finished_at IS NOT null;
CREATE INDEX order_fact_company ON hotline.order_fact (company_key, registered_at) WHERE company_key IS NOT null;
CREATE INDEX order_fact_handling_unit ON hotline.order_fact (handling_unit_name, registered_at)
WHERE handling_unit_name IS NOT null;
CREATE INDEX order_fact_unit ON hotline.order_fact (unit_code, registered_at) WHERE unit_code IS NOT null;
CREATE INDEX order_fact_person ON hotline.order_fact (person_key, registered_at) WHERE person_key IS NOT null;
CREATE INDEX order_fact_name ON hotline.order_fact (person_name_masked, registered_at) WHERE person_name_masked IS NOT null;
-- A company is looked for by how its name begins.
CREATE INDEX order_fact_company_name ON hotline.order_fact (hotline.plain_company_name(company_name) text_pattern_ops)
WHERE company_name IS NOT null;

-- The facts of some orders, computed from the raw tables. The one place where this is done.
CREATE FUNCTION hotline.order_facts(reginos text []) RETURNS SETOF hotline.order_fact
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp ROWS 100 AS $$
WITH content AS (
    SELECT
        coalesce(o.regino, c.regino) AS regino,
        'complaint' AS kind,
        o.row_id IS NOT NULL AS is_ours,
        c.missing_since IS NOT NULL AS is_withdrawn,
        FALSE AS is_answered_on_site,
        o.registime AS our_registime,
        c.registime,
        c.loaded_at AS collected_at,
        o.receivemode,
        o.regunitcode,
        coalesce(nullif(o.workerno, ''), nullif(c.workerno, '')) AS workerno,
        nullif(o.recordname, '') AS recordname,
        coalesce(nullif(c.invopart, ''), nullif(o.invopart, '')) AS invopart,
        coalesce(nullif(c.creditcode, ''), nullif(o.creditcode, '')) AS creditcode,
        coalesce(nullif(c.induscatgri, ''), nullif(o.induscatgri, '')) AS induscatgri,
        coalesce(nullif(c.entitytype, ''), nullif(o.entitytype, '')) AS entitytype,
        coalesce(nullif(c.appltype, ''), nullif(o.appltype, '')) AS appltype,
        coalesce(nullif(c.goodsobtype, ''), nullif(o.goodsobtype, '')) AS goodsobtype,
        nullif(o.goodsobtypename, '') AS goodsobtypename,
        coalesce(nullif(c.salesway, ''), nullif(o.salesway, '')) AS salesway,
        coalesce(hotline.amount(c.consumamount), o.consumamount) AS consumamount,
        NULL::text AS consulrange,
        NULL::text AS consulrangename,
        coalesce(nullif(o.prosex, ''), nullif(c.prosex, '')) AS prosex,
        nullif(o.proagegroup, '') AS proagegroup,
        coalesce(o.person_key, c.person_key) AS person_key,
        coalesce(o.identity_key, c.identity_key) AS identity_key,
        coalesce(nullif(o.proname, ''), c.proname) AS proname,
        coalesce(nullif(o.protel, ''), nullif(o.telnumber, ''), c.protel) AS protel,
        coalesce(nullif(o.proaddr, ''), c.proaddr) AS proaddr
    FROM (SELECT t.* FROM hotline.complaint_order AS t WHERE t.regino = any(order_facts.reginos)) AS o
    FULL JOIN (SELECT t.* FROM hotline.complaint_case AS t WHERE t.regino = any(order_facts.reginos)) AS c
        ON o.regino = c.regino
    UNION ALL
    SELECT
        coalesce(o.regino, c.regino) AS regino,
        'report' AS kind,
        o.row_id IS NOT NULL AS is_ours,
        c.missing_since IS NOT NULL AS is_withdrawn,
        FALSE AS is_answered_on_site,
        o.registime AS our_registime,
        c.registime,
        c.loaded_at AS collected_at,
        o.receivemode,
        o.regunitcode,
        coalesce(nullif(o.workerno, ''), nullif(c.workerno, '')) AS workerno,
        nullif(o.recordname, '') AS recordname,
        coalesce(nullif(c.invopart, ''), nullif(o.invopart, '')) AS invopart,
        coalesce(nullif(c.creditcode, ''), nullif(o.creditcode, '')) AS creditcode,
        coalesce(nullif(c.induscatgri, ''), nullif(o.induscatgri, '')) AS induscatgri,
        coalesce(nullif(c.entitytype, ''), nullif(o.entitytype, '')) AS entitytype,
        coalesce(nullif(c.appltype, ''), nullif(o.appltype, '')) AS appltype,
        coalesce(nullif(c.goodsobtype, ''), nullif(o.goodsobtype, '')) AS goodsobtype,
        nullif(o.goodsobtypename, '') AS goodsobtypename,
        coalesce(nullif(c.salesway, ''), nullif(o.salesway, '')) AS salesway,
        coalesce(hotline.amount(c.consumamount), o.consumamount) AS consumamount,
        NULL::text AS consulrange,
        NULL::text AS consulrangename,
        coalesce(nullif(o.prosex, ''), nullif(c.prosex, '')) AS prosex,
        nullif(o.proagegroup, '') AS proagegroup,
        coalesce(o.person_key, c.person_key) AS person_key,
        coalesce(o.identity_key, c.identity_key) AS identity_key,
        coalesce(nullif(o.proname, ''), c.proname) AS proname,
        coalesce(nullif(o.protel, ''), nullif(o.telnumber, ''), c.protel) AS protel,
        coalesce(nullif(o.proaddr, ''), c.proaddr) AS proaddr
    FROM (SELECT t.* FROM hotline.report_order AS t WHERE t.regino = any(order_facts.reginos)) AS o
    FULL JOIN (SELECT t.* FROM hotline.report_case AS t WHERE t.regino = any(order_facts.reginos)) AS c
        ON o.regino = c.regino
    UNION ALL
    SELECT
        coalesce(o.regino, c.regino) AS regino,
        'consultation' AS kind,
        o.row_id IS NOT NULL AS is_ours,
        c.missing_since IS NOT NULL AS is_withdrawn,
        coalesce(coalesce(nullif(c.replyonsite, ''), o.replyonsite) = '1', FALSE) AS is_answered_on_site,
        o.registime AS our_registime,
        c.registime,
        c.loaded_at AS collected_at,
        o.receivemode,
        o.regunitcode,
        coalesce(nullif(o.workerno, ''), nullif(c.workerno, '')) AS workerno,
        nullif(o.recordname, '') AS recordname,
        NULL AS invopart,
        NULL AS creditcode,
        NULL AS induscatgri,
        NULL AS entitytype,
        NULL AS appltype,
        NULL AS goodsobtype,
        NULL AS goodsobtypename,
        NULL AS salesway,
        NULL AS consumamount,
        coalesce(nullif(c.consulrange, ''), nullif(o.consulrange, '')) AS consulrange,
        nullif(o.consulrangename, '') AS consulrangename,
        coalesce(nullif(o.prosex, ''), nullif(c.prosex, '')) AS prosex,
        nullif(o.proagegroup, '') AS proagegroup,
        coalesce(o.person_key, c.person_key) AS person_key,
        coalesce(o.identity_key, c.identity_key) AS identity_key,
        coalesce(nullif(o.proname, ''), c.proname) AS proname,
        coalesce(nullif(o.protel, ''), nullif(o.telnumber, ''), c.protel) AS protel,
        coalesce(nullif(o.proaddr, ''), c.proaddr) AS proaddr
    FROM (SELECT t.* FROM hotline.consultation_order AS t WHERE t.regino = any(order_facts.reginos)) AS o
    FULL JOIN (SELECT t.* FROM hotline.consultation_case AS t WHERE t.regino = any(order_facts.reginos)) AS c
        ON o.regino = c.regino
),

-- The platform's time of registration counts, with the seconds of 12345 where it has none.
registered AS (
    SELECT
        c.*,
        CASE
            WHEN date_trunc('minute', c.registime) = date_trunc('minute', c.our_registime) THEN c.our_registime
            ELSE coalesce(c.registime, c.our_registime)
        END AS registered_at
    FROM content AS c
),

-- Each table is asked by order. OFFSET 0 keeps a lookup from being written out, and repeated, at every place that uses it.
known AS (
    SELECT
        o.*,
        v.taken_at,
        v.reported_at,
        v.last_reported_at,
        p.first_collected_at,
        r.routed_at,
        r.first_checked_at,
        r.routing_count,
        latest.jsdept,
        s.accepted_at,
        s.refused_at,
        s.filed_at,
        s.not_filed_at,
        n.step_count,
        f.answered_at,
        f.feedback_count,
        f.handdept,
        b.returned_at,
        e.extension_count,
        u.platform_urges,
        h.hotline_urges,
        m.supplement_count,
        l.acceptance_due_at,
        l.filing_due_at,
        l.due_at,
        l.due_source
    FROM registered AS o
    CROSS JOIN LATERAL (
        SELECT
            min(d.written_at) AS taken_at,
            min(d.settled_at) FILTER (WHERE d.state = 'delivered') AS reported_at,
            max(d.settled_at) FILTER (WHERE d.state = 'delivered') AS last_reported_at
        FROM hotline.delivery AS d
        WHERE
            d.interface = CASE o.kind
                WHEN 'complaint' THEN 'putTsBusiRegInfoData'
                WHEN 'report' THEN 'putJbBusiRegInfoData'
                ELSE 'putZxBusiRegInfoData'
            END
            AND d.key = o.regino
    ) AS v
    CROSS JOIN LATERAL (
        SELECT least(o.collected_at, min(c.loaded_at)) AS first_collected_at
        FROM (
            SELECT c.loaded_at FROM hotline.complaint_case_history AS c
            WHERE o.kind = 'complaint' AND c.regino = o.regino
            UNION ALL
            SELECT c.loaded_at FROM hotline.report_case_history AS c
            WHERE o.kind = 'report' AND c.regino = o.regino
            UNION ALL
            SELECT c.loaded_at FROM hotline.consultation_case_history AS c
            WHERE o.kind = 'consultation' AND c.regino = o.regino
        ) AS c
    ) AS p
    CROSS JOIN LATERAL (
        SELECT
            min(r.zcdate) AS routed_at,
            min(r.ccdate) AS first_checked_at,
            count(*) AS routing_count
        FROM hotline.case_routing AS r
        WHERE r.bh = o.regino
    ) AS r
    LEFT JOIN LATERAL (
        SELECT r.jsdept FROM hotline.case_routing AS r
        WHERE r.bh = o.regino
        ORDER BY r.zcdate DESC NULLS LAST, r.row_id DESC
        LIMIT 1
    ) AS latest ON TRUE
    CROSS JOIN LATERAL (
        SELECT
            min(step.loaded_at) FILTER (WHERE step.meaning IN ('accepted', 'filed', 'not_filed')) AS accepted_at,
            min(step.loaded_at) FILTER (WHERE step.meaning = 'refused') AS refused_at,
            min(step.loaded_at) FILTER (WHERE step.meaning = 'filed') AS filed_at,
            min(step.loaded_at) FILTER (WHERE step.meaning = 'not_filed') AS not_filed_at
        FROM (
            SELECT
                one.loaded_at,
                coalesce(named.meaning, other.meaning, 'other') AS meaning
            FROM (
                SELECT t.slflag, t.loaded_at FROM hotline.complaint_handling AS t
                WHERE o.kind = 'complaint' AND t.bh = o.regino
                UNION ALL
                SELECT t.slflag, t.loaded_at FROM hotline.complaint_handling_history AS t
                WHERE o.kind = 'complaint' AND t.bh = o.regino
                UNION ALL
                SELECT t.slflag, t.loaded_at FROM hotline.report_handling AS t
                WHERE o.kind = 'report' AND t.bh = o.regino
                UNION ALL
                SELECT t.slflag, t.loaded_at FROM hotline.report_handling_history AS t
                WHERE o.kind = 'report' AND t.bh = o.regino
            ) AS one
            LEFT JOIN hotline.handling_meaning AS named ON named.kind = o.kind AND one.slflag = named.slflag
            LEFT JOIN hotline.handling_meaning AS other ON other.kind = o.kind AND other.slflag = '*'
        ) AS step
    ) AS s
    CROSS JOIN LATERAL (
        SELECT
            (SELECT count(*) FROM hotline.complaint_handling AS t WHERE o.kind = 'complaint' AND t.bh = o.regino)
            + (SELECT count(*) FROM hotline.report_handling AS t WHERE o.kind = 'report' AND t.bh = o.regino)
            AS step_count
    ) AS n
    CROSS JOIN LATERAL (
        SELECT
            min(f.answered_at) AS answered_at,
            count(*) AS feedback_count,
            (array_agg(f.handdept ORDER BY f.answered_at DESC, f.feedback_id) FILTER (WHERE f.handdept <> ''))[1] AS handdept
        FROM (
            SELECT f.fed_back_at AS answered_at, f.unit_name AS handdept, f.feedback_id FROM hotline.feedback AS f
            WHERE f.regino = o.regino
        ) AS f
    ) AS f
    CROSS JOIN LATERAL (
        SELECT max(coalesce(b.updatetime, b.loaded_at)) AS returned_at FROM hotline.returned_case AS b
        WHERE b.odrno = o.regino
    ) AS b
    CROSS JOIN LATERAL (
        SELECT count(e.spdate) AS extension_count FROM hotline.case_extension AS e
        WHERE e.orderid = o.regino
    ) AS e
    CROSS JOIN LATERAL (
        SELECT count(*) AS platform_urges FROM hotline.case_urge AS u
        WHERE u.id = o.regino
    ) AS u
    CROSS JOIN LATERAL (
        SELECT count(*) AS hotline_urges FROM hotline.order_urge AS u
        WHERE u.regino = o.regino AND u.is_current
    ) AS h
    CROSS JOIN LATERAL (
        SELECT count(*) AS supplement_count FROM hotline.order_supplement AS m
        WHERE m.regino = o.regino AND m.is_current
    ) AS m
    CROSS JOIN LATERAL (
        SELECT
            max(j.limit_at) FILTER (WHERE j.stage = 'acceptance') AS acceptance_due_at,
            max(j.limit_at) FILTER (WHERE j.stage = 'filing') AS filing_due_at,
            max(j.limit_at) FILTER (WHERE j.stage = 'handling') AS due_at,
            max(j.limit_source) FILTER (WHERE j.stage = 'handling') AS due_source
        FROM hotline.judged_deadlines(now(), FALSE) AS j
        WHERE j.regino = o.regino AND j.kind = o.kind
    ) AS l
),

finished AS (
    SELECT
        k.*,
        least(k.refused_at, k.answered_at, CASE WHEN k.is_answered_on_site THEN k.registered_at END) AS finished_at
    FROM known AS k
),

decided AS (
    SELECT
        f.*,
        (f.registered_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
        least(f.accepted_at, f.refused_at, f.finished_at) AS decided_at,
        least(f.refused_at, f.filed_at, f.not_filed_at, f.finished_at) AS filing_decided_at
    FROM finished AS f
)

SELECT
    d.regino,
    d.kind,
    CASE WHEN d.is_ours THEN 'telephone' ELSE 'network' END AS channel,
    nullif(d.receivemode, '') AS receive_mode_code,
    d.registered_at,
    d.day,
    d.taken_at,
    d.reported_at,
    d.first_collected_at AS collected_at,
    d.routed_at,
    d.first_checked_at,
    d.accepted_at,
    d.refused_at,
    d.filed_at,
    d.not_filed_at,
    d.answered_at,
    d.finished_at,
    d.returned_at,
    d.returned_at IS NOT NULL AND NOT coalesce(d.last_reported_at > d.returned_at, FALSE) AS is_returned,
    d.is_withdrawn,
    d.is_answered_on_site,
    d.acceptance_due_at,
    d.filing_due_at,
    d.due_at,
    d.due_source,
    CASE WHEN decided.seconds IS NOT NULL THEN d.decided_at <= d.acceptance_due_at END AS is_accepted_in_time,
    CASE WHEN filing_decided.seconds IS NOT NULL THEN d.filing_decided_at <= d.filing_due_at END AS is_filed_in_time,
    CASE WHEN finishing.seconds IS NOT NULL THEN d.finished_at <= d.due_at END AS is_finished_in_time,
    CASE
        WHEN first_check.seconds IS NOT NULL THEN d.first_checked_at <= d.acceptance_due_at
    END AS is_first_checked_in_time,
    hotline.seconds_between(d.registered_at, d.reported_at) AS reporting_seconds,
    first_check.seconds AS first_check_seconds,
    first_check.working_days AS first_check_working_days,
    acceptance.seconds AS acceptance_seconds,
    acceptance.working_days AS acceptance_working_days,
    filing.seconds AS filing_seconds,
    filing.working_days AS filing_working_days,
    finishing.seconds AS finishing_seconds,
    finishing.working_days AS finishing_working_days,
    coalesce(
        d.registered_at
        <= least(d.reported_at, d.routed_at, d.first_checked_at, d.accepted_at, d.finished_at) + interval '59 seconds',
        TRUE
    ) AS is_time_ordered,
    d.platform_urges + d.hotline_urges AS urge_count,
    d.extension_count,
    d.supplement_count,
    d.feedback_count,
    d.routing_count,
    d.step_count,
    nullif(d.regunitcode, '') AS unit_code,
    coalesce(nullif(d.jsdept, ''), d.handdept) AS handling_unit_name,
    d.workerno AS seat_code,
    d.recordname AS record_name,
    d.invopart AS company_name,
    d.creditcode AS company_credit_code,
    hotline.company_key(d.creditcode, d.invopart) AS company_key,
    d.induscatgri AS industry_code,
    d.entitytype AS entity_type_code,
    d.appltype AS problem_class_code,
    d.goodsobtype AS goods_class_code,
    d.goodsobtypename AS goods_class_written_name,
    d.salesway AS sales_way_code,
    d.consumamount AS consumption_amount,
    d.consulrange AS consultation_range_code,
    d.consulrangename AS consultation_range_written_name,
    d.prosex AS person_sex_code,
    d.proagegroup AS person_age_group_code,
    d.person_key,
    d.identity_key,
    hotline.mask_name(d.proname) AS person_name_masked,
    hotline.mask_phone(d.protel) AS person_phone_masked,
    hotline.mask_address(d.proaddr) AS person_address_masked
FROM decided AS d
CROSS JOIN LATERAL hotline.span(d.registered_at, d.first_checked_at) AS first_check
CROSS JOIN LATERAL hotline.span(d.registered_at, d.accepted_at) AS acceptance
CROSS JOIN LATERAL hotline.span(d.registered_at, d.filed_at) AS filing
CROSS JOIN LATERAL hotline.span(d.registered_at, d.finished_at) AS finishing
CROSS JOIN LATERAL hotline.span(d.registered_at, d.decided_at) AS decided
CROSS JOIN LATERAL hotline.span(d.registered_at, d.filing_decided_at) AS filing_decided
$$;
