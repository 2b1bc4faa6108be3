-- Alerts are told notifier by notifier, and a DAG that never ran is missed from the day of installation on.

CREATE TABLE hotline.deployment (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    installed_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE hotline.deployment IS '部署：只有一行；从未运行过的流程自 installed_at 起算';

INSERT INTO hotline.deployment DEFAULT VALUES;

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

-- So far sent meant: all notifiers took it.
INSERT INTO hotline.alert_told (alert, notifier, sent_at)
SELECT
    a.row_id,
    n.notifier,
    a.sent_at
FROM hotline.alert AS a
CROSS JOIN (VALUES ('alert_mail'), ('alert_webhook')) AS n (notifier)
WHERE a.sent_at IS NOT null;

ALTER TABLE hotline.alert ADD COLUMN newest timestamptz;

COMMENT ON COLUMN hotline.alert.sent_at IS '首次有通知方式接收的时间；逐个见 hotline.alert_told';
COMMENT ON COLUMN hotline.alert.newest IS '只通知一次的原因：已通知的最新一项的时间，其后又有新增才再次通知';

CREATE INDEX alert_day ON hotline.alert (day);

-- What alerts ask every five minutes, without reading what is at rest.
DROP INDEX hotline.run_log_dag;
CREATE INDEX run_log_dag ON hotline.run_log (dag, finished_at DESC);
CREATE INDEX run_log_finished_at ON hotline.run_log (finished_at);
CREATE INDEX collection_window_incomplete ON hotline.collection_window (interface) WHERE state = 'incomplete';
CREATE INDEX quarantined_answer_first_seen ON hotline.quarantined_answer (first_seen_at) WHERE state = 'open';
CREATE INDEX count_reconciliation_differing ON hotline.count_reconciliation (day, kind, row_id)
WHERE state IN ('open', 'incomplete');
