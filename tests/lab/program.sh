#!/bin/sh
# The program from the outside: every verb, its exit status, its answer.
# Gets MILLRACE; works in a folder of its own.
. tests/lab/expect.lib.sh

# json COMMAND...: one JSON object with a schema_version and nothing else
json() {
	"$@" >"$work/out" 2>"$work/err" </dev/null
	if [ "$(head -c 20 "$work/out")" = '{"schema_version":1,' ] &&
	   [ "$(wc -l <"$work/out")" = 1 ]; then
		ok "json: $*"
	else
		echo "FAILED: $*: is no JSON document of ours"
		head -3 "$work/out" "$work/err"
		failed=1
	fi
}

echo "-- reading"
expect 0 "start ID --plain" "$m"
expect 0 "start ID --plain" "$m" home
expect 0 "start ID --plain" env ACCESSIBLE=1 "$m"
expect 0 "millrace 0" "$m" --version
expect 0 "verify" "$m" help
expect 0 "usage: millrace sim" "$m" help sim
expect 0 "bigdata" "$m" list
expect 0 "Foundation" "$m" list --track self-paced
expect 2 "did you mean" "$m" list --track self-pacd
expect 0 "The log" "$m" show bigdata/log
expect 0 "kafka-architecture" "$m" show kafka-architecture
expect 0 "in-sync" "$m" show ISR
expect 0 "rests on" "$m" show kafka.topics
expect_like 0 "to come\|Begin" "$m" show bigdata.keys-and-order
expect 2 "did you mean" "$m" show bigdta
expect 2 "no verb" "$m" lits
expect 2 "not in this version yet" "$m" serve
expect 2 "not in this version yet" "$m" module pack x
expect 3 "no content" "$m" --content "$work" list
"$m" help >"$work/help"
verbs=$(sed '/^coming/,$d' "$work/help" | awk '/^  [a-z]+ /{print $1}')
[ "$(echo $verbs | wc -w)" -ge 20 ] || fail "help lists $verbs"
for verb in $verbs; do
	expect 0 "usage: millrace $verb" "$m" $verb --help
done
json "$m" list --json
json "$m" worlds --json
json "$m" faults --json
json "$m" metrics --json
json "$m" doctor --json

# Each verb has a row on the page, with all its options, and the other way
# round; of those to come the page has a word.
sed -n '/^| verb/,/^$/p' docs/cli.md >"$work/rows"
for verb in $verbs; do
	grep "^|.*\`$verb[ \`]" "$work/rows" >"$work/row" ||
		fail "docs/cli.md has no row of $verb"
	for option in $("$m" help $verb | awk '/^  --/{print $1}'); do
		case $option in --content | --help) continue ;; esac
		grep -q -e "$option[] \`|]" "$work/row" ||
			fail "docs/cli.md: $verb has no $option"
	done
done
for verb in $(sed -n 's/^| `\([a-z]*\).*/\1/p' "$work/rows"); do
	grep -q "^  $verb " "$work/help" ||
		fail "docs/cli.md: there is no verb $verb"
done
for verb in $(sed '1,/^coming/d' "$work/help" | awk '/^  [a-z]+ /{print $1}'); do
	grep -q "\`$verb\`" docs/cli.md ||
		fail "docs/cli.md has no word of $verb"
done

echo "-- worlds"
expect 0 "readings" "$m" exec --world local-kafka --at 20s -- \
	kafka-topics.sh --bootstrap-server broker-1:9092 --list
expect 1 "not found" "$m" exec --world empty-kafka -- kafka-topic.sh --list
expect_like 0 "^a b$" "$m" exec --world empty-kafka -- echo 'a b'
expect_like 0 "^2$" "$m" exec --world empty-kafka -- 'printf "x\ny\n" | wc -l'
expect 0 "hung" "$m" exec --world empty-kafka -- 'fault hang component=broker-2
echo hung'
expect_like 2 "did you mean\|no world\|no such world\|local-kafka" \
	"$m" exec --world nowhere -- ls
