#!/bin/sh
# Run once by the postgres image on an empty volume: databases `airflow` and `hotline`, and accounts that own no more
# than they need. Passwords go from their files to the server over psql's standard input, never through an argument.
#
#   airflow          owns database airflow
#   hotline_owner    owns database hotline; `hotline migrate` runs as it
#   hotline_bridge   reads and writes what the owner made there; the DAGs run as it
#   hotline_ui       reads what the pages of the UI show, masked, and decides through functions
#   hotline_gate     offers feedback to 12345, and notes what it acknowledged
set -eu

SECRETS=${HOTLINE_SECRETS_FOLDER:-/run/secrets}
for name in airflow_db_password hotline_owner_password hotline_bridge_password hotline_ui_password \
    hotline_gate_password; do
    if [ ! -s "$SECRETS/$name" ]; then
        echo "10-accounts.sh: secret $name is missing or empty: run sh containers/make-secrets.sh" >&2
        exit 1
    fi
done
export SECRETS

psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set airflow `cat "$SECRETS/airflow_db_password"`
\set owner `cat "$SECRETS/hotline_owner_password"`
\set bridge `cat "$SECRETS/hotline_bridge_password"`
\set ui `cat "$SECRETS/hotline_ui_password"`
\set gate `cat "$SECRETS/hotline_gate_password"`

-- A statement that fails would be written to the log with its password.
SET log_min_error_statement = 'panic';
SET log_statement = 'none';
SET log_min_duration_statement = -1;

CREATE ROLE airflow LOGIN PASSWORD :'airflow';
CREATE ROLE hotline_owner LOGIN PASSWORD :'owner';
CREATE ROLE hotline_loader NOLOGIN;
CREATE ROLE hotline_analyst NOLOGIN;
CREATE ROLE hotline_text_reader NOLOGIN;
CREATE ROLE hotline_auditor NOLOGIN;
CREATE ROLE hotline_pages NOLOGIN;
CREATE ROLE hotline_gateway NOLOGIN;
CREATE ROLE hotline_bridge LOGIN PASSWORD :'bridge' IN ROLE hotline_loader;
CREATE ROLE hotline_ui LOGIN PASSWORD :'ui' IN ROLE hotline_pages;
CREATE ROLE hotline_gate LOGIN PASSWORD :'gate' IN ROLE hotline_gateway;

CREATE DATABASE airflow OWNER airflow;
CREATE DATABASE hotline OWNER hotline_owner;
REVOKE ALL ON DATABASE airflow, hotline, postgres FROM public;
GRANT CONNECT, TEMPORARY ON DATABASE hotline TO hotline_loader, hotline_pages;
GRANT CONNECT ON DATABASE hotline TO hotline_gateway, hotline_analyst, hotline_text_reader, hotline_auditor;
SQL
