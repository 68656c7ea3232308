/* logs.c - what processes wrote, newest last */
#include "lab/play/logs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/play/play_inside.h"
#include "sim/core/text.h"

enum { LOGS_LOOKED_AT = 200000 };	/* lines, from the end */

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (; *text; text++)
		if (strncasecmp(text, word, len) == 0)
			return true;
	return len == 0;
}

static const char *process_name(const struct world *w,
				const struct log_line *line)
{
	const struct hosts *h = hosts_of(w);

	return line->process < h->processes.count ?
	       world_text(w, h->processes.at[line->process]->name) : "?";
}

/* *text is the whole line when it passes; the caller frees it. */
static bool passes(const struct world *w, const struct log_filter *f,
		   const struct log_line *line, struct text *text)
{
	const char *process = process_name(w, line);

	if (line->level < f->level || (f->to && line->at > f->to) ||
	    (f->process && strcmp(f->process, process) != 0))
		return false;
	log_line_text(w, line, text);
	if (!f->word || has_word(process, f->word) ||
	    has_word(text_cstr(text), f->word))
		return true;
	text_free(text);
	return false;
}

/* From the end to the front, then turned round. */
void play_logs(const struct play *p, const struct log_filter *f, size_t max,
	       struct logs *out)
{
	const struct world *w = p->a->world;
	uint64_t i = log_count(w), least = i > LOGS_LOOKED_AT ?
					   i - LOGS_LOOKED_AT : 0;

	*out = (struct logs){ .at = calloc(max + 1, sizeof(*out->at)) };
	if (!out->at)
		abort();
	for (; i > least && out->count < max; i--) {
		const struct log_line *line = log_at(w, i - 1);
		struct text text = {0};

		if (!passes(w, f, line, &text))
			continue;
		out->at[out->count++] = (struct log_entry){
			.at = line->at, .level = line->level,
			.process = process_name(w, line),
			.text = text_take(&text), .number = i - 1,
		};
	}
	for (size_t k = 0; k < out->count / 2; k++) {
		struct log_entry last = out->at[out->count - 1 - k];

		out->at[out->count - 1 - k] = out->at[k];
		out->at[k] = last;
	}
}

void logs_release(struct logs *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->at[i].text);
	free(l->at);
	*l = (struct logs){0};
}
