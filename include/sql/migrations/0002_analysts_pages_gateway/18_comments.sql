-- What columns mean that had no comment yet, for the dictionary of tables.

COMMENT ON COLUMN hotline.acceptance.row_id IS '本地行号';
COMMENT ON COLUMN hotline.acceptance.accepted_at IS '认可的时间';
COMMENT ON COLUMN hotline.acceptance.begins IS '起始时间';
COMMENT ON COLUMN hotline.acceptance.ends IS '结束时间';

COMMENT ON COLUMN hotline.alert.row_id IS '本地行号';
COMMENT ON COLUMN hotline.alert.cause IS '原因';
COMMENT ON COLUMN hotline.alert.subject IS '对象：接口、DAG 等';
COMMENT ON COLUMN hotline.alert.day IS '告警的日期';
COMMENT ON COLUMN hotline.alert.since IS '情况始于何时';
COMMENT ON COLUMN hotline.alert.count IS '数量';
COMMENT ON COLUMN hotline.alert.first_seen_at IS '首次见到的时间';
COMMENT ON COLUMN hotline.alert.last_seen_at IS '最近一次见到的时间';

COMMENT ON COLUMN hotline.alert_told.alert IS '告警的行号';
COMMENT ON COLUMN hotline.alert_told.asked_at IS '要求发送的时间';

COMMENT ON COLUMN hotline.calendar_day.day IS '日期';

COMMENT ON COLUMN hotline.collection_window.row_id IS '本地行号';
COMMENT ON COLUMN hotline.collection_window.interface IS '接口';

COMMENT ON COLUMN hotline.count_location.row_id IS '本地行号';
COMMENT ON COLUMN hotline.count_location.checked_at IS '核对时间';
COMMENT ON COLUMN hotline.count_location.kind IS 'complaint 投诉, report 举报, consultation 咨询';
COMMENT ON COLUMN hotline.count_location.begins IS '起始时间';
COMMENT ON COLUMN hotline.count_location.platform_count IS '平台数量';
COMMENT ON COLUMN hotline.count_location.local_count IS '本地数量';

COMMENT ON COLUMN hotline.count_reconciliation.row_id IS '本地行号';
COMMENT ON COLUMN hotline.count_reconciliation.checked_at IS '核对时间';

COMMENT ON COLUMN hotline.counted_day.day IS '登记日期';

COMMENT ON COLUMN hotline.delivery.row_id IS '本地行号';
COMMENT ON COLUMN hotline.delivery.interface IS '上报接口';
COMMENT ON COLUMN hotline.delivery.body_sha256 IS '报文的 SHA-256';
COMMENT ON COLUMN hotline.delivery.claimed_by IS '领取它的运行';
COMMENT ON COLUMN hotline.delivery.code IS '平台给出的代码';
COMMENT ON COLUMN hotline.delivery.message IS '平台给出的说明';
COMMENT ON COLUMN hotline.delivery.first_refused_at IS '平台首次拒绝的时间';
COMMENT ON COLUMN hotline.delivery.settled_at IS '有结果的时间';
COMMENT ON COLUMN hotline.delivery.taken_in_at IS '取入的时间';

COMMENT ON COLUMN hotline.deployment.is_only IS '恒为真：只有一行';
COMMENT ON COLUMN hotline.deployment.installed_at IS '安装的时间';

COMMENT ON COLUMN hotline.drain_fetch.interface IS '待取接口';

COMMENT ON COLUMN hotline.handling_meaning.kind IS 'complaint 投诉, report 举报';
COMMENT ON COLUMN hotline.handling_meaning.source IS '来源';
COMMENT ON COLUMN hotline.handling_meaning.source_date IS '来源的日期';

