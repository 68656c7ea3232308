/* bind_broker.c - topics, records and brokers, as tables */
#include "lua/bind_broker.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/bind.h"
#include "lua/sandbox.h"
#include "sim/broker/broker.h"
#include "sim/broker/controller.h"
#include "sim/broker/log_dirs.h"

#define FUEL_ROW	20	/* one table, beyond what the allocator takes */
#define FUEL_RECORD	10

/* --- names -------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void bind_push_sorted(lua_State *L, const char **texts, size_t count)
{
	sandbox_charge(L, 2 * (int64_t)count);
	qsort(texts, count, sizeof(*texts), by_text);
	lua_createtable(L, (int)count, 0);
	for (size_t i = 0; i < count; i++) {
		lua_pushstring(L, texts[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
}

void bind_push_topic_names(lua_State *L, const struct world *w)
{
	const struct cluster *c = cluster_of(w);
	uint32_t all = c ? c->topics.count : 0;
	const char **names = lua_newuserdatauv(L, (all + 1) * sizeof(*names),
					       0);
	size_t n = 0;

	for (uint32_t i = 0; i < all; i++)
		if (!c->topics.at[i]->deleted)
			names[n++] = world_text(w, c->topics.at[i]->name);
	bind_push_sorted(L, names, n);
	lua_remove(L, -2);
}

/* --- brokers as numbers ------------------------------------------------- */

static void set_node(lua_State *L, const struct cluster *c, const char *key,
		     int32_t broker)
{
	if (broker != NO_BROKER)
		bind_integer(L, key, c->brokers.at[broker]->node_id);
}

/* Those of `set`, in order of assignment. */
static void push_nodes(lua_State *L, const struct cluster *c,
		       const struct partition_state *s, uint64_t set)
{
	lua_Integer n = 0;

	lua_createtable(L, (int)s->replica_count, 0);
	for (uint32_t i = 0; i < s->replica_count; i++) {
		if (!(set & broker_bit(s->replicas[i])))
			continue;
		lua_pushinteger(L, c->brokers.at[s->replicas[i]]->node_id);
		bind_append(L, ++n);
	}
}

static void set_nodes(lua_State *L, const struct cluster *c, const char *key,
		      const struct partition_state *s, uint64_t set)
{
	push_nodes(L, c, s, set);
	lua_setfield(L, -2, key);
}

/* --- partitions --------------------------------------------------------- */

const struct replica *bind_replica(const struct cluster *c,
				   const struct partition *p)
{
	const struct partition_state *s = &p->state;
	const struct replica *r;

	if (s->leader != NO_BROKER)
		return broker_replica(c->brokers.at[s->leader], p->id);
	for (uint32_t i = 0; i < s->replica_count; i++) {
		if (!(s->isr & broker_bit(s->replicas[i])))
			continue;
		r = broker_replica(c->brokers.at[s->replicas[i]], p->id);
		if (r)
			return r;
	}
	return NULL;
}

static void push_partition(lua_State *L, const struct cluster *c,
			   const struct partition *p)
{
	const struct partition_state *s = &p->state;
	const struct replica *r = bind_replica(c, p);

	sandbox_charge(L, FUEL_ROW);
	lua_createtable(L, 0, 10);
	bind_integer(L, "index", p->index);
	set_node(L, c, "leader", s->leader);
	bind_integer(L, "leader_epoch", s->leader_epoch);
	set_nodes(L, c, "replicas", s, UINT64_MAX);
	set_nodes(L, c, "isr", s, s->isr);
	if (s->adding)
		set_nodes(L, c, "adding", s, s->adding);
	if (s->removing)
		set_nodes(L, c, "removing", s, s->removing);
	if (!r)
		return;
	bind_integer(L, "start_offset", r->log.start_offset);
	bind_integer(L, "end_offset", r->log.end_offset);
	bind_integer(L, "high_watermark", r->high_watermark);
	bind_integer(L, "bytes", r->log.bytes);
}

/* --- topics ------------------------------------------------------------- */

