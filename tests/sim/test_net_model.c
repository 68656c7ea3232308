/* test_net_model.c - whatever happens to connections, order and books hold
 *
 * A hundred thousand random sends, cuts, losses, kills and closes never change
 * the order within a connection, and every message is somewhere.
 */
#include "tests/sim/net_world.h"

/* -- model ---------------------------------------------------------------- */

/* Max-min fair: no card gives more than it has, and each flow has its cap, or
 * crosses a card that is full and on which nobody has more. */
static void check_fair(const struct net_world *n, const struct flow *f)
{
	bool held = f->rate == f->cap ||
		    flow_when(f, f->queued) <= world_now(n->w);

	for (uint32_t i = 0; i < f->card_count; i++) {
		const struct netcard *c = f->cards[i];
		int64_t sum = 0, most = 0;

		for (uint32_t k = 0; k < c->flows.count; k++) {
			sum += c->flows.at[k]->rate;
			if (c->flows.at[k]->rate > most)
				most = c->flows.at[k]->rate;
		}
		assert_true(sum <= c->bytes_per_s);
		held |= sum + c->flows.count > c->bytes_per_s &&
			f->rate + c->flows.count > most;
	}
	assert_true(held);
}

static void check_books(const struct net_world *n)
{
	const struct hosts *h = hosts_of(n->w);
	int64_t sent = 0, received = 0;

	assert_int_equal(h->messages_sent, h->messages_arrived +
			 h->messages_dropped + net_in_flight(n->w));
	for (uint32_t i = 0; i < n->count; i++) {
		const struct nic *nic = &n->node[i].machine->nic;
		int64_t by_place = 0;

		for (int p = PLACE_RACK; p < PLACE_COUNT; p++)
			by_place += nic->sent_to[p];
		assert_int_equal(by_place, nic->sent_bytes);
		for (uint32_t k = 0; k < nic->out.flows.count; k++)
			check_fair(n, nic->out.flows.at[k]);
		sent += nic->sent_bytes;
		received += nic->received_bytes;
		assert_false(n->node[i].disordered);
	}
	assert_true(received <= sent);
}

static void step(struct net_world *n, struct luck *luck,
		 struct link_rule **rule, uint32_t rules_max)
{
	struct node *a = &n->node[luck_below(luck, n->count)];
	struct node *b = &n->node[luck_below(luck, n->count)];
	uint32_t i = (uint32_t)luck_below(luck, rules_max);
	struct link_rule r = {
		.a = a->machine, .b = luck_chance(luck, 1, 2) ? b->machine :
				      NULL,
		.one_way = luck_chance(luck, 1, 3),
		.cut = luck_chance(luck, 1, 2),
		.delay = luck_between(luck, 0, SIM_MS(20)),
		.loss_ppm = (uint32_t)luck_below(luck, 100000),
		.reorder_ppm = (uint32_t)luck_below(luck, 100000),
		.bits_per_s = luck_chance(luck, 1, 2) ? GBIT / 50 : 0,
	};
	uint64_t what = luck_below(luck, 1000);

	if (what < 940) {
		if (process_runs(a->process))
			node_send(n, a, b, (uint32_t)luck_below(luck,
				luck_chance(luck, 1, 20) ? 3 * MB : 5000));
	} else if (what < 970) {
		if (rule[i]) {
			net_rule_remove(n->w, rule[i]);
			rule[i] = NULL;
		} else {
			rule[i] = net_rule_add(n->w, &r);
		}
	} else if (what < 978) {
		net_close(n->w, a->process, b->process);
	} else if (what < 983) {
		process_kill(n->w, a->process);
	} else if (what < 988) {
		process_start(n->w, a->process);
	} else if (what < 993) {
		process_hang(n->w, a->process);
	} else if (what < 998) {
		process_resume(n->w, a->process);
	} else {
		net_card_rate(n->w, a->machine,
			      GBIT / (int64_t)(1 + luck_below(luck, 20)));
	}
}

static void whatever_happens_order_and_books_hold(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct net_world n;
		struct link_rule *rule[4] = {0};
		struct luck luck;

		net_world_init(&n, seed);
		luck_init(&luck, seed, "test", "steps");
		for (int i = 0; i < 6; i++) {
			char name[16];

			snprintf(name, sizeof(name), "n%d", i);
			node_add(&n, name, i % 2 ? "a" : "b");
		}
		for (int i = 0; i < 20000; i++) {
			step(&n, &luck, rule, 4);
			world_run_until(n.w, world_now(n.w) +
					luck_exponential(&luck, SIM_MS(2)));
			if (i % 100 == 0)
				check_books(&n);
		}
		for (int i = 0; i < 4; i++)
			if (rule[i])
				net_rule_remove(n.w, rule[i]);
		for (uint32_t i = 0; i < n.count; i++)
			process_resume(n.w, n.node[i].process);
		world_run_until(n.w, world_now(n.w) + SIM_MINUTES(30));
		check_books(&n);
		assert_int_equal(net_in_flight(n.w), 0);
		assert_true(hosts_of(n.w)->messages_arrived > 5000);
		world_free(n.w);
	}
}

/* Quiet and whole, every byte that left has arrived. */
static void every_byte_sent_is_received(void **state)
{
	struct net_world n;
	struct luck luck;
	int64_t sent = 0, received = 0, want = 0;

	(void)state;
	net_world_init(&n, 4);
	luck_init(&luck, 4, "test", "bytes");
	for (int i = 0; i < 5; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		node_add(&n, name, i % 2 ? "a" : "b");
	}
	for (int i = 0; i < 20000; i++) {
		uint32_t a = (uint32_t)luck_below(&luck, 5);
		uint32_t b = (a + 1 + (uint32_t)luck_below(&luck, 4)) % 5;
		uint32_t bytes = (uint32_t)luck_below(&luck, 40000);

		node_send(&n, &n.node[a], &n.node[b], bytes);
		want += bytes;
		world_run_until(n.w, world_now(n.w) +
				luck_exponential(&luck, SIM_US(60)));
	}
	world_run_until(n.w, world_now(n.w) + SIM_MINUTES(1));
	for (uint32_t i = 0; i < n.count; i++) {
		sent += n.node[i].machine->nic.sent_bytes;
		received += n.node[i].machine->nic.received_bytes;
	}
	assert_int_equal(sent, want);
	assert_int_equal(received, want);
	world_free(n.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_happens_order_and_books_hold),
		cmocka_unit_test(every_byte_sent_is_received),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
