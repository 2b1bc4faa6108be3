-- Names for the codes of the invented years, and what their steps mean: the real lists are not delivered.

INSERT INTO hotline.standard_data (category, category_zh, code, name, source, source_date)
SELECT DISTINCT ON (l.category, l.code)
    l.category,
    l.category_zh,
    l.code,
    l.name,
    '虚构，仅供试用',
    date '2026-11-01'
FROM (
    SELECT
        c.category,
        c.category_zh,
        p.code,
        p.name
    FROM (VALUES ('complaint_problem', '投诉问题类别'), ('report_problem', '举报问题类别')) AS c (category, category_zh)
    CROSS JOIN unnest(%(problems)s::text [], %(problem_names)s::text []) AS p (code, name)
    UNION ALL
    SELECT
        'goods_service',
        '商品服务分类',
        g.code,
        g.name
    FROM unnest(%(goods_codes)s::text [], %(goods_types)s::text []) AS g (code, name)
    UNION ALL
    SELECT
        'unit',
        '单位',
        '1' || a.code || '00',
        a.name || '市场监督管理局'
    FROM unnest(%(areas)s::text [], %(area_names)s::text []) AS a (code, name)
) AS l
ON CONFLICT DO NOTHING;

INSERT INTO hotline.handling_meaning (kind, slflag, meaning, source, source_date)
SELECT
    k.kind,
    m.slflag,
    m.meaning,
    '虚构，仅供试用',
    date '2026-11-01'
FROM (VALUES ('complaint'), ('report')) AS k (kind)
CROSS JOIN (
    VALUES ('1', 'accepted'), ('2', 'other'), ('3', 'refused'), ('4', 'filed'), ('5', 'not_filed'), ('9', 'other')
) AS m (slflag, meaning)
ON CONFLICT DO NOTHING;
