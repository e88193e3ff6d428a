/*
 * pages.h - decoded record pages, and names that stand in older ones
 */
#ifndef SHEAF_READ_PAGES_H
#define SHEAF_READ_PAGES_H

#include "formats/sheaf/footer.h"
#include "formats/sheaf/records.h"
#include "read/cache.h"
#include "read/view.h"

/* immutable, shared by threads, held by a reference */
struct page {
	struct cached cached; /* its key is the frame's offset */
	struct record_page table;
	uint64_t size; /* of its frame, bytes */
};

struct pages;

enum sheaf_status pages_new(struct pages **out, const struct view *view,
			    struct sheaf_error *err);
void pages_free(struct pages *p); /* takes NULL */

/* pages_release() what is got; SHEAF_OK, SHEAF_CORRUPT, SHEAF_IO, SHEAF_NOMEM
 */
enum sheaf_status pages_get(struct pages *p, uint64_t offset, struct page **out,
			    struct sheaf_error *err);
void pages_release(struct page *page); /* takes NULL */

/*
 * The name of a record of a page that the caller holds. *held gets a
 * reference to the page that the name lies in, where that is an older one, else
 * NULL; pages_release() it.
 */
enum sheaf_status pages_name(struct pages *p, const struct page *page,
			     uint32_t slot, struct sheaf_str *name,
			     struct page **held, struct sheaf_error *err);

/* where the name of a record is spelled: equal for all records of one name
 * [S-18] */
struct record_ref pages_origin(const struct page *page, uint32_t slot);

/* non-zero stops */
typedef int page_fn(struct page *page, void *arg);
/* each record page of the segment of @f, in order; SHEAF_CANCELLED if stopped
 */
enum sheaf_status pages_walk(struct pages *p, const struct footer *f,
			     page_fn *fn, void *arg, struct sheaf_error *err);

#endif
