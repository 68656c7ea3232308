/* shell.c - the command language: text in, commands out
 *
 * A line from its first byte to its end: the memory it lives in, reading it,
 * showing what was understood.
 */
#include "lua/shell_inside.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

/*
 * Memory: blocks that are only ever added to.  A line is many small things
 * that live and die together, so one list of blocks is all the bookkeeping.
 */
struct shell_block {
	struct shell_block *next;
	size_t used;
	size_t cap;
	max_align_t bytes[];
};

enum { BLOCK_BYTES = 4096 - 64 };

void *shell_alloc(struct shell_line *line, size_t size)
{
	struct shell_block *b = line->memory;
	size_t unit = sizeof(max_align_t);
	size_t need = (size + unit - 1) / unit * unit;
	char *at;

	if (!b || b->cap - b->used < need) {
		size_t cap = need > BLOCK_BYTES ? need : BLOCK_BYTES;

		b = mem_take(sizeof(*b) + cap);
		*b = (struct shell_block){ .next = line->memory, .cap = cap };
		line->memory = b;
	}
	at = (char *)b->bytes + b->used;
	b->used += need;
	return memset(at, 0, size);
}

char *shell_copy(struct shell_line *line, const char *s, size_t len)
{
	char *copy = shell_alloc(line, len + 1);

	if (len)
		memcpy(copy, s, len);
	return copy;
}

void shell_line_free(struct shell_line *line)
{
	if (!line)
		return;
	while (line->memory) {
		struct shell_block *next = line->memory->next;

		free(line->memory);
		line->memory = next;
	}
	free(line);
}

/* -- reading ------------------------------------------------------------ */

bool shell_is_name(const char *s, size_t len)
{
	if (len == 0 || !is_name_start((unsigned char)s[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_name_start((unsigned char)s[i]) &&
		    !is_digit((unsigned char)s[i]))
			return false;
	return true;
}

/* Blanks, joined lines and comments; stops at a newline. */
void shell_skip_blank(struct parser *p)
{
	for (;;) {
		int c = here_char(p);

		if (is_blank(c))
			p->at++;
		else if (c == '\\' && next_char(p) == '\n')
			p->at += 2;
		else if (c == '#')
			while (here_char(p) != -1 && here_char(p) != '\n')
				p->at++;
		else
			return;
	}
}

static bool read_input_text(struct parser *p)
{
	const char *nul = p->len ? memchr(p->text, '\0', p->len) : NULL;

	if (p->len > SHELL_BYTES_MAX) {
		p->len = 0;	/* a column past the limit helps nobody */
		return shell_fail(p, 0, "the input is longer than %d KiB; put "
				  "the data in a file", SHELL_BYTES_MAX / 1024);
	}
	if (nul)
		return shell_fail(p, (size_t)(nul - p->text), "the input holds "
				  "a NUL byte");
	return shell_read_lists(p);
}

static struct shell_line *parse(struct parser *p)
{
	p->here_last = &p->here;
	p->line = mem_zeroed(1, sizeof(*p->line));
	if (read_input_text(p))
		return p->line;
	shell_line_free(p->line);
	return NULL;
}

struct shell_line *shell_parse(const char *text, size_t len, size_t *at,
			       struct err *err)
{
	struct parser p = { .text = text, .len = len, .err = err };
	struct shell_line *line = parse(&p);

	if (!line && at)
		*at = p.fault_at;
	return line;
}

bool shell_incomplete(const char *text, size_t len)
{
	struct parser p = { .text = text, .len = len };
	struct shell_line *line = parse(&p);

	shell_line_free(line);
	return !line && p.incomplete;
}

/* -- showing what was understood ---------------------------------------- */

static void dump_word(const struct shell_word *w, struct text *out)
{
	for (const struct shell_piece *i = w->pieces; i; i = i->next) {
		if (i->quoted)
			text_char(out, '\'');
		if (i->kind != SHELL_TEXT)
			text_char(out, '$');
		text_bytes(out, i->text, i->len);
		if (i->quoted)
			text_char(out, '\'');
	}
}

static void dump_redirect(const struct shell_redirect *r, struct text *out)
{
	static const char *const sign[] = {
		[SHELL_READ] = "<", [SHELL_WRITE] = ">", [SHELL_APPEND] = ">>",
		[SHELL_SAME] = ">&", [SHELL_HERE] = "<<",
		[SHELL_HERE_STRING] = "<<<",
	};

	text_addf(out, " %d%s", r->fd, sign[r->kind]);
	if (r->kind == SHELL_SAME)
		text_addf(out, "%d", r->same_as);
	else
		dump_word(r->word, out);
}

static void dump_command(const struct shell_command *c, struct text *out)
{
	for (const struct shell_assignment *a = c->assignments; a; a = a->next) {
		text_addf(out, " %s=", a->name);
		dump_word(a->value, out);
	}
	for (const struct shell_word *w = c->words; w; w = w->next) {
		text_add(out, " [");
		dump_word(w, out);
		text_char(out, ']');
	}
	for (const struct shell_redirect *r = c->redirects; r; r = r->next)
		dump_redirect(r, out);
}

static void dump_pipeline(const struct shell_pipeline *line, struct text *out)
{
	static const char *const join[] = {
		[SHELL_FIRST] = "", [SHELL_AND] = " &&", [SHELL_OR] = " ||",
	};

	text_add(out, join[line->join]);
	for (const struct shell_command *c = line->commands; c; c = c->next) {
		dump_command(c, out);
		if (c->next)
			text_add(out, " |");
	}
}

void shell_dump(const struct shell_line *line, struct text *out)
{
	for (const struct shell_list *l = line->lists; l; l = l->next) {
		for (const struct shell_pipeline *i = l->pipelines; i;
		     i = i->next)
			dump_pipeline(i, out);
		text_add(out, l->background ? " &" : " ;");
	}
}
