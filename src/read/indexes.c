/*
 * indexes.c - keys to places, over the layers that a footer lists
 *
 * The first step of every lookup. A page is read, checked and decoded once and
 * then published by one atomic store, so lookups take no lock: of two threads
 * that read the same page at once, one frees its copy.
 */
#include "read/indexes.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "read/bins.h"

struct page_copy {
	struct index_page page; /* points into bytes */
	struct buf bytes;
};

/* one index of one layer, once its root was read */
struct shelf {
	struct index_root root; /* points into frame; of a page that stands
				   alone, p is 0 */
	struct buf frame;
	uint64_t bytes;			    /* of the file, root included */
	_Atomic(struct page_copy *) *pages; /* 2^p */
	struct bins *bins; /* of ids, for lookups of whole keys; or NULL */
};

struct indexes {
	const struct view *view;
	unsigned int layers;
	uint64_t offset[LAYERS_MAX][INDEX_COUNT]; /* 0: no entries */
	_Atomic(struct shelf *) shelves[LAYERS_MAX][INDEX_COUNT];
};

void hits_done(struct hits *h)
{
	if (h->more != NULL)
		free(h->more);
	hits_init(h);
}

struct index_entry *hits_all(struct hits *h)
{
	return h->more != NULL ? h->more : h->few;
}

enum sheaf_status hits_add(struct hits *h, const struct index_entry *e,
			   struct sheaf_error *err)
{
	if (h->more == NULL && h->count < HITS_INLINE) {
		h->few[h->count++] = *e;
		return SHEAF_OK;
	}
	if (h->more == NULL || h->count == h->cap) {
		size_t cap =
			h->more == NULL ? (size_t)4 * HITS_INLINE : 2 * h->cap;
		struct index_entry *more =
			realloc(h->more, cap * sizeof(*more));

		if (more == NULL)
			return fail_nomem(err);
		if (h->more == NULL)
			memcpy(more, h->few, sizeof(h->few));
		h->more = more;
		h->cap = cap;
	}
	h->more[h->count++] = *e;
	return SHEAF_OK;
}

enum sheaf_status indexes_new(struct indexes **out, const struct view *view,
			      const struct footer *footer,
			      struct sheaf_error *err)
{
	struct indexes *x = calloc(1, sizeof(*x));

	*out = NULL;
	if (x == NULL)
		return fail_nomem(err);
	x->view = view;
	x->layers = footer->layer_count;
	for (unsigned int i = 0; i < x->layers; i++)
		memcpy(x->offset[i], footer->layers[i].offset,
		       sizeof(x->offset[i]));
	*out = x;
	return SHEAF_OK;
}

static void page_free(struct page_copy *page)
{
	if (page == NULL)
		return;
	buf_done(&page->bytes);
	free(page);
}

static void shelf_free(struct shelf *s)
{
	if (s == NULL)
		return;
	if (s->pages != NULL)
		for (size_t i = 0; i < (size_t)1 << s->root.p; i++)
			page_free(atomic_load(&s->pages[i]));
	free(s->pages);
	bins_free(s->bins);
	index_root_done(&s->root);
	buf_done(&s->frame);
	free(s);
}

void indexes_free(struct indexes *x)
{
	if (x == NULL)
		return;
	for (unsigned int i = 0; i < x->layers; i++)
		for (int w = 0; w < INDEX_COUNT; w++)
			shelf_free(atomic_load(&x->shelves[i][w]));
	free(x);
}

/* a page that stands alone is its own root: p is 0, its size is told by its
 * frame */
static enum sheaf_status shelf_read(struct indexes *x, enum index_which which,
				    uint64_t offset, struct shelf *s,
				    struct sheaf_error *err)
{
	struct index_root *root = &s->root;
	struct frame_head head;
	uint8_t first[FRAME_HEAD];
	enum sheaf_status st;

	st = view_read(x->view, offset, first, sizeof(first), err);
	if (st != SHEAF_OK)
		return st;
	if (frame_head_get(first, &head) && head.kind == FRAME_INDEX_PAGE) {
		root->pages = calloc(2, sizeof(*root->pages));
		if (root->pages == NULL)
			return fail_nomem(err);
		root->pages[0] = offset;
		root->pages[1] = offset + head.size;
		s->bytes = head.size;
		return SHEAF_OK;
	}
	st = view_frame(x->view, offset, FRAME_INDEX_ROOT, INDEX_PAGE_MAX * 16,
			&s->frame, err);
	if (st == SHEAF_OK)
		st = index_root_get(s->frame.p, s->frame.len, offset, root,
				    err);
	if (st == SHEAF_OK && root->which != which)
		st = fail_at(err, SHEAF_CORRUPT, offset,
			     "index root: of another index");
	if (st == SHEAF_OK)
		s->bytes = s->frame.len + root->pages[(size_t)1 << root->p] -
			   root->pages[0];
	return st;
}

