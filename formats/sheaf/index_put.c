/*
 * index_put.c - entries into an index page (section 8.1)
 *
 * A page is a small hash table without holes: the entries stand in the order
 * of their keys, 'ends' says where each bucket of keys ends, and what the
 * bucket does not say of a key is its fingerprint.  A commit that makes a layer
 * writes its pages here from sorted entries.
 */
#include "formats/sheaf/index.h"

#include <assert.h>
#include <stdlib.h>

#include "formats/sheaf/frame.h"
#include "formats/sheaf/index_bits.h"
#include "formats/sheaf/limits.h"

/* how many bits it takes to write @v; 0 for 0 */
static unsigned int bits_of(uint64_t v)
{
	return v ? 64 - (unsigned int)__builtin_clzll(v) : 0;
}

/* bits on their way into a buffer, fewer than 8 of them */
struct packer {
	struct buf *b;
	uint64_t bits;
	unsigned int fill;
};

/* @width: at most 56 */
static void packer_add(struct packer *w, uint64_t v, unsigned int width)
{
	w->bits |= v << w->fill;
	w->fill += width;
	for (; w->fill >= 8; w->fill -= 8) {
		buf_u8(w->b, (uint8_t)(w->bits & 0xff));
		w->bits >>= 8;
	}
}

static void packer_end(struct packer *w)
{
	if (w->fill > 0)
		buf_u8(w->b, (uint8_t)(w->bits & 0xff));
	w->bits = 0;
	w->fill = 0;
}

static int value_compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * b and f: @stored bits of a key are left below its p.  A bit more in b saves
 * a bit in each fingerprint and doubles the ends; take what is smallest, which
 * makes 5 to 10 entries a bucket.
 */
static void bits_choose(struct index_page *page, unsigned int stored)
{
	uint64_t bits, best = UINT64_MAX;

	for (unsigned int b = 0; b < stored && b <= PAGE_BITS_MAX; b++) {
		bits = ((uint64_t)page->e << b) +
		       (uint64_t)page->count * (stored - b);
		if (bits > best)
			break;
		best = bits;
		page->b = (uint8_t)b;
		page->f = (uint8_t)(stored - b);
	}
}

/* p, base, and the widths that these entries need */
static enum sheaf_status shape_choose(struct index_page *page,
				      const struct index_entry *entries,
				      struct sheaf_error *err)
{
	uint64_t least = UINT64_MAX, most = 0;
	uint32_t slot = 0;

	for (uint32_t i = 0; i < page->count; i++) {
		if (entries[i].offset < least)
			least = entries[i].offset;
		if (entries[i].offset > most)
			most = entries[i].offset;
		slot |= entries[i].slot;
	}
	page->base = page->count ? least : 0;
	page->o = (uint8_t)bits_of(most - page->base);
	page->s = (uint8_t)bits_of(slot);
	page->e = (uint8_t)(page->count ? bits_of(page->count) : 1);
	if (page->o > OFFSET_BITS_MAX || page->s > SLOT_BITS_MAX ||
	    page->o + page->s > VALUE_BITS_MAX || most > FILE_MAX)
		return fail(err, SHEAF_LIMIT,
			    "index page: offsets or slots too far apart");
	bits_choose(page, INDEX_STORED_BITS(page->which) - page->p);
	return SHEAF_OK;
}

/* the bits of a key that the page stores, and its value */
static uint64_t stored_of(const struct index_page *page, uint64_t key)
{
	return key >> (KEY_BITS - page->p - page->b - page->f);
}

static uint64_t value_of(const struct index_page *page,
			 const struct index_entry *entry)
{
	return (entry->offset - page->base) << page->s | entry->slot;
}

/*
 * The values in the order of [S-24].  The entries come sorted by all bits of
 * their keys; where the page drops some, entries become equal that were not,
 * and are put in the order of their values here.
 */
static enum sheaf_status values_sort(const struct index_page *page,
				     const struct index_entry *entries,
				     uint64_t *values, struct sheaf_error *err)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < page->count; i++) {
		if (entries[i].key >> (KEY_BITS - page->p) != page->page ||
		    (i > 0 && entries[i].key < entries[i - 1].key))
			return fail(err, SHEAF_MISUSE,
				    "index page: keys out of order");
		values[i] = value_of(page, &entries[i]);
		if (i + 1 < page->count &&
		    stored_of(page, entries[i].key) ==
			    stored_of(page, entries[i + 1].key))
			continue;
		qsort(&values[first], i + 1 - first, sizeof(*values),
		      value_compare);
		for (uint32_t k = first; k < i; k++)
			if (values[k] == values[k + 1])
				return fail(err, SHEAF_MISUSE,
					    "index page: an entry twice");
		first = i + 1;
	}
	return SHEAF_OK;
}

static void head_put(struct buf *b, const struct index_page *page)
{
	buf_u8(b, (uint8_t)page->which);
	buf_u8(b, page->p);
	buf_varint(b, page->page);
	buf_u8(b, page->b);
	buf_u8(b, page->f);
	buf_u8(b, page->o);
	buf_u8(b, page->s);
	buf_varint(b, page->base);
	buf_varint(b, page->count);
	buf_u8(b, page->e);
}

static void arrays_put(struct buf *b, const struct index_page *page,
		       const struct index_entry *entries,
		       const uint64_t *values)
{
	struct packer w = { .b = b };
	uint64_t bucket;
	uint32_t i = 0;

	for (uint64_t k = 0; k < UINT64_C(1) << page->b; k++) {
		for (; i < page->count; i++) {
			bucket = stored_of(page, entries[i].key) >> page->f;
			if ((bucket & low_bits(page->b)) != k)
				break;
		}
		packer_add(&w, i, page->e);
	}
	packer_end(&w);
	for (i = 0; i < page->count; i++)
		packer_add(&w,
			   stored_of(page, entries[i].key) & low_bits(page->f),
			   page->f);
	packer_end(&w);
	for (i = 0; i < page->count; i++)
		packer_add(&w, values[i], (unsigned int)page->o + page->s);
	packer_end(&w);
}

enum sheaf_status index_page_put(struct buf *b, enum index_which which,
				 unsigned int p, uint64_t page,
				 const struct index_entry *entries,
				 size_t count, uint64_t offset,
				 struct sheaf_error *err)
{
	struct index_page shape = { .which = which, .page = page };
	uint64_t *values = NULL;
	enum sheaf_status st;
	size_t start;

	assert(p <= PAGE_BITS_MAX && page <= low_bits(p));
	if (count > ENTRIES_MAX)
		return fail(err, SHEAF_LIMIT, "index page: %zu entries", count);
	shape.p = (uint8_t)p;
	shape.count = (uint32_t)count;
	st = shape_choose(&shape, entries, err);
	if (st == SHEAF_OK) {
		values = calloc(count ? count : 1, sizeof(*values));
		st = values ? values_sort(&shape, entries, values, err) :
			      fail_nomem(err);
	}
	if (st == SHEAF_OK) {
		start = frame_begin(b, FRAME_INDEX_PAGE);
		head_put(b, &shape);
		arrays_put(b, &shape, entries, values);
		frame_end(b, start, offset);
		if (b->bad)
			st = fail_nomem(err);
	}
	free(values);
	return st;
}
