/* verbs_sim.c - sim: a world without anybody, and what would happen if */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/branches.h"
#include "lab/course/box.h"
#include "lab/jobs.h"
#include "lab/paths.h"
#include "lab/run_file.h"
#include "lab/verbs.h"
#include "lab/version.h"
#include "lua/bind_world.h"
#include "lua/session.h"
#include "sim/core/args.h"
#include "sim/core/mem.h"
#include "sim/device/ingest_words.h"
#include "sim/host/host.h"
#include "sim/host/price.h"

enum { SETUP_FUEL = 1000 * 1000 * 1000, FAULTS_MAX = 64 };

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
	sim_time until, from;		/* from: where branches part */
	struct branch branches[BRANCHES_MAX];	/* the first: nothing is done */
	size_t branch_count;
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

/* --branch "fault kill component=broker-2; fault ..." --from 30s */
static bool plan_branches(struct sim *s)
{
	const char *commands;

	if (!cli_has(s->c, "branch"))
		return true;
	s->branches[s->branch_count++].commands = "";
	for (size_t i = 0; (commands = cli_value_at(s->c, "branch", i)); i++) {
		if (s->branch_count == BRANCHES_MAX) {
			cli_fail(s->c, CLI_USAGE, "more than %d branches",
				 BRANCHES_MAX - 1);
			return false;
		}
		s->branches[s->branch_count++].commands = commands;
	}
	if (!cli_time(s->c, "from", s->until / 2, &s->from))
		return false;
	if (s->from <= s->until)
		return true;
	cli_fail(s->c, CLI_USAGE, "--from is when branches part: not behind "
		 "--until");
	return false;
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
	return plan_branches(s);
}

/* Run up to `at`, with the faults on the way. */
static int play_to(struct sim *s, sim_time at, size_t *next)
{
	struct err err;

	for (; *next < s->fault_count; ++*next) {
		const struct planned *f = &s->faults[*next];

		if (f->at > at)
			break;
		run_until(&s->run, s->w, f->at);
		if (!world_command(s->w, f->line, NULL, &err))
			return cli_fail_err(s->c, CLI_USAGE, &err);
	}
	if (at > world_now(s->w))
		run_until(&s->run, s->w, at);
	return CLI_DONE;
}

/* What is planned for later happens in every branch. */
static void plan_rest(struct sim *s, size_t next, struct text *all)
{
	for (; next < s->fault_count; next++)
		text_addf(all, "%s after=%lldns; ", s->faults[next].line,
			  (long long)(s->faults[next].at - world_now(s->w)));
}

static int play_branches(struct sim *s, size_t next)
{
	struct text commands[BRANCHES_MAX] = {0};

	for (size_t i = 0; i < s->branch_count; i++) {
		plan_rest(s, next, &commands[i]);
		text_add(&commands[i], s->branches[i].commands);
		s->branches[i].commands = text_cstr(&commands[i]);
	}
	branches_play(s->w, s->until, s->branches, s->branch_count,
		      jobs_cores());
	for (size_t i = 0; i < s->branch_count; i++) {
		text_free(&commands[i]);
		s->branches[i].commands = i ? cli_value_at(s->c, "branch",
							   i - 1) : "";
		if (*s->branches[i].err.what)
			return cli_fail(s->c, CLI_USAGE, "--branch %s: %s",
					s->branches[i].commands,
					s->branches[i].err.what);
	}
	return CLI_DONE;
}

