/* tcp.c - how TCP begins, and what it does about segments that are lost or late */
#include "sim/host/tcp.h"

#define RTO_MIN		SIM_MS(200)	/* Linux TCP_RTO_MIN */
#define RTO_MAX		SIM_S(120)	/* Linux TCP_RTO_MAX */
#define RTO_SYN		SIM_S(1)	/* Linux TCP_TIMEOUT_INIT; RFC 6298 */
#define TICKS		SIM_MS(8)	/* Linux TCP_TIMEOUT_MIN: two jiffies at
					   250 Hz, as Debian builds it */
#define MILLION		1000000

/* Linux: srtt + max(4 * rttvar, 200 ms); our variance is never that large. */
static sim_time rto(const struct net_path *path)
{
	return path->rtt + RTO_MIN;
}

/* -- the congestion window ------------------------------------------------ */

static void begin_with(struct tcp_window *t, const struct net_path *path,
		       int64_t queued, int64_t bytes)
{
	*t = (struct tcp_window){
		.bytes = bytes, .from = queued, .limit = queued,
		.open = path->place == PLACE_MACHINE,
	};
}

void tcp_window_init(struct tcp_window *t, const struct net_path *path,
		     int64_t queued)
{
	begin_with(t, path, queued, TCP_WINDOW_FIRST);
}

void tcp_window_timeout(struct tcp_window *t, const struct net_path *path,
			int64_t queued)
{
	begin_with(t, path, queued, SEGMENT_BYTES);
}

/* What a round has sent is acknowledged: the window grows, if it was used. */
static void grow(struct tcp_window *t, const struct flow *f)
{
	int64_t used = f->queued - t->from;

	if (!t->open && 2 * used >= t->bytes)
		t->bytes += used;
	t->from = f->queued;
}

void tcp_window_rest(struct tcp_window *t, const struct net_path *path,
		     const struct flow *f, sim_time idle)
{
	sim_time timer = rto(path);

	if (idle <= timer || path->place == PLACE_MACHINE)
		return;
	grow(t, f);
	for (; idle > timer && t->bytes > TCP_WINDOW_FIRST; idle -= timer) {
		t->bytes /= 2;
		t->open = false;
		if (t->bytes < TCP_WINDOW_FIRST)
			t->bytes = TCP_WINDOW_FIRST;
	}
}

/* What the path holds, at the most that a flow can do by itself. */
static int64_t pipe_bytes(const struct net_path *path)
{
	return path->cap * path->rtt / 1000000000;
}

/* The first ACK of a round is back.  If not all of it has left by now the ACKs
 * come as fast as the cards send, and nothing stalls any more. */
static void next_round(struct tcp_window *t, const struct net_path *path,
		       const struct flow *f, sim_time now)
{
	grow(t, f);
	t->open = f->sent < f->queued || t->bytes >= pipe_bytes(path);
	t->limit = f->queued + t->bytes;
	t->round_at = now + path->rtt;
}

int64_t tcp_window_limit(struct tcp_window *t, const struct net_path *path,
			 const struct flow *f, sim_time now)
{
	if (!t->open && now >= t->round_at)
		next_round(t, path, f, now);
	return t->open ? INT64_MAX : t->limit;
}

/* -- loss ----------------------------------------------------------------- */

static sim_time longer(sim_time timer)
{
	return timer < RTO_MAX / 2 ? 2 * timer : RTO_MAX;
}

/* The first time a segment is found missing, `behind` follow it. */
static sim_time noticed(const struct net_path *path, uint32_t segments,
			uint32_t behind)
{
	if (behind >= 3)
		return path->rtt;
	if (behind)
		return path->rtt + path->rtt / 4;
	return segments > 1 ? 2 * path->rtt + TICKS : rto(path);
}

static sim_time made_up(const struct net_path *path, struct luck *luck,
			uint32_t segments, uint32_t behind, int64_t *again)
{
	sim_time wait = noticed(path, segments, behind);
	sim_time timer = rto(path);

	(*again)++;
	while (wait < TCP_GIVE_UP &&
	       luck_chance(luck, path->loss_ppm, MILLION)) {
		wait += timer;
		timer = longer(timer);
		(*again)++;
	}
	return wait;
}

/* RACK waits a quarter of the RTT before it takes a segment that was overtaken
 * for lost: within that, reordering costs no more than the wait. */
static sim_time overtaken(const struct net_path *path, struct luck *luck)
{
	return luck_between(luck, 1, path->rtt / 4 + 1);
}

sim_time tcp_late(const struct net_path *path, struct luck *luck,
		  uint32_t bytes, int64_t *again)
{
	uint32_t segments = bytes / SEGMENT_BYTES + 1;
	sim_time each = SEGMENT_BYTES * INT64_C(1000000000) / path->cap;
	sim_time latest = 0;

	if (!path->loss_ppm && !path->reorder_ppm)
		return 0;
	for (uint32_t i = 0; i < segments; i++) {
		uint32_t behind = segments - 1 - i;
		sim_time late = 0;

		if (luck_chance(luck, path->loss_ppm, MILLION))
			late = made_up(path, luck, segments, behind, again);
		else if (luck_chance(luck, path->reorder_ppm, MILLION))
			late = overtaken(path, luck);
		if (late - behind * each > latest)
			latest = late - behind * each;
	}
	return latest;
}

sim_time tcp_connect(const struct net_path *path, struct luck *luck,
		     int64_t *again)
{
	sim_time wait = path->rtt, timer = RTO_SYN;

	while (path->loss_ppm && wait < TCP_CONNECT_GIVE_UP &&
	       (luck_chance(luck, path->loss_ppm, MILLION) ||
		luck_chance(luck, path->loss_ppm, MILLION))) {
		wait += timer;
		timer = longer(timer);
		(*again)++;
	}
	return wait;
}

sim_time tcp_retry(const struct net_path *path, bool connected,
		   sim_time since, sim_time now, int64_t *tries)
{
	sim_time timer = connected ? rto(path) : RTO_SYN, at = since + timer;

	for (*tries = 1; at < now; (*tries)++) {
		timer = longer(timer);
		at += timer;
	}
	return at;
}
