DROP VIEW hotline.shown_return, hotline.shown_routing, hotline.shown_result, hotline.shown_act, hotline.shown_decision,
hotline.shown_refusal;
DROP FUNCTION
hotline.told_order, hotline.shown_source, hotline.shown_content, hotline.shown_answer, hotline.is_content_kept, hotline.shown_contents,
hotline.shown_records, hotline.shown_completions, hotline.completions_seen, hotline.decide_orders, hotline.ask_release,
hotline.complete_order, hotline.discard_versions, hotline.replay_versions, hotline.end_answers, hotline.discard_answers,
hotline.ask_answers_again, hotline.ask_repair, hotline.keep_codes, hotline.replace_codes, hotline.find_by_phone,
hotline.find_by_name, hotline.check_act, hotline.veiled, hotline.veiled_value, hotline.field_class;
DROP TABLE hotline.asked_release, hotline.person_search;
