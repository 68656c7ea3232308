/* metric_table.c - all metrics of a world at one moment, and where two differ */
#include "lab/metric_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/telemetry/telemetry.h"

static void add(struct metric_table *t, const char *name, double value)
{
	if (t->count == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 256;
		t->at = realloc(t->at, t->cap * sizeof(*t->at));
		if (!t->at)
			abort();
	}
	t->at[t->count] = (struct metric_row){ strdup(name), value };
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
	struct sample_point *points = calloc(count + 1, sizeof(*points));

	if (!points)
		abort();
	registry_read(w, r, points);
	for (uint32_t i = 0; i < count; i++) {
		point_name(w, p, &points[i], name);
		add(t, text_cstr(name), points[i].value);
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

void metric_table_parse(struct metric_table *t, const char *text)
{
	struct text name = {0};

	while (*text) {
		const char *end = text + strcspn(text, "\n"), *value = end;

		while (value > text && value[-1] != ' ')
			value--;
		if (value > text) {
			text_clear(&name);
			text_bytes(&name, text, (size_t)(value - text) - 1);
			add(t, text_cstr(&name), strtod(value, NULL));
		}
		text = *end ? end + 1 : end;
	}
	text_free(&name);
}

void metric_table_text(const struct metric_table *t, struct text *out)
{
	for (size_t i = 0; i < t->count; i++)
		text_addf(out, "%s %.17g\n", t->at[i].name, t->at[i].value);
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
	struct metric_row *rows = calloc(t->count + 1, sizeof(*rows));

	if (!rows)
		abort();
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

static void note(struct metric_difference *out, size_t *n, const char *name,
		 double a, double b)
{
	bool same = a == b || (isnan(a) && isnan(b));

	if (!same && !is_bucket(name))
		out[(*n)++] = (struct metric_difference){ name, a, b };
}

struct metric_difference *metric_table_diff(const struct metric_table *a,
					    const struct metric_table *b,
					    size_t *count)
{
	struct metric_difference *out = calloc(a->count + b->count + 1,
					       sizeof(*out));
	struct metric_row *x = sorted(a), *y = sorted(b);
	size_t i = 0, k = 0, n = 0;

	if (!out)
		abort();
	while (i < a->count || k < b->count) {
		int order = i == a->count ? 1 : k == b->count ? -1 :
			    strcmp(x[i].name, y[k].name);

		if (order < 0) {
			note(out, &n, x[i].name, x[i].value, NAN);
			i++;
		} else if (order > 0) {
			note(out, &n, y[k].name, NAN, y[k].value);
			k++;
		} else {
			note(out, &n, x[i].name, x[i].value, y[k].value);
			i++;
			k++;
		}
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
		text_char(out, '}');
	}
	free(d);
}
