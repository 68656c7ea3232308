/* text.c - a string that grows */
#include "sim/core/text.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

static void reserve(struct text *t, size_t more)
{
	size_t need = t->len + more + 1;

	if (need <= t->cap)
		return;
	if (need < 2 * t->cap)
		need = 2 * t->cap;
	if (need < 64)
		need = 64;
	t->at = mem_grow(t->at, need);
	t->cap = need;
}

void text_free(struct text *t)
{
	free(t->at);
	*t = (struct text){0};
}

void text_clear(struct text *t)
{
	t->len = 0;
	if (t->at)
		t->at[0] = '\0';
}

char *text_take(struct text *t)
{
	char *s;

	reserve(t, 0);
	t->at[t->len] = '\0';
	s = t->at;
	*t = (struct text){0};
	return s;
}

const char *text_cstr(const struct text *t)
{
	return t->at ? t->at : "";
}

void text_bytes(struct text *t, const void *bytes, size_t len)
{
	reserve(t, len);
	if (len)
		memcpy(t->at + t->len, bytes, len);
	t->len += len;
	t->at[t->len] = '\0';
}

void text_add(struct text *t, const char *s)
{
	text_bytes(t, s, strlen(s));
}

void text_char(struct text *t, char c)
{
	text_bytes(t, &c, 1);
}

void text_vaddf(struct text *t, const char *fmt, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	assert(n >= 0);
	reserve(t, (size_t)n);
	vsnprintf(t->at + t->len, (size_t)n + 1, fmt, again);
	va_end(again);
	t->len += (size_t)n;
}

void text_addf(struct text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_vaddf(t, fmt, args);
	va_end(args);
}

/* Bytes of the well-formed UTF-8 sequence at s (RFC 3629), 0 if it is none. */
static size_t utf8_len(const unsigned char *s, size_t len)
{
	static const struct {
		unsigned char first, last, second_min, second_max;
		size_t len;
	} form[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	if (s[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		if (s[0] < form[i].first || s[0] > form[i].last)
			continue;
		if (len < form[i].len || s[1] < form[i].second_min ||
		    s[1] > form[i].second_max)
			return 0;
		for (size_t k = 2; k < form[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return form[i].len;
	}
	return 0;
}

static void json_ascii(struct text *t, char c)
{
	switch (c) {
	case '"':
	case '\\':
		text_char(t, '\\');
		text_char(t, c);
		return;
	case '\n':
		text_add(t, "\\n");
		return;
	case '\t':
		text_add(t, "\\t");
		return;
	case '\r':
		text_add(t, "\\r");
		return;
	}
	if ((unsigned char)c < 0x20 || c == 0x7f)
		text_addf(t, "\\u%04x", (unsigned)c);
	else
		text_char(t, c);
}

void text_json_bytes(struct text *t, const char *s, size_t len)
{
	text_char(t, '"');
	for (size_t i = 0; i < len;) {
		size_t n = utf8_len((const unsigned char *)s + i, len - i);

		if (n == 0) {
			text_add(t, "\xef\xbf\xbd");
			i++;
			continue;
		}
		if (n == 1)
			json_ascii(t, s[i]);
		else
			text_bytes(t, s + i, n);
		i += n;
	}
	text_char(t, '"');
}

void text_json(struct text *t, const char *s)
{
	text_json_bytes(t, s, strlen(s));
}
