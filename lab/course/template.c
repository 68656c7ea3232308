/* template.c - the module that `module new` makes: small, and green */
#include "lab/course/template.h"

#include <stddef.h>
#include <string.h>

const struct template_file template_files[] = {
	{ "module.lua",
"-- An exercise: docs/authoring.md describes each field.  This one works as it\n"
"-- stands; change it step by step and keep `millrace module test` green.\n"
"return lab.module{\n"
"  format_version = 1,\n"
"  id = \"@ID@\",\n"
"  uuid = \"@UUID@\",\n"
"  version = \"0.1.0\",\n"
"  status = \"wip\",\n"
"  title = \"A topic for alerts\",\n"
"  blurb = \"A team wants to publish alerts. Make them a topic that survives \\z\n"
"    the loss of a broker.\",\n"
"  authors = { \"you\" },\n"
"  license = \"CC-BY-4.0\",\n"
"  engine = \">=0.1 <1.0\",\n"
"  difficulty = 1,\n"
"  minutes = 5,\n"
"  objectives = {\n"
"    { id = \"o1\", bloom = \"apply\", text = \"Create a topic with a given number \\z\n"
"      of partitions and replicas\" },\n"
"  },\n"
"  competencies = { [\"kafka.topics\"] = 1.0 },\n"
"  prerequisites = { \"bigdata.log-model\" },\n"
"  out_of_scope = { \"Producing and consuming\" },\n"
"\n"
"  -- The stack, and how long it runs before the learner comes.\n"
"  world = \"local-kafka\",\n"
"  start = \"30s\",\n"
"\n"
"  -- What differs from seed to seed.  Every draw goes through rng.\n"
"  params = function(rng)\n"
"    return { partitions = rng:pick{ 3, 6, 12 } }\n"
"  end,\n"
"\n"
"  tasks = {\n"
"    { id = \"create\", kind = \"operate\", points = 10,\n"
"      title = \"Create the topic\",\n"
"      text = \"text/create.md\",\n"
"      checks = {\n"
"        { id = \"exists\", type = \"at\",\n"
"          fn = function(w) return w:topic(\"alerts\") ~= nil end,\n"
"          fail = \"There is no topic called alerts.\" },\n"
"        { id = \"replicated\", type = \"at\",\n"
"          fn = function(w)\n"
"            local topic = w:topic(\"alerts\")\n"
"            if not topic then return false end\n"
"            for _, p in ipairs(topic.partitions) do\n"
"              if #p.replicas ~= 3 then\n"
"                return false, \"partition \" .. p.index .. \" has \" ..\n"
"                  #p.replicas .. \" replicas\"\n"
"              end\n"
"            end\n"
"            return true\n"
"          end,\n"
"          fail = \"Losing one broker would lose alerts.\",\n"
"          pass = \"Three replicas: one may be lost, and one be restarted.\" },\n"
"      },\n"
"      hints = {\n"
"        { cost = 1, text = \"One tool makes, lists and describes topics.\" },\n"
"        { cost = 2, text = \"A topic is as safe as its replication factor.\" },\n"
"        { cost = 4, text = \"kafka-topics.sh --bootstrap-server \\z\n"
"          broker-1:9092 --create --topic alerts --partitions 3 \\z\n"
"          --replication-factor 3\" },\n"
"      } },\n"
"  },\n"
"\n"
"  -- What a player who knows does; each line as it would be typed.\n"
"  solution = function(p)\n"
"    return {\n"
"      { \"create\", {\n"
"        \"kafka-topics.sh --bootstrap-server broker-1:9092 --create --topic \" ..\n"
"          \"alerts --partitions \" .. p.partitions .. \" --replication-factor 3\",\n"
"      } },\n"
"    }\n"
"  end,\n"
"\n"
"  -- What tempts, and the check that catches it.\n"
"  wrong = {\n"
"    { name = \"one replica\", must_fail = \"create.replicated\",\n"
"      actions = {\n"
"        \"kafka-topics.sh --bootstrap-server broker-1:9092 --create --topic \\z\n"
"          alerts --partitions 3 --replication-factor 1\",\n"
"      } },\n"
"  },\n"
"\n"
"  debrief = \"text/debrief.md\",\n"
"  cards = {\n"
"    { q = \"How many brokers may be lost with replication factor 3 before \\z\n"
"        data is gone?\", a = \"Two.\", competency = \"kafka.topics\" },\n"
"  },\n"
"}\n" },
	{ "text/create.md",
"# Create the topic\n"
"\n"
"Make a topic called `alerts`. It has to survive the loss of a broker.\n"
"\n"
"The brokers answer at `broker-1:9092`.\n" },
	{ "text/debrief.md",
"# What happened\n"
"\n"
"A topic lives on as many brokers as its replication factor says. With three\n"
"replicas one broker may be lost while another is being restarted.\n"
"\n"
"On a real cluster the command is the same.\n" },
	{ NULL, NULL },
};

void template_fill(const struct template_file *f, const char *id,
		   const char *uuid, struct text *out)
{
	const char *at = f->text, *mark;

	while ((mark = strchr(at, '@'))) {
		text_bytes(out, at, (size_t)(mark - at));
		if (strncmp(mark, "@ID@", 4) == 0) {
			text_add(out, id);
			at = mark + 4;
		} else if (strncmp(mark, "@UUID@", 6) == 0) {
			text_add(out, uuid);
			at = mark + 6;
		} else {
			text_char(out, '@');
			at = mark + 1;
		}
	}
	text_add(out, at);
}
