-- Masks: what analysis needs of a name, a number or an address, and no more (docs/personal-data.md). Each is immutable and safe
-- for parallel plans; those that are one expression are taken into the query.

-- A mobile number with its first three and last four digits, a land line with its area code and last two. What is no number shows
-- nothing: words can be a name.
CREATE FUNCTION hotline.mask_other_phone(phone text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    digits text := hotline.normal_phone(phone);
BEGIN
    RETURN CASE
        WHEN digits IS NULL THEN '****'
        WHEN digits ~ '^1[3-9][0-9]{9}$' THEN left(digits, 3) || '****' || right(digits, 4)
        WHEN digits ~ '^0(10|2[0-9])[0-9]{7,8}$' THEN left(digits, 3) || '****' || right(digits, 2)
        WHEN digits ~ '^0[3-9][0-9]{9,10}$' THEN left(digits, 4) || '****' || right(digits, 2)
        ELSE '****' || right(digits, 2)
    END;
END
$$;

CREATE FUNCTION hotline.mask_phone(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN phone ~ '^1[3-9][0-9]{9}$' THEN overlay(phone placing '****' FROM 4 FOR 4)
    WHEN NOT hotline.is_blank(phone) THEN hotline.mask_other_phone(phone)
END;

COMMENT ON FUNCTION hotline.mask_phone IS '电话脱敏：手机留前三后四，固定电话留区号和后两位，不是号码的全部隐去';

-- The first character and `*`; a single character would be the whole name.
CREATE FUNCTION hotline.mask_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN name ~ '^[一-龥]{2}' THEN left(name, 1) || '*'
    WHEN hotline.is_blank(name) THEN null
    WHEN name ~ '^\s*\S\s*$' THEN '*'
    ELSE substring(name FROM '\S') || '*'
END;

COMMENT ON FUNCTION hotline.mask_name IS '姓名脱敏：留首字';

-- Down to the district; where none is found to the city, or nothing. 小区, 社区, 园区 and the like are no districts, 市场 is no city.
CREATE FUNCTION hotline.mask_other_address(address text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    substring(
        address FROM
        '^\s*(?:[^省市区县旗0-9 住在，,：:]{2,3}省|[^省市县旗0-9 住在，,：:]{2,8}自治区)?'
        '(?:[^省市区县旗0-9 住在，,：:]{2,8}(?:市(?!场)|自治州|地区|盟))?'
        '(?:[^省市区县旗0-9 住在，,：:]{1,14}自治[县旗]|[^省市区县旗0-9 住在，,：:]{1,5}市(?!场))?'
    ), ''
) || '*';

CREATE FUNCTION hotline.mask_address(address text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    substring(
        address FROM
        '^(?:[^省市区县旗0-9 住在，,：:]{2,3}省)?(?:[^省市区县旗0-9 住在，,：:]{2,8}[市州盟])?'
        '[^省市区县旗0-9 住在，,：:]{0,4}[^省市区县旗0-9 住在，,：:小社园校厂景库片院][区县旗]'
    ) || '*',
    CASE WHEN NOT hotline.is_blank(address) THEN hotline.mask_other_address(address) END
);

COMMENT ON FUNCTION hotline.mask_address IS '地址脱敏：留到区县';

-- Free text without what tells a person: mail addresses, identity numbers, telephone numbers, plates, accounts of chat programs,
-- every other long number, and the names and addresses that the caller knows. It rather takes too much.
CREATE FUNCTION hotline.scrub_text(value text, names text []) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    scrubbed text := translate(
        value,
        '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＠．－＋（）　',
        '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz@.-+() '
    );
    name text;
BEGIN
    FOREACH name IN ARRAY coalesce(names, '{}') LOOP
        name := regexp_replace(name, '[\s\u200b-\u200f\ufeff]', '', 'g');
        -- A single character stands in too many words.
        CONTINUE WHEN name IS NULL OR length(name) < 2;
        -- Its characters as they are, with blanks between them or not.
        SELECT string_agg(regexp_replace(each.character, '(\W)', '\\\1'), '[\s\u200b-\u200f\ufeff]*' ORDER BY each.place)
        INTO name
        FROM unnest(string_to_array(name, NULL)) WITH ORDINALITY AS each (character, place);
        scrubbed := regexp_replace(scrubbed, name, '[姓名]', 'gi');
    END LOOP;
    scrubbed := regexp_replace(scrubbed, '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+', '[邮箱]', 'g');
    scrubbed := regexp_replace(
        scrubbed,
        '(?<![0-9A-Za-z])[1-9][0-9]{5}[ -]?(?:(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ -]?[0-9]{3}[0-9Xx]'
        '|[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ -]?[0-9]{3})(?![0-9A-Za-z])',
        '[证件号码]', 'g'
    );
    scrubbed := regexp_replace(
        scrubbed,
        '(?<![0-9])(?:(?:[+]|00)?86[ -]?)?(?:0?1[3-9](?:[ -]?[0-9]){9}'
        '|[(]?0[1-9][0-9]{1,2}[) -]{0,2}[2-9][0-9]{2,3}[ -]?[0-9]{4}|[48]00(?:[ -]?[0-9]){7})(?![0-9])'
        '|[零〇一二三四五六七八九幺两]{7,}',
        '[电话]', 'g'
    );
    scrubbed := regexp_replace(
        scrubbed,
        '[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Za-z][ ·•.-]?[A-HJ-NP-Za-hj-np-z0-9]{4,5}'
        '[A-HJ-NP-Za-hj-np-z0-9挂学警港澳]',
        '[车牌]', 'g'
    );
    scrubbed := regexp_replace(
        scrubbed, '((?:微信|vx|wx|wechat|QQ|薇信|威信)[号群]?\s*[:：是为]?\s*)[A-Za-z0-9_-]{5,20}', '\1[账号]', 'gi'
    );
    -- What is left of long numbers, but for a date or a time: bank cards, order numbers, local land lines.
    RETURN regexp_replace(
        scrubbed,
        '(?<![0-9])(?!(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[0-9]{6})?(?![0-9]))'
        '[0-9](?:[ -]?[0-9]){6,}(?![0-9])',
        '[号码]', 'g'
    );
END
$$;

COMMENT ON FUNCTION hotline.scrub_text IS '自由文本脱敏：隐去邮箱、证件号码、电话、车牌、账号、其他长号码，以及给出的姓名和地址';
