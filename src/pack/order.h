/*
 * order.h - which articles of a batch share a block, and which blocks are
 * neighbours
 */
#ifndef SHEAF_PACK_ORDER_H
#define SHEAF_PACK_ORDER_H

#include "base/fail.h"
#include "pack/sketch.h"

struct order {
	uint32_t *articles; /* all numbers, in their new order; owned */
	uint32_t *ends;	    /* for each block, one past its last position in
			       articles; owned */
	uint32_t count, blocks;
};

struct order_options {
	size_t block; /* wanted bytes of one */
	unsigned int threads;
};

/*
 * @lens: bytes of each article
 *
 * Kruskal's algorithm with a bound: the most alike join first, into clusters
 * that do not outgrow a block. Clusters lie in the order of a walk through the
 * whole forest of likes. The same for any number of threads.
 * SHEAF_OK, SHEAF_NOMEM, SHEAF_MISUSE or SHEAF_IO (see pool_new()).
 */
enum sheaf_status order_articles(const struct sketch *sketches,
				 const uint32_t *lens, uint32_t count,
				 const struct order_options *options,
				 struct order *out, struct sheaf_error *err);
void order_done(struct order *o); /* takes an all-zero one */

#endif
