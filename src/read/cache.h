/*
 * cache.h - decoded objects by their offset, shared by threads, within a byte
 * budget
 *
 * Owns the one lock of the reading side.
 */
#ifndef SHEAF_READ_CACHE_H
#define SHEAF_READ_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sheaf/error.h>

/* the first member of whatever is cached */
struct cached {
	uint64_t key;
	size_t bytes; /* that it takes, for the budget */
	_Atomic unsigned int refs;
	void (*free)(struct cached *obj);
	struct cached *next; /* of its hash bucket */
	struct cached *newer, *older;
};

struct cache;

/* keeps objects of at most @budget bytes together; the newest one always */
struct cache *cache_new(size_t budget); /* NULL: no memory */
void cache_free(struct cache *c);	/* takes NULL */

/* with a reference for the caller, or NULL */
struct cached *cache_get(struct cache *c, uint64_t key);
/*
 * Hand in a new object (key, bytes and free set); if another thread was first,
 * its object is returned instead and @obj freed. The caller has a reference to
 * what is returned.
 */
struct cached *cache_add(struct cache *c, struct cached *obj);
void cache_release(struct cached *obj); /* takes NULL */

/* idle helpers such as decoder contexts: a stack under the same lock */
void *cache_idle_pop(struct cache *c); /* NULL: none */
bool cache_idle_push(struct cache *c,
		     void *p); /* false: full, the caller frees it */

#endif
