/* verbs_world.c - exec and sim: a world to try something in */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/course/box.h"
#include "lab/course/script.h"
#include "lab/metric_table.h"
#include "lab/paths.h"
#include "lab/run_file.h"
#include "lab/verbs.h"
#include "lab/version.h"
#include "lua/bind_world.h"
#include "lua/session.h"
#include "lua/shell.h"
#include "sim/core/args.h"
#include "sim/host/host.h"
#include "sim/stack/stack.h"

enum { SETUP_FUEL = 1000 * 1000 * 1000, FAULTS_MAX = 64 };

/* --with key=value ..., as the world wants its settings. */
static void settings(const struct cli *c, struct text *out)
{
	const char *s;

	for (size_t i = 0; (s = cli_value_at(c, "with", i)); i++)
		text_addf(out, "%s%s", out->len ? " " : "", s);
}

static struct world *make_world(const struct cli *c, const char *name,
				uint64_t seed, const char *with, int *status)
{
	struct err err;
	struct world *w = stack_world(name, seed, with, &err);

	if (!w)
		*status = cli_fail_err(c, CLI_USAGE, &err);
	return w;
}

/* --- exec ----------------------------------------------------------------------- */

/* What a console has no tool for: commands of the world itself. */
static bool is_world_word(const char *line)
{
	static const char *const known[] = { "fault", "heal", "service",
					     "fleet-new", "app-new", "listener",
					     "broker-setting",
					     "ingest-focus",
					     "ingest-level", NULL };
	size_t len = strcspn(line, " ");

	for (const char *const *k = known; *k; k++)
		if (strlen(*k) == len && memcmp(*k, line, len) == 0)
			return true;
	return false;
}

struct exec {
	struct cli *c;
	struct world *w;
	struct session *s;
	sim_time limit;
};

static int exec_line(struct exec *x, const char *line)
{
	sim_time span;
	struct err err;
	int status;

	line += strspn(line, " \t");
	if (strncmp(line, "wait ", 5) == 0 && simtime_parse(line + 5, &span)) {
		sim_time until = world_now(x->w) + span;

		while (world_now(x->w) < until)
			session_advance(x->s, until);
		return 0;
	}
	if (is_world_word(line)) {
		int64_t result;

		if (!world_command(x->w, line, &result, &err)) {
			fprintf(x->c->err, "%s\n", err.what);
			return 1;
		}
		return 0;
	}
	if (!session_run(x->s, line, x->limit, NULL, &status, &err)) {
		fprintf(x->c->err, "%s\n", err.what);
		return 1;
	}
	return status;
}

static void print_to(void *ctx, int stream, const char *bytes, size_t len)
{
	const struct cli *c = ctx;

	fwrite(bytes, 1, len, stream == 1 ? c->out : c->err);
}

/* One word is a line, or several; several words are one command. */
static void command_text(const struct cli *c, struct text *out)
{
	if (c->rest_count == 1) {
		text_add(out, c->rest[0]);
		return;
	}
	for (int i = 0; i < c->rest_count; i++) {
		if (i)
			text_char(out, ' ');
		shell_quote(out, c->rest[i], 0);
	}
}

static int exec_all(struct exec *x)
{
	struct text all = {0}, line = {0};
	struct script s;
	int status = 0;

	command_text(x->c, &all);
	script_init(&s, text_cstr(&all), all.len);
	while (script_next(&s, &line))
		status = exec_line(x, text_cstr(&line));
	text_free(&line);
	text_free(&all);
	return status == 0 ? CLI_DONE : CLI_NOT_PASSED;
}

int verb_exec(struct cli *c)
{
	struct session_options o = { .out = print_to, .ctx = c };
	struct exec x = { .c = c };
	struct text with = {0};
	const char *name = cli_value(c, "world");
	uint64_t seed;
	sim_time at;
	struct err err;
	int status = CLI_DONE;

	if (!name)
		return cli_fail(c, CLI_USAGE, "--world WORLD says where; "
				"`millrace worlds` lists them");
	if (c->rest_count == 0)
		return cli_fail(c, CLI_USAGE, "nothing to do; write the "
				"command behind --");
	if (!verb_seed(c, &seed) || !cli_time(c, "at", 0, &at) ||
	    !cli_time(c, "for", SIM_HOURS(1), &x.limit))
		return CLI_USAGE;
	settings(c, &with);
	x.w = make_world(c, name, seed, text_cstr(&with), &status);
	text_free(&with);
	if (!x.w)
		return status;
	world_run_until(x.w, at);
	o.world_name = name;
	x.s = session_new(x.w, &o, &err);
	if (x.s)
		status = exec_all(&x);
	else
		status = cli_fail_err(c, CLI_CONTENT, &err);
	session_free(x.s);
	world_free(x.w);
	return status;
}

