/*
 * records_put.c - a page of records into its columns (section 6)
 *
 * The writer fills a struct record_page for every few thousand records of a
 * commit and passes it here; records_get.c reads in the same order.
 */
#include "formats/sheaf/records.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/frame.h"
#include "formats/sheaf/limits.h"
#include "formats/sheaf/records_bits.h"

/* the page, and what its columns share */
struct putter {
	const struct record_page *page;
	struct buf *b; /* the payload */
	unsigned int flags;
	uint64_t *blocks; /* ascending, each once; owned */
	size_t block_count;
};

static int block_compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static enum sheaf_status blocks_find(struct putter *w, struct sheaf_error *err)
{
	uint32_t n = w->page->count;
	size_t kept = 0;

	w->blocks = calloc(n, sizeof(*w->blocks));
	if (!w->blocks)
		return fail_nomem(err);
	for (uint32_t i = 0; i < n; i++)
		w->blocks[i] = w->page->records[i].place.block;
	qsort(w->blocks, n, sizeof(*w->blocks), block_compare);
	for (uint32_t i = 0; i < n; i++)
		if (kept == 0 || w->blocks[i] != w->blocks[kept - 1])
			w->blocks[kept++] = w->blocks[i];
	w->block_count = kept;
	return SHEAF_OK;
}

static void flags_find(struct putter *w)
{
	const struct record_page *page = w->page;
	const struct page_record *r;

	w->flags = page->has_keys ? PAGE_KEYS : 0;
	for (uint32_t i = 0; i < page->count; i++) {
		r = &page->records[i];
		assert(r->commit >= page->commit);
		if (r->commit != page->commit)
			w->flags |= PAGE_COMMITS;
		if (r->mtime.nsec != 0)
			w->flags |= PAGE_NSEC;
		if (r->seed != 0)
			w->flags |= PAGE_SEEDS;
	}
}

static unsigned int kind_of(const struct page_record *r)
{
	return (unsigned int)r->name_kind | (r->has_date ? KIND_DATE : 0) |
	       (r->has_outlet ? KIND_OUTLET : 0) |
	       (r->has_lang ? KIND_LANG : 0) |
	       (r->category_count ? KIND_CATEGORIES : 0) |
	       (r->tag_count ? KIND_TAGS : 0) | (r->has_url ? KIND_URL : 0);
}

static void head_put(struct putter *w)
{
	uint64_t before = 0;

	buf_varint(w->b, w->page->count);
	buf_u8(w->b, (uint8_t)w->flags);
	buf_varint(w->b, w->page->commit);
	buf_varint(w->b, w->block_count);
	for (size_t i = 0; i < w->block_count; i++) {
		buf_varint(w->b, w->blocks[i] - before);
		before = w->blocks[i];
	}
	for (uint32_t i = 0; i < w->page->count; i++)
		buf_u8(w->b, (uint8_t)kind_of(&w->page->records[i]));
}

static void places_put(struct putter *w)
{
	const struct page_record *r = w->page->records;
	uint32_t n = w->page->count;
	const uint64_t *found;

	for (uint32_t i = 0; i < n; i++) {
		found = bsearch(&r[i].place.block, w->blocks, w->block_count,
				sizeof(*w->blocks), block_compare);
		buf_varint(w->b, (uint64_t)(found - w->blocks));
	}
	for (uint32_t i = 0; i < n; i++)
		buf_varint(w->b, r[i].place.slot);
	for (uint32_t i = 0; i < n; i++)
		buf_varint(w->b, r[i].size);
}

static size_t shared_len(struct sheaf_str a, struct sheaf_str b)
{
	size_t n = 0, most = a.len < b.len ? a.len : b.len;

	while (n < most && a.p[n] == b.p[n])
		n++;
	return n;
}

/* is @name behind @before in the order of bytes, and not the same [S-17] */
static bool name_follows(struct sheaf_str before, struct sheaf_str name,
			 size_t shared)
{
	if (shared == name.len)
		return false; /* the start of it, or nothing */
	if (!before.p)
		return true;
	return shared == before.len ||
	       (unsigned char)name.p[shared] > (unsigned char)before.p[shared];
}

/* all three columns of own names, and the references of the others */
static enum sheaf_status names_put(struct putter *w, struct sheaf_error *err)
{
	const struct page_record *r = w->page->records;
	struct sheaf_str before = { 0 };
	struct buf rests = { 0 }, bytes = { 0 };
	uint64_t total = 0;
	size_t shared;