static int play(struct sim *s)
{
	size_t next = 0;
	int status;

	if (s->branch_count) {
		status = play_to(s, s->from, &next);
		if (status == CLI_DONE)
			status = play_branches(s, next);
		if (status != CLI_DONE)
			return status;
	}
	return play_to(s, s->until, &next);
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

enum { METRICS_SAID = 12 };	/* of a branch */

static void branches_text(const struct sim *s, struct text *out)
{
	for (size_t i = 1; i < s->branch_count; i++) {
		const struct branch *b = &s->branches[i];

		text_addf(out, "\nfrom ");
		simtime_text(out, s->from);
		text_addf(out, ": %s\n", b->commands);
		if (b->digest == s->branches[0].digest)
			text_add(out, "  nothing differs\n");
		else
			metric_table_diff_text(&s->branches[0].metrics,
					       &b->metrics, METRICS_SAID, out);
	}
}

static void branches_json(const struct sim *s, struct text *out)
{
	text_add(out, ",\"branches\":[");
	for (size_t i = 1; i < s->branch_count; i++) {
		const struct branch *b = &s->branches[i];

		text_addf(out, "%s{\"commands\":", i > 1 ? "," : "");
		text_json(out, b->commands);
		text_addf(out, ",\"digest\":\"%016" PRIx64 "\",\"metrics\":[",
			  b->digest);
		metric_table_diff_json(&s->branches[0].metrics, &b->metrics,
				       out);
		text_add(out, "]}");
	}
	text_char(out, ']');
}

static uint32_t processes_up(struct world *w)
{
	const struct hosts *hosts = hosts_of(w);
	uint32_t up = 0;

	for (uint32_t i = 0; i < hosts->processes.count; i++)
		up += process_runs(hosts->processes.at[i]);
	return up;
}

/* In nano-dollars: sums that a program can compare. */
static void bill_json(const struct world *w, struct text *out)
{
	struct bill b;

	price_of_run(w, &b);
	text_addf(out, ",\"bill\":{\"total_nano\":%" PRId64
		  ",\"hourly_nano\":%" PRId64 ",\"items\":[",
		  bill_total(&b), b.hourly);
	for (int i = 0; i < BILL_ITEMS; i++)
		text_addf(out, "%s{\"name\":\"%s\",\"cost_nano\":%" PRId64
			  ",\"used\":%" PRId64 ",\"unit\":\"%s\"}",
			  i ? "," : "", bill_words[i].name, b.cost[i],
			  b.used[i], bill_words[i].unit);
	text_add(out, "]}");
}

static void stages_json(const struct world *w, struct text *out)
{
	for (uint32_t i = 0; i < ingest_count(w); i++) {
		text_add(out, i ? "," : ",\"stages\":[");
		ingest_json(w, ingest_at(w, i), out);
	}
	if (ingest_count(w))
		text_char(out, ']');
}

static void summary_json(struct sim *s, struct text *out)
{
	text_addf(out, "{\"schema_version\":%d,\"world\":", MILLRACE_SCHEMA);
	text_json(out, s->run.world);
	text_addf(out, ",\"seed\":%" PRIu64 ",\"until_ns\":%" PRId64
		  ",\"events\":%" PRIu64 ",\"commands\":%" PRIu32
		  ",\"machines\":%" PRIu32 ",\"processes\":%" PRIu32
		  ",\"processes_up\":%" PRIu32 ",\"hot_bytes\":%zu"
		  ",\"cpu_seconds\":%.3f,\"digest\":\"%016" PRIx64 "\"",
		  s->seed, world_now(s->w), s->w->state->events,
		  s->w->journal.played, hosts_of(s->w)->machines.count,
		  hosts_of(s->w)->processes.count, processes_up(s->w),
		  world_hot_bytes(s->w), s->seconds, world_digest(s->w));
	stages_json(s->w, out);
	if (cli_has(s->c, "bill"))
		bill_json(s->w, out);
	if (s->branch_count)
		branches_json(s, out);
	text_add(out, "}\n");
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
	for (uint32_t i = 0; i < ingest_count(s->w); i++)
		ingest_text(s->w, ingest_at(s->w, i), out);
	if (cli_has(s->c, "bill")) {
		text_add(out, "bill\n");
		price_table(s->w, out);
	}
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
	if (!cli_has(s->c, "json"))
		branches_text(s, &out);
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
	struct sim *s = mem_zeroed(1, sizeof(*s));
	struct scenario file = {0};
	struct err err;
	int status = CLI_USAGE;

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
		verb_settings(c, &file.settings);
		if (!good)
			status = cli_fail_err(c, CLI_CONTENT, &err);
		else
			s->w = verb_world(c, name, s->seed,
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
	branches_release(s->branches, s->branch_count);
	for (size_t i = 0; i < s->fault_count; i++)
		free(s->faults[i].line);
	free(s);
	return status;
}
