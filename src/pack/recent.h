/*
 * recent.h - the articles that a corpus got last, sketched
 */
#ifndef SHEAF_PACK_RECENT_H
#define SHEAF_PACK_RECENT_H

#include "pack/sketch.h"
#include "read/sweep.h"

struct recent {
	struct sketch *sketches; /* owned, as the others are */
	uint32_t *lens;		 /* bytes; 0: was damaged */
	uint64_t *parents; /* the block that a revision of it would have as
			      parent */
	uint32_t count;
};

/* @out is filled on success, and may be given to recent_done() in any case */
enum sheaf_status recent_read(struct recent *out, struct sheaf_corpus *c,
			      const struct sweep_limit *limit,
			      unsigned int threads, struct sheaf_error *err);
/*
 * recent_window() - those in which a writer looks for parents
 * @batch:  bytes of articles that it looks for
 * @budget: bytes of articles that it may hold
 *
 * The square of the batch's bytes, / RECENT_SQUARE, from RECENT_LEAST to
 * RECENT_ENOUGH; as many as the batch has where that is more, to RECENT_MOST;
 * within the budget.  A RECENT_EACH-th as many articles, which bounds the
 * sketches.
 */
#define RECENT_LEAST ((uint64_t)256 << 10)
#define RECENT_SQUARE 64
#define RECENT_ALL ((size_t)46341) /* whose square is RECENT_ENOUGH so */
#define RECENT_ENOUGH ((uint64_t)32 << 20)
#define RECENT_MOST ((uint64_t)128 << 20)
#define RECENT_EACH 1024
enum sheaf_status recent_window(struct recent *out, struct sheaf_corpus *c,
				size_t batch, size_t budget,
				unsigned int threads, struct sheaf_error *err);
void recent_done(struct recent *r); /* takes an all-zero one */

#endif
