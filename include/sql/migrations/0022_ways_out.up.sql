-- Rows of answers are ended by hand, too, and every decision is kept with its reason.

ALTER TABLE hotline.operator_action ALTER COLUMN delivery_id DROP NOT NULL;
ALTER TABLE hotline.operator_action ADD COLUMN answer_id bigint;
ALTER TABLE hotline.operator_action ADD CHECK (delivery_id IS null OR answer_id IS null);
ALTER TABLE hotline.operator_action DROP CONSTRAINT operator_action_action_check;
ALTER TABLE hotline.operator_action ADD CONSTRAINT operator_action_action_check CHECK (
    action IN (
        'release', 'discard', 'replay', 'audit_pass', 'audit_return', 'complete', 'withdraw', 'release_as_is', 'assign',
        'accept'
    )
);

COMMENT ON TABLE hotline.operator_action IS '人工处置记录：谁、何时、对哪个版本或哪行应答、为何';
COMMENT ON COLUMN hotline.operator_action.delivery_id IS '上报版本；处置的是应答行时为空';
COMMENT ON COLUMN hotline.operator_action.answer_id IS '应答行，即 quarantined_answer.row_id；处置的是上报版本时为空';
COMMENT ON COLUMN hotline.operator_action.action IS
'release 按今天的规则放行, release_as_is 照原样入表, assign 补上工单编号后入表, discard 作废, replay 重新上报, '
'accept 认可差异, audit_pass、audit_return 审核通过、退回, complete、withdraw 补全、撤销补全';

ALTER TABLE hotline.quarantined_answer DROP CONSTRAINT quarantined_answer_state_check;
ALTER TABLE hotline.quarantined_answer ADD CONSTRAINT quarantined_answer_state_check CHECK (
    state IN ('open', 'replaced', 'discarded', 'released')
);

COMMENT ON COLUMN hotline.quarantined_answer.state IS
'open 待处理, replaced 平台已更正, discarded 已人工作废, released 已人工放行入表';
COMMENT ON COLUMN hotline.delivery.discarded_at IS
'经人工作废的时间：不再上报、重试、告警；版本仍在原状态（待上报的转为 held），仍计入';

-- What cannot be mended and a person has looked at: it is shown as before, and neither red nor alerted.
CREATE TABLE hotline.acceptance (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    subject text NOT NULL,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    unexplained integer,
    CHECK (begins < ends)
);

COMMENT ON TABLE hotline.acceptance IS '人工认可：无法取得完整的登记时间、无法解释的数量差异；不再告警，谁、为何见 operator_action';
COMMENT ON COLUMN hotline.acceptance.subject IS '不完整的登记时间为接口名；数量差异为类别';
COMMENT ON COLUMN hotline.acceptance.unexplained IS '所认可的差异数量，数量一变即失效；登记时间为空';

CREATE INDEX acceptance_subject ON hotline.acceptance (subject, begins);

-- Of all checks only those that found a difference are read.
CREATE VIEW hotline.unaccepted AS
SELECT
    w.interface AS subject,
    w.begins,
    w.ends,
    null::integer AS unexplained,
    w.visited_at AS since
FROM hotline.collection_window AS w
WHERE
    w.state = 'incomplete'
    AND NOT EXISTS (
        SELECT FROM hotline.acceptance AS a
        WHERE a.subject = w.interface AND a.unexplained IS null AND a.begins <= w.begins AND a.ends >= w.ends
    )
UNION ALL
SELECT
    r.kind AS subject,
    r.day::timestamp AT TIME ZONE 'Asia/Shanghai' AS begins,
    (r.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS ends,
    r.unexplained,
    r.checked_at AS since
FROM hotline.count_reconciliation AS r
WHERE
    r.state IN ('open', 'incomplete')
    AND NOT EXISTS (
        SELECT FROM hotline.count_reconciliation AS newer
        WHERE newer.day = r.day AND newer.kind = r.kind AND newer.row_id > r.row_id
    )
    AND NOT EXISTS (
        SELECT FROM hotline.acceptance AS a
        WHERE
            a.subject = r.kind
            AND a.begins = r.day::timestamp AT TIME ZONE 'Asia/Shanghai'
            AND a.unexplained = r.unexplained
    );

COMMENT ON VIEW hotline.unaccepted IS '待认可：未能完整取得的登记时间（unexplained 为空），和数量有差异的日期';
