/*
 * row.c - a record of a page as the public struct sheaf_record
 *
 * The step between record pages and everyone who lists: codes become strings,
 * the name and the id's first digits are found where they stand.
 */
#include "read/row.h"

#include <string.h>

#include "read/places.h"

static enum sheaf_status string_of(const struct codes *codes, uint32_t code,
				   const struct page *page,
				   struct sheaf_str *out,
				   struct sheaf_error *err)
{
	if (code >= codes->count)
		return fail_at(err, SHEAF_CORRUPT, page->table.offset,
			       "record: a string that does not exist");
	*out = codes->strings[code];
	return SHEAF_OK;
}

static enum sheaf_status strings_of(const struct codes *codes,
				    const uint32_t *list, uint32_t count,
				    const struct page *page,
				    struct sheaf_str *out,
				    struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	for (uint32_t i = 0; i < count && st == SHEAF_OK; i++)
		st = string_of(codes, list[i], page, &out[i], err);
	return st;
}

static enum sheaf_status fields_fill(struct row *row, struct sheaf_corpus *c,
				     const struct page *page,
				     const struct page_record *r,
				     struct sheaf_error *err)
{
	struct sheaf_fields *f = &row->record.fields;
	const struct codes *codes;
	enum sheaf_status st;

	st = corpus_codes(c, &codes, err);
	if (st == SHEAF_OK)
		st = string_of(codes, r->format, page, &row->record.format,
			       err);
	if (st == SHEAF_OK && r->has_outlet)
		st = string_of(codes, r->outlet, page, &f->outlet, err);
	if (st == SHEAF_OK && r->has_lang)
		st = string_of(codes, r->lang, page, &f->lang, err);
	if (st == SHEAF_OK)
		st = strings_of(codes, r->categories, r->category_count, page,
				row->lists, err);
	if (st == SHEAF_OK)
		st = strings_of(codes, r->tags, r->tag_count, page,
				row->lists + SHEAF_LIST_MAX, err);
	f->categories = row->lists;
	f->category_count = r->category_count;
	f->tags = row->lists + SHEAF_LIST_MAX;
	f->tag_count = r->tag_count;
	f->has_date = r->has_date;
	f->date = r->date;
	return st;
}

/* the first digits of the id: from the page, else from the id index turned
 * round */
static enum sheaf_status prefix_fill(struct row *row, struct sheaf_corpus *c,
				     const struct page *page,
				     const struct page_record *r,
				     struct sheaf_error *err)
{
	struct places *places = atomic_load(&c->places);
	struct places *none = NULL;
	enum sheaf_status st;

	if (page->table.has_keys) {
		row->record.id_prefix = r->id_prefix;
		return SHEAF_OK;
	}
	if (places == NULL) {
		st = places_new(&places, c->indexes, c->footer.layer_count,
				INDEX_IDS, err);
		if (st != SHEAF_OK)
			return st;
		if (!atomic_compare_exchange_strong(&c->places, &none,
						    places)) {
			places_free(places);
			places = none;
		}
	}
	if (!places_find(places, r->place.block, r->place.slot,
			 &row->record.id_prefix))
		return fail_at(err, SHEAF_CORRUPT, page->table.offset,
			       "record: its article is in no index");
	return SHEAF_OK;
}

enum sheaf_status row_fill(struct row *row, struct sheaf_corpus *c,
			   const struct page *page, uint32_t slot,
			   struct sheaf_error *err)
{
	const struct page_record *r = &page->table.records[slot];
	struct sheaf_record *out = &row->record;
	enum sheaf_status st;

	row_done(row);
	st = pages_name(c->pages, page, slot, &out->name, &row->held, err);
	if (st == SHEAF_OK)
		st = fields_fill(row, c, page, r, err);
	if (st == SHEAF_OK)
		st = prefix_fill(row, c, page, r, err);
	out->mtime = r->mtime;
	out->size = r->size;
	out->commit = r->commit;
	out->place = r->place;
	return st;
}

void row_done(struct row *row)
{
	pages_release(row->held);
	row->held = NULL;
	memset(&row->record, 0, sizeof(row->record));
}
