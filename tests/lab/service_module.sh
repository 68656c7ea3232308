#!/bin/sh
# An exercise with a service of its own: deployed by its setup, run by the
# learner, killed, judged by the rows of a store; proved like any other.
# Gets MILLRACE; works in a folder of its own.
. tests/lab/expect.lib.sh

expect 0 "1 of 1 exercises hold" \
	"$m" verify tests/fixtures/modules/service --seeds 2
[ $failed = 0 ] || cat "$work/out"
finish
