/* ingest_words.c - what a stage answers, for people and for programs */
#include "sim/device/ingest_words.h"

#include <stddef.h>

#define WORD(f, time)	{ #f, offsetof(struct ingest_answer, f), time }

const struct ingest_word ingest_words[] = {
	WORD(produced, false), WORD(stored, false), WORD(dropped, false),
	WORD(in_flight, false), WORD(held, false), WORD(backlog, false),
	WORD(backlog_max, false), WORD(p50, true), WORD(p99, true),
	WORD(p999, true), WORD(drain, true), { NULL, 0, false },
};

static void value_text(const struct ingest_word *word, int64_t value,
		       struct text *out)
{
	if (word->is_time)
		simtime_text(out, value / 1000 * 1000);	/* whole us */
	else
		text_addf(out, "%lld", (long long)value);
}

/* An open end is said, not shown as a bound. */
static void interval_text(const struct ingest_word *word,
			  const struct figure *f, struct text *out)
{
	text_add(out, "  ");
	value_text(word, f->low, out);
	text_add(out, f->open ? " to more than " : " to ");
	value_text(word, f->high, out);
}

static void figure_text(const struct ingest_word *word, const struct figure *f,
			struct text *out)
{
	struct text value = {0};

	if (f->there)
		value_text(word, f->value, &value);
	else
		text_add(&value, "none yet");
	text_addf(out, "  %-12s %14s  %s", word->name, text_cstr(&value),
		  fidelity_badge(f->fidelity));
	if (f->there && f->low != f->high)
		interval_text(word, f, out);
	text_char(out, '\n');
	text_free(&value);
}

void ingest_text(const struct world *w, const struct ingest *s,
		 struct text *out)
{
	struct ingest_answer a;
	bool seen[FIDELITY_ESTIMATE + 1] = { false };

	ingest_ask(w, s, &a);
	text_addf(out, "stage     %s, counted up to ", ingest_name(w, s));
	simtime_text(out, a.as_of);
	text_char(out, '\n');
	for (const struct ingest_word *word = ingest_words; word->name;
	     word++) {
		const struct figure *f = ingest_figure(&a, word);

		figure_text(word, f, out);
		seen[f->fidelity] = true;
	}
	for (int f = FIDELITY_EXACT; f <= FIDELITY_ESTIMATE; f++)
		if (seen[f])
			text_addf(out, "  %s: %s\n",
				  fidelity_badge((enum fidelity)f),
				  fidelity_help((enum fidelity)f));
}

static void figure_json(const struct ingest_word *word, const struct figure *f,
			struct text *out)
{
	text_addf(out, "\"%s%s\":{\"fidelity\":\"%s\"", word->name,
		  word->is_time ? "_ns" : "", fidelity_badge(f->fidelity));
	if (f->there)
		text_addf(out, ",\"value\":%lld,\"low\":%lld,\"high\":%lld,"
			  "\"open\":%s,\"n\":%llu", (long long)f->value,
			  (long long)f->low, (long long)f->high,
			  f->open ? "true" : "false",
			  (unsigned long long)f->n);
	text_char(out, '}');
}

void ingest_json(const struct world *w, const struct ingest *s,
		 struct text *out)
{
	struct ingest_answer a;

	ingest_ask(w, s, &a);
	text_add(out, "{\"name\":");
	text_json(out, ingest_name(w, s));
	text_addf(out, ",\"as_of_ns\":%lld,\"figures\":{",
		  (long long)a.as_of);
	for (const struct ingest_word *word = ingest_words; word->name;
	     word++) {
		if (word != ingest_words)
			text_char(out, ',');
		figure_json(word, ingest_figure(&a, word), out);
	}
	text_add(out, "}}");
}
