/* test_queueing.c - disks, links and bulkheads wait as theory says they must
 *
 * Cores are asked in test_cpu.c, partitions of a stage in test_ingest.c.
 *
 *	M/M/1	mean stay  S / (1 - r)
 *	M/D/1	mean stay  S (1 + r / (2 (1 - r)))	Pollaczek-Khinchine
 *	M/M/c	mean wait  C(c, cr) S / (c (1 - r))	Erlang C
 *
 * S: mean service, r: load.  Neighbours' waits depend on each other: the
 * standard error of the mean of n stays is about 2 S / ((1 - r)^2 sqrt(n))
 * (Whitt, Management Science 1989), 1.6 % of it for n = 400,000 at load 0.8;
 * three of them are allowed, and M/D/1 needs less.
 */
#include "tests/test.h"

#include "sim/host/bulkhead.h"
#include "sim/host/little.h"
#include "tests/sim/net_world.h"

#define CUSTOMERS	400000
#define MIB		(INT64_C(1) << 20)

static void mean_is(const char *what, double got, double want)
{
	if (got < want * .95 || got > want * 1.05)
		fail_msg("%s: %.0f ns, theory says %.0f", what, got, want);
}

/* -- a disk --------------------------------------------------------------- */

/* 100 MB/s, and no other limit; blocks of 512 MiB, so that a read is one
 * request. */
static struct machine *disk_machine(struct world *w)
{
	struct machine_profile p = machine_small;

	p.memory_bytes = 1024 * 1024 * MIB;
	p.disk = (struct disk_spec){
		.kind = DISK_NVME, .bytes_total = 100 * 1024 * MIB,
		.bytes_per_s = 100000000, .ops_per_s = 100000000,
		.fsync_ns = SIM_MS(10),
	};
	return machine_new(w, "m", "a", &p);
}

/* A flush of nothing is a service of 10 ms. */
static void flushes_of_a_disk_wait_as_m_d_1(void **state)
{
	struct net_world n;
	struct machine *m;
	struct file *f;
	struct luck luck;
	double sum = 0;

	(void)state;
	net_world_init(&n, 1);
	m = disk_machine(n.w);
	f = file_new(n.w, &m->disk);
	luck_init(&luck, 1, "test", "arrive");
	for (int i = 0; i < CUSTOMERS; i++) {
		world_run_until(n.w, world_now(n.w) +
				luck_exponential(&luck, SIM_US(12500)));
		sum += (double)(file_fsync(n.w, f) - world_now(n.w));
	}
	mean_is("M/D/1", sum / CUSTOMERS, 3 * 10e6);
	assert_true(disk_agrees(n.w, &m->disk));
	world_free(n.w);
}

/* Reads of random length, 1 MB on average: 10 ms.  Nothing is cached, and
 * nothing read ahead, as they do not begin where something was read. */
static void reads_of_a_disk_wait_as_m_m_1(void **state)
{
	struct net_world n;
	struct machine *m;
	struct file *f;
	struct luck arrive, serve;
	sim_time ready;
	double sum = 0;

	(void)state;
	net_world_init(&n, 1);
	m = disk_machine(n.w);
	f = file_new(n.w, &m->disk);
	for (int i = 0; i < 8; i++)
		file_append(n.w, f, 8 * MIB, &ready);
	world_run_until(n.w, file_fsync(n.w, f));
	luck_init(&arrive, 1, "test", "arrive");
	luck_init(&serve, 1, "test", "serve");
	for (int i = 0; i < CUSTOMERS; i++) {
		int64_t bytes = luck_exponential(&serve, 1000000) + 1;

		world_run_until(n.w, world_now(n.w) +
				luck_exponential(&arrive, SIM_US(12500)));
		cache_drop(m);
		file_read(n.w, f, 1, bytes, &ready);
		sum += (double)(ready - world_now(n.w) -
				disk_models[DISK_NVME].latency_ns);
	}
	mean_is("service", (double)m->disk.busy_ns / CUSTOMERS, 10e6);
	mean_is("M/M/1", sum / CUSTOMERS, 5 * 10e6);
	assert_true(disk_agrees(n.w, &m->disk));
	world_free(n.w);
}

/* -- a link --------------------------------------------------------------- */

/* From net_send to on.message, the way itself left out.  The card carries
 * 1 Mbit/s; a message has 1,250 bytes on average: 10 ms. */
