/* template.c - the module that `module new` makes: small, and green */
#include "lab/course/template.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

const struct template_file template_files[] = {
	{ "module.lua",
"-- @ID@: an exercise that works as it stands.\n"
"--\n"
"-- Change one thing at a time and keep the proofs green:\n"
"--   millrace module test FOLDER\n"
"-- docs/authoring.md describes every field.  An editor with a Lua language\n"
"-- server shows what w, h, s and p offer (millrace module annotations).\n"
"\n"
"-- Local names and functions may stand here; the file runs anew for each\n"
"-- attempt, in a sandbox without files, clock or luck of its own.\n"
"local SERVER = \"--bootstrap-server @SERVER@\"\n"
"local COPIES = @COPIES@ -- replicas of each partition\n"
"\n"
"local function create(topic, partitions, copies)\n"
"  return (\"kafka-topics.sh %s --create --topic %s --partitions %d \"\n"
"    .. \"--replication-factor %d\"):format(SERVER, topic, partitions, copies)\n"
"end\n"
"\n"
"return lab.module{\n"
"  format_version = 1,\n"
"  id = \"@ID@\",\n"
"  uuid = \"@UUID@\",\n"
"  version = \"0.1.0\",\n"
"  status = \"wip\", -- wip, beta, active, deprecated\n"
"  title = \"A topic for alerts\",\n"
"  blurb = \"A team wants to publish alerts. Make them a topic like the one \\z\n"
"    that events have.\",\n"
"  authors = { \"you\" },\n"
"  license = \"CC-BY-4.0\",\n"
"  engine = \">=0.1 <1.0\",\n"
"  difficulty = 1, -- 1 to 10\n"
"  minutes = 5,\n"
"\n"
"  -- Begin with a verb one can watch: create, find, explain.  Not: understand.\n"
"  objectives = {\n"
"    { id = \"o1\", bloom = \"apply\", text = \"Create a topic with a given number \\z\n"
"      of partitions and replicas\" },\n"
"  },\n"
"  competencies = { [\"kafka.topics\"] = 1.0 }, -- weights add up to 1\n"
"  prerequisites = { \"bigdata.log-model\" },\n"
"  out_of_scope = { \"Producing and consuming\" },\n"
"\n"
"  -- The stack (millrace worlds), and when the learner comes to it.\n"
"  world = \"@WORLD@\",\n"
"  start = \"30s\",\n"
"\n"
"  -- What differs from seed to seed.  Every draw goes through rng; the table\n"
"  -- is the p of all functions below.\n"
"  params = function(rng)\n"
"    return { partitions = rng:pick{ 3, 6, 12 } }\n"
"  end,\n"
"\n"
"  -- Prepares the world at time 0.  What cannot be done here should be an\n"
"  -- error, or the learner would be graded on a world that is half made.\n"
"  setup = function(s, p)\n"
"    s:run(\"15s\") -- brokers need a moment to start\n"
"    local output, status = s:console(create(\"events\", p.partitions, COPIES))\n"
"    assert(status == 0, output)\n"
"  end,\n"
"\n"
"  tasks = {\n"
"    { id = \"create\", kind = \"operate\", points = 10,\n"
"      title = \"Create the topic\",\n"
"      text = \"text/create.md\", -- the brief\n"
"      -- A task is passed when all its checks are true.  fn gets w, the world\n"
"      -- as it is; h, what happened in it; p.  It returns true or false, and\n"
"      -- may say what it saw.  `fail` says what is wrong, never what to do.\n"
"      checks = {\n"
"        { id = \"exists\", type = \"at\",\n"
"          fn = function(w) return w:topic(\"alerts\") ~= nil end,\n"
"          fail = \"There is no topic called alerts.\" },\n"
"        { id = \"partitions\", type = \"at\",\n"
"          fn = function(w, h, p)\n"
"            local topic = w:topic(\"alerts\")\n"
"            if not topic then return false end\n"
"            return #topic.partitions == p.partitions,\n"
"              \"alerts has \" .. #topic.partitions .. \" partitions\"\n"
"          end,\n"
"          fail = \"alerts has not as many partitions as events.\" },\n"
"        { id = \"copies\", type = \"at\",\n"
"          fn = function(w)\n"
"            local topic = w:topic(\"alerts\")\n"
"            if not topic then return false end\n"
"            for _, part in ipairs(topic.partitions) do\n"
"              if #part.replicas ~= COPIES then\n"
"                return false, \"partition \" .. part.index .. \" has \"\n"
"                  .. #part.replicas .. \" replicas\"\n"
"              end\n"
"            end\n"
"            return true\n"
"          end,\n"
"          fail = \"alerts is not kept as often as events.\",\n"
"          pass = \"As many copies as events: what one survives, so does the \\z\n"
"            other.\" },\n"
"      },\n"
"      -- Three rungs: where to look, the idea, the step.  cost is in points.\n"
"      hints = {\n"
"        { cost = 1, text = \"One tool makes, lists and describes topics.\" },\n"
"        { cost = 2, text = \"What events have is what alerts need: look at \\z\n"
"          the numbers of partitions and replicas.\" },\n"
"        { cost = 4, text = \"kafka-topics.sh \" .. SERVER .. \" --create \\z\n"
"          --topic alerts, with --partitions and --replication-factor as \\z\n"
"          --describe --topic events prints them.\" },\n"
"      } },\n"
"  },\n"
"\n"
"  -- What one who knows types, line by line.  Proof V2 plays it.\n"
"  solution = function(p)\n"
"    return {\n"
"      { \"create\", { create(\"alerts\", p.partitions, COPIES) } },\n"
"    }\n"
"  end,\n"
"\n"
"  -- What tempts, and the check that catches it.  Proof V5 plays it.\n"
"  wrong = {\n"
"    { name = \"one partition is enough\", must_fail = \"create.partitions\",\n"
"      actions = { create(\"alerts\", 1, COPIES) } },\n"
"  },\n"
"\n"
"  -- For afterwards: why, other ways, the real command.  And questions that\n"
"  -- come back in later weeks.\n"
"  debrief = \"text/debrief.md\",\n"
"  cards = {\n"
"    { q = \"Can the number of partitions of a topic be made smaller?\",\n"
"      a = \"No. One makes another topic and copies.\",\n"
"      expect = { \"no\" }, -- words that a typed answer has to have\n"
"      competency = \"kafka.topics\" },\n"
"  },\n"
"}\n" },
	{ "text/create.md",
"# Create the topic\n"
"\n"
"The team that watches the machines wants to publish alerts. Make a topic\n"
"called `alerts` with as many partitions as `events` has, each kept as often.\n"
"\n"
"The brokers answer at `@SERVER@`.\n" },
	{ "text/debrief.md",
"# What happened\n"
"\n"
"A topic is cut into partitions, and each partition is kept on as many brokers\n"
"as the replication factor says. Both numbers are chosen when the topic is\n"
"made. Partitions can be added later, never taken away; the number of replicas\n"
"can be changed by a reassignment.\n"
"\n"
"On a real cluster the commands are the same.\n" },
	{ NULL, NULL },
};

