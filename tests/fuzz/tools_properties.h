/* tools_properties.h - what holds of the console's tools for every input
 *
 * Shared by tests/fuzz/fuzz_tools.c, where libFuzzer chooses the inputs, and
 * tests/lua/test_tools_fuzz.c, where a seed does.  The front of an input makes
 * a command line: one that means something, or a tool's bare name, then words
 * put in, replaced and dropped.  They come from the tool's own options, from a
 * list of values, or are raw bytes.  Its back makes the answers (fake_sim.h).
 *
 * The promises: a line ends, at the latest after the second Ctrl-C; no tool
 * meets a limit of the sandbox; none shows an error of Lua's; what is printed
 * is UTF-8 if what was typed is.
 *
 * Time jumps to whatever is waited for, and the CPU clock of the sandbox
 * stands still: what happens is a function of the input.
 */
#ifndef TESTS_FUZZ_TOOLS_PROPERTIES_H
#define TESTS_FUZZ_TOOLS_PROPERTIES_H

#include <stdbool.h>
#include <stdio.h>

#include "lua/console.h"
#include "lua/shell.h"
#include "tests/fuzz/fake_sim.h"

enum { TOOLS_MAX = 64, TOOL_WORDS_MAX = 24, TOOL_WORD_BYTES = 96,
       TOOL_OPTIONS_MAX = 64, TOOL_POLLS_MAX = 60, TOOL_OUT_MAX = 256 * 1024 };
/* No world lasts longer; here each wait is over at once. */
#define TOOL_TIME_MAX	(INT64_C(1) << 60)

struct tools_fuzz {
	struct fake_sim sim;
	struct sandbox *sandbox;
	struct files_memory *drawer;
	struct files inner;		/* the drawer's face */
	bool drawer_changed;
	struct console *console;
	char *tools[TOOLS_MAX];
	char *options[TOOLS_MAX][TOOL_OPTIONS_MAX];
	size_t tool_count, option_count[TOOLS_MAX];
	struct text out, line;
	char words[TOOL_WORDS_MAX][TOOL_WORD_BYTES];
	size_t word_count;
	int status;
	/* Told what is new, to steer by; may be NULL. */
	void (*feature)(unsigned what);
};

/* --- words --------------------------------------------------------------- */

#define FUZZ_B " --bootstrap-server broker-1:9092"

