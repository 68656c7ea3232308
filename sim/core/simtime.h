/* simtime.h - virtual time: whole nanoseconds since the run began
 *
 * One integer, so that no rounding ever decides an order (design D3); 2^63 ns
 * are 292 years.  People write times as `90s`, `5m`, `1h30m`, `250ms`, `1d`.
 */
#ifndef SIM_CORE_SIMTIME_H
#define SIM_CORE_SIMTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/text.h"

typedef int64_t sim_time;	/* ns since the run began; also a span in ns */

#define SIM_US(n)	((sim_time)(n) * 1000)
#define SIM_MS(n)	((sim_time)(n) * 1000000)
#define SIM_S(n)	((sim_time)(n) * 1000000000)
#define SIM_MINUTES(n)	SIM_S((sim_time)(n) * 60)
#define SIM_HOURS(n)	SIM_S((sim_time)(n) * 3600)
#define SIM_NEVER	INT64_MAX

/*
 * The wall clock of every simulated machine reads this at time 0, in ms since
 * 1970: 2026-01-05 08:00:00 UTC, a Monday.  Record timestamps, log lines and
 * PromQL times are counted from it.
 */
#define SIM_EPOCH_MS	INT64_C(1767600000000)

static inline int64_t sim_wall_ms(sim_time at)
{
	return SIM_EPOCH_MS + at / 1000000;
}

/* "1h2m", "12.5s", "250ms", "0s": short, for people. */
void simtime_text(struct text *t, sim_time at);

/* A moment of a run: "T+12:10", "T+1:02:03", "T+00:01.250". */
void simtime_at_text(struct text *t, sim_time at);

/* "2026-01-05 08:00:01,250", the form of log4j's ISO8601 layout. */
void simtime_wall_text(struct text *t, sim_time at);

/* Parse `90s`, `5m`, `1h30m`, `1.5s`, `250ms`, `2d`, `0`.  False when the
 * text is no such time or lies outside 0 .. 292 years; *out is then alone. */
bool simtime_parse(const char *s, sim_time *out);

#endif
