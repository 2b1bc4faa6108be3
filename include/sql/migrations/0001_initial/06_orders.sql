-- What the bureau and 12345 lay over an order (completions, supplements), what is kept beside it (urges, decisions of the
-- audit), and the seats of 12345. The docking row itself stays as 12345 wrote it.

CREATE TABLE hotline.order_source (
    interface text NOT NULL,
    key text NOT NULL,
    body bytea NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (interface, key)
);

COMMENT ON TABLE hotline.order_source IS '12345 写入的工单最新内容，合格与否都在；补全与补单叠加于其上';
COMMENT ON COLUMN hotline.order_source.body IS '未叠加补全、补单的报文字节';
COMMENT ON COLUMN hotline.order_source.written_at IS '12345 写入该内容的时间';

CREATE TABLE hotline.order_completion (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    interface text NOT NULL,
    regino text NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    actor text NOT NULL,
    reason text,
    completed_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    ended_by text,
    laid_at timestamptz
);

COMMENT ON TABLE hotline.order_completion IS '市场监管部门对工单字段的补全和更正（4.8.1.1）；12345 之后的更改不会冲掉它';
COMMENT ON COLUMN hotline.order_completion.field IS '字段名（与规范一致）';
COMMENT ON COLUMN hotline.order_completion.ended_at IS '被新的补全取代或撤销的时间；空值为有效';
COMMENT ON COLUMN hotline.order_completion.laid_at IS '最近一次叠加到工单上的时间；空值为尚未叠加';

CREATE UNIQUE INDEX order_completion_valid ON hotline.order_completion (interface, regino, field) WHERE ended_at IS null;
CREATE INDEX order_completion_regino ON hotline.order_completion (regino);
CREATE INDEX order_completion_pending ON hotline.order_completion (regino) WHERE laid_at IS null;