static void set_config(lua_State *L, const struct config_key *key,
		       int64_t value)
{
	struct text t = {0};
	char copy[64];

	config_value_text(&t, key, value);
	strncpy(copy, text_cstr(&t), sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	text_free(&t);			/* before Lua may throw */
	bind_text(L, key->name, copy);
}

/* `config`: what holds; `overridden`: what was set on the topic itself. */
static void set_configs(lua_State *L, const struct cluster *c,
			const struct topic *t)
{
	static const struct broker_config none;
	const struct broker_config *server = c->brokers.count ?
					     &c->brokers.at[0]->config : &none;

	lua_createtable(L, 0, TOPIC_KEYS);
	for (int k = 0; k < TOPIC_KEYS; k++)
		set_config(L, &topic_keys[k],
			   topic_config(t->config, server, (enum topic_key)k));
	lua_setfield(L, -2, "config");
	lua_newtable(L);
	for (int k = 0; k < TOPIC_KEYS; k++)
		if (t->config->set >> k & 1)
			set_config(L, &topic_keys[k], t->config->value[k]);
	lua_setfield(L, -2, "overridden");
}

void bind_push_topic(lua_State *L, const struct world *w, const char *name)
{
	const struct cluster *c = cluster_of(w);
	const struct topic *t = c ? cluster_topic(w, c, name) : NULL;

	if (!t) {
		lua_pushnil(L);
		return;
	}
	sandbox_charge(L, FUEL_ROW + 2 * TOPIC_KEYS);
	lua_createtable(L, 0, 6);
	bind_text(L, "name", world_text(w, t->name));
	bind_text(L, "id", t->uuid);
	bind_bool(L, "internal", t->internal);
	set_configs(L, c, t);
	lua_createtable(L, (int)t->partitions.count, 0);
	for (uint32_t i = 0; i < t->partitions.count; i++) {
		push_partition(L, c, t->partitions.at[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "partitions");
}

/* --- records ------------------------------------------------------------ */

static void set_text_or_null(lua_State *L, const char *key, const char *bytes,
			     int32_t len)
{
	if (len >= 0)
		bind_bytes(L, key, bytes, (size_t)len);
}

void bind_headers(lua_State *L, const struct record_view *view)
{
	struct record_header h;
	lua_Integer n = 0;

	lua_newtable(L);
	for (uint32_t at = 0; record_header_next(view->headers,
						 view->headers_len, &at, &h);) {
		sandbox_charge(L, 1);
		lua_createtable(L, 0, 2);
		set_text_or_null(L, "key", h.key, (int32_t)h.key_len);
		set_text_or_null(L, "value", h.value, h.value_len);
		bind_append(L, ++n);
	}
	lua_setfield(L, -2, "headers");
}

#define HEADERS_MAX	64		/* of one record; Kafka has no limit */

/* The part of header n of the list on top: lent while the list has it. */
static const char *header_part(lua_State *L, lua_Integer n, const char *part,
			       size_t *len)
{
	const char *bytes = NULL;

	lua_rawgeti(L, -1, n);
	lua_pushstring(L, part);
	lua_rawget(L, -2);
	if (lua_type(L, -1) == LUA_TSTRING)
		bytes = lua_tolstring(L, -1, len);
	else if (!lua_isnil(L, -1))
		*len = 1;		/* neither a text nor nothing */
	lua_pop(L, 2);
	return bytes;
}

static bool good_header(lua_State *L, lua_Integer n)
{
	size_t len = 0, value_len = 0;
	const char *key;
	bool table = lua_rawgeti(L, -1, n) == LUA_TTABLE;

	lua_pop(L, 1);
	if (!table)
		return false;
	key = header_part(L, n, "key", &len);
	sandbox_charge(L, 2 + (int64_t)len / 16);
	return key && strlen(key) == len &&
	       (header_part(L, n, "value", &value_len) || !value_len);
}

/* An error leaves by a jump, so all is looked at before anything is made. */
void bind_check_headers(lua_State *L, int arg, struct text *headers)
{
	lua_Integer n;

	luaL_argcheck(L, lua_istable(L, -1), arg, "headers is a list");
	n = (lua_Integer)lua_rawlen(L, -1);
	luaL_argcheck(L, n <= HEADERS_MAX, arg, "at most 64 headers");
	for (lua_Integer i = 1; i <= n; i++)
		luaL_argcheck(L, good_header(L, i), arg, "headers = {{key = "
			      "\"unit\", value = \"C\"}}: texts");
	for (lua_Integer i = 1; i <= n; i++) {
		size_t len = 0;
		const char *value = header_part(L, i, "value", &len);

		record_header_add(headers, header_part(L, i, "key",
						       &(size_t){0}),
				  value, value ? (int32_t)len : -1);
	}
}

static void push_record(lua_State *L, const struct partition *p,
			const struct record_view *view)
{
	sandbox_charge(L, FUEL_RECORD + (view->key_len > 0 ?
					 view->key_len / 64 : 0) +
		       (view->value_len > 0 ? view->value_len / 64 : 0));
	lua_createtable(L, 0, 5);
	bind_integer(L, "partition", p->index);
	bind_integer(L, "offset", view->offset);
	bind_integer(L, "timestamp_ms", sim_wall_ms(view->at));
	set_text_or_null(L, "key", view->key, view->key_len);
	set_text_or_null(L, "value", view->value, view->value_len);
	if (view->headers_len)
		bind_headers(L, view);
}

/* From offset `from` to `to`, at most max; appended behind element n. */
static lua_Integer push_from_log(lua_State *L, struct world *w,
				 const struct partition *p,
				 const struct log *log, int64_t from,
				 int64_t to, int64_t max, lua_Integer n)
{
	struct log_cursor cursor;
	const struct batch *b;

	if (from >= to || !log_seek(w, log, from, &cursor))
		return n;
	while (n < max && (b = log_read(w, log, &cursor)) &&
	       b->base_offset < to) {
		char scratch[RECORD_SCRATCH];
		struct record_view view;

		/* A marker is no record to anybody (txn_index.h). */
		for (uint32_t i = 0; i < b->count && n < max && !b->control;
		     i++) {
			int64_t offset = b->base_offset + i;

			if (offset < from || offset >= to)
				continue;
			/* An explicit batch is read from its beginning. */
			sandbox_charge(L, 1 + i / 16);
			record_read(w, cluster_of(w), b, i, &view, scratch);
			push_record(L, p, &view);
			bind_append(L, ++n);
		}
	}
	return n;
}

void bind_push_records(lua_State *L, struct world *w,
		       const struct bind_range *r)
{
	lua_Integer n = 0;

	lua_newtable(L);
	for (uint32_t i = 0; i < r->topic->partitions.count; i++) {
		const struct partition *p = r->topic->partitions.at[i];
		const struct replica *at = bind_replica(cluster_of(w), p);
		int64_t from, to;

		if (!at || (r->partition >= 0 && r->partition != i))
			continue;
		from = r->from > at->log.start_offset ? r->from :
							at->log.start_offset;
		to = r->to < 0 ? at->high_watermark : r->to;
		if (to > at->log.end_offset)
			to = at->log.end_offset;
		n = push_from_log(L, w, p, &at->log, from, to, r->max, n);
	}
}

int64_t bind_count_records(const struct world *w, const struct bind_range *r)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < r->topic->partitions.count; i++) {
		const struct replica *at = bind_replica(cluster_of(w),
						r->topic->partitions.at[i]);

		if (at && at->high_watermark > at->log.start_offset &&
		    (r->partition < 0 || r->partition == i))
			n += log_records(w, &at->log, at->log.start_offset,
					 at->high_watermark);
	}
	return n;
}

/* --- brokers ------------------------------------------------------------ */

static void push_one_broker(lua_State *L, const struct world *w,
			    const struct cluster *c, const struct broker *b)
{
	int64_t leads = 0, holds = 0;

	sandbox_charge(L, FUEL_ROW + c->partitions.count / 4);
	for (uint32_t i = 0; i < c->partitions.count; i++) {
		const struct partition *p = c->partitions.at[i];

		if (p->topic->deleted)
			continue;
		leads += p->state.leader == b->index;
		holds += state_has_replica(&p->state, b->index);
	}
	bind_push_process(L, w, b->process);
	bind_integer(L, "id", b->node_id);
	bind_bool(L, "fenced", !(c->truth.brokers & broker_bit(b->index)));
	bind_bool(L, "stopping", b->stopping);
	bind_bool(L, "dead_disk", log_dirs_offline(b) != 0);
	bind_integer(L, "leads", leads);
	bind_integer(L, "holds", holds);
}

void bind_push_brokers(lua_State *L, const struct world *w)
{
	const struct cluster *c = cluster_of(w);

	lua_newtable(L);
	for (uint32_t i = 0; c && i < c->brokers.count; i++) {
		push_one_broker(L, w, c, c->brokers.at[i]);
		bind_append(L, (lua_Integer)i + 1);
	}
}

static bool is_called(const struct world *w, const struct broker *b,
		      lua_State *L, int arg)
{
	if (lua_isinteger(L, arg))
		return b->node_id == lua_tointeger(L, arg);
	return strcmp(world_text(w, b->process->name),
		      luaL_checkstring(L, arg)) == 0;
}

void bind_push_broker(lua_State *L, const struct world *w, int arg)
{
	const struct cluster *c = cluster_of(w);

	for (uint32_t i = 0; c && i < c->brokers.count; i++)
		if (is_called(w, c->brokers.at[i], L, arg)) {
			push_one_broker(L, w, c, c->brokers.at[i]);
			return;
		}
	lua_pushnil(L);
}

/* --- the metadata log --------------------------------------------------- */

static void push_leader_change(lua_State *L, const struct cluster *c,
			       const struct partition_state *old,
			       const struct partition_state *new)
{
	lua_createtable(L, 0, 7);
	set_node(L, c, "from", old->leader);
	set_node(L, c, "to", new->leader);
	bind_integer(L, "epoch", new->leader_epoch);
	bind_bool(L, "unclean", new->leader != NO_BROKER &&
		  !(old->isr & broker_bit(new->leader)));
}

static void push_isr_change(lua_State *L, const struct cluster *c,
			    const struct partition_state *old,
			    const struct partition_state *new)
{
	lua_createtable(L, 0, 6);
	set_nodes(L, c, "from", old, old->isr);
	set_nodes(L, c, "to", new, new->isr);
	bind_bool(L, "shrank", (old->isr & ~new->isr) != 0);
}

static bool changed(enum bind_changes which, const struct partition_state *old,
		    const struct partition_state *new)
{
	return which == BIND_LEADERS ? old->leader != new->leader :
				       old->isr != new->isr;
}

void bind_push_changes(lua_State *L, const struct world *w,
		       enum bind_changes which, const char *topic,
		       sim_time from, sim_time to)
{
	const struct cluster *c = cluster_of(w);
	uint32_t partitions = c ? c->partitions.count : 0;
	/* Of each partition: its last record, from 1; 0: none yet. */
	uint32_t *last = lua_newuserdatauv(L, (partitions + 1) * sizeof(*last),
					   0);
	lua_Integer n = 0;

	memset(last, 0, (partitions + 1) * sizeof(*last));
	lua_newtable(L);
	sandbox_charge(L, c ? c->records.count : 0);
	for (uint32_t i = 0; c && i < c->records.count; i++) {
		const struct metadata_record *r = &c->records.at[i];
		const struct partition *p;
		uint32_t before;

		if (r->kind != METADATA_PARTITION || !r->committed)
			continue;
		p = c->partitions.at[r->partition];
		before = last[r->partition];
		last[r->partition] = i + 1;
		if (!before || r->at < from || r->at > to ||
		    (topic && strcmp(world_text(w, p->topic->name), topic)) ||
		    !changed(which, &c->records.at[before - 1].state,
			     &r->state))
			continue;
		sandbox_charge(L, FUEL_ROW);
		(which == BIND_LEADERS ? push_leader_change : push_isr_change)
			(L, c, &c->records.at[before - 1].state, &r->state);
		bind_time(L, "at", r->at);
		bind_text(L, "topic", world_text(w, p->topic->name));
		bind_integer(L, "partition", p->index);
		bind_append(L, ++n);
	}
	lua_remove(L, -2);
}
