-- An order that the platform lost is sent once more by the one sender: the reconciliation marks its version, the claim takes it.

ALTER TABLE hotline.delivery
ADD COLUMN resend text CHECK (resend IN ('due', 'taken', 'accepted', 'not_accepted', 'lapsed')),
ADD COLUMN resend_asked_at timestamptz;

COMMENT ON COLUMN hotline.delivery.resend IS
'对账补报（已上报而平台没有，一生一次）：due 待补报, taken 已领取, accepted 平台已收下, not_accepted 平台未收下, lapsed 未发即作废（已有新内容、已由人工重发、或逾期）';
COMMENT ON COLUMN hotline.delivery.resend_asked_at IS '对账要求补报的时间；半天之内未发即作废';

CREATE INDEX delivery_resend ON hotline.delivery (interface) WHERE resend = 'due';
