/*
 * bins.c - pages of an index arranged so that a lookup waits for memory once
 *
 * As it is in the file, an index page has the ends of its buckets, then all
 * fingerprints, then all values. In an index of 10 M entries each lies in
 * memory that no cache has, and one says where the next is: a lookup waits
 * twice or three times. Here a bucket is a bin, of as many bytes as any other:
 * its place follows from the key, and all lines of it are asked for at once.
 *
 * 10 M records of 1 KB, a million of them looked up at random, each page read
 * before: 202 ns of CPU time a lookup, with the pages as they are 444; one
 * access after another to as much memory takes 144 there in huge pages, 203 in
 * small ones. With fingerprints compared one by one in place of tags it is 220.
 * Several lookups at once (indexes_fetch()): 89 each. Memory: 14 bytes an
 * entry, 8 as in the file; the page itself is not kept.
 *
 * A bin is one byte, the number of entries, then room for so many tags, the
 * lowest 8 bits of fingerprints, eight of which are compared at once; then for
 * the rests of them, then for values, packed as in the page. Bins have room for
 * what all but one in 16 buckets have; the entries of such a one lie in a wider
 * bin behind the others, whose number stands in place of theirs.
 */
#include "read/bins.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "formats/sheaf/index_bits.h"

enum {
	CACHE_LINE = 64,
	SIZE_STEP = 32,	  /* bins of 64, 96, 128 bytes */
	SPILL_SHARE = 16, /* one bin in so many may spill */
	SPILLED = 255,	  /* in place of a number of entries */
	ROOM_MAX = 254,
	TAG_BITS = 8, /* of a fingerprint */
	REACH = 7,    /* bytes that packed_at() reads behind a value */
	GROWTH = 3,   /* a page may become so many times as large */
};

#define HUGE_PAGE ((size_t)2 << 20)
/* of an index in the file, bytes: two billion entries */
#define INDEX_MAX ((uint64_t)1 << 34)

/* bins of one width */
struct row {
	uint8_t *at;
	uint16_t size;	 /* of a bin, bytes */
	uint16_t rests;	 /* where they begin in it */
	uint16_t values; /* the same */
	uint8_t room;	 /* entries */
};

/* one page: what a lookup needs of it is one cache line */
struct shape {
	_Alignas(CACHE_LINE) struct row row;
	struct row spill;
	uint64_t base;
	uint8_t b, f, rest, v, s; /* bits; v: of a value */
	atomic_uchar state;
};

static_assert(sizeof(struct shape) == CACHE_LINE, "a cache line");

struct bins {
	unsigned int p;
	struct shape *shapes; /* 2^p; owned */
	uint8_t *room;	      /* for all bins; owned */
	size_t room_size;
	atomic_size_t room_used;
};

static size_t rounded(size_t n, size_t step)
{
	return (n + step - 1) / step * step;
}

/*
 * A huge page is one step for the processor to find, a small one is some that
 * miss the caches too: 10 M records, 200 ns a lookup and 94 of many, 307 and
 * 199 without. Nothing is there before it is touched.
 */
static void pages_enlarge(uint8_t *p, size_t size)
{
	uintptr_t first = rounded((uintptr_t)p, HUGE_PAGE);
	uintptr_t end = ((uintptr_t)p + size) / HUGE_PAGE * HUGE_PAGE;

	/* advice: where it is not taken lookups are slower */
	if (first < end)
		(void)madvise((void *)first, end - first, MADV_HUGEPAGE);
}

struct bins *bins_new(const struct index_root *root)
{
	size_t count = (size_t)1 << root->p;
	uint64_t bytes = root->pages[count] - root->pages[0];
	struct bins *b;

	if (root->p == 0 || bytes > INDEX_MAX)
		return NULL;
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return NULL;
	b->p = root->p;
	b->room_size = (size_t)bytes * GROWTH;
	b->shapes = aligned_alloc(CACHE_LINE, count * sizeof(*b->shapes));
	b->room = malloc(b->room_size);
	if (b->shapes == NULL || b->room == NULL) {
		bins_free(b);
		return NULL;
	}
	memset(b->shapes, 0, count * sizeof(*b->shapes));
	pages_enlarge(b->room, b->room_size);
	return b;
}

void bins_free(struct bins *b)
{
	if (b == NULL)
		return;
	free(b->shapes);
	free(b->room);
	free(b);
}

enum bins_state bins_state(const struct bins *b, size_t number)
{
	return (enum bins_state)atomic_load_explicit(&b->shapes[number].state,
						     memory_order_acquire);
}

static size_t bytes_of(size_t bits)
{
	return (bits + 7) / 8;
}

