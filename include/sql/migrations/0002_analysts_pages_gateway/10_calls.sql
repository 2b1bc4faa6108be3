-- Telephony: calls, recordings, ratings, seats.
-- noqa: disable=ST06
-- (columns stand in the order in which people read them)

CREATE INDEX recording_log_callid ON hotline.recording_log (callid);
CREATE INDEX recording_log_recordname ON hotline.recording_log (recordname);
CREATE INDEX satisfaction_log_callid ON hotline.satisfaction_log (callid);
CREATE INDEX call_log_day ON hotline.call_log (((calltime AT TIME ZONE 'Asia/Shanghai')::date), sourcearea);
-- Who calls again is counted from the index alone: over ten million calls the table itself takes eight times as long.
CREATE INDEX call_log_person ON hotline.call_log (person_key, calltype);
CREATE INDEX recording_log_day ON hotline.recording_log (((begintime AT TIME ZONE 'Asia/Shanghai')::date));
CREATE INDEX satisfaction_log_day ON hotline.satisfaction_log (((opttime AT TIME ZONE 'Asia/Shanghai')::date));

-- The order that a call led to: the one that names its recording, of several the first. Nothing else says which seat took a call.
CREATE VIEW hotline.call_order AS
SELECT DISTINCT ON (r.callid)
    r.callid,
    f.regino,
    f.seat_code
FROM hotline.recording_log AS r
INNER JOIN hotline.order_fact AS f ON r.recordname = f.record_name
ORDER BY r.callid ASC, f.registered_at ASC NULLS LAST, f.regino ASC, f.kind ASC;

COMMENT ON VIEW hotline.call_order IS '每个呼叫所成的工单：工单写有其录音文件名的；有多个时取最先登记的';
COMMENT ON COLUMN hotline.call_order.callid IS '呼叫流水号';
COMMENT ON COLUMN hotline.call_order.regino IS '工单编号';
COMMENT ON COLUMN hotline.call_order.seat_code IS '登记该工单的坐席工号';

CREATE VIEW analytics.call AS
SELECT
    c.callid,
    c.sourcearea AS area_code,
    hotline.decoded(
        (
            SELECT p.name FROM hotline.code_period AS p
            WHERE
                p.category = 'area' AND p.code = c.sourcearea
                AND (c.calltime AT TIME ZONE 'Asia/Shanghai')::date BETWEEN p.begins AND p.ends
            ORDER BY p.begins DESC
            LIMIT 1
        ),
        c.sourcearea,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'area'
        )
    ) AS area_name,
    c.calltype AS call_type_code,
    hotline.decoded(
        (
            SELECT p.name FROM hotline.code_period AS p
            WHERE
                p.category = 'calltype' AND p.code = c.calltype
                AND (c.calltime AT TIME ZONE 'Asia/Shanghai')::date BETWEEN p.begins AND p.ends
            ORDER BY p.begins DESC
            LIMIT 1
        ),
        c.calltype,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'calltype'
        )
    ) AS call_type_name,
    c.calltime AS called_at,
    (c.calltime AT TIME ZONE 'Asia/Shanghai')::date AS day,
    date_trunc('month', c.calltime AT TIME ZONE 'Asia/Shanghai')::date AS month,
    extract(HOUR FROM c.calltime AT TIME ZONE 'Asia/Shanghai')::integer AS hour,
    c.skilltime AS queued_at,
    c.ringtime AS rang_at,
    c.seattime AS answered_at,
    hotline.seconds_between(c.calltime, c.skilltime) AS menu_seconds,
    hotline.seconds_between(c.skilltime, c.seattime) AS waiting_seconds,
    hotline.seconds_between(c.ringtime, c.seattime) AS ringing_seconds,
    (
        SELECT sum(hotline.seconds_between(r.begintime, r.endtime)) FROM hotline.recording_log AS r
        WHERE r.callid = c.callid
    ) AS talking_seconds,
    (
        SELECT count(*) FROM hotline.recording_log AS r
        WHERE r.callid = c.callid
    ) AS recording_count,
    coalesce(c.calltype = '2', false) AS is_outbound,
    coalesce(c.skilltime, c.seattime) IS NOT null AS is_queued,
    c.seattime IS NOT null AS is_answered,
    coalesce(c.calltype <> '2', true) AND c.skilltime IS NOT null AND c.seattime IS null AS is_given_up,
    hotline.seconds_between(c.skilltime, c.seattime) <= 15 AS is_answered_within_15_seconds,
    coalesce(c.calltime <= c.skilltime, true)
    AND coalesce(c.calltime <= c.seattime, true)
    AND coalesce(c.skilltime <= c.seattime, true)
    AND coalesce(c.ringtime <= c.seattime, true) AS is_time_ordered,
    (
        SELECT o.seat_code FROM hotline.call_order AS o
        WHERE o.callid = c.callid
    ) AS seat_code,
    (
        SELECT o.regino FROM hotline.call_order AS o
        WHERE o.callid = c.callid
    ) AS regino,
    (
        SELECT s.satisfaction FROM hotline.satisfaction_log AS s
        WHERE s.callid = c.callid
        ORDER BY s.opttime DESC NULLS LAST, s.row_id DESC
        LIMIT 1
    ) AS satisfaction_code,
    c.person_key,
    hotline.mask_phone(c.callno) AS caller_phone_masked
