-- What people do on pages beside what commands do already.

ALTER TABLE hotline.operator_action DROP CONSTRAINT operator_action_action_check;
ALTER TABLE hotline.operator_action ADD CONSTRAINT operator_action_action_check CHECK (
    action IN (
        'release', 'discard', 'replay', 'audit_pass', 'audit_return', 'complete', 'withdraw', 'release_as_is', 'assign',
        'accept', 'restore', 'erase', 'rotate', 'unmask', 'repair', 'ask_again', 'deliver_codes', 'withdraw_codes'
    )
);
COMMENT ON COLUMN hotline.operator_action.action IS
'release 按今天的规则放行, release_as_is 照原样入表, assign 补上工单编号后入表, discard 作废, replay 重新上报, '
'accept 认可差异, audit_pass、audit_return 审核通过、退回, complete、withdraw 补全、撤销补全, restore 恢复备份后据平台判定, '
'erase 删除个人信息, rotate 更换散列密钥, unmask 查看个人信息, repair 要求对账补报, ask_again 重新取回隔离的应答, deliver_codes、withdraw_codes 导入、撤销代码表';
