#!/bin/bash
# vulnerabilities.sh TOOL@VERSION runs govulncheck. Its database is on the
# network: where that cannot be reached, this says so and lets the rest go on.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
output=$(go run "$1" ./... 2>&1) || status=$?
echo "$output"
if [ $status -ne 0 ] && grep -qiE 'dial tcp|no such host|connection refused|i/o timeout|403 Forbidden|unexpected http status|failed to fetch|proxyconnect|TLS handshake' <<<"$output" &&
	! grep -q '^Vulnerability #' <<<"$output"; then
	echo "vulnerabilities: the database could not be reached from here, so NOTHING WAS CHECKED." >&2
	exit 0
fi
exit $status
