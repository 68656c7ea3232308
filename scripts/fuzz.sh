#!/bin/sh
# Run each fuzz target for a bounded number of inputs.
# Usage: RUNS=20000 fuzz.sh BUILD PROGRAM...
# A corpus of tests/corpus/NAME/ is the start; what is found stays in BUILD.
set -u
B=$1
shift
failed=
[ $# -gt 0 ] || echo "no fuzz targets in tests/fuzz/"
for program; do
	name=${program##*/fuzz_}
	mkdir -p "$B/corpus/$name"
	set -- "$B/corpus/$name"
	[ ! -d "tests/corpus/$name" ] || set -- "$@" "tests/corpus/$name"
	echo "== $program, ${RUNS:-20000} runs"
	"$program" -runs="${RUNS:-20000}" -seed=1 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$B/corpus/$name-" "$@" >"$B/corpus/$name.log" 2>&1 || failed="$failed $name"
	tail -n 12 "$B/corpus/$name.log"
done
[ -z "$failed" ] || {
	for name in $failed; do cat "$B/corpus/$name.log"; done
	echo "FAILED:$failed (the input is $B/corpus/NAME-...)"
	exit 1
}
