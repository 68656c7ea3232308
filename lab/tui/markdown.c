/* markdown.c - a lesson as lines of words, each with its role
 *
 * md4c calls back as it reads.  Text of a paragraph is collected with its roles
 * (`block`) and broken into lines when the paragraph ends; so a line break
 * never depends on where a word changes its look.
 */
#include "lab/tui/markdown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <md4c.h>

#include "lab/text/wrap.h"
#include "lab/tui/draw.h"
#include "sim/core/mem.h"

enum { DEPTH_MAX = 12, TABLE_COLS_MAX = 12, LINKS_MAX = 60000 };

/* A text with roles, not yet broken into lines. */
struct block {
	struct text text;
	struct md_span *spans;
	size_t count, cap;
};

struct list {
	int number;		/* of the next item; 0: bullets */
	int indent;
};

struct reading {
	struct markdown *m;
	const struct md_options *o;
	int measure, wide;

	struct block block;
	int bold, italic, code;		/* open ones */
	uint16_t link;			/* the open one */
	unsigned heading;
	struct text section;		/* text of the last heading */
	size_t first_word;		/* links since it began */

	int indent;			/* cells left of the text */
	int quotes;
	struct list lists[DEPTH_MAX];
	int depth;
	char marker[24];		/* "1. ", goes before the next line */
	bool is_tight;			/* no blank row before the next */

	bool is_code, can_run;

	struct block *cells;		/* of the table, row by row */
	size_t cell_count, cell_cap;
	size_t columns, head_rows, rows;
	MD_ALIGN align[TABLE_COLS_MAX];
	bool is_table;
};

static void *grown(void *at, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return at;
	*cap = *cap ? 2 * *cap : 16;
	at = mem_grow(at, *cap * size);
	return at;
}

static char *copy(const char *s, size_t len)
{
	char *made = mem_take(len + 1);

	memcpy(made, s, len);
	made[len] = '\0';
	return made;
}

/* --- text with roles ------------------------------------------------------ */

static void block_add(struct block *b, const char *s, size_t len, uint8_t role,
		      uint16_t link)
{
	struct md_span *last = b->count ? &b->spans[b->count - 1] : NULL;

	if (!len)
		return;
	if (last && last->role == role && last->link == link) {
		last->len += (uint32_t)len;
	} else {
		b->spans = grown(b->spans, b->count, &b->cap,
				 sizeof(*b->spans));
		b->spans[b->count++] = (struct md_span){
			(uint32_t)b->text.len, (uint32_t)len, role, link
		};
	}
	text_bytes(&b->text, s, len);
}

static void block_clear(struct block *b)
{
	text_clear(&b->text);
	b->count = 0;
}

static void block_release(struct block *b)
{
	text_free(&b->text);
	free(b->spans);
	*b = (struct block){0};
}

/* --- lines ---------------------------------------------------------------- */

static struct md_line *line_begin(struct reading *r)
{
	struct markdown *m = r->m;

	m->lines = grown(m->lines, m->line_count, &m->line_cap,
			 sizeof(*m->lines));
	m->lines[m->line_count] = (struct md_line){
		.at = (uint32_t)m->text.len, .span = (uint32_t)m->span_count,
		.heading = (uint8_t)r->heading,
	};
	return &m->lines[m->line_count++];
}

static void span_add(struct reading *r, const char *s, size_t len, uint8_t role,
		     uint16_t link)
{
	struct markdown *m = r->m;
	struct md_line *line = &m->lines[m->line_count - 1];

	if (!len)
		return;
	m->spans = grown(m->spans, m->span_count, &m->span_cap,
			 sizeof(*m->spans));
	m->spans[m->span_count++] = (struct md_span){
		(uint32_t)m->text.len, (uint32_t)len, role, link
	};
	if (link && m->links[link - 1].line == SIZE_MAX)
		m->links[link - 1].line = m->line_count - 1;
	text_bytes(&m->text, s, len);
	line->spans++;
	line->len += (uint32_t)len;
}

static void span_str(struct reading *r, const char *s, uint8_t role)
{
	span_add(r, s, strlen(s), role, 0);
}

/* Part of a block. */
static void spans_between(struct reading *r, const struct block *b, size_t from,
			  size_t to)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct md_span *s = &b->spans[i];
		size_t first = s->at > from ? s->at : from;
		size_t end = s->at + s->len < to ? s->at + s->len : to;

		if (first < end)
			span_add(r, text_cstr(&b->text) + first, end - first,
				 s->role, s->link);
	}
}

