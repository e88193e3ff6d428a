/*
 * revise.h - edits of articles that the corpus holds: against the older block
 * as parent
 */
#ifndef SHEAF_PACK_REVISE_H
#define SHEAF_PACK_REVISE_H

#include "pack/press.h"
#include "read/corpus.h"

struct revise_options {
	int level;
	size_t block_size;
	struct sheaf_corpus *old;
	const void *dict; /* what the article would be compressed with else */
	size_t dict_len;
	bool is_tried; /* each base is a parent that is known to gain */
};

struct revise_result {
	size_t left;	/* items that were not pressed */
	uint64_t saved; /* bytes that the others are smaller, about; 0 where
			   they were tried before */
};

/*
 * revise_items() - press those of the items for which that is smaller as
 * revisions
 * @items: those that have a base; sorted here; those that were not pressed are moved to the front
 *
 * A revision's parent is never a revision [S-14]: where the base is one, its
 * parent is taken.
 */
enum sheaf_status revise_items(struct press *press,
			       const struct revise_options *options,
			       struct item **items, size_t count,
			       struct revise_result *out,
			       struct sheaf_error *err);

#endif