/* --- sim: a world from a file ------------------------------------------------------ */

/* FILE.lua returns { world = "...", params = {...}, setup = function(s) end }.
 * `setup` runs in the sandbox; what it did is in the world's journal. */
struct scenario {
	struct box *box;
	json_t *table;
	const char *world;
	struct text settings;
};

static bool scenario_load(struct scenario *s, const char *path,
			  struct err *err)
{
	struct text source = {0};
	const json_t *params;
	const char *key;
	json_t *v;

	s->box = box_new(NULL);
	if (path_read(path, 1 << 20, &source, err))
		s->table = box_load(s->box, path, text_cstr(&source),
				    source.len, false, err);
	text_free(&source);
	if (!s->table)
		return false;
	s->world = json_string_value(json_object_get(s->table, "world"));
	if (!s->world)
		return err_set(err, "%s: has to return a table with `world`",
			       path);
	params = json_object_get(s->table, "params");
	json_object_foreach((json_t *)params, key, v) {
		if (json_is_string(v))
			args_add(&s->settings, key, json_string_value(v));
		else if (json_is_integer(v))
			args_add_int(&s->settings, key, json_integer_value(v));
		else
			return err_set(err, "%s: params.%s has to be a string "
				       "or a whole number", path, key);
	}
	return true;
}

static int push_setup(void *ctx, struct sandbox *s)
{
	bind_setup_push(sandbox_state(s), ctx);
	return 1;
}

static bool scenario_setup(struct scenario *s, struct world *w,
			   struct err *err)
{
	struct session_options o = { .world_name = s->world };
	struct session *session;
	struct box_args args = { push_setup, NULL };
	json_t *t;

	if (!json_object_get(s->table, "setup"))
		return true;
	session = session_new(w, &o, err);
	if (!session)
		return false;
	args.ctx = session;
	box_set_fuel(s->box, SETUP_FUEL);
	t = box_call(s->box, "setup", "", &args, err);
	json_decref(t);
	session_free(session);
	bind_world_end(sandbox_state(box_sandbox(s->box)), w);
	return t != NULL;
}

static void scenario_release(struct scenario *s)
{
	json_decref(s->table);
	box_free(s->box);
	text_free(&s->settings);
}

/* --- sim ---------------------------------------------------------------------------- */

struct planned {
	char *line;		/* "fault ..." */
	sim_time at;
};

struct sim {
	struct cli *c;
	struct world *w;
	struct run run;
	struct planned faults[FAULTS_MAX];
	size_t fault_count;
	uint64_t seed;
	sim_time until;
	double seconds;
};

/* "slow-disk component=broker-2@90s", in order of time. */
static bool plan_fault(struct sim *s, const char *word)
{
	const char *mark = strrchr(word, '@');
	struct planned p;
	struct text t = {0};
	size_t i;

	if (!mark || !simtime_parse(mark + 1, &p.at)) {
		cli_fail(s->c, CLI_USAGE, "--fault %s: write FAULT@TIME", word);
		return false;
	}
	if (s->fault_count == FAULTS_MAX) {
		cli_fail(s->c, CLI_USAGE, "more than %d faults", FAULTS_MAX);
		return false;
	}
	text_addf(&t, "fault %.*s", (int)(mark - word), word);
	p.line = text_take(&t);
	for (i = s->fault_count++; i && s->faults[i - 1].at > p.at; i--)
		s->faults[i] = s->faults[i - 1];
	s->faults[i] = p;
	return true;
}

static bool read_options(struct sim *s)
{
	const char *fault;

	if (!verb_seed(s->c, &s->seed) ||
	    !cli_time(s->c, "until", SIM_MINUTES(1), &s->until))
		return false;
	for (size_t i = 0; (fault = cli_value_at(s->c, "fault", i)); i++)
		if (!plan_fault(s, fault))
			return false;
	if (cli_has(s->c, "trace") && !cli_has(s->c, "record")) {
		cli_fail(s->c, CLI_USAGE, "--trace belongs to --record FILE");
		return false;
	}
	return true;
}

static int play(struct sim *s)
{
	struct err err;

	for (size_t i = 0; i < s->fault_count; i++) {
		if (s->faults[i].at > s->until)
			break;
		run_until(&s->run, s->w, s->faults[i].at);
		if (!world_command(s->w, s->faults[i].line, NULL, &err))
			return cli_fail_err(s->c, CLI_USAGE, &err);
	}
	if (s->until > world_now(s->w))
		run_until(&s->run, s->w, s->until);
	return CLI_DONE;
}

static int write_file(struct sim *s, const char *option, struct text *t)
{
	const char *path = cli_value(s->c, option);
	struct err err;
	int status = CLI_DONE;

	if (strcmp(path, "-") == 0)
		fwrite(text_cstr(t), 1, t->len, s->c->out);
	else if (!path_write(path, text_cstr(t), t->len, &err))
		status = cli_fail_err(s->c, CLI_ENVIRONMENT, &err);
	text_free(t);
	return status;
}

