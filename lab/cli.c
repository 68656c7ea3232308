/* cli.c - the command line: verbs, their options, and what an exit status says */
#include "lab/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab/version.h"

enum { WORD_MAX = 63 };		/* longer words are like nothing we know */

/* --- nearest names ------------------------------------------------------ */

static int smallest(int a, int b, int c)
{
	int least = a < b ? a : b;

	return least < c ? least : c;
}

/* Damerau's distance by the three rows it needs. */
int cli_distance(const char *a, const char *b)
{
	int rows[3][WORD_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > WORD_MAX || lb > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= la; i++) {
		int *now = rows[i % 3], *up = rows[(i + 2) % 3];
		const int *upper = rows[(i + 1) % 3];

		now[0] = (int)i;
		for (size_t j = 1; j <= lb; j++) {
			now[j] = smallest(up[j] + 1, now[j - 1] + 1,
					  up[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = smallest(now[j], upper[j - 2] + 1,
						  now[j]);
		}
	}
	return rows[la % 3][lb];
}

/* Near enough to be meant: one letter in three may be wrong.  A name that
 * begins with the whole word counts as one letter away. */
void cli_nearest_look(struct cli_nearest *n, const char *name)
{
	size_t len = strlen(n->wanted);
	int distance = cli_distance(n->wanted, name);

	if (len > WORD_MAX || strlen(name) >= sizeof(n->name))
		return;
	if (len >= 3 && strncmp(n->wanted, name, len) == 0 && distance > 1)
		distance = 1;
	if (distance > 1 + (int)(len / 4))
		return;
	if (*n->name && distance >= n->distance)
		return;
	strcpy(n->name, name);
	n->distance = distance;
}

const char *cli_nearest_hint(const struct cli_nearest *n, char *buf, size_t cap)
{
	if (!*n->name)
		return "";
	snprintf(buf, cap, "; did you mean `%s`?", n->name);
	return buf;
}

/* --- options ------------------------------------------------------------ */

/* What every verb takes beside its own. */
static const struct cli_option common_options[] = {
	{ "content", "DIR", "take lessons and exercises from this folder" },
	{ "help", NULL, "show this" },
	{ NULL, NULL, NULL },
};

static const struct cli_option *option_in(const struct cli_option *options,
					  const char *name, size_t len)
{
	for (; options && options->name; options++)
		if (strlen(options->name) == len &&
		    memcmp(options->name, name, len) == 0)
			return options;
	return NULL;
}

static const struct cli_option *option_named(const struct cli *c,
					     const char *name, size_t len)
{
	const struct cli_option *o = NULL;

	if (c->verb)
		o = option_in(c->verb->options, name, len);
	return o ? o : option_in(common_options, name, len);
}

static int unknown_option(const struct cli *c, const char *word)
{
	const struct cli_option *o = c->verb ? c->verb->options : NULL;
	char name[WORD_MAX + 1];
	struct cli_nearest near = { .wanted = name };

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="),
		 word + 2);
	for (; o && o->name; o++)
		cli_nearest_look(&near, o->name);
	for (o = common_options; o->name; o++)
		cli_nearest_look(&near, o->name);
	if (*near.name)
		return cli_fail(c, CLI_USAGE, "there is no option --%s; did "
				"you mean --%s?", name, near.name);
	return cli_fail(c, CLI_USAGE, "there is no option --%s; --help lists "
			"those there are", name);
}

static void give(struct cli *c, const struct cli_option *o, const char *value)
{
	c->given[c->given_count++] = (struct cli_given){ o, value };
	if (strcmp(o->name, "content") == 0)
		c->content = value;
}

/* argv[i] is a word that begins with "--".  Returns how many words it took,
 * or 0 when it is wrong (then said). */
static int take_option(struct cli *c, int argc, char **argv, int i)
{
	const char *word = argv[i], *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word - 2) : strlen(word + 2);
	const struct cli_option *o = option_named(c, word + 2, len);

	if (!o) {
		unknown_option(c, word);
		return 0;
	}
	if (!o->value) {
		if (equals) {
			cli_fail(c, CLI_USAGE, "--%s takes no value", o->name);
			return 0;
		}
		give(c, o, "");
		return 1;
	}
	if (equals) {
		give(c, o, equals + 1);
		return 1;
	}
	if (i + 1 >= argc || strcmp(argv[i + 1], "--") == 0) {
		cli_fail(c, CLI_USAGE, "--%s needs a value: --%s %s", o->name,
			 o->name, o->value);
		return 0;
	}
	give(c, o, argv[i + 1]);
	return 2;
}

