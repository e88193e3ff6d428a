/*
 * carry_records.c - records on their way into a new file
 *
 * Two walks over the record pages: before the blocks, to know which articles
 * there are; behind them, with their places.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"
#include "pack/carry_work.h"
#include "pack/past.h"

static int carried_compare(const void *a, const void *b)
{
	const struct carried *x = a, *y = b;

	return place_compare(&x->place, &y->place);
}

static int ref_compare(const void *a, const void *b)
{
	const struct record_ref *x = a, *y = b;

	if (x->page != y->page)
		return x->page < y->page ? -1 : 1;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

static bool is_wanted(const struct carry *c, const struct page *page,
		      uint32_t slot)
{
	const struct carry_options *o = c->options;
	const struct record_ref ref = { page->table.offset, slot };

	if (o->records != NULL &&
	    (o->record_count == 0 || bsearch(&ref, o->records, o->record_count,
					     sizeof(ref), ref_compare) == NULL))
		return false;
	return o->without_count == 0 ||
	       bsearch(&page->table.records[slot].place, o->without,
		       o->without_count, sizeof(*o->without),
		       place_compare) == NULL;
}

/* --- before the blocks --- */

static int places_take(struct page *page, void *arg)
{
	struct carry *c = arg;

	for (uint32_t i = 0; i < page->table.count; i++) {
		const struct page_record *r = &page->table.records[i];
		struct carried m = { .place = r->place,
				     .seed = r->seed,
				     .size = (uint32_t)r->size };

		if (is_wanted(c, page, i))
			buf_bytes(&c->carried, &m, sizeof(m));
	}
	return c->carried.bad;
}

static enum sheaf_status footer_places(const struct footer *f, void *arg,
				       struct sheaf_error *err)
{
	struct carry *c = arg;
	enum sheaf_status st =
		pages_walk(c->old->pages, f, places_take, c, err);

	return c->carried.bad ? fail_nomem(err) : st;
}

enum sheaf_status carry_find(struct carry *c)
{
	struct carried *m;
	size_t n, kept = 0;
	enum sheaf_status st = past_walk(c->old, footer_places, c, c->err);

	if (st != SHEAF_OK)
		return st;
	m = carry_all(c, &n);
	if (n != 0)
		qsort(m, n, sizeof(*m), carried_compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || carried_compare(&m[i], &m[i - 1]) != 0) {
			m[kept++] = m[i];
			c->total += m[i].size;
		}
	c->carried.len = kept * sizeof(*m);
	return SHEAF_OK;
}

/* --- behind them --- */

/* every string gets its code when a record first has it */
static enum sheaf_status code_take(struct carry *c, uint32_t old, uint32_t *out,
				   struct sheaf_error *err)
{
	const struct codes *codes;
	enum sheaf_status st = corpus_codes(c->old, &codes, err);

	if (st == SHEAF_OK && old >= codes->count)
		st = fail(err, SHEAF_CORRUPT,
			  "record: a string that does not exist");
	if (st == SHEAF_OK && c->codes[old] == 0) {
		st = names_code(c->names, codes->strings[old], out, err);
		if (st == SHEAF_OK)
			c->codes[old] = *out + 1;
	}
	if (st == SHEAF_OK)
		*out = c->codes[old] - 1;
	return st;
}

static enum sheaf_status codes_make(struct carry *c)
{
	const struct codes *codes;
	uint32_t code;
	enum sheaf_status st = corpus_codes(c->old, &codes, c->err);

	if (st == SHEAF_OK)
		st = names_new(&c->names, NULL, c->err);
	if (st != SHEAF_OK)
		return st;
	c->codes = calloc((size_t)codes->count + 1, sizeof(*c->codes));
	if (c->codes == NULL)
		return fail_nomem(c->err);
	for (uint32_t i = 0;
	     c->options->all_strings && st == SHEAF_OK && i < codes->count; i++)
		st = code_take(c, i, &code, c->err);
	return st;
}

