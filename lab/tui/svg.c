/* svg.c - a grid as a picture for a page
 *
 * A cell is 8.4 by 16 units at 14 units of type: a character of DejaVu Sans Mono
 * is 0.602 of its size wide and 1.164 high, so its lines meet from row to row.
 * Blocks are drawn as shapes, for fonts differ in where those end; everything
 * else is text.
 */
#include "lab/tui/svg.h"

#include <inttypes.h>
#include <string.h>

/* Tenths of a unit, so that no float decides how a number is written. */
enum {
	CELL_W = 84, CELL_H = 160, FONT = 140, BASE = 128,
	PAD = 120, BAR = 280,
};

/* The terminal's own colours, which a theme leaves alone. */
static const struct {
	uint32_t ground, ink, bar, edge;
} windows[THEME_COUNT] = {
	[THEME_DARK] = { 0x1e1e1e, 0xd8d8d8, 0x2d2d2d, 0x3d3d3d },
	[THEME_LIGHT] = { 0xffffff, 0x1c1c1c, 0xececec, 0xc8c8c8 },
	[THEME_CONTRAST] = { 0x000000, 0xffffff, 0x202020, 0x808080 },
	[THEME_MONO] = { 0xffffff, 0x000000, 0xececec, 0x808080 },
};

struct look {
	uint32_t ink, ground;
	uint8_t flags;			/* enum style_flags */
	bool has_ground;
};

struct picture {
	const struct grid *g;
	enum theme theme;
	struct text *out;
};

static void tenths(struct text *out, const char *name, int n)
{
	text_addf(out, " %s=\"%d", name, n / 10);
	if (n % 10)
		text_addf(out, ".%d", n % 10);
	text_char(out, '"');
}

static void color(struct text *out, const char *name, uint32_t rgb)
{
	text_addf(out, " %s=\"#%06" PRIx32 "\"", name, rgb & 0xffffff);
}

static void escaped(struct text *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '&')
			text_add(out, "&amp;");
		else if (*s == '<')
			text_add(out, "&lt;");
		else if (*s == '>')
			text_add(out, "&gt;");
		else if ((unsigned char)*s >= ' ')
			text_char(out, *s);
	}
}

static struct look look_of(const struct picture *p, const struct cell *c)
{
	enum role role = c->flags & CELL_SELECTED ? role_selected(c->role) :
						    c->role;
	struct style s = theme_style(p->theme, role);
	struct look l = { .ground = windows[p->theme].ground,
			  .flags = s.flags };
	bool is_reverse = s.flags & STYLE_REVERSE;

	l.ink = s.color < 0 ? windows[p->theme].ink : color_rgb(s.color);
	if (c->flags & CELL_BOLD)
		l.flags |= STYLE_BOLD;
	if (c->flags & CELL_SELECTED)
		is_reverse = !is_reverse;
	if (is_reverse) {
		uint32_t ink = l.ink;

		l.ink = l.ground;
		l.ground = ink;
		l.has_ground = true;
	}
	return l;
}

static bool same_look(struct look a, struct look b)
{
	uint8_t seen = STYLE_BOLD | STYLE_UNDERLINE | STYLE_ITALIC | STYLE_DIM;

	return a.ink == b.ink && a.ground == b.ground &&
	       a.has_ground == b.has_ground &&
	       (a.flags & seen) == (b.flags & seen);
}

static int x_of(int col)
{
	return PAD + col * CELL_W;
}

static int y_of(int row)
{
	return BAR + PAD / 2 + row * CELL_H;
}

static void rect_put(struct text *out, int x, int y, int w, int h, uint32_t rgb)
{
	text_add(out, "<rect");
	tenths(out, "x", x);
	tenths(out, "y", y);
	tenths(out, "width", w);
	tenths(out, "height", h);
	color(out, "fill", rgb);
	text_add(out, "/>\n");
}