static void blanks(struct reading *r, int count)
{
	while (count-- > 0)
		span_str(r, " ", ROLE_TEXT);
}

/* Does a line that ends before byte `i` end inside of code? */
static bool cuts_code(const struct block *b, size_t i)
{
	for (size_t k = 0; k < b->count; k++) {
		const struct md_span *s = &b->spans[k];

		if (s->role == ROLE_CMD && s->at < i && i < s->at + s->len)
			return true;
	}
	return false;
}

/* As wrap_line, from byte `at` on.  A word with code in it is a name or an
 * option, to be copied: it keeps its hyphens where it fits a line. */
static size_t block_line(const struct block *b, size_t at, int cols,
			 size_t *skip)
{
	const char *s = b->text.at + at;
	size_t len = b->text.len - at, n = wrap_line(s, len, cols, skip);
	size_t from = n, end = n;

	if (*skip != n || n == len || !cuts_code(b, at + n))
		return n;
	while (from > 0 && s[from - 1] != ' ')
		from--;
	while (end < len && s[end] != ' ' && s[end] != '\n')
		end++;
	if (!from || text_width_n(s + from, end - from) > cols)
		return n;
	*skip = from;
	while (from > 0 && s[from - 1] == ' ')
		from--;
	return from ? from : (*skip = n);
}

/* What stands left of the text: bars of quotes, the marker of an item. */
static void margin(struct reading *r)
{
	int cols = r->indent - 2 * r->quotes;

	for (int i = 0; i < r->quotes; i++)
		span_str(r, "│ ", ROLE_DIM);
	if (*r->marker) {
		blanks(r, cols - text_width(r->marker));
		span_str(r, r->marker, ROLE_DIM);
		*r->marker = '\0';
	} else {
		blanks(r, cols);
	}
}

static void gap(struct reading *r)
{
	if (r->m->line_count && !r->is_tight &&
	    r->m->lines[r->m->line_count - 1].len) {
		unsigned heading = r->heading;

		r->heading = 0;
		line_begin(r);
		if (r->quotes)
			for (int i = 0; i < r->quotes; i++)
				span_str(r, i ? " │" : "│", ROLE_DIM);
		r->heading = heading;
	}
	r->is_tight = false;
}

static void flush(struct reading *r)
{
	struct block *b = &r->block;
	int cols = r->measure - r->indent;
	size_t at = 0;

	while (at < b->text.len) {
		size_t skip, n = block_line(b, at, cols < 8 ? 8 : cols, &skip);

		line_begin(r);
		margin(r);
		spans_between(r, b, at, at + n);
		at += skip;
	}
	block_clear(b);
}

/* --- links and words ------------------------------------------------------ */

static uint16_t link_add(struct reading *r, enum md_link_kind kind,
			 const char *target, size_t len)
{
	struct markdown *m = r->m;

	if (m->link_count >= LINKS_MAX)
		return 0;
	m->links = grown(m->links, m->link_count, &m->link_cap,
			 sizeof(*m->links));
	m->links[m->link_count++] = (struct md_link){
		kind, copy(target, len), SIZE_MAX
	};
	return (uint16_t)m->link_count;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_known(const struct reading *r, const char *term)
{
	for (size_t i = r->first_word; i < r->m->link_count; i++)
		if (r->m->links[i].kind == MD_WORD &&
		    strcmp(r->m->links[i].target, term) == 0)
			return true;
	return false;
}

/* Prose, in which terms become links. */
static void prose(struct reading *r, const char *s, size_t len, uint8_t role)
{
	size_t from = 0, i = 0;

	while (r->o->word && i < len) {
		const char *term = NULL;
		bool begins = is_letter(s[i]) && (!i || !is_letter(s[i - 1]));
		size_t n = begins ? r->o->word(r->o->ctx, s + i, len - i,
					       &term) : 0;

		if (!n || n > len - i || is_known(r, term)) {
			i += n && n <= len - i ? n : 1;
			continue;
		}
		block_add(&r->block, s + from, i - from, role, 0);
		block_add(&r->block, s + i, n, ROLE_LINK,
			  link_add(r, MD_WORD, term, strlen(term)));
		from = i += n;
	}
	block_add(&r->block, s + from, len - from, role, 0);
}

/* --- headings ------------------------------------------------------------- */

/* As GitHub makes them: lower case, words joined by hyphens. */
static char *anchor_name(const char *s)
{
	struct text t = {0};

	for (; *s; s++) {
		if (*s >= 'A' && *s <= 'Z')
			text_char(&t, (char)(*s - 'A' + 'a'));
		else if (*s == ' ' || *s == '-')
			text_char(&t, '-');
		else if (is_letter(*s))
			text_char(&t, *s);
	}
	text_add(&t, "");
	return t.at ? text_take(&t) : copy("", 0);
}

static void heading_end(struct reading *r)
{
	struct markdown *m = r->m;
	const char *words = text_cstr(&r->block.text);

	text_clear(&r->section);
	text_add(&r->section, words);
	if (!m->title)
		m->title = copy(words, strlen(words));
	m->anchors = grown(m->anchors, m->anchor_count, &m->anchor_cap,
			   sizeof(*m->anchors));
	m->anchors[m->anchor_count++] = (struct md_anchor){
		anchor_name(words), m->line_count
	};
	flush(r);
	r->heading = 0;
	r->first_word = m->link_count;
}

/* --- code ----------------------------------------------------------------- */

static bool is_shell(const MD_BLOCK_CODE_DETAIL *d, const struct reading *r)
{
	static const char *const names[] = { "console", "sh", "bash", "shell" };
	size_t len = d->lang.size;

	if (!len)
		return strcmp(text_cstr(&r->section), "Try it") == 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len &&
		    memcmp(d->lang.text, names[i], len) == 0)
			return true;
	return false;
}