static double mean_stay(bool exponential)
{
	struct net_world n;
	struct node *a, *b;
	struct luck arrive, serve;
	double area;
	int64_t i, sum = 0;

	net_world_init(&n, 1);
	a = node_add(&n, "a", "z");
	b = node_add(&n, "b", "z");
	net_card_rate(n.w, a->machine, 1000000);
	node_connect(&n, a, b);
	luck_init(&arrive, 1, "test", "arrive");
	luck_init(&serve, 1, "test", "serve");
	area = (double)hosts_of(n.w)->line.stayed;
	for (i = 0; i < CUSTOMERS; i++) {
		int64_t bytes = exponential ?
				luck_exponential(&serve, 1250) + 1 : 1250;

		world_run_until(n.w, world_now(n.w) +
				luck_exponential(&arrive, SIM_US(12500)));
		node_send(&n, a, b, (uint32_t)bytes);
		sum += bytes;
	}
	world_run_until(n.w, world_now(n.w) + SIM_S(60));
	assert_int_equal(b->arrived, CUSTOMERS + 1);
	mean_is("bytes", (double)sum / CUSTOMERS, 1250);
	area = (double)hosts_of(n.w)->line.stayed - area;
	assert_true(net_agrees(n.w));
	world_free(n.w);
	/* 50 us of way; jitter of 12 us and a tail */
	return area / CUSTOMERS - 62e3;
}

static void messages_on_a_link_wait_as_theory_says(void **state)
{
	(void)state;
	mean_is("M/M/1", mean_stay(true), 5 * 10e6);
	mean_is("M/D/1", mean_stay(false), 3 * 10e6);
}

/* -- a bulkhead: c servers and one line ----------------------------------- */

/* Erlang's B by its recursion, and C from it. */
static double erlang_c(int c, double a)
{
	double b = 1;

	for (int k = 1; k <= c; k++)
		b = a * b / (k + a * b);
	return b / (1 - a / c * (1 - b));
}

struct customer {
	struct bulkhead_place place;	/* first */
	sim_time service, leaves;
};

#define SERVERS_MAX	25

/* Whoever waits is in the line, so a customer that left can be used again. */
#define ROOM		4096
#define MANY		(10 * CUSTOMERS)

struct servers {
	struct bulkhead b;
	struct customer room[ROOM], *left[ROOM];
	uint32_t left_count;
	struct customer *inside[SERVERS_MAX];
	uint32_t count;
};

static void begin(struct servers *s, struct customer *c, sim_time now)
{
	c->leaves = now + c->service;
	s->inside[s->count++] = c;
}

/* Those who leave until `now` do, and those who waited get their places. */
static void serve(struct servers *s, sim_time now)
{
	for (;;) {
		struct customer *c, *next;
		uint32_t first = 0;

		for (uint32_t i = 1; i < s->count; i++)
			if (s->inside[i]->leaves < s->inside[first]->leaves)
				first = i;
		if (!s->count || s->inside[first]->leaves > now)
			return;
		c = s->inside[first];
		s->inside[first] = s->inside[--s->count];
		s->left[s->left_count++] = c;
		next = (struct customer *)bulkhead_leave(&s->b, &c->place,
							 c->leaves);
		if (next)
			begin(s, next, c->leaves);
	}
}

/* Mean wait at load 0.8 of each server, services of 10 ms.  Of 25 few wait, and
 * in clusters: ten times as many customers make three standard errors 5 %. */
static double mean_wait(uint32_t places)
{
	static const struct bulkhead_config config = { .wait = SIM_HOURS(1) };
	static struct servers s;
	struct bulkhead_config c = config;
	struct luck arrive, serve_luck;
	sim_time now = 0;

	memset(&s, 0, sizeof(s));
	for (; s.left_count < ROOM; s.left_count++)
		s.left[s.left_count] = &s.room[s.left_count];
	c.max = places;
	bulkhead_init(&s.b, &c, 0);
	luck_init(&arrive, 1, "test", "arrive");
	luck_init(&serve_luck, 1, "test", "serve");
	for (int i = 0; i < MANY; i++) {
		struct customer *next;

		now += luck_exponential(&arrive, SIM_US(12500) / places);
		serve(&s, now);
		assert_true(s.left_count > 0);
		next = s.left[--s.left_count];
		next->service = luck_exponential(&serve_luck, SIM_MS(10));
		if (bulkhead_enter(&s.b, &next->place, now) == BULKHEAD_IN)
			begin(&s, next, now);
	}
	serve(&s, now + SIM_HOURS(1));
	assert_int_equal(s.b.inside.departures, MANY);
	return (double)s.b.waiting.stayed / MANY;
}

/* By hand: C(1, .8) = .8; C(2, 1.6) = .7111; C(25, 20) = .2092 (Erlang's
 * tables). */
static void a_bulkhead_waits_as_m_m_c(void **state)
{
	static const struct {
		uint32_t places;
		double c;
	} rows[] = {
		{ 1, .8 }, { 2, .7111 }, { 25, .2092 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t n = rows[i].places;
		double c = erlang_c((int)n, .8 * n);

		if (c < rows[i].c - .0001 || c > rows[i].c + .0001)
			fail_msg("C(%u) is %f", n, c);
		mean_is("M/M/c", mean_wait(n), c * 10e6 / (n * .2));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flushes_of_a_disk_wait_as_m_d_1),
		cmocka_unit_test(reads_of_a_disk_wait_as_m_m_1),
		cmocka_unit_test(messages_on_a_link_wait_as_theory_says),
		cmocka_unit_test(a_bulkhead_waits_as_m_m_c),
	};

	return cmocka_run_group_tests_name("queueing", tests, NULL, NULL);
}