FROM hotline.call_log AS c;

COMMENT ON VIEW analytics.call IS
'呼叫：每个呼叫一行。语音导航（menu_seconds）不计入等待。未接通的呼叫何时挂断、没有成为工单的呼叫由哪个坐席接听，接口不提供';
COMMENT ON COLUMN analytics.call.callid IS '呼叫流水号';
COMMENT ON COLUMN analytics.call.area_code IS '受理地行政区划代码';
COMMENT ON COLUMN analytics.call.area_name IS '受理地名称（呼叫当日的含义）';
COMMENT ON COLUMN analytics.call.call_type_code IS '呼叫类型代码；2 为呼出，其余均按呼入计';
COMMENT ON COLUMN analytics.call.call_type_name IS '呼叫类型名称';
COMMENT ON COLUMN analytics.call.called_at IS '呼叫时间';
COMMENT ON COLUMN analytics.call.day IS '呼叫日期（北京时间）';
COMMENT ON COLUMN analytics.call.month IS '呼叫月份（首日）';
COMMENT ON COLUMN analytics.call.hour IS '呼叫的小时，0 至 23';
COMMENT ON COLUMN analytics.call.queued_at IS '进队列时间';
COMMENT ON COLUMN analytics.call.rang_at IS '振铃时间';
COMMENT ON COLUMN analytics.call.answered_at IS '进座席时间，即接通';
COMMENT ON COLUMN analytics.call.menu_seconds IS '语音导航秒数：呼叫至进队列';
COMMENT ON COLUMN analytics.call.waiting_seconds IS '等待秒数：进队列至接通；未接通的、没有进队列时间的为空';
COMMENT ON COLUMN analytics.call.ringing_seconds IS '振铃秒数：振铃至接通';
COMMENT ON COLUMN analytics.call.talking_seconds IS '通话秒数：该呼叫各录音时长之和；没有录音的为空';
COMMENT ON COLUMN analytics.call.recording_count IS '录音数';
COMMENT ON COLUMN analytics.call.is_outbound IS '是否呼出';
COMMENT ON COLUMN analytics.call.is_queued IS '是否转人工：进了队列或接通';
COMMENT ON COLUMN analytics.call.is_answered IS '是否接通';
COMMENT ON COLUMN analytics.call.is_given_up IS '是否放弃：呼入，进了队列而没有接通';
COMMENT ON COLUMN analytics.call.is_answered_within_15_seconds IS '是否在 15 秒内接通；等待秒数不明的为空';
COMMENT ON COLUMN analytics.call.is_time_ordered IS '各时间的先后是否合理';
COMMENT ON COLUMN analytics.call.seat_code IS '接听坐席：写有该呼叫录音的工单的登记坐席；没有成为工单的为空';
COMMENT ON COLUMN analytics.call.regino IS '该呼叫所成的工单';
COMMENT ON COLUMN analytics.call.satisfaction_code IS '满意度代码：1 非常满意, 2 一般满意, 3 不满意；没有评价的为空';
COMMENT ON COLUMN analytics.call.person_key IS '来电号码的散列键：同一号码相同，可与工单关联';
COMMENT ON COLUMN analytics.call.caller_phone_masked IS '来电号码，已掩码';

