-- What unattended running needs: proof that flows ran, and one alert a cause and day.

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

CREATE INDEX run_log_dag ON hotline.run_log (dag, subject, finished_at DESC);
CREATE INDEX run_log_arrivals ON hotline.run_log (subject, finished_at) WHERE taken_in > 0;

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
    UNIQUE (cause, subject, day)
);

COMMENT ON TABLE hotline.alert IS '告警：同一原因每天只通知一次；last_seen_at 是最近一次仍然存在的时间';
