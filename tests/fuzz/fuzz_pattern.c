/* fuzz_pattern.c - no pattern and no subject hurts the matcher
 *
 * The first byte says how long the pattern is, the rest is the subject.  What
 * the answers should be is the model test's business (test_pattern.c); here it
 * is enough that they are in bounds and that every match ends.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "lua/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_answer(const struct pattern *p)
{
	assert(p->start <= p->end && p->end <= p->subject_len);
	for (int i = 0; i < p->capture_count; i++) {
		const struct pattern_capture *capture = &p->captures[i];

		assert(capture->start <= p->subject_len);
		if (capture->kind == PATTERN_CAPTURE_TEXT)
			assert(capture->len <= p->subject_len - capture->start);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;

	size_t pattern_len = data[0] < size - 1 ? data[0] : size - 1;
	struct pattern p = {
		.pattern = (const char *)data + 1,
		.pattern_len = pattern_len,
		.subject = (const char *)data + 1 + pattern_len,
		.subject_len = size - 1 - pattern_len,
		.steps_left = 100000,
	};

	while (p.steps_left > 0) {
		size_t from = p.end;

		if (pattern_find(&p, from) != PATTERN_FOUND)
			break;
		check_answer(&p);
		if (p.end == from && p.end++ == p.subject_len)
			break;
	}
	assert(p.steps_left >= 0);
	return 0;
}