static bool take_words(struct cli *c, int argc, char **argv)
{
	for (int i = 1; i < argc;) {
		if (strcmp(argv[i], "--") == 0) {
			c->rest = (const char **)argv + i + 1;
			c->rest_count = argc - i - 1;
			return true;
		}
		if (strcmp(argv[i], "-h") == 0) {
			give(c, option_in(common_options, "help", 4), "");
			i++;
		} else if (strncmp(argv[i], "--", 2) == 0) {
			int took = take_option(c, argc, argv, i);

			if (!took)
				return false;
			i += took;
		} else if (argv[i][0] == '-' && argv[i][1]) {
			cli_fail(c, CLI_USAGE, "there is no option %s; --help "
				 "lists those there are", argv[i]);
			return false;
		} else {
			c->arguments[c->argument_count++] = argv[i++];
		}
	}
	return true;
}

bool cli_has(const struct cli *c, const char *option)
{
	return cli_value(c, option) != NULL;
}

const char *cli_value_at(const struct cli *c, const char *option, size_t n)
{
	for (size_t i = 0; i < c->given_count; i++)
		if (strcmp(c->given[i].option->name, option) == 0 && n-- == 0)
			return c->given[i].value;
	return NULL;
}

/* The last one given counts, so that an alias can be overruled. */
const char *cli_value(const struct cli *c, const char *option)
{
	for (size_t i = c->given_count; i > 0; i--)
		if (strcmp(c->given[i - 1].option->name, option) == 0)
			return c->given[i - 1].value;
	return NULL;
}

bool cli_number(const struct cli *c, const char *option, uint64_t otherwise,
		uint64_t *out)
{
	const char *s = cli_value(c, option);
	char *end;

	*out = otherwise;
	if (!s)
		return true;
	errno = 0;
	*out = strtoull(s, &end, 10);
	if (*s < '0' || *s > '9' || *end || errno) {
		cli_fail(c, CLI_USAGE, "--%s %s: that is no whole number",
			 option, s);
		return false;
	}
	return true;
}

bool cli_time(const struct cli *c, const char *option, sim_time otherwise,
	      sim_time *out)
{
	const char *s = cli_value(c, option);

	*out = otherwise;
	if (!s || simtime_parse(s, out))
		return true;
	cli_fail(c, CLI_USAGE, "--%s %s: that is no time; write 90s, 5m, "
		 "1h30m or 1d", option, s);
	return false;
}

/* --- saying what is wrong ----------------------------------------------- */

int cli_fail(const struct cli *c, int status, const char *fmt, ...)
{
	va_list args;

	fprintf(c->err, "millrace%s%s: ", c->verb ? " " : "",
		c->verb ? c->verb->name : "");
	va_start(args, fmt);
	vfprintf(c->err, fmt, args);
	va_end(args);
	fputc('\n', c->err);
	return status;
}

int cli_fail_err(const struct cli *c, int status, const struct err *err)
{
	return cli_fail(c, status, "%s", err->what);
}

/* --- help --------------------------------------------------------------- */

static void help_options(const struct cli_option *o, FILE *out)
{
	char left[64];

	for (; o && o->name; o++) {
		snprintf(left, sizeof(left), "--%s%s%s", o->name,
			 o->value ? " " : "", o->value ? o->value : "");
		fprintf(out, "  %-20s %s\n", left, o->help);
	}
}

void cli_verb_help(const struct cli_verb *v, FILE *out)
{
	fprintf(out, "usage: millrace %s%s%s\n\n%s.\n", v->name,
		*v->arguments ? " " : "", v->arguments, v->summary);
	if (!v->run)
		fputs("Not in this version yet.\n", out);
	if (v->more)
		fprintf(out, "\n%s\n", v->more);
	fputs("\noptions:\n", out);
	help_options(v->options, out);
	help_options(common_options, out);
}

void cli_print(void *cli, int stream, const char *bytes, size_t len)
{
	const struct cli *c = cli;

	fwrite(bytes, 1, len, stream == 1 ? c->out : c->err);
}

