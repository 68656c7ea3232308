/* telemetry.c - registries, scrapes and log lines of simulated processes */
#include "sim/telemetry/telemetry.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/telemetry/telemetry_inside.h"

#define LOG_CHUNK	(sizeof(struct log_line) * 1024)
#define TEXT_CHUNK	(64u << 10)	/* bytes */
#define LOG_TEXT_MAX	511
#define LABELS_MAX	8

static const struct command_kind telemetry_commands[] = {
	{ "trace-ratio", "ppm=10000", trace_ratio_command },
	{ NULL, NULL, NULL },
};

const struct module telemetry_module = {
	.name = "telemetry", .commands = telemetry_commands,
};

void telemetry_init(struct world *w)
{
	struct telemetry *t = world_take(w, struct telemetry);

	t->log = history_open(&w->history, LOG_CHUNK);
	t->texts = history_open(&w->history, TEXT_CHUNK);
	w->state->parts[MODULE_TELEMETRY] = t;
}

struct registry *registry_of(struct world *w, struct process *p)
{
	struct telemetry *t = telemetry_of(w);
	struct registry **slot;

	while (t->registries.count <= p->id)
		vec_add(&w->arena, &t->registries);
	slot = &t->registries.at[p->id];
	if (!*slot) {
		*slot = world_take(w, struct registry);
		(*slot)->process = p;
	}
	return *slot;
}

/* -- labels -------------------------------------------------------------- */

static uint64_t labels_hash(const struct label *l, uint32_t count)
{
	uint64_t h = count;

	for (uint32_t i = 0; i < count; i++)
		h = luck_mix(h ^ ((uint64_t)l[i].name << 32 | l[i].value));
	return h;
}

static bool labels_equal(const struct labels *x, const struct label *l,
			 uint32_t count)
{
	return x->count == count &&
	       (count == 0 || !memcmp(x->at, l, count * sizeof(*l)));
}

static void labels_sort(const struct world *w, struct label *l, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		struct label moving = l[i];
		uint32_t k = i;

		for (; k && strcmp(world_text(w, moving.name),
				   world_text(w, l[k - 1].name)) < 0; k--)
			l[k] = l[k - 1];
		l[k] = moving;
	}
}

const struct labels *labels_make(struct world *w, const struct label *labels,
				 uint32_t count)
{
	struct telemetry *t = telemetry_of(w);
	struct label sorted[32];
	struct labels *set;
	uint64_t key;

	assert(count <= 32);
	if (count)
		memcpy(sorted, labels, count * sizeof(*labels));
	labels_sort(w, sorted, count);
	for (key = labels_hash(sorted, count);
	     (set = map_get(&t->label_sets, key)); key++)
		if (labels_equal(set, sorted, count))
			return set;
	set = arena_take(&w->arena, sizeof(*set) + count * sizeof(*labels));
	set->count = count;
	if (count)
		memcpy(set->at, sorted, count * sizeof(*labels));
	map_put(&t->label_sets, &w->arena, key, set);
	return set;
}

static const struct labels *labels_from(struct world *w, va_list args)
{
	struct label labels[LABELS_MAX];
	uint32_t count = 0;
	const char *name;

	while ((name = va_arg(args, const char *))) {
		assert(count < LABELS_MAX);
		labels[count].name = world_name(w, name);
		labels[count].value = world_name(w, va_arg(args, const char *));
		count++;
	}
	return labels_make(w, labels, count);
}

/* -- metrics ------------------------------------------------------------- */

static struct metric *metric_make(struct world *w, struct process *p,
				  enum metric_kind kind, const char *name,
				  va_list args)
{
	struct registry *r = registry_of(w, p);
	const struct labels *labels = labels_from(w, args);
	name_id id = world_name(w, name);
	uint64_t key = luck_mix((uint64_t)id ^ labels_hash(labels->at,
							   labels->count));
	struct metric *m;

	for (; (m = map_get(&r->by_key, key)); key++)
		if (m->name == id && m->labels == labels)
			return m;
	m = world_take(w, struct metric);
	*m = (struct metric){ .name = id, .kind = kind, .labels = labels };
	*vec_add(&w->arena, &r->metrics) = m;
	map_put(&r->by_key, &w->arena, key, m);
	return m;
}

