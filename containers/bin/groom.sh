#!/bin/sh
# Once a day: deletes Airflow's log files and its records of runs that are older than LOG_DAYS. What the bridge keeps
# (deliveries, interaction log, quarantine) is not Airflow's and is not touched here: the DAG `maintenance` does that.
#
#   groom.sh          for ever
#   groom.sh --once   one round
set -eu

LOG_FOLDER=${AIRFLOW__LOGGING__BASE_LOG_FOLDER:?names the folder of logs}
LOG_DAYS=${LOG_DAYS:-35}
DONE=${AIRFLOW_HOME:?}/groomed # the health check looks at its age

case $LOG_DAYS in
    '' | *[!0-9]* | 0) echo "groom: LOG_DAYS must be a whole number of days, at least 1" >&2 && exit 1 ;;
esac

round() {
    find "$LOG_FOLDER" -type f -mtime "+$LOG_DAYS" -delete
    find "$LOG_FOLDER" -mindepth 1 -type d -mtime +1 -empty -delete
    airflow db clean --yes --skip-archive --clean-before-timestamp "$(date -u -d "-$LOG_DAYS days" +%Y-%m-%dT%H:%M:%S+00:00)"
    touch "$DONE"
}

if [ "${1:-}" = --once ]; then
    round
    exit
fi
while true; do
    round || echo "groom: this round failed, the next is tomorrow" >&2
    sleep 86400
done
