/*
 * records_get.c - a page of records out of its columns (section 6)
 *
 * Each function reads the columns that stand together, in the order in which
 * records_put.c wrote them.  A list, a lookup by name and every verification
 * pass through here.
 */
#include "formats/sheaf/records.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/frame.h"
#include "formats/sheaf/limits.h"
#include "formats/sheaf/records_bits.h"

enum {
	COLUMNS_MIN = 6, /* kind, block, slot, size, mtime, format: a byte each
			    at the least */
};

/* the payload, and what its columns share */
struct getter {
	struct cur c;
	struct record_page *page;
	unsigned int flags;
	uint64_t *blocks; /* owned */
	uint32_t *shared; /* of the own names; owned */
	uint32_t block_count;
	const uint8_t *kinds; /* in the payload */
};

void records_done(struct record_page *page)
{
	free(page->records);
	free(page->names);
	free(page->codes);
	*page = (struct record_page){ 0 };
}

static enum sheaf_status refuse(struct sheaf_error *err, const char *what)
{
	return fail(err, SHEAF_CORRUPT, "record page: %s", what);
}

static enum sheaf_status head_get(struct getter *g, struct sheaf_error *err)
{
	uint64_t count = cur_varint(&g->c); /* 1 .. RECORDS_MAX */
	unsigned int flags = cur_u8(&g->c);
	uint64_t commit = cur_varint(&g->c); /* 1 or more */
	uint64_t blocks = cur_varint(&g->c); /* 1 .. count */

	if (g->c.bad || count == 0 || count > RECORDS_MAX ||
	    count > g->c.left / COLUMNS_MIN || blocks == 0 || blocks > count)
		return refuse(err, "count out of range");
	if ((flags & ~(unsigned int)PAGE_FLAGS) || commit == 0)
		return refuse(err, "flags or commit out of range");
	g->flags = flags;
	g->block_count = (uint32_t)blocks;
	g->page->has_keys = flags & PAGE_KEYS;
	g->page->commit = commit;
	g->blocks = calloc(blocks, sizeof(*g->blocks));
	g->page->records = calloc(count, sizeof(*g->page->records));
	g->shared = calloc(count, sizeof(*g->shared));
	if (!g->blocks || !g->page->records || !g->shared)
		return fail_nomem(err);
	g->page->count = (uint32_t)count;
	return SHEAF_OK;
}

/* not at offset 0; some stand behind the page that tells of them */
static enum sheaf_status blocks_get(struct getter *g, struct sheaf_error *err)
{
	uint64_t at = 0, step;

	for (uint32_t i = 0; i < g->block_count; i++) {
		step = cur_varint(&g->c); /* bytes; 1 or more */
		if (g->c.bad || step == 0 || step > FILE_MAX - at)
			return refuse(err, "block offset out of range");
		at += step;
		g->blocks[i] = at;
	}
	return SHEAF_OK;
}

static enum sheaf_status kinds_get(struct getter *g, struct sheaf_error *err)
{
	struct page_record *r = g->page->records;
	unsigned int kind;

	g->kinds = cur_bytes(&g->c, g->page->count);
	if (!g->kinds)
		return refuse(err, "cut short");
	for (uint32_t i = 0; i < g->page->count; i++) {
		kind = g->kinds[i];
		if ((kind & KIND_NAME) > NAME_OLDER)
			return refuse(err, "unknown kind of name");
		if (i == 0 && (kind & KIND_NAME) == NAME_SAME)
			return refuse(err, "no record before the first");
		r[i].name_kind = (enum name_kind)(kind & KIND_NAME);
		r[i].has_date = kind & KIND_DATE;
		r[i].has_outlet = kind & KIND_OUTLET;
		r[i].has_lang = kind & KIND_LANG;
		r[i].has_url = kind & KIND_URL;
	}
	return SHEAF_OK;
}

