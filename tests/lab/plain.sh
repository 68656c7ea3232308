#!/bin/sh
# Plain mode: the words one needs after having scrolled away, and after the end.
# Gets MILLRACE; works in a folder of its own.
. tests/lab/expect.lib.sh

# play LINE...: in $work/out what a fresh exercise answers to these lines
play() {
	printf '%s\n' "$@" |
		"$MILLRACE" start kafka-architecture.leaders --plain --fresh \
			>"$work/out" 2>&1
}
# says COUNT WORD: so many lines have it
says() {
	got=$(grep -c -e "$2" "$work/out")
	if [ "$got" = "$1" ]; then
		ok "$1 times '$2'"
	else
		fail "$got times, not $1: '$2'"
	fi
}

echo "-- brief shows the task at hand again"
play brief
says 2 'Task 1 of 3'
says 2 'answer read broker-1 12'

echo "-- debrief waits for the end, next for nothing"
play debrief next 'next | cat'
says 1 'debrief: it is shown when'
says 0 'What you have seen'
says 1 'millrace home'
says 0 'review card'
says 1 'next: command not found'

echo "-- debrief and next after it"
elect='kafka-leader-election.sh --bootstrap-server broker-1:9092
  --election-type preferred --all-topic-partitions'
elect=$(echo $elect)
plan='echo '\''{"version":1,"partitions":['
for topic in pumps valves; do
	for row in 0:1,2,3 1:2,3,1 2:3,1,2; do
		plan="$plan{\"topic\":\"$topic\",\"partition\":${row%%:*},"
		plan="$plan\"replicas\":[${row#*:}]},"
	done
done
plan="${plan%,}]}' > plan.json"
move='kafka-reassign-partitions.sh --bootstrap-server broker-1:9092
  --execute --reassignment-json-file plan.json'
move=$(echo $move)
play 'answer read broker-3 22' "$elect" check "$plan" "$move" check 'run 1m' \
	check "$elect" check debrief next
says 1 'still being moved'
says 1 '8, 8 and 14'
says 1 'Passed, 12 of 12'
says 2 'What you have seen'
says 2 'review card'
finish