static const char *const fuzz_lines[] = {
	"kafka-topics.sh" FUZZ_B " --list",
	"kafka-topics.sh" FUZZ_B " --describe",
	"kafka-topics.sh" FUZZ_B " --describe --topic t",
	"kafka-topics.sh" FUZZ_B " --describe --under-replicated-partitions",
	"kafka-topics.sh" FUZZ_B " --describe --topics-with-overrides",
	"kafka-topics.sh" FUZZ_B " --describe --topic-id jJaD",
	"kafka-topics.sh" FUZZ_B " --create --topic x --partitions 3",
	"kafka-topics.sh" FUZZ_B " --create --topic x --config a=b",
	"kafka-topics.sh" FUZZ_B " --create --topic x --replica-assignment 1:2",
	"kafka-topics.sh" FUZZ_B " --alter --topic t --partitions 9",
	"kafka-topics.sh" FUZZ_B " --alter --topic t --partitions 3 "
		"--replica-assignment 1:2,2:3,1:3",
	"kafka-topics.sh" FUZZ_B " --delete --topic t",
	"kafka-configs.sh" FUZZ_B " --topic t --describe",
	"kafka-configs.sh" FUZZ_B " --entity-type topics --entity-name t "
		"--alter --add-config retention.ms=1,cleanup.policy=[a,b]",
	"kafka-configs.sh" FUZZ_B " --topic t --alter --delete-config x",
	"kafka-configs.sh" FUZZ_B " --broker 1 --describe --all",
	"kafka-console-consumer.sh" FUZZ_B " --topic t --from-beginning",
	"kafka-console-consumer.sh" FUZZ_B " --topic t --max-messages 2",
	"kafka-console-consumer.sh" FUZZ_B " --topic t --partition 0 "
		"--offset 3 --timeout-ms 9 --property print.key=true",
	"kafka-console-consumer.sh" FUZZ_B " --topic t --group g "
		"--consumer-property a=b",
	"kafka-console-producer.sh" FUZZ_B " --topic t",
	"kafka-console-producer.sh" FUZZ_B " --topic t --sync "
		"--property parse.key=true --property key.separator=:",
	"kafka-consumer-groups.sh" FUZZ_B " --list --state",
	"kafka-consumer-groups.sh" FUZZ_B " --describe --group g",
	"kafka-consumer-groups.sh" FUZZ_B " --describe --all-groups",
	"kafka-consumer-groups.sh" FUZZ_B " --describe --group g --members "
		"--verbose",
	"kafka-consumer-groups.sh" FUZZ_B " --describe --group g --state",
	"kafka-consumer-groups.sh" FUZZ_B " --delete --group g",
	"kafka-consumer-groups.sh" FUZZ_B " --reset-offsets --group g "
		"--topic t:0 --shift-by -2 --execute",
	"kafka-consumer-groups.sh" FUZZ_B " --reset-offsets --group g "
		"--all-topics --to-datetime 2026-01-05T08:00:00.000",
	"kafka-consumer-groups.sh" FUZZ_B " --reset-offsets --group g "
		"--topic t --by-duration P1DT2H",
	"kafka-consumer-groups.sh" FUZZ_B " --reset-offsets --group g "
		"--topic t:0,1 --to-offset 3 --dry-run --export",
	"kafka-get-offsets.sh" FUZZ_B,
	"kafka-get-offsets.sh" FUZZ_B " --topic t --time -2",
	"kafka-get-offsets.sh" FUZZ_B " --topic-partitions t:0-3,u:-2,.*:1-",
	"kafka-log-dirs.sh" FUZZ_B " --describe --topic-list t,u",
	"kafka-leader-election.sh" FUZZ_B " --election-type preferred "
		"--topic t --partition 0",
	"kafka-leader-election.sh" FUZZ_B " --election-type unclean "
		"--path-to-json-file plan.json",
	"kafka-leader-election.sh" FUZZ_B " --election-type preferred "
		"--all-topic-partitions",
	"kafka-reassign-partitions.sh" FUZZ_B " --generate "
		"--topics-to-move-json-file topics.json --broker-list 1,2,3",
	"kafka-reassign-partitions.sh" FUZZ_B " --execute "
		"--reassignment-json-file plan.json",
	"kafka-reassign-partitions.sh" FUZZ_B " --verify "
		"--reassignment-json-file plan.json",
	"kafka-reassign-partitions.sh" FUZZ_B " --cancel "
		"--reassignment-json-file plan.json",
	"kafka-reassign-partitions.sh" FUZZ_B " --list",
	"kafka-topics.sh --help", "kafka-topics.sh --version",
	"promql up", "promql --start 10m --step 15s up", "promql --json up",
	"promql --output csv up", "promql --host http://a:1 --time 5 up",
	"curl http://broker-1:80/", "curl -sSfi -X POST -d a=b http://x/y?z",
	"curl -G --data-urlencode q=up prometheus:9090/api",
	"traces", "traces -n 3", "traces sample 0.1", "traces sample 7",
	"traces 0af7651916cd43dd8448eb211c80319c", "traces abc",
	"psql -h broker-1 -c select", "psql -h db -p 1 -t -c \\d",
	"psql -c \\d+t", "service put a.txt", "service set a arg.b=c",
	"service run a a.txt on=app restart=no file.a=b env.A=b arg.a=b",
	"service run b a.txt properties=conf/app.yaml memory=1 cpus=0.5",
	"ping -c 2 broker-1", "ping -i 0.2 -c 3 localhost", "ping nowhere",
	"ps", "ps aux", "ps -H broker-1", "top -b -n 2 -d 1", "top",
	"bill", "bill --by machine", "bill --by zone", "bill --json",
	"df -h", "df -H broker-1", "logs broker-1 -n 2", "logs -f broker-1",
	"logs --since 10m broker-1",
	"systemctl -H broker-1 status kafka", "systemctl stop kafka",
	"systemctl -H broker-2 start kafka", "systemctl is-active app",
	"systemctl -H broker-1 restart kafka prometheus",
	"docker ps -a", "docker logs --tail 1 broker-1", "docker logs -f app",
	"docker exec -it app ping -c 1 broker-1",
	"docker exec broker-1 kafka-topics.sh" FUZZ_B " --list",
	"docker stop broker-1", "docker restart app broker-2",
	"docker compose ps", "docker compose up -d", "docker compose down",
	"docker compose exec broker-1 kafka-get-offsets.sh" FUZZ_B,
	"docker compose logs --since 1h broker-1",
	"grep -n a a.txt", "grep -E ^(a|b)+$ a.txt", "grep -c -v x a.txt b.txt",
	"grep -o [a-z]* a.txt", "grep -i -A 1 -B 2 a a.txt", "grep -F -w a -",
	"head -n 2 a.txt", "head -c 3 a.txt b.txt", "tail -n +2 a.txt",
	"tail -5", "sort -k 2,3nr -t , a.txt", "sort -u -n -r", "sort -f -b",
	"cut -d , -f 1,3- a.txt", "cut -c 2-4", "tr a-z A-Z", "tr -d a",
	"tr -s [:space:] x", "tr -c a-z \\n", "uniq -c a.txt", "uniq -d",
	"wc -l a.txt", "wc", "printf %s-%5d|%x\\n a 3 4", "printf %-8s%% b c",
	"printf %5.2f 1", "seq 3", "seq -w 8 11", "seq -s , 1 2 9", "sleep 5",
	"sleep 1h 2.5m", "echo -n a", "echo -e a\\nb", "cat a.txt -", "cat -n",
	"ls -l", "ls conf", "cp a.txt b.txt", "rm a.txt", "tee b.txt",
	"tee -a a.txt", "true", "false", "help", "help grep", "man sort",
};

