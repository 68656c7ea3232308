/* test_breaker.c - the breaker opens, waits, tries and closes as documented
 *
 * Tables of steps after resilience4j's CircuitBreaker documentation and state
 * machine, and a model: a plain list of outcomes against the ring.
 */
#include "tests/test.h"

#include "sim/core/luck.h"
#include "sim/host/breaker.h"

struct fixture {
	struct world *w;
	struct breaker b;
	sim_time now;
};

static struct fixture breaker(struct breaker_config c)
{
	static const struct module *const modules[MODULE_COUNT];
	struct fixture f = {
		.w = world_new(&(struct world_spec){ .seed = 1,
						     .modules = modules }),
	};

	breaker_init(f.w, &f.b, &c);
	return f;
}

static void release(struct fixture *f)
{
	breaker_free(f->w, &f->b);
	world_free(f->w);
}

/* A script, a letter a step: s success, f failure, S and F slow ones, each
 * asking first and taking its time; i ignored; x asked and turned away; p asked
 * and let through, still out; w a wait of open_wait, + one ns more. */
static void play(struct fixture *f, const char *script, const char *what)
{
	for (const char *s = script; *s; s++) {
		bool slow = *s == 'S' || *s == 'F';
		bool asks = *s != 'w' && *s != '+' && *s != ' ';

		f->now += *s == 'w' ? f->b.config.open_wait : *s == '+';
		if (!asks)
			continue;
		if (breaker_permits(&f->b, f->now) != (*s != 'x'))
			fail_msg("%s: step %d (%c) of \"%s\": %s", what,
				 (int)(s - script), *s, script,
				 *s == 'x' ? "let through" : "turned away");
		if (*s == 'i')
			breaker_ignore(&f->b, f->now, 5);
		else if (*s != 'x' && *s != 'p')
			breaker_record(&f->b, f->now, slow ?
				       f->b.config.slow + 1 : f->b.config.slow,
				       *s == 'f' || *s == 'F');
	}
}

static void the_defaults_are_the_documented_ones(void **state)
{
	const struct breaker_config *d = &breaker_defaults;

	(void)state;
	assert_int_equal(d->window, 100);
	assert_int_equal(d->minimum, 100);
	assert_int_equal(d->failure_percent, 50);
	assert_int_equal(d->slow_percent, 100);
	assert_int_equal(d->slow, SIM_S(60));
	assert_int_equal(d->half_open_calls, 10);
	assert_int_equal(d->open_wait, SIM_S(60));
	assert_int_equal(d->half_open_wait, 0);
	assert_false(d->automatic);
}

/* window 4, minimum 4, 50 % failed, 75 % slow, 2 calls half open. */
static void states_follow_the_documented_rules(void **state)
{
	static const struct {
		const char *what, *script;
		enum breaker_state end;
	} rows[] = {
		{ "too few calls judge nothing", "fff", BREAKER_CLOSED },
		{ "the minimum makes it open", "ffff", BREAKER_OPEN },
		{ "at the threshold is enough", "sffs", BREAKER_OPEN },
		{ "below it stays closed", "sfss", BREAKER_CLOSED },
		{ "the window slides: old successes leave", "ssssff",
		  BREAKER_OPEN },
		{ "and old failures", "fsssfsss", BREAKER_CLOSED },
		{ "slow successes open it too", "SSSs", BREAKER_OPEN },
		{ "slow ones below their threshold do not", "SSss",
		  BREAKER_CLOSED },
		{ "a call of exactly the threshold is not slow", "ssss",
		  BREAKER_CLOSED },
		{ "ignored calls count for neither", "fifisi i", BREAKER_CLOSED },
		{ "open turns away", "ffff xxx", BREAKER_OPEN },
		{ "still at the very end of the wait", "ffff w x", BREAKER_OPEN },
		{ "just after it a call goes through", "ffff w+ p",
		  BREAKER_HALF_OPEN },
		{ "nobody asks: it stays open", "ffff w+w", BREAKER_OPEN },
		{ "half open permits its number", "ffff w+ pp xx",
		  BREAKER_HALF_OPEN },
		{ "one success does not close", "ffff w+ s", BREAKER_HALF_OPEN },
		{ "all of them judged: good", "ffff w+ ss", BREAKER_CLOSED },
		{ "half of them failed opens again", "ffff w+ sf x",
		  BREAKER_OPEN },
		{ "all slow opens again", "ffff w+ SS x", BREAKER_OPEN },
		{ "closed again, it begins anew", "ffff w+ ss fff",
		  BREAKER_CLOSED },
		{ "an ignored call gives its permission back", "ffff w+ s i s",
		  BREAKER_CLOSED },
		{ "each opening waits in full", "ffff w+ sf w x + s",
		  BREAKER_HALF_OPEN },
	};
	struct breaker_config c = {
		.window = 4, .minimum = 4, .failure_percent = 50,
		.slow_percent = 75, .slow = SIM_MS(10), .half_open_calls = 2,
		.open_wait = SIM_S(1),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture f = breaker(c);

		play(&f, rows[i].script, rows[i].what);
		if (breaker_look(&f.b, f.now) != rows[i].end)
			fail_msg("%s: ends %s", rows[i].what,
				 breaker_state_name(f.b.state));
		release(&f);
	}
}