static void code_piece(struct reading *r, const char *mark, enum role role,
		       const char *s, size_t len, uint16_t link)
{
	line_begin(r)->moves = r->o->keeps_lines;
	margin(r);
	span_str(r, mark, role);
	span_add(r, s, len, r->can_run ? ROLE_CMD : ROLE_TEXT, link);
}

/* Code keeps its lines; what is too long is broken, with a mark, unless who
 * draws it can move it sideways. */
static void code_end(struct reading *r)
{
	const char *s = text_cstr(&r->block.text);
	size_t len = r->block.text.len;
	int room = r->wide - r->indent - 2, cols = room < 8 ? 8 : room;
	uint16_t link;

	while (len && s[len - 1] == '\n')
		len--;
	link = r->can_run ? link_add(r, MD_RUN, s, len) : 0;
	for (size_t at = 0; at < len;) {
		const char *end = memchr(s + at, '\n', len - at);
		size_t n = end ? (size_t)(end - s) - at : len - at;
		size_t fit = r->o->keeps_lines ? n :
			     text_fit(s + at, n, cols);

		code_piece(r, r->can_run && !at ? "▸ " : "  ", ROLE_KEY,
			   s + at, fit, link);
		while (fit < n) {
			size_t more = text_fit(s + at + fit, n - fit, cols);

			code_piece(r, "… ", ROLE_DIM, s + at + fit, more,
				   link);
			fit += more ? more : n;
		}
		at += n + 1;
	}
	block_clear(&r->block);
}

/* --- tables --------------------------------------------------------------- */

static struct block *cell_at(const struct reading *r, size_t row, size_t col)
{
	return &r->cells[row * r->columns + col];
}

static void cell_end(struct reading *r)
{
	r->cells = grown(r->cells, r->cell_count, &r->cell_cap,
			 sizeof(*r->cells));
	r->cells[r->cell_count++] = r->block;
	r->block = (struct block){0};
}

static void table_widths(const struct reading *r, int *cols)
{
	int room = r->wide - r->indent - 2 * ((int)r->columns - 1);
	int sum = 0;

	for (size_t c = 0; c < r->columns; c++) {
		cols[c] = 1;
		for (size_t row = 0; row < r->rows; row++) {
			int w = text_width(
				text_cstr(&cell_at(r, row, c)->text));

			cols[c] = w > cols[c] ? w : cols[c];
		}
		sum += cols[c];
	}
	for (; sum > room; sum--) {		/* the widest gives */
		size_t widest = 0;

		for (size_t c = 1; c < r->columns; c++)
			if (cols[c] > cols[widest])
				widest = c;
		if (cols[widest] <= 4)
			return;
		cols[widest]--;
	}
}

