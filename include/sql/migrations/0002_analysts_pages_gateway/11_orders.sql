-- Orders and what happens to them.
-- noqa: disable=ST06
-- (columns stand in the order in which people read them)

-- Names beside codes, and months, cost nothing where a question does not ask for them.
CREATE VIEW analytics.work_order AS
SELECT
    o.regino,
    o.kind,
    CASE o.kind WHEN 'complaint' THEN '投诉' WHEN 'report' THEN '举报' ELSE '咨询' END AS kind_name,
    o.channel,
    CASE o.channel WHEN 'telephone' THEN '电话' ELSE '网络' END AS channel_name,
    o.receive_mode_code,
    o.registered_at,
    o.day,
    date_trunc('month', o.day::timestamp)::date AS month,
    extract(HOUR FROM o.registered_at AT TIME ZONE 'Asia/Shanghai')::integer AS hour,
    o.taken_at,
    o.reported_at,
    o.collected_at,
    o.routed_at,
    o.first_checked_at,
    o.accepted_at,
    o.refused_at,
    o.filed_at,
    o.not_filed_at,
    o.answered_at,
    o.finished_at,
    o.returned_at,
    o.accepted_at IS NOT null AS is_accepted,
    o.refused_at IS NOT null AS is_refused,
    o.filed_at IS NOT null AS is_filed,
    o.finished_at IS NOT null AS is_finished,
    o.is_returned,
    o.is_withdrawn,
    o.is_answered_on_site,
    (o.acceptance_due_at AT TIME ZONE 'Asia/Shanghai')::date AS acceptance_due_on,
    (o.filing_due_at AT TIME ZONE 'Asia/Shanghai')::date AS filing_due_on,
    (o.due_at AT TIME ZONE 'Asia/Shanghai')::date AS due_on,
    o.due_source,
    o.is_accepted_in_time,
    o.is_filed_in_time,
    o.is_finished_in_time,
    o.is_first_checked_in_time,
    coalesce(o.due_at < now(), false) AND o.finished_at IS null AND NOT o.is_returned AND NOT o.is_withdrawn AS is_overdue,
    CASE
        WHEN o.due_at < now() AND o.finished_at IS null AND NOT o.is_returned AND NOT o.is_withdrawn
            THEN
                (
                    SELECT c.workday_number FROM hotline.calendar_day AS c
                    WHERE c.day = (now() AT TIME ZONE 'Asia/Shanghai')::date
                ) - (
                    SELECT c.workday_number FROM hotline.calendar_day AS c
                    WHERE c.day = (o.due_at AT TIME ZONE 'Asia/Shanghai')::date
                )
    END AS overdue_working_days,
    o.reporting_seconds,
    o.first_check_seconds,
    o.first_check_working_days,
    o.acceptance_seconds,
    o.acceptance_working_days,
    o.filing_seconds,
    o.filing_working_days,
    o.finishing_seconds,
    o.finishing_working_days,
    o.is_time_ordered,
    o.urge_count,
    o.extension_count,
    o.supplement_count,
    o.feedback_count,
    o.routing_count,
    o.step_count,
    o.unit_code,
    hotline.decoded(
        unit.names[width_bucket(o.day, unit.since)],
        o.unit_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'unit'
        )
    ) AS unit_name,
    o.handling_unit_name,
    o.seat_code,
    (
        SELECT hotline.mask_name(n.seatname) FROM hotline.seat AS n
        WHERE n.seatno = o.seat_code
    ) AS seat_name_masked,
    (
        SELECT min(r.callid) FROM hotline.recording_log AS r
        WHERE r.recordname = o.record_name
    ) AS callid,
    o.company_name,
    o.company_credit_code,
    o.company_key,
    o.industry_code,
    o.entity_type_code,
    o.problem_class_code,
    hotline.decoded(
        problem.names[width_bucket(o.day, problem.since)],
        o.problem_class_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category IN ('complaint_problem', 'report_problem')
        )
    ) AS problem_class_name,
    o.goods_class_code,
    hotline.decoded(
        goods.names[width_bucket(o.day, goods.since)],
        o.goods_class_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'goods_service'
        )
    ) AS goods_class_name,
    o.goods_class_written_name,
    o.sales_way_code,
    hotline.decoded(
        sales.names[width_bucket(o.day, sales.since)],
        o.sales_way_code,
        EXISTS (
            SELECT FROM hotline.standard_data AS d
            WHERE d.category = 'salesway'
        )
    ) AS sales_way_name,
    o.consumption_amount,
    o.consultation_range_code,
    o.consultation_range_written_name,
    o.person_sex_code,
    o.person_age_group_code,
    o.person_key,
    o.identity_key,
    o.person_name_masked,
    o.person_phone_masked,
    o.person_address_masked
