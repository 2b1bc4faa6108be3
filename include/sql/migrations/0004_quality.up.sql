-- What quality checks found, and indexes by which they read a window, the newest row and the same hour of earlier weeks.

CREATE TABLE hotline.quality_result (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    checked_at timestamptz NOT NULL,
    day date NOT NULL,
    table_name text NOT NULL,
    rule text NOT NULL,
    window_begin timestamptz NOT NULL,
    window_end timestamptz NOT NULL,
    severity text NOT NULL CHECK (severity IN ('error', 'warning')),
    passed boolean,
    failing_since timestamptz,
    failing_count bigint NOT NULL,
    checked_count bigint NOT NULL,
    message_zh text NOT NULL,
    keys text [] NOT NULL DEFAULT '{}' CHECK (cardinality(keys) <= 50)
);

COMMENT ON TABLE hotline.quality_result IS '质量检查结果：每次检查、每张表、每条规则一行；不含字段值';
COMMENT ON COLUMN hotline.quality_result.checked_at IS '检查时间；同一次检查的各行相同';
COMMENT ON COLUMN hotline.quality_result.day IS '检查日期（Asia/Shanghai）';
COMMENT ON COLUMN hotline.quality_result.rule IS '字段:规则，或整张表的规则';
COMMENT ON COLUMN hotline.quality_result.window_begin IS '检查范围的起点（含）';
COMMENT ON COLUMN hotline.quality_result.window_end IS '检查范围的终点（不含）';
COMMENT ON COLUMN hotline.quality_result.severity IS 'error 错误：运行标红；warning 提醒：不标红';
COMMENT ON COLUMN hotline.quality_result.passed IS '是否通过；空值表示没有可判断的数据';
COMMENT ON COLUMN hotline.quality_result.failing_since IS '连续未通过的首次检查时间；通过或未判断时为空';
COMMENT ON COLUMN hotline.quality_result.keys IS '未通过的行的业务主键，最多 50 个；数据量规则为小时，字段结构规则为字段名';

CREATE INDEX quality_result_checked_at ON hotline.quality_result (checked_at);
CREATE INDEX quality_result_rule ON hotline.quality_result (table_name, rule, checked_at DESC);

CREATE INDEX call_log_written_at ON hotline.call_log (written_at);
CREATE INDEX recording_log_written_at ON hotline.recording_log (written_at);
CREATE INDEX seat_login_log_written_at ON hotline.seat_login_log (written_at);
CREATE INDEX satisfaction_log_written_at ON hotline.satisfaction_log (written_at);
