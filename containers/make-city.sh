#!/bin/sh
# Makes what one of several cities needs, after make-secrets.sh: its secrets, its file for Compose, and the SQL of its
# local store on standard output, which holds passwords. What is there is left alone, so it can be run again.
#
#   sh containers/make-city.sh shaoguan 12346 | docker compose exec -T postgres psql -U postgres
#   sh containers/make-city.sh shaoguan 12346 --demo ...    its platform and docking store are those of the profile demo
#
# 12346 is the port of its gateway. Then fill in docking_db__shaoguan and platform_12315__shaoguan. See docs/cities.md.
set -eu
umask 077

city=${1:-}
port=${2:-}
case $city in
    [a-z]*) ;;
    *) city=- ;;
esac
case $city-$port in
    *[!a-z0-9-]* | -* | *-) echo "usage: make-city.sh NAME PORT [--demo]: a name of lower-case letters and digits, the gateway's port" >&2 && exit 2 ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
folder=${HOTLINE_SECRETS_DIR:-$here/secrets}
files=$(dirname "$folder")/cities
if [ ! -s "$folder/docking_password" ]; then echo "make-city.sh: run sh containers/make-secrets.sh first" >&2 && exit 1; fi

word() { head -c 24 /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'; }
secret() {
    if [ -s "$folder/$1" ]; then return; fi
    cat >"$folder/.$1.new"
    chmod 444 "$folder/.$1.new"
    mv -f "$folder/.$1.new" "$folder/$1"
}
account() {
    printf '{"conn_type": "postgres", "host": "postgres", "port": 5432, "schema": "hotline_%s", "login": "%s", "password": "%s"}' \
        "$city" "$2_$city" "$(word)" | secret "$1__$city"
}
password() { sed -n 's/.*"password": "\([^"]*\)".*/\1/p' "$folder/$1__$city"; }

account owner_db hotline_owner
account local_db hotline_bridge
account pages_db hotline_ui
account gateway_db hotline_gate
word | secret "sandbox_token__$city"
if [ "${3:-}" = --demo ]; then
    printf '{"conn_type": "postgres", "host": "docking", "port": 5432, "schema": "docking_%s", "login": "hotline_bridge", "password": "%s"}' \
        "$city" "$(cat "$folder/docking_password")" | secret "docking_db__$city"
    printf '{"conn_type": "http", "host": "http://sandbox-%s:12315", "login": "%s", "password": "%s"}' \
        "$city" "$city" "$(cat "$folder/sandbox_token__$city")" | secret "platform_12315__$city"
fi
for name in docking_db platform_12315; do secret "${name}__$city" <"$here/templates/$name.json"; done
# Empty: nobody is told, and the gateway has its defaults and no order form.
for name in alert_mail alert_webhook gateway_12345 docking_gateway_db; do
    if [ ! -f "$folder/${name}__$city" ]; then secret "${name}__$city" </dev/null; fi
done

mkdir -p "$files"
sed -e "s/CITY/$city/g" -e "s/:PORT:/:$port:/" "$here/templates/city.yaml" >"$files/$city.yaml"

cat <<SQL
\\set ON_ERROR_STOP on
-- A statement that fails would be written to the log with its password.
SET log_min_error_statement = 'panic';
SET log_statement = 'none';
SET log_min_duration_statement = -1;
CREATE ROLE hotline_owner_$city LOGIN PASSWORD '$(password owner_db)';
CREATE ROLE hotline_bridge_$city LOGIN PASSWORD '$(password local_db)' IN ROLE hotline_loader;
CREATE ROLE hotline_ui_$city LOGIN PASSWORD '$(password pages_db)' IN ROLE hotline_pages;
CREATE ROLE hotline_gate_$city LOGIN PASSWORD '$(password gateway_db)' IN ROLE hotline_gateway;
CREATE DATABASE hotline_$city OWNER hotline_owner_$city;
REVOKE ALL ON DATABASE hotline_$city FROM public;
GRANT CONNECT, TEMPORARY ON DATABASE hotline_$city TO hotline_bridge_$city, hotline_ui_$city;
GRANT CONNECT ON DATABASE hotline_$city TO hotline_gate_$city;
SQL
