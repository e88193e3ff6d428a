/*
 * table.h - hash to number, for what this commit has brought so far
 */
#ifndef SHEAF_PACK_TABLE_H
#define SHEAF_PACK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* a part of a table grows alone, so that little is held twice meanwhile */
#define TABLE_PARTS 16

/* open addressing: 8 bytes a slot, 10 to 13 a number; an all-zero one is empty
 */
struct table {
	struct table_part {
		uint64_t *slots; /* owned */
		size_t size, count;
	} parts[TABLE_PARTS];
};

void table_done(struct table *t);
/* false: out of memory. Several numbers, below 2^32 - 1, may have one hash. */
bool table_put(struct table *t, uint64_t hash, uint32_t number);

/* where a search is; start with an all-zero one */
struct table_at {
	bool started;
	size_t slot; /* in its part */
};

/*
 * The numbers whose hash agrees with @hash in its upper 32 bits, one after the
 * other; false: no more.  The caller looks at what they stand for: among 10 M,
 * one search in 400 gives a number for no reason.
 */
bool table_next(const struct table *t, uint64_t hash, struct table_at *at,
		uint32_t *number);
/* the last found gets another number */
void table_replace(struct table *t, uint64_t hash, const struct table_at *at,
		   uint32_t number);

#endif
