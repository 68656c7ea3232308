/* shell_redirect.c - redirections, and the documents some of them read
 *
 * < > >> 2> 2>&1 <<< take the word behind them.  << takes a document: its body
 * follows the line, so the parser remembers who waits and reads the bodies, in
 * the order of their <<, when it comes to the newline.
 */
#include "lua/shell_inside.h"

#include <string.h>

/* -- here-documents ----------------------------------------------------- */

static size_t line_end(const struct parser *p, size_t at)
{
	const char *end = memchr(p->text + at, '\n', p->len - at);

	return end ? (size_t)(end - p->text) : p->len;
}

/* Is the line at `at` the closing word? */
static bool closes(const struct parser *p, const struct here *h, size_t at)
{
	size_t end = line_end(p, at), n = strlen(h->end);

	while (h->strip && at < end && p->text[at] == '\t')
		at++;
	if (end > at && p->text[end - 1] == '\r')
		end--;
	return end - at == n && memcmp(p->text + at, h->end, n) == 0;
}

static bool read_document(struct parser *p, struct here *h)
{
	size_t end = p->at, whole = p->len;
	struct shell_word *body;

	while (end < p->len && !closes(p, h, end)) {
		end = line_end(p, end);
		end += end < p->len;
	}
	if (end >= p->len && !closes(p, h, end)) {
		p->incomplete = true;
		return shell_fail(p, h->at, "the here-document is not closed: "
				  "a line that says only %s is missing",
				  h->end);
	}
	p->len = end;		/* ${ must not reach beyond the body */
	body = shell_read_body(p, h, end);
	p->len = whole;
	if (!body)
		p->incomplete = false;
	h->redirect->word = body;
	p->at = line_end(p, end);
	p->at += p->at < p->len;
	return body != NULL;
}

/* Over one newline, and the documents that wait behind it. */
static bool take_newline(struct parser *p)
{
	p->at++;
	for (; p->here; p->here = p->here->next)
		if (!read_document(p, p->here))
			return false;
	p->here_last = &p->here;
	return true;
}

bool shell_skip_newlines(struct parser *p)
{
	for (;;) {
		shell_skip_blank(p);
		if (here_char(p) != '\n')
			return true;
		if (!take_newline(p))
			return false;
	}
}

/* The closing word of a document is not expanded, only unquoted. */
static struct here *here_new(struct parser *p, struct shell_redirect *r,
			     const struct shell_word *word, size_t at)
{
	struct here *h = shell_alloc(p->line, sizeof(*h));
	struct text end = {0};

	for (struct shell_piece *i = word->pieces; i; i = i->next) {
		if (i->kind != SHELL_TEXT)
			text_char(&end, '$');
		text_bytes(&end, i->text, i->len);
		h->literal |= i->quoted;
	}
	h->end = shell_copy(p->line, text_cstr(&end), end.len);
	text_free(&end);
	h->redirect = r;
	h->at = at;
	*p->here_last = h;
	p->here_last = &h->next;
	return h;
}

static bool read_here(struct parser *p, struct shell_redirect *r, size_t at)
{
	bool strip = here_char(p) == '-';
	struct shell_word *word;

	p->at += strip;
	shell_skip_blank(p);
	if (ends_word(here_char(p)))
		return shell_fail(p, at, "<< needs the word that ends the "
				  "document");
	word = shell_read_word(p);
	if (!word)
		return false;
	r->kind = SHELL_HERE;
	here_new(p, r, word, at)->strip = strip;
	return true;
}

/* -- redirections ------------------------------------------------------- */

static bool read_target(struct parser *p, struct shell_redirect *r,
			enum shell_redirect_kind kind, size_t at)
{
	r->kind = kind;
	shell_skip_blank(p);
	if (ends_word(here_char(p)))
		return shell_fail(p, at, kind == SHELL_HERE_STRING ?
				  "<<< needs the text to read" :
				  "the redirection needs a file name");
	r->word = shell_read_word(p);
	return r->word != NULL;
}

/* After >&: 1 or 2. */
static bool read_same(struct parser *p, struct shell_redirect *r, size_t at)
{
	int c = here_char(p);

	r->kind = SHELL_SAME;
	if (c == '-')
		return shell_fail(p, at, "closing a stream with >&- is not "
				  "supported here; send it to /dev/null");
	if (!is_digit(c))
		return shell_fail(p, at, ">& is not supported here; write > "
				  "FILE 2>&1");
	if ((c != '1' && c != '2') || is_digit(next_char(p)))
		return shell_fail(p, at, "only streams 1 and 2 can be written "
				  "to");
	r->same_as = c - '0';
	p->at++;
	if (!ends_word(here_char(p)))
		return shell_fail(p, at, "%d>&%d must be followed by a blank",
				  r->fd, r->same_as);
	return true;
}

static bool read_output(struct parser *p, struct shell_redirect *r, size_t at)
{
	r->fd = r->fd < 0 ? 1 : r->fd;
	if (r->fd == 0)
		return shell_fail(p, at, "stream 0 is for reading; use <");
	p->at++;
	if (here_char(p) == '&') {
		p->at++;
		return read_same(p, r, at);
	}
	if (here_char(p) == '>') {
		p->at++;
		return read_target(p, r, SHELL_APPEND, at);
	}
	return read_target(p, r, SHELL_WRITE, at);
}

static bool read_input(struct parser *p, struct shell_redirect *r, size_t at)
{
	if (r->fd > 0)
		return shell_fail(p, at, "stream %d is for writing; use >",
				  r->fd);
	r->fd = 0;
	if (starts(p, p->at, "<<<")) {
		p->at += 3;
		return read_target(p, r, SHELL_HERE_STRING, at);
	}
	if (starts(p, p->at, "<<")) {
		p->at += 2;
		return read_here(p, r, at);
	}
	if (starts(p, p->at, "<&"))
		return shell_fail(p, at, "<& is not supported here");
	p->at++;
	return read_target(p, r, SHELL_READ, at);
}

/* Is here a redirection, with its stream number if it has one? */
bool shell_at_redirect(const struct parser *p)
{
	size_t at = p->at;

	while (at < p->len && is_digit((unsigned char)p->text[at]))
		at++;
	return at < p->len && (p->text[at] == '<' || p->text[at] == '>');
}

struct shell_redirect *shell_read_redirect(struct parser *p)
{
	struct shell_redirect *r = shell_alloc(p->line, sizeof(*r));
	const char *no;
	size_t at = p->at;
	bool ok;

	r->fd = -1;
	while (is_digit(here_char(p)))
		p->at++;
	if (p->at > at) {
		r->fd = p->text[at] - '0';
		if (p->at > at + 1 || r->fd > 2) {
			shell_fail(p, at, "only the streams 0, 1 and 2 can be "
				   "redirected");
			return NULL;
		}
	}
	no = shell_refused_operator(p);
	if (no) {
		shell_fail(p, p->at, "%s", no);
		return NULL;
	}
	ok = here_char(p) == '<' ? read_input(p, r, at) :
				   read_output(p, r, at);
	return ok ? r : NULL;
}
