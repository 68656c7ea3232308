/* reply.c - reading what somebody typed as the answer to a question
 *
 * Who knows the answer must not fail on its form.  So letters are read like
 * numbers, separators may be commas or blanks or nothing, and quantities come
 * in any unit of the right kind.  What cannot be read is told with what is
 * expected, and counts as no answer.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/study/question.h"

enum { TYPED_MAX = 200 };	/* bytes of an answer */

/* --- options --------------------------------------------------------------- */

/* "3", "c" and "C" are option 2; -1: neither. */
static int option_of(char c)
{
	if (c >= '1' && c <= '9')
		return c - '1';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'i' ? c - 'a' : -1;
}

static bool no_such(const struct question *q, char c, struct err *err)
{
	return err_set(err, "%c is none of the options; there are 1 to %zu", c,
		       q->count);
}

/* The whole text of an option, case aside? */
static bool read_text(const struct question *q, const char *typed,
		      struct reply *a)
{
	for (size_t i = 0; i < q->count; i++) {
		const char *s = q->options[i].text, *t = typed;

		while (*s && tolower((unsigned char)*s) ==
			     tolower((unsigned char)*t))
			s++, t++;
		if (*s == '\0' && t[strspn(t, " \t")] == '\0') {
			a->picks[a->count++] = i;
			return true;
		}
	}
	return false;
}

static bool is_joint(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == ';' || c == '.' ||
	       c == ')' || c == '-' || c == '>' || c == '<';
}

/* Options in any spelling, one after the other. */
static bool read_picks(const struct question *q, const char *typed,
		       struct reply *a, struct err *err)
{
	if (read_text(q, typed, a))
		return true;
	for (const char *s = typed; *s; s++) {
		int n = option_of(*s);

		if (is_joint(*s))
			continue;
		if (n < 0)
			return err_set(err, "an answer is made of the numbers "
				       "1 to %zu; \"%.40s\" is not", q->count,
				       typed);
		if ((size_t)n >= q->count)
			return no_such(q, *s, err);
		for (size_t i = 0; i < a->count; i++)
			if (a->picks[i] == (size_t)n)
				return err_set(err, "%c stands there twice",
					       *s);
		a->picks[a->count++] = (size_t)n;
	}
	return true;
}

static bool read_single(const struct question *q, const char *typed,
			struct reply *a, struct err *err)
{
	if (!read_picks(q, typed, a, err))
		return false;
	return a->count == 1 ||
	       err_set(err, "one option is right; %zu were chosen", a->count);
}

