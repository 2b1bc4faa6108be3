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

ALTER TABLE hotline.operator_action DROP CONSTRAINT operator_action_action_check;
ALTER TABLE hotline.operator_action ADD CONSTRAINT operator_action_action_check CHECK (
    action IN (
        'release', 'discard', 'replay', 'audit_pass', 'audit_return', 'complete', 'withdraw', 'release_as_is', 'assign',
        'accept', 'restore'
    )
);
COMMENT ON COLUMN hotline.operator_action.action IS
'release 按今天的规则放行, release_as_is 照原样入表, assign 补上工单编号后入表, discard 作废, replay 重新上报, '
'accept 认可差异, audit_pass、audit_return 审核通过、退回, complete、withdraw 补全、撤销补全, restore 恢复备份后据平台判定';
