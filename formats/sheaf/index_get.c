/*
 * index_get.c - an index page checked, and searched (section 8.1)
 *
 * A page is checked once, when it is read; a lookup then reads two bucket ends
 * and a few fingerprints of it, in some 50 ns.
 *
 * Packed values are read with unaligned 8-byte loads.  They may reach up to 7
 * bytes past the array that they are in: these are there, since each array is
 * followed by the next one, and the last by the frame's checksum of 8 bytes.
 */
#include "formats/sheaf/index.h"

#include <assert.h>

#include "formats/sheaf/frame.h"
#include "formats/sheaf/index_bits.h"
#include "formats/sheaf/limits.h"

enum {
	SMALL_BUCKET = 32, /* entries that are faster counted than searched */
	CACHE_LINE = 64,
};

static enum sheaf_status refuse(struct sheaf_error *err, const char *what)
{
	return fail(err, SHEAF_CORRUPT, "index page: %s", what);
}

static enum sheaf_status head_get(struct cur *c, struct index_page *page,
				  struct sheaf_error *err)
{
	unsigned int which = cur_u8(c); /* an enum index_which */
	unsigned int way;
	uint64_t count;

	page->p = cur_u8(c);
	page->page = cur_varint(c); /* p bits */
	page->b = cur_u8(c);
	page->f = cur_u8(c);
	page->o = cur_u8(c);
	page->s = cur_u8(c);
	way = cur_u8(c);	    /* an enum index_way */
	page->base = cur_varint(c); /* offset; added to every one */
	count = cur_varint(c);	    /* 0 .. ENTRIES_MAX */
	page->e = cur_u8(c);
	if (c->bad || which >= INDEX_COUNT || count > ENTRIES_MAX ||
	    page->base > FILE_MAX)
		return refuse(err, "kind, base or count out of range");
	if (page->p > PAGE_BITS_MAX || page->page > low_bits(page->p) ||
	    page->b > PAGE_BITS_MAX || page->f < 1 ||
	    (unsigned int)page->p + page->b + page->f !=
		    INDEX_STORED_BITS(which))
		return refuse(err, "bits of a key out of range");
	if (page->o > OFFSET_BITS_MAX || page->s > SLOT_BITS_MAX ||
	    page->o + page->s > VALUE_BITS_MAX || page->e < 1 ||
	    page->e > PAGE_BITS_MAX)
		return refuse(err, "bits of a value out of range");
	if (way > WAY_ROOT || (way == WAY_ROOT && page->p == 0) ||
	    (way != WAY_OFFSET &&
	     (page->base != 0 || page->o > NUMBER_BITS_MAX)))
		return refuse(err, "coding of offsets out of range");
	page->way = (enum index_way)way;
	page->which = (enum index_which)which;
	page->count = (uint32_t)count;
	return SHEAF_OK;
}

/* entry @i of a bucket, from its arrays */
static uint64_t fingerprint_at(const struct index_page *page, uint32_t i)
{
	return packed_at(page->fingerprints, i, page->f);
}

static uint64_t value_at(const struct index_page *page, uint32_t i)
{
	return packed_at(page->values, i, (unsigned int)page->o + page->s);
}

/* where bucket @k ends; @k below 2^b */
static uint32_t end_at(const struct index_page *page, uint64_t k)
{
	return (uint32_t)packed_at(page->ends, k, page->e);
}

/* the entries of a bucket ascend, none stands there twice [S-24] */
static bool bucket_is_sorted(const struct index_page *page, uint32_t first,
			     uint32_t end)
{
	uint64_t print, value, print_before = 0, value_before = 0;

	for (uint32_t i = first; i < end; i++) {
		print = fingerprint_at(page, i);
		value = value_at(page, i);
		if (i > first &&
		    (print < print_before ||
		     (print == print_before && value <= value_before)))
			return false;
		print_before = print;
		value_before = value;
	}
	return true;
}

/* what the offsets in an index at @offset are less than: record pages stand
 * before it, blocks may stand behind it */