	for (uint32_t i = 0; i < w->page->count; i++) {
		if (r[i].name_kind != NAME_OWN)
			continue;
		shared = shared_len(before, r[i].name);
		if (r[i].name.len > NAME_MAX_BYTES ||
		    !name_follows(before, r[i].name, shared)) {
			buf_done(&rests);
			buf_done(&bytes);
			return fail(err, SHEAF_MISUSE,
				    "record page: names out of order");
		}
		total += r[i].name.len;
		buf_varint(w->b, shared);
		buf_varint(&rests, r[i].name.len - shared);
		buf_bytes(&bytes, &r[i].name.p[shared], r[i].name.len - shared);
		before = r[i].name;
	}
	buf_bytes(w->b, rests.p, rests.len);
	buf_bytes(w->b, bytes.p, bytes.len);
	w->b->bad |= rests.bad || bytes.bad;
	buf_done(&rests);
	buf_done(&bytes);
	if (total > NAMES_MAX)
		return fail(err, SHEAF_LIMIT,
			    "record page: names of %" PRIu64 " bytes", total);
	for (uint32_t i = 0; i < w->page->count; i++) {
		if (r[i].name_kind != NAME_OLDER)
			continue;
		assert(r[i].older.page < w->page->offset);
		buf_varint(w->b, r[i].older.page);
		buf_varint(w->b, r[i].older.slot);
	}
	return SHEAF_OK;
}

/* @to minus @from, modulo 2^64: any two times have a difference */
static int64_t time_less(int64_t to, int64_t from)
{
	return (int64_t)((uint64_t)to - (uint64_t)from);
}

static void times_put(struct putter *w)
{
	const struct page_record *r = w->page->records;
	uint32_t n = w->page->count;
	int64_t before = 0;

	for (uint32_t i = 0; (w->flags & PAGE_COMMITS) && i < n; i++)
		buf_varint(w->b, r[i].commit - w->page->commit);
	for (uint32_t i = 0; i < n; i++) {
		buf_zigzag(w->b, time_less(r[i].mtime.sec, before));
		before = r[i].mtime.sec;
	}
	for (uint32_t i = 0; (w->flags & PAGE_NSEC) && i < n; i++)
		buf_varint(w->b, r[i].mtime.nsec);
	before = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (!r[i].has_date)
			continue;
		buf_zigzag(w->b, time_less(r[i].date, before));
		before = r[i].date;
	}
}

static void list_put(struct buf *b, const uint32_t *codes, uint32_t count)
{
	assert(count <= LIST_MAX);
	if (count == 0)
		return;
	buf_varint(b, count);
	for (uint32_t i = 0; i < count; i++)
		buf_varint(b, codes[i]);
}

static void codes_put(struct putter *w)
{
	const struct page_record *r = w->page->records;
	uint32_t n = w->page->count;

	for (uint32_t i = 0; i < n; i++)
		buf_varint(w->b, r[i].format);
	for (uint32_t i = 0; i < n; i++)
		if (r[i].has_outlet)
			buf_varint(w->b, r[i].outlet);
	for (uint32_t i = 0; i < n; i++)
		if (r[i].has_lang)
			buf_varint(w->b, r[i].lang);
	for (uint32_t i = 0; i < n; i++)
		list_put(w->b, r[i].categories, r[i].category_count);
	for (uint32_t i = 0; i < n; i++)
		list_put(w->b, r[i].tags, r[i].tag_count);
}

/* big-endian, as ids are: so that keys sort as the bytes do */
static void key_put(struct buf *b, uint64_t key)
{
	for (unsigned int i = KEY_BYTES; i > 0; i--)
		buf_u8(b, (uint8_t)(key >> (8 * (i - 1)) & 0xff));
}

static void keys_put(struct putter *w)
{
	const struct page_record *r = w->page->records;
	uint32_t n = w->page->count;

	for (uint32_t i = 0; (w->flags & PAGE_KEYS) && i < n; i++)
		key_put(w->b, r[i].id_prefix);
	for (uint32_t i = 0; (w->flags & PAGE_KEYS) && i < n; i++)
		if (r[i].has_url)
			key_put(w->b, r[i].url_key);
	for (uint32_t i = 0; (w->flags & PAGE_SEEDS) && i < n; i++)
		buf_varint(w->b, r[i].seed);
}

static enum sheaf_status payload_put(struct putter *w, struct sheaf_error *err)
{
	enum sheaf_status st;

	flags_find(w);
	st = blocks_find(w, err);
	if (st != SHEAF_OK)
		return st;
	head_put(w);
	places_put(w);
	st = names_put(w, err);
	if (st != SHEAF_OK)
		return st;
	times_put(w);
	codes_put(w);
	keys_put(w);
	if (w->b->bad)
		return fail_nomem(err);
	if (w->b->len > PAGE_MAX)
		return fail(err, SHEAF_LIMIT, "record page of %zu bytes",
			    w->b->len);
	return SHEAF_OK;
}

enum sheaf_status records_put(struct buf *b, const struct record_page *page,
			      int level, struct sheaf_error *err)
{
	struct buf payload = { 0 };
	struct putter w = { .page = page, .b = &payload };
	enum sheaf_status st;
	size_t start;

	assert(page->count > 0 && page->count <= RECORDS_MAX);
	st = payload_put(&w, err);
	if (st == SHEAF_OK) {
		start = frame_begin(b, FRAME_RECORDS);
		st = coded_put(b, payload.p, payload.len, level, err);
		frame_end(b, start, page->offset);
	}
	if (st == SHEAF_OK && b->bad)
		st = fail_nomem(err);
	free(w.blocks);
	buf_done(&payload);
	return st;
}
