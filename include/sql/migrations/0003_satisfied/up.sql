-- What a code beyond the printed three says is not known: whoever counts satisfied ratings leaves it out, as the indicator does.

-- noqa: disable=ST06
-- (columns stand in the order in which people read them)

CREATE OR REPLACE VIEW analytics.satisfaction AS
SELECT
    s.id AS satisfaction_id,
    s.callid,
    s.sourcearea AS area_code,
    hotline.decoded(
        (
            SELECT p.name FROM hotline.code_period AS p
            WHERE
                p.category = 'area' AND p.code = s.sourcearea
                AND (s.opttime AT TIME ZONE 'Asia/Shanghai')::date BETWEEN p.begins AND p.ends
            ORDER BY p.begins DESC
            LIMIT 1
        ),
        s.sourcearea,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'area'
        )
    ) AS area_name,
    s.satisfaction AS satisfaction_code,
    hotline.decoded(
        (
            SELECT p.name FROM hotline.code_period AS p
            WHERE
                p.category = 'satisfaction' AND p.code = s.satisfaction
                AND (s.opttime AT TIME ZONE 'Asia/Shanghai')::date BETWEEN p.begins AND p.ends
            ORDER BY p.begins DESC
            LIMIT 1
        ),
        s.satisfaction,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'satisfaction'
        )
    ) AS satisfaction_name,
    s.opttime AS rated_at,
    (s.opttime AT TIME ZONE 'Asia/Shanghai')::date AS day,
    date_trunc('month', s.opttime AT TIME ZONE 'Asia/Shanghai')::date AS month,
    extract(HOUR FROM s.opttime AT TIME ZONE 'Asia/Shanghai')::integer AS hour,
    CASE WHEN s.satisfaction IN ('1', '2', '3') THEN s.satisfaction <> '3' END AS is_satisfied,
    exists(
        SELECT FROM hotline.call_log AS c
        WHERE c.callid = s.callid
    ) AS is_call_known,
    (
        SELECT o.seat_code FROM hotline.call_order AS o
        WHERE o.callid = s.callid
    ) AS seat_code,
    (
        SELECT o.regino FROM hotline.call_order AS o
        WHERE o.callid = s.callid
    ) AS regino
FROM hotline.satisfaction_log AS s;

COMMENT ON COLUMN analytics.satisfaction.is_satisfied IS '是否满意：代码 1、2 为是，3 为否，其他代码为空（含义不明，不计入满意率）';
