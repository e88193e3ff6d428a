/*
 * bins.h - pages of an index arranged so that a lookup waits for memory once
 */
#ifndef SHEAF_READ_BINS_H
#define SHEAF_READ_BINS_H

#include "formats/sheaf/index.h"

/* the pages of one index of one layer; shared by threads */
struct bins;

/*
 * @root: outlives it. Nothing is arranged yet.
 * NULL where that is of no use (no page but one) or there is no memory: then
 * lookups take the pages as they are.
 */
struct bins *bins_new(const struct index_root *root);
void bins_free(struct bins *b); /* takes NULL */

enum bins_state {
	BINS_NONE, /* of this page: bins_put() may arrange it */
	BINS_BUSY, /* another thread does */
	BINS_HERE,
	BINS_NEVER, /* it does not fit: take the page as it is */
};

/* of page @number, below 2^p */
enum bins_state bins_state(const struct bins *b, size_t number);
/* arrange page @number, whose frame has @len bytes. Afterwards it is HERE,
 * NEVER, or another thread is BUSY with it. */
void bins_put(struct bins *b, size_t number, const struct index_page *page,
	      size_t len);

/* what bins_next() will look at is on its way; of a page that is HERE */
void bins_fetch(const struct bins *b, size_t number, uint64_t key);
/* entries that may have one key; a page with more of a key is not arranged */
#define BINS_SAME 4
/* the entries that have @key, of a page that is HERE; -> how many */
size_t bins_find(const struct bins *b, size_t number, uint64_t key,
		 struct index_entry out[BINS_SAME]);

#endif