static int write_metrics(struct sim *s)
{
	struct metric_table table = {0};
	struct text t = {0};

	metric_table_read(&table, s->w);
	metric_table_text(&table, &t);
	metric_table_release(&table);
	return write_file(s, "metrics", &t);
}

static int write_run(struct sim *s)
{
	struct text t = {0};

	run_text(&s->run, &t);
	return write_file(s, "record", &t);
}

static uint32_t processes_up(struct world *w)
{
	const struct hosts *hosts = hosts_of(w);
	uint32_t up = 0;

	for (uint32_t i = 0; i < hosts->processes.count; i++)
		up += process_runs(hosts->processes.at[i]);
	return up;
}

static void summary_json(struct sim *s, struct text *out)
{
	text_addf(out, "{\"schema_version\":%d,\"world\":", MILLRACE_SCHEMA);
	text_json(out, s->run.world);
	text_addf(out, ",\"seed\":%" PRIu64 ",\"until_ns\":%" PRId64
		  ",\"events\":%" PRIu64 ",\"commands\":%" PRIu32
		  ",\"machines\":%" PRIu32 ",\"processes\":%" PRIu32
		  ",\"processes_up\":%" PRIu32 ",\"hot_bytes\":%zu"
		  ",\"cpu_seconds\":%.3f,\"digest\":\"%016" PRIx64 "\"}\n",
		  s->seed, world_now(s->w), s->w->state->events,
		  s->w->journal.played, hosts_of(s->w)->machines.count,
		  hosts_of(s->w)->processes.count, processes_up(s->w),
		  world_hot_bytes(s->w), s->seconds, world_digest(s->w));
}

static void summary_text(struct sim *s, struct text *out)
{
	double virtual = (double)world_now(s->w) / 1e9;

	text_addf(out, "world     %s, seed %" PRIu64 "\ntime      ",
		  s->run.world, s->seed);
	simtime_text(out, world_now(s->w));
	text_addf(out, " in %.2f s", s->seconds);
	if (s->seconds > 0.005)
		text_addf(out, ", %.0f times real time", virtual / s->seconds);
	text_addf(out, "\nevents    %" PRIu64 "\ncommands  %" PRIu32
		  "\nmachines  %" PRIu32 "\nprocesses %" PRIu32 " of %" PRIu32
		  " up\nstate     %zu KiB\n", s->w->state->events,
		  s->w->journal.played, hosts_of(s->w)->machines.count,
		  processes_up(s->w), hosts_of(s->w)->processes.count,
		  world_hot_bytes(s->w) / 1024);
	if (cli_has(s->c, "digest"))
		text_addf(out, "digest    %016" PRIx64 "\n",
			  world_digest(s->w));
}

static int sim(struct sim *s)
{
	struct text out = {0};
	clock_t start = clock();
	int status = play(s);

	if (status != CLI_DONE)
		return status;
	s->seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	run_take(&s->run, s->w);
	if (cli_has(s->c, "json"))
		summary_json(s, &out);
	else
		summary_text(s, &out);
	verb_print(s->c, &out);
	if (cli_has(s->c, "record"))
		status = write_run(s);
	if (status == CLI_DONE && cli_has(s->c, "metrics"))
		status = write_metrics(s);
	return status;
}

static bool is_file_name(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".lua") == 0;
}

int verb_sim(struct cli *c)
{
	const char *name = cli_value(c, "world");
	struct sim *s = calloc(1, sizeof(*s));
	struct scenario file = {0};
	struct err err;
	int status = CLI_USAGE;

	if (!s)
		abort();
	s->c = c;
	if (!name) {
		status = cli_fail(c, CLI_USAGE, "--world WORLD says which; "
				  "`millrace worlds` lists them");
	} else if (read_options(s)) {
		bool good = true;

		if (is_file_name(name)) {
			good = scenario_load(&file, name, &err);
			name = file.world;
		}
		settings(c, &file.settings);
		if (!good)
			status = cli_fail_err(c, CLI_CONTENT, &err);
		else
			s->w = make_world(c, name, s->seed,
					  text_cstr(&file.settings), &status);
		if (s->w) {
			run_init(&s->run, s->w, name, s->seed,
				 text_cstr(&file.settings),
				 cli_has(c, "trace"));
			if (file.box && !scenario_setup(&file, s->w, &err))
				status = cli_fail_err(c, CLI_CONTENT, &err);
			else
				status = sim(s);
		}
	}
	run_release(&s->run);
	world_free(s->w);
	scenario_release(&file);
	for (size_t i = 0; i < s->fault_count; i++)
		free(s->faults[i].line);
	free(s);
	return status;
}
