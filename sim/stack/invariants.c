/* invariants.c - what a world of services keeps, whatever befalls it */
#include "sim/stack/invariants.h"

#include <stdlib.h>
#include <string.h>

#include "sim/broker/broker.h"
#include "sim/broker/consumer.h"
#include "sim/broker/controller.h"
#include "sim/broker/groups.h"
#include "sim/core/mem.h"
#include "sim/device/audit.h"
#include "sim/device/fleet.h"
#include "sim/stack/app.h"
#include "sim/stack/events.h"
#include "sim/stack/losses.h"

/* What was seen of one partition. */
struct seen {
	int64_t committed;		/* the highest high watermark of a leader */
	int64_t agreed[REPLICAS_MAX];	/* by place: compared with the leader's
					   log up to here */
};

struct watch {
	struct seen *partitions;	/* by partition id */
	uint32_t count;
	struct losses *losses;
};

struct watch *watch_new(void)
{
	struct watch *v = mem_zeroed(1, sizeof(*v));

	v->losses = losses_new();
	return v;
}

void watch_free(struct watch *v)
{
	if (!v)
		return;
	losses_free(v->losses);
	free(v->partitions);
	free(v);
}

static struct seen *seen_of(struct watch *v, const struct cluster *c,
			    uint32_t id)
{
	if (id >= v->count) {
		uint32_t count = c->partitions.count;

		v->partitions = mem_grow(v->partitions,
					 count * sizeof(*v->partitions));
		memset(v->partitions + v->count, 0,
		       (count - v->count) * sizeof(*v->partitions));
		v->count = count;
	}
	return &v->partitions[id];
}

static void name_partition(const struct world *w, const struct partition *p,
			   struct text *why)
{
	text_addf(why, "%s-%u: ", world_text(w, p->topic->name), p->index);
}

/* The copy that leads, by the controller's truth and its own belief; NULL
 * while the two do not agree, or nobody runs. */
static struct replica *leading(const struct cluster *c,
			       const struct partition *p)
{
	struct replica *r;

	if (p->topic->deleted || p->state.leader == NO_BROKER)
		return NULL;
	r = broker_replica(c->brokers.at[p->state.leader], p->id);
	if (!r || r->role != REPLICA_LEADER ||
	    r->leader_epoch != p->state.leader_epoch ||
	    r->broker->process->state == PROCESS_DOWN)
		return NULL;
	return r;
}

/* -- one leader --------------------------------------------------------------- */

static bool one_leader(struct watch *v, struct world *w, struct text *why)
{
	const struct cluster *c = cluster_of(w);

	(void)v;
	for (uint32_t i = 0; i < c->partitions.count; i++) {
		const struct partition *p = c->partitions.at[i];
		uint32_t leaders = 0;

		for (uint32_t b = 0; b < c->brokers.count; b++) {
			struct replica *r = broker_replica(c->brokers.at[b], i);

			leaders += r && r->role == REPLICA_LEADER &&
				   r->leader_epoch == p->state.leader_epoch &&
				   r->broker->process->state != PROCESS_DOWN;
		}
		if (leaders < 2 || p->topic->deleted)
			continue;
		name_partition(w, p, why);
		text_addf(why, "%u brokers lead it in epoch %d", leaders,
			  p->state.leader_epoch);
		return false;
	}
	return true;
}

/* -- the in-sync set ---------------------------------------------------------- */

static bool isr_is_of_replicas(struct watch *v, struct world *w,
			       struct text *why)
{
	const struct cluster *c = cluster_of(w);

	(void)v;
	for (uint32_t i = 0; i < c->partitions.count; i++) {
		const struct partition *p = c->partitions.at[i];
		const struct partition_state *s = &p->state;
		uint64_t replicas = 0;

		for (uint32_t k = 0; k < s->replica_count; k++)
			replicas |= broker_bit(s->replicas[k]);
		if (p->topic->deleted ||
		    (!(s->isr & ~replicas) && s->isr &&
		     (s->leader == NO_BROKER || s->isr & broker_bit(s->leader))))
			continue;
		name_partition(w, p, why);
		text_addf(why, "in sync %llx of replicas %llx under leader %d",
			  (unsigned long long)s->isr,
			  (unsigned long long)replicas, s->leader);
		return false;
	}
	return true;
}

/* -- what was committed stays --------------------------------------------------- */

/* What is gone for good was never promised, and whoever was not in sync may
 * still hold it: look at all copies again. */
static void forgive(struct watch *v, const struct replica *leader,
		    struct seen *s)
{
	int64_t floor;

