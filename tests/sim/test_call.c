/* test_call.c - every call ends once, as what happened to it
 *
 * Tables of what may happen, random faults with a count of outcomes, and a
 * retry storm made of nothing but CPU time: it outlives its cause, and a
 * breaker ends it.
 */
#include "tests/test.h"

#include "tests/sim/call_world.h"

struct pair {
	struct world *w;
	struct service *client, *server;
};

static struct pair pair(struct calls_config config, sim_time cost)
{
	struct pair x = { .w = call_world(1) };

	x.server = service_new(x.w, "server", cost);
	x.client = service_new(x.w, "client", 0);
	service_over(x.client, x.server, config);
	return x;
}

static uint64_t run(struct pair *x, uint32_t calls, sim_time until)
{
	while (calls--)
		service_ask(x->client, NULL);
	world_run_until(x->w, until);
	return x->client->done;
}

/* -- outcomes -------------------------------------------------------------- */

static void an_answer_ends_a_call(void **state)
{
	struct pair x = pair((struct calls_config){ .timeout = CALL_TIMEOUT },
			     SIM_MS(3));

	(void)state;
	assert_int_equal(run(&x, 1, SIM_S(1)), 1);
	assert_int_equal(x.client->last.outcome, CALL_ANSWERED);
	assert_int_equal(x.client->last.attempts, 1);
	assert_non_null(x.client->last.answer);
	/* handshake, there, 3 ms of CPU, and back */
	assert_true(x.client->last.took > SIM_MS(3) + SIM_US(200));
	assert_true(x.client->last.took < SIM_MS(5));
	x.server->broken = true;
	run(&x, 1, SIM_S(2));
	assert_int_equal(x.client->last.outcome, CALL_FAILED);
	assert_non_null(x.client->last.answer);
	world_free(x.w);
}

static void a_timeout_ends_it_and_the_late_answer_is_nobodys(void **state)
{
	struct pair x = pair((struct calls_config){ .timeout = SIM_MS(100) },
			     SIM_MS(300));

	(void)state;
	run(&x, 1, SIM_MS(100) - 1);
	assert_int_equal(x.client->done, 0);
	run(&x, 0, SIM_MS(100));
	assert_int_equal(x.client->done, 1);
	assert_int_equal(x.client->last.outcome, CALL_TIMED_OUT);
	assert_int_equal(x.client->last.took, SIM_MS(100));
	assert_null(x.client->last.answer);
	run(&x, 0, SIM_S(1));
	assert_int_equal(x.server->answered, 1);	/* it worked for nobody */
	assert_int_equal(x.client->late, 1);
	assert_int_equal(x.client->done, 1);
	world_free(x.w);
}

static void no_timeout_waits_for_good(void **state)
{
	struct pair x = pair((struct calls_config){0}, 0);

	(void)state;
	x.server->silent = true;
	assert_int_equal(run(&x, 1, SIM_HOURS(10)), 0);
	process_kill(x.w, x.server->process);
	run(&x, 0, SIM_HOURS(10) + SIM_S(1));
	assert_int_equal(x.client->last.outcome, CALL_LOST);
	assert_int_equal(x.client->last.took / SIM_S(1), 36000);
	world_free(x.w);
}

static void nobody_there_is_lost_at_once(void **state)
{
	struct pair x = pair((struct calls_config){ .timeout = SIM_S(1) }, 0);

	(void)state;
	x.client->absent = true;		/* no address */
	service_ask(x.client, NULL);
	assert_int_equal(x.client->last.outcome, CALL_LOST);
	assert_int_equal(x.client->last.took, 0);
	x.client->absent = false;
	process_kill(x.w, x.server->process);	/* an address, but nobody */
	run(&x, 1, SIM_MS(100));
	assert_int_equal(x.client->last.outcome, CALL_LOST);
	assert_true(x.client->last.took > 0 &&
		    x.client->last.took < SIM_MS(2));
	world_free(x.w);
}

