/* resume.c - what somebody was doing, from the last commands */
#include "lab/views/resume.h"

#include <string.h>

/* `%` stands for the value behind the option, or for the next word when the
 * option is none (`delete pod %`: what follows `pod`). */
struct deed {
	const char *tool;	/* how its name begins */
	const char *word;	/* what has to stand in the line; NULL: any */
	const char *of;		/* the word before what it was about */
	const char *with;	/* said with it, and without */
	const char *without;
};

static const struct deed deeds[] = {
	{ "kafka-topics", "--create", "--topic", "created %",
	  "created a topic" },
	{ "kafka-topics", "--delete", "--topic", "deleted %",
	  "deleted a topic" },
	{ "kafka-topics", "--alter", "--topic", "changed %",
	  "changed a topic" },
	{ "kafka-topics", "--describe", "--topic", "looked at %",
	  "looked at the topics" },
	{ "kafka-topics", "--list", NULL, NULL, "listed the topics" },
	{ "kafka-console-producer", NULL, "--topic", "written to %",
	  "written records" },
	{ "kafka-console-consumer", NULL, "--topic", "read %",
	  "read records" },
	{ "kafka-consumer-groups", "--reset-offsets", "--group",
	  "moved the positions of group %", "moved the positions of a group" },
	{ "kafka-consumer-groups", "--delete", "--group", "deleted group %",
	  "deleted a group" },
	{ "kafka-consumer-groups", NULL, "--group", "looked at group %",
	  "looked at the groups" },
	{ "kafka-configs", "--alter", "--entity-name",
	  "changed the settings of %", "changed a setting" },
	{ "kafka-configs", NULL, "--entity-name", "read the settings of %",
	  "read the settings" },
	{ "kafka-leader-election", NULL, "--topic", "elected leaders of %",
	  "elected leaders" },
	{ "kafka-reassign-partitions", "--execute", NULL, NULL,
	  "moved partitions" },
	{ "kafka-reassign-partitions", NULL, NULL, NULL,
	  "looked at a reassignment" },
	{ "kafka-metadata-quorum", NULL, NULL, NULL, "looked at the quorum" },
	{ "kafka-", NULL, NULL, NULL, "asked the broker" },
	{ "kubectl", "delete", "pod", "deleted %", "deleted an object" },
	{ "kubectl", "describe", "pod", "looked at %", "looked at an object" },
	{ "kubectl", "logs", "logs", "read the log of %", "read a log" },
	{ "kubectl", "get", "get", "listed the %", "listed objects" },
	{ "kubectl", "apply", "-f", "applied %", "applied a file" },
	{ "kubectl", "scale", NULL, NULL, "changed the number of replicas" },
	{ "kubectl", "rollout", NULL, NULL, "looked at a rollout" },
	{ "kubectl", NULL, NULL, NULL, "asked the cluster" },
	{ "docker", "logs", "logs", "read the log of %", "read a log" },
	{ "docker", "stop", "stop", "stopped %", "stopped a container" },
	{ "docker", "start", "start", "started %", "started a container" },
	{ "docker", "restart", "restart", "restarted %",
	  "restarted a container" },
	{ "docker", NULL, NULL, NULL, "looked at the containers" },
	{ "cat", NULL, "cat", "read %", NULL },
	{ "grep", NULL, NULL, NULL, "looked through a log" },
	{ "edit", NULL, "edit", "changed %", NULL },
	{ "check", NULL, NULL, NULL, "checked your work" },
	{ "hint", NULL, NULL, NULL, "opened a hint" },
	{ "answer", NULL, NULL, NULL, "answered" },
	{ "diagnose", NULL, NULL, NULL, "made a diagnosis" },
	{ "rewind", NULL, NULL, NULL, "gone back in time" },
	{ "query", NULL, NULL, NULL, "asked the metrics" },
	{ "chart", NULL, NULL, NULL, "looked at a chart" },
	{ "logs", NULL, NULL, NULL, "read the logs" },
};

enum { SPACES_MAX = 64 };

/* The word number `n` of a line; its length, 0 when there are fewer. */
static size_t word_at(const char *line, size_t n, const char **at)
{
	for (;; n--) {
		line += strspn(line, " \t");
		*at = line;
		if (!n || !*line)
			return strcspn(line, " \t|;");
		line += strcspn(line, " \t");
	}
}

static bool is_word(const char *at, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(at, word, len) == 0;
}

/* The word behind `word`; its length, 0 when there is none. */
static size_t behind(const char *line, const char *word, const char **at)
{
	size_t len;

	for (size_t n = 0; n < SPACES_MAX; n++) {
		len = word_at(line, n, at);
		if (!len)
			return 0;
		if (is_word(*at, len, word))
			return word_at(line, n + 1, at);
	}
	return 0;
}

static bool stands_in(const char *line, const char *word)
{
	const char *at;
	size_t len;

	for (size_t n = 0; (len = word_at(line, n, &at)) > 0; n++)
		if (is_word(at, len, word))
			return true;
	return false;
}

static const struct deed *deed_of(const char *line)
{
	line += strspn(line, " \t");
	for (size_t i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		const struct deed *d = &deeds[i];

		if (strncmp(line, d->tool, strlen(d->tool)) == 0 &&
		    (!d->word || stands_in(line, d->word)))
			return d;
	}
	return NULL;
}

bool resume_deed(const char *line, struct text *out)
{
	const struct deed *d = deed_of(line);
	const char *at = NULL;
	size_t len = d && d->of ? behind(line, d->of, &at) : 0;

	if (!d || (!len && !d->without))
		return false;
	if (len && *at != '-') {
		const char *mark = strchr(d->with, '%');

		text_bytes(out, d->with, (size_t)(mark - d->with));
		text_bytes(out, at, len);
		return true;
	}
	if (d->without)
		text_add(out, d->without);
	return d->without != NULL;
}

static bool last_deed(const json_t *ops, struct text *out)
{
	for (size_t i = json_array_size(ops); i-- > 0; ) {
		const json_t *op = json_array_get(ops, i);
		const char *kind = json_string_value(json_object_get(op,
								     "kind"));
		const char *line = json_string_value(json_object_get(op,
								     "text"));

		if (kind && line && strcmp(kind, "line") == 0 &&
		    resume_deed(line, out))
			return true;
	}
	return false;
}

static const char *verb_of(const char *kind)
{
	static const struct {
		const char *kind, *verb;
	} verbs[] = {
		{ "predict", "predict" }, { "diagnose", "diagnose" },
		{ "design", "design" }, { "build", "build" },
	};

	for (size_t i = 0; kind && i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(verbs[i].kind, kind) == 0)
			return verbs[i].verb;
	return "go on with";
}

void resume_sentence(const json_t *ops, const char *task_kind,
		     const char *task_title, struct text *out)
{
	struct text deed = {0};
	bool did = last_deed(ops, &deed);

	if (did)
		text_addf(out, "You had %s", text_cstr(&deed));
	else if (json_array_size(ops))
		text_add(out, "You had begun");
	else
		text_add(out, "You had looked at the task");
	if (task_title)
		text_addf(out, " and were about to %s: %s",
			  verb_of(task_kind), task_title);
	text_char(out, '.');
	text_free(&deed);
}
