CREATE OR REPLACE FUNCTION hotline.normal_phone(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN phone ~ '^1[3-9][0-9]{9}$' THEN phone
    WHEN phone <> '' THEN hotline.spelled_phone(phone)
END;

CREATE OR REPLACE FUNCTION hotline.normal_identity(number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN number ~ '^[1-9][0-9]{5}(19|20)[0-9]{9}[0-9X]$' THEN number
    WHEN number <> '' THEN hotline.spelled_identity(number)
END;

ALTER TABLE hotline.order_mark DROP CONSTRAINT order_mark_pkey, ADD PRIMARY KEY (regino, row_id);
ALTER TABLE hotline.order_change DROP CONSTRAINT order_change_pkey, ADD PRIMARY KEY (regino, row_id);
