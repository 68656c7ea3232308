/* verbs_run.c - replay and diff: saved runs */
#include <inttypes.h>

#include "lab/run_file.h"
#include "lab/verbs.h"
#include "lab/version.h"
#include "lua/program.h"

int verb_replay(struct cli *c)
{
	struct text say = {0}, out = {0};
	struct run run;
	struct err err;
	bool same;

	if (!run_read(&run, c->arguments[0], &err))
		return cli_fail_err(c, CLI_ENVIRONMENT, &err);
	if (!run_replay(&run, lua_world, &same, &say, &err)) {
		run_release(&run);
		return cli_fail_err(c, CLI_ENVIRONMENT, &err);
	}
	if (cli_has(c, "json")) {
		text_addf(&out, "{\"schema_version\":%d,\"same\":%s,"
			  "\"digest\":\"%016" PRIx64 "\",\"message\":",
			  MILLRACE_SCHEMA, same ? "true" : "false", run.digest);
		text_json(&out, text_cstr(&say));
		text_add(&out, "}\n");
	} else {
		text_addf(&out, "%s\n", text_cstr(&say));
	}
	verb_print(c, &out);
	text_free(&say);
	run_release(&run);
	return same ? CLI_DONE : CLI_NOT_PASSED;
}

static void part_json(const struct run_part *p, const char *say,
		      struct text *out)
{
	text_addf(out, "{\"schema_version\":%d,\"same\":%s", MILLRACE_SCHEMA,
		  p->same ? "true" : "false");
	if (!p->same) {
		text_addf(out, ",\"at_ns\":%" PRId64 ",\"events\":%" PRIu64
			  ",\"a\":", p->at, p->events);
		text_json(out, p->what[0]);
		text_add(out, ",\"b\":");
		text_json(out, p->what[1]);
	}
	text_add(out, ",\"message\":");
	text_json(out, say);
	text_add(out, "}\n");
}

int verb_diff(struct cli *c)
{
	struct text say = {0}, out = {0};
	struct run a, b = {0};
	struct run_part part;
	struct err err;
	bool good;

	if (!run_read(&a, c->arguments[0], &err))
		return cli_fail_err(c, CLI_ENVIRONMENT, &err);
	good = run_read(&b, c->arguments[1], &err) &&
	       run_diff(&a, &b, lua_world, &part, &say, &err);
	if (good && cli_has(c, "json"))
		part_json(&part, text_cstr(&say), &out);
	else if (good)
		text_add(&out, text_cstr(&say));
	verb_print(c, &out);
	text_free(&say);
	run_release(&a);
	run_release(&b);
	if (!good)
		return cli_fail_err(c, CLI_ENVIRONMENT, &err);
	return part.same ? CLI_DONE : CLI_NOT_PASSED;
}
