/* test_ingest.c - three fidelities of one stage must agree
 *
 * Method: window level against record level, figure by figure; counts against
 * record level within the bands named here, and against its own intervals.
 * Everything is drawn at fixed seeds, so a bound that holds holds for good.
 * Record level against theory: test_ingest_theory.c.
 */
#include "tests/sim/ingest_world.h"

/* -- record and window ---------------------------------------------------- */

static void same_figure(const struct figure *x, const struct figure *y,
			const char *name, const struct setup *at)
{
	assert_int_equal(x->fidelity, FIDELITY_EXACT);
	assert_int_equal(y->fidelity, FIDELITY_WINDOW);
	if (x->there != y->there || x->value != y->value || x->n != y->n)
		fail_msg("%s, load %u, seed %d: %lld and %lld", name,
			 at->rho_ppm, (int)at->seed, (long long)x->value,
			 (long long)y->value);
}

/*
 * At a window's edge all that was counted is the same.  The drain is seen at an
 * edge: a short dip of the backlog between two edges is not, so it may be found
 * a few windows later, or not yet.
 */
static void same_answer(const struct setup *x, const struct ingest_answer *r,
			const struct ingest_answer *v)
{
	same_figure(&r->produced, &v->produced, "produced", x);
	same_figure(&r->stored, &v->stored, "stored", x);
	same_figure(&r->dropped, &v->dropped, "dropped", x);
	same_figure(&r->held, &v->held, "held", x);
	same_figure(&r->backlog, &v->backlog, "backlog", x);
	same_figure(&r->in_flight, &v->in_flight, "in flight", x);
	same_figure(&r->backlog_max, &v->backlog_max, "backlog max", x);
	same_figure(&r->p50, &v->p50, "p50", x);
	same_figure(&r->p99, &v->p99, "p99", x);
	same_figure(&r->p999, &v->p999, "p999", x);
	assert_int_equal(r->as_of, v->as_of);
	assert_true(r->drain.there || !v->drain.there);
	if (!v->drain.there)
		return;
	assert_true(v->drain.value >= r->drain.value);
	assert_true(v->drain.value - r->drain.value <= 5 * INGEST_TICK);
}

static void window_answers_as_record_does(void **state)
{
	static const uint32_t loads[] = { 500000, 850000, 950000, 1100000 };

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		for (int i = 0; i < 8; i++) {
			enum edge_rule edge = i / 4 ? EDGE_DROP : EDGE_HOLD;
			struct setup x = small;
			struct ingest_answer r, v;

			x.seed = seed;
			x.rho_ppm = loads[i % 4];
			x.law = i % 2 ? SERVICE_FIXED : SERVICE_EXPONENTIAL;
			x.level = LEVEL_RECORD;
			r = outage(&x, edge, 400000, SIM_S(1), SIM_MS(700),
				   SIM_S(6));
			x.level = LEVEL_WINDOW;
			v = outage(&x, edge, 400000, SIM_S(1), SIM_MS(700),
				   SIM_S(6));
			same_answer(&x, &r, &v);
		}
	}
}

/* A fault in the middle of a window cuts it: to the nanosecond as at record
 * level, even when it lasts less than a window. */
static void an_outage_cuts_the_window(void **state)
{
	struct setup x = small;
	struct ingest_answer r, v;

	(void)state;
	x.level = LEVEL_RECORD;
	r = outage(&x, EDGE_DROP, 500000, SIM_MS(1003) + 123457, SIM_MS(4) + 1,
		   SIM_S(2));
	x.level = LEVEL_WINDOW;
	v = outage(&x, EDGE_DROP, 500000, SIM_MS(1003) + 123457, SIM_MS(4) + 1,
		   SIM_S(2));
	same_answer(&x, &r, &v);
	/* half of 16 a ms, for 4 ms: 32, give or take four times its root */
	assert_in_range(r.dropped.value, 32 - 23, 32 + 23);
}

/* -- counts --------------------------------------------------------------- */

static void near(const char *name, const struct setup *x,
		 const struct figure *estimate, const struct figure *truth,
		 double band)
{
	double off = (double)estimate->value - (double)truth->value;

	assert_int_equal(estimate->fidelity, FIDELITY_ESTIMATE);
	assert_true(estimate->there && truth->there);
	if (off > band * (double)truth->value ||
	    -off > band * (double)truth->value)
		fail_msg("%s, load %u, seed %d: %lld for %lld", name,
			 x->rho_ppm, (int)x->seed, (long long)estimate->value,
			 (long long)truth->value);
}

/* The interval holds the truth; a tenth of its width more, for what the normal
 * approximation leaves out. */
