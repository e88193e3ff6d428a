/*
 * indexes.h - keys to places, over the layers that a footer lists
 */
#ifndef SHEAF_READ_INDEXES_H
#define SHEAF_READ_INDEXES_H

#include "formats/sheaf/footer.h"
#include "formats/sheaf/index.h"
#include "read/view.h"

struct indexes;

/* for the layers of @footer; pages are read when first needed and then kept */
enum sheaf_status indexes_new(struct indexes **out, const struct view *view,
			      const struct footer *footer,
			      struct sheaf_error *err);
void indexes_free(struct indexes *x); /* takes NULL */

/* what a lookup found; hits_init() empties, hits_done() frees */
#define HITS_INLINE 8
struct hits {
	struct index_entry
		*more; /* owned, once there are more than fit in few */
	size_t count, cap;
	struct index_entry few[HITS_INLINE];
};

/* not all of it: to clear 216 bytes takes as long as the search */
static inline void hits_init(struct hits *h)
{
	h->more = NULL;
	h->count = h->cap = 0;
}
void hits_done(struct hits *h);
struct index_entry *hits_all(struct hits *h);
enum sheaf_status hits_add(struct hits *h, const struct index_entry *e,
			   struct sheaf_error *err);

/* add the entries whose upper @bits (1 to 48) bits may be those of @key;
 * thread-safe */
enum sheaf_status indexes_find(struct indexes *x, enum index_which which,
			       uint64_t key, unsigned int bits, struct hits *h,
			       struct sheaf_error *err);

/* what indexes_find() will look at for all bits of @key is on its way */
void indexes_fetch(const struct indexes *x, enum index_which which,
		   uint64_t key);

/* every entry of one layer, in the order of its keys; non-zero stops
 * (SHEAF_CANCELLED) */
typedef int index_entry_fn(const struct index_entry *e, void *arg);
enum sheaf_status indexes_walk(struct indexes *x, unsigned int layer,
			       enum index_which which, index_entry_fn *fn,
			       void *arg, struct sheaf_error *err);
/* bytes of the file that the pages and roots of a layer take */
enum sheaf_status indexes_bytes(struct indexes *x, unsigned int layer,
				enum index_which which, uint64_t *out,
				struct sheaf_error *err);

#endif
