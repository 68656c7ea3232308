/* prometheus.h - Prometheus's HTTP API, version 1, as a pure function
 *
 * Request in, status and JSON out; the world is only looked at.  Shapes, error
 * texts and number formats are those of Prometheus 2.42, so that Grafana,
 * promtool and curl can be pointed at a simulated server.
 *
 *	GET or POST  /api/v1/query?query=&time=
 *	             /api/v1/query_range?query=&start=&end=&step=
 *	             /api/v1/series?match[]=&start=&end=
 *	             /api/v1/labels?match[]=&start=&end=
 *	GET          /api/v1/label/NAME/values?match[]=&start=&end=
 *	             /api/v1/targets?state=
 *	             /api/v1/metadata, /api/v1/rules, /api/v1/alerts (empty)
 *	             /api/v1/status/buildinfo, /api/v1/status/tsdb
 *	             /-/healthy, /-/ready
 *
 * Times are Unix seconds ("1767600000.5") or RFC 3339.
 */
#ifndef SIM_FACE_PROMETHEUS_H
#define SIM_FACE_PROMETHEUS_H

#include "sim/monitor/monitor.h"

struct prometheus_answer {
	uint32_t status;
	const char *content_type;	/* static */
	struct text body;		/* caller frees: text_free */
	uint64_t samples;		/* read for it */
	uint64_t work;			/* elements handled */
};

void prometheus_answer(const struct world *w, const struct monitor *m,
		       enum http_method method, const char *path,
		       const char *body, struct prometheus_answer *out);

/*
 * The same for a request on the network: set monitor_config.http to
 * PROMETHEUS_HTTP and register this module.  The store has no events of its
 * own, so its number is used.
 */
enum { PROMETHEUS_HTTP = MODULE_TSDB << 8 };	/* who = struct http_request */
extern const struct module prometheus_module;	/* as MODULE_TSDB */

#endif
