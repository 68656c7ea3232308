/* raft_say.c - what people are told of the quorum: lines, metrics, status */
#include "sim/broker/raft_inside.h"

#include <stdio.h>

#include "sim/broker/broker.h"
#include "sim/broker/controller.h"

/* Of whom nothing was heard for so long is not listed (LeaderState,
 * OBSERVER_SESSION_TIMEOUT_MS). */
#define OBSERVER_SESSION	SIM_S(300)

static const char *const state_names[] = {
	[RAFT_UNATTACHED] = "unattached", [RAFT_VOTED] = "voted",
	[RAFT_CANDIDATE] = "candidate", [RAFT_LEADER] = "leader",
	[RAFT_FOLLOWER] = "follower", [RAFT_RESIGNED] = "resigned",
};

static const char *const state_classes[] = {
	[RAFT_UNATTACHED] = "Unattached", [RAFT_VOTED] = "Voted",
	[RAFT_CANDIDATE] = "CandidateState", [RAFT_LEADER] = "Leader",
	[RAFT_FOLLOWER] = "FollowerState", [RAFT_RESIGNED] = "ResignedState",
};

const char *raft_state_name(enum raft_state s)
{
	return state_names[s];
}

static int32_t node(const struct raft *r, int32_t voter)
{
	return voter == NO_VOTER ? -1 : raft_voter(r->cluster, voter)->id;
}

/* QuorumState: "Completed transition to ...".  Simplified: of the fields that
 * the real line has, those that tell something. */
void raft_say_transition(struct world *w, struct raft *r,
			 enum raft_state from)
{
	struct text what = {0};

	switch (r->state) {
	case RAFT_VOTED:
		text_addf(&what, ", votedId=%d", node(r, r->voted));
		break;
	case RAFT_CANDIDATE:
		text_addf(&what, ", retries=%u", r->retries + 1);
		break;
	case RAFT_LEADER:
		text_addf(&what, ", epochStartOffset=%lld",
			  (long long)r->log.end);
		break;
	case RAFT_FOLLOWER:
		text_addf(&what, ", leader=%d", node(r, r->leader));
		break;
	case RAFT_UNATTACHED:
	case RAFT_RESIGNED:
		break;
	}
	log_write(w, r->process, LOG_INFO, "[RaftManager id=%d] Completed "
		  "transition to %s(localId=%d, epoch=%u%s, highWatermark=%lld) "
		  "from %s (org.apache.kafka.raft.QuorumState)", r->id,
		  state_classes[r->state], r->id, r->epoch, text_cstr(&what),
		  (long long)r->high_watermark, state_classes[from]);
	text_free(&what);
}

/* -- metrics -------------------------------------------------------------------- */

/*
 * Names: kafka-kraft-3_0_0.yml, an example of the Prometheus JMX exporter.
 * Simplified: the exporter shows the state as a label of one series that is 1;
 * here it is a number, 0 unattached, 1 voted, 2 candidate, 3 leader, 4
 * follower, 5 resigned, 6 observer.
 */
void raft_metrics_new(struct world *w, struct raft *r)
{
	struct process *p = r->process;
	struct raft_metrics *m = &r->metrics;

	m->state = metric_gauge(w, p, "kafka_server_raftmetrics_current_state",
				NULL);
	m->leader = metric_gauge(w, p,
		"kafka_server_raftmetrics_current_leader", NULL);
	m->vote = metric_gauge(w, p, "kafka_server_raftmetrics_current_vote",
			       NULL);
	m->epoch = metric_gauge(w, p, "kafka_server_raftmetrics_current_epoch",
				NULL);
	m->high_watermark = metric_gauge(w, p,
		"kafka_server_raftmetrics_high_watermark", NULL);
	m->log_end = metric_gauge(w, p,
		"kafka_server_raftmetrics_log_end_offset", NULL);
	m->lag = metric_gauge(w, p, r->controller ?
		"kafka_controller_kafkacontroller_lastappliedrecordlagms" :
		"kafka_server_brokermetadatametrics_last_applied_record_lag_ms",
		NULL);
	if (r->voter == NO_VOTER)
		return;
	m->commit_ms = metric_gauge(w, p,
		"kafka_server_raftmetrics_commit_latency_avg", NULL);
	m->election_ms = metric_gauge(w, p,
		"kafka_server_raftmetrics_election_latency_avg", NULL);
}

