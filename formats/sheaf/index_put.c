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

/* the different offsets of the entries, ascending; NULL: no memory */
static uint64_t *offsets_new(const struct index_entry *entries, size_t count,
			     size_t *different)
{
	uint64_t *offsets = calloc(count + 1, sizeof(*offsets));
	size_t n = 0;

	*different = 0;
	if (!offsets)
		return NULL;
	for (size_t i = 0; i < count; i++)
		offsets[i] = entries[i].offset;
	qsort(offsets, count, sizeof(*offsets), value_compare);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || offsets[i] != offsets[i - 1])
			offsets[n++] = offsets[i];
	*different = n;
	return offsets;
}

/*
 * Which of the three ways to write the offsets is the smallest.  Offsets as
 * they are take 16 to 30 bits an entry.  Numbers in the page's own table are
 * good for the only page of an index, or of few blocks; those in the root's for
 * names and urls of many records, whose pages are few against the entries.
 */
static void way_choose(struct index_page *page, const uint64_t *offsets,
		       size_t count, const struct index_where *where)
{
	uint64_t n = page->count, bits, best;

	page->o =
		(uint8_t)(count ? bits_of(offsets[count - 1] - offsets[0]) : 0);
	best = n * page->o;
	if (count == 0)
		return;
	bits = index_offsets_bits(offsets, count) + n * bits_of(count - 1);
	if (bits < best) {
		best = bits;
		page->way = WAY_OWN;
		page->o = (uint8_t)bits_of(count - 1);
	}
	bits = n * bits_of(where->offset_count - 1);
	if (where->offsets && bits < best) {
		page->way = WAY_ROOT;
		page->o = (uint8_t)bits_of(where->offset_count - 1);
	}
}

/* the widths that these entries need */
static enum sheaf_status shape_choose(struct index_page *page,
				      const struct index_entry *entries,
				      const uint64_t *offsets, size_t count,
				      const struct index_where *where,
				      struct sheaf_error *err)
{
	uint32_t slot = 0;

	for (uint32_t i = 0; i < page->count; i++)
		slot |= entries[i].slot;
	way_choose(page, offsets, count, where);
	page->base = page->way == WAY_OFFSET && count ? offsets[0] : 0;
	page->s = (uint8_t)bits_of(slot);
	page->e = (uint8_t)(page->count ? bits_of(page->count) : 1);
	if (page->o > OFFSET_BITS_MAX || page->s > SLOT_BITS_MAX ||
	    page->o + page->s > VALUE_BITS_MAX ||
	    (count && offsets[count - 1] > FILE_MAX))
		return fail(err, SHEAF_LIMIT,
			    "index page: offsets or slots too far apart");
	bits_choose(page, INDEX_STORED_BITS(page->which) - page->p);
	return SHEAF_OK;
}

/* the bits of a key that the page stores */
static uint64_t stored_of(const struct index_page *page, uint64_t key)
{
	return key >> (KEY_BITS - page->p - page->b - page->f);
}

/* the number of @offset, which is among them; @count if it is not */
static uint64_t number_of(uint64_t offset, const uint64_t *offsets,
			  size_t count)
{
	const uint64_t *at = bsearch(&offset, offsets, count, sizeof(*offsets),
				     value_compare);

	return at ? (uint64_t)(at - offsets) : count;
}

/* what is written of the entries' offsets and slots */
static enum sheaf_status values_fill(const struct index_page *page,
				     const struct index_entry *entries,
				     const uint64_t *offsets, size_t count,
				     uint64_t *values, struct sheaf_error *err)
{
	uint64_t offset;

	for (uint32_t i = 0; i < page->count; i++) {
		offset = entries[i].offset - page->base;
		if (page->way != WAY_OFFSET) {
			offset = number_of(entries[i].offset, offsets, count);
			if (offset == count)
				return fail(err, SHEAF_MISUSE,
					    "index page: an offset that the "
					    "root has not");
		}
		values[i] = offset << page->s | entries[i].slot;
	}
	return SHEAF_OK;
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
	buf_u8(b, (uint8_t)page->way);
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

/* @own: the different offsets of the entries */
static enum sheaf_status page_put(struct buf *b, const struct index_page *page,
				  const struct index_where *where,
				  const struct index_entry *entries,
				  const uint64_t *own, size_t own_count,
				  uint64_t offset, struct sheaf_error *err)
{
	uint64_t *values = calloc((size_t)page->count + 1, sizeof(*values));
	bool root = page->way == WAY_ROOT;
	enum sheaf_status st;
	size_t start;

	if (!values)
		return fail_nomem(err);
	st = values_fill(page, entries, root ? where->offsets : own,
			 root ? where->offset_count : own_count, values, err);
	if (st == SHEAF_OK)
		st = values_sort(page, entries, values, err);
	if (st == SHEAF_OK) {
		start = frame_begin(b, FRAME_INDEX_PAGE);
		head_put(b, page);
		if (page->way == WAY_OWN)
			index_offsets_put(b, own, own_count);
		arrays_put(b, page, entries, values);
		frame_end(b, start, offset);
		if (b->bad)
			st = fail_nomem(err);
	}
	free(values);
	return st;
}

enum sheaf_status index_page_put(struct buf *b, const struct index_where *where,
				 const struct index_entry *entries,
				 size_t count, uint64_t offset,
				 struct sheaf_error *err)
{
	struct index_page page = { .which = where->which, .page = where->page };
	uint64_t *own;
	enum sheaf_status st;
	size_t different;

	assert(where->p <= PAGE_BITS_MAX && where->page <= low_bits(where->p));
	if (count > ENTRIES_MAX)
		return fail(err, SHEAF_LIMIT, "index page: %zu entries", count);
	page.p = (uint8_t)where->p;
	page.count = (uint32_t)count;
	own = offsets_new(entries, count, &different);
	if (!own)
		return fail_nomem(err);
	st = shape_choose(&page, entries, own, different, where, err);
	if (st == SHEAF_OK)
		st = page_put(b, &page, where, entries, own, different, offset,
			      err);
	free(own);
	return st;
}
