#!/bin/bash
# with-postgres.sh COMMAND… runs a command while a private PostgreSQL serves
# on 127.0.0.1, with THINGWARD_TEST_POSTGRES set to its URL. Its data is in a
# temporary folder, and it is stopped and removed however the command ends.
# with-postgres.sh --check succeeds where there is a PostgreSQL to start.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$bin" ] && command -v pg_ctl >/dev/null 2>&1; then
	bin=$(dirname "$(command -v pg_ctl)")
fi
if [ -z "$bin" ]; then
	echo "with-postgres: no PostgreSQL here." >&2
	exit 1
fi
[ "${1:-}" != --check ] || exit 0

# PostgreSQL refuses to run as root: the package's own user does it then.
as=()
if [ "$(id -u)" = 0 ]; then
	as=(runuser -u postgres --)
fi

dir=$(mktemp -d /tmp/thingward-postgres.XXXXXX)
server=
stop() {
	status=$?
	trap - EXIT INT TERM
	if [ -n "$server" ]; then
		kill -INT "$server" 2>/dev/null || true # fast shutdown
		for _ in $(seq 100); do
			kill -0 "$server" 2>/dev/null || break
			sleep 0.1
		done
		kill -QUIT "$server" 2>/dev/null || true # immediate, where fast was not enough
	fi
	rm -rf "$dir"
	exit $status
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ "$(id -u)" = 0 ]; then
	chown postgres "$dir"
fi
cd "$dir"
"${as[@]}" "$bin/initdb" -D "$dir/data" -U thingward --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 || {
	cat "$dir/initdb.log" >&2
	exit 1
}

# Nothing here must outlive the machine, so nothing waits for the disk.
settings=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400
	-c shared_buffers=64MB -c unix_socket_directories="$dir" -c listen_addresses=127.0.0.1 -c logging_collector=off)

free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
for _ in 1 2 3 4 5; do
	port=$((20000 + RANDOM % 12000))
	free "$port" || continue
	if "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 -o "-p $port $(printf '%q ' "${settings[@]}")" start >/dev/null; then
		server=$(head -n 1 "$dir/data/postmaster.pid")
		break
	fi
done
if [ -z "$server" ]; then
	cat "$dir/server.log" >&2
	exit 1
fi

cd "$OLDPWD"
export THINGWARD_TEST_POSTGRES="postgres://thingward@127.0.0.1:$port/postgres?sslmode=disable"
"$@"
