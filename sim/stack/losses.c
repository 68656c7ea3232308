/* losses.c - what faults may destroy, by Kafka's own rules */
#include "sim/stack/losses.h"

#include <stdlib.h>
#include <string.h>

#include "sim/broker/broker.h"
#include "sim/core/mem.h"
#include "sim/fault/fault.h"

struct debt {
	uint32_t partition;
	int32_t broker;			/* index */
	bool alone;			/* in the in-sync set, once since then */
	bool led;			/* after that: what it lacks is gone */
	int32_t epoch;			/* of the leader then; in which it led */
	uint32_t next;			/* of the metadata records to look at */
	int64_t top;			/* no record at or above it is missed */
};

/* A broker as it was at the last look. */
struct seen_broker {
	uint32_t incarnation;		/* of its process, logs all loaded */
	sim_time ran_at;		/* last look that saw it so */
	bool owes;			/* noted for the start after that */
};

struct losses {
	struct debt *debts;
	uint32_t debt_count, debt_cap;
	bool *noted;			/* by place in the fault ledger */
	uint32_t noted_count;
	struct seen_broker *brokers;
	uint32_t broker_count;
	uint64_t *forgiven;		/* records, by partition id */
	bool *torn;
	uint32_t partition_count;
	sim_time last;			/* look */
};

static void *grown(void *at, uint32_t *count, uint32_t to, size_t size)
{
	if (to <= *count)
		return at;
	at = mem_grow(at, to * size);
	memset((char *)at + *count * size, 0, (to - *count) * size);
	*count = to;
	return at;
}

struct losses *losses_new(void)
{
	struct losses *l = mem_zeroed(1, sizeof(*l));

	return l;
}

void losses_free(struct losses *l)
{
	if (!l)
		return;
	free(l->debts);
	free(l->noted);
	free(l->brokers);
	free(l->forgiven);
	free(l->torn);
	free(l);
}

/* -- debts ------------------------------------------------------------------- */

/* The first record that was written behind `at`. */
static uint32_t records_until(const struct cluster *c, sim_time at)
{
	uint32_t i = c->records.count;

	while (i && c->records.at[i - 1].at > at)
		i--;
	return i;
}

/* Its state then; NULL: it was not there yet. */
static const struct partition_state *state_before(const struct cluster *c,
						  uint32_t partition,
						  uint32_t records)
{
	while (records) {
		const struct metadata_record *r = &c->records.at[--records];

		if (r->kind == METADATA_PARTITION && r->partition == partition)
			return &r->state;
	}
	return NULL;
}

static int64_t longest(const struct cluster *c, uint32_t partition)
{
	int64_t end = 0;

	for (uint32_t i = 0; i < c->brokers.count; i++) {
		const struct replica *r = broker_replica(c->brokers.at[i],
							 partition);

		if (r && r->log.end_offset > end)
			end = r->log.end_offset;
	}
	return end;
}

/* Whatever of its partitions it was in sync with then, it may miss the end. */
static void owe(struct losses *l, const struct world *w,
		const struct broker *b, sim_time since)
{
	const struct cluster *c = cluster_of(w);
	uint32_t from = records_until(c, since);

	for (uint32_t i = 0; i < b->replicas.count; i++) {
		const struct partition_state *s = state_before(c, i, from);

		if (!b->replicas.at[i] || !s ||
		    !(s->isr & broker_bit(b->index)))
			continue;
		if (l->debt_count == l->debt_cap)
			l->debts = grown(l->debts, &l->debt_cap,
					 2 * l->debt_cap + 16,
					 sizeof(*l->debts));
		l->debts[l->debt_count++] = (struct debt){
			.partition = i, .broker = b->index, .next = from,
			.alone = s->isr == broker_bit(b->index),
			.epoch = s->leader_epoch, .top = longest(c, i),
		};
	}
}

/* What the controller decided next.  False: the debt is void, the broker has
 * been taken out of the set. */
static bool decided(struct debt *d, const struct partition_state *s)
{
	if (!(s->isr & broker_bit(d->broker)))
		return false;
	d->alone |= s->isr == broker_bit(d->broker);
	d->led = d->alone && s->leader == d->broker &&
		 s->leader_epoch > d->epoch;
	if (d->led)
		d->epoch = s->leader_epoch;
	return true;
}

static bool still_owed(const struct cluster *c, struct debt *d)
{
	for (; !d->led && d->next < c->records.count; d->next++) {
		const struct metadata_record *r = &c->records.at[d->next];

		if (r->kind == METADATA_PARTITION &&
		    r->partition == d->partition && !decided(d, &r->state))
			return false;
	}
	return true;
}

