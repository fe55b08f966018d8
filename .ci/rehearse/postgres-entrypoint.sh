#!/bin/bash
# What the official image's entrypoint promises of POSTGRES_USER, _PASSWORD, _DB and PGDATA, for the stand-in of .ci/rehearse/compose.
set -eu
bin=/usr/lib/postgresql/17/bin
if [ "$(id -u)" = 0 ]; then
  install -d -o postgres -m 700 "$PGDATA"
  install -d -o postgres /run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  $bin/initdb --encoding=UTF8 --locale=C.UTF-8 --username="$POSTGRES_USER" --pwfile=<(echo "$POSTGRES_PASSWORD") --auth-host=scram-sha-256 --auth-local=trust "$PGDATA"
  $bin/pg_ctl --pgdata="$PGDATA" --options="-c listen_addresses=''" --wait start
  $bin/createdb --username="$POSTGRES_USER" "$POSTGRES_DB"
  $bin/pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
exec $bin/"$@" -c "listen_addresses=*"
