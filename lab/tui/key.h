/* key.h - what a person did: a key, the mouse, a paste
 *
 * Keys are numbers: a Unicode character, a control character (Ctrl-A is 1), or
 * one of K_* below, perhaps with K_ALT.  Their names, as in help and in
 * scripts of keys, are "a", "?", "Space", "Enter", "Esc", "F2", "Ctrl-C",
 * "Alt-B", "Shift-Tab".
 */
#ifndef LAB_TUI_KEY_H
#define LAB_TUI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	K_NONE = 0,
	K_TAB = 9, K_ENTER = 13, K_ESC = 27, K_SPACE = 32, K_BACKSPACE = 127,
	K_NAMED = 0x200000,	/* beyond Unicode */
	K_UP, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END, K_PGUP, K_PGDN,
	K_INSERT, K_DELETE, K_BACKTAB,
	K_F1, K_F2, K_F3, K_F4, K_F5, K_F6, K_F7, K_F8, K_F9, K_F10, K_F11,
	K_F12,
	K_NAMED_END,
	K_ALT = 0x400000,	/* added to another */
};
#define K_CTRL(letter)	((uint32_t)(letter) & 0x1f)

enum input_kind { INPUT_KEY, INPUT_MOUSE, INPUT_PASTE, INPUT_RESIZE };
enum mouse_what {
	MOUSE_PRESS, MOUSE_RELEASE, MOUSE_DRAG, MOUSE_DOUBLE,
	MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN,
};

struct input {
	enum input_kind kind;
	uint32_t key;			/* INPUT_KEY */
	enum mouse_what mouse;		/* INPUT_MOUSE, with row and col */
	int row, col;			/* INPUT_RESIZE: the new size */
	const char *text;		/* INPUT_PASTE, borrowed */
	size_t len;
};

/* Is this a character that can be typed into a text? */
bool key_is_text(uint32_t key);
/* Its UTF-8, NUL-terminated; the value is the length. */
size_t key_utf8(uint32_t key, char out[8]);

enum { KEY_NAME_MAX = 24 };
void key_name(uint32_t key, char out[KEY_NAME_MAX]);
/* K_NONE: no key has that name. */
uint32_t key_named(const char *name);

#endif