static const char *const fuzz_values[] = {
	"t", "t:0", "t:0,1", "t:", "broker-1:9092", "nowhere:1", ":", ",",
	"0", "1", "-1", "+3", "2147483648", "9223372036854775807",
	"9223372036854775808", "-9223372036854775808", "1e9", "0x10", "1.5",
	"99999", "1000000000000", "", " ", "-", "--", "=", "a=b", "=b", "a=",
	"a.txt", "b.txt", "plan.json", "topics.json", "bad.json", "none.json",
	"/dev/null", "/dev/stdin", "conf/app.yaml", "../x", "a/b/c",
	".*", "t|u", "(", "[", "[a-", "a{2,1}", "a{99}", "\\", "\\(a\\)*", "*",
	"(a*)*", "^$", "[[:alpha:]]", "(((a{50}){50}){50})", "%", "%s", "%d",
	"%99d", "%-099.99f", "%c", "%5", "\\n", "%i %x %q", "10m", "5s", "1d2h",
	"999999999999d", "0", "P1DT2H", "P", "PT", "P1.5D",
	"2026-01-05T08:00:00.000Z", "2026-01-05T08:00:00.000+99:99",
	"latest", "earliest", "-3", "max-timestamp", "1767600020000",
	"broker-1", "localhost", "kafka", "kafka.service", "app", "workstation",
	"http://broker-1:80/x?y=z", "https://x/", "http://", "a:b:c", "//",
	"preferred", "unclean", "topics", "brokers", "t-0", "__consumer_offsets",
	"print.key=true", "key.separator=", "parse.key=true", "gzip", "all",
	"auto.offset.reset=none", "group.id=h", "client.id=%", "acks=all",
	"1,2,3", "1-", "-3", "3-1", "0-0", "1:2,2:3", "1:1", "1:2,2", "1,,2",
	"\xc3\xa9", "\xf0\x9f\x92\xa7", "a b", "'", "\"", "a\tb", "\n",
	"[a,b]", "retention.ms=[1", "x=[a,b],y=c", "z-a", "[:digit:]", "[=a=]",
	"2,1", "1,2nr", "0,0", "k", "n", "1.2", "--topic", "-n", "-f", "-k",
	"kafka-topics.sh", "ping", "curl", "promql", "args", "../lib/args",
	"exec", "compose", "logs", "ps", "start", "--since", "--tail", "-it",
	"up", "rate(x[5m])", "sum by (", "{a=\"b\"}",
};

