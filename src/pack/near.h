/*
 * near.h - which articles of a batch resemble which, from their sketches
 */
#ifndef SHEAF_PACK_NEAR_H
#define SHEAF_PACK_NEAR_H

#include "base/buf.h"
#include "base/fail.h"
#include "pack/sketch.h"

struct edge {
	uint32_t a, b;	/* numbers of two articles, a before b */
	uint32_t alike; /* bins that they share, 1 .. SKETCH_BINS */
};

/*
 * For each of @count sketches the NEAR_MOST that share most bins with it, among
 * those before it.
 * @out: struct edge, the most alike first; ties by number, so the result is always the same
 *
 * Locality-sensitive: only articles that share a bin's value are compared, and
 * values that more than NEAR_COMMON share tell nothing. About 30 us an article.
 * SHEAF_OK or SHEAF_NOMEM.
 */
#define NEAR_MOST 8
#define NEAR_COMMON 256
enum sheaf_status near_edges(const struct sketch *sketches, uint32_t count,
			     struct buf *out, struct sheaf_error *err);

#endif
