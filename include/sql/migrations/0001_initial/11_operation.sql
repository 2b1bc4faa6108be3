-- What unattended running needs: proof that flows ran, one alert a cause and day, what quality checks found, and restores.

CREATE TABLE hotline.deployment (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    installed_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE hotline.deployment IS '部署：只有一行；从未运行过的流程自 installed_at 起算';

INSERT INTO hotline.deployment DEFAULT VALUES;

CREATE TABLE hotline.run_log (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    finished_at timestamptz NOT NULL DEFAULT now(),
    dag text NOT NULL,
    subject text NOT NULL,
    taken_in integer NOT NULL DEFAULT 0,
    quarantined integer NOT NULL DEFAULT 0,
    delivered integer NOT NULL DEFAULT 0
);

COMMENT ON TABLE hotline.run_log IS '运行记录：每次运行、每个接口一行，证明流程在运行';
COMMENT ON COLUMN hotline.run_log.subject IS '接口名；整个任务为空串';
COMMENT ON COLUMN hotline.run_log.taken_in IS '从对接库取得的行数';

CREATE INDEX run_log_dag ON hotline.run_log (dag, finished_at DESC);
CREATE INDEX run_log_arrivals ON hotline.run_log (subject, finished_at) WHERE taken_in > 0;
CREATE INDEX run_log_finished_at ON hotline.run_log (finished_at);

CREATE TABLE hotline.alert (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause text NOT NULL,
    subject text NOT NULL,
    day date NOT NULL,
    since timestamptz NOT NULL,
    count bigint NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    newest timestamptz,
    UNIQUE (cause, subject, day)
);

COMMENT ON TABLE hotline.alert IS '告警：同一原因每天只通知一次；last_seen_at 是最近一次仍然存在的时间';
COMMENT ON COLUMN hotline.alert.sent_at IS '首次有通知方式接收的时间；逐个见 hotline.alert_told';
COMMENT ON COLUMN hotline.alert.newest IS '只通知一次的原因：已通知的最新一项的时间，其后又有新增才再次通知';

CREATE INDEX alert_day ON hotline.alert (day);

CREATE TABLE hotline.alert_told (
    alert bigint NOT NULL REFERENCES hotline.alert (row_id) ON DELETE CASCADE,
    notifier text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    failed_at timestamptz,
    sent_at timestamptz,
    PRIMARY KEY (alert, notifier)
);

COMMENT ON TABLE hotline.alert_told IS '告警的发送：每条告警、每个通知方式一行，对方接收后立即记录';
COMMENT ON COLUMN hotline.alert_told.notifier IS '连接名：alert_mail 或 alert_webhook';
COMMENT ON COLUMN hotline.alert_told.failed_at IS '首次发送失败的时间';
COMMENT ON COLUMN hotline.alert_told.sent_at IS '对方接收的时间；空值为尚未送达';

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
-- By which quality checks read who was signed in.
CREATE INDEX seat_login_log_begintime ON hotline.seat_login_log (begintime);

-- A restore from a backup is a state with an end: while a row here has none, nothing is taken in, sent, collected or published.
CREATE TABLE hotline.restore (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    found_at timestamptz NOT NULL DEFAULT now(),
    since timestamptz,
    actor text NOT NULL,
    reason text NOT NULL,
    asked_at timestamptz,
    ended_at timestamptz,
    counts jsonb,
    CHECK (ended_at IS null OR since IS NOT null)
);

COMMENT ON TABLE hotline.restore IS '从备份恢复的记录：谁、何时、为何、补读到什么；没有结束时间的一行期间，一切流程停止';
COMMENT ON COLUMN hotline.restore.row_id IS '编号';
COMMENT ON COLUMN hotline.restore.found_at IS '发现或开始恢复的时间';
COMMENT ON COLUMN hotline.restore.since IS '从何时起采集的来源行要补读；空表示发现本地库像是恢复而来，尚未运行 hotline restore';
COMMENT ON COLUMN hotline.restore.actor IS '操作人或发现它的流程';
COMMENT ON COLUMN hotline.restore.reason IS '原因';
COMMENT ON COLUMN hotline.restore.asked_at IS '全部收集窗口标记为重新查询的时间';
COMMENT ON COLUMN hotline.restore.ended_at IS '结束时间；空表示尚未结束';
COMMENT ON COLUMN hotline.restore.counts IS '补读、确认、暂存等的数量';

CREATE UNIQUE INDEX restore_open ON hotline.restore ((true)) WHERE ended_at IS null;
