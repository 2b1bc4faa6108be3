-- What a table did not take, tried longest ago first.

SELECT a.regino
FROM hotline.publish_again AS a
WHERE a.docking_table = %(table)s
ORDER BY a.tried_at, a.regino
LIMIT %(limit)s