expect 2 "write the" "$m" exec --world empty-kafka
expect_like 2 "is no time\|that is no time" "$m" exec --world empty-kafka --at x -- ls
expect 0 "digest" "$m" sim --world local-kafka --until 20s --digest
expect_like 0 "internet-egress .*\$0.0000" "$m" sim --world local-kafka --until 5s --bill
json "$m" sim --world local-kafka --until 5s --bill --json
expect_like 0 "internet-egress .*\$0.00[0-9][1-9]" "$m" exec --world local-kafka -- \
	'place app-1 region=internet
wait 5m
bill'
expect 2 "FAULT@TIME" "$m" sim --world local-kafka --fault hang
expect 2 "nobody" "$m" sim --world local-kafka --fault 'hang component=nobody@1s'
json "$m" sim --world local-kafka --until 5s --json

echo "-- runs"
expect 0 "events" "$m" sim --world local-kafka --until 20s --record "$work/a"
expect 0 "events" "$m" sim --world local-kafka --until 20s --trace \
	--fault 'hang component=broker-2@10s' --record "$work/b"
expect 0 "the same" "$m" replay "$work/a"
expect 0 "the same" "$m" replay "$work/b"
expect 1 "part at T+10s" "$m" diff "$work/a" "$work/b"
expect 0 "the same" "$m" diff "$work/b" "$work/b"
sed 's/broker-2/broker-3/' "$work/b" >"$work/c"
expect 1 "parts from the saved run" "$m" replay "$work/c"
head -c 500 "$work/a" >"$work/d"
expect_like 3 ":[0-9]*: " "$m" replay "$work/d"
expect 3 "No such file" "$m" replay "$work/none"
expect 2 "belongs to" "$m" sim --world local-kafka --trace
json "$m" replay "$work/a" --json
json "$m" diff "$work/a" "$work/b" --json
cat >"$work/world.lua" <<'END'
return { world = "empty-kafka", setup = function(s)
  s:command("fleet-new name=f topic=t devices=3 period=1s")
  s:run("2s")
end }
END
expect 0 "events" "$m" sim --world "$work/world.lua" --until 10s --trace \
	--record "$work/e"
expect 0 "the same" "$m" replay "$work/e"
echo 'return {' >"$work/bad.lua"
expect 4 "bad.lua:" "$m" sim --world "$work/bad.lua"

echo "-- exercises"
good=tests/fixtures/modules/good
cat >"$work/solve" <<'END'
# the topic
kafka-topics.sh --bootstrap-server broker-1:9092 --create --topic alerts \
	--partitions 3 --replication-factor 1

diagnose component=broker-3 mechanism=hang
wait 90s
check
END
expect 0 "Passed, 4 of 4" "$m" check $good --script "$work/solve"
expect 1 "Not passed" "$m" check $good --script /dev/null
expect 3 "No such file" "$m" check $good --script "$work/none"
expect 2 "script" "$m" check $good
expect 2 "no exercise" "$m" check bigdata.nothing --script /dev/null
expect 4 "module.lua:" "$m" check tests/fixtures/modules/broken --script /dev/null
json "$m" check $good --script "$work/solve" --json
"$m" check $good --script "$work/solve" --seed 5 --json >"$work/one"
"$m" check $good --script "$work/solve" --seed 5 --json >"$work/two"
cmp -s "$work/one" "$work/two" || fail "two checks differ"
expect 0 "1 of 1 exercises hold" "$m" verify $good --seeds 1
expect 4 "proof V1: seed 1: task topic" "$m" verify tests/fixtures/modules/v1 --seeds 1
json "$m" verify $good --seeds 1 --json
expect 4 "module.lua:" "$m" verify tests/fixtures/modules/broken

