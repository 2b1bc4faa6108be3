-- Publishing looks at orders that somebody decided on, and asks the feedback tables themselves which orders are finished.

CREATE INDEX operator_action_acted_at ON hotline.operator_action (acted_at);

DROP VIEW hotline.finished_order;