static const char *const fuzz_stdin[] = {
	"", "a,b,c\nb a 3\n\n10 x\n9 y\n", "k:v\nnokey\n:\n",
	"\xc3\xa9t\xc3\xa9\n\xf0\x9f\x92\xa7 x\n", "no newline",
	"\n\n\n", "%s %d\n", "a\ta\tb\n",
};

static const struct {
	const char *name, *bytes;
} fuzz_files[] = {
	{ "a.txt", "b,2,x\na,10,y\n\na,9\n\xc3\xa9t\xc3\xa9 a b\nabcabc\n" },
	{ "b.txt", "" },
	{ "bad.json", "{\"topics\":[{\"topic\":5}],\"version\":\"1\","
		"\"partitions\":[{\"topic\":\"t\",\"partition\":-1,"
		"\"replicas\":[\"a\"]},{},null,3]}" },
	{ "conf/app.yaml", "a: b\n" },
	{ "plan.json", "{\"version\":1,\"partitions\":[{\"topic\":\"t\","
		"\"partition\":0,\"replicas\":[3,1]},{\"topic\":\"t\","
		"\"partition\":1,\"replicas\":[1,2],\"log_dirs\":[\"any\"]}]}" },
	{ "topics.json", "{\"topics\":[{\"topic\":\"t\"}],\"version\":1}" },
};

/* --- the drawer ---------------------------------------------------------- */

static inline bool fuzz_read(void *ctx, const char *name, struct text *out,
			     struct err *err)
{
	struct tools_fuzz *f = ctx;

	return f->inner.read(f->inner.ctx, name, out, err);
}

static inline bool fuzz_write(void *ctx, const char *name, const void *bytes,
			      size_t len, struct err *err)
{
	struct tools_fuzz *f = ctx;

	f->drawer_changed = true;
	return f->inner.write(f->inner.ctx, name, bytes, len, err);
}

static inline bool fuzz_append(void *ctx, const char *name, const void *bytes,
			       size_t len, struct err *err)
{
	struct tools_fuzz *f = ctx;

	f->drawer_changed = true;
	return f->inner.append(f->inner.ctx, name, bytes, len, err);
}

static inline bool fuzz_list(void *ctx, files_visit *visit, void *with,
			     struct err *err)
{
	struct tools_fuzz *f = ctx;

	return f->inner.list(f->inner.ctx, visit, with, err);
}

static inline bool fuzz_remove(void *ctx, const char *name, struct err *err)
{
	struct tools_fuzz *f = ctx;

	f->drawer_changed = true;
	return f->inner.remove(f->inner.ctx, name, err);
}

/* The drawer as every run finds it; a bad.json or plan.json may be spoilt. */
static inline void fuzz_fill_drawer(struct tools_fuzz *f)
{
	struct err err;

	files_memory_free(f->drawer);
	f->drawer = files_memory_new();
	f->inner = files_memory_face(f->drawer);
	for (size_t i = 0; i < FAKE_COUNT(fuzz_files); i++)
		if (!f->inner.write(f->inner.ctx, fuzz_files[i].name,
				    fuzz_files[i].bytes,
				    strlen(fuzz_files[i].bytes), &err))
			abort();
	f->drawer_changed = false;
}

static inline void fuzz_spoil_plan(struct tools_fuzz *f)
{
	struct text t = {0};
	unsigned how = choose_back(&f->sim.choices);
	const char *name = how & 1 ? "plan.json" : "topics.json";

	if (how < 192)
		return;
	f->inner.read(f->inner.ctx, name, &t, NULL);
	fake_spoil(&f->sim, &t);
	fuzz_write(f, name, text_cstr(&t), t.len, NULL);
	text_free(&t);
}

