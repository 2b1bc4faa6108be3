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
