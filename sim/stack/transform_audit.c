/* transform_audit.c - did a transforming application do both or neither? */
#include "sim/stack/transform_audit.h"

#include <stdlib.h>
#include <string.h>

#include "sim/broker/broker.h"
#include "sim/broker/groups.h"

/* Fingerprints of records, open addressing. */
struct print {
	uint64_t hash;			/* 0: free */
	uint32_t committed, open;	/* times written */
	uint32_t stored;		/* times it is in the input: without
					   idempotence that may be more often
					   than once */
	bool read;
};

struct prints {
	struct print *at;
	size_t count, cap;		/* cap: a power of two */
};

static struct print *slot(const struct prints *p, uint64_t hash)
{
	size_t i = (size_t)hash & (p->cap - 1);

	while (p->at[i].hash && p->at[i].hash != hash)
		i = (i + 1) & (p->cap - 1);
	return &p->at[i];
}

static void grow(struct prints *p)
{
	struct prints bigger = { .cap = p->cap ? 2 * p->cap : 1024 };

	bigger.at = calloc(bigger.cap, sizeof(*bigger.at));
	if (!bigger.at)
		abort();
	for (size_t i = 0; i < p->cap; i++)
		if (p->at[i].hash)
			*slot(&bigger, p->at[i].hash) = p->at[i];
	bigger.count = p->count;
	free(p->at);
	*p = bigger;
}

static struct print *print_of(struct prints *p, uint64_t hash)
{
	struct print *one;

	if (2 * p->count >= p->cap)
		grow(p);
	one = slot(p, hash);
	if (!one->hash) {
		one->hash = hash;
		p->count++;
	}
	return one;
}

/* FNV-1a, 64 bits */
static uint64_t hash_of(const struct record_view *v)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (int32_t i = 0; i < v->key_len; i++)
		h = (h ^ (unsigned char)v->key[i]) * UINT64_C(1099511628211);
	h = (h ^ 0xff) * UINT64_C(1099511628211);
	for (int32_t i = 0; i < v->value_len; i++)
		h = (h ^ (unsigned char)v->value[i]) * UINT64_C(1099511628211);
	return h ? h : 1;
}

static const struct replica *leading(const struct cluster *c,
				     const struct partition *p)
{
	const struct replica *r = p->state.leader == NO_BROKER ? NULL :
		broker_replica(c->brokers.at[p->state.leader], p->id);

	return r && r->role == REPLICA_LEADER &&
	       r->broker->process->state != PROCESS_DOWN ? r : NULL;
}

/* -- what was read ------------------------------------------------------------ */

static void note_read(struct world *w, const struct replica *r, int64_t to,
		      struct prints *prints, struct transform_audit *out)
{
	char scratch[RECORD_SCRATCH];
	struct record_view v;
	const struct batch *b;
	struct log_cursor c;

	if (!log_seek(w, &r->log, r->log.start_offset, &c))
		return;
	while ((b = log_read(w, &r->log, &c)))
		for (uint32_t i = 0; i < b->count && !b->control; i++) {
			bool read = b->base_offset + i < to;
			struct print *p;

			record_read(w, cluster_of(w), b, i, &v, scratch);
			p = print_of(prints, hash_of(&v));
			p->stored++;
			p->read |= read;
			out->read += read;
		}
}

static int64_t committed(const struct group *g, uint32_t partition)
{
	for (uint32_t i = 0; i < g->offsets.count; i++)
		if (g->offsets.at[i].partition == partition)
			return g->offsets.at[i].offset;
	return 0;
}

static bool note_input(struct world *w, const struct app *a,
		       struct prints *prints, struct transform_audit *out)
{
	const struct cluster *c = cluster_of(w);
	struct broker *b = group_coordinator(w, c, world_text(w, a->group));
	const struct topic *t = cluster_topic(w, c, world_text(w, a->topic));
	const struct group *g = b && b->process->state != PROCESS_DOWN ?
				group_find(b->groups, a->group) : NULL;

	if (!g || !t)
		return false;
	for (uint32_t i = 0; i < t->partitions.count; i++) {
		const struct replica *r = leading(c, t->partitions.at[i]);

		if (!r)
			return false;
		note_read(w, r, committed(g, t->partitions.at[i]->id), prints,
			  out);
	}
	return true;
}

/* -- what was written ----------------------------------------------------------- */

/* One open transaction of a log, while it is walked. */
struct open {
	int64_t producer_id;
	size_t count, cap;
	uint64_t *hashes;
};

struct opens {
	struct open *at;
	size_t count;
};

static struct open *open_of(struct opens *o, int64_t producer_id)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->at[i].producer_id == producer_id)
			return &o->at[i];
	o->at = realloc(o->at, (o->count + 1) * sizeof(*o->at));
	if (!o->at)
		abort();
	o->at[o->count] = (struct open){ .producer_id = producer_id };
	return &o->at[o->count++];
}

static void open_add(struct open *o, uint64_t hash)
{
	if (o->count == o->cap) {
		o->cap = o->cap ? 2 * o->cap : 64;
		o->hashes = realloc(o->hashes, o->cap * sizeof(*o->hashes));
		if (!o->hashes)
			abort();
	}
	o->hashes[o->count++] = hash;
}

static void open_end(struct open *o, bool commit, struct prints *prints,
		     struct transform_audit *out)
{
	for (size_t i = 0; commit && i < o->count; i++) {
		print_of(prints, o->hashes[i])->committed++;
		out->written++;
	}
	o->count = 0;
}

static void note_written(struct world *w, const struct replica *r,
			 struct prints *prints, struct transform_audit *out)
{
	struct opens opens = {0};
	char scratch[RECORD_SCRATCH];
	struct record_view v;
	const struct batch *b;
	struct log_cursor c;

	if (!log_seek(w, &r->log, r->log.start_offset, &c))
		return;
	while ((b = log_read(w, &r->log, &c))) {
		struct open *o = open_of(&opens, b->producer_id);

		if (b->control)
			open_end(o, b->control == CONTROL_COMMIT, prints, out);
		for (uint32_t i = 0; i < b->count && !b->control; i++) {
			record_read(w, cluster_of(w), b, i, &v, scratch);
			open_add(o, hash_of(&v));
		}
	}
	for (size_t i = 0; i < opens.count; i++) {
		for (size_t k = 0; k < opens.at[i].count; k++)
			print_of(prints, opens.at[i].hashes[k])->open++;
		free(opens.at[i].hashes);
	}
	free(opens.at);
}

static bool note_output(struct world *w, const struct app *a,
			struct prints *prints, struct transform_audit *out)
{
	const struct cluster *c = cluster_of(w);
	const struct topic *t =
		cluster_topic(w, c, world_text(w, a->transform->output));

	for (uint32_t i = 0; t && i < t->partitions.count; i++) {
		const struct replica *r = leading(c, t->partitions.at[i]);

		if (!r)
			return false;
		note_written(w, r, prints, out);
	}
	return true;
}

void transform_audit(struct world *w, const struct app *a,
		     struct transform_audit *out)
{
	struct prints prints = {0};

	*out = (struct transform_audit){0};
	out->blind = !note_input(w, a, &prints, out) ||
		     !note_output(w, a, &prints, out);
	for (size_t i = 0; i < prints.cap; i++) {
		const struct print *p = &prints.at[i];

		if (!p->hash)
			continue;
		out->doubled += p->committed > p->stored ?
				p->committed - p->stored : 0;
		out->missing += p->read && !p->committed && !p->open;
		out->ahead += p->committed && !p->read;
	}
	free(prints.at);
}
