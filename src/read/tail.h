/*
 * tail.h - the entries of the newest commits, which no index holds yet
 */
#ifndef SHEAF_READ_TAIL_H
#define SHEAF_READ_TAIL_H

#include "formats/sheaf/index.h"
#include "read/chain.h"
#include "read/indexes.h"
#include "read/pages.h"

struct tail {
	uint64_t start; /* offset where the first segment of the tail begins */
	uint64_t commits;			  /* in the tail */
	struct index_entry *entries[INDEX_COUNT]; /* sorted; owned */
	size_t count[INDEX_COUNT];
};

/* all commits behind the last layer of @f [S-22] */
enum sheaf_status tail_read(struct tail *out, const struct view *v,
			    struct pages *pages, const struct footer *f,
			    struct sheaf_error *err);
void tail_done(struct tail *t); /* takes an all-zero one */

/* add the entries whose upper @bits bits are those of @key */
enum sheaf_status tail_find(const struct tail *t, enum index_which which,
			    uint64_t key, unsigned int bits, struct hits *h,
			    struct sheaf_error *err);

/* for qsort(3): by key, offset, slot */
int index_entry_compare(const void *a, const void *b);
/* the key of a name or url (section 8) */
uint64_t index_key(const void *p, size_t len);
/* the key of an id */
uint64_t index_key_of_id(const uint8_t id[SHEAF_ID_SIZE]);

#endif