static void a_minimum_above_the_window_is_the_window(void **state)
{
	struct breaker_config c = breaker_defaults;
	struct fixture f;

	(void)state;
	c.window = 3;
	f = breaker(c);
	play(&f, "ff", "two");
	assert_int_equal(f.b.state, BREAKER_CLOSED);
	assert_int_equal(breaker_failure_rate(&f.b), -1);
	play(&f, "f", "three");
	assert_int_equal(f.b.state, BREAKER_OPEN);
	assert_int_equal(breaker_failure_rate(&f.b), 100);
	release(&f);
}

static void stragglers_count_where_they_end(void **state)
{
	struct breaker_config c = breaker_defaults;
	struct fixture f;

	(void)state;
	c.window = c.minimum = 2;
	c.half_open_calls = 2;
	f = breaker(c);
	play(&f, "ppp ff", "three are out");
	assert_int_equal(f.b.state, BREAKER_OPEN);
	breaker_record(&f.b, f.now, 1, false);	/* in the open state */
	assert_int_equal(f.b.state, BREAKER_OPEN);
	assert_int_equal(breaker_failure_rate(&f.b), 50);
	play(&f, "w+ p", "half open");
	breaker_record(&f.b, f.now, 1, true);	/* one from before */
	assert_int_equal(f.b.state, BREAKER_HALF_OPEN);
	breaker_record(&f.b, f.now, 1, false);
	assert_int_equal(f.b.state, BREAKER_OPEN);	/* 1 of 2 failed */
	release(&f);
}

/* What timers do there happens here at the next look, dated back. */
static void timers_take_effect_at_their_time(void **state)
{
	struct breaker_config c = breaker_defaults;
	struct fixture f;

	(void)state;
	c.window = c.minimum = 1;
	c.open_wait = SIM_S(10);
	c.half_open_wait = SIM_S(3);
	c.automatic = true;
	f = breaker(c);
	play(&f, "f", "open at 0");
	assert_int_equal(breaker_look(&f.b, SIM_S(10) - 1), BREAKER_OPEN);
	assert_int_equal(breaker_look(&f.b, SIM_S(10)), BREAKER_HALF_OPEN);
	assert_int_equal(breaker_look(&f.b, SIM_S(13) - 1), BREAKER_HALF_OPEN);
	assert_int_equal(breaker_look(&f.b, SIM_S(13)), BREAKER_OPEN);
	/* 23 half, 26 open, 36 half, 39 open, 49 half, 52 open */
	assert_int_equal(breaker_look(&f.b, SIM_S(50)), BREAKER_HALF_OPEN);
	assert_int_equal(f.b.since, SIM_S(49));
	assert_int_equal(breaker_look(&f.b, SIM_S(53)), BREAKER_OPEN);
	assert_int_equal(f.b.since, SIM_S(52));
	release(&f);
}

static void states_by_hand_do_as_they_say(void **state)
{
	struct breaker_config c = breaker_defaults;
	struct fixture f;

	(void)state;
	c.window = c.minimum = 2;
	f = breaker(c);
	breaker_set(&f.b, BREAKER_FORCED_OPEN, f.now);
	play(&f, "x w+w+ x", "forced open");
	assert_int_equal(f.b.not_permitted, 0);	/* its events are not told */
	breaker_set(&f.b, BREAKER_DISABLED, f.now);
	play(&f, "ffff", "disabled");
	assert_int_equal(f.b.failed, 0);
	breaker_set(&f.b, BREAKER_METRICS_ONLY, f.now);
	play(&f, "ffff", "metrics only");
	assert_int_equal(f.b.state, BREAKER_METRICS_ONLY);
	assert_int_equal(breaker_failure_rate(&f.b), 100);
	breaker_set(&f.b, BREAKER_CLOSED, f.now);
	play(&f, "ff x", "closed");
	assert_int_equal(f.b.failed, 6);
	assert_int_equal(f.b.not_permitted, 1);
	release(&f);
}