static void holds(const char *name, const struct setup *x,
		  const struct figure *estimate, const struct figure *truth)
{
	int64_t more = (estimate->high - estimate->low) / 10;

	if (truth->value < estimate->low - more ||
	    truth->value > estimate->high + more)
		fail_msg("%s, load %u, seed %d: %lld is not in %lld .. %lld",
			 name, x->rho_ppm, (int)x->seed,
			 (long long)truth->value, (long long)estimate->low,
			 (long long)estimate->high);
}

/* Half of 256,000 devices held for 2 s.  Bands: as lab/bench/bench_scale.c has
 * them, with their source; p50 at 0.95 wider, for there the truth itself is
 * still on its way to the steady state (simulation.md 5: 8 %). */
static void counts_stay_within_their_bands(void **state)
{
	static const struct { uint32_t rho_ppm; double p50; } rows[] = {
		{ 500000, 0.04 }, { 700000, 0.04 }, { 850000, 0.08 },
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct setup x = {
			.devices = 256000, .partitions = 16,
			.rho_ppm = rows[i].rho_ppm,
		};

		for (x.seed = 1; x.seed <= 2; x.seed++) {
			struct ingest_answer t, e;

			x.level = LEVEL_WINDOW;
			t = outage(&x, EDGE_HOLD, 500000, SIM_S(2), SIM_S(2),
				   SIM_S(30));
			x.level = LEVEL_COUNTS;
			e = outage(&x, EDGE_HOLD, 500000, SIM_S(2), SIM_S(2),
				   SIM_S(30));
			near("p50", &x, &e.p50, &t.p50, rows[i].p50);
			near("p99", &x, &e.p99, &t.p99, 0.06);
			near("drain", &x, &e.drain, &t.drain, 0.04);
			near("max", &x, &e.backlog_max, &t.backlog_max, 0.04);
			near("produced", &x, &e.produced, &t.produced, 0.002);
			holds("p50", &x, &e.p50, &t.p50);
			holds("p99", &x, &e.p99, &t.p99);
			holds("drain", &x, &e.drain, &t.drain);
			holds("max", &x, &e.backlog_max, &t.backlog_max);
			holds("produced", &x, &e.produced, &t.produced);
			holds("stored", &x, &e.stored, &t.stored);
			holds("backlog", &x, &e.backlog, &t.backlog);
		}
	}
}

/* Near saturation theory's steady state is not reached: the limits of the
 * level, as measured (simulation.md 5: +8 % at 0.95). */
static void p50_near_saturation_is_within_its_wider_band(void **state)
{
	struct setup x = { .seed = 2, .devices = 256000, .partitions = 16,
			   .rho_ppm = 950000 };
	struct ingest *s, *u;
	struct world *w, *v;
	struct ingest_answer t, e;

	(void)state;
	x.level = LEVEL_WINDOW;
	w = make(&x, &s);
	world_run_until(w, SIM_S(20));
	t = ask(w, s);
	x.level = LEVEL_COUNTS;
	v = make(&x, &u);
	world_run_until(v, SIM_S(20));
	e = ask(v, u);
	near("p50", &x, &e.p50, &t.p50, 0.08);
	world_free(w);
	world_free(v);
}

static void nothing_is_lost_between_the_ticks(void **state)
{
	struct setup x = small;
	struct ingest *s;
	struct world *w;
	struct ingest_answer a;
	uint32_t first = 0, second = 0;

	(void)state;
	x.level = LEVEL_COUNTS;
	x.devices = 16001;		/* nothing divides evenly */
	w = make(&x, &s);
	for (int i = 1; i <= 1000; i++) {
		if (i == 300)
			first = ingest_outage(w, s, 333333, EDGE_HOLD, 0, NULL);
		if (i == 400)
			second = ingest_outage(w, s, 800000, EDGE_DROP, 0,
					       NULL);
		if (i == 500)
			ingest_outage_end(w, s, first);
		if (i == 600)
			ingest_outage_end(w, s, second);
		world_run_until(w, SIM_MS(10 * i) + i % 3);
		a = ask(w, s);
		assert_int_equal(a.produced.value, a.stored.value +
				 a.dropped.value + a.in_flight.value);
	}
	/* no drift: 16001 a second for 10 s, to the last whole record of
	 * each of the four partitions */
	assert_in_range(a.produced.value, 160010 - 4, 160010);
	assert_int_equal(a.held.value, 0);
	assert_true(a.dropped.value > 0);
	assert_int_equal(ingest_cohorts(s)->all.count, 1);	/* merged */
	world_free(w);
}

