/* tcp.h - how TCP begins, and what it does about segments that are lost or late
 *
 * A connection begins slowly.  It may have no more under way than its
 * congestion window: ten segments at first (RFC 6928).  Each ACK makes room for
 * one segment more than it acknowledges, so the window doubles each round trip
 * (RFC 5681, 3.1), until sending a window takes as long as its first ACK needs
 * to come back: from there on the share of the cards (card.h) alone limits it.
 *
 *	 10        20        40 segments       the pipe is full
 *	|▒▒       |▒▒▒▒     |▒▒▒▒▒▒▒▒|▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
 *	├── RTT ──┼── RTT ──┼── RTT ─┤
 *	     stall     stall
 *
 * So S bytes at rate R take S/R and the stalls: RTT - 2^k W/R, as long as this
 * is above 0 and something is left (Kurose and Ross, Computer Networking, TCP
 * latency modeling).  A round that uses less than half of its window does not
 * widen it (Linux, tcp_is_cwnd_limited).  After a rest of more than the
 * retransmission time the window is halved, once for each such time, down to
 * ten segments (RFC 2861; Linux tcp_slow_start_after_idle, tcp_cwnd_restart).
 * After a silence that the timer ended it is one segment (RFC 5681, 3.1).
 *
 * It costs an event a round, and only while something waits for the window: in
 * a zone ten segments are nearly all that a path of 1 Gbit/s holds.
 *
 * A lost segment comes late, not never; how late depends on what follows it:
 *
 *	three or more segments behind it   their duplicate ACKs bring it again
 *	                                   one round trip later (RFC 5681, 3.2)
 *	one or two behind it               so does the first selective ACK, when
 *	                                   RTT / 4 has passed (RACK, RFC 8985)
 *	the last of several                a probe, after 2 RTT and two ticks
 *	                                   (tail loss probe, RFC 8985, 7)
 *	the only one, or lost again        the retransmission timer: 200 ms + RTT,
 *	                                   then doubling (RFC 6298; Linux)
 *
 * A segment in the middle of a long message is made up for while the rest of
 * the message is still being sent: it costs the message nothing but what
 * congestion control makes of it (link.h).
 *
 * Simplified: a start never overshoots, and no threshold ends it before the
 * pipe is full; on the loopback, whose segments have 64 KiB, there is none; a
 * loss that ACKs tell of shows in the rate (link.h), not in the window.  Whether
 * others follow a segment is seen within a message only, not across the messages
 * of a connection; ACKs are not lost.
 */
#ifndef SIM_HOST_TCP_H
#define SIM_HOST_TCP_H

#include "sim/core/luck.h"
#include "sim/host/link.h"

/* What one direction of a connection may have under way. */
struct tcp_window {
	int64_t bytes;		/* cwnd */
	int64_t from, limit;	/* this round sends [from, limit) of the flow */
	sim_time round_at;	/* it ends: its first ACK is back */
	bool open;		/* it no longer limits the flow */
};

#define TCP_WINDOW_FIRST	(10 * SEGMENT_BYTES)

/* A new connection; the flow was given `queued` bytes for older ones. */
void tcp_window_init(struct tcp_window *t, const struct net_path *path,
		     int64_t queued);
/* Nothing was sent for so long, and all that was has left. */
void tcp_window_rest(struct tcp_window *t, const struct net_path *path,
		     const struct flow *f, sim_time idle);
/* A silence is over. */
void tcp_window_timeout(struct tcp_window *t, const struct net_path *path,
			int64_t queued);
/* Up to which byte the flow, which is settled, may be given now.  A round that
 * is over lets the next begin. */
int64_t tcp_window_limit(struct tcp_window *t, const struct net_path *path,
			 const struct flow *f, sim_time now);

/* How much later than it would a message arrives, by loss and reordering on its
 * path.  *again grows by the segments that were sent again. */
sim_time tcp_late(const struct net_path *path, struct luck *luck,
		  uint32_t bytes, int64_t *again);

/* How long connecting takes: SYN and SYN-ACK, again after 1 s if one is lost,
 * then doubling (RFC 6298, 2.1; Linux TCP_TIMEOUT_INIT). */
sim_time tcp_connect(const struct net_path *path, struct luck *luck,
		     int64_t *again);

/* When a peer that has been silent since `since` is tried the next time at or
 * after `now`; *tries is how often it was until then, that one included. */
sim_time tcp_retry(const struct net_path *path, bool connected,
		   sim_time since, sim_time now, int64_t *tries);

/* When the kernel gives up on a peer that answers nothing: tcp_syn_retries 6
 * (127 s), tcp_retries2 15 (924.6 s; Linux, ip-sysctl). */
#define TCP_CONNECT_GIVE_UP	SIM_S(127)
#define TCP_GIVE_UP		SIM_MS(924600)

#endif