COMMENT ON COLUMN hotline.interaction_log.row_id IS '本地行号';
COMMENT ON COLUMN hotline.interaction_log.started_at IS '开始的时间';
COMMENT ON COLUMN hotline.interaction_log.interface IS '接口';
COMMENT ON COLUMN hotline.interaction_log.key IS '主键：工单编号或记录编号';
COMMENT ON COLUMN hotline.interaction_log.attempt IS '第几次尝试';
COMMENT ON COLUMN hotline.interaction_log.outcome IS '结果';
COMMENT ON COLUMN hotline.interaction_log.http_status IS 'HTTP 状态';
COMMENT ON COLUMN hotline.interaction_log.code IS '平台给出的代码';
COMMENT ON COLUMN hotline.interaction_log.message IS '平台给出的说明';
COMMENT ON COLUMN hotline.interaction_log.elapsed_ms IS '用时（毫秒）';
COMMENT ON COLUMN hotline.interaction_log.body_sha256 IS '报文的 SHA-256';

COMMENT ON COLUMN hotline.landing.row_id IS '本地行号';
COMMENT ON COLUMN hotline.landing.interface IS '接口';
COMMENT ON COLUMN hotline.landing.answer_sha256 IS '应答的 SHA-256';
COMMENT ON COLUMN hotline.landing.answer IS '应答的原样字节';
COMMENT ON COLUMN hotline.landing.row_count IS '应答的行数';
COMMENT ON COLUMN hotline.landing.window_begin IS '所查登记时间的起点';
COMMENT ON COLUMN hotline.landing.window_end IS '所查登记时间的终点';

COMMENT ON COLUMN hotline.operator_action.row_id IS '本地行号';
COMMENT ON COLUMN hotline.operator_action.acted_at IS '操作的时间';
COMMENT ON COLUMN hotline.operator_action.actor IS '操作人';
COMMENT ON COLUMN hotline.operator_action.interface IS '接口';
COMMENT ON COLUMN hotline.operator_action.key IS '主键：工单编号或记录编号';
COMMENT ON COLUMN hotline.operator_action.state_before IS '操作前的状态';
COMMENT ON COLUMN hotline.operator_action.state_after IS '操作后的状态';
COMMENT ON COLUMN hotline.operator_action.reason IS '原因';

COMMENT ON COLUMN hotline.order_audit.row_id IS '本地行号';
COMMENT ON COLUMN hotline.order_audit.interface IS '接口';
COMMENT ON COLUMN hotline.order_audit.regino IS '工单编号';
COMMENT ON COLUMN hotline.order_audit.reason IS '原因';
COMMENT ON COLUMN hotline.order_audit.decided_at IS '决定的时间';

COMMENT ON COLUMN hotline.order_change.row_id IS '本地行号';

COMMENT ON COLUMN hotline.order_completion.row_id IS '本地行号';
COMMENT ON COLUMN hotline.order_completion.interface IS '接口';
COMMENT ON COLUMN hotline.order_completion.regino IS '工单编号';
COMMENT ON COLUMN hotline.order_completion.value IS '补全的内容';
COMMENT ON COLUMN hotline.order_completion.actor IS '操作人';
COMMENT ON COLUMN hotline.order_completion.reason IS '原因';
COMMENT ON COLUMN hotline.order_completion.completed_at IS '补全的时间';
COMMENT ON COLUMN hotline.order_completion.ended_by IS '撤销者';

COMMENT ON COLUMN hotline.order_deadline.row_id IS '本地行号';
COMMENT ON COLUMN hotline.order_deadline.loaded_at IS '载入本地库的时间';

COMMENT ON COLUMN hotline.order_source.interface IS '接口';
COMMENT ON COLUMN hotline.order_source.key IS '主键：工单编号或记录编号';

COMMENT ON COLUMN hotline.order_supplement.row_id IS '本地行号';
COMMENT ON COLUMN hotline.order_supplement.supplementid IS '补单编号';
COMMENT ON COLUMN hotline.order_supplement.regino IS '工单编号';
COMMENT ON COLUMN hotline.order_supplement.supplementtime IS '补单时间，按 12345 所写';
COMMENT ON COLUMN hotline.order_supplement.content IS '补充内容';
COMMENT ON COLUMN hotline.order_supplement.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.order_supplement.written_at IS '12345 写入的时间';
COMMENT ON COLUMN hotline.order_supplement.taken_in_at IS '取入的时间';

