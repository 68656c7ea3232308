/* http.c - requests and answers of HTTP, as messages on the network */
#include "sim/host/http.h"

#include <string.h>

/* Bytes of the first line and the fields a Go or curl client sends, and of
 * those of an answer [E]. */
#define REQUEST_HEAD	160u
#define RESPONSE_HEAD	140u

struct http_request *http_request_new(struct world *w, enum http_method method,
				      const char *path, const void *body,
				      size_t body_len, uint64_t id)
{
	size_t path_len = strlen(path);
	struct http_request *r = message_new(w, sizeof(*r) + path_len +
						body_len + 2,
					     MESSAGE_HTTP_REQUEST);

	r->id = id;
	r->method = method;
	r->path_len = (uint32_t)path_len;
	r->body_len = (uint32_t)body_len;
	memcpy(r->bytes, path, path_len);
	if (body_len)
		memcpy(r->bytes + path_len + 1, body, body_len);
	r->head.bytes = REQUEST_HEAD + (uint32_t)(path_len + body_len);
	return r;
}

struct http_response *http_response_new(struct world *w, uint32_t status,
					const char *content_type,
					const void *body, size_t body_len,
					uint64_t id)
{
	struct http_response *r = message_new(w, sizeof(*r) + body_len + 1,
					      MESSAGE_HTTP_RESPONSE);

	r->id = id;
	r->status = status;
	r->content_type = world_name(w, content_type);
	r->body_len = (uint32_t)body_len;
	if (body_len)
		memcpy(r->bytes, body, body_len);
	r->head.bytes = RESPONSE_HEAD + (uint32_t)body_len;
	return r;
}

/* "traceparent: ", its value, CR LF. */
#define TRACE_FIELD	(sizeof(TRACEPARENT ": ") - 1 + TRACEPARENT_LEN + 2)

void http_trace(struct http_request *r, const struct trace_context *c)
{
	if (!trace_context_given(c))
		return;
	if (!trace_context_given(&r->trace))
		r->head.bytes += (uint32_t)TRACE_FIELD;
	r->trace = *c;
}

/* -- words --------------------------------------------------------------- */

static const char *const methods[] = {
	[HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS",
};

const char *http_method_name(enum http_method method)
{
	return methods[method];
}

bool http_method_parse(const char *s, enum http_method *method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (!strcmp(methods[i], s)) {
			*method = (enum http_method)i;
			return true;
		}
	return false;
}

const char *http_reason(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *reason;
	} reasons[] = {	/* RFC 9110, section 15 */
		{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
		{ 204, "No Content" }, { 301, "Moved Permanently" },
		{ 302, "Found" }, { 304, "Not Modified" },
		{ 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 408, "Request Timeout" },
		{ 409, "Conflict" }, { 410, "Gone" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Entity" }, { 429, "Too Many Requests" },
		{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
		{ 502, "Bad Gateway" }, { 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

/* -- addresses ----------------------------------------------------------- */

bool http_path_is(const char *path, const char *want)
{
	size_t len = strcspn(path, "?");

	return strlen(want) == len && !memcmp(path, want, len);
}

const char *http_query(const char *path)
{
	const char *mark = strchr(path, '?');

	return mark ? mark + 1 : "";
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool escaped(const char *s, size_t left)
{
	return left >= 3 && *s == '%' && hex_digit(s[1]) >= 0 &&
	       hex_digit(s[2]) >= 0;
}

void http_decode(struct text *t, const char *s, size_t len, bool query)
{
	for (size_t i = 0; i < len; i++)
		if (escaped(s + i, len - i)) {
			text_char(t, (char)(hex_digit(s[i + 1]) * 16 +
					    hex_digit(s[i + 2])));
			i += 2;
		} else
			text_char(t, query && s[i] == '+' ? ' ' : s[i]);
}

void http_encode(struct text *t, const char *s)
{
	static const char plain[] = "-_.~0123456789"
				    "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (; *s; s++)
		if (strchr(plain, *s))
			text_char(t, *s);
		else
			text_addf(t, "%%%02X", (unsigned char)*s);
}

static bool well_formed(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] == ';' || (s[i] == '%' && !escaped(s + i, len - i)))
			return false;
	return true;
}

static bool named(const char *s, size_t len, const char *name)
{
	struct text t = {0};
	bool same;

	http_decode(&t, s, len, true);
	same = t.len == strlen(name) && !memcmp(text_cstr(&t), name, t.len);
	text_free(&t);
	return same;
}

bool http_parameter(const char *query, const char *name, uint32_t n,
		    struct text *value)
{
	for (const char *s = query; *s;) {
		size_t len = strcspn(s, "&");
		const char *equals = memchr(s, '=', len);
		size_t name_len = equals ? (size_t)(equals - s) : len;

		if (len && well_formed(s, len) && named(s, name_len, name) &&
		    n-- == 0) {
			if (equals)
				http_decode(value, equals + 1,
					    len - name_len - 1, true);
			return true;
		}
		s += len + (s[len] == '&');
	}
	return false;
}
