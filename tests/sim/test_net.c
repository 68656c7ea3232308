/* test_net.c - messages take the time that distance and cards let them
 *
 * Table: latency by place; shares of a card by hand.
 */
#include "tests/sim/net_world.h"

/* -- places --------------------------------------------------------------- */

static sim_time ping_mean(struct net_world *n, struct node *a, struct node *b)
{
	sim_time sum = 0;

	for (int i = 0; i < 2000; i++) {
		world_run_until(n->w, world_now(n->w) + SIM_US(7));
		sum += net_ping(n->w, a->machine, b->machine);
	}
	return sum / 2000;
}

static void the_closest_common_place_says_how_far(void **state)
{
	static const struct {
		const char *zone[2], *region[2], *rack[2];
		enum net_place place;
		sim_time low, high;	/* of the mean RTT */
	} rows[] = {
		{ { "a", "a" }, { NULL, NULL }, { "r1", "r1" }, PLACE_RACK,
		  SIM_US(50), SIM_US(80) },
		{ { "a", "a" }, { NULL, NULL }, { "r1", "r2" }, PLACE_ZONE,
		  SIM_US(100), SIM_US(200) },
		{ { "a", "a" }, { NULL, NULL }, { NULL, NULL }, PLACE_ZONE,
		  SIM_US(100), SIM_US(200) },
		{ { "a", "b" }, { NULL, NULL }, { "r1", "r1" }, PLACE_REGION,
		  SIM_US(500), SIM_US(1500) },
		{ { "a", "a" }, { "us-east-1", "us-west-2" }, { NULL, NULL },
		  PLACE_WORLD, SIM_MS(60), SIM_MS(63) },
		{ { "a", "a" }, { "eu-west-1", "us-east-1" }, { NULL, NULL },
		  PLACE_WORLD, SIM_MS(80), SIM_MS(83) },
		{ { "a", "a" }, { "eu-west-1", "ap-southeast-1" },
		  { NULL, NULL }, PLACE_WORLD, SIM_MS(160), SIM_MS(163) },
		{ { "a", "a" }, { "ap-southeast-1", "us-west-2" },
		  { NULL, NULL }, PLACE_WORLD, SIM_MS(180), SIM_MS(183) },
		{ { "a", "a" }, { "home", "us-west-2" }, { NULL, NULL },
		  PLACE_WORLD, SIM_MS(150), SIM_MS(153) },
		{ { "a", "a" }, { "internet", "us-west-2" }, { NULL, NULL },
		  PLACE_INTERNET, SIM_MS(40), SIM_MS(48) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_world n;
		struct node *node[2];

		net_world_init(&n, i);
		for (int k = 0; k < 2; k++) {
			node[k] = node_add(&n, k ? "y" : "x", rows[i].zone[k]);
			net_place(n.w, node[k]->machine, rows[i].region[k],
				  rows[i].rack[k]);
		}
		assert_int_equal(place_common(node[0]->machine,
					      node[1]->machine), rows[i].place);
		assert_in_range(ping_mean(&n, node[0], node[1]), rows[i].low,
				rows[i].high);
		assert_in_range(ping_mean(&n, node[0], node[0]), SIM_US(40),
				SIM_US(60));
		world_free(n.w);
	}
}

static void luck_has_a_body_and_a_tail(void **state)
{
	struct net_path path = { .jitter = SIM_US(12), .tail = SIM_US(500) };
	struct luck luck;
	sim_time sum = 0;
	int long_ones = 0;

	(void)state;
	luck_init(&luck, 1, "x", "luck");
	for (int i = 0; i < 1000000; i++) {
		sim_time t = net_path_luck(&path, &luck);

		assert_in_range(t, 0, SIM_MS(5));
		sum += t;
		long_ones += t > SIM_US(200);	/* e^-0.4 of the tail */
	}
	assert_in_range(sum / 1000000, 12200, 12800);	/* 12 us + 0.5 us */
	assert_in_range(long_ones, 570, 770);		/* 670 expected */
}

/* -- sharing -------------------------------------------------------------- */

static void send_on(struct net_world *n, struct node *from, struct node *to,
		    uint32_t bytes, uint32_t line)
{
	struct note *note = message_new(n->w, sizeof(*note), NODE_MESSAGE);

	note->head.bytes = bytes;
	note->head.line = line;
	note->number = ++from->sent[to->process->id];
	net_send(n->w, from->process, to->process, &note->head);
}

/* Who answers and asks at once: on a connection of its own the question does
 * not stand behind a second of answer; and both close together. */
static void what_one_asks_passes_what_it_answers(void **state)
{
	struct net_world n;
	struct node *a, *b;
	sim_time start;
	int64_t before;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	b = node_add(&n, "b", "z");
	node_connect(&n, a, b);
	before = b->bytes;
	start = world_now(n.w);
	send_on(&n, a, b, 125 * MB, net_line(a->process, b->process));
	send_on(&n, a, b, 100, net_line(b->process, a->process));
	world_run_until(n.w, start + SIM_MS(10));
	assert_int_equal(b->bytes, before + 100);
	world_run_until(n.w, start + SIM_S(2));
	assert_int_equal(b->bytes, before + 100 + 125 * MB);
	process_kill(n.w, a->process);
	world_run_until(n.w, start + SIM_S(3));
	assert_int_equal(b->lost, 1);
	assert_false(net_connected(n.w, a->process, b->process));
	world_free(n.w);
}

/* a and b send at once to c and d: each gets half of what they share. */
static void two_flows_halve_a_card(void **state)
{
	struct net_world n;
	struct node *a, *c, *d;
	sim_time start;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	c = node_add(&n, "c", "z");
	d = node_add(&n, "d", "z");
	node_connect(&n, a, c);
	node_connect(&n, a, d);
	start = world_now(n.w);
	node_send(&n, a, c, 125 * MB);		/* alone: 1 s */
	node_send(&n, a, d, 125 * MB / 2);
	world_run_until(n.w, start + SIM_S(10));
	assert_near(d->last - start, SIM_S(1), SLACK);
	assert_near(c->last - start, SIM_MS(1500), SLACK);
	world_free(n.w);
}

static void alone_a_flow_has_the_whole_card(void **state)
{
	struct net_world n;
	struct node *a, *c;
	sim_time start;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	c = node_add(&n, "c", "z");
	node_connect(&n, a, c);
	start = world_now(n.w);
	for (int i = 0; i < 10; i++)
		node_send(&n, a, c, 125 * MB / 10);
	world_run_until(n.w, start + SIM_MS(550));
	assert_int_equal(c->arrived, 1 + 5);
	world_run_until(n.w, start + SIM_S(10));
	assert_near(c->last - start, SIM_S(1), SLACK);
	world_free(n.w);
}

static void a_small_message_passes_beside_a_large_transfer(void **state)
{
	struct net_world n;
	struct node *a, *c, *d;
	sim_time start;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	c = node_add(&n, "c", "z");
	d = node_add(&n, "d", "z");
	node_connect(&n, a, c);
	node_connect(&n, a, d);
	start = world_now(n.w);
	node_send(&n, a, c, 1250 * MB);		/* 10 s */
	world_run_until(n.w, start + SIM_S(1));
	node_send(&n, a, d, 10000);		/* 0.16 ms at half the card */
	world_run_until(n.w, start + SIM_S(20));
	assert_in_range(d->last - start - SIM_S(1), SIM_US(200), SIM_MS(5));
	assert_near(c->last - start, SIM_S(10), SLACK);
	world_free(n.w);
}

static void incast_fills_the_receivers_card(void **state)
{
	struct net_world n;
	struct node *c, *from[8];
	sim_time start;

	(void)state;
	net_world_init(&n, 1);
	c = node_add(&n, "c", "z");
	for (int i = 0; i < 8; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		from[i] = node_add(&n, name, "z");
		node_connect(&n, from[i], c);
	}
	start = world_now(n.w);
	for (int i = 0; i < 8; i++)		/* 1 .. 8 units of 0.1 s */
		node_send(&n, from[i], c, (uint32_t)(i + 1) * 125 * MB / 10);
	/* units done after (k units by the 9-k who are left): 8, 15, ... 36 */
	for (int i = 0, left = 8, units = 0; i < 8; i++, left--) {
		units += left;
		world_run_until(n.w, start + SIM_MS(100) * units + SLACK);
		assert_int_equal(c->arrived, 8 + i + 1);
		assert_near(c->last - start, SIM_MS(100) * units, SLACK);
	}
	assert_int_equal(c->bytes - 8, 36 * 125 * (int64_t)MB / 10);
	world_free(n.w);
}

/*
 * Padhye et al. (SIGCOMM 1998): bound by its window, a flow has window / RTT.
 * In one queue RTT is the same for all, so a card of 125 MB/s is divided as the
 * windows are: where both ends say theirs, and else equally.
 */
static void a_card_is_shared_as_windows_are(void **state)
{
	static const struct {
		struct socket_buffers a, b, c;
		uint32_t of_a;		/* MB in the second that b sends the rest */
	} rows[] = {
		{ { 131072, 0 }, { 65536, 0 }, { 0, 1 << 20 }, 83 },
		{ { 1 << 20, 0 }, { 1 << 20, 0 }, { 0, 65536 }, 62 },
		{ { 131072, 0 }, { 0, 0 }, { 0, 1 << 20 }, 5 },
		{ { 131072, 0 }, { 65536, 0 }, { 0, 0 }, 62 },
		{ { 8 << 20, 0 }, { 4 << 20, 0 }, { 0, 8 << 20 }, 62 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_world n;
		struct node *a, *b, *c;
		sim_time start;

		net_world_init(&n, i);
		a = node_add(&n, "a", "z");
		b = node_add(&n, "b", "z");
		c = node_add(&n, "c", "z");
		a->process->connects = rows[i].a;
		b->process->connects = rows[i].b;
		c->process->listens = rows[i].c;
		node_connect(&n, a, c);
		node_connect(&n, b, c);
		start = world_now(n.w);
		for (int k = 0; k < 1250; k++) {	/* of 0.1 MB */
			node_send(&n, a, c, MB / 10);
			node_send(&n, b, c, MB / 10);
		}
		world_run_until(n.w, start + SIM_S(1));
		assert_near(c->got[a->process->id] / 10, rows[i].of_a, 1);
		assert_near(c->got[b->process->id] / 10, 125 - rows[i].of_a,
			    1);
		world_free(n.w);
	}
}

/* 64 KiB there and back in 80 ms: 0.82 MB/s.  Before that three rounds of slow
 * start, of 10, 20 and 40 segments, stall for what is left of the 80 ms. */
static void small_buffers_slow_a_long_line(void **state)
{
	const sim_time stalls = 3 * SIM_MS(80) -
				(sim_time)70 * 1448 * SIM_MS(80) / 65536;
	struct net_world n;
	struct node *a, *c;
	sim_time start;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	c = node_add(&n, "c", "z");
	a->process->connects.send = 1 << 20;
	c->process->listens.receive = 65536;
	net_place(n.w, a->machine, "us-east-1", NULL);
	net_place(n.w, c->machine, "eu-west-1", NULL);
	node_connect(&n, a, c);
	start = world_now(n.w);
	node_send(&n, a, c, MB);
	world_run_until(n.w, start + SIM_S(20));
	assert_near(c->last - start, (sim_time)MB * SIM_MS(80) / 65536 +
		    SIM_MS(40) + stalls, SIM_MS(15));
	world_free(n.w);
}

/* The picture in card.h, in units of 100 Mbit/s. */
static void a_slow_readers_link_slows_only_its_flow(void **state)
{
	struct net_world n;
	struct node *a, *b, *c, *d;
	sim_time start;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	b = node_add(&n, "b", "z");
	c = node_add(&n, "c", "z");
	d = node_add(&n, "d", "z");
	net_card_rate(n.w, a->machine, 10 * GBIT / 10);
	net_card_rate(n.w, c->machine, 2 * GBIT / 10);
	node_connect(&n, a, c);
	node_connect(&n, a, d);
	node_connect(&n, b, c);
	start = world_now(n.w);
	node_send(&n, a, c, 125 * MB / 10);	/* half of c's 200: 1 s */
	node_send(&n, b, c, 125 * MB / 10);
	node_send(&n, a, d, 9 * 125 * MB / 10);	/* what a has left: 900: 1 s */
	world_run_until(n.w, start + SIM_S(20));
	assert_near(c->last - start, SIM_S(1), SLACK);
	assert_near(d->last - start, SIM_S(1), SLACK);
	world_free(n.w);
}

static void a_narrow_link_is_shared_by_those_who_cross_it(void **state)
{
	struct net_world n;
	struct node *a, *c, *d;
	struct link_rule rule = { .bits_per_s = GBIT / 10 }, *r;
	sim_time start;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	c = node_add(&n, "c", "z");
	d = node_add(&n, "d", "z");
	node_connect(&n, a, c);
	node_connect(&n, a, d);
	rule.a = a->machine;
	r = net_rule_add(n.w, &rule);
	start = world_now(n.w);
	node_send(&n, a, c, 125 * MB / 20);	/* together 12.5 MB: 1 s */
	node_send(&n, a, d, 125 * MB / 20);
	node_send(&n, c, a, 125 * MB / 20);	/* the other direction */
	world_run_until(n.w, start + SIM_S(20));
	assert_near(c->last - start, SIM_S(1), SLACK);
	assert_near(d->last - start, SIM_S(1), SLACK);
	assert_near(a->last - start, SIM_MS(500), SLACK);
	/* healed in the middle: the rest goes at 1 Gbit/s */
	start = world_now(n.w);
	node_send(&n, a, c, 125 * MB / 10);
	world_run_until(n.w, start + SIM_MS(500));
	net_rule_remove(n.w, r);
	world_run_until(n.w, start + SIM_S(20));
	assert_near(c->last - start, SIM_MS(550), SLACK);
	world_free(n.w);
}

static void a_window_is_all_a_long_line_carries(void **state)
{
	struct net_world n;
	struct node *a, *b, *c;
	sim_time start, want;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	b = node_add(&n, "b", "z");
	c = node_add(&n, "c", "z");
	net_place(n.w, a->machine, "us-east-1", NULL);
	net_place(n.w, b->machine, "us-east-1", NULL);
	net_place(n.w, c->machine, "eu-west-1", NULL);
	net_card_rate(n.w, a->machine, 10 * GBIT);
	net_card_rate(n.w, b->machine, 10 * GBIT);
	net_card_rate(n.w, c->machine, 10 * GBIT);
	node_connect(&n, a, c);
	node_connect(&n, b, c);
	start = world_now(n.w);
	node_send(&n, a, c, 100 * MB);
	node_send(&n, b, c, 100 * MB);		/* each by itself */
	world_run_until(n.w, start + SIM_S(20));
	/* 3 MiB each 80 ms: 39.3 MB/s */
	want = (sim_time)100 * MB * SIM_MS(80) / (3 << 20) + SIM_MS(40);
	/* and eight stalls until then: see test_slow_start.c */
	assert_near(c->last - start, want + 8 * SIM_MS(80) -
		    255 * 14480 * SIM_MS(80) / (3 << 20), SIM_MS(15));
	assert_near(100.0 * 1e3 / 39.3, (double)want / 1e6, 60);
	world_free(n.w);
}

/* However often it is looked at: 125 bytes a second, looked at each 10 us. */
static void progress_is_exact_to_the_billionth_of_a_byte(void **state)
{
	struct flow f = { .rate = 125, .queued = 1000 };

	(void)state;
	assert_int_equal(flow_when(&f, 1000), SIM_S(8));
	assert_int_equal(flow_when(&f, 1), SIM_MS(8));
	for (int i = 1; i <= 799999; i++) {
		flow_advance(&f, SIM_US(10) * i);
		if (i % 1000 == 0)
			assert_int_equal(flow_when(&f, 1000), SIM_S(8));
	}
	assert_int_equal(f.sent, 999);
	flow_advance(&f, SIM_S(9));
	assert_int_equal(f.sent, 1000);
	/* without overflow: 20 TB at 18 GB/s, and at a byte a second */
	f = (struct flow){ .rate = CARD_RATE_MAX, .queued = 20000000000000 };
	assert_int_equal(flow_when(&f, f.queued), 1111111111112);
	f.rate = 1;
	assert_int_equal(flow_when(&f, 9000000000), SIM_S(9000000000));
}

static void a_closed_connection_sends_no_more(void **state)
{
	struct net_world n;
	struct node *a, *c, *d;
	sim_time start;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	c = node_add(&n, "c", "z");
	d = node_add(&n, "d", "z");
	node_connect(&n, a, c);
	node_connect(&n, a, d);
	start = world_now(n.w);
	node_send(&n, a, c, 125 * MB);
	node_send(&n, a, d, 125 * MB);
	world_run_until(n.w, start + SIM_MS(500));
	net_close(n.w, c->process, a->process);
	assert_near(a->machine->nic.sent_bytes, 2 + 125 * MB / 2, 1000);
	node_send(&n, a, c, 1000);
	world_run_until(n.w, start + SIM_S(10));
	/* the other has the card for itself again: 0.25 + 0.75 s */
	assert_near(d->last - start, SIM_MS(1250), SLACK);
	assert_int_equal(c->arrived, 2);
	assert_near(c->last - start, SIM_MS(500), SLACK);
	assert_near(a->machine->nic.sent_bytes,
		    2 + 1000 + 125 * MB / 4 + 125 * MB, 1000);
	world_free(n.w);
}

static void one_event_a_message_when_nobody_shares(void **state)
{
	struct net_world n;
	struct node *a, *b, *c;
	uint64_t events;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	b = node_add(&n, "b", "z");
	c = node_add(&n, "c", "z");
	node_connect(&n, a, b);
	node_connect(&n, a, c);
	world_run_until(n.w, SIM_S(100));
	events = n.w->state->events;
	for (int i = 0; i < 1000; i++) {
		node_send(&n, a, i % 2 ? b : c, 10000);
		world_run_until(n.w, world_now(n.w) + SIM_MS(1));
	}
	world_run_until(n.w, world_now(n.w) + SIM_S(1));
	assert_int_equal(b->arrived + c->arrived, 2 + 1000);
	/* the machines' own periodic duties may be among them */
	assert_in_range(n.w->state->events - events, 1000, 1020);
	world_free(n.w);
}

static void a_card_that_falls_to_100_mbit_slows_what_is_under_way(void **state)
{
	struct net_world n;
	struct node *a, *c;
	sim_time start;

	(void)state;
	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	c = node_add(&n, "c", "z");
	node_connect(&n, a, c);
	start = world_now(n.w);
	node_send(&n, a, c, 125 * MB);
	world_run_until(n.w, start + SIM_MS(900));
	net_card_rate(n.w, c->machine, GBIT / 10);
	world_run_until(n.w, start + SIM_S(20));
	assert_near(c->last - start, SIM_MS(1900), SLACK);
	world_free(n.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_closest_common_place_says_how_far),
		cmocka_unit_test(luck_has_a_body_and_a_tail),
		cmocka_unit_test(alone_a_flow_has_the_whole_card),
		cmocka_unit_test(two_flows_halve_a_card),
		cmocka_unit_test(what_one_asks_passes_what_it_answers),
		cmocka_unit_test(
			a_small_message_passes_beside_a_large_transfer),
		cmocka_unit_test(incast_fills_the_receivers_card),
		cmocka_unit_test(a_card_is_shared_as_windows_are),
		cmocka_unit_test(small_buffers_slow_a_long_line),
		cmocka_unit_test(a_slow_readers_link_slows_only_its_flow),
		cmocka_unit_test(a_narrow_link_is_shared_by_those_who_cross_it),
		cmocka_unit_test(a_window_is_all_a_long_line_carries),
		cmocka_unit_test(progress_is_exact_to_the_billionth_of_a_byte),
		cmocka_unit_test(a_closed_connection_sends_no_more),
		cmocka_unit_test(one_event_a_message_when_nobody_shares),
		cmocka_unit_test(
			a_card_that_falls_to_100_mbit_slows_what_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