static void places_are_given_in_order_of_arrival(void **state)
{
	struct bulkhead_config c = { .max = 1, .wait = SIM_S(1) };
	struct bulkhead_place p[5];
	struct bulkhead b;

	(void)state;
	bulkhead_init(&b, &c, 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(bulkhead_enter(&b, &p[i], i),
				 i ? BULKHEAD_WAITS : BULKHEAD_IN);
	assert_true(queue_agrees(&b.waiting, 1 + 2 + 3 + 4, 10));
	bulkhead_give_up(&b, &p[2], 10);
	assert_ptr_equal(bulkhead_leave(&b, &p[0], 20), &p[1]);
	bulkhead_give_up(&b, &p[4], 25);
	assert_int_equal(bulkhead_available(&b), 0);
	assert_ptr_equal(bulkhead_leave(&b, &p[1], 30), &p[3]);
	assert_null(bulkhead_leave(&b, &p[3], 40));
	assert_int_equal(b.rejected, 2);
	assert_int_equal(b.inside.stayed, 20 + 10 + 10);
	assert_int_equal(b.waiting.stayed, 19 + 8 + 27 + 21);
	assert_int_equal(bulkhead_enter(&b, &p[0], 50), BULKHEAD_IN);
}

static void a_bulkhead_lets_so_many_in(void **state)
{
	struct calls_config c = {
		.timeout = SIM_S(10),
		.bulkhead = { .max = 2, .wait = SIM_MS(250) },
	};
	struct pair x = pair(c, SIM_MS(100));

	(void)state;
	run(&x, 7, SIM_MS(1));
	assert_int_equal(x.server->asked, 2);
	assert_int_equal(x.client->calls->bulkhead.waiting.length, 5);
	run(&x, 0, SIM_MS(150));		/* the first left at 100 ms */
	assert_int_equal(x.server->asked, 3);
	run(&x, 0, SIM_S(2));
	/* In at 0, 0, 100, 200; the others gave up at 250 ms. */
	assert_int_equal(x.client->by[CALL_ANSWERED], 4);
	assert_int_equal(x.client->by[CALL_REFUSED_BULKHEAD], 3);
	assert_int_equal(x.server->asked, 4);
	assert_int_equal(x.client->calls->bulkhead.inside.length_max, 2);
	assert_true(queue_agrees(&x.client->calls->bulkhead.waiting, 0,
				 world_now(x.w)));
	assert_true(queue_agrees(&x.client->calls->bulkhead.inside, 0,
				 world_now(x.w)));
	assert_int_equal(bulkhead_available(&x.client->calls->bulkhead), 2);
	world_free(x.w);
}

/* Nobody can be found: the whole line ends at that moment, however long. */
static void a_long_line_ends_without_a_deep_stack(void **state)
{
	struct calls_config c = {
		.bulkhead = { .max = 1, .wait = SIM_S(100) },
	};
	struct pair x = pair(c, SIM_MS(100));

	(void)state;
	run(&x, 100001, SIM_MS(50));
	x.client->absent = true;
	run(&x, 0, SIM_MS(102));
	assert_int_equal(x.client->by[CALL_ANSWERED], 1);
	assert_int_equal(x.client->by[CALL_LOST], 100000);
	assert_int_equal(x.client->calls->bulkhead.waiting.length_max, 100000);
	world_free(x.w);
}

static void without_waiting_a_full_bulkhead_refuses(void **state)
{
	struct calls_config c = { .bulkhead = bulkhead_defaults };
	struct pair x = pair(c, SIM_MS(1));

	(void)state;
	assert_int_equal(bulkhead_defaults.max, 25);
	assert_int_equal(bulkhead_defaults.wait, 0);
	run(&x, 30, 0);
	assert_int_equal(x.client->by[CALL_REFUSED_BULKHEAD], 5);
	run(&x, 0, SIM_S(1));
	assert_int_equal(x.client->by[CALL_ANSWERED], 25);
	world_free(x.w);
}

static void the_timeout_covers_the_wait_for_the_bulkhead(void **state)
{
	struct calls_config c = {
		.timeout = SIM_MS(150),
		.bulkhead = { .max = 1, .wait = SIM_S(1) },
	};
	struct pair x = pair(c, SIM_MS(100));

	(void)state;
	run(&x, 3, SIM_S(1));
	/* One in time; the second got in at 100 ms, with 50 ms left; the third
	 * at 150 ms had none, and never went out. */
	assert_int_equal(x.client->by[CALL_ANSWERED], 1);
	assert_int_equal(x.client->by[CALL_TIMED_OUT], 2);
	assert_true(x.server->asked <= 3);
	assert_int_equal(x.client->calls->bulkhead.inside.length, 0);
	world_free(x.w);
}

static void a_limiter_spaces_calls_and_refuses_the_rest(void **state)
{
	struct calls_config c = {
		.bucket = { .limit = 2, .period = SIM_S(1), .wait = SIM_MS(1500) },
	};
	struct pair x = pair(c, SIM_MS(1));

	(void)state;
	run(&x, 6, SIM_MS(900));
	assert_int_equal(x.client->by[CALL_ANSWERED], 2);
	assert_int_equal(x.client->calls->limited, 4);
	run(&x, 0, SIM_MS(1100));
	assert_int_equal(x.client->by[CALL_ANSWERED], 4);
	run(&x, 0, SIM_MS(1499));
	assert_int_equal(x.client->by[CALL_REFUSED_LIMITER], 0);
	run(&x, 0, SIM_MS(1500));
	assert_int_equal(x.client->by[CALL_REFUSED_LIMITER], 2);
	assert_int_equal(x.client->calls->limited, 0);
	world_free(x.w);
}

static void refusals_count_for_the_breaker_unless_ignored(void **state)
{
	struct calls_config c = {
		.bulkhead = { .max = 1 }, .breaker = breaker_defaults,
	};

	(void)state;
	c.breaker.window = c.breaker.minimum = 4;
	for (int ignore = 0; ignore < 2; ignore++) {
		struct pair x;

		c.breaker.ignore = ignore ? 1u << CALL_REFUSED_BULKHEAD : 0;
		x = pair(c, SIM_MS(1));
		run(&x, 10, SIM_S(1));
		assert_int_equal(x.client->by[CALL_REFUSED_BULKHEAD],
				 ignore ? 9 : 4);
		assert_int_equal(x.client->by[CALL_REFUSED_BREAKER],
				 ignore ? 0 : 5);
		assert_int_equal(x.client->calls->breaker.ignored,
				 ignore ? 9 : 0);
		world_free(x.w);
	}
}

static void a_process_that_dies_abandons_its_calls(void **state)
{
	struct calls_config c = {
		.timeout = SIM_S(1), .retry = retry_defaults,
		.breaker = breaker_defaults,
		.bulkhead = { .max = 2, .wait = SIM_S(1) },
		.bucket = { .limit = 4, .period = SIM_S(1), .wait = SIM_S(3) },
	};
	struct pair x;

	(void)state;
	c.breaker.window = c.breaker.minimum = 3;
	x = pair(c, 0);
	x.server->silent = true;
	run(&x, 6, SIM_MS(500));	/* 2 asked, 2 queued, 2 limited */
	assert_int_equal(x.client->calls->open.length, 6);
	process_kill(x.w, x.client->process);
	assert_int_equal(x.client->by[CALL_ABANDONED], 6);
	assert_int_equal(x.client->calls->open.length, 0);
	assert_int_equal(x.client->sent, 2);	/* nobody moved up */
	process_start(x.w, x.client->process);
	x.server->silent = false;
	run(&x, 1, SIM_S(2));
	assert_int_equal(x.client->by[CALL_ANSWERED], 1);
	assert_int_equal(x.client->calls->breaker.successful, 1);
	assert_int_equal(x.client->calls->attempts, 1);
	world_free(x.w);
}

static void a_hung_caller_finds_out_later(void **state)
{
	struct pair x = pair((struct calls_config){ .timeout = SIM_S(1) }, 0);

	(void)state;
	x.server->silent = true;
	run(&x, 1, SIM_MS(500));
	process_hang(x.w, x.client->process);
	run(&x, 0, SIM_S(30));
	assert_int_equal(x.client->done, 0);
	process_resume(x.w, x.client->process);
	run(&x, 0, SIM_S(31));
	assert_int_equal(x.client->by[CALL_TIMED_OUT], 1);
	assert_true(x.client->last.took > SIM_S(30));

	run(&x, 1, SIM_MS(31500));	/* a collector's pause: at its end */
	process_pause(x.w, x.client->process, SIM_MS(700));
	run(&x, 0, SIM_S(40));
	assert_int_equal(x.client->by[CALL_TIMED_OUT], 2);
	assert_int_equal(x.client->last.took, SIM_MS(1200));
	world_free(x.w);
}

/* -- one outcome, whatever happens ---------------------------------------- */

static struct calls_config random_config(struct luck *luck)
{
	struct calls_config c = {
		.timeout = luck_chance(luck, 9, 10) ?
			   luck_between(luck, SIM_MS(1), SIM_MS(60)) : 0,
		.retry = {
			.attempts = (uint32_t)luck_between(luck, 1, 4),
			.wait = SIM_MS(luck_between(luck, 1, 20)),
			.growth_permille = 1500, .random_permille = 500,
			.not_on = (uint32_t)luck_below(luck, 1u << 7) &
				  (uint32_t)luck_below(luck, 1u << 7),
		},
		.bulkhead = { (uint32_t)luck_below(luck, 6),
			      luck_between(luck, 0, SIM_MS(20)) },
		.bucket = { (uint32_t)luck_below(luck, 4), SIM_MS(10),
			    luck_between(luck, 0, SIM_MS(40)), 0 },
		.breaker = breaker_defaults,
	};

	c.breaker.window = (uint32_t)luck_below(luck, 20);
	c.breaker.minimum = 5;
	c.breaker.open_wait = SIM_MS(100);
	c.breaker.half_open_calls = 3;
	c.breaker.ignore = (uint32_t)luck_below(luck, 1u << 7) & 0x50;
	return c;
}

static void toss(struct luck *luck, struct pair *x)
{
	struct process *victim = luck_chance(luck, 1, 2) ? x->client->process :
							   x->server->process;

	x->server->broken = luck_chance(luck, 1, 4);
	x->server->silent = luck_chance(luck, 1, 6);
	x->client->absent = luck_chance(luck, 1, 10);
	switch (luck_below(luck, 6)) {
	case 0:
		process_kill(x->w, victim);
		break;
	case 1:
		process_hang(x->w, victim);
		break;
	default:
		process_start(x->w, x->client->process);
		process_start(x->w, x->server->process);
		process_resume(x->w, x->client->process);
		process_resume(x->w, x->server->process);
	}
}

static void random_faults_leave_one_outcome_for_each_call(void **state)
{
	uint64_t by[CALL_OUTCOMES] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct luck luck;
		struct pair x;
		struct calls *c;

		luck_init(&luck, seed, "call", "test");
		x = pair(random_config(&luck), luck_between(&luck, 0, SIM_MS(4)));
		c = x.client->calls;
		service_load(x.client, SIM_MS(3));
		for (int i = 1; i <= 200; i++) {
			uint64_t sum = 0;

			toss(&luck, &x);
			world_run_until(x.w, SIM_MS(20) * i);
			for (int k = 0; k < CALL_OUTCOMES; k++)
				sum += x.client->by[k];
			assert_int_equal(sum, x.client->done);
			assert_int_equal(x.client->begun, sum + c->open.length);
		}
		x.client->gap = 0;
		process_kill(x.w, x.server->process);
		process_resume(x.w, x.client->process);
		world_run_until(x.w, SIM_S(10));
		/* Who hung when a connection broke does not hear of it
		 * (net.c), and without a timeout waits for good. */
		if (!c->config.timeout)
			process_kill(x.w, x.client->process);
		assert_int_equal(x.client->begun, x.client->done);
		assert_true(x.client->attempts_max <= c->config.retry.attempts);
		assert_true(queue_agrees(&c->open, 0, world_now(x.w)));
		assert_int_equal(c->bulkhead.inside.length, 0);
		assert_int_equal(c->limited, 0);
		for (int k = 0; k < CALL_OUTCOMES; k++)
			by[k] += x.client->by[k];
		world_free(x.w);
	}
	for (int k = 0; k < CALL_OUTCOMES; k++)
		if (by[k] < 100)
			fail_msg("only %llu were %s",
				 (unsigned long long)by[k],
				 call_outcome_name((enum call_outcome)k));
}

