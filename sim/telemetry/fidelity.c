/* fidelity.c - how far a number can be trusted, in words */
#include "sim/telemetry/fidelity.h"

#include <string.h>

static const struct {
	const char *badge, *help;
} words[] = {
	[FIDELITY_EXACT] = { "exact", "counted one by one" },
	[FIDELITY_WINDOW] = { "window", "counted one by one, true at the edge "
			      "of the last 10 ms" },
	[FIDELITY_ESTIMATE] = { "estimate", "inferred from counts and from one "
				"record in a thousand, not counted one by "
				"one" },
};

const char *fidelity_badge(enum fidelity f)
{
	return words[f].badge;
}

const char *fidelity_help(enum fidelity f)
{
	return words[f].help;
}

bool fidelity_parse(const char *badge, enum fidelity *out)
{
	for (int f = FIDELITY_EXACT; f <= FIDELITY_ESTIMATE; f++) {
		if (strcmp(words[f].badge, badge) != 0)
			continue;
		*out = (enum fidelity)f;
		return true;
	}
	return false;
}
