/* metric_table.c - all metrics of a world at one moment, and where two differ */
#include "lab/metric_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"
#include "sim/telemetry/telemetry.h"

static void add(struct metric_table *t, const char *name, double value,
		enum fidelity fidelity)
{
	if (t->count == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 256;
		t->at = mem_grow(t->at, t->cap * sizeof(*t->at));
	}
	t->at[t->count] = (struct metric_row){ strdup(name), value,
					       fidelity };
	if (!t->at[t->count++].name)
		abort();
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct metric_row *)a)->name,
		      ((const struct metric_row *)b)->name);
}

/* --- reading ---------------------------------------------------------------- */

static void point_name(struct world *w, const struct process *p,
		       const struct sample_point *point, struct text *out)
{
	text_clear(out);
	text_addf(out, "%s{process=", world_text(w, point->name));
	text_json(out, world_text(w, p->name));
	for (uint32_t k = 0; point->labels && k < point->labels->count; k++) {
		const struct label *l = &point->labels->at[k];

		text_addf(out, ",%s=", world_text(w, l->name));
		text_json(out, world_text(w, l->value));
	}
	text_char(out, '}');
}

static void read_process(struct metric_table *t, struct world *w,
			 struct process *p, struct text *name)
{
	const struct registry *r = registry_of(w, p);
	uint32_t count = registry_count(r);
	struct sample_point *points = mem_zeroed(count + 1, sizeof(*points));

	registry_read(w, r, points);
	for (uint32_t i = 0; i < count; i++) {
		point_name(w, p, &points[i], name);
		add(t, text_cstr(name), points[i].value, points[i].fidelity);
	}
	free(points);
}

void metric_table_read(struct metric_table *t, struct world *w)
{
	const struct hosts *hosts = hosts_of(w);
	struct text name = {0};

	for (uint32_t i = 0; i < hosts->processes.count; i++)
		read_process(t, w, hosts->processes.at[i], &name);
	text_free(&name);
}

/* "# FIDELITY ingest_readings_held estimate": for rows of that name. */
#define FIDELITY_LINE	"# FIDELITY "

static size_t base_len(const char *name)
{
	return strcspn(name, "{");
}

static bool same_base(const char *a, const char *b)
{
	return base_len(a) == base_len(b) && !memcmp(a, b, base_len(a));
}

/* A line in two: what stands before its last blank, and behind. */
static bool halves(const char *line, const char *end, struct text *name,
		   struct text *value)
{
	const char *at = end;

	while (at > line && at[-1] != ' ')
		at--;
	text_clear(name);
	text_clear(value);
	if (at == line)
		return false;
	text_bytes(name, line, (size_t)(at - line) - 1);
	text_bytes(value, at, (size_t)(end - at));
	return true;
}

void metric_table_parse(struct metric_table *t, const char *text)
{
	struct text name = {0}, value = {0}, of = {0};
	enum fidelity fidelity = FIDELITY_EXACT;
	size_t head = strlen(FIDELITY_LINE);

	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		if (!halves(text, end, &name, &value))
			continue;
		if (!strncmp(name.at, FIDELITY_LINE, head)) {
			text_clear(&of);
			text_add(&of, name.at + head);
			fidelity_parse(text_cstr(&value), &fidelity);
			continue;
		}
		add(t, name.at, strtod(text_cstr(&value), NULL),
		    of.len && same_base(name.at, of.at) ? fidelity :
		    FIDELITY_EXACT);
	}
	text_free(&name);
	text_free(&value);
	text_free(&of);
}

void metric_table_text(const struct metric_table *t, struct text *out)
{
	const struct metric_row *said = NULL;

	for (size_t i = 0; i < t->count; i++) {
		const struct metric_row *r = &t->at[i];
		bool known = said && same_base(said->name, r->name);

		if (r->fidelity != (known ? said->fidelity : FIDELITY_EXACT)) {
			text_addf(out, FIDELITY_LINE "%.*s %s\n",
				  (int)base_len(r->name), r->name,
				  fidelity_badge(r->fidelity));
			said = r;
		}
		text_addf(out, "%s %.17g\n", r->name, r->value);
	}
}

void metric_table_release(struct metric_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->at[i].name);
	free(t->at);
	*t = (struct metric_table){0};
}

/* --- comparing --------------------------------------------------------------- */

