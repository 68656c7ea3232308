/* link.c - what lies between two machines: distance, cards, and rules */
#include "sim/host/link.h"

#include <string.h>

#include "sim/host/host.h"

/*
 * Loopback: napkin-math (calibration.md 3.1), a TCP echo takes 50 us: 25 us
 * one way, jitter in.  Rack: the lower end of RTT 50-200 us inside a zone [E];
 * zone: 100 us RTT (napkin-math); region: cross-AZ RTT 0.5-1.5 ms [E].  World:
 * the base is from region_rtt below, the jitter of a long line is small [E].
 * Tails: at the 99.9th percentile a message inside a cloud takes ten times the
 * median and more (Xu et al., "Bobtail: Avoiding Long Tails in the Cloud",
 * NSDI 2013: shape; the size [E]).  Internet: jitter and tail [E].
 */
const struct place_latency place_latency[PLACE_COUNT] = {
	[PLACE_MACHINE] = { "machine", SIM_US(20), SIM_US(5), SIM_US(50) },
	[PLACE_RACK] = { "rack", SIM_US(25), SIM_US(6), SIM_US(250) },
	[PLACE_ZONE] = { "zone", SIM_US(50), SIM_US(12), SIM_US(500) },
	[PLACE_REGION] = { "region", SIM_US(400), SIM_US(100), SIM_MS(4) },
	[PLACE_WORLD] = { "world", 0, SIM_US(500), SIM_MS(10) },
	[PLACE_INTERNET] = { "internet", 0, SIM_MS(2), SIM_MS(50) },
};

#define TAIL_IN		1000	/* one message in so many has a long tail */
#define LUCK_MAX	10	/* means; further out nobody has measured */

/*
 * What may be under way: half of the largest receive buffer, 6 MiB (Linux
 * tcp_rmem, tcp_adv_win_scale 1: half is for the segments' own headers).  The
 * largest send buffer, tcp_wmem 4 MiB, is no narrower by much.  At 120 ms this
 * is 26 MB/s, between those of calibration.md 3.1 (25 MiB/s at 60 to 180 ms).
 */
#define WINDOW_BYTES	FLOW_WINDOW_MAX

/* A TCP echo of 32 KiB on the loopback: 500 MiB/s (calibration.md 3.1). */
#define LOOPBACK_RATE	(INT64_C(500) << 20)

/* -- places --------------------------------------------------------------- */

/* Regions by name, and the RTT between them in ms: napkin-math (calibration.md
 * 3.1); * sums of two of its lines [E]. */
enum area { NA_EAST, NA_WEST, EU_WEST, SINGAPORE, INTERNET, ELSEWHERE };

static const struct {
	const char *region;
	enum area area;
} areas[] = {
	{ "us-east-1", NA_EAST }, { "us-east-2", NA_EAST },
	{ "us-west-1", NA_WEST }, { "us-west-2", NA_WEST },
	{ "eu-west-1", EU_WEST }, { "eu-west-2", EU_WEST },
	{ "eu-central-1", EU_WEST }, { "ap-southeast-1", SINGAPORE },
	{ REGION_INTERNET, INTERNET },
};

static const uint16_t region_rtt_ms[ELSEWHERE + 1][ELSEWHERE + 1] = {
	/*              NA_E NA_W EU_W SING  internet, elsewhere */
	[NA_EAST]   = {  12,  60,  80, 240, 40, 150 },	/* 12 [E]; 240 * */
	[NA_WEST]   = {  60,  20, 140, 180, 40, 150 },	/* 20 [E]; 140 * */
	[EU_WEST]   = {  80, 140,  20, 160, 40, 150 },	/* 20 [E] */
	[SINGAPORE] = { 240, 180, 160,  60, 40, 150 },
	/* Whoever is outside uses the region next to it: 40 [E]. */
	[INTERNET]  = {  40,  40,  40,  40, 40, 40 },
	[ELSEWHERE] = { 150, 150, 150, 150, 40, 150 },	/* [E] */
};

static enum area area_of(const struct world *w, name_id region)
{
	const char *name = region ? world_text(w, region) : "";

	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		if (!strcmp(areas[i].region, name))
			return areas[i].area;
	return ELSEWHERE;
}

static sim_time region_latency(const struct world *w, name_id a, name_id b)
{
	return SIM_MS(region_rtt_ms[area_of(w, a)][area_of(w, b)]) / 2;
}

