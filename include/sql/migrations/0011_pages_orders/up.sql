-- A company is looked for by how its name begins.
CREATE INDEX order_fact_company_name ON hotline.order_fact (hotline.plain_company_name(company_name) text_pattern_ops)
WHERE company_name IS NOT NULL;

-- The content of a version whose body is kept no longer, as it stands in the typed table or in its history.
CREATE FUNCTION hotline.kept_content(of_order text, of_hash bytea) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT to_jsonb(t) FROM hotline.complaint_order AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    UNION ALL
    SELECT to_jsonb(t) FROM hotline.report_order AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    UNION ALL
    SELECT to_jsonb(t) FROM hotline.consultation_order AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    UNION ALL
    SELECT to_jsonb(t) FROM hotline.complaint_order_history AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    UNION ALL
    SELECT to_jsonb(t) FROM hotline.report_order_history AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    UNION ALL
    SELECT to_jsonb(t) FROM hotline.consultation_order_history AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    LIMIT 1
$$;

COMMENT ON FUNCTION hotline.kept_content IS '一个工单某一内容在类型表或其历史中的行，未脱敏；没有时为空';
