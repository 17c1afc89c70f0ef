#!/bin/sh
# Run a command with JINGTU_DATABASE_URL pointing at a private PostgreSQL on loopback that ends with it.
# The role in that address is what an office's is: the owner of its database, neither superuser nor exempt from
# row-level security; it may create databases, because tests do.
#   sh scripts/postgres.sh COMMAND...
# The server's programs come from the system's packages; it never runs as root.
set -eu
programs=""
find_programs() {
    for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin; do
        if [ -x "$folder/initdb" ]; then programs=$folder; fi
    done
    if [ -z "$programs" ] && command -v initdb >/dev/null 2>&1; then
        programs=$(dirname "$(command -v initdb)")
    fi
}
find_programs
if [ -z "$programs" ] && command -v apt-get >/dev/null 2>&1; then
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo -n"
    $as_root apt-get update -qq
    # Without this line the package would start a cluster of its own.
    $as_root sh -c 'mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf'
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
    find_programs
fi
if [ -z "$programs" ]; then
    echo "Install PostgreSQL 15 or newer with your system's packages." >&2
    exit 1
fi

folder=$(mktemp -d)
run() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
    id postgres >/dev/null 2>&1 || useradd --system --no-create-home postgres
    chown postgres "$folder"
    run() { setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups "$@"; }
fi
stop() {
    (cd / && run "$programs/pg_ctl" -D "$folder/data" -m immediate -s stop) >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(
    cd /
    run "$programs/initdb" -D "$folder/data" -U keeper -A trust --encoding=UTF8 --no-locale --no-sync >"$folder/initdb.log" 2>&1
    run "$programs/pg_ctl" -D "$folder/data" -s -w -l "$folder/server.log" \
        -o "-c listen_addresses=127.0.0.1 -p $port -k $folder -c fsync=off -c full_page_writes=off -c synchronous_commit=off" start
    as_keeper() { run "$programs/psql" -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U keeper -d postgres -c "$1"; }
    as_keeper "CREATE ROLE jingtu LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS"
    as_keeper "CREATE DATABASE jingtu OWNER jingtu"
) || { cat "$folder"/*.log >&2; exit 1; }
JINGTU_DATABASE_URL="postgres://jingtu@127.0.0.1:$port/jingtu" "$@"
