/* decode.c - what a terminal sends, read as keys, mouse and pastes
 *
 * Sources: ECMA-48 5.4 (the form of control sequences); XTerm Control Sequences
 * (Dickey), "PC-Style Function Keys", "Mouse Tracking", "Bracketed Paste Mode";
 * rxvtRef(7); console_codes(4).
 */
#include "lab/tui/decode.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lab/text/glyph.h"
#include "sim/core/mem.h"

enum { ESC = 27, SEQUENCE_MAX = 64, PARAMETERS = 4 };

void decode_init(struct decode *d)
{
	*d = (struct decode){
		.esc_ms = DECODE_ESC_MS, .press_row = -1, .press_col = -1,
	};
}

void decode_release(struct decode *d)
{
	text_free(&d->in);
	text_free(&d->paste);
	free(d->keys);
	*d = (struct decode){0};
}

void decode_key(struct decode *d, const char *bytes, uint32_t key)
{
	size_t len = strlen(bytes);
	struct decode_key *k;

	if (len < 2 || len > sizeof(k->bytes) || bytes[0] != ESC)
		return;
	d->keys = mem_grow(d->keys, (d->key_count + 1) * sizeof(*d->keys));
	k = &d->keys[d->key_count++];
	*k = (struct decode_key){ .len = (uint8_t)len, .key = key };
	memcpy(k->bytes, bytes, len);
}

void decode_feed(struct decode *d, const void *bytes, size_t len,
		 int64_t now_ms)
{
	if (d->from == d->in.len) {
		text_clear(&d->in);
		d->from = 0;
	}
	text_bytes(&d->in, bytes, len);
	d->fed_ms = now_ms;
}

static int patience_ms(const struct decode *d)
{
	return d->pasting ? DECODE_PASTE_MS : d->esc_ms;
}

int decode_wait_ms(const struct decode *d, int64_t now_ms)
{
	int64_t left = d->fed_ms + patience_ms(d) - now_ms;

	if (d->from == d->in.len && !d->pasting)
		return -1;
	return left < 0 ? 0 : (int)left;
}

/* --- keys -------------------------------------------------------------------------- */

/* What the bytes from ESC on are; `used` 0: it takes more of them. */
struct found {
	size_t used;
	uint32_t key;		/* K_NONE: nothing a person did */
};

static uint32_t with_alt(uint32_t key, bool alt)
{
	return key && alt ? key | K_ALT : key;
}

/* The second parameter of a key: 1 and the sum of shift 1, alt 2, ctrl 4,
 * meta 8.  Of these only Alt makes another key here. */
static bool is_alt(int modifiers)
{
	return modifiers > 1 && ((modifiers - 1) & (2 | 8));
}

static const uint32_t by_final[128] = {
	['A'] = K_UP, ['B'] = K_DOWN, ['C'] = K_RIGHT, ['D'] = K_LEFT,
	['F'] = K_END, ['H'] = K_HOME, ['P'] = K_F1, ['Q'] = K_F2,
	['R'] = K_F3, ['S'] = K_F4, ['Z'] = K_BACKTAB,
	/* rxvt with shift or control */
	['a'] = K_UP, ['b'] = K_DOWN, ['c'] = K_RIGHT, ['d'] = K_LEFT,
};

/* ESC [ n ~ */
static const uint32_t by_number[] = {
	[1] = K_HOME, [2] = K_INSERT, [3] = K_DELETE, [4] = K_END,
	[5] = K_PGUP, [6] = K_PGDN, [7] = K_HOME, [8] = K_END,
	[11] = K_F1, [12] = K_F2, [13] = K_F3, [14] = K_F4, [15] = K_F5,
	[17] = K_F6, [18] = K_F7, [19] = K_F8, [20] = K_F9, [21] = K_F10,
	[23] = K_F11, [24] = K_F12,
};
enum { NUMBERS = sizeof(by_number) / sizeof(*by_number) };

/* ESC O x: the keypad too, when a terminal sends it so. */
static uint32_t by_ss3(unsigned char c)
{
	if (c >= 'p' && c <= 'y')
		return (uint32_t)(c - 'p' + '0');
	if (c >= 'j' && c <= 'o')
		return (uint32_t)(c - 'j' + '*');
	if (c == 'M')
		return K_ENTER;
	return c < 128 ? by_final[c] : K_NONE;
}

/* A character with modifiers: xterm's modifyOtherKeys, CSI u. */
static uint32_t by_code(int code, int modifiers)
{
	bool ctrl = modifiers > 1 && ((modifiers - 1) & 4);
	uint32_t key = code > 0 && code < 0x110000 ? (uint32_t)code : K_NONE;

	if (key == K_TAB && modifiers == 2)
		key = K_BACKTAB;
	else if (ctrl && key >= '@' && key < K_BACKSPACE)
		key = K_CTRL(key);
	return with_alt(key, is_alt(modifiers));
}