echo "-- plain"
printf 'brief\nhint\nnonsense\necho hello\n' >"$work/lines"
cat "$work/solve" >>"$work/lines"
"$m" start $good --plain <"$work/lines" >"$work/out" 2>&1
status=$?
for word in 'Task 1 of 2' 'T+00:30> ' 'no more hints' 'hello' 'Passed, 4 of 4' \
	'What happened'; do
	grep -q -e "$word" "$work/out" ||
		fail "start --plain says nothing of '$word'"
done
[ $status = 0 ] || fail "start --plain: status $status"
# Without a terminal it goes on line by line, and with what waits.
printf 'echo one\nquit\n' >"$work/lines"
"$m" start bigdata.first-log --seed 5 <"$work/lines" >"$work/out" 2>&1
[ $? = 1 ] && grep -q '^one$' "$work/out" && ! grep -q 'left off' "$work/out" ||
	{ fail "start without a terminal"; head -5 "$work/out"; }
expect 1 "go on where you left off" "$m" start bigdata.first-log --plain
expect 1 "A topic for the sensors" "$m" start bigdata.first-log --plain --fresh
expect 0 "Sandbox: local-kafka" "$m" start --world local-kafka
expect_like 2 "no world\|no such world\|local-kafka" "$m" start --world nowhere
expect 2 "name an exercise" "$m" start
expect 2 "name an exercise" "$m" start bigdata.first-log --world local-kafka
expect 2 "no exercise bigdata.nothing" "$m" start bigdata.nothing

echo "-- what one knows"
expect 0 "0 of 12 rated" "$m" assess
expect 0 "T2" "$m" assess show T2
expect_like 0 "T2, .*: 3" "$m" assess rate T2 3
expect 0 "1 of 12 rated" "$m" assess
expect 2 "1 to 5" "$m" assess rate T2 6
expect 2 "no statement" "$m" assess rate X9 3
expect 0 "Question 1 of 1" "$m" assess quiz bigdata --count 1 --answers 1
expect 0 "" "$m" assess lint
expect 0 "due" "$m" review
expect 0 "0 of 18 shown" "$m" progress
expect 0 "bigdata.log-model" "$m" progress bigdata.log-model
"$m" progress --html "$work/page.html" && grep -q '</html>' "$work/page.html" ||
	fail "progress --html writes no page"
expect 0 "" "$m" progress export "$work/record.jsonl"
grep -q rubric.rated "$work/record.jsonl" || fail "no rating in the record"
expect 0 "" env MILLRACE_HOME="$work/other" "$m" progress import "$work/record.jsonl"
expect 0 "1 of 12 rated" env MILLRACE_HOME="$work/other" "$m" assess
expect 0 "" "$m" progress rebuild
json "$m" assess --json
json "$m" review --json
json "$m" progress --json

echo "-- pictures"
expect 0 "workbench" "$m" shot
expect 0 "Break something" "$m" shot welcome
expect 0 "<svg" "$m" shot home --size 100x30 --svg -
expect_like 2 "did you mean .home" "$m" shot hoem
expect 2 "columns and rows" "$m" shot home --size big
expect 2 "one of dark" "$m" shot home --theme pink
expect 4 "no key" "$m" shot home --keys nokey
"$m" shot progress --ascii >"$work/out" && ! LC_ALL=C grep -q '[^ -~]' "$work/out" ||
	fail "shot --ascii is not ASCII"

echo "-- a module of one's own"
expect 0 "module test" "$m" module new my.first --into "$work"
expect 2 "is there already" "$m" module new my.first --into "$work"
expect 2 "UNIT.SLUG" "$m" module new My_First
expect 0 "0 errors" "$m" module lint "$work/my/first"
expect 0 "1 of 1 exercises hold" "$m" module test "$work/my/first" --seeds 2
sed 's/minutes = 5/minuts = 5/' "$work/my/first/module.lua" >"$work/x" &&
	mv "$work/x" "$work/my/first/module.lua"
expect 4 "minuts is no field here" "$m" module lint "$work/my/first"
json "$m" module lint "$work/my/first" --json

finish