static struct metric_row *sorted(const struct metric_table *t)
{
	struct metric_row *rows = mem_zeroed(t->count + 1, sizeof(*rows));

	if (t->count)
		memcpy(rows, t->at, t->count * sizeof(*rows));
	qsort(rows, t->count, sizeof(*rows), by_name);
	return rows;
}

static bool is_bucket(const char *name)
{
	const char *labels = strchr(name, '{');

	return labels && labels - name > 7 &&
	       memcmp(labels - 7, "_bucket", 7) == 0;
}

/* 0: the same; 1: it is there on one side only, or went to or from zero. */
static double distance(const struct metric_difference *d)
{
	double a = fabs(d->a), b = fabs(d->b), most = a > b ? a : b;

	return isnan(d->a) || isnan(d->b) ? 1 : fabs(d->a - d->b) / most;
}

static int by_distance(const void *a, const void *b)
{
	const struct metric_difference *x = a, *y = b;
	double dx = distance(x), dy = distance(y);

	return dx != dy ? (dx < dy) - (dx > dy) : strcmp(x->name, y->name);
}

/* NULL: it is not there. */
static void note(struct metric_difference *out, size_t *n,
		 const struct metric_row *x, const struct metric_row *y)
{
	double a = x ? x->value : NAN, b = y ? y->value : NAN;
	const char *name = x ? x->name : y->name;
	bool same = a == b || (isnan(a) && isnan(b));

	if (!same && !is_bucket(name))
		out[(*n)++] = (struct metric_difference){
			name, a, b,
			fidelity_worse(x ? x->fidelity : FIDELITY_EXACT,
				       y ? y->fidelity : FIDELITY_EXACT),
		};
}

struct metric_difference *metric_table_diff(const struct metric_table *a,
					    const struct metric_table *b,
					    size_t *count)
{
	struct metric_difference *out = mem_zeroed(a->count + b->count + 1,
						   sizeof(*out));
	struct metric_row *x = sorted(a), *y = sorted(b);
	size_t i = 0, k = 0, n = 0;

	while (i < a->count || k < b->count) {
		int order = i == a->count ? 1 : k == b->count ? -1 :
			    strcmp(x[i].name, y[k].name);

		note(out, &n, order <= 0 ? &x[i] : NULL,
		     order >= 0 ? &y[k] : NULL);
		i += order <= 0;
		k += order >= 0;
	}
	qsort(out, n, sizeof(*out), by_distance);
	free(x);
	free(y);
	*count = n;
	return out;
}

static void add_value(struct text *out, double value)
{
	if (isnan(value))
		text_add(out, "none");
	else
		text_addf(out, "%.10g", value);
}

void metric_table_diff_text(const struct metric_table *a,
			    const struct metric_table *b, size_t most,
			    struct text *out)
{
	size_t count;
	struct metric_difference *d = metric_table_diff(a, b, &count);

	for (size_t i = 0; i < count && i < most; i++) {
		text_addf(out, "  %s  ", d[i].name);
		add_value(out, d[i].a);
		text_add(out, " -> ");
		add_value(out, d[i].b);
		if (d[i].fidelity != FIDELITY_EXACT)
			text_addf(out, "  (%s)", fidelity_badge(d[i].fidelity));
		text_char(out, '\n');
	}
	if (count > most)
		text_addf(out, "  and %zu more metrics that differ\n",
			  count - most);
	free(d);
}

static void add_json(struct text *out, const char *key, double value)
{
	if (isnan(value))
		text_addf(out, ",\"%s\":null", key);
	else
		text_addf(out, ",\"%s\":%.17g", key, value);
}

void metric_table_diff_json(const struct metric_table *a,
			    const struct metric_table *b, struct text *out)
{
	size_t count;
	struct metric_difference *d = metric_table_diff(a, b, &count);

	for (size_t i = 0; i < count; i++) {
		text_add(out, i ? ",{\"name\":" : "{\"name\":");
		text_json(out, d[i].name);
		add_json(out, "a", d[i].a);
		add_json(out, "b", d[i].b);
		if (d[i].fidelity != FIDELITY_EXACT)
			text_addf(out, ",\"fidelity\":\"%s\"",
				  fidelity_badge(d[i].fidelity));
		text_char(out, '}');
	}
	free(d);
}
