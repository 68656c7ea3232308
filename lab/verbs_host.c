/* verbs_host.c - home, help, bench, doctor */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/bench/bench.h"
#include "lab/paths.h"
#include "lab/screen.h"
#include "lab/verbs.h"
#include "lab/version.h"
#include "lua/embedded.h"
#include "sim/stack/stack.h"

/* --- home and help ------------------------------------------------------------- */

int verb_home(struct cli *c)
{
	int status = CLI_DONE;
	struct catalog *k;

	if (screen_wanted(c))
		return screen_home(c);
	k = verb_catalog(c, &status);
	if (!k)
		return status;
	fprintf(c->out, "Millrace %s: a flight simulator for data platforms.\n"
		"\n", MILLRACE_VERSION);
	if (k->module_count == 0)
		fputs("No exercise is there yet; the lessons are.\n", c->out);
	for (size_t i = 0; i < k->module_count; i++) {
		const json_t *e = catalog_exercise(k, k->modules[i], NULL);

		fprintf(c->out, "  %-36s %s\n", k->modules[i],
			catalog_text(e, "title"));
	}
	fputs("\nBegin:    millrace start ID --plain\n"
	      "Read:     millrace show bigdata/log\n"
	      "All:      millrace list\n"
	      "Try:      millrace exec --world local-kafka --at 1m -- "
	      "kafka-topics.sh --list\n"
	      "Help:     millrace help\n"
	      "\nIn a terminal, `millrace` alone opens the screen.\n", c->out);
	catalog_free(k);
	return CLI_DONE;
}

int verb_help(struct cli *c)
{
	struct cli_nearest near;
	char hint[128];

	if (c->argument_count == 0) {
		cli_help(cli_verbs, c->out);
		return CLI_DONE;
	}
	near = (struct cli_nearest){ .wanted = c->arguments[0] };
	for (const struct cli_verb *v = cli_verbs; v->name; v++) {
		if (strcmp(v->name, c->arguments[0]) == 0) {
			cli_verb_help(v, c->out);
			return CLI_DONE;
		}
		cli_nearest_look(&near, v->name);
	}
	return cli_fail(c, CLI_USAGE, "there is no verb `%s`%s",
			c->arguments[0],
			cli_nearest_hint(&near, hint, sizeof(hint)));
}

/* --- bench ---------------------------------------------------------------------- */

static struct world *make_world(uint64_t seed, const char *settings)
{
	return stack_world("local-kafka", seed, settings, NULL);
}

static int unknown_bench(const struct cli *c, const char *name)
{
	struct cli_nearest near = { .wanted = name };
	struct text names = {0};
	char hint[128];
	int status;

	for (const struct bench *b = benches; b->name; b++) {
		cli_nearest_look(&near, b->name);
		text_addf(&names, "%s%s", b == benches ? "" : ", ", b->name);
	}
	status = cli_fail(c, CLI_USAGE, "there is no bench %s%s; there are %s",
			  name, cli_nearest_hint(&near, hint, sizeof(hint)),
			  text_cstr(&names));
	text_free(&names);
	return status;
}

int verb_bench(struct cli *c)
{
	const char *name = c->argument_count ? c->arguments[0] : NULL;
	struct bench_options o = {
		.out = c->out, .quick = cli_has(c, "quick"),
		.json = cli_has(c, "json"), .make = make_world,
		.program = c->program, .content = c->content,
	};
	int worst = CLI_DONE, ran = 0;

	if (!verb_seed(c, &o.seed))
		return CLI_USAGE;
	for (const struct bench *b = benches; b->name; b++) {
		int status;

		if (name && strcmp(b->name, name) != 0)
			continue;
		ran++;
		status = b->run(&o);
		worst = status > worst ? status : worst;
	}
	return ran ? worst : unknown_bench(c, name);
}

/* --- doctor ---------------------------------------------------------------------- */

struct finding {
	const char *what;
	bool good;
	struct text say;
};