	if (!losses_forgive(v->losses, leader, &floor))
		return;
	if (s->committed > floor)
		s->committed = floor;
	memset(s->agreed, 0, sizeof(s->agreed));
}

static bool committed_stays(struct watch *v, struct world *w, struct text *why)
{
	const struct cluster *c = cluster_of(w);

	for (uint32_t i = 0; i < c->partitions.count; i++) {
		const struct partition *p = c->partitions.at[i];
		const struct replica *r = leading(c, p);
		struct seen *s = seen_of(v, c, i);

		if (!r)
			continue;
		forgive(v, r, s);
		if (r->log.end_offset < s->committed) {
			name_partition(w, p, why);
			text_addf(why, "%lld records were committed, its leader "
				  "broker %d has %lld", (long long)s->committed,
				  r->broker->node_id,
				  (long long)r->log.end_offset);
			return false;
		}
		if (r->high_watermark > s->committed)
			s->committed = r->high_watermark;
	}
	return true;
}

/* -- replicas hold the same ----------------------------------------------------- */

static bool same_batch(const struct batch *a, const struct batch *b)
{
	return a->base_offset == b->base_offset && a->count == b->count &&
	       a->source == b->source && a->lane == b->lane &&
	       a->content == b->content && a->leader_epoch == b->leader_epoch;
}

/* Compare two logs from `from` to `to`; -1: the same, or where they part. */
static int64_t part_at(const struct world *w, const struct log *a,
		       const struct log *b, int64_t from, int64_t to)
{
	const struct batch *x, *y;
	struct log_cursor i, k;

	if (from < a->start_offset)
		from = a->start_offset;
	if (from < b->start_offset)
		from = b->start_offset;
	/* Each broker compacts its own copy, at its own time. */
	if (from < a->cleaned_to)
		from = a->cleaned_to;
	if (from < b->cleaned_to)
		from = b->cleaned_to;
	if (from >= to)
		return -1;
	if (!log_seek(w, a, from, &i) || !log_seek(w, b, from, &k))
		return from;
	while ((x = log_read(w, a, &i)) && x->base_offset < to) {
		y = log_read(w, b, &k);
		if (!y || !same_batch(x, y))
			return x->base_offset;
	}
	return -1;
}

static bool copy_agrees(struct world *w, struct seen *s, uint32_t place,
			const struct replica *leader,
			const struct replica *copy, struct text *why)
{
	int64_t to = copy->high_watermark < leader->high_watermark ?
		     copy->high_watermark : leader->high_watermark;
	int64_t at;

	if (s->agreed[place] > to)
		s->agreed[place] = to;		/* it was cut: look again */
	at = part_at(w, &leader->log, &copy->log, s->agreed[place], to);
	if (at < 0) {
		s->agreed[place] = to;
		return true;
	}
	name_partition(w, leader->partition, why);
	text_addf(why, "brokers %d and %d hold different records at offset "
		  "%lld, below the high watermark", leader->broker->node_id,
		  copy->broker->node_id, (long long)at);
	return false;
}

static bool copies_agree(struct watch *v, struct world *w, struct text *why)
{
	const struct cluster *c = cluster_of(w);

	for (uint32_t i = 0; i < c->partitions.count; i++) {
		const struct partition *p = c->partitions.at[i];
		const struct replica *leader = leading(c, p);

		for (uint32_t k = 0; leader && k < p->state.replica_count; k++) {
			const struct replica *copy = broker_replica(
				c->brokers.at[p->state.replicas[k]], i);

			if (losses_tore(v->losses, i) &&
			    !(p->state.isr & broker_bit(p->state.replicas[k])))
				continue;	/* it is told when it fetches */
			if (copy && copy != leader &&
			    !copy_agrees(w, seen_of(v, c, i), k, leader, copy,
					 why))
				return false;
		}
	}
	return true;
}

/* The same from the beginning of the logs. */
static bool logs_agree(struct watch *v, struct world *w, struct text *why)
{
	for (uint32_t i = 0; i < v->count; i++)
		memset(v->partitions[i].agreed, 0,
		       sizeof(v->partitions[i].agreed));
	return copies_agree(v, w, why);
}

/* -- readings ------------------------------------------------------------------- */

/* With fewer than all acks a leader may take records to its grave: that is
 * what the setting means. */