static void calling_does_not_grow_the_arena(void **state)
{
	struct calls_config c = {
		.timeout = CALL_TIMEOUT, .retry = retry_defaults,
		.breaker = breaker_defaults, .bulkhead = bulkhead_defaults,
	};
	struct pair x = pair(c, SIM_MS(1));
	size_t hot;

	(void)state;
	service_load(x.client, SIM_MS(2));
	world_run_until(x.w, SIM_S(20));
	hot = world_hot_bytes(x.w);
	world_run_until(x.w, SIM_S(100));
	assert_true(x.client->done > 40000);
	assert_true(world_hot_bytes(x.w) <= hot + 8192);
	world_free(x.w);
}

static void a_rewound_world_calls_the_same_again(void **state)
{
	struct calls_config c = {
		.timeout = SIM_MS(10), .retry = retry_defaults,
		.breaker = breaker_defaults,
	};
	struct pair x;
	uint64_t digest, done;

	(void)state;
	c.retry.random_permille = 500;
	x = pair(c, SIM_MS(3));
	world_travel_on(x.w, SIM_S(1), 32);
	service_load(x.client, SIM_MS(4));
	world_run_until(x.w, SIM_S(20));
	digest = world_digest(x.w);
	done = x.client->done;
	assert_true(x.client->by[CALL_REFUSED_BREAKER] > 0);
	world_rewind(x.w, SIM_MS(7300));
	assert_true(x.client->done < done);
	world_run_until(x.w, SIM_S(20));
	assert_true(world_digest(x.w) == digest);
	assert_int_equal(x.client->done, done);
	world_free(x.w);
}

