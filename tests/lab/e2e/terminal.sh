#!/bin/sh
# The whole program in tmux, from its first screen: what tests/lab/tui/terminal.sh
# asks of any program of ours.  Gets B and MILLRACE.
set -u
: "${B:?}" "${MILLRACE:?}"
PROGRAM=$MILLRACE PROGRAM_WORD='Break something'
export PROGRAM PROGRAM_WORD
exec sh tests/lab/tui/terminal.sh
