/* cursor.c - the current row of a list, and the keys that move it */
#include "lab/views/cursor.h"

enum move { STAY, ONE_UP, ONE_DOWN, PAGE_UP, PAGE_DOWN, FIRST, LAST };

static const struct {
	uint32_t key;
	enum move move;
} moves[] = {
	{ K_UP, ONE_UP }, { 'k', ONE_UP }, { K_DOWN, ONE_DOWN },
	{ 'j', ONE_DOWN }, { K_PGUP, PAGE_UP }, { K_CTRL('U'), PAGE_UP },
	{ K_PGDN, PAGE_DOWN }, { K_CTRL('D'), PAGE_DOWN }, { K_HOME, FIRST },
	{ 'g', FIRST }, { K_END, LAST }, { 'G', LAST },
};

static enum move meant(const struct input *in)
{
	if (in->kind == INPUT_MOUSE)
		return in->mouse == MOUSE_WHEEL_UP ? ONE_UP :
		       in->mouse == MOUSE_WHEEL_DOWN ? ONE_DOWN : STAY;
	for (size_t i = 0; i < sizeof(moves) / sizeof(*moves); i++)
		if (in->kind == INPUT_KEY && moves[i].key == in->key)
			return moves[i].move;
	return STAY;
}

bool cursor_input(struct cursor *c, const struct input *in, size_t count,
		  size_t page)
{
	enum move move = meant(in);
	size_t step = move == PAGE_UP || move == PAGE_DOWN ? page : 1;

	if (move == ONE_UP || move == PAGE_UP)
		c->at -= c->at < step ? c->at : step;
	else if (move == ONE_DOWN || move == PAGE_DOWN)
		c->at += step;
	else if (move == FIRST)
		c->at = 0;
	else if (move == LAST)
		c->at = count;
	cursor_keep(c, count);
	return move != STAY;
}

void cursor_keep(struct cursor *c, size_t count)
{
	if (c->at >= count)
		c->at = count ? count - 1 : 0;
}
