#!/bin/sh
# An exercise with a service of its own: deployed by its setup, run by the
# learner, killed, judged by the rows of a store; proved like any other.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
MILLRACE_HOME="$work" "$MILLRACE" verify tests/fixtures/modules/service \
	--seeds 2 >"$work/out" 2>&1
status=$?
[ $status -eq 0 ] && { echo "an exercise with a service is proved"; exit 0; }
echo "FAILED: verify of tests/fixtures/modules/service ended with $status"
cat "$work/out"
exit 1
