/*
 * strings.h - a page of the list of outlets, languages, categories, tags
 * (section 7)
 */
#ifndef FORMATS_SHEAF_STRINGS_H
#define FORMATS_SHEAF_STRINGS_H

#include <sheaf/record.h>

#include "base/buf.h"
#include "base/cur.h"
#include "base/fail.h"

struct strings_page {
	uint64_t previous; /* offset; 0: none */
	uint32_t first;	   /* code of the first string */
	uint32_t count;
	struct sheaf_str *strings; /* point into bytes; owned */
	struct buf bytes;	   /* owned */
};

/* as a whole frame; uses previous, first, count, strings */
enum sheaf_status strings_put(struct buf *b, const struct strings_page *page,
			      uint64_t offset, int level,
			      struct sheaf_error *err);
enum sheaf_status strings_get(const void *frame, size_t len, uint64_t offset,
			      struct strings_page *out,
			      struct sheaf_error *err);
void strings_done(struct strings_page *page); /* takes an all-zero one */

#endif