/* -- a storm ---------------------------------------------------------------- */

struct storm {
	uint32_t before, during, after;	/* per cent of calls answered */
	uint64_t opened;
	int64_t requests_after;		/* a second, at the server */
};

static uint32_t answered_percent(struct pair *x, sim_time until)
{
	uint64_t done = x->client->done, good = x->client->by[CALL_ANSWERED];

	world_run_until(x->w, until);
	return (uint32_t)((x->client->by[CALL_ANSWERED] - good) * 100 /
			  (x->client->done - done));
}

/*
 * One core, 5 ms a request: 200 a second.  120 calls a second come, that is
 * 60 %.  For ten seconds somebody else on the machine, who weighs nine times as
 * much, takes 90 % of the core, and is gone.  Calls that waited over half a second are given up and tried again.
 */
static struct storm storm(uint32_t attempts, bool breaker)
{
	struct calls_config c = {
		.timeout = SIM_MS(500),
		.retry = { .attempts = attempts, .wait = SIM_MS(100),
			   .growth_permille = 1000 },
	};
	struct process_events none = {0};
	struct storm s;
	struct pair x;
	struct process *neighbour;
	uint64_t asked;

	if (breaker) {
		c.breaker = breaker_defaults;
		c.breaker.window = 50;
		c.breaker.minimum = 20;
		c.breaker.open_wait = SIM_S(5);
	}
	x = pair(c, SIM_MS(5));
	neighbour = process_new(x.w, "backup", x.server->process->machine,
				"backup", &none, MODULE_WORLD, NULL);
	process_start(x.w, neighbour);
	cpu_weight_set(x.w, neighbour, 9 * CPU_WEIGHT_DEFAULT);
	service_load(x.client, SIM_S(1) / 120);
	s.before = answered_percent(&x, SIM_S(60));
	cpu_run(x.w, neighbour, SIM_S(9), SERVICE_IDLE, NULL, 0);
	s.during = answered_percent(&x, SIM_S(70));
	world_run_until(x.w, SIM_MINUTES(3));
	asked = x.server->asked;
	s.after = answered_percent(&x, SIM_MINUTES(5));
	s.requests_after = (int64_t)(x.server->asked - asked) / 120;
	s.opened = x.client->calls->breaker.opened;
	world_free(x.w);
	return s;
}

