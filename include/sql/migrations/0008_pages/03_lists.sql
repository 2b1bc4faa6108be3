-- Lists of orders are read from indexes, in their order, however many orders there are.

-- How far an order is; sorted so, what waits for somebody comes first.
CREATE FUNCTION hotline.order_stage(
    is_returned boolean, is_withdrawn boolean, finished_at timestamptz, filed_at timestamptz, accepted_at timestamptz,
    is_reported boolean
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN is_returned THEN '5 returned'
    WHEN is_withdrawn THEN '7 withdrawn'
    WHEN finished_at IS NOT NULL THEN '6 finished'
    WHEN filed_at IS NOT NULL THEN '4 filed'
    WHEN accepted_at IS NOT NULL THEN '3 accepted'
    WHEN is_reported THEN '2 reported'
    ELSE '1 unreported'
END;

COMMENT ON FUNCTION hotline.order_stage IS '工单办理到哪一步，按需要处理的先后编号；网络工单由平台登记，视为已上报';

CREATE INDEX order_fact_registered ON hotline.order_fact (registered_at, regino, kind);
CREATE INDEX order_fact_stage ON hotline.order_fact (
    hotline.order_stage(
        is_returned, is_withdrawn, finished_at, filed_at, accepted_at, reported_at IS NOT NULL OR channel = 'network'
    ), registered_at, regino, kind
);
CREATE INDEX order_fact_due ON hotline.order_fact (due_at, regino, kind)
WHERE finished_at IS NULL AND NOT is_returned AND NOT is_withdrawn;
CREATE INDEX order_fact_returned ON hotline.order_fact (returned_at, regino, kind) WHERE returned_at IS NOT NULL;
CREATE INDEX order_fact_routed ON hotline.order_fact (routed_at, regino, kind) WHERE routed_at IS NOT NULL;
CREATE INDEX order_fact_finished ON hotline.order_fact (finished_at, regino, kind) WHERE finished_at IS NOT NULL;
CREATE INDEX order_fact_company ON hotline.order_fact (company_key, registered_at) WHERE company_key IS NOT NULL;
CREATE INDEX order_fact_handling_unit ON hotline.order_fact (handling_unit_name, registered_at)
WHERE handling_unit_name IS NOT NULL;
CREATE INDEX order_fact_unit ON hotline.order_fact (unit_code, registered_at) WHERE unit_code IS NOT NULL;
CREATE INDEX order_fact_person ON hotline.order_fact (person_key, registered_at) WHERE person_key IS NOT NULL;
CREATE INDEX order_fact_name ON hotline.order_fact (person_name_masked, registered_at) WHERE person_name_masked IS NOT NULL;
