/* api_fields.c - the rows: what each field of lab.module{...} is for */
#include "lab/author/api.h"

#include <stddef.h>

#define CHECK_FN	"fun(w: millrace.world, h: millrace.history, " \
			"p: table, answer: string?): boolean, string?"
#define WHEN_FN		"fun(w: millrace.world, h: millrace.history, " \
			"p: table): boolean, string?"
#define LISTS		"any[]|fun(p: table): any[]"

const struct api_entry api_entries[] = {
	{ "format_version", NULL, NULL, "The form of this table: 1." },
	{ "id", NULL, NULL, "UNIT.SLUG in [a-z0-9.-], at most 64 characters; "
	  "for ever." },
	{ "uuid", NULL, NULL, "Version 4, lower case; for ever." },
	{ "version", NULL, NULL, "MAJOR.MINOR.PATCH." },
	{ "status", NULL, NULL, "How finished it is." },
	{ "title", NULL, NULL, "A few words." },
	{ "blurb", NULL, NULL, "What it is about, at most 350 characters." },
	{ "authors", NULL, NULL, "Who wrote it." },
	{ "license", NULL, NULL, "An SPDX name, such as CC-BY-4.0." },
	{ "engine", NULL, NULL, "Versions of Millrace it works with: "
	  "\">=0.1 <1.0\"." },
	{ "locale", NULL, NULL, "Language of the texts, such as \"en\"." },
	{ "difficulty", NULL, NULL, "1 to 10." },
	{ "minutes", NULL, NULL, "How long a learner takes, 1 to 480." },
	{ "month", NULL, NULL, "Month of the pathway in which it is done." },
	{ "track", NULL, NULL, "Tracks it belongs to." },
	{ "fidelity", NULL, NULL, "Cards on how true the simulation is that "
	  "it rests on." },
	{ "objectives", NULL, "millrace.objective", "What a learner can do "
	  "afterwards." },
	{ "objectives.id", NULL, NULL, "Such as \"o1\"." },
	{ "objectives.bloom", NULL, NULL, "Level in Bloom's taxonomy." },
	{ "objectives.text", NULL, NULL, "Begins with what one can be seen "
	  "doing." },
	{ "competencies", NULL, NULL, "What it teaches: weights that add up "
	  "to 1." },
	{ "prerequisites", NULL, NULL, "Competencies it needs." },
	{ "out_of_scope", NULL, NULL, "What it leaves out on purpose." },
	{ "blueprint", NULL, NULL, "Domains of outside exams it helps with." },
	{ "intro", NULL, NULL, "True: may be solved at the start (no V1)." },
	{ "world", NULL, NULL, "One of `millrace worlds`." },
	{ "world_params", NULL, NULL, "Settings of the world: { rf = 1 }." },
	{ "params", "fun(rng: millrace.rng): table", NULL, "Draws what differs "
	  "from seed to seed and returns it: `p` of all other functions." },
	{ "setup", "fun(s: millrace.setup, p: table)", NULL, "Prepares the "
	  "world, at time 0." },
	{ "start", NULL, NULL, "The learner comes at this time; \"0s\"." },
	{ "settle", NULL, NULL, "Virtual time that passes before the final "
	  "grading; \"30s\"." },
	{ "limit", NULL, NULL, "An attempt ends so long after its start; "
	  "\"4h\"." },
	{ "recover", NULL, NULL, "A healed world is well after so long (proof "
	  "V4); \"5m\"." },
	{ "faults", NULL, "millrace.planned_fault", "What goes wrong. Also a "
	  "function of p." },
	{ "faults.id", NULL, NULL, "Such as \"f1\"." },
	{ "faults.fault", NULL, NULL, "One of `millrace faults`." },
	{ "faults.at", NULL, NULL, "When: \"T+90s\" after time 0." },
	{ "faults.args", NULL, NULL, "Words of the fault: { component = "
	  "\"broker-2\" }." },
	{ "faults.cause", NULL, "millrace.cause", "What a diagnosis should "
	  "name, where that differs from the fault's own component and kind." },
	{ "faults.cause.component", NULL, NULL, "What is broken." },
	{ "faults.cause.mechanism", NULL, NULL, "How; `diagnose` lists the "
	  "words." },
	{ "faults.scope", NULL, NULL, "Parts that suffer from it; for people "
	  "to read." },
	{ "points", NULL, NULL, "The sum of all tasks' points, if given." },
	{ "tasks", NULL, "millrace.task", "What is to be done, 1 to 32." },
	{ "tasks.id", NULL, NULL, "In [a-z0-9.-]." },
	{ "tasks.title", NULL, NULL, "A few words for the list of tasks." },
	{ "tasks.text", NULL, NULL, "Its page: \"text/NAME.md\"." },
	{ "tasks.kind", NULL, NULL, "What sort of work it is." },
	{ "tasks.needs", NULL, NULL, "Tasks above that have to be passed "
	  "first." },
	{ "tasks.points", NULL, NULL, "For passing it." },
	{ "tasks.checks", NULL, "millrace.check", "All have to be true." },
	{ "tasks.checks.id", NULL, NULL, "In the task; TASK.CHECK names it "
	  "elsewhere." },
	{ "tasks.checks.type", NULL, NULL, "When `fn` is asked, and what of." },
	{ "tasks.checks.fn", CHECK_FN, NULL, "True or false, and a sentence "
	  "that says what it saw. Anything else is an error of the author's." },
	{ "tasks.checks.fail", NULL, NULL, "What is wrong and where one sees "
	  "it; never what to do." },
	{ "tasks.checks.pass", NULL, NULL, "Why it is right." },
	{ "tasks.checks.help", NULL, NULL, "Where to read on." },
	{ "tasks.checks.hidden", NULL, NULL, "True: the learner never reads "
	  "what the check saw." },
	{ "tasks.checks.symptom", NULL, NULL, "True: false while the faults "
	  "act, true once they are healed." },
	{ "tasks.checks.feedback", NULL, NULL, "How much its sentence matters; "
	  "for people to read." },
	{ "tasks.checks.at", NULL, NULL, "Type at: the second that counts; now "
	  "if not given." },
	{ "tasks.checks.hold", NULL, NULL, "Type held: for so long without a "
	  "break; \"30s\"." },
	{ "tasks.checks.from", NULL, NULL, "Type always: promised from here "
	  "on; \"0s\"." },
	{ "tasks.checks.within", NULL, NULL, "Type diagnosis: how exact the "
	  "onset has to be; \"1m\"." },
	{ "tasks.checks.grade", NULL, NULL, "Type diagnosis: the parts that "
	  "count, of component, mechanism, at; the first two if not given." },
	{ "tasks.checks.answer", NULL, NULL, "Type answer: what is right, a "
	  "number or a text." },
	{ "tasks.checks.tolerance", NULL, NULL, "Type answer: a share of the "
	  "number, 0.05 is 5 %." },
	{ "tasks.checks.of", NULL, NULL, "Type budget: what is counted; hints "
	  "in points, minutes virtual." },
	{ "tasks.checks.max", NULL, NULL, "Type budget: not more than so "
	  "many." },
	{ "tasks.hints", NULL, "millrace.hint", "Three rungs or more: where to "
	  "look, the idea, the step." },
	{ "tasks.hints.text", NULL, NULL, "The hint." },
	{ "tasks.hints.cost", NULL, NULL, "Points it takes." },
	{ "tasks.hints.when", WHEN_FN, NULL, "Offered while this is true." },
	{ "tasks.hintless", NULL, NULL, "Why the task has no hints." },
	{ "solution", LISTS, NULL, "What one who knows types: { TASK, { LINE, "
	  "... } } for each task. A line may be a function(w, h, p)." },
	{ "alt_solutions", LISTS, NULL, "Other right ways: { name = \"...\", "
	  "{ TASK, { LINE, ... } }, ... }." },
	{ "wrong", NULL, "millrace.wrong", "What tempts, and the check that "
	  "catches it. Also a function of p." },
	{ "wrong.name", NULL, NULL, "A few words." },
	{ "wrong.actions", "any[]", NULL, "The lines that are typed; a line may be a "
	  "function(w, h, p)." },
	{ "wrong.must_fail", NULL, NULL, "The check that catches it: "
	  "TASK.CHECK." },
	{ "wrong.verdict", NULL, NULL, "What it amounts to; proof V5 computes "
	  "that." },
	{ "nonvacuous", "fun(h: millrace.history, w: millrace.world, p: "
	  "table): boolean, string?", NULL, "True when the run shows what it "
	  "was made for." },
	{ "debrief", NULL, NULL, "A page for afterwards: why, other ways, the "
	  "real command." },
	{ "cards", NULL, "millrace.card", "Questions to come back to." },
	{ "cards.q", NULL, NULL, "The question." },
	{ "cards.a", NULL, NULL, "The answer." },
	{ "cards.expect", NULL, NULL, "Words a typed answer has to have to be "
	  "right; each is in `a`. A card without them is practice: it counts "
	  "as nothing." },
	{ "cards.competency", NULL, NULL, "What it is about." },
	{ "teardown", "fun(s: millrace.setup, p: table)", NULL, "Cleans up." },
	{ NULL, NULL, NULL, NULL },
};