/* the next number of a column, which must be less than @end: else 0 and bad */
static uint32_t below_get(struct cur *c, uint64_t end)
{
	uint64_t v = cur_varint(c);

	if (v < end)
		return (uint32_t)v;
	cur_skip(c, SIZE_MAX);
	return 0;
}

static enum sheaf_status places_get(struct getter *g, struct sheaf_error *err)
{
	struct page_record *r = g->page->records;
	uint32_t n = g->page->count;

	for (uint32_t i = 0; i < n; i++)
		r[i].place.block = g->blocks[below_get(&g->c, g->block_count)];
	for (uint32_t i = 0; i < n; i++)
		r[i].place.slot = below_get(&g->c, ARTICLES_MAX);
	for (uint32_t i = 0; i < n; i++) /* [S-19] */
		r[i].size = below_get(&g->c, BLOCK_MAX + 1);
	return g->c.bad ? refuse(err, "place or size out of range") : SHEAF_OK;
}

/* how long the own names are, spelled out, and how many bytes stand here */
static enum sheaf_status lengths_get(struct getter *g, uint64_t *spelled,
				     uint64_t *here, struct sheaf_error *err)
{
	struct page_record *r = g->page->records;
	uint64_t len, rest, before = 0;
	uint32_t n = g->page->count;

	*spelled = *here = 0;
	for (uint32_t i = 0; i < n; i++)
		if (r[i].name_kind == NAME_OWN)
			g->shared[i] = below_get(&g->c, NAME_MAX_BYTES + 1);
	for (uint32_t i = 0; i < n; i++) {
		if (r[i].name_kind != NAME_OWN)
			continue;
		rest = below_get(&g->c, NAME_MAX_BYTES + 1);
		len = g->shared[i] + rest;
		/* no name is the start of the one before [S-17] */
		if (g->c.bad || rest == 0 || g->shared[i] > before ||
		    len > NAME_MAX_BYTES)
			return refuse(err, "length of a name out of range");
		*spelled += len;
		*here += rest;
		r[i].name.len = (size_t)len;
		before = len;
	}
	if (*spelled > NAMES_MAX || *here > g->c.left)
		return refuse(err, "names too long");
	return SHEAF_OK;
}

/* does the name at @to stand behind @before, with which it shares bytes */
static bool name_follows(const char *to, size_t len, struct sheaf_str before,
			 size_t shared)
{
	size_t both = before.len < len ? before.len : len;
	int order = 0;

	if (both > shared)
		order = memcmp(&to[shared], &before.p[shared], both - shared);
	return order > 0 || (order == 0 && len > before.len);
}

/* spell the own names out into page->names */
static enum sheaf_status own_names_get(struct getter *g,
				       struct sheaf_error *err)
{
	struct page_record *r = g->page->records;
	struct sheaf_str before = { 0 };
	char *to = g->page->names;
	const uint8_t *rest;
	size_t shared, len;

	for (uint32_t i = 0; i < g->page->count; i++) {
		if (r[i].name_kind != NAME_OWN)
			continue;
		shared = g->shared[i];
		len = r[i].name.len;
		rest = cur_bytes(&g->c, len - shared);
		if (!rest || memchr(rest, 0, len - shared))
			return refuse(err, "a name with a zero byte");
		if (before.p)
			memcpy(to, before.p, shared);
		memcpy(&to[shared], rest, len - shared);
		/* each once, in their order [S-17, S-18] */
		if (!name_follows(to, len, before, shared))
			return refuse(err, "names out of order");
		r[i].name.p = to;
		before = r[i].name;
		to += len;
	}
	return SHEAF_OK;
}

static enum sheaf_status names_get(struct getter *g, struct sheaf_error *err)
{
	struct page_record *r = g->page->records;
	uint64_t spelled, here;
	enum sheaf_status st = lengths_get(g, &spelled, &here, err);

