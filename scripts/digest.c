/* digest.c - the runs of tests/golden/local-kafka.digest, without a test library
 *
 * Ten minutes of local-kafka with faults, twice.  It needs nothing but a C
 * compiler and sim/, so that scripts/digests.sh can build it for machines for
 * which there is no cmocka.
 */
#include <inttypes.h>
#include <stdio.h>

#include "sim/stack/stack.h"

/* As in tests/sim/test_local_kafka.c. */
static const char *const faults[] = {
	"fault kill component=broker-2 after=95s for=40s",
	"fault hang component=broker-1 after=200s for=15s",
	"fault partition component=broker-3 after=300s for=30s",
	"fault lossy-link component=broker-1 after=400s for=60s",
	"fault kill component=dashboard after=100s for=120s",
};

int main(void)
{
	for (uint64_t seed = 7; seed <= 8; seed++) {
		struct world *w = stack_world("local-kafka", seed, NULL, NULL);

		if (!w)
			return 1;
		for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
			if (!world_command(w, faults[i], NULL, NULL))
				return 1;
		world_run_until(w, SIM_MINUTES(10));
		printf("seed %" PRIu64 ": %" PRIu64 " events, digest %016"
		       PRIx64 "\n", seed, w->state->events, world_digest(w));
		world_free(w);
	}
	return 0;
}
