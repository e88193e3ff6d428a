/*
 * select.h - the content of a dictionary: the segments that most blocks would
 * use
 */
#ifndef SHEAF_PACK_SELECT_H
#define SHEAF_PACK_SELECT_H

#include "base/buf.h"
#include "base/fail.h"
#include "pack/choose.h"

/*
 * At most @size bytes of segments, the most wanted last, where matches cost
 * least; into @out, emptied first.
 *
 * A segment is worth, for each of its n-grams (12 bytes; the samples' grams,
 * or one in sixteen), the number of other blocks that have it; what was chosen
 * once is worth nothing again: a greedy cover, with lazy evaluation (Minoux
 * 1978).
 * Deterministic. SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status select_segments(const struct sample *blocks, size_t count,
				  size_t size, struct buf *out,
				  struct sheaf_error *err);

/*
 * The same with whole articles: those worth most, until @size bytes are full.
 * @chosen: room for all articles of the blocks; gets their numbers (counted
 *          through all blocks), the most wanted first; *n of them
 */
enum sheaf_status select_articles(const struct sample *blocks, size_t count,
				  size_t size, uint32_t *chosen, size_t *n,
				  struct sheaf_error *err);

#endif