	if (st != SHEAF_OK)
		return st;
	g->page->plain_names = (size_t)here;
	g->page->names = malloc(spelled ? (size_t)spelled : 1);
	if (!g->page->names)
		return fail_nomem(err);
	st = own_names_get(g, err);
	if (st != SHEAF_OK)
		return st;
	for (uint32_t i = 0; i < g->page->count; i++) {
		if (r[i].name_kind == NAME_OLDER) {
			r[i].older.page = cur_varint(&g->c);
			r[i].older.slot = below_get(&g->c, RECORDS_MAX);
			if (g->c.bad || r[i].older.page == 0 ||
			    r[i].older.page >= g->page->offset)
				return refuse(err, "older name out of range");
		} else if (r[i].name_kind == NAME_SAME) {
			r[i].name = r[i - 1].name;
			r[i].older = r[i - 1].older;
		}
	}
	return SHEAF_OK;
}

/* records of one name stand in the order of their commits [S-17] */
static enum sheaf_status commits_get(struct getter *g, struct sheaf_error *err)
{
	struct page_record *r = g->page->records;
	uint64_t above, lowest = UINT64_MAX;

	for (uint32_t i = 0; i < g->page->count; i++) {
		above = g->flags & PAGE_COMMITS ? cur_varint(&g->c) : 0;
		if (g->c.bad || above > UINT64_MAX - g->page->commit)
			return refuse(err, "commit out of range");
		r[i].commit = g->page->commit + above;
		if (r[i].name_kind == NAME_SAME &&
		    r[i].commit < r[i - 1].commit)
			return refuse(err, "commits of a name out of order");
		if (above < lowest)
			lowest = above;
	}
	if (lowest != 0)
		return refuse(err, "its commit is not the lowest");
	return SHEAF_OK;
}

/* @from plus the next difference, modulo 2^64 */
static int64_t time_get(struct cur *c, int64_t from)
{
	return (int64_t)((uint64_t)from + (uint64_t)cur_zigzag(c));
}

static enum sheaf_status times_get(struct getter *g, struct sheaf_error *err)
{
	struct page_record *r = g->page->records;
	uint32_t n = g->page->count;
	int64_t before = 0;

	for (uint32_t i = 0; i < n; i++)
		before = r[i].mtime.sec = time_get(&g->c, before);
	for (uint32_t i = 0; (g->flags & PAGE_NSEC) && i < n; i++)
		r[i].mtime.nsec = below_get(&g->c, 1000000000);
	before = 0;
	for (uint32_t i = 0; i < n; i++)
		if (r[i].has_date)
			before = r[i].date = time_get(&g->c, before);
	return g->c.bad ? refuse(err, "time out of range") : SHEAF_OK;
}

static enum sheaf_status codes_get(struct getter *g, struct sheaf_error *err)
{
	struct page_record *r = g->page->records;
	uint32_t n = g->page->count;

	for (uint32_t i = 0; i < n; i++)
		r[i].format = below_get(&g->c, STRINGS_TOTAL);
	for (uint32_t i = 0; i < n; i++)
		if (r[i].has_outlet)
			r[i].outlet = below_get(&g->c, STRINGS_TOTAL);
	for (uint32_t i = 0; i < n; i++)
		if (r[i].has_lang)
			r[i].lang = below_get(&g->c, STRINGS_TOTAL);
	return g->c.bad ? refuse(err, "string code out of range") : SHEAF_OK;
}

/*
 * One column of lists, of the records of @kind.  @to: NULL counts only, else
 * the codes are put there and the records point to them.  Returns how many.
 */
static size_t lists_get(const struct getter *g, struct cur *c,
			unsigned int kind, uint32_t *to)
{
	struct page_record *r = g->page->records;
	size_t total = 0;
	uint32_t count, code;

	for (uint32_t i = 0; i < g->page->count && !c->bad; i++) {
		if (!(g->kinds[i] & kind))
			continue;
		count = below_get(c, LIST_MAX + 1);
		if (count == 0)
			cur_skip(c, SIZE_MAX); /* an empty list has no kind */
		for (uint32_t k = 0; k < count && !c->bad; k++) {
			code = below_get(c, STRINGS_TOTAL);
			if (to)
				to[total + k] = code;
		}
		if (to && kind == KIND_CATEGORIES) {
			r[i].categories = &to[total];
			r[i].category_count = count;
		} else if (to) {
			r[i].tags = &to[total];
			r[i].tag_count = count;
		}
		total += count;
	}
	return total;
}

