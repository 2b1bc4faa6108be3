-- Good rows that are not there yet, by content.

COPY {table} ({columns}, content_hash, flags, source, requested_at, window_begin, window_end)
FROM STDIN (NULL '')
