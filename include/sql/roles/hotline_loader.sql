-- What the accounts of the DAGs may do. Run after every migrate; each statement may be repeated.

REVOKE ALL ON SCHEMA hotline FROM public;
GRANT USAGE ON SCHEMA hotline TO hotline_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hotline TO hotline_loader;
REVOKE INSERT, UPDATE, DELETE ON hotline.alembic_version FROM hotline_loader;
DO $$
BEGIN
    IF to_regclass('hotline.person_secret') IS NOT NULL THEN
        REVOKE ALL ON hotline.person_secret FROM public, hotline_loader;
        GRANT SELECT (version, made_at) ON hotline.person_secret TO hotline_loader;
    END IF;
END
$$;
-- Rollups are computed from views of the analysts.
GRANT USAGE ON SCHEMA analytics TO hotline_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO hotline_loader;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA hotline TO hotline_loader;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA hotline TO hotline_loader;

-- For what later migrations make: these hold for objects of the account that runs them.
ALTER DEFAULT PRIVILEGES IN SCHEMA hotline GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hotline_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA hotline GRANT USAGE, SELECT ON SEQUENCES TO hotline_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA hotline GRANT EXECUTE ON ROUTINES TO hotline_loader;
