/*
 * offsets.h - the different offsets that the entries of an index have
 */
#ifndef SHEAF_WRITE_OFFSETS_H
#define SHEAF_WRITE_OFFSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* an all-zero one is empty */
struct offsets {
	uint64_t *slots; /* owned; 0: free */
	size_t room;	 /* slots, a power of two */
	size_t count;
	uint64_t last;
	bool many; /* more than a table may have */
};

void offsets_done(struct offsets *o);
/* @offset: 1 or more; false: no memory */
bool offsets_add(struct offsets *o, uint64_t offset);
/*
 * All of them, ascending, for the root of an index of @entries; NULL where
 * there are too many, or so many that the entries are smaller without.
 * Borrowed; nothing is added from here on.
 */
const uint64_t *offsets_table(struct offsets *o, uint64_t entries,
			      size_t *count);

#endif