-- What names a note of 12345: its number; without one, its content. An index holds no key of any length.
CREATE FUNCTION hotline.note_key(body text, id text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN hotline.is_blank(body::jsonb ->> id) THEN encode(sha256(convert_to(body, 'UTF8')), 'hex')
    ELSE left(body::jsonb ->> id, 200)
END;

CREATE TABLE hotline.order_supplement (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    note_key text NOT NULL,
    supplementid text NOT NULL,
    regino text NOT NULL,
    supplementtime text NOT NULL,
    content text NOT NULL,
    content_hash bytea NOT NULL,
    written_at timestamptz NOT NULL,
    taken_in_at timestamptz NOT NULL DEFAULT now(),
    is_current boolean NOT NULL DEFAULT true,
    laid_at timestamptz,
    UNIQUE (note_key, content_hash)
);

COMMENT ON TABLE hotline.order_supplement IS '12345 的补单（4.7）：每个内容一行，附在工单内容之后上报';
COMMENT ON COLUMN hotline.order_supplement.note_key IS '补单编号；没有编号时为内容的 SHA-256';
COMMENT ON COLUMN hotline.order_supplement.is_current IS '同一补单编号的最新内容';
COMMENT ON COLUMN hotline.order_supplement.laid_at IS '最近一次叠加到工单上的时间；空值为尚未叠加，工单到达后自动叠加';

CREATE INDEX order_supplement_regino ON hotline.order_supplement (regino);
CREATE INDEX order_supplement_pending ON hotline.order_supplement (regino) WHERE laid_at IS null;

CREATE TABLE hotline.order_urge (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    note_key text NOT NULL,
    urgeid text NOT NULL,
    regino text NOT NULL,
    urgetime text NOT NULL,
    urger text NOT NULL,
    remark text NOT NULL,
    content_hash bytea NOT NULL,
    written_at timestamptz NOT NULL,
    taken_in_at timestamptz NOT NULL DEFAULT now(),
    is_current boolean NOT NULL DEFAULT true,
    UNIQUE (note_key, content_hash)
);

COMMENT ON TABLE hotline.order_urge IS '12345 的催办（4.7）：每个内容一行；工单尚未到达的也保留';
COMMENT ON COLUMN hotline.order_urge.note_key IS '催办编号；没有编号时为内容的 SHA-256';
COMMENT ON COLUMN hotline.order_urge.is_current IS '同一催办编号的最新内容';

CREATE INDEX order_urge_regino ON hotline.order_urge (regino) WHERE is_current;

CREATE VIEW hotline.order_urgency AS
SELECT
    u.regino,
    count(*) AS urge_count,
    min(coalesce(hotline.wire_time(u.urgetime), u.written_at)) AS first_urged_at,
    max(coalesce(hotline.wire_time(u.urgetime), u.written_at)) AS last_urged_at,
    exists(
        SELECT 1 FROM hotline.order_source AS s
        WHERE s.key = u.regino
    ) AS is_known
FROM hotline.order_urge AS u
WHERE u.is_current AND u.regino <> ''
GROUP BY u.regino;

COMMENT ON VIEW hotline.order_urgency IS '被 12345 催办的工单；超期清单按 urge_count 提高优先级';
COMMENT ON COLUMN hotline.order_urgency.urge_count IS '催办次数';
COMMENT ON COLUMN hotline.order_urgency.is_known IS '工单是否已由 12345 写入对接库';

CREATE VIEW hotline.order_overlay AS
SELECT
    c.regino,
    c.interface,
    'completion' AS kind,
    c.field,
    c.actor,
    c.completed_at AS since,
    c.laid_at
FROM hotline.order_completion AS c
WHERE c.ended_at IS null
UNION ALL
SELECT
    s.regino,
    source.interface,
    'supplement' AS kind,
    null AS field,
    '12345' AS actor,
    s.written_at AS since,
    s.laid_at
FROM hotline.order_supplement AS s
LEFT JOIN hotline.order_source AS source ON s.regino = source.key
WHERE s.is_current;

COMMENT ON VIEW hotline.order_overlay IS '叠加在 12345 工单内容之上的补全和补单，不含内容';

CREATE TABLE hotline.order_audit (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    interface text NOT NULL,
    regino text NOT NULL,
    content_hash bytea NOT NULL,
    decision text NOT NULL CHECK (decision IN ('pass', 'return')),
    office text NOT NULL,
    person text NOT NULL,
    reason text,
    decided_at timestamptz NOT NULL DEFAULT now(),
    CHECK (decision = 'pass' OR reason IS NOT null)
);

COMMENT ON TABLE hotline.order_audit IS '上报前审核的决定（4.4）：每次决定一行，最近一次有效';
COMMENT ON COLUMN hotline.order_audit.content_hash IS '所审内容的 SHA-256，即 delivery.content_hash';
COMMENT ON COLUMN hotline.order_audit.decision IS 'pass 通过, return 退回';
COMMENT ON COLUMN hotline.order_audit.office IS '审核部门';
COMMENT ON COLUMN hotline.order_audit.person IS '审核人';

CREATE INDEX order_audit_order ON hotline.order_audit (regino, row_id);

CREATE TABLE hotline.seat (
    seatno text PRIMARY KEY,
    seatname text NOT NULL,
    sourcearea text NOT NULL,
    unitcode text NOT NULL,
    enabled text NOT NULL,
    content_hash bytea NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    gone_at timestamptz
);

COMMENT ON TABLE hotline.seat IS '12345 坐席（4.2.1），与对接库保持一致';
COMMENT ON COLUMN hotline.seat.since IS '现有内容或状态始于何时';
COMMENT ON COLUMN hotline.seat.gone_at IS '从对接库消失的时间；空值为现有坐席';

CREATE TABLE hotline.seat_history (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seatno text NOT NULL,
    seatname text NOT NULL,
    sourcearea text NOT NULL,
    unitcode text NOT NULL,
    enabled text NOT NULL,
    event text NOT NULL CHECK (event IN ('new', 'changed', 'gone', 'back')),
    happened_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE hotline.seat_history IS '坐席的每次变化：new 新增, changed 更改, gone 消失, back 恢复；内容为变化之后的（消失时为最后的）';

CREATE INDEX seat_history_seat ON hotline.seat_history (seatno, row_id);

-- Rows of 12345 that are no interface's (supplements, urges, deadlines) and that our store cannot take, or that hold bytes which
-- are no text: kept as they came, so that none stops the others and none vanishes.
CREATE TABLE hotline.quarantined_note (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    docking_table text NOT NULL,
    note_key text NOT NULL,
    regino text NOT NULL,
    content_hash bytea NOT NULL,
    reasons text [] NOT NULL,
    body text NOT NULL,
    written_at timestamptz NOT NULL,
    taken_in_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replaced', 'discarded')),
    UNIQUE (docking_table, content_hash)
);

COMMENT ON TABLE hotline.quarantined_note IS '不能入库的补单、催办、处理时限：原样保存，不起作用，不影响其他行';
COMMENT ON COLUMN hotline.quarantined_note.docking_table IS '对接库的表名';
COMMENT ON COLUMN hotline.quarantined_note.note_key IS '编号，过长的只留前 200 个字符；没有编号时为内容的 SHA-256';
COMMENT ON COLUMN hotline.quarantined_note.regino IS '工单编号，过长的只留前 200 个字符';
COMMENT ON COLUMN hotline.quarantined_note.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.quarantined_note.reasons IS
'row:refused 本地库不能保存；字段:unreadable 含有按对接库编码不成文字的字节，正文中以八进制表示';
COMMENT ON COLUMN hotline.quarantined_note.body IS '各列内容（JSON）';
COMMENT ON COLUMN hotline.quarantined_note.written_at IS '12345 写入该内容的时间';
COMMENT ON COLUMN hotline.quarantined_note.taken_in_at IS '首次取得的时间';
COMMENT ON COLUMN hotline.quarantined_note.state IS 'open 待处理, replaced 12345 已更正, discarded 经人工作废';

CREATE INDEX quarantined_note_open ON hotline.quarantined_note (docking_table, note_key) WHERE state = 'open';

CREATE FUNCTION hotline.order_kind(interface text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE interface
    WHEN 'putTsBusiRegInfoData' THEN 'complaint'
    WHEN 'putJbBusiRegInfoData' THEN 'report'
    WHEN 'putZxBusiRegInfoData' THEN 'consultation'
END;

COMMENT ON FUNCTION hotline.order_kind IS '上报接口对应的工单类型';