CREATE VIEW analytics.recording AS
SELECT
    r.recordid,
    r.callid,
    r.sourcearea AS area_code,
    hotline.decoded(
        (
            SELECT p.name FROM hotline.code_period AS p
            WHERE
                p.category = 'area' AND p.code = r.sourcearea
                AND (r.begintime AT TIME ZONE 'Asia/Shanghai')::date BETWEEN p.begins AND p.ends
            ORDER BY p.begins DESC
            LIMIT 1
        ),
        r.sourcearea,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'area'
        )
    ) AS area_name,
    r.calltype AS call_type_code,
    r.begintime AS begun_at,
    r.endtime AS ended_at,
    (r.begintime AT TIME ZONE 'Asia/Shanghai')::date AS day,
    date_trunc('month', r.begintime AT TIME ZONE 'Asia/Shanghai')::date AS month,
    extract(HOUR FROM r.begintime AT TIME ZONE 'Asia/Shanghai')::integer AS hour,
    hotline.seconds_between(r.begintime, r.endtime) AS recording_seconds,
    coalesce(r.begintime <= r.endtime, true) AS is_time_ordered,
    exists(
        SELECT FROM hotline.call_log AS c
        WHERE c.callid = r.callid
    ) AS is_call_known,
    (
        SELECT o.seat_code FROM hotline.call_order AS o
        WHERE o.callid = r.callid
    ) AS seat_code,
    (
        SELECT o.regino FROM hotline.call_order AS o
        WHERE o.callid = r.callid
    ) AS regino
FROM hotline.recording_log AS r;

COMMENT ON VIEW analytics.recording IS '录音：每段录音一行；文件名和地址不在其中';
COMMENT ON COLUMN analytics.recording.recordid IS '录音编号';
COMMENT ON COLUMN analytics.recording.callid IS '呼叫流水号';
COMMENT ON COLUMN analytics.recording.area_code IS '行政区划代码';
COMMENT ON COLUMN analytics.recording.area_name IS '行政区划名称（录音当日的含义）';
COMMENT ON COLUMN analytics.recording.call_type_code IS '呼叫类型代码';
COMMENT ON COLUMN analytics.recording.begun_at IS '开始时间';
COMMENT ON COLUMN analytics.recording.ended_at IS '结束时间';
COMMENT ON COLUMN analytics.recording.day IS '开始日期（北京时间）';
COMMENT ON COLUMN analytics.recording.month IS '开始月份（首日）';
COMMENT ON COLUMN analytics.recording.hour IS '开始的小时，0 至 23';
COMMENT ON COLUMN analytics.recording.recording_seconds IS '录音秒数';
COMMENT ON COLUMN analytics.recording.is_time_ordered IS '先后是否合理';
COMMENT ON COLUMN analytics.recording.is_call_known IS '所属呼叫是否已有话务日志';
COMMENT ON COLUMN analytics.recording.seat_code IS '接听坐席，见 call.seat_code';
COMMENT ON COLUMN analytics.recording.regino IS '该呼叫所成的工单';

CREATE VIEW analytics.satisfaction AS
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
    s.satisfaction IN ('1', '2') AS is_satisfied,
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

COMMENT ON VIEW analytics.satisfaction IS
'话务满意度：每次评价一行，是对通话的评价；对办理结果的回访满意率接口不提供，不能由此推出';
COMMENT ON COLUMN analytics.satisfaction.satisfaction_id IS '评价编号';
COMMENT ON COLUMN analytics.satisfaction.callid IS '呼叫流水号';
COMMENT ON COLUMN analytics.satisfaction.area_code IS '行政区划代码';
COMMENT ON COLUMN analytics.satisfaction.area_name IS '行政区划名称（评价当日的含义）';
COMMENT ON COLUMN analytics.satisfaction.satisfaction_code IS '满意度代码：1 非常满意, 2 一般满意, 3 不满意';
COMMENT ON COLUMN analytics.satisfaction.satisfaction_name IS '满意度名称';
COMMENT ON COLUMN analytics.satisfaction.rated_at IS '评价时间';
COMMENT ON COLUMN analytics.satisfaction.day IS '评价日期（北京时间）';
COMMENT ON COLUMN analytics.satisfaction.month IS '评价月份（首日）';
COMMENT ON COLUMN analytics.satisfaction.hour IS '评价的小时，0 至 23';
COMMENT ON COLUMN analytics.satisfaction.is_satisfied IS '是否满意：代码为 1 或 2';
COMMENT ON COLUMN analytics.satisfaction.is_call_known IS '所属呼叫是否已有话务日志';
COMMENT ON COLUMN analytics.satisfaction.seat_code IS '接听坐席，见 call.seat_code；没有成为工单的为空';
COMMENT ON COLUMN analytics.satisfaction.regino IS '该呼叫所成的工单';

