/*
 * crash.h - what a disk may hold after the power failed
 *
 * At any moment of a recording (disk.h): what an fsync made durable is there;
 * of what was written since, each sector of 512 bytes as it was at any moment
 * since; the size as at any such moment, or between, also ahead of its data,
 * which is zeros then; of the names that were given or taken since, any part.
 */
#ifndef SHEAF_TESTS_CRASH_H
#define SHEAF_TESTS_CRASH_H

#include "fault/disk.h"

#define CRASH_SECTOR 512 /* bytes that arrive together or not at all */

/* the folder as the next program finds it */
struct crash_state {
	struct crash_content {
		bool there;
		uint8_t *p; /* borrowed, good until the next state */
		size_t len;
	} named[DISK_NAMES];
	uint64_t hash; /* of all that */
};

struct crash;

/* the power fails when the first @count operations of @d are done */
struct crash *crash_new(const struct disk *d, size_t count);
void crash_free(struct crash *c);

/* how many states crash_state() makes out one by one */
uint64_t crash_count(const struct crash *c);
/*
 * state number @i: below crash_count(), of those that are made out (every part
 * of few sectors; of many, each alone, each missing, each as the last one);
 * from there on one by chance, the same for the same @i and @seed
 */
void crash_state(struct crash *c, uint64_t i, uint64_t seed,
		 struct crash_state *out);
/* sectors that hold something which is not durable yet */
size_t crash_dirty(const struct crash *c);
/* how many DISK_DONE there were */
unsigned int crash_steps(const struct crash *c);

#endif