static bool acked_is_stored(struct watch *v, struct world *w, struct text *why)
{
	const struct fleets *fleets = fleets_of(w);

	for (uint32_t i = 0; i < fleets->all.count; i++) {
		const struct fleet *f = fleets->all.at[i];
		struct fleet_audit audit;

		if (f->config.acks != -1)
			continue;
		fleet_audit(w, f, &audit);
		if (audit.lost <= losses_records(v->losses, w, f->topic))
			continue;
		text_addf(why, "%llu of %llu acknowledged readings of %s are "
			  "in no log", (unsigned long long)audit.lost,
			  (unsigned long long)audit.acked,
			  world_text(w, f->name));
		return false;
	}
	return true;
}

/* A numbered batch is stored once, and none overtakes another (idempotence.h). */
static bool stored_once(struct watch *v, struct world *w, struct text *why)
{
	const struct fleets *fleets = fleets_of(w);

	(void)v;
	for (uint32_t i = 0; i < fleets->all.count; i++) {
		const struct fleet *f = fleets->all.at[i];
		struct fleet_audit audit;

		if (!f->idempotent)
			continue;
		fleet_audit(w, f, &audit);
		if (!audit.duplicated && !audit.overtaken)
			continue;
		text_addf(why, "of the readings of %s, whose producer is "
			  "idempotent, %llu are stored again and %llu behind a "
			  "later one of the same producer", world_text(w, f->name),
			  (unsigned long long)audit.duplicated,
			  (unsigned long long)audit.overtaken);
		return false;
	}
	return true;
}

/* Conservation: what a fleet read was stored, failed, died with its gateway,
 * or is under way. */
static bool readings_are_counted(struct watch *v, struct world *w,
				 struct text *why)
{
	const struct fleets *fleets = fleets_of(w);

	(void)v;
	for (uint32_t i = 0; i < fleets->all.count; i++) {
		const struct fleet *f = fleets->all.at[i];
		struct fleet_count n;

		fleet_count(f, &n);
		if (n.produced == n.acked + n.failed + n.died + n.under_way)
			continue;
		text_addf(why, "%s gave %llu readings to its producers; %llu "
			  "acknowledged, %llu failed, %llu died, %llu under way",
			  world_text(w, f->name),
			  (unsigned long long)n.produced,
			  (unsigned long long)n.acked,
			  (unsigned long long)n.failed,
			  (unsigned long long)n.died,
			  (unsigned long long)n.under_way);
		return false;
	}
	return true;
}

/* -- groups --------------------------------------------------------------------- */

static bool member_has(const struct member *m, uint32_t partition)
{
	for (uint32_t i = 0; i < m->assigned.count; i++)
		if (m->assigned.at[i] == partition)
			return true;
	return false;
}

/* The partition that two members of a group were both given; or -1. */
static int64_t given_twice(const struct group *g)
{
	for (uint32_t i = 0; i < g->members.count; i++)
		for (uint32_t k = i + 1; k < g->members.count; k++)
			for (uint32_t n = 0;
			     n < g->members.at[i]->assigned.count; n++)
				if (member_has(g->members.at[k],
					g->members.at[i]->assigned.at[n]))
					return g->members.at[i]->assigned.at[n];
	return -1;
}

static bool assigned_once(struct watch *v, struct world *w, struct text *why)
{
	const struct cluster *c = cluster_of(w);

	(void)v;
	for (uint32_t i = 0; i < c->brokers.count; i++) {
		const struct groups *all = c->brokers.at[i]->groups;

		for (uint32_t k = 0; all && k < all->by_name.count; k++) {
			const struct group *g = all->by_name.entries[k].value;
			int64_t twice = g && g->state == GROUP_STABLE ?
					given_twice(g) : -1;

			if (twice < 0)
				continue;
			text_addf(why, "group %s, generation %d: partition %lld "
				  "has two readers", world_text(w, g->id),
				  g->generation, (long long)twice);
			return false;
		}
	}
	return true;
}

/* -- the quorum --------------------------------------------------------------- */

static bool one_controller(struct watch *v, struct world *w, struct text *why)
{
	const struct cluster *c = cluster_of(w);

	(void)v;
	for (uint32_t i = 0; i < c->controllers.count; i++)
		for (uint32_t k = i + 1; k < c->controllers.count; k++) {
			const struct raft *a = &c->controllers.at[i]->raft;
			const struct raft *b = &c->controllers.at[k]->raft;

			if (!raft_leads(a) || !raft_leads(b) ||
			    a->epoch != b->epoch)
				continue;
			text_addf(why, "controllers %d and %d lead epoch %u",
				  a->id, b->id, a->epoch);
			return false;
		}
	return true;
}