COMMENT ON COLUMN hotline.order_urge.row_id IS '本地行号';
COMMENT ON COLUMN hotline.order_urge.urgeid IS '催办编号';
COMMENT ON COLUMN hotline.order_urge.regino IS '工单编号';
COMMENT ON COLUMN hotline.order_urge.urgetime IS '催办时间，按 12345 所写';
COMMENT ON COLUMN hotline.order_urge.urger IS '催办人';
COMMENT ON COLUMN hotline.order_urge.remark IS '催办说明';
COMMENT ON COLUMN hotline.order_urge.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.order_urge.written_at IS '12345 写入的时间';
COMMENT ON COLUMN hotline.order_urge.taken_in_at IS '取入的时间';

COMMENT ON COLUMN hotline.platform_reading.name IS '读法的名称';
COMMENT ON COLUMN hotline.platform_reading.is_inclusive IS '时间段的终点是否在内';
COMMENT ON COLUMN hotline.platform_reading.found_at IS '得知的时间';

COMMENT ON COLUMN hotline.quality_result.row_id IS '本地行号';
COMMENT ON COLUMN hotline.quality_result.table_name IS '表';
COMMENT ON COLUMN hotline.quality_result.failing_count IS '不合规则的数量';
COMMENT ON COLUMN hotline.quality_result.checked_count IS '检查的数量';
COMMENT ON COLUMN hotline.quality_result.message_zh IS '规则的中文说明';

COMMENT ON COLUMN hotline.quarantined_answer.row_id IS '本地行号';
COMMENT ON COLUMN hotline.quarantined_answer.interface IS '接口';
COMMENT ON COLUMN hotline.quarantined_answer.content_hash IS '内容的 SHA-256';
COMMENT ON COLUMN hotline.quarantined_answer.reasons IS '违反的规则：字段:规则';
COMMENT ON COLUMN hotline.quarantined_answer.first_seen_at IS '首次见到的时间';
COMMENT ON COLUMN hotline.quarantined_answer.last_seen_at IS '最近一次见到的时间';

COMMENT ON COLUMN hotline.quarantined_note.row_id IS '本地行号';

COMMENT ON COLUMN hotline.run_log.row_id IS '本地行号';
COMMENT ON COLUMN hotline.run_log.finished_at IS '结束的时间';
COMMENT ON COLUMN hotline.run_log.dag IS 'DAG';
COMMENT ON COLUMN hotline.run_log.quarantined IS '隔离的数量';
COMMENT ON COLUMN hotline.run_log.delivered IS '上报的数量';

COMMENT ON COLUMN hotline.seat.seatno IS '坐席工号';
COMMENT ON COLUMN hotline.seat.seatname IS '坐席名称';
COMMENT ON COLUMN hotline.seat.sourcearea IS '所属地区行政区划代码';
COMMENT ON COLUMN hotline.seat.unitcode IS '单位代码';
COMMENT ON COLUMN hotline.seat.enabled IS '是否启用，按 12345 所写';
COMMENT ON COLUMN hotline.seat.content_hash IS '内容的 SHA-256';

COMMENT ON COLUMN hotline.seat_history.row_id IS '本地行号';
COMMENT ON COLUMN hotline.seat_history.seatno IS '坐席工号';
COMMENT ON COLUMN hotline.seat_history.seatname IS '坐席名称';
COMMENT ON COLUMN hotline.seat_history.sourcearea IS '所属地区行政区划代码';
COMMENT ON COLUMN hotline.seat_history.unitcode IS '单位代码';
COMMENT ON COLUMN hotline.seat_history.enabled IS '是否启用，按 12345 所写';
COMMENT ON COLUMN hotline.seat_history.event IS '变化';
COMMENT ON COLUMN hotline.seat_history.happened_at IS '变化的时间';

COMMENT ON COLUMN hotline.standard_data.row_id IS '本地行号';
COMMENT ON COLUMN hotline.standard_data.loaded_at IS '载入本地库的时间';

COMMENT ON COLUMN hotline.time_limit.kind IS 'complaint 投诉, report 举报, consultation 咨询';
COMMENT ON COLUMN hotline.time_limit.source IS '来源';
COMMENT ON COLUMN hotline.time_limit.source_date IS '来源的日期';
