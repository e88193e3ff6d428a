/*
 * layers.h - the indexes of a commit: leave its entries to the tail, or write
 * and merge layers
 */
#ifndef SHEAF_WRITE_LAYERS_H
#define SHEAF_WRITE_LAYERS_H

#include "io/scratch.h"
#include "read/corpus.h"
#include "write/segment.h"

/*
 * Whether a commit that brings @records records stays in the tail, so that its
 * pages need keys.
 * @old: the corpus before it; NULL if new
 */
bool layers_keep_tail(const struct sheaf_corpus *old, uint64_t records);

struct layers;

/*
 * A new layer, behind @old (NULL: none).
 * @budget: bytes of memory for the entries of each index; the rest goes to
 * @scratch (borrowed)
 */
enum sheaf_status layers_new(struct layers **out, struct sheaf_corpus *old,
			     struct scratch *scratch, size_t budget,
			     struct sheaf_error *err);
void layers_free(struct layers *l); /* takes NULL */

/* an entry of this commit, with its full key; any order */
enum sheaf_status layers_add(struct layers *l, enum index_which which,
			     uint64_t key, uint64_t offset, uint32_t slot,
			     struct sheaf_error *err);
/*
 * Write the layer for what was added and all that was in the tail, merged with
 * older layers as need be; sets the layers of @f (whose commit is set).
 */
enum sheaf_status layers_write(struct layers *l, struct segment *s,
			       struct footer *f, struct sheaf_error *err);

#endif
