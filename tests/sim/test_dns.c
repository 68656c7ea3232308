/* test_dns.c - an answer is believed until its time is over, wrong or right */
#include "tests/sim/net_world.h"

struct asker {
	struct net_world n;
	struct node *a, *b, *c;
};

static void asker_init(struct asker *x)
{
	net_world_init(&x->n, 1);
	x->a = node_add(&x->n, "a", "z");
	x->b = node_add(&x->n, "b", "z");
	x->c = node_add(&x->n, "c", "z");
	for (int i = 0; i < 3; i++)
		net_listen(x->n.w, x->n.node[i].process, 80);
}

/* Who answers at name:80, seen from a?  '-' no such host, '!' refused. */
static char who(struct asker *x, const char *name)
{
	struct process *p = NULL;

	switch (net_resolve(x->n.w, x->a->machine, name, 80, &p)) {
	case RESOLVED:
		return *world_text(x->n.w, p->name);
	case RESOLVED_REFUSED:
		return '!';
	default:
		return '-';
	}
}

enum act { NOTHING, LIE, TRUTH, DOWN, UP, SLOW, ALIAS };

static void act(struct asker *x, enum act what)
{
	struct dns *d = &hosts_of(x->n.w)->dns;

	if (what == LIE)
		assert_true(dns_lie_add(x->n.w, "b", x->c->machine));
	else if (what == TRUTH)
		dns_lie_remove(x->n.w, "b");
	else if (what == DOWN || what == UP)
		d->down = what == DOWN;
	else if (what == SLOW)
		d->delay = SIM_S(5);
	else if (what == ALIAS)
		net_alias(x->n.w, "new", x->c->machine);
}

struct row {
	sim_time at;
	enum act act;		/* first */
	const char *name;
	char answer;
	uint32_t asked;		/* lookups so far, this one included */
};

static void plays(const struct row *rows, size_t count)
{
	struct asker x;

	asker_init(&x);
	for (size_t i = 0; i < count; i++) {
		world_run_until(x.n.w, rows[i].at);
		act(&x, rows[i].act);
		assert_int_equal(who(&x, rows[i].name), rows[i].answer);
		assert_int_equal(hosts_of(x.n.w)->dns.asked, rows[i].asked);
	}
	world_free(x.n.w);
}

#define PLAYS(rows)	plays((rows), sizeof(rows) / sizeof((rows)[0]))

static void answers_live_30_s(void **state)
{
	static const struct row rows[] = {
		{ 0, NOTHING, "b", 'b', 1 },
		{ SIM_S(29), NOTHING, "b", 'b', 1 },
		{ SIM_S(30), NOTHING, "b", 'b', 1 },	/* it came after 0.5 ms */
		{ SIM_MS(30001), NOTHING, "b", 'b', 2 },
		{ SIM_S(60), NOTHING, "c", 'c', 3 },
	};

	(void)state;
	PLAYS(rows);
}

static void no_such_host_lives_10_s(void **state)
{
	static const struct row rows[] = {
		{ 0, NOTHING, "new", '-', 1 },
		{ SIM_S(9), ALIAS, "new", '-', 1 },
		{ SIM_MS(10001), NOTHING, "new", 'c', 2 },
		{ SIM_MS(40000), NOTHING, "new", 'c', 2 },
	};

	(void)state;
	PLAYS(rows);
}

static void its_own_name_needs_no_service(void **state)
{
	static const struct row rows[] = {
		{ 0, DOWN, "localhost", 'a', 0 },
		{ 1, NOTHING, "127.0.0.1", 'a', 0 },
		{ 2, NOTHING, "a", 'a', 0 },
	};

	(void)state;
	PLAYS(rows);
}

static void a_service_that_is_down_is_felt_when_the_cache_is_old(void **state)
{
	static const struct row rows[] = {
		{ 0, NOTHING, "b", 'b', 1 },
		{ SIM_S(5), DOWN, "b", 'b', 1 },
		{ SIM_S(29), NOTHING, "b", 'b', 1 },
		{ SIM_S(31), NOTHING, "b", '-', 2 },
		{ SIM_S(35), UP, "b", '-', 2 },
		{ SIM_S(50), NOTHING, "b", '-', 2 },
		{ SIM_S(51), NOTHING, "b", 'b', 3 },	/* 2 * 5 s + 10 s */
	};

	(void)state;
	PLAYS(rows);
}

