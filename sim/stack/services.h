/* services.h - commands that put services and stores into a world
 *
 *	program-put	name=FILE text=			(sim/app)
 *	service-new	name= program= [on=app-1] [restart=no|on-failure|
 *			always] [memory=BYTES] [cpus=N.NN] [start=no]
 *			[file.KEY=VALUE] [env.NAME=VALUE] [arg.KEY=VALUE]...
 *	service-set	name= [file.KEY=] [env.NAME=] [arg.KEY=]...
 *	store-new	name= [on=] [port=5432]
 *
 * What service-set changes holds from the next start on, as with a file or an
 * environment that a process has read.
 */
#ifndef SIM_STACK_SERVICES_H
#define SIM_STACK_SERVICES_H

#include "sim/core/module.h"

bool command_service_new(struct world *w, const char *args, int64_t *result,
			 struct err *err);
bool command_service_set(struct world *w, const char *args, int64_t *result,
			 struct err *err);
bool command_store_new(struct world *w, const char *args, int64_t *result,
		       struct err *err);

#define SERVICE_COMMANDS						\
	{ "service-new", "name= program=FILE [on=] [restart=] [memory=] "	\
	  "[cpus=] [start=no] [file.KEY=] [env.NAME=] [arg.KEY=]...",	\
	  command_service_new },					\
	{ "service-set", "name= [file.KEY=] [env.NAME=] [arg.KEY=]...",	\
	  command_service_set },					\
	{ "store-new", "name= [on=] [port=5432]", command_store_new }

#endif