struct metric *metric_counter(struct world *w, struct process *p,
			      const char *name, ...)
{
	struct metric *m;
	va_list args;

	va_start(args, name);
	m = metric_make(w, p, METRIC_COUNTER, name, args);
	va_end(args);
	return m;
}

struct metric *metric_gauge(struct world *w, struct process *p,
			    const char *name, ...)
{
	struct metric *m;
	va_list args;

	va_start(args, name);
	m = metric_make(w, p, METRIC_GAUGE, name, args);
	va_end(args);
	return m;
}

struct metric *metric_histogram(struct world *w, struct process *p,
				const int64_t *bounds, uint32_t count,
				const char *name, ...)
{
	struct metric *m;
	va_list args;

	va_start(args, name);
	m = metric_make(w, p, METRIC_HISTOGRAM, name, args);
	va_end(args);
	if (!m->histogram) {
		m->histogram = world_take(w, struct histogram);
		m->histogram->count = count;
		m->histogram->bounds = bounds;
		m->histogram->counts = arena_take(&w->arena, (count + 1) *
						  sizeof(int64_t));
	}
	return m;
}

struct metric *metric_unit(struct metric *m, enum metric_unit unit)
{
	m->unit = unit;
	return m;
}

struct metric *metric_trust(struct metric *m, enum fidelity fidelity)
{
	m->fidelity = fidelity;
	return m;
}

void metric_observe(struct metric *m, int64_t value)
{
	struct histogram *h = m->histogram;
	uint32_t i = 0;

	while (i < h->count && value > h->bounds[i])
		i++;
	h->counts[i]++;
	h->sum += value;
	h->total++;
}

void registry_reset(struct world *w, struct process *p)
{
	struct registry *r = registry_of(w, p);

	for (uint32_t i = 0; i < r->metrics.count; i++) {
		struct metric *m = r->metrics.at[i];
		struct histogram *h = m->histogram;

		m->value = 0;
		if (!h)
			continue;
		h->sum = h->total = 0;
		memset(h->counts, 0, (h->count + 1) * sizeof(*h->counts));
	}
}

/* -- reading everything -------------------------------------------------- */

uint32_t registry_count(const struct registry *r)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < r->metrics.count; i++) {
		const struct metric *m = r->metrics.at[i];

		count += m->histogram ? m->histogram->count + 3 : 1;
	}
	return count;
}

static double exported(const struct metric *m, int64_t value)
{
	return m->unit == METRIC_ONE ? (double)value : (double)value / 1e9;
}

/* The text of a bucket's bound as the exposition format writes it. */
static name_id bound_name(struct world *w, const struct metric *m, uint32_t i)
{
	char text[32];

	if (i == m->histogram->count)
		return world_name(w, "+Inf");
	snprintf(text, sizeof(text), "%.15g",
		 exported(m, m->histogram->bounds[i]));
	return world_name(w, text);
}

static name_id with_suffix(struct world *w, name_id name, const char *suffix)
{
	char text[256];

	snprintf(text, sizeof(text), "%s%s", world_text(w, name), suffix);
	return world_name(w, text);
}

static struct sample_point *read_histogram(struct world *w,
					   const struct metric *m,
					   struct sample_point *p)
{
	const struct histogram *h = m->histogram;
	name_id bucket = with_suffix(w, m->name, "_bucket");
	struct label labels[LABELS_MAX + 1];
	int64_t sum = 0;

