/*
 * pages.c - decoded record pages, and names that stand in older ones
 *
 * Between the record tables and every listing or lookup by name.
 */
#include "read/pages.h"

#include <stdlib.h>

#include "formats/sheaf/limits.h"

/* decoded pages: enough for a chain of versions, or for neighbours in a listing
 */
#define PAGES_BUDGET ((size_t)16 << 20)
#define FRAME_MAX (PAGE_MAX + 1024)

struct pages {
	const struct view *view;
	struct cache *cache;
};

enum sheaf_status pages_new(struct pages **out, const struct view *view,
			    struct sheaf_error *err)
{
	struct pages *p = calloc(1, sizeof(*p));

	*out = NULL;
	if (p == NULL)
		return fail_nomem(err);
	p->view = view;
	p->cache = cache_new(PAGES_BUDGET);
	if (p->cache == NULL) {
		free(p);
		return fail_nomem(err);
	}
	*out = p;
	return SHEAF_OK;
}

void pages_free(struct pages *p)
{
	if (p == NULL)
		return;
	cache_free(p->cache);
	free(p);
}

static void page_free(struct cached *obj)
{
	struct page *page = (struct page *)obj;

	records_done(&page->table);
	free(page);
}

void pages_release(struct page *page)
{
	if (page != NULL)
		cache_release(&page->cached);
}

enum sheaf_status pages_get(struct pages *p, uint64_t offset, struct page **out,
			    struct sheaf_error *err)
{
	struct page *page = (struct page *)cache_get(p->cache, offset);
	struct buf in = { 0 };
	enum sheaf_status st;

	*out = page;
	if (page != NULL)
		return SHEAF_OK;
	page = calloc(1, sizeof(*page));
	if (page == NULL)
		return fail_nomem(err);
	page->cached.key = offset;
	page->cached.free = page_free;
	st = view_frame(p->view, offset, FRAME_RECORDS, FRAME_MAX, &in, err);
	if (st == SHEAF_OK)
		st = records_get(in.p, in.len, offset, &page->table, err);
	page->size = in.len;
	buf_done(&in);
	if (st != SHEAF_OK) {
		page_free(&page->cached);
		return st;
	}
	page->cached.bytes =
		sizeof(*page) + page->table.plain_size +
		(size_t)page->table.count * sizeof(struct page_record);
	*out = (struct page *)cache_add(p->cache, &page->cached);
	return SHEAF_OK;
}

struct record_ref pages_origin(const struct page *page, uint32_t slot)
{
	const struct page_record *r = page->table.records;
	struct record_ref ref = { page->table.offset, slot };

	while (slot != 0 && r[slot].name_kind == NAME_SAME)
		slot--;
	ref.slot = slot;
	return r[slot].name_kind == NAME_OLDER ? r[slot].older : ref;
}

enum sheaf_status pages_name(struct pages *p, const struct page *page,
			     uint32_t slot, struct sheaf_str *name,
			     struct page **held, struct sheaf_error *err)
{
	const struct page_record *r = &page->table.records[slot];
	struct page *older;
	enum sheaf_status st;

	*held = NULL;
	if (r->name.len != 0) {
		*name = r->name;
		return SHEAF_OK;
	}
	st = pages_get(p, r->older.page, &older, err);
	if (st != SHEAF_OK)
		return st;
	if (r->older.slot >= older->table.count ||
	    older->table.records[r->older.slot].name.len == 0) {
		pages_release(older);
		return fail_at(err, SHEAF_CORRUPT, page->table.offset,
			       "record: its name is not where it says");
	}
	*name = older->table.records[r->older.slot].name;
	*held = older;
	return SHEAF_OK;
}

enum sheaf_status pages_walk(struct pages *p, const struct footer *f,
			     page_fn *fn, void *arg, struct sheaf_error *err)
{
	uint64_t at = f->page_offset;
	uint64_t end = f->page_offset + f->page_bytes;
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK && at < end) {
		struct page *page;

		st = pages_get(p, at, &page, err);
		if (st != SHEAF_OK)
			break;
		if (page->table.commit > f->commit)
			st = fail_at(err, SHEAF_CORRUPT, at,
				     "record page: of a later commit");
		at += page->size;
		if (st == SHEAF_OK && fn(page, arg) != 0)
			st = SHEAF_CANCELLED;
		pages_release(page);
	}
	if (st == SHEAF_OK && at != end)
		st = fail_at(err, SHEAF_CORRUPT, f->offset,
			     "footer: record pages do not end where it says");
	return st;
}