/* Blocks as shapes: eighths of the cell from an edge. */
static const struct {
	const char *glyph;
	uint8_t x, y, w, h;		/* eighths */
} blocks[] = {
	{ "▁", 0, 7, 8, 1 }, { "▂", 0, 6, 8, 2 }, { "▃", 0, 5, 8, 3 },
	{ "▄", 0, 4, 8, 4 }, { "▅", 0, 3, 8, 5 }, { "▆", 0, 2, 8, 6 },
	{ "▇", 0, 1, 8, 7 }, { "█", 0, 0, 8, 8 }, { "▏", 0, 0, 1, 8 },
	{ "▎", 0, 0, 2, 8 }, { "▍", 0, 0, 3, 8 }, { "▌", 0, 0, 4, 8 },
	{ "▋", 0, 0, 5, 8 }, { "▊", 0, 0, 6, 8 }, { "▉", 0, 0, 7, 8 },
};
enum { BLOCKS = sizeof(blocks) / sizeof(blocks[0]) };

static int block_of(const char *glyph)
{
	for (int i = 0; i < BLOCKS; i++)
		if (strcmp(blocks[i].glyph, glyph) == 0)
			return i;
	return -1;
}

static bool is_blank(const struct cell *c)
{
	return strcmp(c->text, " ") == 0;
}

/* The cells from `col` on that can be written as one. */
static int run_end(const struct picture *p, int row, int col)
{
	const struct cell *first = grid_at(p->g, row, col);
	struct look look = look_of(p, first);
	int block = block_of(first->text);

	/* A wide character is alone with its other half. */
	if (first->width == 2 && col + 1 < p->g->cols)
		return col + 2;
	while (++col < p->g->cols) {
		const struct cell *c = grid_at(p->g, row, col);

		if (!same_look(look_of(p, c), look) ||
		    block_of(c->text) != block ||
		    c->width != 1)
			break;
	}
	return col;
}

static void grounds(const struct picture *p, int row)
{
	for (int col = 0, end; col < p->g->cols; col = end) {
		struct look l = look_of(p, grid_at(p->g, row, col));

		end = col + 1;
		while (end < p->g->cols &&
		       same_look(look_of(p, grid_at(p->g, row, end)), l))
			end++;
		if (l.has_ground)
			rect_put(p->out, x_of(col), y_of(row),
				 (end - col) * CELL_W, CELL_H, l.ground);
	}
}

static void block_put(const struct picture *p, int row, int col, int end,
		      int i)
{
	int cols = blocks[i].w == 8 ? end - col : 1;

	for (int at = col; at < end; at += cols)
		rect_put(p->out, x_of(at) + blocks[i].x * CELL_W / 8,
			 y_of(row) + blocks[i].y * CELL_H / 8,
			 cols * CELL_W * blocks[i].w / 8,
			 CELL_H * blocks[i].h / 8,
			 look_of(p, grid_at(p->g, row, col)).ink);
}

static void text_put(const struct picture *p, int row, int col, int end)
{
	struct look l = look_of(p, grid_at(p->g, row, col));
	struct text *out = p->out;

	/* Blanks at the ends are not drawn, unless a line goes under them. */
	while (!(l.flags & STYLE_UNDERLINE) && end > col &&
	       is_blank(grid_at(p->g, row, end - 1)))
		end--;
	while (!(l.flags & STYLE_UNDERLINE) && col < end &&
	       is_blank(grid_at(p->g, row, col)))
		col++;
	if (col >= end)
		return;
	text_add(out, "<text");
	tenths(out, "x", x_of(col));
	tenths(out, "y", y_of(row) + BASE);
	tenths(out, "textLength", (end - col) * CELL_W);
	color(out, "fill", l.ink);
	if (l.flags & STYLE_BOLD)
		text_add(out, " font-weight=\"bold\"");
	if (l.flags & STYLE_ITALIC)
		text_add(out, " font-style=\"italic\"");
	if (l.flags & STYLE_UNDERLINE)
		text_add(out, " text-decoration=\"underline\"");
	if (l.flags & STYLE_DIM)
		text_add(out, " opacity=\"0.7\"");
	text_char(out, '>');
	for (; col < end; col++)
		escaped(out, grid_at(p->g, row, col)->text);
	text_add(out, "</text>\n");
}

