/*
 * means.c - the options that say what a command may use: memory, threads
 */
#include "means.h"

#define MEMORY_MOST ((uint64_t)1 << 40) /* bytes */

static uint64_t memory, threads;

const struct opt means_options[] = {
	{ .kind = OPT_SIZE,
	  .name = "memory",
	  .value = &memory,
	  .arg = "SIZE",
	  .min = (uint64_t)16 << 20,
	  .max = MEMORY_MOST,
	  .help = "to work with, 16M or more (1G)" },
	{ .kind = OPT_NUMBER,
	  .name = "threads",
	  .value = &threads,
	  .arg = "N",
	  .min = 1,
	  .max = 1024,
	  .help = "at work at once (as many as processors)" },
	{ .kind = OPT_END },
};

size_t means_memory(void)
{
	return (size_t)memory;
}

unsigned int means_threads(void)
{
	return (unsigned int)threads;
}
