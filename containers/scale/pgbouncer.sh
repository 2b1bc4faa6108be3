#!/bin/sh
# Entry point of the service `pgbouncer`: writes its settings and accounts into memory, and becomes PgBouncer.
set -eu
umask 077
cd /tmp

account() { printf '"%s" "%s"\n' "$1" "$(cat "/run/secrets/$2")"; }
{
    account airflow airflow_db_password
    account hotline_bridge hotline_bridge_password
    account hotline_ui hotline_ui_password
    account hotline_gate hotline_gate_password
} >users

cat >pgbouncer.ini <<INI
[databases]
airflow = host=${HOTLINE_DB_HOST} port=${HOTLINE_DB_PORT}
hotline = host=${HOTLINE_DB_HOST} port=${HOTLINE_DB_PORT}
[pgbouncer]
listen_addr = 0.0.0.0
listen_port = 6432
unix_socket_dir =
auth_type = scram-sha-256
auth_file = /tmp/users
pool_mode = transaction
; Above the tasks that run at once plus ten: a task holds one for its lock, and needs another for its work.
default_pool_size = ${PGBOUNCER_POOL_SIZE}
max_client_conn = 1000
; Airflow prepares statements; the bridge does not.
max_prepared_statements = 200
; Who waits so long is told, and tries again with the next run.
query_wait_timeout = 60
server_idle_timeout = 60
log_connections = 0
log_disconnections = 0
INI
exec /usr/sbin/pgbouncer pgbouncer.ini
