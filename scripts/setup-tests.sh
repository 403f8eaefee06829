#!/bin/bash
# Makes sure that the tests have what they need. As root on Debian it is
# installed from Debian's packages; elsewhere it is said what to install.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
want() { # want PACKAGE COMMAND…: the package is missing unless one of the commands is there
	local package=$1 command
	shift
	for command in "$@"; do
		if command -v "$command" >/dev/null 2>&1 || compgen -G "$command" >/dev/null; then
			return
		fi
	done
	missing+=("$package")
}

want postgresql '/usr/lib/postgresql/*/bin/pg_ctl' pg_ctl
want chromium chromium chromium-browser google-chrome
if [ -f test/browser/package.json ]; then
	want nodejs node nodejs
	want npm npm
fi
if [ "${CGO_ENABLED:-0}" = 1 ]; then # the race detector
	want gcc gcc
	want libc6-dev /usr/include/stdlib.h
fi

if [ ${#missing[@]} -gt 0 ]; then
	if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then
		echo "setup: installing ${missing[*]}"
		export DEBIAN_FRONTEND=noninteractive
		# The package would start a server of its own; the tests bring theirs.
		install -d /etc/postgresql-common
		[ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
		apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || {
			echo "setup: could not install ${missing[*]}." >&2
			[ "${CI:-}" != true ] || exit 1
		}
	else
		echo "setup: missing: ${missing[*]}" >&2
		echo "setup: on Debian or Ubuntu: sudo apt-get install ${missing[*]}" >&2
		if [ "${CI:-}" = true ]; then
			exit 1
		fi
		echo "setup: going on without; the tests that need them are skipped, and say so." >&2
	fi
fi

# Packages of npm: axe-core, which the browser tests load into the pages, and
# the OAuth libraries that the acceptance tests drive.
for folder in test/browser test/foreign; do
	if [ -f "$folder/package.json" ] && command -v npm >/dev/null 2>&1; then
		if [ ! -d "$folder/node_modules" ] || [ "$folder/package-lock.json" -nt "$folder/node_modules" ]; then
			npm ci --prefix "$folder" --no-audit --no-fund --silent || {
				echo "setup: npm ci failed in $folder." >&2
				[ "${CI:-}" != true ] || exit 1
			}
		fi
	fi
done