static enum sheaf_status list_take(struct carry *c, const uint32_t **list,
				   uint32_t count, uint32_t *room)
{
	enum sheaf_status st = SHEAF_OK;

	for (uint32_t i = 0; st == SHEAF_OK && i < count; i++)
		st = code_take(c, (*list)[i], &room[i], c->err);
	*list = room;
	return st;
}

/* @lists: room for all that a record can have */
static enum sheaf_status codes_take(struct carry *c, struct page_record *r,
				    uint32_t *lists)
{
	enum sheaf_status st = code_take(c, r->format, &r->format, c->err);

	if (st == SHEAF_OK && r->has_outlet)
		st = code_take(c, r->outlet, &r->outlet, c->err);
	if (st == SHEAF_OK && r->has_lang)
		st = code_take(c, r->lang, &r->lang, c->err);
	if (st == SHEAF_OK)
		st = list_take(c, &r->categories, r->category_count, lists);
	if (st == SHEAF_OK)
		st = list_take(c, &r->tags, r->tag_count,
			       lists + SHEAF_LIST_MAX);
	return st;
}

static void origin_take(const struct carry *c, struct carried *m,
			struct entry *e)
{
	memcpy(e->id, m->id, sizeof(e->id));
	e->is_new = !m->seen;
	m->seen = true;
	e->record.seed = m->seed;
	e->origin.is_fresh = !m->is_copied;
	if (m->is_copied) {
		e->origin.place.block = c->plan.blocks[m->at].to;
		e->origin.place.slot = m->place.slot;
	} else {
		e->origin.fresh = m->at;
	}
}

/* a record of the old file as an entry of the new one; its url key is in the
 * page or in the index */
static enum sheaf_status entry_take(struct carry *c, const struct page *page,
				    uint32_t slot)
{
	struct entry e = { .record = page->table.records[slot] };
	struct carried wanted = { .place = e.record.place }, *m;
	uint32_t lists[2 * SHEAF_LIST_MAX];
	struct page *held = NULL;
	size_t n;
	enum sheaf_status st;

	m = carry_all(c, &n);
	m = bsearch(&wanted, m, n, sizeof(wanted), carried_compare);
	if (m == NULL)
		return fail_at(c->err, SHEAF_CORRUPT, page->table.offset,
			       "record: was not there before");
	if (e.record.has_url && !page->table.has_keys &&
	    !places_find(c->urls, page->table.offset, slot, &e.record.url_key))
		return fail_at(c->err, SHEAF_CORRUPT, page->table.offset,
			       "record: its url is in no index");
	origin_take(c, m, &e);
	st = codes_take(c, &e.record, lists);
	if (st == SHEAF_OK)
		st = pages_name(c->old->pages, page, slot, &e.name, &held,
				c->err);
	if (st == SHEAF_OK)
		st = entries_add(c->entries, &e, c->err);
	pages_release(held);
	return st;
}

static int page_take(struct page *page, void *arg)
{
	struct carry *c = arg;

	for (uint32_t i = 0; i < page->table.count; i++) {
		if (!is_wanted(c, page, i))
			continue;
		c->status = entry_take(c, page, i);
		if (c->status != SHEAF_OK)
			return 1;
	}
	return 0;
}

static enum sheaf_status footer_records(const struct footer *f, void *arg,
					struct sheaf_error *err)
{
	struct carry *c = arg;
	enum sheaf_status st = pages_walk(c->old->pages, f, page_take, c, err);

	return st == SHEAF_CANCELLED ? c->status : st;
}

enum sheaf_status carry_records(struct carry *c)
{
	enum sheaf_status st = codes_make(c);

	if (st == SHEAF_OK)
		st = entries_new(&c->entries, c->scratch,
				 c->options->memory / CARRY_SORT_SHARE, c->err);
	if (st == SHEAF_OK)
		st = places_new(&c->urls, c->old->indexes,
				c->old->footer.layer_count, INDEX_URLS, c->err);
	if (st == SHEAF_OK)
		st = past_walk(c->old, footer_records, c, c->err);
	places_free(c->urls);
	c->urls = NULL;
	return st;
}
