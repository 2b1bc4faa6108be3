-- Times come as YYYY-MM-DD hh:mm:ss, which every session of ours reads as Asia/Shanghai (DESIGN rule 14).

INSERT INTO {answer}
SELECT
    {names},
    r.content_hash,
    r.flags,
    r.key,
    r.partial
FROM json_populate_recordset(NULL::{answer}, %(good)s::json) AS r
