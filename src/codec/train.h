/*
 * train.h - a zstd dictionary from samples
 */
#ifndef SHEAF_CODEC_TRAIN_H
#define SHEAF_CODEC_TRAIN_H

#include "base/buf.h"
#include "base/fail.h"

/*
 * train_dictionary() - at most @size bytes of dictionary from samples end to
 * end
 * @out: emptied, then the dictionary, its id set from its content [S-15];
 *       left empty where the samples are too few or too small to train on
 *
 * ZDICT's fast cover.  Deterministic.  SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status train_dictionary(const void *samples, const size_t *lens,
				   unsigned int count, size_t size, int level,
				   struct buf *out, struct sheaf_error *err);

#endif