static void a_retry_storm_outlives_its_cause(void **state)
{
	struct storm s = storm(3, false);

	(void)state;
	assert_true(s.before >= 99);
	assert_true(s.during < 15);
	/* Two to four minutes after: three tries each are more than it can
	 * serve, all of them late, and it works for nobody. */
	assert_true(s.after < 5);
	assert_true(s.requests_after > 330);
}

static void without_retries_the_service_recovers(void **state)
{
	struct storm s = storm(1, false);

	(void)state;
	assert_true(s.before >= 99);
	assert_true(s.during < 15);
	assert_true(s.after >= 99);
	assert_true(s.requests_after < 130);
}

static void a_breaker_ends_the_storm(void **state)
{
	struct storm s = storm(3, true);

	(void)state;
	assert_true(s.before >= 99);
	assert_true(s.after >= 99);
	assert_true(s.opened > 0);
	assert_true(s.requests_after < 130);
}

/* -- what a scrape sees ------------------------------------------------------ */

static double value(struct pair *x, const char *name, const char *kind)
{
	struct registry *r = registry_of(x->w, x->client->process);
	struct sample_point *points;
	uint32_t n;
	double found = -1000;

	world_call(x->w, x->client->process->on.collect, x->client->process, 0);
	n = registry_count(r);
	points = calloc(n, sizeof(*points));
	registry_read(x->w, r, points);
	for (uint32_t i = 0; i < n; i++) {
		bool has = !kind, named = false;

		for (uint32_t k = 0; k < points[i].labels->count; k++) {
			const char *v = world_text(x->w, points[i].labels->
						   at[k].value);

			has |= kind && !strcmp(v, kind);
			named |= !strcmp(v, "below");
		}
		if (has && named && !strcmp(world_text(x->w, points[i].name), name))
			found = points[i].value;
	}
	free(points);
	return found;
}

