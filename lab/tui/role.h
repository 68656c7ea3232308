/* role.h - what a cell means, and what a theme makes of it
 *
 * Views say what something is (good, stale, a key one can press); a theme says
 * how that looks.  So colours can change without touching a view, NO_COLOR is
 * one more theme, and golden pictures store roles.  The table is that of
 * screens.md 3b: colours were chosen to be readable (4.5 to 1) on the usual
 * backgrounds, which stay the terminal's own.  Colour never says what a glyph
 * or a word does not.
 */
#ifndef LAB_TUI_ROLE_H
#define LAB_TUI_ROLE_H

#include <stdbool.h>
#include <stdint.h>

enum role {
	ROLE_TEXT,	/* prose, values */
	ROLE_DIM,	/* rules, units, the past */
	ROLE_STRONG,	/* titles, the word of a verdict */
	ROLE_KEY,	/* a key one can press */
	ROLE_LINK,	/* a word of the glossary, something to open */
	ROLE_FOCUS,	/* rule of the focused pane */
	ROLE_GOOD,	/* ok, passed, fixed */
	ROLE_WARN,	/* slow, late, masked */
	ROLE_BAD,	/* down, failed, lost */
	ROLE_INFO,	/* starting, running, news without a value */
	ROLE_STALE,	/* older than two scrapes */
	ROLE_TRUTH,	/* what only the world knows */
	ROLE_GHOST,	/* an earlier run */
	ROLE_CMD,	/* an echoed command */
	ROLE_ADD, ROLE_DEL,			/* lines of a difference */
	ROLE_S1, ROLE_S2, ROLE_S3, ROLE_S4,	/* series of a chart */
	ROLE_H0, ROLE_H1, ROLE_H2, ROLE_H3, ROLE_H4,	/* heat */
	ROLE_COUNT
};

/* The letter in golden pictures. */
char role_letter(enum role r);
const char *role_name(enum role r);

enum theme { THEME_DARK, THEME_LIGHT, THEME_CONTRAST, THEME_MONO, THEME_COUNT };
extern const char *const theme_names[];		/* by enum theme, then NULL */
/* THEME_COUNT: there is no such theme. */
enum theme theme_named(const char *name);

enum style_flags {
	STYLE_BOLD = 1 << 0, STYLE_REVERSE = 1 << 1, STYLE_UNDERLINE = 1 << 2,
	STYLE_ITALIC = 1 << 3, STYLE_DIM = 1 << 4,
};

struct style {
	int16_t color;		/* of 256, -1: the terminal's own */
	int16_t color8;		/* the nearest of 8, -1 */
	uint8_t flags;		/* enum style_flags */
};

struct style theme_style(enum theme t, enum role r);
/* In the current row only what is a status keeps its colour: the rest is one
 * bar, not a patchwork. */
enum role role_selected(enum role r);

/* Of the 256: 0xRRGGBB as xterm shows it; for pictures. */
uint32_t color_rgb(int color);

#endif
