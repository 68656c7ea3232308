/* glyph.c - characters: how wide, how they may be shown, their ASCII twins
 *
 * wcwidth answers by the locale.  In a locale without UTF-8 it knows nothing of
 * what we draw, which is all one cell wide; so a -1 for a glyph of ours does
 * not count.
 */
#include "lab/text/glyph.h"

#include <string.h>
#include <wchar.h>

static const struct {
	const char *glyph;
	char ascii;
} twins[] = {
	/* frames */
	{ "─", '-' }, { "│", '|' }, { "┌", '+' }, { "┐", '+' }, { "└", '+' },
	{ "┘", '+' }, { "├", '+' }, { "┤", '+' }, { "┬", '+' }, { "┴", '+' },
	{ "┼", '+' }, { "═", '=' }, { "║", '|' }, { "┄", '.' }, { "┃", '|' },
	{ "╷", '|' }, { "╵", '|' },
	/* states */
	{ "●", '+' }, { "▲", '!' }, { "✗", 'x' }, { "◌", '~' }, { "○", 'o' },
	{ "✓", 'v' }, { "▸", '>' }, { "▾", 'v' }, { "◂", '<' }, { "·", '.' },
	{ "‒", '-' }, { "◆", '*' }, { "◇", '?' }, { "□", 'o' }, { "≡", '=' },
	{ "▼", 'v' }, { "▴", '^' },
	/* levels, heights and heat */
	{ "▁", '_' }, { "▂", '.' }, { "▃", '-' }, { "▄", '-' }, { "▅", '=' },
	{ "▆", '=' }, { "▇", '*' }, { "█", '#' }, { "▏", '|' }, { "▎", '|' },
	{ "▍", '|' }, { "▌", '#' }, { "▋", '#' }, { "▊", '#' }, { "▉", '#' },
	{ "▕", '|' }, { "░", ':' }, { "▒", '+' }, { "▓", '*' },
	/* words */
	{ "›", '>' }, { "‹", '<' }, { "…", '~' }, { "–", '-' }, { "—", '-' },
	{ "‘", '\'' }, { "’", '\'' }, { "“", '"' }, { "”", '"' }, { "•", '*' },
	{ "→", '>' }, { "←", '<' }, { "↑", '^' }, { "↓", 'v' }, { "×", 'x' },
	{ "±", '~' }, { "≤", '<' }, { "≥", '>' }, { "≈", '~' }, { "⏎", '\\' }, { "µ", 'u' },
	{ "μ", 'u' }, { "°", 'o' }, { "é", 'e' }, { "ü", 'u' }, { "ö", 'o' },
	{ "ä", 'a' },
	{ "\u00a0", ' ' }, { "\u202f", ' ' }, { "\u2009", ' ' },
};

char text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

uint32_t glyph_decode(const char *s, size_t len, size_t *used)
{
	unsigned char c = (unsigned char)*s;
	size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 :
		   c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
	uint32_t code = n == 1 ? c : c & (0xffu >> (n + 1));

	*used = 1;
	if (!n || n > len)
		return 0xfffd;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0xfffd;
		code = code << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if ((n == 3 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) ||
	    (n == 4 && (code < 0x10000 || code > 0x10ffff)))
		return 0xfffd;
	*used = n;
	return code;
}

/* Controls, and what would turn or join what stands beside it. */
static int is_unsafe(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad ||
	       (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
	       (code >= 0xfe00 && code <= 0xfe0f) ||
	       (code >= 0xe0000 && code <= 0xe0fff);
}

static int width_of(uint32_t code)
{
	int width;

	if (code < 0x80)
		return 1;
	width = wcwidth((wchar_t)code);
	return width < 0 ? 1 : width;
}

size_t text_glyph(const char *s, size_t len, int *width)
{
	size_t used, n;
	uint32_t code;

	*width = 0;
	if (!len)
		return 0;
	code = glyph_decode(s, len, &used);
	*width = is_unsafe(code) ? 1 : width_of(code);
	for (n = used; n < len; n += used) {
		code = glyph_decode(s + n, len - n, &used);
		if (is_unsafe(code) || width_of(code) != 0)
			break;
	}
	return n;
}

size_t glyph_shown(const char *s, size_t len, int *width, char *out)
{
	size_t used, n;
	uint32_t code = glyph_decode(s, len, &used);
	const char *instead = is_unsafe(code) ? "·" :
			      code == 0xfffd ? "?" : *width == 0 ? "◌" : NULL;

	if (instead) {
		strcpy(out, instead);
		*width = 1;
		return strlen(out);
	}
	/* As many of the combining ones as fit into a cell. */
	for (n = used; n < len; n += used) {
		glyph_decode(s + n, len - n, &used);
		if (n + used >= GLYPH_BYTES)
			break;
	}
	memcpy(out, s, n);
	out[n] = '\0';
	return n;
}

int text_width_n(const char *s, size_t len)
{
	int cols = 0;

	while (len) {
		char shown[GLYPH_BYTES];
		int width;
		size_t n = text_glyph(s, len, &width);

		glyph_shown(s, n, &width, shown);
		cols += width;
		s += n;
		len -= n;
	}
	return cols;
}

int text_width(const char *s)
{
	return text_width_n(s, strlen(s));
}

size_t text_fit(const char *s, size_t len, int cols)
{
	size_t at = 0;

	while (at < len) {
		char shown[GLYPH_BYTES];
		int width;
		size_t n = text_glyph(s + at, len - at, &width);

		glyph_shown(s + at, n, &width, shown);
		if (width > cols)
			break;
		cols -= width;
		at += n;
	}
	return at;
}

char glyph_ascii(const char *glyph)
{
	for (size_t i = 0; i < sizeof(twins) / sizeof(*twins); i++)
		if (strcmp(twins[i].glyph, glyph) == 0)
			return twins[i].ascii;
	/* Braille, whose dots are too many to tell apart. */
	if ((unsigned char)glyph[0] == 0xe2 &&
	    ((unsigned char)glyph[1] & 0xfc) == 0xa0)
		return '*';
	return (unsigned char)glyph[0] < 0x80 ? glyph[0] : '?';
}
