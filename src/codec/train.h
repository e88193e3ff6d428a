/*
 * train.h - a zstd dictionary from samples
 */
#ifndef SHEAF_CODEC_TRAIN_H
#define SHEAF_CODEC_TRAIN_H

#include "base/buf.h"
#include "base/fail.h"

/*
 * train_finish() - a zstd dictionary of @content, with entropy tables for the
 * samples
 * @samples: end to end, some 3 MB of them; @lens: of each
 * @out:     emptied, then the dictionary, its id set from its content [S-15];
 *           left empty where the samples are too few or too small
 *
 * Deterministic.  SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status train_finish(const void *content, size_t len,
			       const void *samples, const size_t *lens,
			       unsigned int count, int level, struct buf *out,
			       struct sheaf_error *err);

/* into a zstd dictionary, of 8 bytes or more: the id that it has from its
 * content [S-15] */
void train_set_id(uint8_t *dict, size_t len);

#endif