/* One line of a row; at[c] moves on in each cell.  False: nothing was left. */
static bool table_line(struct reading *r, size_t row, const int *cols,
		       size_t *at)
{
	bool any = false;

	for (size_t c = 0; c < r->columns; c++)
		any = any || at[c] < cell_at(r, row, c)->text.len;
	if (!any)
		return false;
	line_begin(r);
	margin(r);
	for (size_t c = 0; c < r->columns; c++) {
		struct block *b = cell_at(r, row, c);
		size_t skip = 0, n = 0;
		int pad;

		if (at[c] < b->text.len)
			n = block_line(b, at[c], cols[c], &skip);
		pad = cols[c] - (n ? text_width_n(b->text.at + at[c], n) : 0);
		if (r->align[c] == MD_ALIGN_RIGHT)
			blanks(r, pad);
		spans_between(r, b, at[c], at[c] + n);
		if (r->align[c] != MD_ALIGN_RIGHT && c + 1 < r->columns)
			blanks(r, pad);
		if (c + 1 < r->columns)
			blanks(r, 2);
		at[c] += skip;
	}
	return true;
}

static void table_rule(struct reading *r, const int *cols)
{
	line_begin(r);
	margin(r);
	for (size_t c = 0; c < r->columns; c++) {
		for (int i = 0; i < cols[c]; i++)
			span_str(r, "─", ROLE_DIM);
		if (c + 1 < r->columns)
			blanks(r, 2);
	}
}

static void table_end(struct reading *r)
{
	int cols[TABLE_COLS_MAX];

	r->rows = r->columns ? r->cell_count / r->columns : 0;
	if (r->rows)
		table_widths(r, cols);
	for (size_t row = 0; row < r->rows; row++) {
		size_t at[TABLE_COLS_MAX] = {0};

		while (table_line(r, row, cols, at))
			;
		if (row + 1 == r->head_rows)
			table_rule(r, cols);
	}
	while (r->cell_count)
		block_release(&r->cells[--r->cell_count]);
	r->is_table = false;
}

/* --- what md4c calls ------------------------------------------------------ */

static int code_begin(struct reading *r, const MD_BLOCK_CODE_DETAIL *d)
{
	r->is_code = true;
	r->can_run = is_shell(d, r);
	return 0;
}

static void item_begin(struct reading *r, const MD_BLOCK_LI_DETAIL *d)
{
	struct list *l = &r->lists[r->depth - 1];

	if (d->is_task)
		snprintf(r->marker, sizeof(r->marker), "%s ",
			 d->task_mark == ' ' ? "·" : "✓");
	else if (l->number)
		snprintf(r->marker, sizeof(r->marker), "%d. ", l->number++);
	else
		snprintf(r->marker, sizeof(r->marker), "• ");
}

static void list_begin(struct reading *r, int number, bool is_tight)
{
	/* One blank row before a list, none in it if it is a tight one. */
	if (r->depth == 0)
		gap(r);
	if (r->depth < DEPTH_MAX)
		r->depth++;
	r->lists[r->depth - 1] = (struct list){ number, number ? 4 : 3 };
	if (r->depth > 1)
		r->lists[r->depth - 1].indent--;
	r->indent += r->lists[r->depth - 1].indent;
	r->is_tight = is_tight;
}

static void list_end(struct reading *r)
{
	r->indent -= r->lists[--r->depth].indent;
	r->is_tight = r->depth > 0;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *with)
{
	struct reading *r = with;

	if (r->block.text.len && !r->is_table && type != MD_BLOCK_CODE)
		flush(r);		/* a tight item before its inner list */
	switch (type) {
	case MD_BLOCK_H:
		gap(r);
		r->heading = ((MD_BLOCK_H_DETAIL *)detail)->level;
		break;
	case MD_BLOCK_P:
		if (!*r->marker)
			gap(r);
		break;
	case MD_BLOCK_CODE:
		gap(r);
		return code_begin(r, detail);
	case MD_BLOCK_QUOTE:
		gap(r);
		r->quotes++;
		r->indent += 2;
		r->is_tight = true;
		break;
	case MD_BLOCK_UL:
		list_begin(r, 0, ((MD_BLOCK_UL_DETAIL *)detail)->is_tight);
		break;
	case MD_BLOCK_OL:
		list_begin(r, (int)((MD_BLOCK_OL_DETAIL *)detail)->start,
			   ((MD_BLOCK_OL_DETAIL *)detail)->is_tight);
		break;
	case MD_BLOCK_LI:
		item_begin(r, detail);
		break;
	case MD_BLOCK_HR:
		gap(r);
		line_begin(r);
		span_str(r, "─────", ROLE_DIM);
		break;
	case MD_BLOCK_TABLE:
		gap(r);
		r->is_table = true;
		r->columns = ((MD_BLOCK_TABLE_DETAIL *)detail)->col_count;
		r->head_rows = ((MD_BLOCK_TABLE_DETAIL *)detail)->head_row_count;
		break;
	default:
		break;
	}
	return r->is_table && r->columns > TABLE_COLS_MAX ? -1 : 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *with)
{
	struct reading *r = with;

	switch (type) {
	case MD_BLOCK_H:
		heading_end(r);
		break;
	case MD_BLOCK_CODE:
		code_end(r);
		r->is_code = false;
		break;
	case MD_BLOCK_QUOTE:
		r->quotes--;
		r->indent -= 2;
		break;
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		list_end(r);
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		r->align[r->cell_count % r->columns] =
			((MD_BLOCK_TD_DETAIL *)detail)->align;
		cell_end(r);
		break;
	case MD_BLOCK_TABLE:
		table_end(r);
		break;
	case MD_BLOCK_P:
	case MD_BLOCK_LI:
		flush(r);
		*r->marker = '\0';
		break;
	default:
		break;
	}
	return 0;
}