static void row_shape(struct row *row, const struct shape *s, size_t room,
		      size_t step)
{
	size_t size;

	row->room = (uint8_t)room;
	row->rests = (uint16_t)(1 + room);
	row->values = (uint16_t)(row->rests + bytes_of(room * s->rest));
	size = row->values + bytes_of(room * s->v);
	row->size = (uint16_t)rounded(size, step);
}

/* how many buckets have more than @room entries */
static size_t wider_than(const size_t *buckets, size_t room)
{
	size_t n = 0;

	for (size_t i = room + 1; i <= ROOM_MAX; i++)
		n += buckets[i];
	return n;
}

/*
 * The widths of a page's bins. @buckets: how many have so many entries; -> how
 * many spill.
 */
static size_t shape_choose(struct shape *s, const size_t *buckets)
{
	size_t most = ROOM_MAX, room = 0, all = (size_t)1 << s->b;

	while (most > 0 && buckets[most] == 0)
		most--;
	while (wider_than(buckets, room) > all / SPILL_SHARE)
		room++;
	row_shape(&s->row, s, room, SIZE_STEP);
	for (;;) { /* as many as the same bytes hold */
		struct row more;

		row_shape(&more, s, room + 1, SIZE_STEP);
		if (room == ROOM_MAX || more.size != s->row.size)
			break;
		s->row = more;
		room++;
	}
	row_shape(&s->spill, s, most, 1);
	return wider_than(buckets, room);
}

/* @p[0 .. 7] behind the value's first byte are ours too, and the value's bits
 * are 0 yet */
static void packed_put(uint8_t *p, size_t i, unsigned int width, uint64_t value)
{
	size_t bit = i * width;
	uint64_t v;

	memcpy(&v, &p[bit / 8], sizeof(v));
	v |= htole64(value << (bit % 8));
	memcpy(&p[bit / 8], &v, sizeof(v));
}

static void bin_fill(uint8_t *bin, const struct row *row, const struct shape *s,
		     const struct index_page *page, uint32_t first,
		     uint32_t count)
{
	struct index_entry e;
	uint64_t print;

	for (uint32_t i = 0; i < count; i++) {
		print = packed_at(page->fingerprints, first + i, s->f);
		bin[1 + i] = (uint8_t)print;
		packed_put(bin + row->rests, i, s->rest, print >> TAG_BITS);
		index_page_found(page, 0, first + i, &e);
		packed_put(bin + row->values, i, s->v,
			   (e.offset - s->base) << s->s | e.slot);
	}
	bin[0] = (uint8_t)count;
}

static void bins_fill(const struct shape *s, const struct index_page *page)
{
	uint32_t first = 0, spilled = 0;

	for (size_t k = 0; k < (size_t)1 << s->b; k++) {
		uint32_t end = (uint32_t)packed_at(page->ends, k, page->e);
		uint8_t *bin = s->row.at + k * s->row.size;

		if (end - first <= s->row.room) {
			bin_fill(bin, &s->row, s, page, first, end - first);
		} else {
			bin[0] = SPILLED;
			memcpy(bin + 1, &spilled, sizeof(spilled));
			bin_fill(s->spill.at +
					 (size_t)spilled++ * s->spill.size,
				 &s->spill, s, page, first, end - first);
		}
		first = end;
	}
}

/* whether more than BINS_SAME entries of a bucket have the same fingerprint;
 * they ascend */
static bool has_many(const struct index_page *page, uint32_t first,
		     uint32_t end)
{
	for (uint32_t i = first; i + BINS_SAME < end; i++)
		if (packed_at(page->fingerprints, i, page->f) ==
		    packed_at(page->fingerprints, i + BINS_SAME, page->f))
			return true;
	return false;
}

/* false: a bucket is too large, or has a key too often */
static bool buckets_count(const struct index_page *page, size_t *buckets)
{
	uint32_t first = 0;

	for (size_t k = 0; k < (size_t)1 << page->b; k++) {
		uint32_t end = (uint32_t)packed_at(page->ends, k, page->e);

		if (end - first > ROOM_MAX || has_many(page, first, end))
			return false;
		buckets[end - first]++;
		first = end;
	}
	return true;
}

/* offsets themselves, also of a page that has numbers of them; false: there is
 * no entry, or values are too wide */
static bool values_shape(struct shape *s, const struct index_page *page)
{
	uint64_t least = UINT64_MAX, most = 0;
	struct index_entry e;
	unsigned int wide;

	for (uint32_t i = 0; i < page->count; i++) {
		index_page_found(page, 0, i, &e);
		if (e.offset < least)
			least = e.offset;
		if (e.offset > most)
			most = e.offset;
	}
	if (page->count == 0)
		return false;
	wide = bits_of(most - least) + page->s;
	s->base = least;
	s->s = page->s;
	s->v = (uint8_t)wide;
	return wide <= VALUE_BITS_MAX;
}