/* once over both columns to count and check, once more to keep them */
static enum sheaf_status all_lists_get(struct getter *g,
				       struct sheaf_error *err)
{
	struct cur ahead = g->c;
	size_t categories = lists_get(g, &ahead, KIND_CATEGORIES, NULL);
	size_t tags = lists_get(g, &ahead, KIND_TAGS, NULL);

	if (ahead.bad)
		return refuse(err, "categories or tags out of range");
	if (categories + tags == 0)
		return SHEAF_OK;
	/* each had a byte of the payload at the least: no overflow */
	g->page->codes = calloc(categories + tags, sizeof(*g->page->codes));
	if (!g->page->codes)
		return fail_nomem(err);
	lists_get(g, &g->c, KIND_CATEGORIES, g->page->codes);
	lists_get(g, &g->c, KIND_TAGS, &g->page->codes[categories]);
	return SHEAF_OK;
}

static uint64_t key_get(struct cur *c)
{
	uint64_t key = 0;

	for (unsigned int i = 0; i < KEY_BYTES; i++)
		key = key << 8 | cur_u8(c);
	return key;
}

static enum sheaf_status keys_get(struct getter *g, struct sheaf_error *err)
{
	struct page_record *r = g->page->records;
	uint32_t n = g->page->count;

	for (uint32_t i = 0; (g->flags & PAGE_KEYS) && i < n; i++)
		r[i].id_prefix = key_get(&g->c);
	for (uint32_t i = 0; (g->flags & PAGE_KEYS) && i < n; i++)
		if (r[i].has_url)
			r[i].url_key = key_get(&g->c);
	for (uint32_t i = 0; (g->flags & PAGE_SEEDS) && i < n; i++)
		r[i].seed = below_get(&g->c, SEED_MAX + 1);
	if (!cur_done(&g->c))
		return refuse(err, g->c.bad ? "keys or seeds cut short" :
					      "bytes behind its last column");
	return SHEAF_OK;
}

static enum sheaf_status payload_get(struct getter *g, struct sheaf_error *err)
{
	enum sheaf_status st = head_get(g, err);

	if (st == SHEAF_OK)
		st = blocks_get(g, err);
	if (st == SHEAF_OK)
		st = kinds_get(g, err);
	if (st == SHEAF_OK)
		st = places_get(g, err);
	if (st == SHEAF_OK)
		st = names_get(g, err);
	if (st == SHEAF_OK)
		st = commits_get(g, err);
	if (st == SHEAF_OK)
		st = times_get(g, err);
	if (st == SHEAF_OK)
		st = codes_get(g, err);
	if (st == SHEAF_OK)
		st = all_lists_get(g, err);
	if (st == SHEAF_OK)
		st = keys_get(g, err);
	return st;
}

enum sheaf_status records_get(const void *frame, size_t len, uint64_t offset,
			      struct record_page *out, struct sheaf_error *err)
{
	struct record_page page = { .offset = offset };
	struct getter g = { .page = &page };
	struct buf payload = { 0 };
	struct cur body;
	enum sheaf_status st;

	*out = (struct record_page){ 0 };
	st = frame_get(frame, len, offset, FRAME_RECORDS, &body, err);
	if (st == SHEAF_OK)
		st = coded_get(&body, PAGE_MAX, &payload, err);
	if (st == SHEAF_OK) {
		page.plain_size = payload.len;
		g.c = cur_over(payload.p, payload.len);
		st = payload_get(&g, err);
	}
	free(g.blocks);
	free(g.shared);
	buf_done(&payload);
	if (st != SHEAF_OK) {
		records_done(&page);
		return frame_blame(st, offset, err);
	}
	*out = page;
	return SHEAF_OK;
}
