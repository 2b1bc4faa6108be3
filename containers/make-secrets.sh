#!/bin/sh
# Makes what is missing or empty in containers/secrets: random passwords and keys, and the connections to fill in. What
# is there is left alone, so it can be run again.
#
#   sh containers/make-secrets.sh          for a deployment: fill in docking_db and platform_12315 afterwards
#   sh containers/make-secrets.sh --demo   for the profile demo: both connections lead to its own services
set -eu
umask 077

demo=
case ${1:-} in
    '') ;;
    --demo) demo=yes ;;
    *) echo "usage: make-secrets.sh [--demo]" >&2 && exit 2 ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
folder=${HOTLINE_SECRETS_DIR:-$here/secrets}
mkdir -p "$folder"
chmod 700 "$folder" # keeps others on the host out; the files themselves are read in containers by users without rights

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }
word() { random "$1" | tr '+/' '-_' | tr -d '='; }

# Appears whole or not at all, also where the disk is full.
secret() {
    if [ -d "$folder/$1" ]; then rmdir "$folder/$1"; fi # Docker makes one where it finds no file
    if [ -s "$folder/$1" ]; then return; fi
    cat >"$folder/.$1.new"
    chmod 444 "$folder/.$1.new"
    mv -f "$folder/.$1.new" "$folder/$1"
    printf 'made %s\n' "$folder/$1"
}

for name in postgres_password airflow_db_password hotline_owner_password hotline_bridge_password hotline_ui_password hotline_gate_password \
    docking_password api_secret_key sandbox_token valkey_password; do
    word 24 | secret "$name"
done
word 64 | secret jwt_secret
random 32 | tr '+/' '-_' | secret fernet_key
printf '{"admin": "%s"}' "$(word 12)" | secret ui_passwords

if [ -n "$demo" ]; then
    printf '{"conn_type": "postgres", "host": "docking", "port": 5432, "schema": "docking", "login": "hotline_bridge", "password": "%s"}' \
        "$(cat "$folder/docking_password")" | secret docking_db
    printf '{"conn_type": "http", "host": "http://sandbox:12315", "login": "sandbox", "password": "%s"}' \
        "$(cat "$folder/sandbox_token")" | secret platform_12315
fi
for name in docking_db platform_12315; do
    secret "$name" <"$here/templates/$name.json"
done
if [ -n "$demo" ]; then secret docking_gateway_db <"$folder/docking_db"; fi
# Empty: nobody is told, the gateway has no order form, its defaults hold, and the UI has accounts of its own. See containers/templates for what to write.
for name in alert_mail alert_webhook gateway_12345 docking_gateway_db ui_sign_on; do
    if [ ! -f "$folder/$name" ]; then secret "$name" </dev/null; fi
done

for name in docking_db platform_12315; do
    if grep -q CHANGE-ME "$folder/$name"; then printf 'fill in %s\n' "$folder/$name"; fi
done
