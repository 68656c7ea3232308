/* verbs_study.c - what assess and review share: paragraphs, lines, the record */
#include "lab/verbs_study.h"

#include <stdlib.h>
#include <string.h>

#include "lab/paths.h"
#include "lab/text/wrap.h"
#include "lab/wall.h"

enum { COLUMNS = 76 };

bool study_keep(struct cli *c, struct store *s, enum event_kind kind,
		 struct text *body)
{
	struct err err;
	bool good = store_append(s, kind, text_cstr(body), wall_ms(), &err);

	if (!good)
		cli_fail_err(c, CLI_ENVIRONMENT, &err);
	text_free(body);
	return good;
}

bool study_root(struct cli *c, struct text *root, int *status)
{
	struct err err;

	if (path_content(c->content, c->program, root, &err))
		return true;
	*status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	return false;
}

void study_hanging(struct text *out, const char *label, const char *s)
{
	int indent = (int)strlen(label);
	size_t len = strlen(s), skip;

	text_add(out, label);
	while (len) {
		size_t n = wrap_line(s, len, COLUMNS - indent, &skip);

		text_bytes(out, s, n);
		text_char(out, '\n');
		s += skip;
		len -= skip;
		if (len)
			text_addf(out, "%*s", indent, "");
	}
}

void study_option(struct text *out, char mark, const char *s)
{
	char label[] = { ' ', ' ', mark, ' ', ' ', '\0' };

	study_hanging(out, label, s);
}

void study_paragraph(struct text *out, const char *s)
{
	wrap_text(out, s, strlen(s), COLUMNS, "");
}

void study_say(struct cli *c, struct text *t)
{
	fwrite(text_cstr(t), 1, t->len, c->out);
	fflush(c->out);
	text_clear(t);
}

bool study_read_line(struct cli *c, struct text *line)
{
	char *at = NULL;
	size_t cap = 0;
	ssize_t n = getline(&at, &cap, c->in);

	text_clear(line);
	if (n >= 0)
		text_bytes(line, at, strcspn(at, "\r\n"));
	free(at);
	return n >= 0;
}

int study_take_sure(struct text *line)
{
	char last;

	while (line->len && strchr(" \t", line->at[line->len - 1]))
		line->at[--line->len] = '\0';
	last = line->len ? line->at[line->len - 1] : ' ';
	if (last != '?' && last != '!')
		return SURE_LIKELY;
	line->at[--line->len] = '\0';
	return last == '?' ? SURE_GUESS : SURE_SURE;
}
