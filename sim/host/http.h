/* http.h - requests and answers of HTTP, as messages on the network
 *
 * A request is what stands in its first line and its body; an answer a status
 * and a body.  Header fields are left out but for the content type and
 * `traceparent` (http_trace): nobody in the simulation reads another.  The asker numbers its requests; the answer
 * has the same number, since answers can be late.
 *
 *	client                                     server
 *	http_request_new, net_send ───────────▶  on.message, kind REQUEST
 *	on.message, kind RESPONSE  ◀───────────  http_response_new, net_send
 *
 * Whoever receives one owns it (message_free), as with every message.
 */
#ifndef SIM_HOST_HTTP_H
#define SIM_HOST_HTTP_H

#include "sim/core/text.h"
#include "sim/host/net.h"
#include "sim/host/trace_context.h"

enum {
	MESSAGE_HTTP_REQUEST = MODULE_HOST << 8,
	MESSAGE_HTTP_RESPONSE,
};

enum http_method {
	HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE,
	HTTP_OPTIONS,
};

struct http_request {
	struct message head;
	uint64_t id;			/* the asker's */
	struct trace_context trace;	/* the field traceparent; 0: not there */
	enum http_method method;
	uint32_t path_len, body_len;
	char bytes[];			/* path with query, NUL, body, NUL */
};

struct http_response {
	struct message head;
	uint64_t id;			/* of the request */
	uint32_t status;		/* 200, 404, ... */
	name_id content_type;		/* "application/json" */
	uint32_t body_len;
	char bytes[];			/* body, NUL */
};

struct http_request *http_request_new(struct world *w, enum http_method method,
				      const char *path, const void *body,
				      size_t body_len, uint64_t id);
struct http_response *http_response_new(struct world *w, uint32_t status,
					const char *content_type,
					const void *body, size_t body_len,
					uint64_t id);

/* Add the field traceparent; an empty context adds nothing. */
void http_trace(struct http_request *r, const struct trace_context *c);

static inline const char *http_path(const struct http_request *r)
{
	return r->bytes;
}

static inline const char *http_body(const struct http_request *r)
{
	return r->bytes + r->path_len + 1;
}

/* -- words --------------------------------------------------------------- */

const char *http_method_name(enum http_method method);
bool http_method_parse(const char *s, enum http_method *method);
const char *http_reason(uint32_t status);	/* "Not Found" */

/* -- addresses: pure functions on text ----------------------------------- */

/* Does the path, without its query, equal `want`? */
bool http_path_is(const char *path, const char *want);
/* Where the query begins ("a=1&b=2"), or "". */
const char *http_query(const char *path);

/* Undo %41 and, in queries, + for a blank; broken escapes stay as they are. */
void http_decode(struct text *t, const char *s, size_t len, bool query);
/* As a part of a query: all but letters, digits and -_.~ escaped. */
void http_encode(struct text *t, const char *s);

/*
 * The n-th value of a parameter in "a=1&b=2", decoded and added to *value.
 * False, adding nothing, when there are not so many.  Pairs with a ';' or a
 * broken escape do not count (Go's url.ParseQuery).
 */
bool http_parameter(const char *query, const char *name, uint32_t n,
		    struct text *value);

#endif
