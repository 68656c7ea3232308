/* call_metrics.h - what resilience4j tells Prometheus of a process's calls
 *
 * sim/host/call.h counts; this exports the counts under the names of
 * resilience4j-micrometer as Micrometer writes them for Prometheus, with the
 * label `name` for the instance:
 *
 *	resilience4j_circuitbreaker_state{name,state}            0 or 1
 *	resilience4j_circuitbreaker_calls_seconds_count, _sum{name,kind}
 *	resilience4j_circuitbreaker_not_permitted_calls_total{name,kind}
 *	resilience4j_circuitbreaker_buffered_calls, _slow_calls{name,kind}
 *	resilience4j_circuitbreaker_failure_rate, _slow_call_rate{name}
 *	resilience4j_retry_calls_total{name,kind}
 *	resilience4j_bulkhead_available_concurrent_calls{name}
 *	resilience4j_bulkhead_max_allowed_concurrent_calls{name}
 *	resilience4j_ratelimiter_available_permissions, _waiting_threads{name}
 *	resilience4j_timelimiter_calls_total{name,kind}
 *
 * Simplified: no _max of the timer (a maximum that decays over two minutes);
 * rates are whole percents.
 */
#ifndef SIM_TELEMETRY_CALL_METRICS_H
#define SIM_TELEMETRY_CALL_METRICS_H

#include "sim/host/call.h"
#include "sim/telemetry/telemetry.h"

/* Bring them up to date: from the process's `collect`. */
void calls_collect(struct world *w, struct calls *c);

#endif