static void metrics_have_the_documented_names(void **state)
{
	static const struct {
		const char *name, *kind;
		double value;
	} rows[] = {
		{ "resilience4j_circuitbreaker_state", "open", 1 },
		{ "resilience4j_circuitbreaker_state", "closed", 0 },
		{ "resilience4j_circuitbreaker_state", "half_open", 0 },
		{ "resilience4j_circuitbreaker_state", "forced_open", 0 },
		{ "resilience4j_circuitbreaker_state", "disabled", 0 },
		{ "resilience4j_circuitbreaker_state", "metrics_only", 0 },
		{ "resilience4j_circuitbreaker_calls_seconds_count",
		  "successful", 4 },
		{ "resilience4j_circuitbreaker_calls_seconds_count", "failed",
		  6 },
		{ "resilience4j_circuitbreaker_calls_seconds_count", "ignored",
		  0 },
		{ "resilience4j_circuitbreaker_calls_seconds_sum", "ignored",
		  0 },
		{ "resilience4j_circuitbreaker_buffered_calls", "failed", 6 },
		{ "resilience4j_circuitbreaker_buffered_calls", "successful",
		  4 },
		{ "resilience4j_circuitbreaker_slow_calls", "successful", 0 },
		{ "resilience4j_circuitbreaker_slow_calls", "failed", 0 },
		{ "resilience4j_circuitbreaker_failure_rate", NULL, 60 },
		{ "resilience4j_circuitbreaker_slow_call_rate", NULL, 0 },
		{ "resilience4j_circuitbreaker_not_permitted_calls_total",
		  "not_permitted", 3 },
		{ "resilience4j_retry_calls_total", "successful_without_retry",
		  4 },
		{ "resilience4j_retry_calls_total", "successful_with_retry", 0 },
		{ "resilience4j_retry_calls_total", "failed_with_retry", 3 },
		{ "resilience4j_retry_calls_total", "failed_without_retry", 0 },
		{ "resilience4j_bulkhead_available_concurrent_calls", NULL, 25 },
		{ "resilience4j_bulkhead_max_allowed_concurrent_calls", NULL,
		  25 },
		{ "resilience4j_ratelimiter_available_permissions", NULL, 100 },
		{ "resilience4j_ratelimiter_waiting_threads", NULL, 0 },
		{ "resilience4j_timelimiter_calls_total", "successful", 4 },
		{ "resilience4j_timelimiter_calls_total", "failed", 6 },
		{ "resilience4j_timelimiter_calls_total", "timeout", 0 },
	};
	struct calls_config c = {
		.timeout = CALL_TIMEOUT, .retry = retry_defaults,
		.breaker = breaker_defaults, .bulkhead = bulkhead_defaults,
		.bucket = { .limit = 100, .period = SIM_S(1) },
	};
	struct pair x;
	double seconds;

	(void)state;
	c.breaker.minimum = 10;
	x = pair(c, SIM_MS(10));
	run(&x, 4, SIM_S(3));
	x.server->broken = true;
	run(&x, 3, SIM_S(10));	/* two tries each make 10; the third: refused */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (value(&x, rows[i].name, rows[i].kind) != rows[i].value)
			fail_msg("%s %s is %f", rows[i].name,
				 rows[i].kind ? rows[i].kind : "",
				 value(&x, rows[i].name, rows[i].kind));
	seconds = value(&x, "resilience4j_circuitbreaker_calls_seconds_sum",
			"successful");
	assert_true(seconds > 0.1 && seconds < 0.11);	/* 10 20 30 40 ms */
	world_free(x.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_ends_a_call),
		cmocka_unit_test(a_timeout_ends_it_and_the_late_answer_is_nobodys),
		cmocka_unit_test(no_timeout_waits_for_good),
		cmocka_unit_test(nobody_there_is_lost_at_once),
		cmocka_unit_test(places_are_given_in_order_of_arrival),
		cmocka_unit_test(a_bulkhead_lets_so_many_in),
		cmocka_unit_test(a_long_line_ends_without_a_deep_stack),
		cmocka_unit_test(without_waiting_a_full_bulkhead_refuses),
		cmocka_unit_test(the_timeout_covers_the_wait_for_the_bulkhead),
		cmocka_unit_test(a_limiter_spaces_calls_and_refuses_the_rest),
		cmocka_unit_test(refusals_count_for_the_breaker_unless_ignored),
		cmocka_unit_test(a_process_that_dies_abandons_its_calls),
		cmocka_unit_test(a_hung_caller_finds_out_later),
		cmocka_unit_test(random_faults_leave_one_outcome_for_each_call),
		cmocka_unit_test(calling_does_not_grow_the_arena),
		cmocka_unit_test(a_rewound_world_calls_the_same_again),
		cmocka_unit_test(a_retry_storm_outlives_its_cause),
		cmocka_unit_test(without_retries_the_service_recovers),
		cmocka_unit_test(a_breaker_ends_the_storm),
		cmocka_unit_test(metrics_have_the_documented_names),
	};

	return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
