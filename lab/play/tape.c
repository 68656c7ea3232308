/* tape.c - every input of a play, in order */
#include "lab/play/tape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

const char *const op_kind_words[] = {
	[OP_LINE] = "line",
	[OP_INPUT] = "input",
	[OP_INPUT_END] = "input-end",
	[OP_INTERRUPT] = "interrupt",
	[OP_REWIND] = "rewind",
	[OP_RETURN] = "return",
	[OP_BRANCH] = "branch",
	[OP_SAVE] = "save",
	[OP_FILE] = "file",
	[OP_FILE_GONE] = "file-gone",
	[OP_KINDS] = NULL,
};

/* What each kind must have beside n, at, events and played. */
static const struct {
	bool text, name, to_moment, to;
} wanted[OP_KINDS] = {
	[OP_LINE] = { .text = true },
	[OP_INPUT] = { .text = true },
	[OP_REWIND] = { .text = true, .to_moment = true },
	[OP_RETURN] = { .text = true, .to = true },
	[OP_BRANCH] = { .text = true },
	[OP_SAVE] = { .text = true },
	[OP_FILE] = { .text = true, .name = true },
	[OP_FILE_GONE] = { .name = true },
};

void tape_release(struct tape *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->ops[i].name);
		free(t->ops[i].text);
		free(t->ops[i].hints);
	}
	free(t->ops);
	*t = (struct tape){0};
}

static void *copied(const void *bytes, size_t len)
{
	char *s = mem_take(len + 1);

	if (len)
		memcpy(s, bytes, len);
	s[len] = '\0';
	return s;
}

struct op *tape_add(struct tape *t, const struct op *op)
{
	struct op *added;

	if (t->count == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 64;
		t->ops = mem_grow(t->ops, t->cap * sizeof(*t->ops));
	}
	added = &t->ops[t->count++];
	*added = *op;
	added->n = (uint32_t)t->count;
	if (op->name)
		added->name = copied(op->name, strlen(op->name));
	if (op->text)
		added->text = copied(op->text, op->len);
	if (op->hints)
		added->hints = copied(op->hints,
				      op->hint_count * sizeof(*op->hints));
	return added;
}

/* --- as JSON -------------------------------------------------------------- */

static void set_int(json_t *t, const char *key, int64_t value)
{
	json_object_set_new(t, key, json_integer(value));
}

static json_t *hex(const char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	struct text t = {0};
	json_t *s;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		text_char(&t, digits[c >> 4]);
		text_char(&t, digits[c & 15]);
	}
	s = json_string(text_cstr(&t));
	text_free(&t);
	return s;
}

static void set_text(json_t *t, const char *bytes, size_t len)
{
	json_t *s = json_stringn(bytes, len);	/* NULL: no UTF-8 */

	if (s)
		json_object_set_new(t, "text", s);
	else
		json_object_set_new(t, "hex", hex(bytes, len));
}

json_t *op_json(const struct op *op)
{
	json_t *t = json_object();

	set_int(t, "n", op->n);
	set_int(t, "at", op->at);
	set_int(t, "events", (int64_t)op->events);
	set_int(t, "played", op->played);
	json_object_set_new(t, "kind", json_string(op_kind_words[op->kind]));
	if (op->name)
		json_object_set_new(t, "name", json_string(op->name));
	if (op->text)
		set_text(t, op->text, op->len);
	if (op->kind == OP_REWIND) {
		set_int(t, "to_at", op->to_at);
		set_int(t, "to_events", (int64_t)op->to_events);
		set_int(t, "to_played", op->to_played);
	}
	if (op->kind == OP_RETURN) {
		json_t *hints = json_array();

		for (size_t i = 0; i < op->hint_count; i++)
			json_array_append_new(hints,
					      json_integer(op->hints[i]));
		json_object_set_new(t, "hints", hints);
		set_int(t, "to", op->to);
		if (op->gave_up)
			json_object_set_new(t, "gave_up", json_true());
	}
	return t;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Adds the bytes; false: they are no hexadecimal pairs. */
static bool unhex(struct text *t, const char *s, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2) {
		int high = digit(s[i]), low = digit(s[i + 1]);

		if (high < 0 || low < 0)
			return false;
		text_char(t, (char)(high << 4 | low));
	}
	return len % 2 == 0;
}

struct reader {
	const json_t *from;
	size_t n;
	struct err *err;
};

static bool bad(const struct reader *r, const char *key)
{
	return err_set(r->err, "input %zu: \"%s\" is not as it was written",
		       r->n, key);
}

static bool get_int(const struct reader *r, const char *key, int64_t max,
		    int64_t *out)
{
	const json_t *v = json_object_get(r->from, key);

	if (!json_is_integer(v) || json_integer_value(v) < 0 ||
	    json_integer_value(v) > max)
		return bad(r, key);
	*out = json_integer_value(v);
	return true;
}