/* *out is NULL where the layer has no entries */
static enum sheaf_status shelf_get(struct indexes *x, unsigned int layer,
				   enum index_which which, struct shelf **out,
				   struct sheaf_error *err)
{
	struct shelf *s = atomic_load(&x->shelves[layer][which]);
	struct shelf *none = NULL;
	enum sheaf_status st;

	*out = s;
	if (s != NULL || x->offset[layer][which] == 0)
		return SHEAF_OK;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return fail_nomem(err);
	st = shelf_read(x, which, x->offset[layer][which], s, err);
	if (st == SHEAF_OK) {
		s->pages = calloc((size_t)1 << s->root.p, sizeof(*s->pages));
		if (s->pages == NULL)
			st = fail_nomem(err);
		if (which == INDEX_IDS)
			s->bins = bins_new(&s->root);
	}
	if (st != SHEAF_OK) {
		shelf_free(s);
		return st;
	}
	if (!atomic_compare_exchange_strong(&x->shelves[layer][which], &none,
					    s)) {
		shelf_free(s);
		s = none;
	}
	*out = s;
	return SHEAF_OK;
}

static enum sheaf_status page_read(struct indexes *x, const struct shelf *s,
				   enum index_which which, size_t number,
				   struct page_copy *page,
				   struct sheaf_error *err)
{
	uint64_t offset = s->root.pages[number];
	enum sheaf_status st;

	st = view_frame(x->view, offset, FRAME_INDEX_PAGE, INDEX_PAGE_MAX,
			&page->bytes, err);
	if (st == SHEAF_OK)
		st = index_page_get(page->bytes.p, page->bytes.len, offset,
				    &page->page, err);
	if (st != SHEAF_OK)
		return st;
	if (page->page.which != which || page->page.p != s->root.p ||
	    page->page.page != number ||
	    offset + page->bytes.len != s->root.pages[number + 1])
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "index page: not the one its root says");
	return index_page_bind(&page->page, &s->root, offset, err);
}

static enum sheaf_status page_new(struct indexes *x, const struct shelf *s,
				  enum index_which which, size_t number,
				  struct page_copy **out,
				  struct sheaf_error *err)
{
	struct page_copy *page = calloc(1, sizeof(*page));
	enum sheaf_status st;

	*out = NULL;
	if (page == NULL)
		return fail_nomem(err);
	st = page_read(x, s, which, number, page, err);
	if (st != SHEAF_OK) {
		page_free(page);
		return st;
	}
	*out = page;
	return SHEAF_OK;
}

/* @page is the shelf's, or freed; -> the one that is */
static struct page_copy *page_publish(struct shelf *s, size_t number,
				      struct page_copy *page)
{
	struct page_copy *none = NULL;

	if (atomic_compare_exchange_strong(&s->pages[number], &none, page))
		return page;
	page_free(page);
	return none;
}

static enum sheaf_status page_get(struct indexes *x, struct shelf *s,
				  enum index_which which, size_t number,
				  const struct index_page **out,
				  struct sheaf_error *err)
{
	struct page_copy *page =
		atomic_load_explicit(&s->pages[number], memory_order_acquire);
	enum sheaf_status st;

	if (page == NULL) {
		st = page_new(x, s, which, number, &page, err);
		if (st != SHEAF_OK)
			return st;
		page = page_publish(s, number, page);
	}
	*out = &page->page;
	return SHEAF_OK;
}

/* page @number into bins, or else for page_get() */
static enum sheaf_status bins_load(struct indexes *x, struct shelf *s,
				   enum index_which which, size_t number,
				   struct sheaf_error *err)
{
	struct page_copy *page;
	enum sheaf_status st = page_new(x, s, which, number, &page, err);

	if (st != SHEAF_OK)
		return st;
	bins_put(s->bins, number, &page->page, page->bytes.len);
	if (bins_state(s->bins, number) == BINS_HERE)
		page_free(page);
	else
		page_publish(s, number, page);
	return SHEAF_OK;
}

