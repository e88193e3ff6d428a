/*
 * places.h - from a place back to its id's first 48 bits
 *
 * A listing shows short ids, and the tables do not store them twice: they are
 * the keys of the id index, here turned round.
 */
#ifndef SHEAF_READ_PLACES_H
#define SHEAF_READ_PLACES_H

#include <sheaf/record.h>

#include "read/indexes.h"

struct places;

/* all layers of @x; 16 bytes of memory an entry */
enum sheaf_status places_new(struct places **out, struct indexes *x,
			     unsigned int layers, enum index_which which,
			     struct sheaf_error *err);
void places_free(struct places *p); /* takes NULL */
/* false: no such place */
bool places_find(const struct places *p, uint64_t block, uint32_t slot,
		 uint64_t *key);

/* for qsort(3): two struct sheaf_place, by block, then slot */
int place_compare(const void *a, const void *b);

#endif
