/* role.c - what a cell means, and what a theme makes of it
 *
 * The table is that of screens.md 3b.
 */
#include "lab/tui/role.h"

#include <string.h>

#define B	STYLE_BOLD
#define R	STYLE_REVERSE
#define U	STYLE_UNDERLINE
#define I	STYLE_ITALIC

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE, PLAIN = -1 };

static const struct {
	const char *name;
	char letter;
	struct style in[THEME_COUNT];
} roles[ROLE_COUNT] = {
#define ROLE(id, name, letter, dark, light, contrast, mono)		\
	[id] = { name, letter, { dark, light, contrast, mono } }
#define C(color, color8, flags)	{ color, color8, flags }
	ROLE(ROLE_TEXT, "text", '.', C(-1, PLAIN, 0), C(-1, PLAIN, 0),
	     C(-1, PLAIN, 0), C(-1, PLAIN, 0)),
	ROLE(ROLE_DIM, "dim", 'd', C(246, PLAIN, 0), C(242, PLAIN, 0),
	     C(-1, PLAIN, 0), C(-1, PLAIN, 0)),
	ROLE(ROLE_STRONG, "strong", 's', C(-1, PLAIN, B), C(-1, PLAIN, B),
	     C(-1, PLAIN, B), C(-1, PLAIN, B)),
	ROLE(ROLE_KEY, "key", 'k', C(75, CYAN, 0), C(25, BLUE, 0),
	     C(-1, PLAIN, B | U), C(-1, PLAIN, B)),
	ROLE(ROLE_LINK, "link", 'l', C(75, CYAN, U), C(25, BLUE, U),
	     C(-1, PLAIN, U), C(-1, PLAIN, U)),
	ROLE(ROLE_FOCUS, "focus", 'f', C(75, CYAN, 0), C(25, BLUE, 0),
	     C(-1, PLAIN, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_GOOD, "good", 'g', C(114, GREEN, 0), C(22, GREEN, 0),
	     C(2, GREEN, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_WARN, "warn", 'w', C(179, YELLOW, 0), C(94, YELLOW, 0),
	     C(3, YELLOW, B), C(-1, PLAIN, B)),
	ROLE(ROLE_BAD, "bad", 'b', C(203, RED, B), C(160, RED, B),
	     C(1, RED, B | R), C(-1, PLAIN, R)),
	ROLE(ROLE_INFO, "info", 'i', C(110, CYAN, 0), C(24, CYAN, 0),
	     C(6, CYAN, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_STALE, "stale", 't', C(246, PLAIN, I), C(242, PLAIN, I),
	     C(-1, PLAIN, U), C(-1, PLAIN, 0)),
	ROLE(ROLE_TRUTH, "truth", 'u', C(176, MAGENTA, 0), C(90, MAGENTA, 0),
	     C(5, MAGENTA, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_GHOST, "ghost", 'o', C(243, PLAIN, 0), C(244, PLAIN, 0),
	     C(-1, PLAIN, 0), C(-1, PLAIN, 0)),
	ROLE(ROLE_CMD, "command", 'c', C(150, GREEN, 0), C(23, BLUE, 0),
	     C(-1, PLAIN, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_ADD, "added", '+', C(114, GREEN, 0), C(22, GREEN, 0),
	     C(-1, GREEN, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_DEL, "removed", '-', C(203, RED, 0), C(160, RED, 0),
	     C(-1, RED, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_S1, "series 1", '1', C(75, CYAN, 0), C(25, CYAN, 0),
	     C(-1, PLAIN, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_S2, "series 2", '2', C(179, YELLOW, 0), C(94, YELLOW, 0),
	     C(-1, PLAIN, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_S3, "series 3", '3', C(176, MAGENTA, 0), C(90, MAGENTA, 0),
	     C(-1, PLAIN, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_S4, "series 4", '4', C(114, GREEN, 0), C(22, GREEN, 0),
	     C(-1, PLAIN, B), C(-1, PLAIN, 0)),
	ROLE(ROLE_H0, "heat 0", '5', C(236, PLAIN, 0), C(255, PLAIN, 0),
	     C(-1, PLAIN, 0), C(-1, PLAIN, 0)),
	ROLE(ROLE_H1, "heat 1", '6', C(60, BLUE, 0), C(189, BLUE, 0),
	     C(-1, PLAIN, 0), C(-1, PLAIN, 0)),
	ROLE(ROLE_H2, "heat 2", '7', C(96, MAGENTA, 0), C(182, MAGENTA, 0),
	     C(-1, PLAIN, 0), C(-1, PLAIN, 0)),
	ROLE(ROLE_H3, "heat 3", '8', C(167, RED, 0), C(167, RED, 0),
	     C(-1, PLAIN, 0), C(-1, PLAIN, 0)),
	ROLE(ROLE_H4, "heat 4", '9', C(221, YELLOW, 0), C(88, RED, B),
	     C(-1, PLAIN, B), C(-1, PLAIN, 0)),
#undef C
#undef ROLE
};

const char *const theme_names[] = {
	[THEME_DARK] = "dark", [THEME_LIGHT] = "light",
	[THEME_CONTRAST] = "contrast", [THEME_MONO] = "mono", NULL,
};

char role_letter(enum role r)
{
	return roles[r].letter;
}

const char *role_name(enum role r)
{
	return roles[r].name;
}

enum theme theme_named(const char *name)
{
	enum theme t = 0;

	while (t < THEME_COUNT && strcmp(theme_names[t], name) != 0)
		t++;
	return t;
}

struct style theme_style(enum theme t, enum role r)
{
	return roles[r].in[t];
}

enum role role_selected(enum role r)
{
	return (r >= ROLE_GOOD && r <= ROLE_TRUTH) || r == ROLE_STRONG ? r :
									 ROLE_TEXT;
}

/* xterm's own first sixteen, then the 6x6x6 cube, then 24 greys. */
uint32_t color_rgb(int color)
{
	static const uint32_t first[16] = {
		0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
		0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
		0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
	};
	static const uint8_t step[6] = { 0, 95, 135, 175, 215, 255 };
	uint32_t grey;

	if (color < 16)
		return first[color < 0 ? 0 : color];
	if (color < 232) {
		color -= 16;
		return (uint32_t)step[color / 36] << 16 |
		       (uint32_t)step[color / 6 % 6] << 8 | step[color % 6];
	}
	grey = 8 + 10 * (uint32_t)(color - 232);
	return grey << 16 | grey << 8 | grey;
}