void raft_collect(struct world *w, struct raft *r)
{
	struct raft_metrics *m = &r->metrics;
	const struct metadata_view *v = r->controller ? &r->controller->view :
					&r->broker->view;

	metric_set(m->state, r->voter == NO_VOTER ? 6 : (int64_t)r->state);
	metric_set(m->leader, node(r, r->leader));
	metric_set(m->vote, node(r, r->voted));
	metric_set(m->epoch, r->epoch);
	metric_set(m->high_watermark, r->high_watermark);
	metric_set(m->log_end, r->log.end);
	/* An active controller lags behind nobody. */
	metric_set(m->lag, r->controller && r->controller->active ? 0 :
			   (world_now(w) - v->applied_at) / SIM_MS(1));
}

/* -- DescribeQuorum --------------------------------------------------------------- */

/* Uuid.toString: that of the directory, drawn from the node's id; zero, as of
 * all static voters. */
static void directory(struct world *w, int32_t id, bool voter, char out[23])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	struct luck luck;

	luck_init(&luck, w->state->seed + (uint64_t)id, "kafka", "directory");
	for (int i = 0; i < 22; i++)
		out[i] = voter ? 'A' : digits[luck_below(&luck, i < 21 ? 64 :
							 4) * (i < 21 ? 1 : 16)];
	out[22] = '\0';
}

static void describe_peer(struct world *w, const struct raft_peer *p,
			  int32_t id, const struct raft *leads, bool voter,
			  struct text *json)
{
	int64_t now = sim_wall_ms(world_now(w));
	char dir[23];

	directory(w, id, voter, dir);
	if (json->at[json->len - 1] != '[')
		text_char(json, ',');
	text_addf(json, "{\"id\":%d,\"directory\":\"%s\","
		  "\"log_end_offset\":%lld,\"last_fetch\":%lld,"
		  "\"last_caught_up\":%lld}", id, dir,
		  (long long)(leads ? leads->log.end : p->end),
		  (long long)(leads ? now : p->fetched_at ?
			      sim_wall_ms(p->fetched_at) : -1),
		  (long long)(leads ? now : p->caught_up_at ?
			      sim_wall_ms(p->caught_up_at) : -1));
}

void raft_describe(struct world *w, const struct raft *r, struct text *json)
{
	const struct cluster *c = r->cluster;

	text_addf(json, "{\"cluster_id\":\"%s\",\"leader\":%d,\"epoch\":%u,"
		  "\"high_watermark\":%lld,\"voters\":[",
		  world_text(w, c->id), r->id, r->epoch,
		  (long long)r->high_watermark);
	for (uint32_t i = 0; i < c->controllers.count; i++)
		describe_peer(w, &r->voters[i], node(r, (int32_t)i),
			      (int32_t)i == r->voter ? r : NULL, true, json);
	text_add(json, "],\"observers\":[");
	for (uint32_t i = 0; i < c->brokers.count; i++) {
		const struct raft_peer *p = &r->observers[i];

		if (p->fetched_at &&
		    world_now(w) - p->fetched_at < OBSERVER_SESSION)
			describe_peer(w, p, c->brokers.at[i]->node_id, NULL,
				      false, json);
	}
	text_add(json, "],\"endpoints\":[");
	for (uint32_t i = 0; i < c->controllers.count; i++)
		text_addf(json, "%s\"CONTROLLER://%s:9093\"", i ? "," : "",
			  world_text(w, raft_voter(c, (int32_t)i)->process->
				     name));
	text_add(json, "]}");
}
