/*
 * lineage.c - which older article a revision is one of
 *
 * A revision's parent is a block, and of the articles in it the file does not
 * say which was meant: it is the one that most of the text is in.
 */
#include <sheaf/similar.h>

#include "pack/likeness.h"
#include "read/corpus.h"

/* the slot of @parent that has most of the text */
static enum sheaf_status slot_find(const struct block *parent, const void *p,
				   size_t len, uint32_t *slot,
				   struct sheaf_error *err)
{
	struct likeness *l;
	uint64_t most = 0;
	enum sheaf_status st = likeness_new(&l, p, len, err);

	*slot = 0;
	for (uint32_t i = 0; st == SHEAF_OK && i < parent->head.count; i++) {
		struct likeness_share n;

		likeness_with(l, parent->content + parent->starts[i],
			      parent->head.lengths[i], &n);
		if (n.of_first > most) {
			most = n.of_first;
			*slot = i;
		}
	}
	likeness_free(l);
	return st;
}

enum sheaf_status sheaf_revision_of(struct sheaf_corpus *c,
				    struct sheaf_place place,
				    struct sheaf_place *base,
				    struct sheaf_error *err)
{
	struct block *block, *parent = NULL;
	const uint8_t *p;
	size_t len;
	uint32_t seed, slot = 0;
	enum sheaf_status st = blocks_get(c->blocks, place.block, &block, err);

	if (st != SHEAF_OK)
		return st;
	if (!block->is_revision)
		st = fail(err, SHEAF_NOT_FOUND, "is no revision");
	if (st == SHEAF_OK)
		st = block_article(block, place.slot, &p, &len, &seed, err);
	if (st == SHEAF_OK)
		st = blocks_get(c->blocks, block->head.parent, &parent, err);
	if (st == SHEAF_OK)
		st = slot_find(parent, p, len, &slot, err);
	if (st == SHEAF_OK) {
		base->block = parent->cached.key;
		base->slot = slot;
	}
	blocks_release(parent);
	blocks_release(block);
	return st;
}
