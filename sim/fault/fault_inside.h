/* fault_inside.h - between the files of the catalogue
 *
 * A kind of fault is a row of catalogue.c and a pair of functions: inject looks
 * for its target and changes one thing, heal puts back what was there.  What
 * healing needs stands in struct fault.
 */
#ifndef SIM_FAULT_FAULT_INSIDE_H
#define SIM_FAULT_FAULT_INSIDE_H

#include "sim/fault/fault.h"

enum { FAULT_BEGIN = MODULE_FAULT << 8, FAULT_END, FAULT_BURN, FAULT_PAUSE };

/* -- targets: false, err set, when there is no such thing, or when the same
 * fault is on there already and does not stack --------------------------- */

bool fault_want_process(struct world *w, struct fault *f, struct err *err);
bool fault_want_machine(struct world *w, struct fault *f, struct err *err);
/* What is no process and no machine: by its name. */
bool fault_want_alone(struct world *w, const struct fault *f, struct err *err);
bool fault_want_number(const char *args, const char *key, int64_t low,
		       int64_t high, int64_t otherwise, int64_t *out,
		       struct err *err);

/* -- the pairs ------------------------------------------------------------ */

typedef bool fault_inject_fn(struct world *w, struct fault *f,
			     const char *args, struct err *err);
typedef void fault_heal_fn(struct world *w, struct fault *f);

/* fault_process.c */
fault_inject_fn fault_kill_inject;
fault_heal_fn fault_process_heal;
fault_inject_fn fault_restart_inject;
fault_inject_fn fault_hang_inject;
fault_heal_fn fault_hang_heal;
fault_inject_fn fault_hog_inject;
fault_heal_fn fault_hog_heal;
fault_inject_fn fault_quota_inject;
fault_heal_fn fault_quota_heal;
fault_inject_fn fault_steal_inject;
fault_heal_fn fault_steal_heal;
fault_inject_fn fault_no_credits_inject;
fault_heal_fn fault_no_credits_heal;
fault_inject_fn fault_gc_inject;
fault_heal_fn fault_gc_heal;
fault_inject_fn fault_leak_inject;
fault_heal_fn fault_leak_heal;
fault_inject_fn fault_limit_inject;
fault_heal_fn fault_limit_heal;

/* fault_link.c */
fault_inject_fn fault_partition_inject;
fault_inject_fn fault_slow_link_inject;
fault_inject_fn fault_lossy_link_inject;
fault_heal_fn fault_link_heal;
fault_inject_fn fault_nic_rate_inject;
fault_heal_fn fault_nic_rate_heal;
fault_inject_fn fault_dns_down_inject;
fault_heal_fn fault_dns_down_heal;
fault_inject_fn fault_dns_slow_inject;
fault_heal_fn fault_dns_slow_heal;
fault_inject_fn fault_dns_wrong_inject;
fault_heal_fn fault_dns_wrong_heal;
fault_inject_fn fault_clock_step_inject;
fault_heal_fn fault_clock_step_heal;
fault_inject_fn fault_clock_drift_inject;
fault_heal_fn fault_clock_drift_heal;

/* fault_disk.c */
fault_inject_fn fault_slow_disk_inject;
fault_heal_fn fault_slow_disk_heal;
fault_inject_fn fault_full_disk_inject;
fault_heal_fn fault_full_disk_heal;
fault_inject_fn fault_read_only_inject;
fault_heal_fn fault_read_only_heal;
fault_inject_fn fault_failing_inject;
fault_heal_fn fault_failing_heal;
fault_inject_fn fault_corrupt_inject;
fault_heal_fn fault_corrupt_heal;
fault_inject_fn fault_no_burst_inject;
fault_heal_fn fault_no_burst_heal;
fault_inject_fn fault_power_inject;
fault_heal_fn fault_power_heal;

/* fault_setting.c */
fault_inject_fn fault_cleaner_inject;
fault_heal_fn fault_cleaner_heal;
fault_inject_fn fault_advertised_inject;
fault_heal_fn fault_advertised_heal;
fault_inject_fn fault_min_isr_inject;
fault_heal_fn fault_min_isr_heal;
fault_inject_fn fault_device_outage_inject;
fault_heal_fn fault_device_outage_heal;
/* Events of fault_process.c. */
void fault_burn(struct world *w, void *who, uint16_t arg);	/* who = process */
void fault_pause_again(struct world *w, void *who, uint16_t arg); /* fault */

#endif