FROM hotline.order_fact AS o
LEFT JOIN hotline.code_history AS unit ON 'unit ' || o.unit_code = unit.category_code
LEFT JOIN hotline.code_history AS problem ON o.kind || '_problem ' || o.problem_class_code = problem.category_code
LEFT JOIN hotline.code_history AS goods ON 'goods_service ' || o.goods_class_code = goods.category_code
LEFT JOIN hotline.code_history AS sales ON 'salesway ' || o.sales_way_code = sales.category_code;

COMMENT ON VIEW analytics.work_order IS
'工单：每个工单每种类型一行，含其全过程。退回后以同一编号重新登记的仍是一行，换编号的是另一行。解决率、回访满意率、调解成功率、挽回损失和罚没金额接口不提供';
COMMENT ON COLUMN analytics.work_order.regino IS '工单编号';
COMMENT ON COLUMN analytics.work_order.kind IS 'complaint 投诉, report 举报, consultation 咨询';
COMMENT ON COLUMN analytics.work_order.kind_name IS '类型';
COMMENT ON COLUMN analytics.work_order.channel IS 'telephone 电话：由 12345 写入；network 网络：只见于平台（12345 没有写过，如互联网登记或平台录入）';
COMMENT ON COLUMN analytics.work_order.channel_name IS '渠道';
COMMENT ON COLUMN analytics.work_order.receive_mode_code IS '接收方式代码；规范没有给出代码表';
COMMENT ON COLUMN analytics.work_order.registered_at IS '登记时间：以平台为准，平台时间没有秒时取 12345 的秒';
COMMENT ON COLUMN analytics.work_order.day IS '登记日期（北京时间）';
COMMENT ON COLUMN analytics.work_order.month IS '登记月份（首日）';
COMMENT ON COLUMN analytics.work_order.hour IS '登记的小时，0 至 23';
COMMENT ON COLUMN analytics.work_order.taken_at IS '12345 最早写入对接库的时间';
COMMENT ON COLUMN analytics.work_order.reported_at IS '平台首次收下的时间';
COMMENT ON COLUMN analytics.work_order.collected_at IS '首次从平台收集到的时间';
COMMENT ON COLUMN analytics.work_order.routed_at IS '首次分流时间';
COMMENT ON COLUMN analytics.work_order.first_checked_at IS '首次初查时间';
COMMENT ON COLUMN analytics.work_order.accepted_at IS '受理：首次见到受理、立案或不予立案步骤的时间；平台不给步骤的时间';
COMMENT ON COLUMN analytics.work_order.refused_at IS '不受理：首次见到该步骤的时间';
COMMENT ON COLUMN analytics.work_order.filed_at IS '立案：首次见到该步骤的时间；步骤代码的含义见 handling_step';
COMMENT ON COLUMN analytics.work_order.not_filed_at IS '不予立案：首次见到该步骤的时间';
COMMENT ON COLUMN analytics.work_order.answered_at IS '首次反馈的时间；平台不给时间的为首次取得的时间';
COMMENT ON COLUMN analytics.work_order.finished_at IS '办结：首次反馈、不受理、现场答复中最早的；退回不是办结';
COMMENT ON COLUMN analytics.work_order.returned_at IS '最近一次被平台退回的时间';
COMMENT ON COLUMN analytics.work_order.is_accepted IS '是否受理';
COMMENT ON COLUMN analytics.work_order.is_refused IS '是否不受理';
COMMENT ON COLUMN analytics.work_order.is_filed IS '是否立案';
COMMENT ON COLUMN analytics.work_order.is_finished IS '是否办结';
COMMENT ON COLUMN analytics.work_order.is_returned IS '是否处于退回：最近一次退回之后没有再上报成功';
COMMENT ON COLUMN analytics.work_order.is_withdrawn IS '平台是否不再显示该工单';
COMMENT ON COLUMN analytics.work_order.is_answered_on_site IS '咨询是否现场答复';
COMMENT ON COLUMN analytics.work_order.acceptance_due_on IS '受理时限的最后一日';
COMMENT ON COLUMN analytics.work_order.filing_due_on IS '立案时限的最后一日';
COMMENT ON COLUMN analytics.work_order.due_on IS '办理时限的最后一日，含批准的延期';
COMMENT ON COLUMN analytics.work_order.due_source IS '办理时限的来源：platform 平台办理期限, 12345 热线时限, extension 延期';
COMMENT ON COLUMN analytics.work_order.is_accepted_in_time IS '受理与否的决定是否按时；未决定、时限不明或时间颠倒的为空';
COMMENT ON COLUMN analytics.work_order.is_filed_in_time IS '立案与否的决定是否按时；空值同上';
COMMENT ON COLUMN analytics.work_order.is_finished_in_time IS '是否按时办结；空值同上';
COMMENT ON COLUMN analytics.work_order.is_first_checked_in_time IS '初查是否在受理时限内；空值同上';
COMMENT ON COLUMN analytics.work_order.is_overdue IS '此刻是否超期未办结；退回的、平台不再显示的不算';
COMMENT ON COLUMN analytics.work_order.overdue_working_days IS '已超期的工作日数；未超期的为空';
COMMENT ON COLUMN analytics.work_order.reporting_seconds IS '登记至平台收下的秒数';
COMMENT ON COLUMN analytics.work_order.first_check_seconds IS '登记至初查的秒数';
COMMENT ON COLUMN analytics.work_order.first_check_working_days IS '登记至初查的工作日数';
COMMENT ON COLUMN analytics.work_order.acceptance_seconds IS '登记至受理的秒数';
COMMENT ON COLUMN analytics.work_order.acceptance_working_days IS '登记至受理的工作日数';
COMMENT ON COLUMN analytics.work_order.filing_seconds IS '登记至立案的秒数';
COMMENT ON COLUMN analytics.work_order.filing_working_days IS '登记至立案的工作日数';
COMMENT ON COLUMN analytics.work_order.finishing_seconds IS '登记至办结的秒数';
COMMENT ON COLUMN analytics.work_order.finishing_working_days IS '登记至办结的工作日数';
COMMENT ON COLUMN analytics.work_order.is_time_ordered IS '各时间是否都不早于登记（相差不到一分钟的不算）；颠倒的时长为空';
COMMENT ON COLUMN analytics.work_order.urge_count IS '催办次数：平台与 12345 合计';
COMMENT ON COLUMN analytics.work_order.extension_count IS '已批准的延期次数';
COMMENT ON COLUMN analytics.work_order.supplement_count IS '补单次数';
COMMENT ON COLUMN analytics.work_order.feedback_count IS '反馈条数';
COMMENT ON COLUMN analytics.work_order.routing_count IS '流转次数';
COMMENT ON COLUMN analytics.work_order.step_count IS '办理步骤数';
COMMENT ON COLUMN analytics.work_order.unit_code IS '登记机构编号，由 12345 给出；网络工单没有';
COMMENT ON COLUMN analytics.work_order.unit_name IS '登记机构名称（登记当日的含义）';
COMMENT ON COLUMN analytics.work_order.handling_unit_name IS '办理单位：最近一次流转的接收部门，没有时为反馈的办理部门；平台只给名称';
COMMENT ON COLUMN analytics.work_order.seat_code IS '登记坐席工号';
COMMENT ON COLUMN analytics.work_order.seat_name_masked IS '坐席名称，只留首字';
COMMENT ON COLUMN analytics.work_order.callid IS '工单所写录音所属的呼叫';
COMMENT ON COLUMN analytics.work_order.company_name IS '涉及主体，平台所写优先';
COMMENT ON COLUMN analytics.work_order.company_credit_code IS '统一社会信用代码，原样';
COMMENT ON COLUMN analytics.work_order.company_key IS '企业标识：信用代码，没有或不成代码的为统一写法后的名称；不知是谁的为空';
COMMENT ON COLUMN analytics.work_order.industry_code IS '所在行业类别代码';
COMMENT ON COLUMN analytics.work_order.entity_type_code IS '市场主体类型代码';
COMMENT ON COLUMN analytics.work_order.problem_class_code IS '问题类别代码';
COMMENT ON COLUMN analytics.work_order.problem_class_name IS '问题类别名称（登记当日的含义）';
COMMENT ON COLUMN analytics.work_order.goods_class_code IS '商品/服务类型代码';
COMMENT ON COLUMN analytics.work_order.goods_class_name IS '商品/服务类型名称（登记当日的含义）';
COMMENT ON COLUMN analytics.work_order.goods_class_written_name IS '12345 在工单中写的商品/服务类型名称';
COMMENT ON COLUMN analytics.work_order.sales_way_code IS '销售方式代码';
COMMENT ON COLUMN analytics.work_order.sales_way_name IS '销售方式名称（登记当日的含义）';
COMMENT ON COLUMN analytics.work_order.consumption_amount IS '消费金额（元）：争议涉及的金额，不是挽回的损失';
COMMENT ON COLUMN analytics.work_order.consultation_range_code IS '咨询范围代码';
COMMENT ON COLUMN analytics.work_order.consultation_range_written_name IS '12345 在工单中写的咨询范围名称';
COMMENT ON COLUMN analytics.work_order.person_sex_code IS '提供方性别代码；规范没有给出代码表';
COMMENT ON COLUMN analytics.work_order.person_age_group_code IS '提供方年龄段代码；规范没有给出代码表';
COMMENT ON COLUMN analytics.work_order.person_key IS '来电号码的散列键：同一号码相同，可与呼叫关联';
COMMENT ON COLUMN analytics.work_order.identity_key IS '证件号码的散列键：可关联使用不同电话的同一人';
COMMENT ON COLUMN analytics.work_order.person_name_masked IS '提供方姓名，只留首字';
COMMENT ON COLUMN analytics.work_order.person_phone_masked IS '提供方电话，已掩码';
COMMENT ON COLUMN analytics.work_order.person_address_masked IS '提供方地址，只到区县';

