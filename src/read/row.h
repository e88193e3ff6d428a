/*
 * row.h - a record of a page as the public struct sheaf_record
 */
#ifndef SHEAF_READ_ROW_H
#define SHEAF_READ_ROW_H

#include "read/corpus.h"

/* one at a time; an all-zero one is ready */
struct row {
	struct sheaf_record record;
	struct sheaf_str lists[2 * SHEAF_LIST_MAX];
	struct page *held; /* where the name lies, if elsewhere */
};

/*
 * Fill @row from a page that the caller holds; good until the next fill or
 * row_done(). is_latest is left false. SHEAF_OK, SHEAF_CORRUPT, SHEAF_IO,
 * SHEAF_NOMEM.
 */
enum sheaf_status row_fill(struct row *row, struct sheaf_corpus *c,
			   const struct page *page, uint32_t slot,
			   struct sheaf_error *err);
void row_done(struct row *row);

#endif