static uint64_t limit_of(enum index_which which, uint64_t offset)
{
	return which == INDEX_IDS ? FILE_MAX : offset;
}

static bool offsets_are_below(const struct index_page *page, uint64_t limit)
{
	uint64_t above;

	for (uint32_t i = 0; i < page->count; i++) {
		above = value_at(page, i) >> page->s;
		if (page->way == WAY_OFFSET ? page->base + above >= limit :
					      above >= page->offsets.count)
			return false;
	}
	return true;
}

static enum sheaf_status entries_check(const struct index_page *page,
				       uint64_t offset, struct sheaf_error *err)
{
	uint32_t first = 0, end;

	for (uint64_t k = 0; k < UINT64_C(1) << page->b; k++) {
		end = end_at(page, k);
		if (end < first || end > page->count)
			return refuse(err, "bucket out of range");
		if (!bucket_is_sorted(page, first, end))
			return refuse(err, "entries out of order");
		first = end;
	}
	if (first != page->count)
		return refuse(err, "entries outside of the buckets");
	if (page->way != WAY_ROOT &&
	    !offsets_are_below(page, limit_of(page->which, offset)))
		return refuse(err, "offset out of range");
	return SHEAF_OK;
}

enum sheaf_status index_page_get(const void *frame, size_t len, uint64_t offset,
				 struct index_page *out,
				 struct sheaf_error *err)
{
	struct index_page page = { 0 };
	struct cur c;
	enum sheaf_status st;

	*out = (struct index_page){ 0 };
	if (len > INDEX_PAGE_MAX)
		st = refuse(err, "too long");
	else
		st = frame_get(frame, len, offset, FRAME_INDEX_PAGE, &c, err);
	if (st == SHEAF_OK)
		st = head_get(&c, &page, err);
	if (st == SHEAF_OK && page.way == WAY_OWN &&
	    !index_offsets_get(&c, limit_of(page.which, offset), &page.offsets))
		st = refuse(err, "table of offsets out of range");
	if (st == SHEAF_OK) {
		page.ends = packed_get(&c, UINT64_C(1) << page.b, page.e);
		page.fingerprints = packed_get(&c, page.count, page.f);
		page.values = packed_get(&c, page.count,
					 (unsigned int)page.o + page.s);
		if (!cur_done(&c))
			st = refuse(err, "cut short, or bytes behind it");
	}
	if (st == SHEAF_OK)
		st = entries_check(&page, offset, err);
	if (st == SHEAF_OK)
		*out = page;
	return frame_blame(st, offset, err);
}

enum sheaf_status index_page_bind(struct index_page *page,
				  const struct index_root *root,
				  uint64_t offset, struct sheaf_error *err)
{
	if (page->way != WAY_ROOT)
		return SHEAF_OK;
	page->offsets = root->offsets;
	if (offsets_are_below(page, limit_of(page->which, offset)))
		return SHEAF_OK;
	return fail_at(err, SHEAF_CORRUPT, offset,
		       "index page: offset that its root has not");
}

/* how many of a key's lowest bits the page does not store */
static unsigned int below_bits(const struct index_page *page)
{
	return (unsigned int)(KEY_BITS - page->p - page->b - page->f);
}

