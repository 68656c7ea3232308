#!/bin/sh
# `millrace progress` from the outside: every word it takes, and what it says
# when it cannot.  Gets MILLRACE; works in homes of its own.
. tests/lab/expect.lib.sh
cd "$work" || exit 3

away() {
	env MILLRACE_HOME="$work/$1" "$m" progress "$2" ${3:+"$3"}
}
numbers() {
	"$m" progress bigdata.log-model
}

echo "-- before there is a record"
expect 0 "No level is held yet." "$m" progress
expect 0 "no evidence yet" "$m" progress bigdata.log-model
expect 0 "0 events" "$m" progress export none.jsonl
same "looking makes no file" "$(ls home 2>/dev/null)" ""
expect 2 "there is no competency bigdata.log-modl; did you mean" \
	"$m" progress bigdata.log-modl
expect 2 "one competency at a time" "$m" progress bigdata.log-model kafka.topics
expect 2 "the record has no attempt nobody-1" "$m" progress replay nobody-1
expect 2 "there is no event 9 of device nobody" "$m" progress replay nobody/9
expect 3 "" "$m" progress restore none

echo "-- a run: given up, so that it is evidence"
printf '%s\n' "run 90s" \
	"kafka-topics.sh --bootstrap-server broker-1:9092 --list" \
	"giveup yes" quit | "$m" start bigdata.first-log --plain >out 2>&1
expect 0 "bigdata.first-log                seed 1" "$m" progress bigdata.log-model
expect 0 "gave up" "$m" progress
event=$(sed -n 's/.*event \([0-9a-f]*\/[0-9]*\)$/\1/p' out | head -1)
attempt=${event%/*}-1

echo "-- replay"
expect 0 "attempt $attempt" "$m" progress replay "$event"
expect 0 '$ giveup yes' "$m" progress replay "$attempt"
same "twice the same" "$("$m" progress replay "$attempt")" \
	"$("$m" progress replay "$event")"
grep -q 'of 4 tasks passed, digest [0-9a-f]\{16\}\.$' out ||
	fail "replay says no end"
first=$("$m" progress export - | wc -l)
same "a replay is not kept" "$("$m" progress export - | wc -l)" "$first"
card=${event%/*}/1
expect 0 "attempt $attempt" "$m" progress replay "$card"
expect 2 "there is no event 9999" "$m" progress replay "${event%/*}/9999"
expect 2 "replay takes an attempt or event" "$m" progress replay

echo "-- export, import"
expect 0 "all.jsonl: " "$m" progress export all.jsonl
same "export - is the same" "$(cat all.jsonl)" "$("$m" progress export -)"
expect 0 "0 were known" away other import all.jsonl
expect 0 "0 events taken in" away other import all.jsonl
same "another machine says the same" "$(away other bigdata.log-model)" \
	"$(numbers)"
sed '2s/"seq":2/"seq":20/' all.jsonl >broken.jsonl
expect 3 "broken.jsonl" away third import broken.jsonl
expect 3 "nowhere.jsonl" "$m" progress import nowhere.jsonl
expect 2 "export takes a file" "$m" progress export
expect 2 "import takes a file" "$m" progress import
expect 3 "no/such/folder/x" "$m" progress export no/such/folder/x

echo "-- backup, restore"
before=$(numbers)
expect 0 "a copy of" "$m" progress backup copy.db
expect 2 "backup takes a file" "$m" progress backup
expect 3 "all.jsonl: is no folder" "$m" progress backup all.jsonl/x
printf '%s\n' "giveup yes" quit |
	"$m" start bigdata.first-log --plain --seed 2 >out 2>&1
[ "$(numbers)" != "$before" ] ||
	fail "the second run changed nothing"
expect 0 "" "$m" progress restore copy.db
same "restore brings it back" "$(numbers)" "$before"
expect 2 "restore takes a file" "$m" progress restore
expect 3 "nowhere.db" "$m" progress restore nowhere.db
same "a restore that fails changes nothing" "$(numbers)" "$before"

echo "-- rebuild, repair"
expect 0 "the chain is whole" "$m" progress rebuild
same "rebuilt to the same" "$(numbers)" "$before"
expect 2 "rebuild takes nothing else" "$m" progress rebuild now
expect 2 "repair takes nothing else" "$m" progress repair now
expect 0 "" "$m" progress repair
same "repaired to the same" "$(numbers)" "$before"
head -c 5000 /dev/urandom >home/progress.db
rm -f home/progress.db-wal home/progress.db-shm
expect 3 "progress.db" "$m" progress rebuild

echo "-- a page, a document"
MILLRACE_HOME=$work/other
"$m" progress --html page.html && grep -q '</html>' page.html ||
	fail "--html writes no page"
expect 3 "all.jsonl/p.html" "$m" progress --html all.jsonl/p.html
"$m" progress --json >out
same "--json is one document" "$(head -c 20 out) $(wc -l <out)" \
	'{"schema_version":1, 1'
finish
