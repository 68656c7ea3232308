# expect.lib.sh - the head and the words of scripts that run the program
# Sourced by them, in the top folder of the tree, with MILLRACE set:
#
#	. tests/lab/expect.lib.sh
#	expect 0 "usage: millrace" "$m" help
#	finish
#
# Gives a folder of their own ($work) with a home in it, removed at the end; the
# content of this tree; $m, the program; and what was printed in $work/out.
set -u
: "${MILLRACE:?}"
MILLRACE_CONTENT=$PWD
work=$(mktemp -d) || exit 3
MILLRACE_HOME=$work/home
export MILLRACE_CONTENT MILLRACE_HOME
trap 'rm -rf "$work"' EXIT
m=$MILLRACE
failed=0

ok() {	# ok WHAT...: one line, however long it was
	echo "ok: $*" | tr '\n' ' ' | cut -c1-100
}
fail() {	# fail WHAT...: and the script ends with 1
	echo "FAILED: $*"
	failed=1
}
# expect STATUS WORD COMMAND...: the status, and WORD somewhere in the output
expect() {
	expect_by -F "$@"
}
# expect_like STATUS PATTERN COMMAND...: likewise, by a pattern of grep
expect_like() {
	expect_by '' "$@"
}
expect_by() {
	how=$1 want=$2 word=$3
	shift 3
	"$@" >"$work/out" 2>&1 </dev/null
	got=$?
	if [ "$got" != "$want" ]; then
		fail "$*: status $got, not $want"
		head -5 "$work/out"
	elif ! grep -q $how -e "$word" "$work/out"; then
		fail "$*: says nothing of '$word'"
		head -5 "$work/out"
	else
		ok "$@"
	fi
}
# same WHAT ONE TWO: two texts
same() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		fail "$(printf '%s:\n%s\n%s' "$1" "$2" "$3")"
	fi
}
finish() {
	[ $failed = 0 ] || exit 1
	echo "all as expected"
	exit 0
}