/* Worlds with a Kafka that a console can reach as it stands. */
const struct template_world template_worlds[] = {
	{ "local-kafka", "broker-1:9092", 3 },
	{ "empty-kafka", "broker-1:9092", 3 },
	{ "compose-kafka", "localhost:9092", 1 },
	{ NULL, NULL, 0 },
};

const struct template_world *template_world(const char *name)
{
	for (const struct template_world *w = template_worlds; w->name; w++)
		if (strcmp(w->name, name) == 0)
			return w;
	return NULL;
}

/* Write what a mark stands for and give its length; 0: it is none. */
static size_t add_mark(const char *mark, const struct template_names *names,
		       struct text *out)
{
	char copies[16];
	const struct { const char *mark, *value; } marks[] = {
		{ "@ID@", names->id }, { "@UUID@", names->uuid },
		{ "@WORLD@", names->world->name },
		{ "@SERVER@", names->world->server }, { "@COPIES@", copies },
	};

	snprintf(copies, sizeof(copies), "%d", names->world->copies);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t len = strlen(marks[i].mark);

		if (strncmp(mark, marks[i].mark, len) == 0) {
			text_add(out, marks[i].value);
			return len;
		}
	}
	return 0;
}

void template_fill(const struct template_file *f,
		   const struct template_names *names, struct text *out)
{
	for (const char *at = f->text; *at;) {
		size_t len = *at == '@' ? add_mark(at, names, out) : 0;

		if (!len)
			text_char(out, *at);
		at += len ? len : 1;
	}
}
