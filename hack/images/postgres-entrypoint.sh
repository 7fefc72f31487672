#!/usr/bin/busybox sh
# shellcheck shell=dash
# Entry point of the local Postgres image: the part of the well-known public image's contract that the operator uses, so that either
# image can stand behind RELATED_IMAGE_POSTGRES.
#
#   POSTGRES_USER (postgres), POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE (needed for the first start), POSTGRES_DB (as the user),
#   PGDATA, POSTGRES_INITDB_ARGS. Arguments: `postgres -c name=value ...`, or only the options.
# Any user ID; root file system read-only; PGDATA's parent, /tmp and /var/run/postgresql writable.
set -eu
: "${PGDATA:=/var/lib/postgresql/data/pgdata}" "${POSTGRES_USER:=postgres}"
: "${POSTGRES_DB:=$POSTGRES_USER}"
[ "${1:-}" != postgres ] || shift

# Made beside PGDATA and renamed when whole: a pod killed during its first start leaves no half database that the next one trusts.
first_start() {
  new=$PGDATA.new
  busybox rm -rf "$new"
  busybox mkdir -p "${PGDATA%/*}"
  if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then POSTGRES_PASSWORD=$(busybox cat "$POSTGRES_PASSWORD_FILE"); fi
  if [ -z "${POSTGRES_PASSWORD:-}" ]; then
    echo "error: the database is empty and has no password: set POSTGRES_PASSWORD_FILE or POSTGRES_PASSWORD." >&2
    exit 1
  fi
  (umask 077 && printf '%s\n' "$POSTGRES_PASSWORD" >/tmp/password)
  # shellcheck disable=SC2086 # a list of options
  initdb -D "$new" -U "$POSTGRES_USER" --pwfile=/tmp/password -A scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --data-checksums ${POSTGRES_INITDB_ARGS:-}
  busybox rm /tmp/password
  echo 'host all all all scram-sha-256' >>"$new/pg_hba.conf"
  if [ "$POSTGRES_DB" != postgres ]; then
    printf 'CREATE DATABASE "%s"\n' "$POSTGRES_DB" | postgres --single -j -D "$new" postgres >/dev/null
  fi
  busybox rmdir "$PGDATA" 2>/dev/null || true # an empty folder, if somebody made one
  busybox mv "$new" "$PGDATA"
}

[ -s "$PGDATA/PG_VERSION" ] || first_start
# With an fsGroup the kubelet makes everything on the volume writable for the group each time it mounts it, and Postgres refuses
# to start on such a folder.
busybox chmod 00700 "$PGDATA"
unset POSTGRES_PASSWORD
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql -c jit=off "$@"
