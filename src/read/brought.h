/*
 * brought.h - places back to the records that brought the articles there
 */
#ifndef SHEAF_READ_BROUGHT_H
#define SHEAF_READ_BROUGHT_H

#include "read/corpus.h"

struct brought {
	struct sheaf_place place;
	struct record_ref ref; /* the first record of it, if found */
	bool found;
};

/*
 * brought_find() - fill @list, which is sorted by place (place_compare())
 *
 * An article lies in the segment of the commit that brought it, so only the
 * pages of those commits are read. SHEAF_OK, SHEAF_CORRUPT, SHEAF_IO,
 * SHEAF_NOMEM.
 */
enum sheaf_status brought_find(struct sheaf_corpus *c, struct brought *list,
			       size_t count, struct sheaf_error *err);

#endif
