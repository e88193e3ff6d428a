/*
 * wait.c - the option that waits for another writer, shared by all that write
 */
#include "wait.h"

#include <stddef.h>

#include "stop.h"

static uint64_t seconds;

const struct opt wait_options[] = {
	{ .kind = OPT_MAYBE,
	  .name = "wait",
	  .value = &seconds,
	  .arg = "[SECONDS]",
	  .max = SHEAF_WAIT_FOREVER,
	  .help = "until another writer has ended, at most so long\n"
		  "(without SECONDS: however long)" },
	{ .kind = OPT_END },
};

static int on_wait(void *arg)
{
	(void)arg;
	return stop_signal();
}

struct sheaf_wait wait_get(void)
{
	return (struct sheaf_wait){
		.seconds = (uint32_t)seconds,
		.on_wait = on_wait,
	};
}
