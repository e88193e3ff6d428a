/*
 * layers.h - the indexes of a commit: leave its entries to the tail, or write
 * and merge layers
 */
#ifndef SHEAF_WRITE_LAYERS_H
#define SHEAF_WRITE_LAYERS_H

#include "read/corpus.h"
#include "write/segment.h"

/*
 * Whether a commit that brings @records records stays in the tail, so that its
 * pages need keys.
 * @old: the corpus before it; NULL if new
 */
bool layers_keep_tail(const struct sheaf_corpus *old, uint64_t records);

/* the entries of one commit, any order, full keys; owned by the caller */
struct new_entries {
	struct buf list[INDEX_COUNT]; /* struct index_entry */
};

/*
 * Write a layer for @add and all that was in the tail, merged with older layers
 * as need be; sets the layers of @f (whose commit is set).
 */
enum sheaf_status layers_write(struct segment *s, struct sheaf_corpus *old,
			       const struct new_entries *add, struct footer *f,
			       struct sheaf_error *err);

#endif