static int by_number(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

static bool read_many(const struct question *q, const char *typed,
		      struct reply *a, struct err *err)
{
	if (!read_picks(q, typed, a, err))
		return false;
	qsort(a->picks, a->count, sizeof(a->picks[0]), by_number);
	return true;
}

static bool read_order(const struct question *q, const char *typed,
		       struct reply *a, struct err *err)
{
	if (!read_picks(q, typed, a, err))
		return false;
	return a->count == q->count ||
	       err_set(err, "all %zu have to stand in the answer; it has %zu",
		       q->count, a->count);
}

/* "1c 2a 3b" in any order, or "c a b" for 1, 2, 3. */
static bool read_match(const struct question *q, const char *typed,
		       struct reply *a, struct err *err)
{
	bool given[ITEM_OPTIONS_MAX] = { false }, used[ITEM_OPTIONS_MAX] = {
		false };
	size_t row = 0;

	for (const char *s = typed; *s; s++) {
		int n = option_of(*s);

		if (is_joint(*s) || *s == '=' || *s == ':')
			continue;
		if (n < 0)
			return err_set(err, "write a letter for each number, "
				       "such as 1b 2a; \"%.40s\" is not that",
				       typed);
		if ((size_t)n >= q->count)
			return err_set(err, "there are %zu pairs; %c is beyond "
				       "them", q->count, *s);
		if (isdigit((unsigned char)*s)) {
			row = (size_t)n;
			continue;
		}
		if (row >= q->count || given[row])
			return err_set(err, "%zu has two letters", row + 1);
		if (used[n])
			return err_set(err, "%c stands there twice", *s);
		a->picks[row] = (size_t)n;
		given[row++] = used[n] = true;
		a->count++;
	}
	return a->count == q->count ||
	       err_set(err, "all %zu need a letter; %zu have one", q->count,
		       a->count);
}

/* --- quantities -------------------------------------------------------------- */

/* What a unit measures, and how many of the first of its kind it is. */
struct unit {
	const char *name;
	const char *kind;
	double is;
};

static const struct unit units[] = {
	{ "B", "bytes", 1 },		{ "byte", "bytes", 1 },
	{ "bytes", "bytes", 1 },	{ "kB", "bytes", 1e3 },
	{ "KB", "bytes", 1e3 },		{ "MB", "bytes", 1e6 },
	{ "GB", "bytes", 1e9 },		{ "TB", "bytes", 1e12 },
	{ "KiB", "bytes", 1024 },	{ "MiB", "bytes", 1048576 },
	{ "GiB", "bytes", 1073741824 },	{ "TiB", "bytes", 1099511627776.0 },
	{ "bit", "bytes", 0.125 },	{ "kbit", "bytes", 125 },
	{ "Mbit", "bytes", 125e3 },	{ "Gbit", "bytes", 125e6 },
	{ "s", "time", 1 },		{ "sec", "time", 1 },
	{ "ms", "time", 1e-3 },		{ "min", "time", 60 },
	{ "minutes", "time", 60 },	{ "h", "time", 3600 },
	{ "hours", "time", 3600 },	{ "d", "time", 86400 },
	{ "days", "time", 86400 },	{ "%", "share", 0.01 },
	{ "USD", "money", 1 },		{ "$", "money", 1 },
	{ "records", "records", 1 },	{ "record", "records", 1 },
	{ "k", "count", 1e3 },		{ "thousand", "count", 1e3 },
	{ "M", "count", 1e6 },		{ "million", "count", 1e6 },
	{ "disks", "disks", 1 },	{ "brokers", "brokers", 1 },
};

/* Divisors: "/s" and the like. */
static const struct unit spans[] = {
	{ "s", "time", 1 }, { "min", "time", 60 }, { "h", "time", 3600 },
	{ "day", "time", 86400 }, { "d", "time", 86400 },
	{ "month", "month", 1 },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct unit *find(const struct unit *list, size_t count,
			       const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i].name) == len &&
		    memcmp(list[i].name, name, len) == 0)
			return &list[i];
	return NULL;
}

/* A unit taken apart: "million records/s", "GB", "MB/s". */
struct measure {
	const char *kind, *per;		/* "" when nothing is said */
	double is;
};

static bool read_measure(const char *s, struct measure *m)
{
	*m = (struct measure){ "", "", 1 };
	while (*s) {
		size_t len;
		bool divides = *s == '/';
		const struct unit *u;

		s += divides;
		len = strcspn(s, " /");
		u = divides ? find(spans, COUNT(spans), s, len)
			    : find(units, COUNT(units), s, len);
		if (!u)
			return false;
		if (divides) {
			m->per = u->kind;
			m->is /= u->is;
		} else {
			if (strcmp(u->kind, "count") != 0)
				m->kind = u->kind;
			m->is *= u->is;
		}
		s += len;
		s += strspn(s, " ");
	}
	return true;
}

/* A bare number, or a factor alone ("35 million"), is in the wanted unit. */
static bool in_unit(const struct question *q, const char *unit, double *number,
		    struct err *err)
{
	struct measure wanted, given;

	if (!read_measure(unit, &given))
		return err_set(err, "\"%.40s\" is no unit that is known here; "
			       "the answer is wanted in %s", unit,
			       *q->unit ? q->unit : "plain numbers");
	if (!*given.kind && !*given.per) {
		*number *= given.is;
		return true;
	}
	if (!read_measure(q->unit, &wanted) ||
	    strcmp(wanted.kind, given.kind) != 0 ||
	    strcmp(wanted.per, given.per) != 0)
		return err_set(err, "%.40s measures something else; the answer "
			       "is wanted in %s", unit,
			       *q->unit ? q->unit : "plain numbers");
	*number *= given.is / wanted.is;
	return true;
}

/*
 * Digits, copied without what groups them by three.  A comma groups when
 * three digits follow each; "1,5" could mean two things, so it is asked back.
 */
static bool read_digits(const char **at, char *digits, size_t cap,
			struct err *err)
{
	const char *s = *at;
	size_t len = 0;

