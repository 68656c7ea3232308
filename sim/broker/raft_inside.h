/* raft_inside.h - what the files of the quorum share
 *
 * raft.c makes the transitions and counts votes, raft_fetch.c copies the log
 * and says what is committed, raft_say.c tells people.  Nobody else includes
 * this.
 */
#ifndef SIM_BROKER_RAFT_INSIDE_H
#define SIM_BROKER_RAFT_INSIDE_H

#include "sim/broker/cluster.h"
#include "sim/broker/events.h"
#include "sim/broker/raft.h"

/* Defaults of 3.9: controller.quorum.*, KafkaRaftClient, LeaderState. */
#define ELECTION_TIMEOUT	SIM_S(1)	/* .election.timeout.ms */
#define ELECTION_BACKOFF_MAX	SIM_S(1)	/* .election.backoff.max.ms */
#define ELECTION_BACKOFF	SIM_MS(100)	/* RETRY_BACKOFF_BASE_MS */
#define FETCH_TIMEOUT		SIM_S(2)	/* .fetch.timeout.ms */
#define REQUEST_TIMEOUT		SIM_S(2)	/* .request.timeout.ms */
#define RETRY_BACKOFF		SIM_MS(20)	/* .retry.backoff.ms */
#define APPEND_LINGER		SIM_MS(25)	/* .append.linger.ms */
#define CHECK_QUORUM		SIM_S(3)	/* 1.5 fetch timeouts */
#define BEGIN_AGAIN		SIM_S(1)	/* half a fetch timeout */
#define FETCH_WAIT		SIM_MS(500)	/* MAX_FETCH_WAIT_MS */
#define RECONNECT_BACKOFF	SIM_MS(50)	/* of the client, to 1 s */

struct raft *raft_voter(const struct cluster *c, int32_t voter);
uint32_t raft_majority(const struct cluster *c);
/* Its thread is free now, or when. */
sim_time raft_free_at(struct world *w, const struct raft *r);
/* A timer came, but nobody could act on it: once more, a little later. */
bool raft_can_act(struct world *w, const struct raft *r);
sim_time raft_act_at(struct world *w, const struct raft *r);

struct raft_message *raft_ask(struct raft *r, struct world *w, uint16_t kind,
			      uint32_t entries);
void raft_reply(struct world *w, struct raft *r, const struct raft_message *m,
		struct raft_message *answer);
void raft_send(struct world *w, struct raft *r, struct process *to,
	       struct raft_message *m);

/* An answer or a request names an epoch and perhaps its leader. */
void raft_heard(struct world *w, struct raft *r, uint32_t epoch,
		int32_t leader);
void raft_become_candidate(struct world *w, struct raft *r);
void raft_become_resigned(struct world *w, struct raft *r);
/* The follower's timer begins again. */
void raft_follower_timer(struct world *w, struct raft *r);
/* The disk failed, or the log would lose what was committed. */
void raft_fatal(struct world *w, struct raft *r, const char *why);
/* Append to the log and its file; false: that was the end of the process. */
bool raft_log_add(struct world *w, struct raft *r, uint32_t epoch,
		  int32_t record, uint32_t count, sim_time at);
void raft_flush(struct world *w, struct raft *r);

/* raft_fetch.c */
void raft_fetch(struct world *w, struct raft *r);
void raft_fetch_in(struct world *w, struct raft *r, sim_time wait);
void raft_fetch_cancel(struct world *w, struct raft *r);
void raft_handle_fetch(struct world *w, struct raft *r,
		       struct raft_message *m);
void raft_fetched(struct world *w, struct raft *r,
		  const struct raft_message *m);
void raft_lead(struct world *w, struct raft *r);
void raft_lead_no_more(struct world *w, struct raft *r);
void raft_set_high_watermark(struct world *w, struct raft *r, int64_t hw);

/* raft_say.c */
const char *raft_state_name(enum raft_state s);
void raft_say_transition(struct world *w, struct raft *r,
			 enum raft_state from);

#endif
