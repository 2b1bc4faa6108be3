-- Changes are noted for every row that is stored, and taken in the order in which they came: a number that only grows is the
-- cheapest key. With the order's number before it, each of the two cost a sixth of storing a case.

ALTER TABLE hotline.order_change DROP CONSTRAINT order_change_pkey, ADD PRIMARY KEY (row_id);
ALTER TABLE hotline.order_mark DROP CONSTRAINT order_mark_pkey, ADD PRIMARY KEY (row_id);

-- What most numbers look like is told by a length and a short pattern: states of a pattern are built anew at each call, so that
-- `{9}` costs more than the rest of it. Anything else is spelled out, with the same result.

CREATE OR REPLACE FUNCTION hotline.normal_phone(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN length(phone) = 11 AND phone ~ '^1[3-9][0-9]+$' THEN phone
    WHEN phone <> '' THEN hotline.spelled_phone(phone)
END;

CREATE OR REPLACE FUNCTION hotline.normal_identity(number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN length(number) = 18 AND substr(number, 7, 2) IN ('19', '20') AND number ~ '^[1-9][0-9]+X?$' THEN number
    WHEN number <> '' THEN hotline.spelled_identity(number)
END;
