/*
 * sweep.h - many blocks decoded at once, the newest first
 */
#ifndef SHEAF_READ_SWEEP_H
#define SHEAF_READ_SWEEP_H

#include "read/corpus.h"

struct sweep_block {
	uint64_t offset, plain;
	uint32_t count; /* articles */
};

struct sweep_limit {
	uint64_t bytes;	   /* of articles; what reaches it is the last */
	uint64_t articles; /* the same */
	bool dictionaries; /* also those, if they hold articles */
};

/*
 * sweep_newest() - add the blocks that the corpus got last, newest first
 * @out: struct sweep_block
 *
 * From the end backwards, by the sync pattern before each header: no table is
 * read, so what it costs depends on the limit and not on the corpus. What is
 * damaged is left out. SHEAF_OK, SHEAF_IO, SHEAF_NOMEM, or SHEAF_CORRUPT (a
 * footer).
 */
enum sheaf_status sweep_newest(struct sheaf_corpus *c,
			       const struct sweep_limit *limit, struct buf *out,
			       struct sheaf_error *err);

/* add the block at @offset, and up to @each blocks before and behind it */
enum sheaf_status sweep_around(struct sheaf_corpus *c, uint64_t offset,
			       unsigned int each, struct buf *out,
			       struct sheaf_error *err);

/* for block number @i, on any thread; @block is good during the call */
typedef enum sheaf_status sweep_fn(const struct block *block, size_t i,
				   void *arg);
/* decode each; @fn is not called for one that is damaged */
enum sheaf_status sweep_run(struct sheaf_corpus *c,
			    const struct sweep_block *blocks, size_t count,
			    unsigned int threads, sweep_fn *fn, void *arg,
			    struct sheaf_error *err);

#endif