static bool get_kind(const struct reader *r, enum op_kind *out)
{
	const char *word = json_string_value(json_object_get(r->from, "kind"));
	int k = 0;

	while (word && k < OP_KINDS && strcmp(op_kind_words[k], word) != 0)
		k++;
	if (!word || k == OP_KINDS)
		return bad(r, "kind");
	*out = (enum op_kind)k;
	return true;
}

static bool get_text(const struct reader *r, struct text *out)
{
	const json_t *plain = json_object_get(r->from, "text");
	const json_t *coded = json_object_get(r->from, "hex");

	if (json_is_string(plain))
		text_bytes(out, json_string_value(plain),
			   json_string_length(plain));
	else if (!json_is_string(coded) ||
		 !unhex(out, json_string_value(coded),
			json_string_length(coded)))
		return bad(r, "text");
	return true;
}

static bool get_hints(const struct reader *r, struct op *op)
{
	const json_t *list = json_object_get(r->from, "hints");

	op->gave_up = json_is_true(json_object_get(r->from, "gave_up"));
	op->hint_count = json_array_size(list);
	if (!json_is_array(list) || op->hint_count > 1024)
		return bad(r, "hints");
	op->hints = copied("", 0);
	op->hints = mem_grow(op->hints,
			     (op->hint_count + 1) * sizeof(*op->hints));
	for (size_t i = 0; i < op->hint_count; i++) {
		const json_t *v = json_array_get(list, i);

		if (!json_is_integer(v) || json_integer_value(v) < 0 ||
		    json_integer_value(v) > UINT32_MAX)
			return bad(r, "hints");
		op->hints[i] = (uint32_t)json_integer_value(v);
	}
	return true;
}

static bool get_numbers(const struct reader *r, struct op *op)
{
	int64_t n, at, events, played, to = 0, to_at = 0, to_events = 0,
		to_played = 0;

	if (!get_int(r, "n", UINT32_MAX, &n) ||
	    !get_int(r, "at", INT64_MAX - 1, &at) ||
	    !get_int(r, "events", INT64_MAX, &events) ||
	    !get_int(r, "played", UINT32_MAX, &played))
		return false;
	if ((size_t)n != r->n)
		return err_set(r->err, "input %zu is missing", r->n);
	if (wanted[op->kind].to_moment &&
	    (!get_int(r, "to_at", at, &to_at) ||
	     !get_int(r, "to_events", INT64_MAX, &to_events) ||
	     !get_int(r, "to_played", UINT32_MAX, &to_played)))
		return false;
	if (wanted[op->kind].to &&
	    (!get_int(r, "to", n - 1, &to) || to < 1))
		return bad(r, "to");
	op->at = at;
	op->events = (uint64_t)events;
	op->played = (uint32_t)played;
	op->to = (uint32_t)to;
	op->to_at = to_at;
	op->to_events = (uint64_t)to_events;
	op->to_played = (uint32_t)to_played;
	return true;
}

static bool read_one(const struct reader *r, struct tape *t)
{
	struct text text = {0};
	struct op op = {0};
	bool good = get_kind(r, &op.kind) && get_numbers(r, &op);

	if (good && wanted[op.kind].name) {
		op.name = (char *)json_string_value(
				json_object_get(r->from, "name"));
		good = op.name || bad(r, "name");
	}
	if (good && wanted[op.kind].text) {
		good = get_text(r, &text);
		op.text = (char *)text_cstr(&text);
		op.len = text.len;
	}
	if (good && op.kind == OP_RETURN)
		good = get_hints(r, &op);
	if (good)
		tape_add(t, &op);
	free(op.hints);
	text_free(&text);
	return good;
}

bool tape_read(struct tape *t, const json_t *ops, struct err *err)
{
	if (!json_is_array(ops))
		return err_set(err, "the inputs are no list");
	for (size_t i = 0; i < json_array_size(ops); i++) {
		struct reader r = { json_array_get(ops, i), i + 1, err };

		if (!read_one(&r, t))
			return false;
	}
	return true;
}

/* --- the way to a state --------------------------------------------------- */

size_t tape_effective(const struct tape *t, uint32_t n, uint32_t **out)
{
	uint32_t *list = mem_zeroed(t->count + 1, sizeof(*list));
	size_t count = 0;
	uint32_t i = n - 1;

	while (i > 0) {
		const struct op *op = &t->ops[i - 1];

		list[count++] = i - 1;
		i = op->kind == OP_RETURN ? op->to - 1 : i - 1;
	}
	for (size_t k = 0; k < count / 2; k++) {
		uint32_t last = list[count - 1 - k];

		list[count - 1 - k] = list[k];
		list[k] = last;
	}
	*out = list;
	return count;
}
