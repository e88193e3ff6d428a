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
};

/*
 * revise_items() - press those of the items for which that is smaller as
 * revisions
 * @items: those that have a base; sorted here; those that were not pressed are moved to the front
 * @left:  how many these are
 *
 * A revision's parent is never a revision [S-14]: where the base is one, its
 * parent is taken.
 */
enum sheaf_status revise_items(struct press *press,
			       const struct revise_options *options,
			       struct item **items, size_t count, size_t *left,
			       struct sheaf_error *err);

#endif