/* -- model: a list of all outcomes since the state began ------------------- */

struct naive {
	const struct breaker_config *c;
	enum breaker_state state;
	sim_time since;
	uint32_t permitted;
	uint8_t calls[5000];
	uint32_t count;
};

static void go(struct naive *n, enum breaker_state to, sim_time now)
{
	n->state = to;
	n->since = now;
	n->permitted = n->c->half_open_calls;
	if (to != BREAKER_OPEN)
		n->count = 0;
}

static bool naive_permits(struct naive *n, sim_time now)
{
	if (n->state == BREAKER_CLOSED)
		return true;
	if (n->state == BREAKER_OPEN) {
		if (now <= n->since + n->c->open_wait)
			return false;
		go(n, BREAKER_HALF_OPEN, now);
	}
	if (!n->permitted)
		return false;
	n->permitted--;
	return true;
}

static void naive_record(struct naive *n, sim_time now, bool failed, bool slow)
{
	uint32_t size = n->state == BREAKER_HALF_OPEN ? n->c->half_open_calls :
							n->c->window;
	uint32_t minimum = n->c->minimum < size ? n->c->minimum : size;
	uint32_t seen, bad = 0, late = 0;

	n->calls[n->count++] = (uint8_t)(failed | slow << 1);
	seen = n->count < size ? n->count : size;
	for (uint32_t i = n->count - seen; i < n->count; i++) {
		bad += n->calls[i] & 1;
		late += n->calls[i] >> 1;
	}
	if (n->state == BREAKER_OPEN || seen < minimum)
		return;
	if (100 * bad >= n->c->failure_percent * seen ||
	    100 * late >= n->c->slow_percent * seen)
		go(n, BREAKER_OPEN, now);
	else if (n->state == BREAKER_HALF_OPEN)
		go(n, BREAKER_CLOSED, now);
}

static void random_calls_agree_with_a_plain_list(void **state)
{
	uint64_t visits[BREAKER_STATES] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		static struct naive n;
		struct breaker_config c = { .slow = 100 };
		struct fixture f;
		struct luck luck;
		uint32_t out = 0;

		luck_init(&luck, seed, "breaker", "test");
		c.window = (uint32_t)luck_between(&luck, 1, 20);
		c.minimum = (uint32_t)luck_between(&luck, 1, 25);
		c.failure_percent = (uint32_t)luck_between(&luck, 1, 100);
		c.slow_percent = (uint32_t)luck_between(&luck, 1, 100);
		c.half_open_calls = (uint32_t)luck_between(&luck, 1, 8);
		c.open_wait = luck_between(&luck, 1, 50);
		f = breaker(c);
		memset(&n, 0, sizeof(n));
		n.c = &c;
		go(&n, BREAKER_CLOSED, 0);
		for (int i = 0; i < 4000; i++) {
			bool bad = luck_chance(&luck, i / 400 % 2 ? 8 : 1, 10);
			bool slow = luck_chance(&luck, 1, 5);

			f.now += luck_between(&luck, 0, 5);
			if (luck_chance(&luck, 1, 2)) {
				bool yes = naive_permits(&n, f.now);

				if (breaker_permits(&f.b, f.now) != yes)
					fail_msg("seed %llu, step %d",
						 (unsigned long long)seed, i);
				out += yes;
			} else if (out) {
				out--;
				naive_record(&n, f.now, bad, slow);
				breaker_record(&f.b, f.now, slow ? 101 : 100,
					       bad);
			}
			if (f.b.state != n.state)
				fail_msg("seed %llu, step %d: %s, not %s",
					 (unsigned long long)seed, i,
					 breaker_state_name(f.b.state),
					 breaker_state_name(n.state));
			visits[n.state]++;
		}
		release(&f);
	}
	assert_true(visits[BREAKER_OPEN] > 1000);
	assert_true(visits[BREAKER_HALF_OPEN] > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_the_documented_ones),
		cmocka_unit_test(states_follow_the_documented_rules),
		cmocka_unit_test(a_minimum_above_the_window_is_the_window),
		cmocka_unit_test(stragglers_count_where_they_end),
		cmocka_unit_test(timers_take_effect_at_their_time),
		cmocka_unit_test(states_by_hand_do_as_they_say),
		cmocka_unit_test(random_calls_agree_with_a_plain_list),
	};

	return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