static void a_wrong_answer_outlives_its_correction(void **state)
{
	static const struct row rows[] = {
		{ 0, NOTHING, "b", 'b', 1 },
		{ SIM_S(1), LIE, "b", 'b', 1 },
		{ SIM_S(31), NOTHING, "b", 'c', 2 },
		{ SIM_S(32), TRUTH, "b", 'c', 2 },
		{ SIM_S(61), NOTHING, "b", 'c', 2 },
		{ SIM_S(62), NOTHING, "b", 'b', 3 },
	};

	(void)state;
	PLAYS(rows);
}

/* As slow as the resolver's patience: F76's five seconds, and no answer. */
static void too_slow_an_answer_is_none(void **state)
{
	static const struct row rows[] = {
		{ 0, SLOW, "b", '-', 1 },
		{ SIM_S(19), NOTHING, "b", '-', 1 },
	};

	(void)state;
	PLAYS(rows);
}

static void a_slow_answer_is_waited_for_by_the_connection(void **state)
{
	static const sim_time delay[] = { 0, SIM_S(2) };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct asker x;

		asker_init(&x);
		hosts_of(x.n.w)->dns.delay = delay[i];
		assert_int_equal(who(&x, "b"), 'b');
		node_send(&x.n, x.a, x.b, 100);
		world_run_until(x.n.w, SIM_S(1));
		assert_int_equal(x.b->arrived, !i);
		world_run_until(x.n.w, SIM_S(4));
		assert_in_range(x.b->last, delay[i] + SIM_US(600),
				delay[i] + SIM_MS(2));
		/* an open connection asks nobody */
		world_run_until(x.n.w, SIM_S(60));
		assert_int_equal(who(&x, "b"), 'b');
		node_send(&x.n, x.a, x.b, 100);
		world_run_until(x.n.w, SIM_S(60) + SIM_MS(5));
		assert_int_equal(x.b->arrived, 2);
		world_free(x.n.w);
	}
}

static void an_open_connection_asks_nobody(void **state)
{
	struct asker x;
	struct process *p = NULL;

	(void)state;
	asker_init(&x);
	assert_int_equal(who(&x, "b"), 'b');
	node_connect(&x.n, x.a, x.b);
	act(&x, DOWN);
	world_run_until(x.n.w, SIM_S(100));
	assert_int_equal(net_reach(x.n.w, x.a->process, "b", 80, &p), RESOLVED);
	assert_ptr_equal(p, x.b->process);
	assert_int_equal(hosts_of(x.n.w)->dns.asked, 1);
	assert_int_equal(who(&x, "b"), '-');	/* who has none must ask */
	assert_int_equal(net_reach(x.n.w, x.a->process, "b", 80, &p), RESOLVED);
	net_close(x.n.w, x.a->process, x.b->process);
	assert_int_equal(net_reach(x.n.w, x.a->process, "b", 80, &p),
			 RESOLVED_NO_HOST);
	world_free(x.n.w);
}

static void each_machine_asks_for_itself(void **state)
{
	struct asker x;
	struct process *p;

	(void)state;
	asker_init(&x);
	x.a->machine->resolver.cut_off = true;
	assert_int_equal(who(&x, "b"), '-');
	assert_int_equal(net_resolve(x.n.w, x.c->machine, "b", 80, &p),
			 RESOLVED);
	assert_ptr_equal(p, x.b->process);
	world_free(x.n.w);
}

static void nobody_listens_is_not_nobody_there(void **state)
{
	struct asker x;
	struct process *p;

	(void)state;
	asker_init(&x);
	assert_int_equal(net_resolve(x.n.w, x.a->machine, "b", 81, &p),
			 RESOLVED_REFUSED);
	assert_int_equal(net_resolve(x.n.w, x.a->machine, "nowhere", 80, &p),
			 RESOLVED_NO_HOST);
	world_free(x.n.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_live_30_s),
		cmocka_unit_test(no_such_host_lives_10_s),
		cmocka_unit_test(its_own_name_needs_no_service),
		cmocka_unit_test(a_service_that_is_down_is_felt_when_the_cache_is_old),
		cmocka_unit_test(a_wrong_answer_outlives_its_correction),
		cmocka_unit_test(too_slow_an_answer_is_none),
		cmocka_unit_test(a_slow_answer_is_waited_for_by_the_connection),
		cmocka_unit_test(an_open_connection_asks_nobody),
		cmocka_unit_test(each_machine_asks_for_itself),
		cmocka_unit_test(nobody_listens_is_not_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
