DROP INDEX
hotline.order_fact_registered, hotline.order_fact_stage, hotline.order_fact_due, hotline.order_fact_returned,
hotline.order_fact_routed, hotline.order_fact_finished, hotline.order_fact_company, hotline.order_fact_handling_unit,
hotline.order_fact_unit, hotline.order_fact_person, hotline.order_fact_name, hotline.complaint_order_history_regino,
hotline.report_order_history_regino, hotline.consultation_order_history_regino;
DROP FUNCTION hotline.order_stage, hotline.unmask_order, hotline.order_records, hotline.masked;

-- What the version before has no word for.
DELETE FROM hotline.operator_action
WHERE action IN ('unmask', 'repair', 'ask_again', 'deliver_codes', 'withdraw_codes');
ALTER TABLE hotline.operator_action DROP CONSTRAINT operator_action_action_check;
ALTER TABLE hotline.operator_action ADD CONSTRAINT operator_action_action_check CHECK (
    action IN (
        'release', 'discard', 'replay', 'audit_pass', 'audit_return', 'complete', 'withdraw', 'release_as_is', 'assign',
        'accept', 'restore', 'erase', 'rotate'
    )
);
COMMENT ON COLUMN hotline.operator_action.action IS
'release 按今天的规则放行, release_as_is 照原样入表, assign 补上工单编号后入表, discard 作废, replay 重新上报, '
'accept 认可差异, audit_pass、audit_return 审核通过、退回, complete、withdraw 补全、撤销补全, restore 恢复备份后据平台判定, '
'erase 删除个人信息, rotate 更换散列密钥';