enum net_place place_common(const struct machine *a, const struct machine *b)
{
	if (a == b)
		return PLACE_MACHINE;
	if (a->outside != b->outside)
		return PLACE_INTERNET;
	if (a->region != b->region)
		return PLACE_WORLD;
	if (a->zone != b->zone)
		return PLACE_REGION;
	return a->rack && a->rack == b->rack ? PLACE_RACK : PLACE_ZONE;
}

sim_time net_path_luck(const struct net_path *path, struct luck *luck)
{
	sim_time mean = path->jitter, extra;

	if (luck_chance(luck, 1, TAIL_IN))
		mean = path->tail;
	extra = luck_exponential(luck, mean);
	return extra < mean * LUCK_MAX ? extra : mean * LUCK_MAX;
}

/* -- rules ---------------------------------------------------------------- */

static bool ends_are(const struct machine *a, const struct machine *b,
		     const struct machine *from, const struct machine *to)
{
	return (!a || a == from) && (!b || b == to);
}

/* The lane of the rule that leads from one to the other, or NULL. */
static struct netcard *rule_lane(struct link_rule *r, const struct machine *from,
			      const struct machine *to)
{
	if (from == to)
		return NULL;		/* loopback does not cross the link */
	if (ends_are(r->a, r->b, from, to))
		return &r->lanes[0];
	return !r->one_way && ends_are(r->b, r->a, from, to) ? &r->lanes[1] :
	       NULL;
}

static uint32_t added_ppm(uint32_t a, uint32_t b)
{
	return a + b < 900000 ? a + b : 900000;
}

static void path_card(struct net_path *path, struct netcard *c)
{
	if (path->card_count < FLOW_CARDS)
		path->cards[path->card_count++] = c;
}

/* Delays add up, so do losses (to 90 %); a narrow lane is one more card. */
static void add_rules(const struct hosts *h, const struct machine *from,
		      const struct machine *to, struct net_path *path)
{
	for (uint32_t i = 0; i < h->rules.count; i++) {
		struct link_rule *r = h->rules.at[i];
		struct netcard *lane = rule_lane(r, from, to);

		if (!lane)
			continue;
		path->cut |= r->cut;
		path->latency += r->delay;
		path->loss_ppm = added_ppm(path->loss_ppm, r->loss_ppm);
		path->reorder_ppm = added_ppm(path->reorder_ppm,
					      r->reorder_ppm);
		if (r->bits_per_s)
			path_card(path, lane);
	}
}

static void one_way(const struct world *w, struct machine *from,
		    struct machine *to, struct net_path *path)
{
	const struct place_latency *p;

	*path = (struct net_path){ .place = place_common(from, to) };
	p = &place_latency[path->place];
	path->latency = path->place >= PLACE_WORLD ?
			region_latency(w, from->region, to->region) : p->base;
	path->jitter = p->jitter;
	path->tail = p->tail;
	if (from != to) {
		path_card(path, &from->nic.out);
		path_card(path, &to->nic.in);
	}
	add_rules(hosts_of(w), from, to, path);
}

/* -- what a flow can do by itself ----------------------------------------- */

/* Newton, from above: the largest r with r * r <= n. */
static uint64_t root(uint64_t n)
{
	uint64_t r = n, next = n / 2 + 1;

	while (next < r) {
		r = next;
		next = (r + n / r) / 2;
	}
	return r;
}

/* sqrt(3/2) = 1.224745; sqrt(ppm * 10^6) = 10^6 * sqrt(p) */
static int64_t mathis(sim_time rtt, uint32_t loss_ppm)
{
	uint64_t per_rtt = SEGMENT_BYTES * UINT64_C(1000000000) / (uint64_t)rtt;

	return (int64_t)(per_rtt * 1224745 /
			 root((uint64_t)loss_ppm * 1000000));
}

static int64_t flow_cap(const struct net_path *path)
{
	int64_t cap = WINDOW_BYTES * INT64_C(1000000000) / path->rtt, loss;

	if (path->place == PLACE_MACHINE)
		return LOOPBACK_RATE;
	if (path->loss_ppm) {
		loss = mathis(path->rtt, path->loss_ppm);
		cap = loss < cap ? loss : cap;
	}
	if (cap > CARD_RATE_MAX)
		cap = CARD_RATE_MAX;
	return cap ? cap : 1;
}

void net_path_find(const struct world *w, struct machine *from,
		   struct machine *to, struct net_path *path)
{
	struct net_path back;

	one_way(w, to, from, &back);
	one_way(w, from, to, path);
	path->rtt = path->latency + back.latency;
	path->cap = flow_cap(path);
}
