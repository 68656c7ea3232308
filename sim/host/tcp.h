/* tcp.h - what TCP does about segments that are lost or late
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
 * Simplified: no slow start; whether others follow is seen within a message
 * only, not across the messages of a connection; ACKs are not lost.
 */
#ifndef SIM_HOST_TCP_H
#define SIM_HOST_TCP_H

#include "sim/core/luck.h"
#include "sim/host/link.h"

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
