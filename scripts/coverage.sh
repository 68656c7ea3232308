#!/bin/sh
# Lines covered, file by file, the least first.  Usage: coverage.sh BUILD FILE.c...
set -u
B=$1
shift
for f; do
	gcov -n -o "$B/${f%.c}.o" "$f" 2>/dev/null | awk -v f="$f" '
		$0 == "File \047" f "\047" { mine = 1; next }
		mine && /executed:/ {
			sub(/.*executed:/, ""); sub(/% of /, " "); print $1, $2, f; found = 1; exit
		}
		mine && /No executable lines/ { found = 1; exit }
		END { if (!found) print 0, "?", f }'
done | sort -n | awk '
	{ printf "%6.1f%% of %4s  %s\n", $1, $2, $3; hit += $1 * $2 / 100; all += $2 }
	END { if (all) printf "%6.1f%% of %4d  together\n", 100 * hit / all, all }'
