/* key.c - keys and their names */
#include "lab/tui/key.h"

#include <stdio.h>
#include <string.h>

#include "lab/text/glyph.h"

static const struct {
	const char *name;
	uint32_t key;
} names[] = {
	{ "Space", K_SPACE }, { "Enter", K_ENTER }, { "Esc", K_ESC },
	{ "Tab", K_TAB }, { "Shift-Tab", K_BACKTAB },
	{ "Backspace", K_BACKSPACE }, { "Up", K_UP }, { "Down", K_DOWN },
	{ "Left", K_LEFT }, { "Right", K_RIGHT }, { "Home", K_HOME },
	{ "End", K_END }, { "PgUp", K_PGUP }, { "PgDn", K_PGDN },
	{ "Insert", K_INSERT }, { "Delete", K_DELETE }, { "F1", K_F1 },
	{ "F2", K_F2 }, { "F3", K_F3 }, { "F4", K_F4 }, { "F5", K_F5 },
	{ "F6", K_F6 }, { "F7", K_F7 }, { "F8", K_F8 }, { "F9", K_F9 },
	{ "F10", K_F10 }, { "F11", K_F11 }, { "F12", K_F12 },
};
enum { NAMES = sizeof(names) / sizeof(*names) };

bool key_is_text(uint32_t key)
{
	return key >= 0x20 && key != K_BACKSPACE && key < K_NAMED;
}

size_t key_utf8(uint32_t key, char out[8])
{
	size_t n = 0;

	if (key < 0x80) {
		out[n++] = (char)key;
	} else if (key < 0x800) {
		out[n++] = (char)(0xc0 | key >> 6);
		out[n++] = (char)(0x80 | (key & 0x3f));
	} else if (key < 0x10000) {
		out[n++] = (char)(0xe0 | key >> 12);
		out[n++] = (char)(0x80 | (key >> 6 & 0x3f));
		out[n++] = (char)(0x80 | (key & 0x3f));
	} else if (key < 0x110000) {
		out[n++] = (char)(0xf0 | key >> 18);
		out[n++] = (char)(0x80 | (key >> 12 & 0x3f));
		out[n++] = (char)(0x80 | (key >> 6 & 0x3f));
		out[n++] = (char)(0x80 | (key & 0x3f));
	}
	out[n] = '\0';
	return n;
}

void key_name(uint32_t key, char out[KEY_NAME_MAX])
{
	const char *alt = key & K_ALT ? "Alt-" : "";
	char text[8];

	key &= ~(uint32_t)K_ALT;
	for (int i = 0; i < NAMES; i++)
		if (names[i].key == key) {
			snprintf(out, KEY_NAME_MAX, "%s%s", alt, names[i].name);
			return;
		}
	if (key < 0x20) {
		snprintf(out, KEY_NAME_MAX, "%sCtrl-%c", alt,
			 (char)(key + 0x40));
		return;
	}
	key_utf8(key, text);
	if (*alt && key >= 'a' && key <= 'z')
		*text = (char)(*text - 'a' + 'A');
	snprintf(out, KEY_NAME_MAX, "%s%s", alt, text);
}

static uint32_t lower(uint32_t key)
{
	return key >= 'A' && key <= 'Z' ? key - 'A' + 'a' : key;
}

uint32_t key_named(const char *name)
{
	size_t used, len = strlen(name);
	uint32_t key;

	for (int i = 0; i < NAMES; i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].key;
	if (strncmp(name, "Alt-", 4) == 0 && name[4]) {
		key = key_named(name + 4);
		return key ? K_ALT | lower(key) : K_NONE;
	}
	if (strncmp(name, "Ctrl-", 5) == 0 && len == 6 && name[5] >= '@' &&
	    name[5] <= '_')
		return K_CTRL(name[5]);
	if (!len)
		return K_NONE;
	key = glyph_decode(name, len, &used);
	return used == len && key_is_text(key) ? key : K_NONE;
}