static int span_change(struct reading *r, MD_SPANTYPE type, void *detail, int by)
{
	if (type == MD_SPAN_STRONG)
		r->bold += by;
	else if (type == MD_SPAN_EM)
		r->italic += by;
	else if (type == MD_SPAN_CODE)
		r->code += by;
	else if (type == MD_SPAN_A && by > 0)
		r->link = link_add(r, MD_LINK,
				   ((MD_SPAN_A_DETAIL *)detail)->href.text,
				   ((MD_SPAN_A_DETAIL *)detail)->href.size);
	else if (type == MD_SPAN_A)
		r->link = 0;
	return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *with)
{
	return span_change(with, type, detail, 1);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *with)
{
	return span_change(with, type, detail, -1);
}

static uint8_t role_now(const struct reading *r)
{
	if (r->link)
		return ROLE_LINK;
	if (r->heading || r->bold)
		return ROLE_STRONG;
	if (r->code)
		return ROLE_CMD;
	return r->italic ? ROLE_DIM : ROLE_TEXT;
}

static const struct {
	const char *entity, *text;
} entities[] = {
	{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" },
	{ "&nbsp;", "\u00a0" },
};

static void entity(struct reading *r, const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		const char *name = entities[i].entity;

		if (strlen(name) == len && memcmp(name, s, len) == 0) {
			block_add(&r->block, entities[i].text,
				  strlen(entities[i].text), role_now(r),
				  r->link);
			return;
		}
	}
	block_add(&r->block, s, len, role_now(r), r->link);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE len, void *with)
{
	struct reading *r = with;
	bool is_plain = !r->link && !r->heading && !r->code && !r->is_code;

	if (type == MD_TEXT_SOFTBR)
		block_add(&r->block, " ", 1, role_now(r), r->link);
	else if (type == MD_TEXT_BR)
		block_add(&r->block, "\n", 1, ROLE_TEXT, 0);
	else if (type == MD_TEXT_NULLCHAR)
		block_add(&r->block, "\xef\xbf\xbd", 3, role_now(r), 0);
	else if (type == MD_TEXT_ENTITY)
		entity(r, s, len);
	else if (is_plain)
		prose(r, s, len, role_now(r));
	else
		block_add(&r->block, s, len, role_now(r), r->link);
	return 0;
}

void markdown_init(struct markdown *m, const char *source, size_t len,
		   const struct md_options *o)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_TABLES | MD_FLAG_TASKLISTS |
			 MD_FLAG_STRIKETHROUGH | MD_FLAG_NOHTML,
		.enter_block = enter_block, .leave_block = leave_block,
		.enter_span = enter_span, .leave_span = leave_span,
		.text = on_text,
	};
	struct reading r = { .m = m, .o = o };

	*m = (struct markdown){0};
	r.measure = o->measure > 0 ? o->measure : MEASURE;
	r.wide = o->wide > r.measure ? o->wide : r.measure;
	md_parse(source, (MD_SIZE)len, &parser, &r);
	while (r.cell_count)
		block_release(&r.cells[--r.cell_count]);
	free(r.cells);
	block_release(&r.block);
	text_free(&r.section);
}

void markdown_release(struct markdown *m)
{
	for (size_t i = 0; i < m->link_count; i++)
		free(m->links[i].target);
	for (size_t i = 0; i < m->anchor_count; i++)
		free(m->anchors[i].name);
	free(m->links);
	free(m->anchors);
	free(m->spans);
	free(m->lines);
	free(m->title);
	text_free(&m->text);
	*m = (struct markdown){0};
}
