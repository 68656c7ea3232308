/* bkt.c - is it known? Bayesian knowledge tracing, as pure functions */
#include "lab/progress/bkt.h"

double bkt_guess(int64_t options)
{
	if (options <= 0)
		return BKT_GUESS;
	return options < 2 ? 0.5 : 1.0 / (double)options;
}

double bkt_next(double known, bool right, double guess)
{
	double yes = known * (right ? 1 - BKT_SLIP : BKT_SLIP);
	double no = (1 - known) * (right ? guess : 1 - guess);
	double p = yes / (yes + no);

	return p + (1 - p) * BKT_LEARN;
}

static int count(unsigned bits)
{
	int n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

/* Two kinds, unless the competency has one only; and where a diagnosis can
 * show it, one has to. */
static bool kinds_enough(unsigned kinds, unsigned wanted, unsigned diagnose)
{
	int enough = count(wanted);

	enough = enough > BKT_KINDS ? BKT_KINDS : enough;
	if (count(kinds) < enough)
		return false;
	return !(wanted & diagnose) || (kinds & diagnose);
}

struct bkt_gate bkt_gate(double known, int64_t seeds, unsigned kinds,
			 unsigned wanted, unsigned diagnose)
{
	return (struct bkt_gate){
		.known = known >= BKT_MASTERY,
		.seeds = seeds >= BKT_SEEDS,
		.kinds = kinds_enough(kinds, wanted, diagnose),
	};
}