	while (*s && len + 1 < cap) {
		bool groups = (*s == ',' || *s == ' ' || *s == '_' ||
			       *s == '\'') && isdigit((unsigned char)s[1]);

		if (groups) {
			size_t run = strspn(s + 1, "0123456789");

			if (run != 3)
				return err_set(err, "\"%.40s\" can be read in "
					       "two ways; write a decimal "
					       "point, and nothing between "
					       "the digits", *at);
			s++;
			continue;
		}
		if (!isdigit((unsigned char)*s) && *s != '.' &&
		    !(len == 0 && (*s == '-' || *s == '+')) &&
		    !((*s == 'e' || *s == 'E') && len > 0 &&
		      (isdigit((unsigned char)s[1]) || s[1] == '-')) &&
		    !(*s == '-' && len > 0 && (s[-1] == 'e' || s[-1] == 'E')))
			break;
		digits[len++] = *s++;
	}
	digits[len] = '\0';
	*at = s;
	return true;
}

static bool read_number(const struct question *q, const char *typed,
			struct reply *a, struct err *err)
{
	char digits[64], *end;
	const char *s = typed;

	s += strspn(s, "~= ");
	if (!read_digits(&s, digits, sizeof(digits), err))
		return false;
	a->number = strtod(digits, &end);
	if (end == digits || *end || !isfinite(a->number))
		return err_set(err, "\"%.40s\" does not begin with a number; "
			       "write one such as 4800 or 82.9%s%s", typed,
			       *q->unit ? " " : "", q->unit);
	s += strspn(s, " ");
	return in_unit(q, s, &a->number, err);
}

/* --- public --------------------------------------------------------------- */

bool reply_read(const struct question *q, const char *typed,
		 struct reply *a, struct err *err)
{
	static bool (*const readers[ITEM_KIND_COUNT])(const struct question *,
			const char *, struct reply *, struct err *) = {
		[ITEM_PREDICT] = read_single, [ITEM_RECALL] = read_single,
		[ITEM_CHOOSE] = read_single, [ITEM_MANY] = read_many,
		[ITEM_ORDER] = read_order, [ITEM_MATCH] = read_match,
		[ITEM_NUMBER] = read_number,
	};
	struct text hint = {0};
	char line[TYPED_MAX + 1];
	size_t len;

	*a = (struct reply){0};
	typed += strspn(typed, " \t\r\n");
	len = strlen(typed);
	while (len && strchr(" \t\r\n", typed[len - 1]))
		len--;
	if (len > TYPED_MAX)
		return err_set(err, "an answer has at most %d characters",
			       TYPED_MAX);
	if (len == 0) {
		question_hint(q, &hint);
		err_set(err, "nothing was answered; expected: %s",
			text_cstr(&hint));
		text_free(&hint);
		return false;
	}
	memcpy(line, typed, len);
	line[len] = '\0';
	return readers[q->item->kind](q, line, a, err);
}

void reply_right(const struct question *q, struct reply *a)
{
	*a = (struct reply){ .number = q->number };
	for (size_t i = 0; i < q->count; i++) {
		const struct question_option *o = &q->options[i];

		if (q->item->kind == ITEM_ORDER)
			a->picks[o->place] = i;
		else if (q->item->kind == ITEM_MATCH)
			a->picks[i] = o->place;
		else if (o->right)
			a->picks[a->count++] = i;
	}
	if (q->item->kind == ITEM_ORDER || q->item->kind == ITEM_MATCH)
		a->count = q->count;
}

void reply_number(double number, struct text *out)
{
	double size = fabs(number);
	int places = size >= 1000 || number == floor(number) ? 0 :
		     size >= 100 ? 1 : size >= 10 ? 2 : 3;
	char buf[64];

	snprintf(buf, sizeof(buf), "%.*f", places, number);
	if (strchr(buf, '.')) {
		size_t len = strlen(buf);

		while (buf[len - 1] == '0')
			len--;
		buf[buf[len - 1] == '.' ? len - 1 : len] = '\0';
	}
	text_add(out, buf);
}

void reply_text(const struct question *q, const struct reply *a,
		 struct text *out)
{
	if (q->item->kind == ITEM_NUMBER) {
		reply_number(a->number, out);
		text_addf(out, "%s%s", *q->unit ? " " : "", q->unit);
		return;
	}
	for (size_t i = 0; i < a->count; i++) {
		text_add(out, i ? " " : "");
		if (q->item->kind == ITEM_MATCH)
			text_addf(out, "%zu%c", i + 1,
				  'a' + (int)a->picks[i]);
		else
			text_addf(out, "%zu", a->picks[i] + 1);
	}
}