/* Overloaded, it never drains: no quiet moment comes, outages come and go. */
static void outages_do_not_pile_up(void **state)
{
	struct setup x = small;
	struct ingest *s;
	struct world *w;
	uint32_t on[5] = {0};

	(void)state;
	x.level = LEVEL_COUNTS;
	x.rho_ppm = 1200000;
	w = make(&x, &s);
	for (int i = 0; i < 200; i++) {
		world_run_until(w, SIM_MS(25 * (i + 1)));
		if (on[i % 5])
			ingest_outage_end(w, s, on[i % 5]);
		on[i % 5] = ingest_outage(w, s, 70000, i % 2 ? EDGE_HOLD :
					  EDGE_DROP, 0, NULL);
		assert_true(on[i % 5] > 0);
		assert_true(ingest_cohorts(s)->all.count < 40);
		ask(w, s);
	}
	world_free(w);
}

static void no_quantile_without_enough_tracers(void **state)
{
	struct setup x = small;
	struct ingest *s;
	struct world *w;
	struct ingest_answer a;

	(void)state;
	x.level = LEVEL_COUNTS;
	w = make(&x, &s);
	world_run_until(w, SIM_S(1));		/* 16 tracers */
	a = ask(w, s);
	assert_true(a.p50.there);
	assert_false(a.p99.there);
	assert_false(a.p999.there);
	world_run_until(w, SIM_S(18));		/* 288 */
	a = ask(w, s);
	assert_true(a.p99.there);
	assert_false(a.p999.there);
	assert_in_range(a.p99.n, 280, 296);
	world_run_until(w, SIM_S(20));
	a = ask(w, s);
	assert_true(a.p999.there);
	assert_true(a.p999.open);		/* no bound above, and it says so */
	assert_true(a.p999.low <= a.p999.value && a.p999.value <= a.p999.high);
	world_free(w);
}

static void what_is_smaller_than_a_tick_is_refused(void **state)
{
	struct setup x = small;
	struct ingest *s;
	struct world *w;
	struct err err = {{0}};

	(void)state;
	x.level = LEVEL_COUNTS;
	w = make(&x, &s);
	assert_int_equal(ingest_outage(w, s, 500000, EDGE_DROP, SIM_MS(3), &err),
			 0);
	assert_non_null(strstr(err.what, "shorter than the 10ms tick"));
	assert_non_null(strstr(err.what, "level record or window"));
	assert_false(ingest_resolves(s, SIM_MS(9), &err));
	assert_true(ingest_resolves(s, SIM_MS(10), &err));
	assert_true(ingest_outage(w, s, 500000, EDGE_DROP, SIM_MS(10), &err) > 0);
	ingest_set_level(w, s, LEVEL_WINDOW, false);
	assert_true(ingest_resolves(s, SIM_US(3), &err));
	assert_true(ingest_outage(w, s, 500000, EDGE_DROP, SIM_MS(3), &err) > 0);
	assert_int_equal(ingest_outage(w, s, 0, EDGE_DROP, 0, &err), 0);
	assert_int_equal(ingest_outage(w, s, 1000001, EDGE_DROP, 0, &err), 0);
	world_free(w);
}

/* -- switching ------------------------------------------------------------ */

static void a_fault_looks_closer_for_a_while(void **state)
{
	struct setup x = small;
	struct ingest *s;
	struct world *w;
	uint32_t number;

	(void)state;
	x.level = LEVEL_COUNTS;
	x.zoom = true;
	w = make(&x, &s);
	world_run_until(w, SIM_S(1));
	assert_int_equal(ingest_level(s, 0), LEVEL_COUNTS);
	number = ingest_outage(w, s, 500000, EDGE_HOLD, SIM_MS(3), NULL);
	assert_true(number > 0);	/* looked at closely, so it exists */
	assert_int_equal(ingest_level(s, 3), LEVEL_RECORD);
	assert_int_equal(ingest_backlog(w, s, 3).fidelity, FIDELITY_EXACT);
	world_run_until(w, SIM_MS(1499));
	assert_int_equal(ingest_level(s, 3), LEVEL_RECORD);
	world_run_until(w, SIM_MS(1501));
	assert_int_equal(ingest_level(s, 3), LEVEL_COUNTS);
	assert_int_equal(ingest_backlog(w, s, 3).fidelity, FIDELITY_ESTIMATE);
	ingest_focus(w, s, 2, SIM_S(1));
	assert_int_equal(ingest_level(s, 2), LEVEL_RECORD);
	assert_int_equal(ingest_level(s, 1), LEVEL_COUNTS);
	ask(w, s);
	world_free(w);
}

/* Backlogs, held readings and tracers survive every change of level: at random
 * times, in the middle of outages; the whole fares as without. */
