/*
 * means.c - the options that say what a command may use: memory, threads
 */
#include "means.h"

#include <stdlib.h> /* says whether it is glibc */
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define MEMORY_MOST ((uint64_t)1 << 40) /* bytes */

/*
 * What is as large is mapped, and gone when it is freed.  Left alone, glibc
 * takes things of up to 32 MiB from its heaps once one of that size was freed,
 * and they lie idle there, another in each thread's.  10 M posts of 1 KB took
 * 822 MiB so, not 1,051; 400,000 under --memory 64M took 79 to 82, not 121 to
 * 127, for 3 to 8 % more processor time, since pages come anew for each batch
 * (at 1G: for none).  256 KiB: no less memory; 4 MiB: 84; 8: 100.  One heap for
 * all threads as well (M_ARENA_MAX) takes no less and more time; 8 MiB kept at
 * the heap's end (M_TRIM_THRESHOLD) 85 to 90 for 1 % less.
 */
#define MAPPED_LEAST (1 << 20) /* bytes */

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

void means_start(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED_LEAST);
#endif
}
