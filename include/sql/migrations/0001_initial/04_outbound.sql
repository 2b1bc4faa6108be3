-- The delivery queue, what was said to the platform, and what people decided.

-- Every version is changed three times and then stands still for years: a share of the table would be months of dead rows, and
-- the small indexes of what waits would hold them all. Cleaned by number of rows, and those indexes each time.
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
    resend text CHECK (resend IN ('due', 'taken', 'accepted', 'not_accepted', 'lapsed')),
    resend_asked_at timestamptz,
    UNIQUE (interface, key, content_hash)
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, vacuum_index_cleanup = on,
    autovacuum_analyze_scale_factor = 0.02
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
COMMENT ON COLUMN hotline.delivery.outcome_unknown IS '平台可能已收到，但没有可信的应答';
COMMENT ON COLUMN hotline.delivery.discarded_at IS
'经人工作废的时间：不再上报、重试、告警；版本仍在原状态（待上报的转为 held），仍计入';
COMMENT ON COLUMN hotline.delivery.resend IS
'对账补报（已上报而平台没有，一生一次）：due 待补报, taken 已领取, accepted 平台已收下, not_accepted 平台未收下, lapsed 未发即作废（已有新内容、已由人工重发、或逾期）';
COMMENT ON COLUMN hotline.delivery.resend_asked_at IS '对账要求补报的时间；半天之内未发即作废';

-- One lane for what was never tried and one for what is due again, so that neither starves the other.
CREATE INDEX delivery_fresh ON hotline.delivery (interface, row_id)
WHERE state = 'waiting' AND rounds = 0;
CREATE INDEX delivery_due ON hotline.delivery (interface, next_attempt_at)
WHERE state IN ('waiting', 'rejected') AND rounds > 0 AND next_attempt_at IS NOT null;
CREATE INDEX delivery_resend ON hotline.delivery (interface) WHERE resend = 'due';
-- Versions that are not at rest, counted every minute: from the index alone, and without those that somebody has dealt with.
CREATE INDEX delivery_attention ON hotline.delivery (state, interface)
WHERE state IN ('held', 'rejected', 'quarantined');
CREATE INDEX delivery_open ON hotline.delivery (interface, state, taken_in_at)
WHERE state IN ('held', 'rejected', 'quarantined') AND discarded_at IS null;
CREATE INDEX delivery_body_kept ON hotline.delivery (settled_at)
WHERE body IS NOT null AND state IN ('delivered', 'superseded');
CREATE INDEX delivery_settled_order ON hotline.delivery (settled_at)
WHERE interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData');

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

-- No BRIN: its ranges widen for good once the place of dropped rows is used again.
CREATE INDEX interaction_log_started_at ON hotline.interaction_log (started_at);
CREATE INDEX interaction_log_key ON hotline.interaction_log (interface, key);

CREATE TABLE hotline.operator_action (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    acted_at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL CHECK (
        action IN (
            'release', 'discard', 'replay', 'audit_pass', 'audit_return', 'complete', 'withdraw', 'release_as_is', 'assign',
            'accept', 'restore'
        )
    ),
    delivery_id bigint,
    interface text NOT NULL,
    key text NOT NULL,
    state_before text NOT NULL,
    state_after text NOT NULL,
    reason text,
    answer_id bigint,
    CHECK (delivery_id IS null OR answer_id IS null)
);

COMMENT ON TABLE hotline.operator_action IS '人工处置记录：谁、何时、对哪个版本或哪行应答、为何';
COMMENT ON COLUMN hotline.operator_action.action IS
'release 按今天的规则放行, release_as_is 照原样入表, assign 补上工单编号后入表, discard 作废, replay 重新上报, '
'accept 认可差异, audit_pass、audit_return 审核通过、退回, complete、withdraw 补全、撤销补全, restore 恢复备份后据平台判定';
COMMENT ON COLUMN hotline.operator_action.delivery_id IS '上报版本；处置的是应答行时为空';
COMMENT ON COLUMN hotline.operator_action.answer_id IS '应答行，即 quarantined_answer.row_id；处置的是上报版本时为空';

CREATE INDEX operator_action_key ON hotline.operator_action (key);