/* One character as it is typed; 0 bytes: its end is still to come. */
static struct found plain(const struct decode *d, const char *s, size_t len,
			  bool late)
{
	unsigned char c = (unsigned char)*s;
	struct found f = { .used = 1 };

	if (c == '\n' || c == '\r')
		f.key = K_ENTER;
	else if (c == K_BACKSPACE || (c == d->erase && c))
		f.key = K_BACKSPACE;
	else if (c < 0x80)
		f.key = c;
	if (c < 0x80)
		return f;
	f.key = glyph_decode(s, len, &f.used);
	if (f.key == 0xfffd && len < 4 && !late)
		return (struct found){0};
	if (f.key == 0xfffd || f.key < 0xa0)
		f.key = K_NONE;
	return f;
}

/* --- mouse -------------------------------------------------------------------------- */

/* A press close after another on the same cell is a double click. */
static enum mouse_what press(struct decode *d, int row, int col, int64_t now)
{
	bool again = row == d->press_row && col == d->press_col &&
		     now - d->press_ms <= DECODE_DOUBLE_MS;

	d->press_row = again ? -1 : row;
	d->press_col = again ? -1 : col;
	d->press_ms = now;
	return again ? MOUSE_DOUBLE : MOUSE_PRESS;
}

/*
 * Button bits: 0-1 which (3: none), 2-4 modifiers, 5 moved, 6 wheel.  Only the
 * left button and the wheel mean something here; the rest leaves *in alone.
 */
static void mouse(struct decode *d, int button, int row, int col, bool up,
		  int64_t now, struct input *in)
{
	struct input did = { .kind = INPUT_MOUSE, .row = row, .col = col };
	int which = button & 3;
	bool wheel = button & 64;

	if (row < 0 || col < 0 || button > 127 || which > wheel || (wheel && up))
		return;
	if (wheel)
		did.mouse = which ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP;
	else if (button & 32)
		did.mouse = MOUSE_DRAG;
	else
		did.mouse = up ? MOUSE_RELEASE : press(d, row, col, now);
	*in = did;
}

/* --- control sequences ---------------------------------------------------------------- */

struct sequence {
	char mark;			/* '<', '?' ... or 0 */
	int parameters[PARAMETERS];	/* those left out are 0 */
	unsigned char final;		/* 0: it is broken, and to be skipped */
	size_t len;			/* with ESC [; 0: not whole yet */
};

static struct sequence cut(const char *s, size_t len)
{
	struct sequence q = {0};
	size_t i = 2, n = 0;

	if (i < len && s[i] >= '<' && s[i] <= '?')
		q.mark = s[i++];
	for (; i < len && s[i] >= 0x20 && s[i] < 0x40; i++) {
		if (s[i] == ';' || s[i] == ':')
			n++;
		else if (s[i] >= '0' && s[i] <= '9' && n < PARAMETERS &&
			 q.parameters[n] < 100000)
			q.parameters[n] = 10 * q.parameters[n] + s[i] - '0';
	}
	if (i < len || i > SEQUENCE_MAX)
		q.len = i;
	if (i < len && s[i] >= 0x40 && s[i] < 0x7f) {
		q.final = (unsigned char)s[i];
		q.len = i + 1;
	}
	return q;
}

static uint32_t key_of(struct decode *d, const struct sequence *q)
{
	const int *p = q->parameters;

	if (q->mark)
		return K_NONE;
	if (d->asked && q->final == 'R' && p[1] > 0) {
		d->answer_col = p[1];
		d->asked = false;
		return K_NONE;
	}
	if (q->final == 'u')
		return by_code(p[0], p[1]);
	if (q->final == '~' && p[0] == 27)
		return by_code(p[2], p[1]);
	if (q->final == '~' || q->final == '^' || q->final == '@')
		return p[0] < NUMBERS ? with_alt(by_number[p[0]], is_alt(p[1])) :
					K_NONE;
	return with_alt(by_final[q->final], is_alt(p[1]));
}

/* ESC [ M and three bytes: the mouse of terminals that know no other form. */
static size_t old_mouse(struct decode *d, const unsigned char *s, size_t len,
			int64_t now, struct input *in)
{
	int button = len < 6 ? 0 : s[3] - 32;

	if (len < 6)
		return 0;
	mouse(d, button == 3 ? 0 : button, s[5] - 33, s[4] - 33, button == 3,
	      now, in);
	return 6;
}

/* From ESC [ on; the value is the bytes used, 0: it takes more. */
static size_t control(struct decode *d, const char *s, size_t len, int64_t now,
		      struct input *in)
{
	struct sequence q = cut(s, len);
	const int *p = q.parameters;