/* --- the console's host -------------------------------------------------- */

static inline bool fuzz_ready(void *ctx, const char *kind, int64_t id,
			      int64_t deadline_ns)
{
	struct tools_fuzz *f = ctx;

	(void)id;
	(void)deadline_ns;
	return strcmp(kind, "entry") == 0 &&
	       choose_back(&f->sim.choices) < 224;
}

static inline int64_t fuzz_now(void *ctx)
{
	return ((struct tools_fuzz *)ctx)->sim.now_ns;
}

static inline void fuzz_out(void *ctx, int stream, const char *bytes,
			    size_t len)
{
	struct tools_fuzz *f = ctx;

	(void)stream;
	if (f->out.len < TOOL_OUT_MAX)
		text_bytes(&f->out, bytes, len);
}

static inline int64_t fuzz_no_clock(void *ctx)
{
	(void)ctx;
	return 0;
}

/* --- life ---------------------------------------------------------------- */

static inline void fuzz_add_tool(void *with, const char *name,
				 const char *summary)
{
	struct tools_fuzz *f = with;
	/* words of the console itself, some of which outlive their line */
	static const char words[] = " clear export fg history jobs kill set "
				    "unset wait ";
	char spaced[64];

	(void)summary;
	snprintf(spaced, sizeof(spaced), " %s ", name);
	if (strstr(words, spaced) || f->tool_count == TOOLS_MAX)
		return;
	f->tools[f->tool_count] = strdup(name);
	f->tool_count++;
}

/* What Tab offers behind a tool's name. */
static inline void fuzz_learn_options(struct tools_fuzz *f, size_t tool)
{
	static const char *const begun[] = { "%s -", "%s " };
	struct completions c;
	char line[128];

	for (size_t i = 0; i < FAKE_COUNT(begun); i++) {
		snprintf(line, sizeof(line), i ? "%s " : "%s -",
			 f->tools[tool]);
		console_complete(f->console, line, strlen(line), &c);
		for (size_t k = 0; k < c.count &&
		     f->option_count[tool] < TOOL_OPTIONS_MAX; k++)
			f->options[tool][f->option_count[tool]++] =
				strndup(c.at[k].show, TOOL_WORD_BYTES - 1);
		completions_release(&c);
	}
}

static inline void tools_fuzz_open(struct tools_fuzz *f)
{
	struct console_host host = {
		.ctx = f, .ready = fuzz_ready, .now_ns = fuzz_now,
		.out = fuzz_out,
	};
	struct files face = {
		.ctx = f, .read = fuzz_read, .write = fuzz_write,
		.append = fuzz_append, .list = fuzz_list,
		.remove = fuzz_remove,
	};
	struct err err;

	memset(f, 0, sizeof(*f));
	fuzz_fill_drawer(f);
	fake_sim_begin(&f->sim, NULL, 0);
	f->sandbox = sandbox_new(NULL);
	sandbox_set_clock(f->sandbox, fuzz_no_clock, NULL);
	if (!json_open(f->sandbox, &err))
		abort();
	fake_sim_open(&f->sim, f->sandbox);
	f->console = console_new(f->sandbox, &host, &face, NULL, &err);
	if (!f->console) {
		fprintf(stderr, "%s\n", err.what);
		abort();
	}
	console_world_set(f->console);
	console_each_command(f->console, fuzz_add_tool, f);
	for (size_t i = 0; i < f->tool_count; i++)
		fuzz_learn_options(f, i);
}

static inline void tools_fuzz_close(struct tools_fuzz *f)
{
	console_free(f->console);
	sandbox_free(f->sandbox);
	files_memory_free(f->drawer);
	for (size_t i = 0; i < f->tool_count; i++) {
		free(f->tools[i]);
		for (size_t k = 0; k < f->option_count[i]; k++)
			free(f->options[i][k]);
	}
	text_free(&f->out);
	text_free(&f->line);
}

