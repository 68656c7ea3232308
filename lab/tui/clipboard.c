/* clipboard.c - text to where the person can paste it */
#include "lab/tui/clipboard.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/tui/external.h"

static bool is_set(const char *variable)
{
	const char *value = variable ? getenv(variable) : NULL;

	return value && *value;
}

static const struct tool {
	const char *variable;	/* what it needs to be set */
	const char *argv[6];
	const char *said;
} tools[] = {
	{ "WAYLAND_DISPLAY", { "wl-copy" }, "the clipboard (wl-copy)" },
	{ "DISPLAY", { "xclip", "-selection", "clipboard" },
	  "the clipboard (xclip)" },
	{ "DISPLAY", { "xsel", "--clipboard", "--input" },
	  "the clipboard (xsel)" },
	{ NULL, { "pbcopy" }, "the clipboard (pbcopy)" },
};

/* -w: and to the terminal tmux runs in (tmux 3.2). */
static const struct tool tmux = {
	"TMUX", { "tmux", "load-buffer", "-w", "-" },
	"tmux's buffer and its terminal",
};

static bool by_tool(const struct tool *t, const char *text, size_t len,
		    struct text *said)
{
	if ((t->variable && !is_set(t->variable)) ||
	    !external_exists(t->argv[0]))
		return false;
	if (!external_feed((char *const *)t->argv, text, len, NULL))
		return false;
	text_addf(said, "Copied to %s.", t->said);
	return true;
}

static bool by_tools(const char *text, size_t len, struct text *said)
{
	if (is_set("SSH_TTY") || is_set("SSH_CONNECTION"))
		return false;
	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++)
		if (by_tool(&tools[i], text, len, said))
			return true;
	return false;
}

static void base64(const char *text, size_t len, struct text *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t three = (uint32_t)s[i] << 16 |
				 (left > 1 ? (uint32_t)s[i + 1] << 8 : 0) |
				 (left > 2 ? s[i + 2] : 0u);

		text_char(out, digits[three >> 18]);
		text_char(out, digits[three >> 12 & 63]);
		text_char(out, left > 1 ? digits[three >> 6 & 63] : '=');
		text_char(out, left > 2 ? digits[three & 63] : '=');
	}
}

/* XTerm Control Sequences, Operating System Commands, Ps = 52. */
static bool by_terminal(const char *text, size_t len,
			void (*emit)(void *ctx, const char *bytes, size_t len),
			void *ctx, struct text *said)
{
	struct text sequence = {0};

	if (len > CLIPBOARD_OSC52_MAX) {
		text_addf(said, "Too long for the terminal's clipboard (%zu "
			  "bytes, at most %d); kept inside Millrace.", len,
			  CLIPBOARD_OSC52_MAX);
		return false;
	}
	text_add(&sequence, "\033]52;c;");
	base64(text, len, &sequence);
	text_char(&sequence, '\a');
	emit(ctx, sequence.at, sequence.len);
	text_free(&sequence);
	text_add(said, "Handed to the terminal's clipboard (OSC 52); some "
		       "terminals do not take it.");
	return true;
}

bool clipboard_copy(const char *text, size_t len,
		    void (*emit)(void *ctx, const char *bytes, size_t len),
		    void *ctx, struct text *said)
{
	return by_tool(&tmux, text, len, said) || by_tools(text, len, said) ||
	       by_terminal(text, len, emit, ctx, said);
}