/* -- looking ----------------------------------------------------------------- */

static const char *kind_of(const struct fault *f)
{
	return fault_kinds[f->kind].id;
}

static void see_power(struct losses *l, const struct world *w)
{
	const struct cluster *c = cluster_of(w);
	const struct faults *all = faults_of(w);

	l->noted = grown(l->noted, &l->noted_count, all->ledger.count,
			 sizeof(*l->noted));
	for (uint32_t i = 0; i < all->ledger.count; i++) {
		const struct fault *f = all->ledger.at[i];

		if (l->noted[i] || f->planned)
			continue;
		l->noted[i] = true;
		if (strcmp(kind_of(f), "power-loss") != 0)
			continue;
		for (uint32_t k = 0; k < c->brokers.count; k++)
			if (c->brokers.at[k]->process->machine == f->machine)
				owe(l, w, c->brokers.at[k], f->at);
	}
}

/* Has its disk returned wrong bytes since the last look? */
static bool is_corrupt(const struct losses *l, const struct world *w,
		       const struct broker *b)
{
	const struct faults *all = faults_of(w);

	for (uint32_t i = 0; i < all->ledger.count; i++) {
		const struct fault *f = all->ledger.at[i];

		if (f->machine == b->process->machine && !f->planned &&
		    f->healed_at >= l->last &&
		    !strcmp(kind_of(f), "corrupt-disk"))
			return true;
	}
	return false;
}

static bool has_loaded(const struct broker *b)
{
	return b->process->state != PROCESS_DOWN && !b->recoveries.count;
}

/* Logs are read when a broker starts: what it reads wrong it cuts off. */
static void see_loading(struct losses *l, const struct world *w,
			const struct broker *b, struct seen_broker *s)
{
	bool same = b->process->incarnation == s->incarnation;

	if (!same && !s->owes && is_corrupt(l, w, b)) {
		owe(l, w, b, s->ran_at);
		s->owes = true;
	}
	if (!has_loaded(b))
		return;
	s->incarnation = b->process->incarnation;
	s->ran_at = world_now(w);
	s->owes = false;
}

void losses_see(struct losses *l, const struct world *w)
{
	const struct cluster *c = cluster_of(w);
	uint32_t kept = 0, known = l->partition_count;

	l->forgiven = grown(l->forgiven, &known, c->partitions.count,
			    sizeof(*l->forgiven));
	l->torn = grown(l->torn, &l->partition_count, c->partitions.count,
			sizeof(*l->torn));
	l->brokers = grown(l->brokers, &l->broker_count, c->brokers.count,
			   sizeof(*l->brokers));
	see_power(l, w);
	for (uint32_t i = 0; i < c->brokers.count; i++)
		see_loading(l, w, c->brokers.at[i], &l->brokers[i]);
	for (uint32_t i = 0; i < l->debt_count; i++)
		if (still_owed(c, &l->debts[i]))
			l->debts[kept++] = l->debts[i];
	l->debt_count = kept;
	l->last = world_now(w);
}

/* -- forgiving ---------------------------------------------------------------- */

/* Where a log ended when somebody began to lead in this epoch. */
static int64_t began_at(const struct log *log, int32_t epoch)
{
	for (uint32_t i = 0; i < log->epochs.count; i++)
		if (log->epochs.at[i].epoch >= epoch)
			return log->epochs.at[i].start_offset;
	return log->end_offset;
}

bool losses_forgive(struct losses *l, const struct replica *leader,
		    int64_t *floor)
{
	uint32_t partition = leader->partition->id, kept = 0;
	int64_t top = 0;

	*floor = INT64_MAX;
	for (uint32_t i = 0; i < l->debt_count; i++) {
		const struct debt *d = &l->debts[i];
		int64_t began;

		if (d->partition != partition || !d->led) {
			l->debts[kept++] = *d;
			continue;
		}
		began = began_at(&leader->log, d->epoch);
		*floor = began < *floor ? began : *floor;
		top = d->top > top ? d->top : top;
	}
	l->debt_count = kept;
	if (top <= *floor)
		return false;
	l->forgiven[partition] += (uint64_t)(top - *floor);
	l->torn[partition] = true;
	return true;
}

bool losses_tore(const struct losses *l, uint32_t partition)
{
	return partition < l->partition_count && l->torn[partition];
}

uint64_t losses_records(const struct losses *l, const struct world *w,
			name_id topic)
{
	const struct cluster *c = cluster_of(w);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < l->partition_count; i++)
		if (c->partitions.at[i]->topic->name == topic)
			sum += l->forgiven[i];
	return sum;
}
