#!/bin/sh
# Who reads a partition goes on reading it when another broker leads it.
# A broker is killed for good; seven minutes later no group is far behind.
# (A fetch session once kept to the partitions it began with, so those that
# moved were read again only after a restart.)
. tests/lab/expect.lib.sh

for seed in 1 2 3; do
	worst=$("$m" exec --world local-kafka --seed $seed --at 2m -- 'fault kill component=broker-2
wait 7m
kafka-consumer-groups.sh --bootstrap-server broker-1:9092 --describe --all-groups' |
		awk '$2 == "readings" { n++; if ($6 + 0 > worst) worst = $6 + 0 } END { print n + 0, worst + 0 }')
	set -- $worst
	if [ "$1" = 12 ] && [ "$2" -lt 2000 ]; then
		ok "seed $seed: two groups of six partitions, at most $2 behind"
	else
		fail "seed $seed: $1 partitions, one is $2 behind"
	fi
done
finish