static void look_content(struct cli *c, struct finding *f)
{
	struct text root = {0};
	struct catalog *k = NULL;
	struct err err;

	f->what = "content";
	if (path_content(c->content, c->program, &root, &err))
		k = catalog_load(text_cstr(&root), &err);
	f->good = k != NULL;
	if (k)
		text_addf(&f->say, "%s, %zu exercises", text_cstr(&root),
			  k->module_count);
	else
		text_add(&f->say, err.what);
	catalog_free(k);
	text_free(&root);
}

/* Can we write where the learner's files go? */
static void look_home(struct finding *f)
{
	struct text home = {0}, probe = {0};
	struct err err;

	f->what = "your files";
	f->good = path_home(&home, &err) && path_make(text_cstr(&home), &err);
	text_addf(&probe, "%s/.doctor", text_cstr(&home));
	f->good = f->good && path_write(text_cstr(&probe), "", 0, &err);
	if (f->good)
		unlink(text_cstr(&probe));
	text_add(&f->say, f->good ? text_cstr(&home) : err.what);
	text_free(&probe);
	text_free(&home);
}

static void look_tools(struct finding *f)
{
	size_t tools = 0;

	for (const struct embedded_file *e = embedded_files; e->name; e++)
		tools += strncmp(e->name, "tools/", 6) == 0;
	f->what = "console tools";
	f->good = tools > 0;
	text_addf(&f->say, "%zu in the program", tools);
}

static void look_world(struct finding *f)
{
	struct err err;
	struct world *w = stack_world("local-kafka", 1, "", &err);

	f->what = "simulator";
	f->good = w != NULL;
	if (w) {
		world_run_until(w, SIM_S(5));
		text_addf(&f->say, "%" PRIu64 " events in 5 virtual seconds",
			  w->state->events);
	} else {
		text_add(&f->say, err.what);
	}
	world_free(w);
}

static bool is_utf8(const char *s)
{
	return s && (strstr(s, "UTF-8") || strstr(s, "utf8") ||
		     strstr(s, "UTF8") || strstr(s, "utf-8"));
}

/* Only of interest to the screen to come; nothing here needs it. */
static void look_terminal(struct finding *f)
{
	const char *term = getenv("TERM"), *all = getenv("LC_ALL");
	const char *locale = all && *all ? all : getenv("LC_CTYPE");

	if (!locale || !*locale)
		locale = getenv("LANG");
	f->what = "terminal";
	f->good = true;
	text_addf(&f->say, "%s, %s", term && *term ? term : "none",
		  is_utf8(locale) ? "UTF-8" : "not UTF-8; set LANG for lines "
					      "and arrows");
}

static void print_findings(const struct cli *c, struct finding *f, size_t n,
			   bool good)
{
	struct text t = {0};

	if (cli_has(c, "json"))
		text_addf(&t, "{\"schema_version\":%d,\"good\":%s,"
			  "\"findings\":[", MILLRACE_SCHEMA,
			  good ? "true" : "false");
	for (size_t i = 0; i < n; i++) {
		if (!cli_has(c, "json")) {
			text_addf(&t, "%-7s %-14s %s\n",
				  f[i].good ? "ok" : "missing", f[i].what,
				  text_cstr(&f[i].say));
			continue;
		}
		text_addf(&t, "%s{\"what\":\"%s\",\"good\":%s,\"message\":",
			  i ? "," : "", f[i].what,
			  f[i].good ? "true" : "false");
		text_json(&t, text_cstr(&f[i].say));
		text_char(&t, '}');
	}
	if (cli_has(c, "json"))
		text_add(&t, "]}\n");
	verb_print(c, &t);
}

int verb_doctor(struct cli *c)
{
	struct finding f[5] = {{0}};
	bool good = true;

	look_content(c, &f[0]);
	look_home(&f[1]);
	look_tools(&f[2]);
	look_world(&f[3]);
	look_terminal(&f[4]);
	for (size_t i = 0; i < 5; i++)
		good = good && f[i].good;
	print_findings(c, f, 5, good);
	for (size_t i = 0; i < 5; i++)
		text_free(&f[i].say);
	return good ? CLI_DONE : CLI_ENVIRONMENT;
}
