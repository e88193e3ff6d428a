/*
 * hidden.h - how many records and articles are hidden
 */
#ifndef SHEAF_READ_HIDDEN_H
#define SHEAF_READ_HIDDEN_H

#include "formats/sheaf/records.h"
#include "read/corpus.h"

struct hidden {
	struct sheaf_corpus *corpus;
	uint64_t segment; /* its offset */
	struct buf seen;  /* articles of the segment that hidden records have */
	uint64_t records, articles, bytes;
};

/* all of a segment's pages, in any order */
enum sheaf_status hidden_page(struct hidden *h, const struct record_page *page,
			      struct sheaf_error *err);
/* the segment ends at @end, where the next one begins */
enum sheaf_status hidden_segment(struct hidden *h, uint64_t end,
				 struct sheaf_error *err);
void hidden_done(struct hidden *h);

#endif