static void switching_loses_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct setup x = small;
		struct ingest_answer plain, a;
		struct ingest *s;
		struct world *w;
		struct luck luck;
		uint32_t number = 0;

		x.seed = seed;
		x.level = LEVEL_WINDOW;
		plain = outage(&x, EDGE_HOLD, 500000, SIM_S(2), SIM_S(1),
			       SIM_S(12));
		luck_init(&luck, seed, "test", "switch");
		w = make(&x, &s);
		for (int i = 1; i <= 120; i++) {
			world_run_until(w, SIM_MS(100 * i));
			if (i == 20)
				number = ingest_outage(w, s, 500000, EDGE_HOLD,
						       0, NULL);
			if (i == 30)
				ingest_outage_end(w, s, number);
			if (i % 3 == 0)
				ingest_set_level(w, s, (enum ingest_level)
					luck_below(&luck, LEVEL_COUNT), false);
			else if (i % 3 == 1)
				ingest_focus(w, s, (uint32_t)luck_below(&luck,
					     x.partitions), SIM_MS(250));
			a = ask(w, s);
			assert_int_equal(a.produced.value, a.stored.value +
					 a.dropped.value + a.in_flight.value);
		}
		assert_int_equal(a.held.value, 0);
		near("max", &x, &a.backlog_max, &plain.backlog_max, 0.15);
		holds("p99", &x, &a.p99, &plain.p99);
		near("drain", &x, &a.drain, &plain.drain, 0.20);
		world_free(w);
	}
}

/* More than can be followed one by one: counted from there on, told by the
 * badge, and followed again when it is over. */
static void too_many_to_follow_are_counted(void **state)
{
	struct setup x = { .seed = 1, .devices = 1000000, .partitions = 16,
			   .rho_ppm = 500000, .level = LEVEL_WINDOW };
	struct ingest *s;
	struct world *w = make(&x, &s);
	struct ingest_answer a;
	uint32_t number;

	(void)state;
	world_run_until(w, SIM_S(1));
	assert_int_equal(ask(w, s).p50.fidelity, FIDELITY_WINDOW);
	number = ingest_outage(w, s, 800000, EDGE_HOLD, 0, NULL);
	world_run_until(w, SIM_S(4));
	a = ask(w, s);
	assert_int_equal(ingest_level(s, 0), LEVEL_COUNTS);
	assert_int_equal(a.held.fidelity, FIDELITY_ESTIMATE);
	assert_in_range(a.held.value, 2395000, 2405000);
	ingest_focus(w, s, 0, SIM_S(1));	/* of one there is room */
	assert_int_equal(ingest_level(s, 0), LEVEL_RECORD);
	ingest_outage_end(w, s, number);
	world_run_until(w, SIM_S(9));
	a = ask(w, s);
	assert_int_equal(a.held.value, 0);
	assert_int_equal(ingest_level(s, 0), LEVEL_WINDOW);
	assert_int_equal(ingest_backlog(w, s, 0).fidelity, FIDELITY_WINDOW);
	assert_int_equal(a.p50.fidelity, FIDELITY_ESTIMATE);
	world_free(w);
}

/* A device keeps a thousand readings. */
static void what_no_device_can_keep_is_lost(void **state)
{
	(void)state;
	for (int level = LEVEL_WINDOW; level <= LEVEL_COUNTS; level++) {
		struct setup x = small;
		struct ingest *s;
		struct world *w;
		struct ingest_answer a;

		x.devices = 100;
		x.partitions = 2;
		x.level = (enum ingest_level)level;
		w = make(&x, &s);
		assert_true(ingest_outage(w, s, 200000, EDGE_HOLD, 0, NULL) > 0);
		world_run_until(w, SIM_S(1500));
		a = ask(w, s);
		assert_int_equal(a.held.value, 20 * 1000);
		assert_in_range(a.dropped.value, 9000, 11000);
		world_free(w);
	}
}

/* -- any record, any time ------------------------------------------------- */

static void a_record_is_a_function_of_its_number(void **state)
{
	struct setup x = small;
	struct ingest_record one, two;
	struct ingest *s, *t;
	struct world *w, *v;
	uint32_t seen[4] = {0};

	(void)state;
	x.level = LEVEL_RECORD;
	w = make(&x, &s);
	x.level = LEVEL_COUNTS;
	v = make(&x, &t);
	world_run_until(w, SIM_S(1));
	for (uint64_t n = 0; n < 4000; n++) {
		ingest_record(w, s, 3, n * 977, &one);
		ingest_record(v, t, 3, n * 977, &two);
		assert_int_equal(one.device, two.device);
		assert_int_equal(one.service, two.service);
		assert_string_equal(one.value, two.value);
		assert_int_equal(one.device % x.partitions, 3);
		seen[one.device / (x.devices / 4)]++;
	}
	for (int i = 0; i < 4; i++)	/* evenly: 1000, sd 27 */
		assert_in_range(seen[i], 1000 - 110, 1000 + 110);
	assert_non_null(strstr(one.value, one.key));
	world_free(w);
	world_free(v);
}

