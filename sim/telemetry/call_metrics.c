/* call_metrics.c - what resilience4j tells Prometheus of a process's calls */
#include "sim/telemetry/call_metrics.h"

#define PREFIX	"resilience4j_"

static void gauge(struct world *w, const struct calls *c, const char *name,
		  int64_t value)
{
	metric_set(metric_gauge(w, c->process, name, "name",
				world_text(w, c->name), NULL), value);
}

static void gauge_kind(struct world *w, const struct calls *c,
		       const char *name, const char *label, const char *kind,
		       int64_t value)
{
	metric_set(metric_gauge(w, c->process, name, "name",
				world_text(w, c->name), label, kind, NULL),
		   value);
}

static struct metric *counter_kind(struct world *w, const struct calls *c,
				   const char *name, const char *kind,
				   uint64_t value)
{
	struct metric *m = metric_counter(w, c->process, name, "name",
					  world_text(w, c->name), "kind", kind,
					  NULL);

	metric_set(m, (int64_t)value);
	return m;
}

static void timer_kind(struct world *w, const struct calls *c,
		       const char *kind, uint64_t count, sim_time sum)
{
	counter_kind(w, c, PREFIX "circuitbreaker_calls_seconds_count", kind,
		     count);
	metric_unit(counter_kind(w, c, PREFIX "circuitbreaker_calls_seconds_sum",
				 kind, (uint64_t)sum), METRIC_NS);
}

static void collect_breaker(struct world *w, struct calls *c)
{
	struct breaker *b = &c->breaker;
	enum breaker_state state = breaker_look(b, world_now(w));
	const struct breaker_window *win = &b->window;

	for (int i = 0; i < BREAKER_STATES; i++)
		gauge_kind(w, c, PREFIX "circuitbreaker_state", "state",
			   breaker_state_name((enum breaker_state)i),
			   state == (enum breaker_state)i);
	gauge_kind(w, c, PREFIX "circuitbreaker_buffered_calls", "kind",
		   "failed", win->failed);
	gauge_kind(w, c, PREFIX "circuitbreaker_buffered_calls", "kind",
		   "successful", win->count - win->failed);
	gauge_kind(w, c, PREFIX "circuitbreaker_slow_calls", "kind",
		   "successful", win->slow - win->slow_failed);
	gauge_kind(w, c, PREFIX "circuitbreaker_slow_calls", "kind", "failed",
		   win->slow_failed);
	gauge(w, c, PREFIX "circuitbreaker_failure_rate",
	      breaker_failure_rate(b));
	gauge(w, c, PREFIX "circuitbreaker_slow_call_rate",
	      breaker_slow_rate(b));
	timer_kind(w, c, "successful", b->successful, b->successful_ns);
	timer_kind(w, c, "failed", b->failed, b->failed_ns);
	timer_kind(w, c, "ignored", b->ignored, b->ignored_ns);
	counter_kind(w, c, PREFIX "circuitbreaker_not_permitted_calls_total",
		     "not_permitted", b->not_permitted);
}

static void collect_retry(struct world *w, const struct calls *c)
{
	const char *name = PREFIX "retry_calls_total";

	counter_kind(w, c, name, "successful_without_retry",
		     c->outcomes[CALL_ANSWERED] - c->retried_ok);
	counter_kind(w, c, name, "successful_with_retry", c->retried_ok);
	counter_kind(w, c, name, "failed_without_retry", c->unretried_failed);
	counter_kind(w, c, name, "failed_with_retry", c->retried_failed);
}

/* Everything that came as far as the timeout's clock. */
static void collect_timeout(struct world *w, const struct calls *c)
{
	const char *name = PREFIX "timelimiter_calls_total";
	const uint64_t *n = c->attempt_outcomes;

	counter_kind(w, c, name, "successful", n[CALL_ANSWERED]);
	counter_kind(w, c, name, "failed", n[CALL_FAILED] + n[CALL_LOST] +
					   n[CALL_REFUSED_BULKHEAD]);
	counter_kind(w, c, name, "timeout", n[CALL_TIMED_OUT]);
}

void calls_collect(struct world *w, struct calls *c)
{
	if (c->config.breaker.window)
		collect_breaker(w, c);
	if (c->config.retry.attempts > 1)
		collect_retry(w, c);
	if (c->config.bulkhead.max) {
		gauge(w, c, PREFIX "bulkhead_available_concurrent_calls",
		      bulkhead_available(&c->bulkhead));
		gauge(w, c, PREFIX "bulkhead_max_allowed_concurrent_calls",
		      c->config.bulkhead.max);
	}
	if (c->config.bucket.limit) {
		gauge(w, c, PREFIX "ratelimiter_available_permissions",
		      bucket_tokens(&c->bucket, world_now(w)));
		gauge(w, c, PREFIX "ratelimiter_waiting_threads", c->limited);
	}
	if (c->config.timeout)
		collect_timeout(w, c);
}
