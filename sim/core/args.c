/* args.c - the words of a command: key=value key=value ... */
#include "sim/core/args.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '%' && c != '=';
}

void args_add_bytes(struct text *t, const char *key, const char *value,
		    size_t len)
{
	if (t->len)
		text_char(t, ' ');
	text_add(t, key);
	text_char(t, '=');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		if (plain(c))
			text_char(t, (char)c);
		else
			text_addf(t, "%%%02x", c);
	}
}

void args_add(struct text *t, const char *key, const char *value)
{
	args_add_bytes(t, key, value, strlen(value));
}

void args_add_int(struct text *t, const char *key, int64_t value)
{
	struct text number = {0};

	text_addf(&number, "%lld", (long long)value);
	args_add_bytes(t, key, number.at, number.len);
	text_free(&number);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static void decode(struct text *t, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high, low;

		if (s[i] == '%' && i + 2 < len && (high = hex(s[i + 1])) >= 0 &&
		    (low = hex(s[i + 2])) >= 0) {
			text_char(t, (char)(high << 4 | low));
			i += 2;
		} else {
			text_char(t, s[i]);
		}
	}
}

/* Find the raw value of a key. */
static const char *find(const char *args, const char *key, size_t *len)
{
	size_t key_len = strlen(key);

	while (*args) {
		size_t word;

		args += strspn(args, " ");
		word = strcspn(args, " ");
		if (word > key_len && args[key_len] == '=' &&
		    !memcmp(args, key, key_len)) {
			*len = word - key_len - 1;
			return args + key_len + 1;
		}
		args += word;
	}
	return NULL;
}

bool args_bytes(const char *args, const char *key, struct text *t)
{
	size_t len;
	const char *value = find(args, key, &len);

	if (value)
		decode(t, value, len);
	return value != NULL;
}

bool args_text(const char *args, const char *key, char *out, size_t cap)
{
	struct text t = {0};
	bool found = args_bytes(args, key, &t) && t.len < cap &&
		     (!t.len || !memchr(t.at, '\0', t.len));

	out[0] = '\0';
	if (found)
		memcpy(out, text_cstr(&t), t.len + 1);
	text_free(&t);
	return found;
}

void args_text_or(const char *args, const char *key, const char *otherwise,
		  char *out, size_t cap)
{
	if (args_text(args, key, out, cap))
		return;
	assert(strlen(otherwise) < cap);
	memcpy(out, otherwise, strlen(otherwise) + 1);
}

bool args_has(const char *args, const char *key)
{
	size_t len;

	return find(args, key, &len) != NULL;
}

int64_t args_int(const char *args, const char *key, int64_t otherwise)
{
	char text[32], *end;
	long long value;

	if (!args_text(args, key, text, sizeof(text)) || !*text)
		return otherwise;
	errno = 0;
	value = strtoll(text, &end, 10);
	return *end || errno ? otherwise : value;
}

sim_time args_time(const char *args, const char *key, sim_time otherwise)
{
	char text[32];
	sim_time at;

	if (!args_text(args, key, text, sizeof(text)) ||
	    !simtime_parse(text, &at))
		return otherwise;
	return at;
}

bool args_next(const char **at, struct text *key, struct text *value)
{
	const char *word, *equals;
	size_t len;

	*at += strspn(*at, " ");
	word = *at;
	len = strcspn(word, " ");
	if (!len)
		return false;
	*at += len;
	text_clear(key);
	text_clear(value);
	equals = memchr(word, '=', len);
	if (equals) {
		text_bytes(key, word, (size_t)(equals - word));
		decode(value, equals + 1, len - (size_t)(equals + 1 - word));
	} else {
		decode(value, word, len);
	}
	return true;
}
