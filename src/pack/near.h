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
 * those before it; of equals the latest, which lies nearest.
 * @out: struct edge, the most alike first, then by b, then the nearest a; the same for any
 *       number of @threads
 *
 * Locality-sensitive: only articles that share a bin's value are compared, and
 * values that more than NEAR_COMMON share tell nothing: with 64 four sets of
 * 22 to 80 MB grow by a thousandth over 256, for half the time. About 5 us an
 * article.
 * SHEAF_OK, SHEAF_NOMEM, SHEAF_MISUSE or SHEAF_IO (see pool_new()).
 */
#define NEAR_MOST 8
#define NEAR_COMMON 64
enum sheaf_status near_edges(const struct sketch *sketches, uint32_t count,
			     unsigned int threads, struct buf *out,
			     struct sheaf_error *err);

#endif
