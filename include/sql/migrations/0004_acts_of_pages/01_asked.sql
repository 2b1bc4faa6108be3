-- What somebody decided on a page and the next run does, which takes it away: judging a content again needs the content, which
-- the pages' account does not read.

CREATE TABLE hotline.asked_release (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL CHECK (action IN ('audit_pass', 'release', 'release_as_is', 'assign')),
    delivery_id bigint,
    answer_id bigint,
    number text,
    reason text,
    CHECK (num_nonnulls(delivery_id, answer_id) = 1)
);

COMMENT ON TABLE hotline.asked_release IS '页面上提交、由下一次运行执行的放行：重新检查需要读内容，页面的账号不能读';
COMMENT ON COLUMN hotline.asked_release.row_id IS '本行编号';
COMMENT ON COLUMN hotline.asked_release.asked_at IS '提交时间';
COMMENT ON COLUMN hotline.asked_release.actor IS '提交人';
COMMENT ON COLUMN hotline.asked_release.action IS
'audit_pass 审核通过, release 按今天的规则放行, release_as_is 照原样放行或作为更正放行, assign 补上工单编号后入表';
COMMENT ON COLUMN hotline.asked_release.delivery_id IS '上报版本 delivery.row_id';
COMMENT ON COLUMN hotline.asked_release.answer_id IS '应答行 quarantined_answer.row_id';
COMMENT ON COLUMN hotline.asked_release.number IS '补上的工单编号';
COMMENT ON COLUMN hotline.asked_release.reason IS '原因';

CREATE UNIQUE INDEX asked_release_delivery ON hotline.asked_release (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE UNIQUE INDEX asked_release_answer ON hotline.asked_release (answer_id) WHERE answer_id IS NOT NULL;

-- Who looked for a person: never for whom, but by the key that the records of this person have.
CREATE TABLE hotline.person_search (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    searched_at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    searched_by text NOT NULL CHECK (searched_by IN ('phone', 'name')),
    person_hash text,
    found integer NOT NULL
);

COMMENT ON TABLE hotline.person_search IS '按电话或姓名查询工单的记录：谁、何时；查的是谁只留散列';
COMMENT ON COLUMN hotline.person_search.row_id IS '本行编号';
COMMENT ON COLUMN hotline.person_search.searched_at IS '查询时间';
COMMENT ON COLUMN hotline.person_search.actor IS '查询人';
COMMENT ON COLUMN hotline.person_search.searched_by IS 'phone 电话, name 姓名';
COMMENT ON COLUMN hotline.person_search.person_hash IS '所查电话或姓名的散列键；不是号码的为空；更换密钥后与新的记录不可比';
COMMENT ON COLUMN hotline.person_search.found IS '查到的工单数，最多 50';