/* Looking at a record, or asking, does not touch the run. */
static void looking_changes_nothing(void **state)
{
	struct setup x = small;
	struct ingest *s, *t;
	struct world *w = make(&x, &s), *v = make(&x, &t);
	struct ingest_record r;

	(void)state;
	for (int i = 1; i <= 20; i++) {
		world_run_until(w, SIM_MS(50 * i));
		world_run_until(v, SIM_MS(50 * i));
		ask(w, s);
		ingest_record(w, s, 1, (uint64_t)i, &r);
	}
	assert_true(world_digest(w) == world_digest(v));
	assert_int_equal(ask(w, s).stored.value, ask(v, t).stored.value);
	world_free(w);
	world_free(v);
}

static void steady_flow_allocates_nothing(void **state)
{
	(void)state;
	for (int level = 0; level < LEVEL_COUNT; level++) {
		struct setup x = small;
		struct ingest *s;
		struct world *w;
		size_t used;

		x.rho_ppm = 700000;
		x.level = (enum ingest_level)level;
		w = make(&x, &s);
		world_run_until(w, SIM_S(10));
		used = arena_head(&w->arena)->used;
		world_run_until(w, SIM_S(30));
		assert_int_equal(arena_head(&w->arena)->used, used);
		world_free(w);
	}
}

/* One outage at each level and at auto: the same numbers on every machine and
 * with every compiler.  Who changes what a stage does changes these. */
static void every_build_gives_the_same_digest(void **state)
{
	static const struct {
		enum ingest_level level;
		bool zoom;
		uint64_t digest;
		int64_t stored, p99;
	} rows[] = {
		{ LEVEL_RECORD, false, UINT64_C(0xf4f6851cf2f556e1),
		  127783, 912261119 },
		{ LEVEL_WINDOW, false, UINT64_C(0x0c501bc1f5b1e7d7),
		  127783, 912261119 },
		{ LEVEL_COUNTS, false, UINT64_C(0x3158519e74de993c),
		  128000, 870318079 },
		{ LEVEL_COUNTS, true, UINT64_C(0x85ca46496dc50c81),
		  127856, 878706687 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setup x = small;
		struct ingest *s;
		struct world *w;
		struct ingest_answer a;
		uint32_t number;

		x.level = rows[i].level;
		x.zoom = rows[i].zoom;
		w = make(&x, &s);
		world_run_until(w, SIM_MS(1234));
		number = ingest_outage(w, s, 300000, EDGE_HOLD, 0, NULL);
		world_run_until(w, SIM_MS(2345));
		ingest_outage_end(w, s, number);
		world_run_until(w, SIM_S(8));
		a = ask(w, s);
		if (world_digest(w) != rows[i].digest ||
		    a.stored.value != rows[i].stored ||
		    a.p99.value != rows[i].p99)
			fail_msg("row %d: 0x%016llx, %lld, %lld", (int)i,
				 (unsigned long long)world_digest(w),
				 (long long)a.stored.value,
				 (long long)a.p99.value);
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window_answers_as_record_does),
		cmocka_unit_test(an_outage_cuts_the_window),
		cmocka_unit_test(counts_stay_within_their_bands),
		cmocka_unit_test(p50_near_saturation_is_within_its_wider_band),
		cmocka_unit_test(nothing_is_lost_between_the_ticks),
		cmocka_unit_test(outages_do_not_pile_up),
		cmocka_unit_test(no_quantile_without_enough_tracers),
		cmocka_unit_test(what_is_smaller_than_a_tick_is_refused),
		cmocka_unit_test(a_fault_looks_closer_for_a_while),
		cmocka_unit_test(switching_loses_nothing),
		cmocka_unit_test(too_many_to_follow_are_counted),
		cmocka_unit_test(what_no_device_can_keep_is_lost),
		cmocka_unit_test(a_record_is_a_function_of_its_number),
		cmocka_unit_test(looking_changes_nothing),
		cmocka_unit_test(steady_flow_allocates_nothing),
		cmocka_unit_test(every_build_gives_the_same_digest),
	};

	return cmocka_run_group_tests_name("ingest", tests, NULL, NULL);
}