	if (m->labels->count)
		memcpy(labels, m->labels->at,
		       m->labels->count * sizeof(*labels));
	for (uint32_t i = 0; i <= h->count; i++) {
		sum += h->counts[i];
		labels[m->labels->count].name = world_name(w, "le");
		labels[m->labels->count].value = bound_name(w, m, i);
		*p++ = (struct sample_point){
			bucket, m->fidelity,
			labels_make(w, labels, m->labels->count + 1),
			(double)sum,
		};
	}
	*p++ = (struct sample_point){ with_suffix(w, m->name, "_sum"),
				      m->fidelity, m->labels,
				      exported(m, h->sum) };
	*p++ = (struct sample_point){ with_suffix(w, m->name, "_count"),
				      m->fidelity, m->labels,
				      (double)h->total };
	return p;
}

void registry_read(struct world *w, const struct registry *r,
		   struct sample_point *p)
{
	for (uint32_t i = 0; i < r->metrics.count; i++) {
		const struct metric *m = r->metrics.at[i];

		if (m->histogram)
			p = read_histogram(w, m, p);
		else
			*p++ = (struct sample_point){ m->name, m->fidelity,
						      m->labels,
						      exported(m, m->value) };
	}
}

void telemetry_answer(struct world *w, struct message *m)
{
	struct process *p = m->to, *asker = m->from;
	struct registry *r = registry_of(w, p);
	struct scraped *reply;
	uint32_t count;

	message_free(w, m);
	if (p->on.collect)
		world_call(w, p->on.collect, p, 0);
	count = registry_count(r);
	reply = message_new(w, sizeof(*reply) + count * sizeof(*reply->points),
			    MESSAGE_SCRAPED);
	reply->count = count;
	registry_read(w, r, reply->points);
	/* A line of exposition text is about 100 bytes; 2 us of CPU a line
	 * [E]: label formatting dominates in the JMX exporter. */
	reply->head.bytes = 200 + 100 * count;
	cpu_spend(w, p, SIM_US(2) * count);
	net_send(w, p, asker, &reply->head);
}

/* -- log lines ----------------------------------------------------------- */

static void write_line(struct world *w, struct process *p,
		       enum log_level level, const char *text, size_t len,
		       size_t bytes, uint8_t fields)
{
	struct telemetry *t = telemetry_of(w);
	struct log_line line = {
		.at = world_now(w), .wall = machine_wall(w, p->machine),
		.process = p->id, .level = (uint8_t)level, .fields = fields,
		.len = (uint16_t)len,
	};

	line.text_at = history_append(&w->history, t->texts, text, bytes);
	history_append(&w->history, t->log, &line, sizeof(line));
	world_note(w, (uint64_t)line.len << 8 ^ (uint64_t)level);
}

void log_write(struct world *w, struct process *p, enum log_level level,
	       const char *fmt, ...)
{
	char text[LOG_TEXT_MAX + 1];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	assert(len >= 0);
	if (len > LOG_TEXT_MAX)
		len = LOG_TEXT_MAX;
	write_line(w, p, level, text, (size_t)len, (size_t)len + 1, 0);
}

void log_write_fields(struct world *w, struct process *p,
		      enum log_level level, const char *message, ...)
{
	char text[2 * LOG_TEXT_MAX];
	size_t len = strlen(message), bytes = len + 1;
	uint8_t fields = 0;
	const char *word;
	va_list args;

	assert(len <= LOG_TEXT_MAX);
	memcpy(text, message, bytes);
	va_start(args, message);
	while ((word = va_arg(args, const char *))) {
		for (int i = 0; i < 2; i++) {
			size_t n = strlen(word) + 1;

			assert(bytes + n <= sizeof(text));
			memcpy(text + bytes, word, n);
			bytes += n;
			if (!i)
				word = va_arg(args, const char *);
		}
		fields++;
	}
	va_end(args);
	write_line(w, p, level, text, len, bytes, fields);
}

uint64_t log_count(const struct world *w)
{
	return history_len(&w->history, telemetry_of(w)->log) /
	       sizeof(struct log_line);
}

const struct log_line *log_at(const struct world *w, uint64_t i)
{
	return history_at(&w->history, telemetry_of(w)->log,
			  i * sizeof(struct log_line));
}

const char *log_text(const struct world *w, const struct log_line *line)
{
	return history_at(&w->history, telemetry_of(w)->texts, line->text_at);
}
