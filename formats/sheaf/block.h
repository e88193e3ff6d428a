/*
 * block.h - the header before every block (section 5)
 */
#ifndef FORMATS_SHEAF_BLOCK_H
#define FORMATS_SHEAF_BLOCK_H

#include "base/buf.h"
#include "base/cur.h"
#include "base/fail.h"

struct block_head {
	bool is_dictionary;
	uint64_t commit;
	uint64_t first;	 /* article number in the segment */
	uint64_t packed; /* bytes of the zstd frame */
	uint64_t plain;	 /* bytes of its content */
	uint64_t lead;	 /* bytes before the first article */
	uint64_t parent; /* offset of the parent's header; UINT64_MAX: none */
	uint32_t count;
	uint32_t *lengths; /* count of them; owned */
	uint32_t *seeds;   /* NULL: all 0; owned */
};

#define BLOCK_NO_PARENT UINT64_MAX

/* the whole frame, at @offset in the file; a head whose seeds are all 0 is
 * written without */
void block_put(struct buf *b, const struct block_head *h, uint64_t offset);
/* @out is empty on failure; SHEAF_OK, SHEAF_CORRUPT or SHEAF_NOMEM */
enum sheaf_status block_get(const void *frame, size_t len, uint64_t offset,
			    struct block_head *out, struct sheaf_error *err);
void block_done(struct block_head *h); /* takes an all-zero one */

#endif
