/*
 * parents.h - older blocks that new articles are edits of, found by likeness
 */
#ifndef SHEAF_PACK_PARENTS_H
#define SHEAF_PACK_PARENTS_H

#include "pack/order.h"
#include "pack/press.h"
#include "pack/recent.h"

struct parents_options {
	struct sheaf_corpus *old;
	const struct recent *recent; /* of it */
	const void *dict; /* what the articles would be compressed with else */
	size_t dict_len;
	size_t block_size;
	unsigned int threads;
};

/* articles that are not pressed yet, and the blocks that they would have */
struct parents_batch {
	struct item **items;
	const struct sketch *sketches;
	uint32_t count;
	const struct order *order;
};

/*
 * parents_find() - set the base of each item that is smaller as a revision of
 * an older block than in its own
 * @found: items that got one
 * @saved: bytes that this saves, about: what was tried was no final block
 *
 * Does not depend on the number of threads. SHEAF_OK, SHEAF_IO, SHEAF_NOMEM.
 */
enum sheaf_status parents_find(const struct parents_options *options,
			       const struct parents_batch *batch,
			       uint32_t *found, uint64_t *saved,
			       struct sheaf_error *err);

#endif