/* @size bytes, on a line of their own; NULL: no room */
static uint8_t *room_take(struct bins *b, size_t size)
{
	size_t take = rounded(size, CACHE_LINE);
	size_t skip =
		(CACHE_LINE - (uintptr_t)b->room % CACHE_LINE) % CACHE_LINE;
	size_t at;

	if (take > b->room_size)
		return NULL;
	at = atomic_fetch_add(&b->room_used, take) + skip;
	if (at > b->room_size || take > b->room_size - at)
		return NULL;
	return b->room + at;
}

static bool page_arrange(struct bins *b, struct shape *s,
			 const struct index_page *page, size_t len)
{
	size_t buckets[ROOM_MAX + 1] = { 0 }, spilled, rows, size;

	if (!values_shape(s, page) || !buckets_count(page, buckets))
		return false;
	s->b = page->b;
	s->f = page->f;
	s->rest = s->f > TAG_BITS ? (uint8_t)(s->f - TAG_BITS) : 0;
	spilled = shape_choose(s, buckets);
	rows = (size_t)s->row.size << s->b;
	size = rows + spilled * s->spill.size + REACH;
	if (size > len * GROWTH)
		return false;
	s->row.at = room_take(b, size);
	if (s->row.at == NULL)
		return false;
	s->spill.at = s->row.at + rows;
	memset(s->row.at, 0, size);
	bins_fill(s, page);
	return true;
}

void bins_put(struct bins *b, size_t number, const struct index_page *page,
	      size_t len)
{
	struct shape *s = &b->shapes[number];
	unsigned char none = BINS_NONE;

	if (!atomic_compare_exchange_strong(&s->state, &none, BINS_BUSY))
		return;
	atomic_store_explicit(&s->state,
			      page_arrange(b, s, page, len) ? BINS_HERE :
							      BINS_NEVER,
			      memory_order_release);
}

static uint8_t *bin_of(const struct shape *s, unsigned int p, uint64_t key)
{
	uint64_t k = key >> (KEY_BITS - p - s->b) & low_bits(s->b);

	return s->row.at + k * s->row.size;
}

void bins_fetch(const struct bins *b, size_t number, uint64_t key)
{
	const struct shape *s = &b->shapes[number];
	const uint8_t *bin = bin_of(s, b->p, key);

	for (size_t i = 0; i < s->row.size; i += CACHE_LINE)
		__builtin_prefetch(bin + i);
}

/* the bytes of @word that are 0, as bits 0 to 7 */
static uint64_t zeros_of(uint64_t word)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t zeros = ~(((word & low) + low) | word | low);

	/* from the top of each byte, side by side */
	return (zeros >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

/*
 * Bit i: tag @from + i of a bin is @tag. A loop whose end the processor knows,
 * for it goes over all that there is room for.
 */
static uint64_t tags_compare(const uint8_t *bin, unsigned int from,
			     unsigned int room, uint8_t tag)
{
	unsigned int n = room - from < 64 ? room - from : 64;
	uint64_t same = UINT64_C(0x0101010101010101) * tag, found = 0, word;

	for (unsigned int i = 0; i < n; i += 8) {
		memcpy(&word, bin + 1 + from + i, sizeof(word));
		found |= zeros_of(le64toh(word) ^ same) << i;
	}
	return bin[0] - from < 64 ? found & low_bits(bin[0] - from) : found;
}

size_t bins_find(const struct bins *b, size_t number, uint64_t key,
		 struct index_entry out[BINS_SAME])
{
	const struct shape *s = &b->shapes[number];
	const struct row *row = &s->row;
	const uint8_t *bin = bin_of(s, b->p, key);
	unsigned int below = KEY_BITS - b->p - s->b - s->f, i;
	uint64_t print = key >> below & low_bits(s->f), found, value;
	uint32_t spilled;
	size_t n = 0;

	if (bin[0] == SPILLED) {
		memcpy(&spilled, bin + 1, sizeof(spilled));
		row = &s->spill;
		bin = row->at + (size_t)spilled * row->size;
	}
	for (unsigned int from = 0; from < bin[0]; from += 64) {
		found = tags_compare(bin, from, row->room, (uint8_t)print);
		for (; found != 0; found &= found - 1) {
			i = from + (unsigned int)__builtin_ctzll(found);
			if (packed_at(bin + row->rests, i, s->rest) !=
			    print >> TAG_BITS)
				continue;
			value = packed_at(bin + row->values, i, s->v);
			out[n].key = key >> below << below;
			out[n].offset = s->base + (value >> s->s);
			out[n].slot = (uint32_t)(value & low_bits(s->s));
			if (++n == BINS_SAME)
				return n;
		}
	}
	return n;
}
