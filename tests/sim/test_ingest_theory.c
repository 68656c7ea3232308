/* test_ingest_theory.c - one stage against the theory of queues
 *
 * Means and quantiles of M/M/1 and M/D/1, and Little's law, at fixed seeds, so
 * a bound that holds holds for good.
 */
#include "tests/sim/ingest_world.h"

/* -- theory --------------------------------------------------------------- */

/* Mean time in the system, in services: M/M/1: 1 / (1 - r); M/D/1: 1 + r / (2
 * (1 - r)) (Pollaczek-Khinchine). */
static double stay(const struct setup *x)
{
	double r = x->rho_ppm / 1e6;

	return x->law == SERVICE_EXPONENTIAL ? 1 / (1 - r) :
					       1 + r / (2 * (1 - r));
}

/*
 * Waits of neighbours depend on each other, so the mean of n is known less well
 * than it looks: for M/M/1 its standard error is about 2 / ((1 - r)^2 sqrt(n))
 * services (asymptotic variance 4 / (1 - r)^4 near saturation: Whitt, Management
 * Science 1989), for M/D/1 less.  Four of them are allowed.
 */
static void mean_stay_is(const struct setup *x, double seconds)
{
	struct ingest *s;
	struct world *w = make(x, &s);
	struct ingest_answer a;
	double stays_ns = 0, n, mean, want = stay(x), r = x->rho_ppm / 1e6;
	double band;

	world_run_until(w, (sim_time)(seconds * 1e9));
	a = ask(w, s);
	for (uint32_t p = 0; p < x->partitions; p++) {
		uint64_t length, stays;

		ingest_little(s, p, &length, &stays);
		stays_ns += (double)stays;
	}
	n = (double)a.stored.value;
	mean = stays_ns / n / (double)service_for(x);
	band = 4 * 2 / ((1 - r) * (1 - r)) / 1000;	/* n = 10^6 */
	for (double k = 1e6; k * 4 <= n; k *= 4)
		band /= 2;
	if (mean < want - band || mean > want + band)
		fail_msg("load %.2f law %d level %d: %.4f services, not %.4f "
			 "+- %.4f (n %.0f)", r, (int)x->law, (int)x->level,
			 mean, want, band, n);
	world_free(w);
}

static void mean_waits_are_those_of_theory(void **state)
{
	static const uint32_t loads[] = { 500000, 700000, 850000, 950000 };

	(void)state;
	for (int law = SERVICE_EXPONENTIAL; law <= SERVICE_FIXED; law++) {
		for (int i = 0; i < 4; i++) {
			struct setup x = small;

			x.law = (enum service_law)law;
			x.rho_ppm = loads[i];
			x.level = LEVEL_WINDOW;
			mean_stay_is(&x, 250);
			x.level = LEVEL_RECORD;
			mean_stay_is(&x, 63);
		}
	}
}

static void is_about(const char *name, const struct figure *f, double want,
		     double band)
{
	double off = (double)f->value / want - 1;

	if (!f->there || off > band || -off > band)
		fail_msg("%s (%s): %lld, not %.0f", name,
			 fidelity_badge(f->fidelity), (long long)f->value, want);
}

/* M/M/1: the time in the system is exponential, so its quantiles are known:
 * mean x ln 2, ln 100, ln 1000.  16 million records, or 16,000 tracers. */
static void quantiles_are_those_of_theory(void **state)
{
	static const struct {
		enum ingest_level level;
		double p50, p99, p999;		/* bands */
	} rows[] = {
		{ LEVEL_WINDOW, 0.02, 0.03, 0.05 },
		{ LEVEL_COUNTS, 0.03, 0.05, 0.10 },
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct setup x = small;
		double mean = stay(&x) * (double)service_for(&x);
		struct ingest_answer a;
		struct ingest *s;
		struct world *w;

		x.level = rows[i].level;
		w = make(&x, &s);
		world_run_until(w, SIM_S(1000));
		a = ask(w, s);
		is_about("p50", &a.p50, mean * 0.693147, rows[i].p50);
		is_about("p99", &a.p99, mean * 4.60517, rows[i].p99);
		is_about("p99.9", &a.p999, mean * 6.907755, rows[i].p999);
		world_free(w);
	}
}

/* L = lambda W, counted two ways: the queue's length over time, and the stays
 * of those that left.  (Whether they agree exactly is asserted all along.) */
static void littles_law_holds_at(enum ingest_level level)
{
	struct setup x = small;
	struct ingest *s;
	struct world *w;

	x.level = level;
	w = make(&x, &s);
	for (int second = 1; second <= 20; second++) {
		world_run_until(w, SIM_S(second));
		for (uint32_t p = 0; p < x.partitions; p++) {
			uint64_t length, stays;

			ingest_little(s, p, &length, &stays);
			assert_true(stays > 0 && length >= stays);
			/* the rest is still there */
			assert_true(length - stays <=
				    (uint64_t)ingest_backlog(w, s, p).value *
				    (uint64_t)SIM_MS(200));
		}
	}
	world_free(w);
}

static void littles_law_holds(void **state)
{
	(void)state;
	littles_law_holds_at(LEVEL_RECORD);
	littles_law_holds_at(LEVEL_WINDOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mean_waits_are_those_of_theory),
		cmocka_unit_test(quantiles_are_those_of_theory),
		cmocka_unit_test(littles_law_holds),
	};

	return cmocka_run_group_tests_name("ingest", tests, NULL, NULL);
}
