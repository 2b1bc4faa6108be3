-- The two stations of one batch, private to the connection and empty again at the end of every transaction. Times of the
-- batch are as 12345 wrote them: NULL, infinity, any year. A row with reasons is put aside, whatever the rules say of it.

CREATE TEMPORARY TABLE IF NOT EXISTS batch (
    position integer GENERATED ALWAYS AS IDENTITY,
    source_tid text NOT NULL,
    written_at timestamptz,
    collected_at timestamptz,
    body text NOT NULL,
    reasons text [] NOT NULL DEFAULT '{}'
) ON COMMIT DELETE ROWS;

CREATE TEMPORARY TABLE IF NOT EXISTS version (
    position integer NOT NULL,
    key text NOT NULL,
    content_hash bytea NOT NULL,
    written_at timestamptz NOT NULL,
    is_timed boolean NOT NULL,
    fields jsonb NOT NULL,
    body bytea NOT NULL,
    state text NOT NULL,
    reasons text [] NOT NULL,
    flags text [] NOT NULL,
    delivery_id bigint,
    is_new boolean,
    is_current boolean
) ON COMMIT DELETE ROWS;
