-- What analysts may do: read the views of schema analytics, nothing of the raw tables
-- (architecture: personal data stay in the stores). Run after every migrate; each statement may be repeated.

REVOKE ALL ON SCHEMA hotline FROM hotline_analyst;
REVOKE ALL ON ALL TABLES IN SCHEMA hotline FROM public, hotline_analyst;

GRANT USAGE ON SCHEMA analytics TO hotline_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO hotline_analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO hotline_analyst;
