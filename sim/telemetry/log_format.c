/* log_format.c - a log line as its program prints it
 *
 * What is kept of a line is who, when, how bad, a message and fields.  Its
 * look belongs to the program, known by the first word of its command:
 *
 *	log4j   [2026-01-05 08:00:01,250] INFO message
 *	slog    time=2026-01-05T08:00:01.250Z level=INFO msg="a message" key=v
 *	zap     {"level":"info","ts":"2026-01-05T08:00:01.250Z","msg":"…"}
 *	klog    I0105 08:00:01.250000     101] "message" key="v"
 */
#include "sim/telemetry/telemetry.h"

#include <string.h>

typedef void format_fn(const struct world *w, const struct log_line *line,
		       struct text *t);

/* The next field behind the text; *at begins as the text's end. */
static void next_field(const char **at, const char **key, const char **value)
{
	*key = *at + strlen(*at) + 1;
	*value = *key + strlen(*key) + 1;
	*at = *value;
}

/* strconv.Quote's common part: what breaks a line or a quote is escaped. */
static void quote(struct text *t, const char *s)
{
	static const char escapes[] = "\"\"\\\\\nn\tt\rr";

	text_char(t, '"');
	for (; *s; s++) {
		const char *e = escapes;

		while (*e && *e != *s)
			e += 2;
		if (*e) {
			text_char(t, '\\');
			text_char(t, e[1]);
		} else
			text_char(t, *s);
	}
	text_char(t, '"');
}

/* As Go's slog.TextHandler: quoted only where it must be. */
static void quote_if_needed(struct text *t, const char *s)
{
	bool plain = *s;

	for (const char *c = s; *c && plain; c++)
		plain = (unsigned char)*c > ' ' && *c != '"' && *c != '=' &&
			*c != 0x7f;
	if (plain)
		text_add(t, s);
	else
		quote(t, s);
}

static void add_pairs(struct text *t, const struct world *w,
		      const struct log_line *line,
		      void (*value_text)(struct text *t, const char *s))
{
	const char *at = log_text(w, line), *key, *value;

	for (uint32_t i = 0; i < line->fields; i++) {
		next_field(&at, &key, &value);
		text_addf(t, " %s=", key);
		value_text(t, value);
	}
}

/* "2026-01-05T08:00:01.250Z" (RFC 3339). */
static void rfc3339(struct text *t, sim_time wall)
{
	size_t from = t->len;

	simtime_wall_text(t, wall);
	t->at[from + 10] = 'T';
	t->at[from + 19] = '.';
	text_char(t, 'Z');
}

static const char *const upper[] = {
	[LOG_DEBUG] = "DEBUG", [LOG_INFO] = "INFO", [LOG_WARN] = "WARN",
	[LOG_ERROR] = "ERROR",
};

/* Kafka's config/log4j.properties: [%d] %p %m%n; fields as they come. */
static void log4j(const struct world *w, const struct log_line *line,
		  struct text *t)
{
	text_char(t, '[');
	simtime_wall_text(t, line->wall);
	text_addf(t, "] %s ", upper[line->level]);
	text_bytes(t, log_text(w, line), line->len);
	add_pairs(t, w, line, quote_if_needed);
}

/* prometheus/common promslog, since Prometheus 3.0 (2.x: ts= level=info). */
static void slog(const struct world *w, const struct log_line *line,
		 struct text *t)
{
	text_add(t, "time=");
	rfc3339(t, line->wall);
	text_addf(t, " level=%s msg=", upper[line->level]);
	quote_if_needed(t, log_text(w, line));
	add_pairs(t, w, line, quote_if_needed);
}

/* go.uber.org/zap's production encoder with ISO 8601 times, as etcd has it. */
static void zap(const struct world *w, const struct log_line *line,
		struct text *t)
{
	static const char *const lower[] = {
		[LOG_DEBUG] = "debug", [LOG_INFO] = "info",
		[LOG_WARN] = "warn", [LOG_ERROR] = "error",
	};
	const char *at = log_text(w, line), *key, *value;

	text_addf(t, "{\"level\":\"%s\",\"ts\":\"", lower[line->level]);
	rfc3339(t, line->wall);
	text_add(t, "\",\"msg\":");
	text_json_bytes(t, at, line->len);
	for (uint32_t i = 0; i < line->fields; i++) {
		next_field(&at, &key, &value);
		text_char(t, ',');
		text_json(t, key);
		text_char(t, ':');
		text_json(t, value);
	}
	text_char(t, '}');
}

/* k8s.io/klog/v2: Lmmdd hh:mm:ss.uuuuuu threadid] "msg" key="v"; the thread is
 * the process's pid, in seven columns. */
static void klog(const struct world *w, const struct log_line *line,
		 struct text *t)
{
	static const char letters[] = {
		[LOG_DEBUG] = 'I', [LOG_INFO] = 'I', [LOG_WARN] = 'W',
		[LOG_ERROR] = 'E',
	};
	const struct process *p = hosts_of(w)->processes.at[line->process];
	struct text wall = {0};

	simtime_wall_text(&wall, line->wall);
	text_addf(t, "%c%.2s%.2s %.8s.%.3s000 %7u] ", letters[line->level],
		  wall.at + 5, wall.at + 8, wall.at + 11, wall.at + 20, p->pid);
	text_free(&wall);
	if (!line->fields) {
		text_bytes(t, log_text(w, line), line->len);
		return;
	}
	quote(t, log_text(w, line));
	add_pairs(t, w, line, quote);
}

/* By the program's name, a '*' at the end for any; all others are log4j. */
static const struct {
	const char *program;
	format_fn *format;
} programs[] = {
	{ "prometheus", slog }, { "alertmanager", slog },
	{ "node_exporter", slog }, { "etcd", zap },
	{ "kube-*", klog }, { "kubelet", klog },
};

static bool is_program(const char *name, size_t len, const char *pattern)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return len >= n - 1 && !memcmp(name, pattern, n - 1);
	return len == n && !memcmp(name, pattern, n);
}

static format_fn *format_of(const struct world *w, const struct log_line *line)
{
	const struct process *p = hosts_of(w)->processes.at[line->process];
	const char *word = world_text(w, p->command);
	size_t len = strcspn(word, " ");

	for (size_t i = len; i; i--)
		if (word[i - 1] == '/') {	/* /bin/prometheus */
			word += i;
			len -= i;
			break;
		}
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (is_program(word, len, programs[i].program))
			return programs[i].format;
	return log4j;
}

void log_line_text(const struct world *w, const struct log_line *line,
		   struct text *t)
{
	format_of(w, line)(w, line, t);
}