/* Formatted disks are another matter, and not drawn. */
static bool decisions_stay(struct watch *v, struct world *w, struct text *why)
{
	(void)v;
	if (!cluster_of(w)->histories_lost)
		return true;
	text_add(why, "a controller leads that never had what was committed");
	return false;
}

/* -- all of them ---------------------------------------------------------------- */

const struct invariant invariants[] = {
	{ "one-controller", "An epoch of the quorum has at most one leader.",
	  one_controller, false },
	{ "decisions-stay", "A new active controller has all that was "
	  "committed to the metadata log.", decisions_stay, false },
	{ "one-leader", "A partition has at most one leader in an epoch.",
	  one_leader, false },
	{ "isr-of-replicas", "The in-sync set is never empty, holds replicas "
	  "only, and holds the leader.", isr_is_of_replicas, false },
	{ "committed-stays", "What was committed stays in the log of whoever "
	  "leads.", committed_stays, false },
	{ "copies-agree", "Below the high watermark all replicas hold the same "
	  "records.", copies_agree, false },
	{ "assigned-once", "In a stable group a partition has one reader.",
	  assigned_once, false },
	{ "readings-counted", "Every reading is stored, failed, lost with its "
	  "gateway, or under way.", readings_are_counted, false },
	{ "logs-agree", "The same, from the beginning of the logs.",
	  logs_agree, true },
	{ "acked-is-stored", "With acks=all, what was acknowledged is in the "
	  "log.", acked_is_stored, true },
	{ "stored-once", "With an idempotent producer nothing is stored twice, "
	  "and nothing of one producer overtakes.", stored_once, true },
	{ "transformed-once", "What an application reads and writes in "
	  "transactions is written once, if it counts as read.",
	  invariant_transformed_once, true },
	{ NULL, NULL, NULL, false },
};

const struct invariant *watch_look(struct watch *v, struct world *w,
				   bool whole, struct text *why)
{
	if (!cluster_of(w) || !fleets_of(w))
		return NULL;
	losses_see(v->losses, w);
	for (const struct invariant *i = invariants; i->id; i++)
		if ((whole || !i->reads_logs) && !i->holds(v, w, why))
			return i;
	return NULL;
}

/* -- coming right again --------------------------------------------------------- */

/* How far behind "all but caught up" may be: what arrives within the second or
 * two that a fetch, a poll and a commit take. */
#define LAG_MAX		2000

static bool partition_settled(struct world *w, const struct partition *p,
			      uint64_t core, struct text *why)
{
	const struct partition_state *s = &p->state;
	uint64_t wanted = 0;

	for (uint32_t i = 0; i < s->replica_count; i++)
		wanted |= broker_bit(s->replicas[i]) & core;
	if (!(s->isr & core) || p->topic->deleted)
		return true;		/* nobody left may lead it */
	name_partition(w, p, why);
	if (s->leader == NO_BROKER || !(broker_bit(s->leader) & core)) {
		text_addf(why, "leader is %d", s->leader);
		return false;
	}
	if ((s->isr & wanted) != wanted) {
		text_addf(why, "in sync are %llx, of %llx that live",
			  (unsigned long long)s->isr,
			  (unsigned long long)wanted);
		return false;
	}
	text_clear(why);
	return true;
}

static bool app_settled(struct world *w, const struct app *a, struct text *why)
{
	const char *name = world_text(w, a->group);
	struct broker *b = group_coordinator(w, cluster_of(w), name);
	struct group *g = b ? group_find(b->groups, a->group) : NULL;

	if (!b)
		return true;		/* its offsets partition is offline */
	if (a->transform && !invariant_can_write(w, a))
		return true;
	if (!g || g->state != GROUP_STABLE) {
		text_addf(why, "group %s is %s", name,
			  g ? group_state_name(g->state) : "not there");
		return false;
	}
	if (!a->consumer || consumer_lag(a->consumer) > LAG_MAX) {
		text_addf(why, "%s is %lld records behind", name, a->consumer ?
			  (long long)consumer_lag(a->consumer) : -1LL);
		return false;
	}
	return true;
}

bool stack_settled(struct world *w, uint64_t core, struct text *why)
{
	const struct cluster *c = cluster_of(w);
	const struct hosts *h = hosts_of(w);

	for (uint32_t i = 0; i < c->partitions.count; i++)
		if (!partition_settled(w, c->partitions.at[i], core, why))
			return false;
	for (uint32_t i = 0; i < h->processes.count; i++) {
		const struct app *a = app_of(h->processes.at[i]);

		if (a && !app_settled(w, a, why))
			return false;
	}
	return true;
}