void cli_help(const struct cli_verb *verbs, FILE *out)
{
	fputs("usage: millrace [VERB [OPTION]... [ARGUMENT]...]\n"
	      "Without a verb: what there is, and how to begin.\n\n", out);
	for (const struct cli_verb *v = verbs; v->name; v++)
		if (v->run)
			fprintf(out, "  %-9s %s\n", v->name, v->summary);
	fputs("\ncoming, not in this version yet:\n", out);
	for (const struct cli_verb *v = verbs; v->name; v++)
		if (!v->run)
			fprintf(out, "  %-9s %s\n", v->name, v->summary);
	fputs("\n`millrace VERB --help` says more.  Times are written 90s, 5m, "
	      "1h30m, 1d.\n"
	      "Exit status: 0 done or passed, 1 not passed, 2 usage, 3 the "
	      "environment\nis at fault, 4 the content is at fault.\n", out);
}

/* --- running ------------------------------------------------------------ */

static const struct cli_verb *verb_named(const struct cli_verb *verbs,
					 const char *name)
{
	for (; verbs->name; verbs++)
		if (strcmp(verbs->name, name) == 0)
			return verbs;
	return NULL;
}

static int unknown_verb(const struct cli *c, const struct cli_verb *verbs,
			const char *name)
{
	struct cli_nearest near = { .wanted = name };
	char hint[128];

	for (; verbs->name; verbs++)
		cli_nearest_look(&near, verbs->name);
	cli_nearest_hint(&near, hint, sizeof(hint));
	return cli_fail(c, CLI_USAGE, "there is no verb `%.64s`%s", name,
			*near.name ? hint : "; `millrace help` lists those "
			"there are");
}

static int check_counts(const struct cli *c)
{
	const struct cli_verb *v = c->verb;

	if (c->argument_count < v->arguments_min)
		return cli_fail(c, CLI_USAGE, "something is missing; usage: "
				"millrace %s %s", v->name, v->arguments);
	if (v->arguments_max >= 0 && c->argument_count > v->arguments_max)
		return cli_fail(c, CLI_USAGE, "`%s` is one word too many; "
				"usage: millrace %s %s",
				c->arguments[v->arguments_max], v->name,
				v->arguments);
	if (c->rest_count && !v->takes_rest)
		return cli_fail(c, CLI_USAGE, "nothing may stand behind `--` "
				"here");
	return CLI_DONE;
}

static int run_verb(struct cli *c, int argc, char **argv)
{
	int status;

	if (!take_words(c, argc, argv))
		return CLI_USAGE;
	if (cli_has(c, "help")) {
		cli_verb_help(c->verb, c->out);
		return CLI_DONE;
	}
	if (!c->verb->run)
		return cli_fail(c, CLI_USAGE, "not in this version yet");
	status = check_counts(c);
	return status == CLI_DONE ? c->verb->run(c) : status;
}

/* Options before the verb: --help, --version, --content DIR.  Returns the
 * index of the verb in argv, or a negated status - 1 when all is done. */
static int run_start(struct cli *c, const struct cli_verb *verbs, int argc,
		     char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-') {
		if (strcmp(argv[i], "--version") == 0) {
			fprintf(c->out, "millrace %s\n", MILLRACE_VERSION);
			return -1 - CLI_DONE;
		}
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0) {
			cli_help(verbs, c->out);
			return -1 - CLI_DONE;
		}
		if (strcmp(argv[i], "--content") == 0 && i + 1 < argc) {
			c->content = argv[i + 1];
			i += 2;
			continue;
		}
		cli_fail(c, CLI_USAGE, "there is no option %s before a verb; "
			 "`millrace help` lists the verbs", argv[i]);
		return -1 - CLI_USAGE;
	}
	return i;
}

int cli_main(const struct cli_verb *verbs, int argc, char **argv,
	     FILE *in, FILE *out, FILE *err)
{
	struct cli c = { .in = in, .out = out, .err = err,
			 .program = argc ? argv[0] : "millrace" };
	int at = run_start(&c, verbs, argc, argv), status;
	const char *name;

	if (at < 0)
		return -at - 1;
	name = at < argc ? argv[at] : "home";
	c.verb = verb_named(verbs, name);
	if (!c.verb)
		return unknown_verb(&c, verbs, name);
	c.given = calloc((size_t)argc + 1, sizeof(*c.given));
	c.arguments = calloc((size_t)argc + 1, sizeof(*c.arguments));
	if (!c.given || !c.arguments)
		abort();
	status = run_verb(&c, argc - at, argv + at);
	free(c.arguments);
	free(c.given);
	return status;
}
