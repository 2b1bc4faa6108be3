-- Takes schema hotline back to nothing; its data are lost.

DROP VIEW
hotline.quarantine, hotline.registered_order, hotline.open_order, hotline.order_urgency,
hotline.order_overlay, hotline.current_order_deadline, hotline.handling_step,
hotline.order_progress, hotline.order_deadline_state, hotline.order_life,
hotline.reconciliation_state, hotline.reconciliation_history, hotline.reconciliation_missing,
hotline.unaccepted;

DROP TABLE
hotline.call_log, hotline.call_log_history, hotline.recording_log, hotline.recording_log_history,
hotline.seat_login_log, hotline.seat_login_log_history, hotline.satisfaction_log,
hotline.satisfaction_log_history, hotline.complaint_order, hotline.complaint_order_history,
hotline.report_order, hotline.report_order_history, hotline.consultation_order,
hotline.consultation_order_history, hotline.case_feedback, hotline.case_feedback_history,
hotline.complaint_case, hotline.complaint_case_history, hotline.report_case,
hotline.report_case_history, hotline.consultation_case, hotline.consultation_case_history,
hotline.returned_case, hotline.returned_case_history, hotline.case_routing,
hotline.case_routing_history, hotline.complaint_handling, hotline.complaint_handling_history,
hotline.report_handling, hotline.report_handling_history, hotline.case_extension,
hotline.case_extension_history, hotline.case_urge, hotline.case_urge_history,
hotline.complaint_feedback, hotline.complaint_feedback_history, hotline.report_feedback,
hotline.report_feedback_history, hotline.consultation_feedback,
hotline.consultation_feedback_history, hotline.delivery, hotline.interaction_log,
hotline.operator_action, hotline.collection_window, hotline.landing, hotline.drain_fetch,
hotline.quarantined_answer, hotline.order_source, hotline.order_completion,
hotline.order_supplement, hotline.order_urge, hotline.order_audit, hotline.seat,
hotline.seat_history, hotline.quarantined_note, hotline.calendar_day, hotline.time_limit,
hotline.handling_meaning, hotline.order_deadline, hotline.standard_data, hotline.order_change,
hotline.publish_again, hotline.publication, hotline.count_reconciliation, hotline.counted_day,
hotline.count_location, hotline.platform_reading, hotline.acceptance, hotline.deployment,
hotline.run_log, hotline.alert, hotline.alert_told, hotline.quality_result, hotline.restore;

DROP FUNCTION
hotline.is_blank, hotline.wire_digits, hotline.wire_time, hotline.is_usable, hotline.written_moment,
hotline.first_window, hotline.note_key, hotline.order_kind, hotline.add_working_days,
hotline.judged_deadlines, hotline.deadline_states, hotline.note_order_changes,
hotline.note_version_change, hotline.note_standard_data_change, hotline.keep_counted_days;
