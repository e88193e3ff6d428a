/*
 * table.h - hash to number, for what this commit has brought so far
 */
#ifndef SHEAF_PACK_TABLE_H
#define SHEAF_PACK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* open addressing over numbers; an all-zero one is empty */
struct table {
	uint32_t *slots; /* number + 1; 0: free; owned */
	uint64_t *hashes;
	size_t size, count;
};

void table_done(struct table *t);
/* false: out of memory. Several numbers may have one hash. */
bool table_put(struct table *t, uint64_t hash, uint32_t number);
/*
 * The numbers of @hash one after the other: start with *at = SIZE_MAX; false:
 * no more.
 */
bool table_next(const struct table *t, uint64_t hash, size_t *at,
		uint32_t *number);

#endif
