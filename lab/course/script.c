/* script.c - a file of console lines, one input after the other */
#include "lab/course/script.h"

#include <ctype.h>
#include <string.h>

#include "lua/shell.h"

void script_init(struct script *s, const char *text, size_t len)
{
	*s = (struct script){ .at = text, .end = text + len, .line = 1 };
}

bool script_is_blank(const char *line)
{
	while (isspace((unsigned char)*line))
		line++;
	return *line == '\0' || *line == '#';
}

/* Take one line, with `\n` and `\r\n` alike. */
static void take_line(struct script *s, struct text *out)
{
	size_t left = (size_t)(s->end - s->at);
	const char *newline = memchr(s->at, '\n', left);
	size_t len = newline ? (size_t)(newline - s->at) : left;

	text_bytes(out, s->at, len && s->at[len - 1] == '\r' ? len - 1 : len);
	s->at += newline ? len + 1 : len;
	s->line++;
}

bool script_next(struct script *s, struct text *out)
{
	do {
		if (s->at == s->end)
			return false;
		text_clear(out);
		s->input_line = s->line;
		take_line(s, out);
	} while (script_is_blank(text_cstr(out)));
	while (s->at < s->end && out->len < SHELL_BYTES_MAX &&
	       shell_incomplete(text_cstr(out), out->len)) {
		text_char(out, '\n');
		take_line(s, out);
	}
	return true;
}

bool script_check(const char *name, const char *text, size_t len,
		  struct err *err)
{
	int line = 1;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n')
			line++;
		else if (c < ' ' && c != '\t' && c != '\r')
			return err_set(err, "%s:%d: holds a control character "
				       "(%u); a script is plain text", name,
				       line, c);
	}
	return true;
}