/* --- from bytes to a command line ---------------------------------------- */

static inline void fuzz_word_set(struct tools_fuzz *f, size_t at,
				 const char *word)
{
	snprintf(f->words[at], TOOL_WORD_BYTES, "%s", word);
}

static inline size_t fuzz_tool_number(const struct tools_fuzz *f)
{
	for (size_t i = 0; i < f->tool_count; i++)
		if (strcmp(f->tools[i], f->words[0]) == 0)
			return i;
	return 0;
}

static inline const char *fuzz_value(struct choices *c)
{
	return fuzz_values[choose_front(c) % FAKE_COUNT(fuzz_values)];
}

static inline const char *fuzz_option(struct tools_fuzz *f)
{
	struct choices *c = &f->sim.choices;
	size_t tool = fuzz_tool_number(f), n = f->option_count[tool];

	return n ? f->options[tool][choose_front(c) % n] : fuzz_value(c);
}

/* A NUL would end the word. */
static inline void fuzz_raw(struct choices *c, char *out, size_t count)
{
	size_t n = 0;

	while (n < count && c->left)
		if ((out[n] = (char)choose_front(c)) != '\0')
			n++;
	out[n] = '\0';
}

static inline void fuzz_compose_word(struct tools_fuzz *f, char *out)
{
	struct choices *c = &f->sim.choices;
	unsigned how = choose_front(c);
	size_t len;

	switch (how % 8) {
	case 0:
	case 1:
		snprintf(out, TOOL_WORD_BYTES, "%s", fuzz_option(f));
		return;
	case 2:
	case 3:
		snprintf(out, TOOL_WORD_BYTES, "%s", fuzz_value(c));
		return;
	case 4:
		snprintf(out, TOOL_WORD_BYTES, "%s=", fuzz_option(f));
		len = strlen(out);
		snprintf(out + len, TOOL_WORD_BYTES - len, "%s", fuzz_value(c));
		return;
	case 5:
		fuzz_raw(c, out, 1 + how / 8);
		return;
	case 6:			/* a value with some bytes behind */
		snprintf(out, 64, "%s", fuzz_value(c));
		len = strlen(out);
		fuzz_raw(c, out + len, 1 + how / 64);
		return;
	case 7:			/* a value with one byte changed */
		snprintf(out, TOOL_WORD_BYTES, "%s",
			 how & 8 ? fuzz_option(f) : fuzz_value(c));
		len = strlen(out);
		if (len)
			out[choose_front(c) % len] = (char)choose_front(c);
	}
}

static inline void fuzz_change_words(struct tools_fuzz *f)
{
	unsigned how = choose_front(&f->sim.choices);
	size_t n = f->word_count, at = how / 4 % (n + 1);

	if (how % 4 == 3 && n > 1) {			/* drop */
		at = at % (n - 1) + 1;
		memmove(f->words[at], f->words[at + 1],
			(n - at - 1) * TOOL_WORD_BYTES);
		f->word_count--;
		return;
	}
	if (n == TOOL_WORDS_MAX || (how % 4 == 2 && n > 1)) {	/* replace */
		at = n > 1 ? at % (n - 1) + 1 : 0;
	} else {					/* put in */
		at = how % 4 == 0 || at == 0 ? n : at;
		memmove(f->words[at + 1], f->words[at],
			(n - at) * TOOL_WORD_BYTES);
		f->word_count++;
		f->words[at][0] = '\0';
	}
	fuzz_compose_word(f, f->words[at]);
}

static inline void fuzz_take_line(struct tools_fuzz *f, const char *line)
{
	while (*line && f->word_count < TOOL_WORDS_MAX) {
		size_t len = strcspn(line, " ");

		snprintf(f->words[f->word_count++], TOOL_WORD_BYTES, "%.*s",
			 (int)len, line);
		line += len + (line[len] == ' ');
	}
}