	if (len > 2 && s[2] == '[') {		/* the Linux console's F1-F5 */
		if (len > 3 && s[3] >= 'A' && s[3] <= 'E')
			in->key = K_F1 + (uint32_t)(s[3] - 'A');
		return len > 3 ? 4 : 0;
	}
	if (q.final == 'M' && q.len == 3)
		return old_mouse(d, (const unsigned char *)s, len, now, in);
	if (q.mark == '<' && (q.final == 'M' || q.final == 'm')) {
		mouse(d, p[0], p[2] - 1, p[1] - 1, q.final == 'm', now, in);
	} else if (q.final == '~' && p[0] == 200 && !q.mark) {
		d->pasting = true;
		text_clear(&d->paste);
	} else if (q.final) {
		in->key = key_of(d, &q);
	}
	return q.len;
}

/* --- from ESC on ------------------------------------------------------------------------ */

static size_t from_terminfo(const struct decode *d, const char *s, size_t len,
			    bool late, struct input *in, bool *more)
{
	for (size_t i = 0; i < d->key_count; i++) {
		const struct decode_key *k = &d->keys[i];
		size_t n = k->len < len ? k->len : len;

		if (memcmp(k->bytes, s, n) != 0)
			continue;
		if (n == k->len) {
			in->key = k->key;
			return n;
		}
		*more |= !late;
	}
	return 0;
}

static size_t escape(struct decode *d, const char *s, size_t len, bool late,
		     int64_t now, struct input *in)
{
	struct found f;
	bool more = false;
	size_t used = from_terminfo(d, s, len, late, in, &more);

	if (used)
		return used;
	if (more || (len == 1 && !late))
		return 0;
	if (len == 1) {
		in->key = K_ESC;
		return 1;
	}
	if (s[1] == '[' && len > 2) {
		used = control(d, s, len, now, in);
		/* Cut off for good: nothing a person typed. */
		return used || !late ? used : len;
	}
	if (s[1] == 'O' && len > 2) {
		in->key = by_ss3((unsigned char)s[2]);
		return 3;
	}
	if ((s[1] == '[' || s[1] == 'O') && !late)
		return 0;
	if (s[1] == ESC) {	/* Alt of a sequence, or Esc and another */
		if (len > 2 && (s[2] == '[' || s[2] == 'O')) {
			used = escape(d, s + 1, len - 1, late, now, in);
			in->key = with_alt(in->key, in->kind == INPUT_KEY &&
					   in->key != K_ESC);
			return used ? used + 1 : 0;
		}
		in->key = len > 2 || late ? K_ESC : K_NONE;
		return len > 2 || late ? 1 : 0;
	}
	f = plain(d, s + 1, len - 1, late);
	in->key = with_alt(f.key, true);
	return f.used ? f.used + 1 : 0;
}

/* --- pastes ------------------------------------------------------------------------------- */

static const char paste_end[] = "\033[201~";
enum { PASTE_END = sizeof(paste_end) - 1 };

static const char *find_end(const char *s, size_t len)
{
	for (size_t i = 0; i + PASTE_END <= len; i++)
		if (s[i] == ESC && memcmp(s + i, paste_end, PASTE_END) == 0)
			return s + i;
	return NULL;
}

/* Terminals send the end of a line as Enter would. */
static void copy_lines(struct text *to, const char *s, size_t len)
{
	text_clear(to);
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\r' && i + 1 < len && s[i + 1] == '\n')
			continue;
		text_char(to, s[i] == '\r' ? '\n' : s[i]);
	}
}

static size_t paste(struct decode *d, const char *s, size_t len, bool late,
		    struct input *in)
{
	const char *end = len ? find_end(s, len) : NULL;
	size_t n = end ? (size_t)(end - s) : len;

	if (!end && !late && len < DECODE_PASTE_MAX)
		return 0;
	if (end || late)
		d->pasting = false;
	else
		n -= PASTE_END;		/* its end may have begun */
	copy_lines(&d->paste, s, n);
	if (d->paste.len)
		*in = (struct input){
			.kind = INPUT_PASTE, .text = text_cstr(&d->paste),
			.len = d->paste.len,
		};
	return end ? n + PASTE_END : n;
}

/* --- all of it ------------------------------------------------------------------------------ */

static size_t one(struct decode *d, const char *s, size_t len, bool late,
		  struct input *in)
{
	struct found f;

	if (d->pasting)
		return paste(d, s, len, late, in);
	if (*s == ESC)
		return escape(d, s, len, late, d->fed_ms, in);
	f = plain(d, s, len, late);
	in->key = f.key;
	return f.used;
}

bool decode_next(struct decode *d, struct input *in, int64_t now_ms)
{
	bool late = now_ms >= d->fed_ms + patience_ms(d);

	while (d->from < d->in.len || (d->pasting && late)) {
		size_t len = d->in.len - d->from, used;
		bool was = d->pasting;

		*in = (struct input){ .kind = INPUT_KEY };
		used = one(d, len ? d->in.at + d->from : "", len, late, in);
		assert(used <= len);
		d->from += used;
		if (in->kind != INPUT_KEY || in->key)
			return true;
		if (!used && was == d->pasting)
			return false;
		late = now_ms >= d->fed_ms + patience_ms(d);
	}
	return false;
}
