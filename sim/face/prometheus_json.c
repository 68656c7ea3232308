/* prometheus_json.c - what Prometheus's answers are made of
 *
 * Every answer is the envelope {"status":"success","data":...} or, with the
 * HTTP status that fits, {"status":"error","errorType":...,"error":...}.  The
 * numbers and the escapes are those of the Go program, to the byte.
 */
#include "sim/face/prometheus_inside.h"

#include <string.h>

#define JSON		"application/json"

/* Go's encoder also escapes what is special in HTML. */
void answer_text(struct text *t, const char *s)
{
	struct text plain = {0};

	text_json(&plain, s);
	for (size_t i = 0; i < plain.len; i++)
		if (strchr("<>&", plain.at[i]))
			text_addf(t, "\\u%04x", (unsigned)plain.at[i]);
		else
			text_char(t, plain.at[i]);
	text_free(&plain);
}

/* Seconds with up to three decimals: 1767600000 or 1767600000.050. */
void answer_time(struct text *t, int64_t ms)
{
	int64_t size = ms < 0 ? -ms : ms;

	text_addf(t, "%s%lld", ms < 0 ? "-" : "", (long long)(size / 1000));
	if (size % 1000)
		text_addf(t, ".%03d", (int)(size % 1000));
}

void answer_labels(struct text *t, const struct promql_series *s)
{
	text_char(t, '{');
	for (uint32_t i = 0; i < s->label_count; i++) {
		if (i)
			text_char(t, ',');
		answer_text(t, s->labels[i].name);
		text_char(t, ':');
		answer_text(t, s->labels[i].value);
	}
	text_char(t, '}');
}

void answer_pair(struct text *t, const char *name, const char *value,
		 const char *behind)
{
	answer_text(t, name);
	text_char(t, ':');
	answer_text(t, value);
	text_add(t, behind);
}

/* -- the envelope ------------------------------------------------------- */

void answer_begin(struct request *r, uint32_t status, const char *type)
{
	r->out->status = status;
	r->out->content_type = type;
	text_clear(&r->out->body);
}

struct text *answer_success(struct request *r)
{
	answer_begin(r, 200, JSON);
	text_add(&r->out->body, "{\"status\":\"success\",\"data\":");
	return &r->out->body;
}

void answer_failure(struct request *r, uint32_t status, const char *type,
		    const char *what)
{
	answer_begin(r, status, JSON);
	text_addf(&r->out->body, "{\"status\":\"error\",\"errorType\":\"%s\","
		  "\"error\":", type);
	answer_text(&r->out->body, what);
	text_char(&r->out->body, '}');
}

bool answer_invalid(struct request *r, const char *parameter, const char *fmt,
		    ...)
{
	struct text t = {0};
	va_list args;

	text_addf(&t, "invalid parameter \"%s\": ", parameter);
	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	answer_failure(r, 400, "bad_data", text_cstr(&t));
	text_free(&t);
	return false;
}
