-- Who looked for a person, as the other tables have it: with the key in use after a change of it, and shown to auditors.

CREATE FUNCTION hotline.person_key_version() RETURNS integer
LANGUAGE sql STABLE
RETURN (SELECT s.version FROM hotline.person_secret AS s);

COMMENT ON FUNCTION hotline.person_key_version IS '现用散列密钥的版本';

ALTER TABLE hotline.person_search
ADD COLUMN key_version integer,
ADD COLUMN is_comparable boolean NOT NULL DEFAULT TRUE;

UPDATE hotline.person_search AS p
SET key_version = CASE WHEN p.searched_at < s.made_at THEN s.version - 1 ELSE s.version END
FROM hotline.person_secret AS s;

ALTER TABLE hotline.person_search
ALTER COLUMN key_version SET NOT NULL,
ALTER COLUMN key_version SET DEFAULT hotline.person_key_version();

COMMENT ON COLUMN hotline.person_search.person_hash IS
'所查电话或姓名的散列键；不是号码的为空；更换密钥时，本地库有其记录的号码换成新的散列键';
COMMENT ON COLUMN hotline.person_search.key_version IS '散列键所用的密钥版本';
COMMENT ON COLUMN hotline.person_search.is_comparable IS
'散列键与各表的散列键可比；更换密钥时无法重新计算的（姓名，以及本地库没有记录的号码）再散列一次，此后只能彼此比较';

-- What no record tells of: hashed once more, so that whoever knows the old key learns nothing; equal ones stay equal.
CREATE FUNCTION hotline.hash_searches_again() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    UPDATE hotline.person_search AS p
    SET person_hash = hotline.keyed_hash(p.person_hash), key_version = hotline.person_key_version(), is_comparable = FALSE
    WHERE p.key_version < hotline.person_key_version();
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;

COMMENT ON FUNCTION hotline.hash_searches_again IS '把仍用旧密钥的查询散列键再散列一次；返回行数';

REVOKE ALL ON FUNCTION hotline.person_key_version, hotline.hash_searches_again FROM public;

SELECT hotline.hash_searches_again();

-- The version is read before the key: a change of the key between the two leaves the row to be hashed again.
CREATE OR REPLACE FUNCTION hotline.find_by_phone(of_phone text, most integer, by_actor text)
RETURNS TABLE (regino text, kind text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_version integer := hotline.person_key_version();
    of_person text := hotline.person_key(of_phone);
    met integer;
BEGIN
    PERFORM hotline.check_act(by_actor, '-');
    RETURN QUERY
    SELECT o.regino, o.kind FROM hotline.order_fact AS o
    WHERE o.person_key = of_person
    ORDER BY o.registered_at DESC, o.regino DESC LIMIT least(most, 50);
    GET DIAGNOSTICS met = ROW_COUNT;
    INSERT INTO hotline.person_search (actor, searched_by, person_hash, key_version, found)
    VALUES (by_actor, 'phone', of_person, of_version, met);
END
$$;

CREATE VIEW analytics.person_search AS
SELECT
    s.searched_at,
    s.actor,
    s.searched_by,
    s.person_hash,
    s.is_comparable,
    s.found
FROM hotline.person_search AS s;

COMMENT ON VIEW analytics.person_search IS '按电话或姓名查询工单的记录：每次查询一行，谁、何时；查的是谁只有散列键';
COMMENT ON COLUMN analytics.person_search.searched_at IS '查询时间';
COMMENT ON COLUMN analytics.person_search.actor IS '查询人';
COMMENT ON COLUMN analytics.person_search.searched_by IS 'phone 电话, name 姓名';
COMMENT ON COLUMN analytics.person_search.person_hash IS '所查电话或姓名的散列键；不是号码的为空';
COMMENT ON COLUMN analytics.person_search.is_comparable IS '是否可与 person_key 和新的查询比较；更换密钥前的多数不可，只能彼此比较';
COMMENT ON COLUMN analytics.person_search.found IS '查到的工单数，最多 50';