static inline void fuzz_compose(struct tools_fuzz *f)
{
	struct choices *c = &f->sim.choices;
	unsigned kind = choose_front(c);
	unsigned changes = kind >> 5, tail = kind & 31;
	unsigned which = choose_front(c);
	static const char *const tails[] = {
		" < a.txt", " 2>&1 | head -n 1", " > b.txt", " | grep a",
		" < b.txt 2> conf/app.yaml", " <<< 'x y'", " | sort | uniq -c",
	};

	f->word_count = 0;
	if (which < 220 || !f->tool_count) {
		fuzz_take_line(f, fuzz_lines[(which + 220 * (tail & 1)) %
					     FAKE_COUNT(fuzz_lines)]);
	} else {
		fuzz_word_set(f, 0, f->tools[choose_front(c) % f->tool_count]);
		f->word_count = 1;
	}
	while (changes-- && c->left)
		fuzz_change_words(f);
	text_clear(&f->line);
	if (tail == 31)
		text_add(&f->line, "HOSTNAME=broker-1 ");
	for (size_t i = 0; i < f->word_count; i++) {
		if (i)
			text_char(&f->line, ' ');
		shell_quote(&f->line, f->words[i], i ? '\'' : 0);
	}
	if (tail >= 20 && tail - 20 < FAKE_COUNT(tails))
		text_add(&f->line, tails[tail - 20]);
}

/* --- running it ---------------------------------------------------------- */

#ifndef TOOL_PROMISE
#define TOOL_PROMISE(f, claim) \
	do { \
		if (!(claim)) { \
			fprintf(stderr, "%s:%d: %s\n$ %s\n%.2000s\n", __FILE__, \
				__LINE__, #claim, text_cstr(&(f)->line), \
				text_cstr(&(f)->out)); \
			abort(); \
		} \
	} while (0)
#endif

static inline bool fuzz_utf8(const char *bytes, size_t len)
{
	const unsigned char *s = (const unsigned char *)bytes;

	for (size_t i = 0; i < len;) {
		size_t n = s[i] < 0x80 ? 1 : s[i] < 0xc2 ? 0 :
			   s[i] < 0xe0 ? 2 : s[i] < 0xf0 ? 3 :
			   s[i] < 0xf5 ? 4 : 0;

		if (!n || i + n > len)
			return false;
		for (size_t k = 1; k < n; k++)
			if (s[i + k] >> 6 != 2)
				return false;
		i += n;
	}
	return true;
}

/* These work on bytes, as GNU's do, and may cut a letter in two. */
static inline bool fuzz_cuts_letters(const struct tools_fuzz *f)
{
	static const char *const bytewise[] = {
		"cut", "grep", "head", "printf", "tail", "tr",
	};

	for (size_t i = 0; i < FAKE_COUNT(bytewise); i++)
		if (strcmp(f->words[0], bytewise[i]) == 0)
			return true;
	return false;
}

/* "args.lua:12:" and the like, unless it was typed. */
static inline bool fuzz_shows_lua(const struct tools_fuzz *f)
{
	static const char *const signs[] = {
		"attempt to", "stack traceback:", "bad argument #",
	};
	const char *out = text_cstr(&f->out), *line = text_cstr(&f->line);

	for (size_t i = 0; i < FAKE_COUNT(signs); i++)
		if (strstr(out, signs[i]) && !strstr(line, signs[i]))
			return true;
	if (strstr(line, ".lua"))
		return false;
	for (const char *at = out; (at = strstr(at, ".lua:")); at++)
		if (at[5] >= '0' && at[5] <= '9')
			return true;
	return false;
}

static inline void fuzz_feed(struct tools_fuzz *f)
{
	unsigned how = choose_back(&f->sim.choices);
	const char *bytes = fuzz_stdin[how % FAKE_COUNT(fuzz_stdin)];

	console_input(f->console, bytes, strlen(bytes));
	if (how < 224)
		console_input_end(f->console);
}

