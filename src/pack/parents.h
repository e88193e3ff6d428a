/*
 * parents.h - older blocks that new articles are edits of, found by likeness
 */
#ifndef SHEAF_PACK_PARENTS_H
#define SHEAF_PACK_PARENTS_H

#include "pack/order.h"
#include "pack/recent.h"
#include "pack/revise.h"

/* articles that are not pressed yet, and the blocks that they would have */
struct parents_batch {
	struct item **items;
	struct sketch *sketches;
	uint32_t count;
	const struct order *order;
};

/*
 * parents_press() - press those of the items that are smaller as revisions of
 * a recent article's block than in their own
 * @options: how; is_tried is not looked at
 * @recent:  articles of the old corpus
 * @batch:   what is pressed is taken out; the rest keeps its order, and then
 *           needs new blocks
 * @saved:   bytes that this saves, about: what was tried was no final block
 *
 * Does not depend on the number of threads. SHEAF_OK, SHEAF_IO, SHEAF_NOMEM.
 */
enum sheaf_status parents_press(struct press *press,
				const struct revise_options *options,
				const struct recent *recent,
				unsigned int threads,
				struct parents_batch *batch, uint64_t *saved,
				struct sheaf_error *err);

#endif
