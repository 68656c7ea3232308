/* app_inside.h - events of the service host and its store, by their handlers */
#ifndef SIM_APP_APP_INSIDE_H
#define SIM_APP_APP_INSIDE_H

#include "sim/app/service.h"

/* service.c */
void service_start(struct world *w, void *who, uint16_t arg);
void service_gone(struct world *w, void *who, uint16_t arg);
void service_again(struct world *w, void *who, uint16_t arg);
void service_quit(struct world *w, void *who, uint16_t arg);
void service_too_late(struct world *w, void *who, uint16_t arg);
void service_tick(struct world *w, void *who, uint16_t arg);
/* task.c */
void service_message(struct world *w, void *who, uint16_t arg);
void service_lost(struct world *w, void *who, uint16_t arg);
void service_run(struct world *w, void *who, uint16_t arg);
void service_spent(struct world *w, void *who, uint16_t arg);
void service_woken(struct world *w, void *who, uint16_t arg);
void service_deadline(struct world *w, void *who, uint16_t arg);
/* records.c */
void service_polled(struct world *w, void *who, uint16_t arg);
void service_news(struct world *w, void *who, uint16_t arg);
void service_result(struct world *w, void *who, uint16_t arg);
/* endpoints.c */
void service_served(struct world *w, void *who, uint16_t arg);

/* database.c */
void database_start(struct world *w, void *who, uint16_t arg);
void database_stop(struct world *w, void *who, uint16_t arg);
void database_message(struct world *w, void *who, uint16_t arg);
void database_lost(struct world *w, void *who, uint16_t arg);
void database_collect(struct world *w, void *who, uint16_t arg);
void database_statement(struct world *w, void *who, uint16_t arg);
void database_committed(struct world *w, void *who, uint16_t arg);
void database_recovered(struct world *w, void *who, uint16_t arg);

#endif