static void row_put(const struct picture *p, int row)
{
	grounds(p, row);
	for (int col = 0, end; col < p->g->cols; col = end) {
		int block = block_of(grid_at(p->g, row, col)->text);

		end = run_end(p, row, col);
		if (block >= 0)
			block_put(p, row, col, end, block);
		else
			text_put(p, row, col, end);
	}
}

/* What the first row says: where one is, and how it stands there. */
static void first_row(const struct picture *p)
{
	int blanks = 0, words = 0;

	for (int col = 0; col < p->g->cols; col++) {
		const struct cell *c = grid_at(p->g, 0, col);

		if (is_blank(c)) {
			blanks++;
			continue;
		}
		if (words && blanks)
			text_add(p->out, blanks > 1 ? ", " : " ");
		escaped(p->out, c->text);
		blanks = 0;
		words++;
	}
}

static void window(const struct picture *p, int w, int h, const char *title)
{
	struct text *out = p->out;

	text_add(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
	tenths(out, "width", w);
	tenths(out, "height", h);
	text_addf(out, " viewBox=\"0 0 %d.%d %d.%d\" aria-labelledby=\"t\">\n",
		  w / 10, w % 10, h / 10, h % 10);
	text_add(out, "<title id=\"t\">");
	if (title)
		escaped(out, title);
	else
		first_row(p);
	text_add(out, "</title>\n<rect x=\"0.5\" y=\"0.5\" rx=\"8\"");
	tenths(out, "width", w - 10);
	tenths(out, "height", h - 10);
	color(out, "fill", windows[p->theme].ground);
	color(out, "stroke", windows[p->theme].edge);
	text_add(out, "/>\n<path d=\"M0.5 28V8.5a8 8 0 0 1 8-8H");
	text_addf(out, "%d.%da8 8 0 0 1 8 8V28z\"", (w - 85) / 10,
		  (w - 85) % 10);
	color(out, "fill", windows[p->theme].bar);
	text_add(out, "/>\n");
	for (int i = 0; i < 3; i++) {
		text_addf(out, "<circle cx=\"%d\" cy=\"14\" r=\"5\"",
			  18 + 18 * i);
		color(out, "fill", windows[p->theme].edge);
		text_add(out, "/>\n");
	}
}

static void cursor(const struct picture *p)
{
	if (p->g->cursor_row < 0)
		return;
	text_add(p->out, "<rect");
	tenths(p->out, "x", x_of(p->g->cursor_col));
	tenths(p->out, "y", y_of(p->g->cursor_row));
	tenths(p->out, "width", CELL_W);
	tenths(p->out, "height", CELL_H);
	color(p->out, "fill", windows[p->theme].ink);
	text_add(p->out, " opacity=\"0.5\"/>\n");
}

void svg_write(const struct grid *g, enum theme theme, const char *title,
	       struct text *out)
{
	struct picture p = { g, theme, out };
	int w = 2 * PAD + g->cols * CELL_W;
	int h = BAR + PAD / 2 + g->rows * CELL_H + PAD;

	window(&p, w, h, title);
	/* Shapes that touch leave no seam between them: crispEdges. */
	text_add(out, "<g xml:space=\"preserve\" shape-rendering=\"crispEdges\" "
		 "font-family=\"'DejaVu Sans Mono',Menlo,Consolas,monospace\"");
	tenths(out, "font-size", FONT);
	text_add(out, " style=\"white-space:pre\">\n");
	for (int row = 0; row < g->rows; row++)
		row_put(&p, row);
	cursor(&p);
	text_add(out, "</g>\n</svg>\n");
}