/* One poll; false when the line is done. */
static inline bool fuzz_step(struct tools_fuzz *f, int polls)
{
	struct choices *c = &f->sim.choices;
	int64_t due;
	enum console_state state = console_poll(f->console, &due);

	TOOL_PROMISE(f, sandbox_stopped(f->sandbox) == SANDBOX_RUNNING);
	if (state == CONSOLE_IDLE)
		return false;
	if (polls == TOOL_POLLS_MAX - 20 || polls == TOOL_POLLS_MAX - 10 ||
	    polls == TOOL_POLLS_MAX - 5)
		console_interrupt(f->console);
	else if (f->out.len >= TOOL_OUT_MAX)	/* as a session does */
		console_interrupt(f->console);
	else if (console_wants_input(f->console))
		fuzz_feed(f);
	else if (state == CONSOLE_WAITING && choose_back(c) >= 250)
		console_interrupt(f->console);
	else if (due < TOOL_TIME_MAX && due > f->sim.now_ns &&
		 choose_back(c) < 240)
		f->sim.now_ns = due;
	return true;
}

/* Which tool, how it ended, and the beginning of what it said last. */
static inline void fuzz_tell(struct tools_fuzz *f)
{
	const char *at = text_cstr(&f->out);
	size_t lines = 0;

	if (!f->feature)
		return;
	while (*at && lines++ < 8) {
		unsigned hash = (unsigned)fuzz_tool_number(f) * 251;
		size_t n = strcspn(at, "'\"0123456789\n");

		for (size_t i = 0; i < n && i < 24; i++)
			hash = hash * 31 + (unsigned char)at[i];
		f->feature(hash);
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	f->feature((unsigned)fuzz_tool_number(f) * 256 + (unsigned)f->status);
}

static inline void fuzz_run(struct tools_fuzz *f)
{
	bool typed_utf8 = fuzz_utf8(text_cstr(&f->line), f->line.len);
	struct err err;

	text_clear(&f->out);
	f->status = -1;
	if (!console_start(f->console, text_cstr(&f->line), &err))
		return;
	for (int polls = 0; fuzz_step(f, polls); polls++)
		TOOL_PROMISE(f, polls < TOOL_POLLS_MAX);
	f->status = console_status(f->console);
	TOOL_PROMISE(f, f->status >= 0 && f->status <= 255);
	TOOL_PROMISE(f, !fuzz_shows_lua(f));
	TOOL_PROMISE(f, !typed_utf8 || fuzz_cuts_letters(f) ||
		     f->out.len >= TOOL_OUT_MAX ||
		     fuzz_utf8(text_cstr(&f->out), f->out.len));
}

/* Tab behind it: nothing may happen but an answer. */
static inline void fuzz_complete(struct tools_fuzz *f)
{
	struct completions c;

	if (choose_back(&f->sim.choices) < 240)
		return;
	console_complete(f->console, text_cstr(&f->line), f->line.len, &c);
	completions_release(&c);
	TOOL_PROMISE(f, sandbox_stopped(f->sandbox) == SANDBOX_RUNNING);
}

/* One line as it stands.  `back` are the choices of the answers, the last byte
 * first; without it, all are good. */
static inline void tools_fuzz_line(struct tools_fuzz *f, const char *line,
				   const char *back)
{
	fake_sim_begin(&f->sim, NULL, 0);
	f->sim.choices = (struct choices){ (const unsigned char *)back,
					   strlen(back) };
	if (f->drawer_changed)
		fuzz_fill_drawer(f);
	snprintf(f->words[0], TOOL_WORD_BYTES, "%.*s",
		 (int)strcspn(line, " "), line);
	text_clear(&f->line);
	text_add(&f->line, line);
	fuzz_run(f);
}

static inline void tools_properties(struct tools_fuzz *f,
				    const unsigned char *bytes, size_t len)
{
	fake_sim_begin(&f->sim, bytes, len);
	if (f->drawer_changed)
		fuzz_fill_drawer(f);
	fuzz_spoil_plan(f);
	fuzz_compose(f);
	fuzz_run(f);
	fuzz_tell(f);
	fuzz_complete(f);
}

#endif