CREATE VIEW analytics.handling_step AS
SELECT
    s.kind || ':' || s.row_id AS step_id,
    s.regino,
    s.kind,
    CASE s.kind WHEN 'complaint' THEN '投诉' ELSE '举报' END AS kind_name,
    s.slflag AS step_code,
    s.meaning,
    CASE s.meaning
        WHEN 'accepted' THEN '受理' WHEN 'refused' THEN '不受理' WHEN 'filed' THEN '立案' WHEN 'not_filed' THEN '不予立案' ELSE '其他'
    END AS meaning_name,
    s.fqdept AS unit_name,
    hotline.mask_name(s.fqr) AS handler_name_masked,
    s.loaded_at AS seen_at,
    (s.loaded_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
    date_trunc('month', s.loaded_at AT TIME ZONE 'Asia/Shanghai')::date AS month,
    f.registered_at,
    hotline.seconds_between(f.registered_at, s.loaded_at) AS lag_seconds
FROM hotline.handling_step AS s
LEFT JOIN hotline.order_fact AS f ON s.regino = f.regino AND s.kind = f.kind;

COMMENT ON VIEW analytics.handling_step IS '办理步骤：平台现在给出的每个步骤一行；平台不给步骤的时间，seen_at 为首次取得的时间';
COMMENT ON COLUMN analytics.handling_step.step_id IS '步骤编号（本库）';
COMMENT ON COLUMN analytics.handling_step.regino IS '工单编号';
COMMENT ON COLUMN analytics.handling_step.kind IS 'complaint 投诉, report 举报';
COMMENT ON COLUMN analytics.handling_step.kind_name IS '类型';
COMMENT ON COLUMN analytics.handling_step.step_code IS '步骤代码 slflag；规范没有给出代码表';
COMMENT ON COLUMN analytics.handling_step.meaning IS '代码的含义，由 handling_meanings.csv 给出：accepted 受理, refused 不受理, filed 立案, not_filed 不予立案, other 其他';
COMMENT ON COLUMN analytics.handling_step.meaning_name IS '含义';
COMMENT ON COLUMN analytics.handling_step.unit_name IS '办理部门';
COMMENT ON COLUMN analytics.handling_step.handler_name_masked IS '经办人，只留首字';
COMMENT ON COLUMN analytics.handling_step.seen_at IS '首次取得的时间';
COMMENT ON COLUMN analytics.handling_step.day IS '首次取得的日期（北京时间）';
COMMENT ON COLUMN analytics.handling_step.month IS '首次取得的月份（首日）';
COMMENT ON COLUMN analytics.handling_step.registered_at IS '工单的登记时间';
COMMENT ON COLUMN analytics.handling_step.lag_seconds IS '登记至首次取得的秒数';

CREATE VIEW analytics.extension AS
SELECT
    e.row_id AS extension_id,
    e.orderid AS regino,
    (
        SELECT min(f.kind) FROM hotline.order_fact AS f
        WHERE f.regino = e.orderid
    ) AS kind,
    e.sqdate AS requested_on,
    e.spdate AS approved_at,
    coalesce(e.sqdate, (coalesce(e.spdate, e.loaded_at) AT TIME ZONE 'Asia/Shanghai')::date) AS day,
    date_trunc(
        'month', coalesce(e.sqdate, (coalesce(e.spdate, e.loaded_at) AT TIME ZONE 'Asia/Shanghai')::date)
    )::date AS month,
    e.spdate IS NOT null AS is_approved,
    e.olddeadline AS old_due_on,
    e.yqdate AS new_due_on,
    e.yqdate - e.olddeadline AS extension_days,
    (
        SELECT c.workday_number FROM hotline.calendar_day AS c
        WHERE c.day = e.yqdate
    ) - (
        SELECT c.workday_number FROM hotline.calendar_day AS c
        WHERE c.day = e.olddeadline
    ) AS extension_working_days,
    e.result AS result_code,
    e.state AS state_code,
    e.sqrunit AS unit_name,
    e.sqrdept AS department_name,
    hotline.mask_name(e.sqr) AS applicant_name_masked
FROM hotline.case_extension AS e;

COMMENT ON VIEW analytics.extension IS '延期：每次申请一行；有通过时间的为已批准';
COMMENT ON COLUMN analytics.extension.extension_id IS '申请编号（本库）';
COMMENT ON COLUMN analytics.extension.regino IS '工单编号';
COMMENT ON COLUMN analytics.extension.kind IS '工单类型；工单尚未见到的为空';
COMMENT ON COLUMN analytics.extension.requested_on IS '申请日期';
COMMENT ON COLUMN analytics.extension.approved_at IS '申请通过时间';
COMMENT ON COLUMN analytics.extension.day IS '申请日期；没有时为通过日期，再没有时为首次取得的日期';
COMMENT ON COLUMN analytics.extension.month IS '该日期的月份（首日）';
COMMENT ON COLUMN analytics.extension.is_approved IS '是否已批准';
COMMENT ON COLUMN analytics.extension.old_due_on IS '原办理期限';
COMMENT ON COLUMN analytics.extension.new_due_on IS '延期至';
COMMENT ON COLUMN analytics.extension.extension_days IS '延长的天数';
COMMENT ON COLUMN analytics.extension.extension_working_days IS '延长的工作日数；日历没有数据的为空';
COMMENT ON COLUMN analytics.extension.result_code IS '审批结果，平台原值';
COMMENT ON COLUMN analytics.extension.state_code IS '审批状态，平台原值';
COMMENT ON COLUMN analytics.extension.unit_name IS '申请人机构';
COMMENT ON COLUMN analytics.extension.department_name IS '申请人部门';
COMMENT ON COLUMN analytics.extension.applicant_name_masked IS '申请人，只留首字';

CREATE VIEW analytics.urge AS
SELECT
    'platform:' || u.row_id AS urge_id,
    'platform' AS source,
    '平台' AS source_name,
    u.id AS regino,
    coalesce(u.cbdate, u.loaded_at) AS urged_at,
    (coalesce(u.cbdate, u.loaded_at) AT TIME ZONE 'Asia/Shanghai')::date AS day,
    date_trunc('month', coalesce(u.cbdate, u.loaded_at) AT TIME ZONE 'Asia/Shanghai')::date AS month,
    u.cbunit AS unit_name,
    u.bdbdept AS urged_unit_name,
    exists(
        SELECT FROM hotline.order_fact AS f
        WHERE f.regino = u.id
    ) AS is_order_known
FROM hotline.case_urge AS u
UNION ALL
SELECT
    'hotline:' || u.row_id AS urge_id,
    'hotline' AS source,
    '12345' AS source_name,
    u.regino,
    coalesce(hotline.wire_time(u.urgetime), u.written_at) AS urged_at,
    (coalesce(hotline.wire_time(u.urgetime), u.written_at) AT TIME ZONE 'Asia/Shanghai')::date AS day,
    date_trunc('month', coalesce(hotline.wire_time(u.urgetime), u.written_at) AT TIME ZONE 'Asia/Shanghai')::date AS month,
    null AS unit_name,
    null AS urged_unit_name,
    exists(
        SELECT FROM hotline.order_fact AS f
        WHERE f.regino = u.regino
    ) AS is_order_known
FROM hotline.order_urge AS u
WHERE u.is_current;

COMMENT ON VIEW analytics.urge IS '催办：每次催办一行，平台的和 12345 的';
COMMENT ON COLUMN analytics.urge.urge_id IS '催办编号（本库）';
COMMENT ON COLUMN analytics.urge.source IS 'platform 平台, hotline 12345';
COMMENT ON COLUMN analytics.urge.source_name IS '来源';
COMMENT ON COLUMN analytics.urge.regino IS '工单编号';
COMMENT ON COLUMN analytics.urge.urged_at IS '催办时间；没有的为首次取得的时间';
COMMENT ON COLUMN analytics.urge.day IS '催办日期（北京时间）';
COMMENT ON COLUMN analytics.urge.month IS '催办月份（首日）';
COMMENT ON COLUMN analytics.urge.unit_name IS '催办机构；12345 的没有';
COMMENT ON COLUMN analytics.urge.urged_unit_name IS '被催办部门；12345 的没有';
COMMENT ON COLUMN analytics.urge.is_order_known IS '是否已见到该工单';

CREATE VIEW analytics.feedback AS
SELECT
    f.feedback_id,
    f.regino,
    f.kind,
    f.source,
    f.fed_back_at,
    f.is_time_given,
    (f.fed_back_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
    date_trunc('month', f.fed_back_at AT TIME ZONE 'Asia/Shanghai')::date AS month,
    f.unit_name,
    f.registered_at,
    f.reply_lag_seconds,
    f.reply_lag_working_days,
    f.accept_type_code,
    f.has_result,
    f.has_unit,
    f.has_agent,
    f.has_agent_phone,
    f.has_result AND f.has_unit AND f.has_agent AND f.has_agent_phone AS is_complete,
    f.is_current,
    f.agent_name_masked,
    f.is_first
FROM hotline.feedback_fact AS f;

COMMENT ON VIEW analytics.feedback IS '反馈：每条反馈一行，两套接口都给出的也是一行；只有登记单反馈（4.2.5）有反馈时间，其余按首次取得的时间';
COMMENT ON COLUMN analytics.feedback.feedback_id IS '反馈编号（本库）';
COMMENT ON COLUMN analytics.feedback.regino IS '工单编号';
COMMENT ON COLUMN analytics.feedback.kind IS 'complaint 投诉, report 举报, consultation 咨询；登记单反馈取工单的类型，工单尚未见到的为空';
COMMENT ON COLUMN analytics.feedback.source IS '来自哪个接口；两个接口都给出的为分类反馈的接口';
COMMENT ON COLUMN analytics.feedback.fed_back_at IS '反馈时间';
COMMENT ON COLUMN analytics.feedback.is_time_given IS '反馈时间是否为平台所给';
COMMENT ON COLUMN analytics.feedback.day IS '反馈日期（北京时间）';
COMMENT ON COLUMN analytics.feedback.month IS '反馈月份（首日）';
COMMENT ON COLUMN analytics.feedback.unit_name IS '办理部门';
COMMENT ON COLUMN analytics.feedback.registered_at IS '工单的登记时间';
COMMENT ON COLUMN analytics.feedback.reply_lag_seconds IS '答复时长：登记至反馈的秒数；工单尚未见到的、时间颠倒的为空';
COMMENT ON COLUMN analytics.feedback.reply_lag_working_days IS '答复时长：登记至反馈的工作日数';
COMMENT ON COLUMN analytics.feedback.accept_type_code IS '受理类型，平台原值；规范没有给出代码表';
COMMENT ON COLUMN analytics.feedback.has_result IS '是否写有处理结果（举报还须有调查处理结果）';
COMMENT ON COLUMN analytics.feedback.has_unit IS '是否写有办理部门';
COMMENT ON COLUMN analytics.feedback.has_agent IS '是否写有经办人';
COMMENT ON COLUMN analytics.feedback.has_agent_phone IS '是否写有经办人电话';
COMMENT ON COLUMN analytics.feedback.is_complete IS '以上四项是否齐全';
COMMENT ON COLUMN analytics.feedback.is_current IS '平台是否仍给出该反馈';
COMMENT ON COLUMN analytics.feedback.agent_name_masked IS '经办人，只留首字';
COMMENT ON COLUMN analytics.feedback.is_first IS '是否该工单的第一次反馈';

CREATE VIEW analytics.reconciliation_day AS
SELECT
    r.day,
    date_trunc('month', r.day)::date AS month,
    r.kind,
    CASE r.kind
        WHEN 'complaint' THEN '投诉' WHEN 'report' THEN '举报' WHEN 'consultation' THEN '咨询'
        WHEN 'call_log' THEN '话务日志' WHEN 'recording_log' THEN '录音日志'
        WHEN 'seat_login_log' THEN '坐席工作日志' WHEN 'satisfaction_log' THEN '话务满意度' ELSE r.kind
    END AS kind_name,
    r.docking_count,
    r.delivered_count,
    r.platform_count,
    r.local_count,
    r.explained,
    r.unexplained AS unexplained_count,
    r.state,
    CASE r.state
        WHEN 'agreed' THEN '相符' WHEN 'open' THEN '有差异' WHEN 'incomplete' THEN '有差异且收集不完整' ELSE '没有得到平台数量'
    END AS state_name,
    r.state = 'agreed' AS is_agreed,
    r.checked_at,
    e.first_checked_at,
    e.check_count,
    e.repaired_count
FROM hotline.reconciliation_state AS r
CROSS JOIN LATERAL (
    SELECT
        min(c.checked_at) AS first_checked_at,
        count(*) AS check_count,
        count(c.repair) AS repaired_count
    FROM hotline.count_reconciliation AS c
    WHERE c.day = r.day AND c.kind = r.kind
) AS e;

COMMENT ON VIEW analytics.reconciliation_day IS '每日对账：每天每类一行，为最近一次核对的结果';
COMMENT ON COLUMN analytics.reconciliation_day.day IS '工单的登记日期；话务日志为 12345 写入的日期（北京时间）';
COMMENT ON COLUMN analytics.reconciliation_day.month IS '月份（首日）';
COMMENT ON COLUMN analytics.reconciliation_day.kind IS 'complaint 投诉, report 举报, consultation 咨询；话务日志为其表名';
COMMENT ON COLUMN analytics.reconciliation_day.kind_name IS '类别';
COMMENT ON COLUMN analytics.reconciliation_day.docking_count IS '12345 受理的数量';
COMMENT ON COLUMN analytics.reconciliation_day.delivered_count IS '平台已接收的数量';
COMMENT ON COLUMN analytics.reconciliation_day.platform_count IS '平台的登记数量；话务日志没有';
COMMENT ON COLUMN analytics.reconciliation_day.local_count IS '已收集到本地的数量';
COMMENT ON COLUMN analytics.reconciliation_day.explained IS '差异的构成：名称和数量';
COMMENT ON COLUMN analytics.reconciliation_day.unexplained_count IS '不能解释的差异；没有得到平台数量的为空';
COMMENT ON COLUMN analytics.reconciliation_day.state IS 'agreed 相符, open 有差异, incomplete 有差异且当日收集不完整, unknown 没有得到平台数量';
COMMENT ON COLUMN analytics.reconciliation_day.state_name IS '状态';
COMMENT ON COLUMN analytics.reconciliation_day.is_agreed IS '是否相符';
COMMENT ON COLUMN analytics.reconciliation_day.checked_at IS '最近一次核对的时间';
COMMENT ON COLUMN analytics.reconciliation_day.first_checked_at IS '首次核对的时间';
COMMENT ON COLUMN analytics.reconciliation_day.check_count IS '核对次数';
COMMENT ON COLUMN analytics.reconciliation_day.repaired_count IS '其中先做了修复的次数';