-- A login that has no end, or ends before it begins, or lasts longer than a day, tells nothing of how long a seat was staffed. The
-- others lie within two days.
CREATE VIEW hotline.seat_login AS
SELECT
    l.seatno,
    l.sourcearea,
    l.begintime,
    l.endtime,
    coalesce(l.endtime > l.begintime AND l.endtime <= l.begintime + interval '24 hours', false) AS is_usable
FROM hotline.seat_login_log AS l
WHERE isfinite(l.begintime) AND l.seatno <> '';

COMMENT ON VIEW hotline.seat_login IS '坐席签入：每次签入一行，及其时长是否可用';
COMMENT ON COLUMN hotline.seat_login.seatno IS '坐席工号';
COMMENT ON COLUMN hotline.seat_login.sourcearea IS '行政区划代码';
COMMENT ON COLUMN hotline.seat_login.begintime IS '签入时间';
COMMENT ON COLUMN hotline.seat_login.endtime IS '签出时间';
COMMENT ON COLUMN hotline.seat_login.is_usable IS '时长是否可用：有签出，晚于签入，不超过 24 小时';

-- What two logins of a seat share counts once.
CREATE VIEW analytics.seat_day AS
WITH part AS (
    SELECT
        l.seatno,
        l.sourcearea,
        (l.begintime AT TIME ZONE 'Asia/Shanghai')::date AS day,
        1 AS login,
        l.is_usable,
        l.begintime AS begins,
        least(
            l.endtime,
            ((l.begintime AT TIME ZONE 'Asia/Shanghai')::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
        ) AS ends
    FROM hotline.seat_login AS l
    UNION ALL
    SELECT
        l.seatno,
        l.sourcearea,
        (l.endtime AT TIME ZONE 'Asia/Shanghai')::date AS day,
        0 AS login,
        l.is_usable,
        (l.endtime AT TIME ZONE 'Asia/Shanghai')::date::timestamp AT TIME ZONE 'Asia/Shanghai' AS begins,
        l.endtime AS ends
    FROM hotline.seat_login AS l
    WHERE
        l.is_usable
        AND l.endtime > (
            (l.begintime AT TIME ZONE 'Asia/Shanghai')::date + 1
        )::timestamp AT TIME ZONE 'Asia/Shanghai'
),

seat_day AS (
    SELECT
        p.seatno,
        p.day,
        max(p.sourcearea) AS sourcearea,
        sum(p.login) AS login_count,
        count(*) FILTER (WHERE NOT p.is_usable) AS unusable_login_count,
        range_agg(tstzrange(p.begins, p.ends)) FILTER (WHERE p.is_usable) AS signed_in,
        min(p.begins) AS first_signed_in_at,
        max(p.ends) FILTER (WHERE p.is_usable) AS last_signed_out_at
    FROM part AS p
    GROUP BY p.seatno, p.day
)

SELECT
    s.seatno AS seat_code,
    (
        SELECT hotline.mask_name(n.seatname) FROM hotline.seat AS n
        WHERE n.seatno = s.seatno
    ) AS seat_name_masked,
    s.sourcearea AS area_code,
    (
        SELECT n.unitcode FROM hotline.seat AS n
        WHERE n.seatno = s.seatno
    ) AS unit_code,
    s.day,
    date_trunc('month', s.day)::date AS month,
    s.login_count,
    s.unusable_login_count,
    t.signed_in_seconds,
    s.first_signed_in_at,
    s.last_signed_out_at,
    (
        SELECT count(*) FROM hotline.order_fact AS f
        WHERE f.seat_code = s.seatno AND f.day = s.day
    ) AS order_count,
    k.answered_count,
    k.talking_seconds,
    round(k.talking_seconds::numeric / nullif(t.signed_in_seconds, 0), 4) AS utilisation_rate
FROM seat_day AS s
CROSS JOIN
    LATERAL (
        SELECT coalesce(sum(extract(EPOCH FROM upper(r.part) - lower(r.part))), 0)::integer AS signed_in_seconds
        FROM unnest(s.signed_in) AS r (part)
    ) AS t
CROSS JOIN LATERAL (
    SELECT
        count(DISTINCT r.callid) AS answered_count,
        coalesce(sum(hotline.seconds_between(r.begintime, r.endtime)), 0) AS talking_seconds
    FROM hotline.recording_log AS r
    WHERE
        r.recordname IN (
            SELECT f.record_name FROM hotline.order_fact AS f
            WHERE f.seat_code = s.seatno AND f.day = s.day
        )
) AS k;

COMMENT ON VIEW analytics.seat_day IS
'坐席日：每个坐席有签入的每天一行。通话只知道成为工单的那些，故接听数、通话时长、利用率均为下限；全部坐席合计的利用率可用 call_hour 的通话时长除以 seat_hour 的签入时长';
COMMENT ON COLUMN analytics.seat_day.seat_code IS '坐席工号';
COMMENT ON COLUMN analytics.seat_day.seat_name_masked IS '坐席名称，只留首字';
COMMENT ON COLUMN analytics.seat_day.area_code IS '行政区划代码';
COMMENT ON COLUMN analytics.seat_day.unit_code IS '所属单位代码';
COMMENT ON COLUMN analytics.seat_day.day IS '日期（北京时间）；跨越零点的签入分计两日';
COMMENT ON COLUMN analytics.seat_day.month IS '月份（首日）';
COMMENT ON COLUMN analytics.seat_day.login_count IS '当日签入次数';
COMMENT ON COLUMN analytics.seat_day.unusable_login_count IS '其中时长不能使用的：没有签出、签出不晚于签入、超过 24 小时；不计入签入秒数';
COMMENT ON COLUMN analytics.seat_day.signed_in_seconds IS '签入秒数，重叠的只计一次';
COMMENT ON COLUMN analytics.seat_day.first_signed_in_at IS '当日首次签入';
COMMENT ON COLUMN analytics.seat_day.last_signed_out_at IS '当日最后签出';
COMMENT ON COLUMN analytics.seat_day.order_count IS '当日该坐席登记的工单数';
COMMENT ON COLUMN analytics.seat_day.answered_count IS '这些工单写有录音的呼叫数';
COMMENT ON COLUMN analytics.seat_day.talking_seconds IS '这些录音的时长之和';
COMMENT ON COLUMN analytics.seat_day.utilisation_rate IS '利用率：talking_seconds ÷ signed_in_seconds；没有签入时长的为空';

-- Signed-in seats by hour, added up by day like calls: a question over years splits no log-in into hours.
CREATE TABLE hotline.seat_hour (
    day date NOT NULL,
    hour integer NOT NULL,
    seat_code text NOT NULL,
    area_code text,
    signed_in_seconds integer NOT NULL,
    as_of timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (day, hour, seat_code)
);

COMMENT ON TABLE hotline.seat_hour IS '汇总：坐席签入时长，每天每小时每个坐席一行；见视图 analytics.seat_hour';

CREATE VIEW analytics.seat_hour AS
SELECT
    h.seat_code,
    h.area_code,
    h.day,
    date_trunc('month', h.day::timestamp)::date AS month,
    h.hour,
    h.signed_in_seconds,
    h.as_of
FROM hotline.seat_hour AS h;

COMMENT ON VIEW analytics.seat_hour IS '坐席小时：每个坐席有签入的每个小时一行；各坐席相加即当时的在岗人力，可与 call_hour 对照';
COMMENT ON COLUMN analytics.seat_hour.seat_code IS '坐席工号';
COMMENT ON COLUMN analytics.seat_hour.area_code IS '行政区划代码';
COMMENT ON COLUMN analytics.seat_hour.day IS '日期（北京时间）';
COMMENT ON COLUMN analytics.seat_hour.month IS '月份（首日）';
COMMENT ON COLUMN analytics.seat_hour.hour IS '小时，0 至 23';
COMMENT ON COLUMN analytics.seat_hour.signed_in_seconds IS '该小时内的签入秒数，重叠的只计一次，最多 3600';
COMMENT ON COLUMN analytics.seat_hour.as_of IS '计算该行的时间';
