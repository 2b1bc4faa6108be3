-- The delivery queue, the interaction log, and what the row rules need. Typed tables follow in 0002.

CREATE TABLE hotline.delivery (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    interface text NOT NULL,
    key text NOT NULL,
    content_hash bytea NOT NULL,
    state text NOT NULL CHECK (
        state IN ('waiting', 'held', 'delivered', 'rejected', 'quarantined', 'superseded')
    ),
    written_at timestamptz NOT NULL,
    reasons text [] NOT NULL DEFAULT '{}',
    flags text [] NOT NULL DEFAULT '{}',
    body bytea,
    body_sha256 bytea NOT NULL,
    rounds integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    claimed_by uuid,
    claimed_until timestamptz,
    outcome_unknown boolean NOT NULL DEFAULT false,
    code text,
    message text,
    first_refused_at timestamptz,
    settled_at timestamptz,
    discarded_at timestamptz,
    taken_in_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (interface, key, content_hash)
);

COMMENT ON TABLE hotline.delivery IS '上报队列：每个内容版本一行';
COMMENT ON COLUMN hotline.delivery.key IS '业务主键；来源行没有主键时为空串；过长而不合规的只留前 200 个字符';
COMMENT ON COLUMN hotline.delivery.content_hash IS '报文字段内容的 SHA-256；内容即报文，故与 body_sha256 相同';
COMMENT ON COLUMN hotline.delivery.state IS
'waiting 待上报, held 暂存, delivered 已上报, rejected 被平台拒绝, quarantined 已隔离, superseded 已被新版本取代';
COMMENT ON COLUMN hotline.delivery.written_at IS '12345 写入该内容的时间（同一内容取最近一次）；同一主键按此先后';
COMMENT ON COLUMN hotline.delivery.reasons IS '违反的规则：字段:规则';
COMMENT ON COLUMN hotline.delivery.flags IS '照常上报的疑点：字段:疑点';
COMMENT ON COLUMN hotline.delivery.body IS '报文字节，只存一次，每次重发完全相同；上报若干天后清除';
COMMENT ON COLUMN hotline.delivery.rounds IS '被领取的轮数；每轮最多 1 + 3 次发送';
COMMENT ON COLUMN hotline.delivery.attempts IS '已发送的次数';
COMMENT ON COLUMN hotline.delivery.next_attempt_at IS '不早于此时间再次领取；领取期间等于 claimed_until';
COMMENT ON COLUMN hotline.delivery.claimed_until IS '领取的有效期；非空表示正在发送或发送者已中断';
COMMENT ON COLUMN hotline.delivery.discarded_at IS '经人工确认不再处理的隔离版本；版本仍在，仍计入 quarantined';
COMMENT ON COLUMN hotline.delivery.outcome_unknown IS '平台可能已收到，但没有可信的应答';

-- One lane for what was never tried and one for what is due again, so that neither starves the other.
CREATE INDEX delivery_fresh ON hotline.delivery (interface, row_id)
WHERE state = 'waiting' AND rounds = 0;
CREATE INDEX delivery_due ON hotline.delivery (interface, next_attempt_at)
WHERE state IN ('waiting', 'rejected') AND rounds > 0 AND next_attempt_at IS NOT null;
-- What somebody may have to look at: small, so that counting it every minute costs nothing.
CREATE INDEX delivery_attention ON hotline.delivery (interface, state)
WHERE state IN ('held', 'rejected', 'quarantined');
CREATE INDEX delivery_body_kept ON hotline.delivery (settled_at)
WHERE body IS NOT null AND state IN ('delivered', 'superseded');

CREATE VIEW hotline.quarantine AS
SELECT
    row_id,
    interface,
    key,
    reasons,
    written_at,
    taken_in_at,
    convert_from(body, 'UTF8')::jsonb AS raw,
    CASE WHEN discarded_at IS null THEN 'open' ELSE 'discarded' END AS state
FROM hotline.delivery
WHERE state = 'quarantined';

COMMENT ON VIEW hotline.quarantine IS '隔离区：违反规则而未上报的行';

CREATE TABLE hotline.operator_action (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    acted_at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL CHECK (action IN ('release', 'discard', 'replay')),
    delivery_id bigint NOT NULL,
    interface text NOT NULL,
    key text NOT NULL,
    state_before text NOT NULL,
    state_after text NOT NULL,
    reason text
);

COMMENT ON TABLE hotline.operator_action IS '人工处置记录：谁、何时、对哪个版本、为何';

CREATE TABLE hotline.interaction_log (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL,
    interface text NOT NULL,
    key text NOT NULL,
    attempt integer NOT NULL,
    outcome text NOT NULL,
    http_status integer,
    code text,
    message text,
    elapsed_ms real NOT NULL,
    body_sha256 bytea NOT NULL
);

COMMENT ON TABLE hotline.interaction_log IS '交互日志（4.3）：每次调用一行，不含个人信息';

CREATE INDEX interaction_log_started_at ON hotline.interaction_log USING brin (started_at);
CREATE INDEX interaction_log_key ON hotline.interaction_log (interface, key);

-- What Python's str.strip() takes for white space, so that both sides of the protocol agree on "blank".
CREATE FUNCTION hotline.is_blank(value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN value IS null OR btrim(
    value,
    E' \t\n\r\u000b\f\u001c\u001d\u001e\u001f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005'
    '\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'
) = '';

-- Fourteen ASCII digits YYYYMMDDhhmmss, Asia/Shanghai; NULL when that is no moment of the calendar. PostgreSQL's own
-- reading of times is not asked: it takes 'now', rolls 24:00:00 and 23:59:60 over, and drops zones
-- (architecture: times are read by us).
CREATE FUNCTION hotline.wire_digits(value text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN value !~ '^[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$' THEN null
    WHEN left(value, 4) = '0000' THEN null
    WHEN
        substr(value, 7, 2)::integer > extract(
            DAY FROM make_date(left(value, 4)::integer, substr(value, 5, 2)::integer, 1) + interval '1 month - 1 day'
        )
        THEN null
    ELSE make_timestamptz(
        left(value, 4)::integer, substr(value, 5, 2)::integer, substr(value, 7, 2)::integer,
        substr(value, 9, 2)::integer, substr(value, 11, 2)::integer, substr(value, 13, 2)::double precision,
        'Asia/Shanghai'
    )
END;

-- A time as the platform writes it: YYYYMMDDhhmmss, or yyyy-MM-dd HH:mm:ss as in the printed examples.
CREATE FUNCTION hotline.wire_time(value text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$'
        THEN hotline.wire_digits(translate(value, '- :', ''))
    ELSE hotline.wire_digits(value)
END;
