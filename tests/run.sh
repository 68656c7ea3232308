#!/bin/sh
# Run tests, several at a time, and print what each said, in order.
# Usage: B=build run.sh TEST...  where TEST is a program, a script.sh, or one of
#   layers   tests/layers.sh on the library just built
#   verify   millrace verify --all: every exercise proves itself
# Environment: B, JOBS, SECONDS_MAX (each), CC.  Scripts get MILLRACE and B.
set -u
B=${B:-build}
SECONDS_MAX=${SECONDS_MAX:-180}
MILLRACE=$(cd "$B" && pwd)/millrace
export B MILLRACE SECONDS_MAX

log_of() { echo "$B/log/$(echo "$1" | tr '/ ' '__').log"; }
within() {	# within SECONDS COMMAND...: not every system has timeout(1)
	if command -v timeout >/dev/null 2>&1; then
		timeout -k 10 "$@"
	else
		shift
		"$@"
	fi
}

# One test, in its own process: output into its log, status beside it.
if [ "${1:-}" = --one ]; then
	log=$(log_of "$2")
	start=$(date +%s)
	case $2 in
	layers) within "$SECONDS_MAX" sh tests/layers.sh "$B/libsim.a" ;;
	*.sh) within "$SECONDS_MAX" sh "$2" ;;
	*) within "$SECONDS_MAX" "$2" ;;
	esac >"$log" 2>&1 </dev/null
	status=$?
	case $status in
	0) ;;
	124|137) echo "$2: still running after $SECONDS_MAX s, stopped" >>"$log" ;;
	*) echo "$2: exit status $status" >>"$log" ;;
	esac
	echo "$status $(($(date +%s) - start))" >"$log.status"
	exit 0
fi

verify=
for t; do
	shift
	if [ "$t" = verify ]; then verify=1; else set -- "$@" "$t"; fi
done

rm -rf "$B/log"
mkdir -p "$B/log"
[ $# = 0 ] || printf '%s\n' "$@" | xargs -P "${JOBS:-2}" -n 1 sh tests/run.sh --one

failed=
for t; do
	log=$(log_of "$t")
	status=; seconds=
	[ ! -f "$log.status" ] || read -r status seconds <"$log.status"
	echo "== $t (${seconds:-?} s)"
	cat "$log" 2>/dev/null
	[ "$status" = 0 ] || failed="$failed $t"
done

if [ -n "$verify" ]; then
	echo "== $MILLRACE verify --all"
	within $((5 * SECONDS_MAX)) "$MILLRACE" verify --all </dev/null || failed="$failed verify"
fi

# The summary: counted from what cmocka printed.
counts=$(cat "$B"/log/*.log 2>/dev/null | awk '
	/^\[==========\] .*[0-9]+ test\(s\) run\./ { sub(/ test\(s\) run.*/, ""); ran += $NF }
	/^\[  PASSED  \] [0-9]+ test/ { passed += $4 }
	END { printf "%d of %d", passed, ran }')
echo
echo "== summary (${CC:-cc}, $B): $# programs and scripts, $counts cmocka tests passed${verify:+, verify}"
[ -z "$failed" ] || {
	echo "FAILED:$failed"
	exit 1
}
echo "ALL PASSED"