/* the bucket that entry @i is in: the first that ends behind it */
static uint64_t bucket_of(const struct index_page *page, uint32_t i)
{
	uint64_t low = 0, high = low_bits(page->b), middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (end_at(page, middle) > i)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void value_get(const struct index_page *page, uint32_t i,
		      struct index_entry *out)
{
	uint64_t value = value_at(page, i), above = value >> page->s;

	if (page->way == WAY_OFFSET)
		out->offset = page->base + above;
	else if (page->offsets.count != 0)
		out->offset = index_offset_at(&page->offsets, above);
	else
		out->offset = above; /* not bound */
	out->slot = (uint32_t)(value & low_bits(page->s));
}

void index_page_entry(const struct index_page *page, uint32_t i,
		      struct index_entry *out)
{
	uint64_t stored;

	assert(i < page->count);
	stored = page->page << page->b | bucket_of(page, i);
	stored = stored << page->f | fingerprint_at(page, i);
	out->key = stored << below_bits(page);
	value_get(page, i, out);
}

void index_page_found(const struct index_page *page, uint64_t key, uint32_t i,
		      struct index_entry *out)
{
	unsigned int below = below_bits(page);

	assert(i < page->count);
	out->key = key >> below << below;
	value_get(page, i, out);
}

/* the first of [first, end) whose fingerprint is @print or more; else @end */
static uint32_t print_search(const struct index_page *page, uint32_t first,
			     uint32_t end, uint64_t print)
{
	uint32_t n = end - first, half;

	while (n > 0) {
		half = n / 2;
		if (fingerprint_at(page, first + half) < print) {
			first += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return first;
}

/*
 * The entries of one small bucket whose fingerprints are @low .. @high, by
 * counting: no step depends on the one before, nor on what it finds, so there
 * is nothing for the processor to guess.  93 ns with two binary searches, 47 so
 * (a page in the cache, buckets of 8).
 */
static void print_count(const struct index_page *page, uint64_t low,
			uint64_t high, uint32_t *first, uint32_t *end)
{
	uint32_t below = 0, above = 0, last = *end;
	uint64_t print;

	for (uint32_t i = *first; i < last; i++) {
		print = fingerprint_at(page, i);
		below += print < low;
		above += print > high;
	}
	*first += below;
	*end -= above;
}

/* the entries of bucket @k */
static void bucket_range(const struct index_page *page, uint64_t k,
			 uint32_t *first, uint32_t *end)
{
	*first = k ? end_at(page, k - 1) : 0;
	*end = end_at(page, k);
}

/*
 * In an index of 10 M entries, bucket ends, fingerprints and values each lie in
 * memory that no cache has.  Keys are hashes, so that bucket @k begins about
 * where it would if all were alike, 25 entries more or less: these
 * fingerprints are on their way while the bucket's ends are, and the value
 * while the fingerprints are.  829 ns a lookup before, 450 so, on a machine so
 * busy that one access to memory took 190.
 */
static void prints_fetch(const struct index_page *page, uint64_t k)
{
	uint64_t bit = (k * page->count >> page->b) * page->f;
	const uint8_t *about = &page->fingerprints[bit / 8];

	__builtin_prefetch(about);
	__builtin_prefetch(about + CACHE_LINE);
}

static void value_fetch(const struct index_page *page, uint32_t i)
{
	uint64_t bit = (uint64_t)i * ((unsigned int)page->o + page->s);

	__builtin_prefetch(&page->values[bit / 8]);
}

/*
 * The range between the least and the greatest key that agree with @key in its
 * first @key_bits.  Mostly both are in one bucket.
 */
void index_page_find(const struct index_page *page, uint64_t key,
		     unsigned int key_bits, uint32_t *first, uint32_t *end)
{
	unsigned int below = below_bits(page);
	uint64_t any = low_bits(KEY_BITS - key_bits);
	uint64_t low = (key & ~any) >> below, high = (key | any) >> below;
	uint64_t buckets = low_bits(page->b), prints = low_bits(page->f);
	uint64_t k = low >> page->f & buckets, last = high >> page->f & buckets;
	uint32_t from, to;

	if (key_bits <= page->p) {
		*first = 0;
		*end = page->count;
		return;
	}
	prints_fetch(page, k);
	bucket_range(page, k, &from, &to);
	value_fetch(page, from);
	if (k == last && to - from <= SMALL_BUCKET) {
		print_count(page, low & prints, high & prints, &from, &to);
		*first = from;
		*end = to;
		return;
	}
	*first = print_search(page, from, to, low & prints);
	bucket_range(page, last, &from, &to);
	*end = print_search(page, from, to, (high & prints) + 1);
}
