/*
 * train.c - a zstd dictionary of chosen content
 *
 * Called by pack/ before the first block is compressed: pack/select.c has
 * chosen the content, zstd's own code adds the entropy tables.
 */
#define ZDICT_STATIC_LINKING_ONLY
#include <zdict.h>

#include <string.h>

#include "codec/hash.h"
#include "codec/train.h"

#define DICT_ID_AT 4	     /* RFC 8878 section 5: magic, then the id */
#define DICT_ID_FIRST 32768u /* below are the registered ones */
#define DICT_ID_END 0x80000000u
#define TABLES_MAX 2048	 /* room for the entropy tables */
#define CONTENT_MIN 1024 /* ZDICT makes nothing useful of less */

/* the id comes from the content, so that the same input gives the same file */
void train_set_id(uint8_t *dict, size_t len)
{
	uint8_t *id = dict + DICT_ID_AT;
	uint64_t n;

	memset(id, 0, 4);
	n = hash_64(dict, len, 0);
	n = DICT_ID_FIRST + n % (DICT_ID_END - DICT_ID_FIRST);
	for (int i = 0; i < 4; i++)
		id[i] = (uint8_t)(n >> (8 * i));
}

enum sheaf_status train_finish(const void *content, size_t len,
			       const void *samples, const size_t *lens,
			       unsigned int count, int level, struct buf *out,
			       struct sheaf_error *err)
{
	ZDICT_params_t params = { .compressionLevel = level };
	uint8_t *dst;
	size_t r;

	buf_clear(out);
	if (len < CONTENT_MIN || count == 0)
		return SHEAF_OK;
	dst = buf_room(out, len + TABLES_MAX);
	if (dst == NULL)
		return fail_nomem(err);
	r = ZDICT_finalizeDictionary(dst, len + TABLES_MAX, content, len,
				     samples, lens, count, params);
	if (ZDICT_isError(r))
		return SHEAF_OK; /* too little to make tables from */
	buf_grew(out, r);
	if (r >= 8)
		train_set_id(out->p, out->len);
	return SHEAF_OK;
}
