/*
 * bulk.h - the articles at many places: each block decoded once, by a pool
 */
#ifndef SHEAF_READ_BULK_H
#define SHEAF_READ_BULK_H

#include <sheaf/scan.h>

#include "read/corpus.h"

struct bulk_want {
	uint64_t block;
	uint32_t slot;
	uint32_t ref; /* whatever the caller knows it by: article->index */
};

/* by block, slot, ref */
void bulk_sort(struct bulk_want *wants, size_t count);

struct bulk_how {
	unsigned int threads; /* 1 to 256 */
	/* on a worker, with every article: may change it */
	void (*work)(struct sheaf_scanned *a, struct sheaf_place place,
		     unsigned int thread, void *arg);
	/* on the caller's thread, in the order of the wants; non-zero: stop */
	int (*take)(const struct sheaf_scanned *a, void *arg);
	void *arg;
};

struct bulk;

/* starts the threads; @how is borrowed and outlives it */
enum sheaf_status bulk_new(struct bulk **out, struct sheaf_corpus *c,
			   const struct bulk_how *how, struct sheaf_error *err);
void bulk_free(struct bulk *u); /* takes NULL */
/* if a worker would be idle otherwise: have it decode the newest dictionary;
 * before the first bulk_read() only */
void bulk_warm(struct bulk *u);
/*
 * @wants: sorted
 *
 * A block that is damaged gives each of its articles that status. SHEAF_OK;
 * SHEAF_CANCELLED when take() stopped it; SHEAF_IO, SHEAF_NOMEM, also when
 * work() left an article with that status: when all before it were taken.
 * After a failure only bulk_free() may follow.
 */
enum sheaf_status bulk_read(struct bulk *u, const struct bulk_want *wants,
			    size_t count, struct sheaf_error *err);

#endif