/* all bits of @key; *done is false where the page is not in bins */
static enum sheaf_status bins_lookup(struct indexes *x, struct shelf *s,
				     enum index_which which, uint64_t key,
				     struct hits *h, bool *done,
				     struct sheaf_error *err)
{
	size_t number = (size_t)(key >> (KEY_BITS - s->root.p));
	enum sheaf_status st = SHEAF_OK;
	struct index_entry found[BINS_SAME];
	size_t n;

	*done = false;
	if (bins_state(s->bins, number) == BINS_NONE)
		st = bins_load(x, s, which, number, err);
	if (st != SHEAF_OK || bins_state(s->bins, number) != BINS_HERE)
		return st;
	bins_fetch(s->bins, number, key);
	n = bins_find(s->bins, number, key, found);
	for (size_t i = 0; i < n && st == SHEAF_OK; i++)
		st = hits_add(h, &found[i], err);
	*done = true;
	return st;
}

static enum sheaf_status shelf_find(struct indexes *x, struct shelf *s,
				    enum index_which which, uint64_t key,
				    unsigned int bits, struct hits *h,
				    struct sheaf_error *err)
{
	size_t first = (size_t)(key >> (KEY_BITS - s->root.p));
	size_t last = first;

	if (bits == KEY_BITS && s->bins != NULL) {
		bool done;
		enum sheaf_status st =
			bins_lookup(x, s, which, key, h, &done, err);

		if (st != SHEAF_OK || done)
			return st;
	}
	if (bits < s->root.p)
		last = first + ((size_t)1 << (s->root.p - bits)) - 1;
	for (size_t n = first; n <= last; n++) {
		const struct index_page *page;
		struct index_entry e;
		uint32_t i, end;
		enum sheaf_status st;

		st = page_get(x, s, which, n, &page, err);
		if (st != SHEAF_OK)
			return st;
		index_page_find(page,
				n == first ?
					key :
					(uint64_t)n << (KEY_BITS - s->root.p),
				bits > s->root.p ? bits : s->root.p, &i, &end);
		for (; i < end; i++) {
			if (bits == KEY_BITS)
				index_page_found(page, key, i, &e);
			else
				index_page_entry(page, i, &e);
			st = hits_add(h, &e, err);
			if (st != SHEAF_OK)
				return st;
		}
	}
	return SHEAF_OK;
}

void indexes_fetch(const struct indexes *x, enum index_which which,
		   uint64_t key)
{
	for (unsigned int i = 0; i < x->layers; i++) {
		const struct shelf *s = atomic_load(&x->shelves[i][which]);
		size_t number;

		if (s == NULL || s->bins == NULL)
			continue;
		number = (size_t)(key >> (KEY_BITS - s->root.p));
		if (bins_state(s->bins, number) == BINS_HERE)
			bins_fetch(s->bins, number, key);
	}
}

enum sheaf_status indexes_find(struct indexes *x, enum index_which which,
			       uint64_t key, unsigned int bits, struct hits *h,
			       struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	key &= ~(uint64_t)0 << (KEY_BITS - bits);
	if (x->layers > 1 && bits == KEY_BITS)
		indexes_fetch(x, which, key);
	for (unsigned int i = 0; i < x->layers && st == SHEAF_OK; i++) {
		struct shelf *s;

		st = shelf_get(x, i, which, &s, err);
		if (st == SHEAF_OK && s != NULL)
			st = shelf_find(x, s, which, key, bits, h, err);
	}
	return st;
}

enum sheaf_status indexes_walk(struct indexes *x, unsigned int layer,
			       enum index_which which, index_entry_fn *fn,
			       void *arg, struct sheaf_error *err)
{
	struct shelf *s;
	enum sheaf_status st = shelf_get(x, layer, which, &s, err);

	if (st != SHEAF_OK || s == NULL)
		return st;
	for (size_t n = 0; n < (size_t)1 << s->root.p; n++) {
		const struct index_page *page;
		struct index_entry e;

		st = page_get(x, s, which, n, &page, err);
		if (st != SHEAF_OK)
			return st;
		for (uint32_t i = 0; i < page->count; i++) {
			index_page_entry(page, i, &e);
			if (fn(&e, arg) != 0)
				return SHEAF_CANCELLED;
		}
	}
	return SHEAF_OK;
}

enum sheaf_status indexes_bytes(struct indexes *x, unsigned int layer,
				enum index_which which, uint64_t *out,
				struct sheaf_error *err)
{
	struct shelf *s;
	enum sheaf_status st = shelf_get(x, layer, which, &s, err);

	*out = st == SHEAF_OK && s != NULL ? s->bytes : 0;
	return st;
}
