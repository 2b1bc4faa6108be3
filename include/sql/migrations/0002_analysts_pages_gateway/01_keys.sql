-- Keys that tell records of one person without saying who it is (docs/personal-data.md): HMAC-SHA256 of the number, with a key
-- that is made here, is shown to nobody, and never leaves the database.

CREATE TABLE hotline.person_secret (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version integer NOT NULL,
    inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64),
    made_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE hotline.person_secret IS '散列密钥：只有一行，任何人不可读，仅由属主的函数使用';
COMMENT ON COLUMN hotline.person_secret.is_only IS '只有一行';
COMMENT ON COLUMN hotline.person_secret.version IS '密钥版本；每次更换加一';
COMMENT ON COLUMN hotline.person_secret.inner_pad IS '密钥与 HMAC 内填充的异或';
COMMENT ON COLUMN hotline.person_secret.outer_pad IS '密钥与 HMAC 外填充的异或';
COMMENT ON COLUMN hotline.person_secret.made_at IS '生成时间';

-- Progress of a change of the key: which rows have the new one. Empty when nothing is to be done.
CREATE TABLE hotline.person_rotation (
    table_name text PRIMARY KEY,
    done_to bigint NOT NULL,
    ends_at bigint NOT NULL
);

COMMENT ON TABLE hotline.person_rotation IS '更换散列密钥的进度：每张表一行，全部改写后删除';
COMMENT ON COLUMN hotline.person_rotation.table_name IS '表名';
COMMENT ON COLUMN hotline.person_rotation.done_to IS '已改写到哪个本地行号';
COMMENT ON COLUMN hotline.person_rotation.ends_at IS '更换时最大的本地行号；其后的行已使用新密钥';

-- A telephone number in one spelling: digits alone, a land line with its area code's zero. NULL for what is none: words, too few
-- digits, the same digit throughout. Of several numbers the first counts; an extension does not.
CREATE FUNCTION hotline.spelled_phone(phone text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    first text := split_part(
        regexp_replace(
            translate(phone, '０１２３４５６７８９＋－（）　', '0123456789+-() '), '[,，;；、/]|或|转|分机|ext|#|x', chr(10), 'gi'
        ),
        chr(10), 1
    );
    digits text := regexp_replace(first, '[^0-9]', '', 'g');
BEGIN
    IF digits ~ '^(00)?860?1[3-9][0-9]{9}$|^01[3-9][0-9]{9}$' THEN
        digits := right(digits, 11);
    ELSIF digits ~ '^(00)?860?[1-9][0-9]{8,10}$' THEN
        digits := regexp_replace(digits, '^(00)?860?', '0');
    END IF;
    RETURN CASE WHEN digits ~ '^[0-9]{7,15}$' AND digits !~ '^(.)\1*$' THEN digits END;
END
$$;

-- What most rows have is told at once, inside the query. Only what is one expression is taken into a query; hence two functions.
-- A length and a short pattern tell it: states of a pattern are built anew at each call, so that `{9}` costs more than the rest.
CREATE FUNCTION hotline.normal_phone(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN length(phone) = 11 AND phone ~ '^1[3-9][0-9]+$' THEN phone
    WHEN phone <> '' THEN hotline.spelled_phone(phone)
END;

-- The eighteenth character of a resident identity number, from its first seventeen digits (GB 11643).
CREATE FUNCTION hotline.identity_check(digits text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT substr('10X98765432', (sum(substr(digits, w.place::integer, 1)::integer * w.weight) % 11)::integer + 1, 1)
    FROM unnest(ARRAY[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) WITH ORDINALITY AS w (weight, place)
);

-- The number of a paper in one spelling; an old resident number of 15 digits as the one of 18 that replaced it.
CREATE FUNCTION hotline.spelled_identity(number text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    spelled text := upper(
        regexp_replace(translate(number, '０１２３４５６７８９Ｘｘ（）　', '0123456789Xx() '), '[\s().-]', '', 'g')
    );
BEGIN
    IF spelled ~ '^[1-9][0-9]{7}(0[1-9]|1[0-2])[0-9]{5}$' THEN
        spelled := left(spelled, 6) || '19' || right(spelled, 9);
        RETURN spelled || hotline.identity_check(spelled);
    END IF;
    RETURN CASE WHEN spelled ~ '^[0-9A-Z]{6,30}$' AND spelled !~ '^(.)\1*$' THEN spelled END;
END
$$;

CREATE FUNCTION hotline.normal_identity(number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN length(number) = 18 AND substr(number, 7, 2) IN ('19', '20') AND number ~ '^[1-9][0-9]+X?$' THEN number
    WHEN number <> '' THEN hotline.spelled_identity(number)
END;

-- HMAC-SHA256 (RFC 2104) in 64 hexadecimal digits, by the key with each of the paddings laid over it. Stable as `convert_to` is,
-- or it would not be taken into the expression that calls it.
CREATE FUNCTION hotline.hmac_sha256(value text, inner_pad bytea, outer_pad bytea) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN encode(sha256(outer_pad || sha256(inner_pad || convert_to(value, 'UTF8'))), 'hex');

-- It runs with its owner's rights, as the triggers that write keys do: nobody else reads the key.
CREATE FUNCTION hotline.keyed_hash(value text) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    secret hotline.person_secret;
BEGIN
    SELECT * INTO STRICT secret FROM hotline.person_secret;
    RETURN hotline.hmac_sha256(value, secret.inner_pad, secret.outer_pad);
END
$$;

CREATE FUNCTION hotline.person_key(phone text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN hotline.keyed_hash(hotline.normal_phone(phone));

COMMENT ON FUNCTION hotline.person_key IS '电话号码的散列键；空白、匿名或不是号码的为空';

CREATE FUNCTION hotline.identity_key(number text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN hotline.keyed_hash(hotline.normal_identity(number));

COMMENT ON FUNCTION hotline.identity_key IS '证件号码的散列键；空白或不是号码的为空';

-- Makes a key from the server's own randomness, so that it stands in no statement, and returns its version. Two random UUIDs have
-- 244 bits of it.
CREATE FUNCTION hotline.make_person_secret() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    inside bytea := decode(repeat('36', 64), 'hex');
    outside bytea := decode(repeat('5c', 64), 'hex');
    made integer;
BEGIN
    FOR place IN 0..31 LOOP
        inside := set_byte(inside, place, get_byte(inside, place) # get_byte(key, place));
        outside := set_byte(outside, place, get_byte(outside, place) # get_byte(key, place));
    END LOOP;
    INSERT INTO hotline.person_secret AS known (version, inner_pad, outer_pad)
    VALUES (1, inside, outside)
    ON CONFLICT (is_only) DO UPDATE SET
        version = known.version + 1,
        inner_pad = excluded.inner_pad,
        outer_pad = excluded.outer_pad,
        made_at = now()
    RETURNING known.version INTO made;
    RETURN made;
END
$$;

REVOKE ALL ON FUNCTION hotline.make_person_secret FROM public;
SELECT hotline.make_person_secret();
