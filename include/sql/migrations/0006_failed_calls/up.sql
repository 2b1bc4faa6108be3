-- Calls that did not end well are few, and people ask for them by outcome or code over a month: found without reading all others.

CREATE INDEX interaction_log_failed ON hotline.interaction_log (started_at, row_id)
WHERE outcome NOT IN ('delivered', 'served');
CREATE INDEX interaction_log_code ON hotline.interaction_log (code, started_at, row_id)
WHERE code NOT IN ('0', '0000');
