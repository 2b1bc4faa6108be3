-- What pages show of contents, masked.

-- The class of each field: of the fields of interfaces by their names on the wire, of tables by their columns. Every migrate makes
-- it anew from the contract.
CREATE FUNCTION hotline.field_class() RETURNS TABLE (origin text, name text, class text, kind text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT NULL::text, NULL::text, NULL::text, NULL::text WHERE FALSE
$$;

COMMENT ON FUNCTION hotline.field_class IS '各接口字段和各表列的个人信息类别；没有的为空';

-- What 12345 is told of an order, table by table: how many rows, and of each its state and message. Made likewise, from what is
-- published.
CREATE FUNCTION hotline.told_order(of_order text, rule_words jsonb) RETURNS TABLE (docking_table text, row_count bigint, told jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT NULL::text, NULL::bigint, NULL::jsonb WHERE FALSE
$$;

COMMENT ON FUNCTION hotline.told_order IS '一个工单回写给 12345 的各表行数、状态和说明';

-- One value of a content: as long and as blank as it is, and saying nothing.
CREATE FUNCTION hotline.veiled_value(value json) RETURNS json
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE json_typeof(value)
        WHEN 'string' THEN
            CASE WHEN hotline.is_blank(value #>> '{}') THEN value ELSE to_json(repeat('*', length(value #>> '{}'))) END
        WHEN 'number' THEN to_json(repeat('*', length(value #>> '{}')))
        WHEN 'boolean' THEN 'false'
        WHEN 'array' THEN '[]'
        WHEN 'object' THEN '{}'
        ELSE 'null'
    END;
EXCEPTION WHEN data_exception THEN
    -- What no text of PostgreSQL can hold: NUL, half a character.
    RETURN '"*"';
END
$$;

COMMENT ON FUNCTION hotline.veiled_value IS '一个值的替身：同样长、同样空白，没有内容';

-- A content with a stand-in for each personal value, so that rules and masks say of it what they say of the content. What the
-- contract does not know is left out.
CREATE FUNCTION hotline.veiled(of_origin text, content json) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        json_object_agg(c.key, CASE WHEN f.class IS NULL THEN c.value ELSE hotline.veiled_value(c.value) END), '{}'
    )
    FROM json_each(CASE json_typeof(content) WHEN 'object' THEN content ELSE '{}' END) AS c
    INNER JOIN hotline.field_class() AS f ON f.origin = of_origin AND lower(f.name) = lower(c.key)
$$;

COMMENT ON FUNCTION hotline.veiled IS '一个内容，其中的个人信息换成同样长的替身';

CREATE FUNCTION hotline.shown_content(of_version bigint) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT hotline.veiled(d.interface, convert_from(d.body, 'UTF8')::json)
        FROM hotline.delivery AS d WHERE d.row_id = of_version AND d.body IS NOT NULL
    );
END
$$;

COMMENT ON FUNCTION hotline.shown_content IS '一个版本的内容，个人信息换成替身；内容已不保存时为空';

CREATE FUNCTION hotline.shown_source(of_interface text, of_order text) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT hotline.veiled(s.interface, convert_from(s.body, 'UTF8')::json)
    FROM hotline.order_source AS s WHERE s.interface = of_interface AND s.key = of_order
$$;

COMMENT ON FUNCTION hotline.shown_source IS '一个工单 12345 写入的内容，不含补全，个人信息换成替身';

CREATE FUNCTION hotline.shown_answer(of_row bigint) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT hotline.veiled(q.interface, convert_from(q.raw, 'UTF8')::json)
        FROM hotline.quarantined_answer AS q WHERE q.row_id = of_row
    );
EXCEPTION WHEN data_exception THEN
    RETURN '{}';
END
$$;

COMMENT ON FUNCTION hotline.shown_answer IS '一行隔离的应答，个人信息换成替身；不能读取的为空对象';

CREATE FUNCTION hotline.is_content_kept(of_version bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.body IS NOT NULL OR hotline.kept_content(d.key, d.content_hash) IS NOT NULL
    FROM hotline.delivery AS d WHERE d.row_id = of_version
$$;

COMMENT ON FUNCTION hotline.is_content_kept IS '一个版本的内容是否还能显示';

-- One or two contents of an order, field by field: what is personal masked, and whether it differs. Times and amounts are
-- brought into one form, as a body and a typed row write them in two.
CREATE FUNCTION hotline.shown_contents(of_order text, of_versions bigint [], reads_texts boolean)
RETURNS TABLE (row_id bigint, name text, shown text, is_changed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH content AS (
        SELECT
            d.row_id,
            d.interface,
            d.body IS NOT NULL AS is_body,
            coalesce(convert_from(d.body, 'UTF8')::jsonb, hotline.kept_content(d.key, d.content_hash)) AS content
        FROM hotline.delivery AS d
        WHERE d.row_id = any(of_versions) AND d.key = of_order
    ),

    said AS (
        SELECT
            c.row_id,
            f.name,
            f.class,
            CASE
                WHEN f.kind = 'time' AND c.is_body
                    THEN coalesce(to_char(hotline.wire_time(v.value), 'YYYY-MM-DD HH24:MI:SS'), v.value)
                WHEN f.kind IN ('time', 'timestamp') THEN replace(left(v.value, 19), 'T', ' ')
                WHEN f.kind = 'number' THEN coalesce(trim_scale(hotline.amount(v.value))::text, v.value)
                ELSE v.value
            END AS value
        FROM content AS c
        INNER JOIN hotline.field_class() AS f ON c.interface = f.origin
        CROSS JOIN LATERAL (SELECT coalesce(c.content ->> f.name, c.content ->> lower(f.name), '') AS value) AS v
    ),

    person AS (
        SELECT
            array(
                SELECT p.value FROM hotline.order_person AS p WHERE p.regino = of_order
                UNION
                SELECT s.value FROM said AS s WHERE s.class IN ('name', 'address')
            ) AS names
    )

    SELECT
        s.row_id,
        s.name,
        CASE
            WHEN s.class = 'text' AND reads_texts THEN hotline.scrub_text(s.value, person.names)
            ELSE coalesce(hotline.masked(s.class, s.value), '')
        END,
        (min(s.value) OVER of_field) <> (max(s.value) OVER of_field)
    FROM said AS s
    CROSS JOIN person
    WINDOW of_field AS (PARTITION BY s.name)
$$;

COMMENT ON FUNCTION hotline.shown_contents IS '一个工单的一两个内容，逐项，已脱敏，并说明是否不同';

-- What the platform and 12345 say of an order, field by field, masked. Texts are rid of the names in any of it: of an order in
-- quarantine no typed table has them.
CREATE FUNCTION hotline.shown_records(of_order text, reads_texts boolean)
RETURNS TABLE (origin text, row_id bigint, known_at timestamptz, name text, value text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH said AS (
        SELECT
            r.origin,
            r.row_id,
            r.known_at,
            f.name,
            f.class,
            v.value
        FROM hotline.order_records(of_order) AS r
        INNER JOIN hotline.field_class() AS f ON r.origin = f.origin
        CROSS JOIN LATERAL (SELECT r.content ->> f.name AS value) AS v
        WHERE v.value <> ''
    ),

    person AS (
        SELECT
            array(
                SELECT p.value FROM hotline.order_person AS p WHERE p.regino = of_order
                UNION
                SELECT s.value FROM said AS s WHERE s.class IN ('name', 'address')
            ) AS names
    )

    SELECT
        s.origin,
        s.row_id,
        s.known_at,
        s.name,
        CASE
            WHEN s.class = 'text' AND reads_texts THEN hotline.scrub_text(s.value, person.names)
            ELSE hotline.masked(s.class, s.value)
        END
    FROM said AS s
    CROSS JOIN person
$$;

COMMENT ON FUNCTION hotline.shown_records IS '一个工单在各表中的记录，逐项，已脱敏';

-- What the bureau completed, and who; a personal value as its stand-in.
CREATE FUNCTION hotline.shown_completions(of_interface text, of_order text)
RETURNS TABLE (field text, actor text, completed_at timestamptz, reason text, value text, is_applied boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT
        c.field,
        c.actor,
        c.completed_at,
        hotline.scrub_text(c.reason, array(
            SELECT p.value FROM hotline.order_person AS p
            WHERE p.regino = of_order
        )),
        CASE
            WHEN f.class IS NULL OR hotline.is_blank(c.value) THEN c.value
            ELSE repeat('*', length(c.value))
        END,
        c.laid_at IS NOT NULL
    FROM hotline.order_completion AS c
    INNER JOIN hotline.field_class() AS f ON c.interface = f.origin AND c.field = f.name
    WHERE c.interface = of_interface AND c.regino = of_order AND c.ended_at IS NULL
    ORDER BY c.completed_at, c.row_id
$$;

COMMENT ON FUNCTION hotline.shown_completions IS '一个工单现行的补全，个人信息换成替身';

-- Counts what was completed and taken back: whoever saw it sees whether another came between.
CREATE FUNCTION hotline.completions_seen(of_interface text, of_order text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*) + count(c.ended_at) FROM hotline.order_completion AS c
    WHERE c.interface = of_interface AND c.regino = of_order
$$;

COMMENT ON FUNCTION hotline.completions_seen IS '一个工单的补全改动过几次';

CREATE VIEW hotline.shown_return AS
SELECT
    r.odrno AS regino,
    r.handdept,
    hotline.mask_name(r.agent) AS agent_masked,
    hotline.masked('text', r.dealresult) AS result_length,
    hotline.scrub_text(r.dealresult, array(
        SELECT p.value FROM hotline.order_person AS p
        WHERE p.regino = r.odrno
    ))
        AS result_scrubbed
FROM hotline.returned_case AS r;

COMMENT ON VIEW hotline.shown_return IS '平台退回的工单，已脱敏';
COMMENT ON COLUMN hotline.shown_return.result_length IS '退回说明，只有长度';
COMMENT ON COLUMN hotline.shown_return.result_scrubbed IS '退回说明，隐去个人信息';

CREATE VIEW hotline.shown_routing AS
SELECT
    r.row_id,
    r.bh AS regino,
    r.jsdept,
    r.zcdate,
    r.deadline,
    hotline.mask_name(r.flfqr) AS sender_masked
FROM hotline.case_routing AS r;

COMMENT ON VIEW hotline.shown_routing IS '工单流转，已脱敏';

CREATE VIEW hotline.shown_result AS
SELECT
    f.regino,
    f.handdept,
    f.loaded_at,
    hotline.mask_name(f.agent) AS agent_masked,
    hotline.masked('text', f.result) AS result_length,
    hotline.scrub_text(f.result, array(
        SELECT p.value FROM hotline.order_person AS p
        WHERE p.regino = f.regino
    ))
        AS result_scrubbed
FROM (
    SELECT
        odrno AS regino,
        handdept,
        agent,
        dealresult AS result,
        loaded_at
    FROM hotline.complaint_feedback
    UNION ALL
    SELECT
        odrno AS regino,
        handdept,
        agent,
        concat_ws('；', nullif(investresult, ''), dealresult) AS result,
        loaded_at
    FROM hotline.report_feedback
    UNION ALL
    SELECT
        odrno AS regino,
        handdept,
        agent,
        dealresult AS result,
        loaded_at
    FROM hotline.consultation_feedback
    UNION ALL
    SELECT
        region AS regino,
        feedbackarea AS handdept,
        feedbackname AS agent,
        feedbackcontent AS result,
        loaded_at
    FROM hotline.case_feedback
) AS f;

COMMENT ON VIEW hotline.shown_result IS '办理结果，已脱敏';

CREATE VIEW hotline.shown_act AS
SELECT
    a.row_id,
    a.acted_at,
    a.actor,
    a.action,
    a.interface,
    a.key,
    a.state_before,
    a.state_after,
    hotline.scrub_text(a.reason, array(
        SELECT p.value FROM hotline.order_person AS p
        WHERE p.regino = a.key
    ))
        AS reason_scrubbed
FROM hotline.operator_action AS a;

COMMENT ON VIEW hotline.shown_act IS '人工处置记录，原因已隐去个人信息';

CREATE VIEW hotline.shown_decision AS
SELECT
    a.row_id,
    a.interface,
    a.regino,
    a.content_hash,
    a.decision,
    a.office,
    a.person AS decided_by,
    a.decided_at,
    hotline.scrub_text(a.reason, array(
        SELECT p.value FROM hotline.order_person AS p
        WHERE p.regino = a.regino
    ))
        AS reason_scrubbed
FROM hotline.order_audit AS a;

COMMENT ON VIEW hotline.shown_decision IS '审核的决定，原因已隐去个人信息';

CREATE VIEW hotline.shown_refusal AS
SELECT
    d.row_id,
    hotline.scrub_text(d.message, array(
        SELECT p.value FROM hotline.order_person AS p
        WHERE p.regino = d.key
    ))
        AS message_scrubbed
FROM hotline.delivery AS d
WHERE d.message IS NOT NULL;

COMMENT ON VIEW hotline.shown_refusal IS '平台对一个版本的说明，已隐去个人信息';
