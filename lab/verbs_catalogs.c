/* verbs_catalogs.c - worlds, faults and metrics: what there is */
#include <stdlib.h>
#include <string.h>

#include "lab/metric_help.h"
#include "lab/verbs.h"
#include "lab/version.h"
#include "sim/core/mem.h"
#include "sim/fault/fault.h"
#include "sim/stack/stack.h"
#include "sim/telemetry/telemetry.h"

static void add(struct text *t, const char *key, const char *value)
{
	text_addf(t, "\"%s\":", key);
	text_json(t, value ? value : "");
}

/* --- worlds ----------------------------------------------------------------- */

static void world_json(const struct stack_world_kind *k, struct text *t)
{
	text_char(t, '{');
	add(t, "name", k->name);
	text_char(t, ',');
	add(t, "summary", k->summary);
	text_add(t, ",\"settings\":[");
	for (const struct stack_setting *s = k->settings; s && s->name; s++) {
		text_add(t, s == k->settings ? "{" : ",{");
		add(t, "name", s->name);
		text_char(t, ',');
		add(t, "default", s->otherwise);
		text_char(t, ',');
		add(t, "help", s->help);
		text_char(t, '}');
	}
	text_add(t, "]}");
}

static void world_lines(const struct stack_world_kind *k, struct text *t)
{
	text_addf(t, "%s: %s\n", k->name, k->summary);
	for (const struct stack_setting *s = k->settings; s && s->name; s++)
		text_addf(t, "    %s=%s  %s\n", s->name,
			  s->otherwise ? s->otherwise : "", s->help);
}

int verb_worlds(struct cli *c)
{
	bool json = cli_has(c, "json");
	struct text t = {0};

	if (json)
		text_addf(&t, "{\"schema_version\":%d,\"worlds\":[",
			  MILLRACE_SCHEMA);
	for (const struct stack_world_kind *k = stack_worlds; k->name; k++) {
		if (json && k != stack_worlds)
			text_char(&t, ',');
		if (json)
			world_json(k, &t);
		else
			world_lines(k, &t);
	}
	text_add(&t, json ? "]}\n" : "\nTry one: millrace exec --world "
		 "local-kafka --at 1m -- kafka-topics.sh --list\n");
	verb_print(c, &t);
	return CLI_DONE;
}

/* --- faults ------------------------------------------------------------------ */

static void fault_json(const struct fault_kind *k, struct text *t)
{
	text_char(t, '{');
	add(t, "id", k->id);
	text_char(t, ',');
	add(t, "codes", k->codes);
	text_char(t, ',');
	add(t, "title", k->title);
	text_char(t, ',');
	add(t, "summary", k->summary);
	text_char(t, ',');
	add(t, "component", k->component);
	text_char(t, ',');
	add(t, "parameters", k->usage);
	text_char(t, '}');
}

static void fault_lines(const struct fault_kind *k, struct text *t)
{
	text_addf(t, "%s%s%s%s: %s\n    %s\n    fault %s component=%s%s%s\n",
		  k->id, *k->codes ? " (" : "", k->codes,
		  *k->codes ? ")" : "", k->title, k->summary, k->id,
		  k->component, k->usage && *k->usage ? " " : "",
		  k->usage ? k->usage : "");
}

int verb_faults(struct cli *c)
{
	bool json = cli_has(c, "json");
	struct text t = {0};

	if (json)
		text_addf(&t, "{\"schema_version\":%d,\"faults\":[",
			  MILLRACE_SCHEMA);
	for (const struct fault_kind *k = fault_kinds; k->id; k++) {
		if (json && k != fault_kinds)
			text_char(&t, ',');
		if (json)
			fault_json(k, &t);
		else
			fault_lines(k, &t);
	}
	text_add(&t, json ? "]}\n" : "\nEach also takes after=TIME for=TIME. "
		 "The sentence above, in `exec` and `sim --fault`, makes it; "
		 "`heal N` ends it.\n");
	verb_print(c, &t);
	return CLI_DONE;
}

/* --- metrics ------------------------------------------------------------------ */

struct seen {
	const char *name;
	enum metric_kind kind;
	enum metric_unit unit;
	const char *process;	/* the first that exports it */
	enum fidelity fidelity;	/* its worst, of all who do */
};

struct all_seen {
	struct seen *at;
	size_t count;
};

static void see(struct all_seen *all, const struct seen *s)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->at[i].name, s->name) == 0) {
			all->at[i].fidelity = fidelity_worse(
				all->at[i].fidelity, s->fidelity);
			return;
		}
	all->at = mem_grow(all->at, (all->count + 1) * sizeof(*all->at));
	all->at[all->count++] = *s;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct seen *)a)->name,
		      ((const struct seen *)b)->name);
}

static void see_all(struct all_seen *all, struct world *w)
{
	const struct hosts *hosts = hosts_of(w);

	for (uint32_t i = 0; i < hosts->processes.count; i++) {
		struct process *p = hosts->processes.at[i];
		const struct registry *r = registry_of(w, p);

		for (uint32_t k = 0; k < r->metrics.count; k++) {
			const struct metric *m = r->metrics.at[k];

			see(all, &(struct seen){ world_text(w, m->name),
						 m->kind, m->unit,
						 world_text(w, p->name),
						 m->fidelity });
		}
	}
	if (all->count)
		qsort(all->at, all->count, sizeof(*all->at), by_name);
}

static const char *const unit_words[] = {
	[METRIC_ONE] = "", [METRIC_NS] = "seconds",
	[METRIC_NANO_DOLLARS] = "dollars",
};

static void metrics_text(const struct all_seen *all, bool json, struct text *t)
{
	static const char *const kinds[] = {
		[METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge",
		[METRIC_HISTOGRAM] = "histogram",
	};

	for (size_t i = 0; i < all->count; i++) {
		const struct seen *s = &all->at[i];
		const char *help = metric_help(s->name);

		if (!json) {
			text_addf(t, "%s (%s%s%s, %s", s->name,
				  kinds[s->kind], s->unit ? ", " : "",
				  unit_words[s->unit], s->process);
			if (s->fidelity != FIDELITY_EXACT)
				text_addf(t, ", %s", fidelity_badge(s->fidelity));
			text_addf(t, ")\n    %s\n",
				  help ? help : "no words yet");
			continue;
		}
		text_add(t, i ? ",{" : "{");
		add(t, "name", s->name);
		text_addf(t, ",\"type\":\"%s\",\"unit\":\"%s\",",
			  kinds[s->kind],
			  unit_words[s->unit]);
		add(t, "process", s->process);
		text_addf(t, ",\"fidelity\":\"%s\",",
			  fidelity_badge(s->fidelity));
		add(t, "help", help);
		text_char(t, '}');
	}
}

int verb_metrics(struct cli *c)
{
	const char *name = cli_value(c, "world");
	bool json = cli_has(c, "json");
	struct all_seen all = {0};
	struct text t = {0};
	struct world *w;
	struct err err;

	name = name ? name : "local-kafka";
	w = stack_world(name, 1, "", &err);
	if (!w)
		return cli_fail_err(c, CLI_USAGE, &err);
	world_run_until(w, SIM_S(30));
	see_all(&all, w);
	if (json) {
		text_addf(&t, "{\"schema_version\":%d,", MILLRACE_SCHEMA);
		add(&t, "world", name);
		text_add(&t, ",\"metrics\":[");
	}
	metrics_text(&all, json, &t);
	if (json)
		text_add(&t, "]}\n");
	verb_print(c, &t);
	free(all.at);
	world_free(w);
	return CLI_DONE;
}
