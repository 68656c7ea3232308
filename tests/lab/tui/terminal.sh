#!/bin/sh
# In tmux, as people use it: what a terminal is like during and after the lab,
# however it ends.  Gets B and MILLRACE.  What is run is one variable: `demo` of
# test_terminal.c is the terminal side without any screen; MILLRACE itself, in a
# home of its own, is the whole program: ../e2e/terminal.sh.
set -u
: "${B:?}" "${MILLRACE:?}"
program=${PROGRAM:-"$B/tests/lab/tui/test_terminal demo"}
case $program in /*) ;; *) program=$PWD/$program ;; esac
# What is on the first screen, and the key that ends it.
word=${PROGRAM_WORD:-size} key=${PROGRAM_KEY:-q}
command -v tmux >/dev/null 2>&1 || {
	echo "FAILED: this test needs tmux"
	exit 1
}
[ -x "${program%% *}" ] || {
	echo "FAILED: no ${program%% *}; \`make test T=lab/tui\` builds it"
	exit 1
}
work=$(mktemp -d)
MILLRACE_HOME=$work/home MILLRACE_CONTENT=$PWD
export MILLRACE_HOME MILLRACE_CONTENT
# Signals are the supervisor's to see, not a sanitizer's.
ASAN_OPTIONS=handle_segv=0:${ASAN_OPTIONS:-}
export ASAN_OPTIONS
unset NO_COLOR TMUX COLUMNS LINES MILLRACE_TEST_FD
failed=0 term=tmux-256color deadline=${TMUX_SECONDS:-20}

t() { tmux -f /dev/null -S "$work/tmux" "$@"; }
trap 't kill-server 2>/dev/null; rm -rf "$work"' EXIT

say() { echo "ok: $*"; }
wrong() {
	echo "FAILED: $*"
	t capture-pane -p -t pane 2>/dev/null | sed '/^ *$/d;s/^/    | /'
	failed=1
}
state() { t display -p -t pane '#{alternate_on}#{mouse_any_flag}#{cursor_flag}'; }
shows() { t capture-pane -p -t pane | grep -q -e "$1"; }
is_state() { [ "$(state)" = "$1" ]; }
# await COMMAND...: until it is true, or the deadline has passed
await() {
	end=$(($(date +%s) + deadline))
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		sleep 0.05	# polls a condition
	done
}

# open SIZE [NAME=VALUE...]: a shell in a new pane
open() {
	cols=${1%x*} rows=${1#*x}
	shift
	t kill-server 2>/dev/null
	await gone
	env "$@" tmux -f /dev/null -S "$work/tmux" new-session -d -s pane \
		-x "$cols" -y "$rows" \
		"exec env PS1='ready> ' TERM=$term sh -i"
	await shows 'ready>' || wrong "no shell in tmux"
}
gone() { ! t has-session 2>/dev/null; }
send() { t send-keys -t pane "$@"; }
start() {
	send "$program" Enter
	await shows "$word" && await is_state "${1:-110}"
}
pane_pid() { t display -p -t pane '#{pane_pid}'; }
parent_pid() { pgrep -P "$(pane_pid)" -n; }
child_pid() { pgrep -P "$(parent_pid)" -n; }
# The prompt is back, in the normal screen, without mouse, with a cursor.
whole() {	# a shell that is slow to prompt prints the answer behind it
	await is_state 001 && send "echo a''live" Enter && await shows alive
}

echo "-- ends"
open 80x24 LC_ALL=C.UTF-8
if start; then say "started"; else wrong "not started: $(state)"; fi
send "$key"
if whole; then say "quit"; else wrong "after quit: $(state)"; fi
for signal in KILL SEGV ABRT TERM HUP; do
	send clear Enter
	start || wrong "not started before $signal"
	kill -s "$signal" "$(child_pid)"
	if whole && shows '^millrace: ' && shows "SIG$signal"; then
		say "child ended by $signal"
	else
		wrong "child ended by $signal: $(state)"
	fi
done
for signal in KILL TERM HUP; do
	send clear Enter
	start || wrong "not started before $signal"
	child=$(child_pid)
	kill -s "$signal" "$(parent_pid)"
	dead() { ! kill -0 "$child" 2>/dev/null; }
	if await dead && whole; then
		say "parent ended by $signal"
	else
		wrong "parent ended by $signal: $(state)"
	fi
done

echo "-- away and back"
send clear Enter
start || wrong "not started"
send C-z
if await is_state 001 && await shows topped; then say "^Z"; else wrong "^Z"; fi
send fg Enter
if await is_state 110 && await shows "$word"; then say fg; else wrong fg; fi
for size in 20x4 200x60 80x24 40x12 20x4 1x1 300x100 80x24; do
	t resize-window -t pane -x "${size%x*}" -y "${size#*x}"
done
t resize-window -t pane -x 20 -y 4
if await shows 'Needs 40x12'; then say "20x4"; else wrong "20x4"; fi
t resize-window -t pane -x 80 -y 24
if await shows "$word"; then say "a storm of sizes"; else wrong "80x24"; fi
child=$(child_pid)
t kill-server
dead() { ! kill -0 "$child" 2>/dev/null; }
if await dead; then say "the terminal is closed"; else wrong "it goes on"; fi

echo "-- terminals"
for term in vt100 linux xterm-kitty nonsense-9; do
	open 80x24 LC_ALL=C.UTF-8
	send "$program" Enter
	if await shows "$word"; then say "$term"; else wrong "$term"; fi
	case $term in
	vt100|linux)
		t capture-pane -p -t pane >"$work/out"
		if LC_ALL=C grep -q '[^ -~]' "$work/out"; then
			wrong "$term: more than ASCII"
		fi ;;
	nonsense*)
		await shows 'no description of the terminal' ||
			wrong "$term: not told" ;;
	esac
	send "$key"
	await shows 'ready> *$' || wrong "$term: no prompt"
done
term=dumb
open 80x24 LC_ALL=C.UTF-8
send "$program" Enter
if await shows "[-]-plain"; then say dumb; else wrong dumb; fi

if [ -n "${PROGRAM:-}" ]; then
	term=tmux-256color
	open 80x24 LC_ALL=C.UTF-8 ACCESSIBLE=1
	send "$program" Enter
	if await shows "[-]-plain" && is_state 001; then
		say "ACCESSIBLE"
	else
		wrong "ACCESSIBLE: no lines"
	fi
fi

echo "-- colours and bytes"
term=tmux-256color esc=$(printf '\033')
for size in 80x24 60x20; do
	open $size LC_ALL=C.UTF-8 NO_COLOR=1
	start || wrong "not started"
	t capture-pane -e -p -t pane >"$work/out"
	if grep -qE "$esc\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;[0-9;]*)?m" \
		"$work/out"; then
		wrong "NO_COLOR, $size: a colour"
	else
		say "NO_COLOR, $size"
	fi
	open $size LC_ALL=C.UTF-8
	start || wrong "not started"
	t capture-pane -e -p -t pane >"$work/out"
	if grep -q "$esc\[[0-9;]*38;5;" "$work/out"; then
		say "colours without it, $size"
	else
		wrong "no colour at all, $size"
	fi
	open $size LC_ALL=C
	t pipe-pane -t pane "cat >'$work/bytes'"
	start || wrong "not started"
	send "$key"
	whole || wrong "LC_ALL=C, $size: $(state)"
	if [ ! -s "$work/bytes" ] ||
	   LC_ALL=C grep -q "$(printf '[\200-\377]')" "$work/bytes"; then
		wrong "LC_ALL=C, $size: a byte above 0x7f"
	else
		say "LC_ALL=C, $size"
	fi
done

[ "$failed" = 0 ] || exit 1
echo "all as expected"
