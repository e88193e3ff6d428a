/*
 * record.c - one record in: is it known, a version, or new
 *
 * In flow 1 right behind dedup: the tables get an entry only where the name
 * does not have this very article already.
 */
#include <string.h>

#include <sheaf/format.h>

#include "codec/hash.h"
#include "pack/known.h"
#include "pack/pack.h"
#include "read/tail.h"

static bool origin_equal(const struct origin *a, const struct origin *b)
{
	if (a->is_fresh != b->is_fresh)
		return false;
	if (a->is_fresh)
		return a->fresh == b->fresh;
	return a->place.block == b->place.block &&
	       a->place.slot == b->place.slot;
}

/* the last entry of this commit that has the name; its number is the one in
 * the table */
static enum sheaf_status find_entry(struct sheaf_writer *w,
				    struct sheaf_str name, struct standing *out,
				    struct sheaf_error *err)
{
	uint32_t number;
	struct entry e;
	bool found = false;
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK && !found &&
	       table_next(&w->by_name, out->hash, &out->at, &number))
		st = entries_named(w->entries, number, name, &e, &found, err);
	if (st == SHEAF_OK && found) {
		out->found = out->is_fresh = true;
		memcpy(out->id, e.id, sizeof(out->id));
		out->origin = e.origin;
		out->has_older = e.has_older;
		out->older = e.older;
	}
	return st;
}

enum sheaf_status pack_standing(struct sheaf_writer *w, struct sheaf_str name,
				struct standing *out, struct sheaf_error *err)
{
	const struct known_gone gone = { &w->removed, w->removed_changed };
	struct known_name known;
	enum sheaf_status st;

	memset(out, 0, sizeof(*out));
	out->hash = hash_64(name.p, name.len, 0);
	st = find_entry(w, name, out, err);
	if (st != SHEAF_OK || out->found || w->old == NULL)
		return st;
	st = known_name(w->old, name, &gone, &known, err);
	if (st != SHEAF_OK)
		return st;
	out->found = known.found;
	out->origin.place = known.place;
	out->has_older = known.is_spelled;
	out->older = known.origin;
	out->newest = known.newest;
	return SHEAF_OK;
}

static enum sheaf_status codes_of(struct sheaf_writer *w,
				  const struct sheaf_str *list, size_t count,
				  uint32_t out[SHEAF_LIST_MAX], uint32_t *n,
				  struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	*n = 0;
	if (count > SHEAF_LIST_MAX)
		count = SHEAF_LIST_MAX;
	for (size_t i = 0; i < count && st == SHEAF_OK; i++)
		if (list[i].len != 0 && list[i].len <= SHEAF_FIELD_MAX)
			st = names_code(w->names, list[i], &out[(*n)++], err);
	return st;
}

static enum sheaf_status string_code(struct sheaf_writer *w, struct sheaf_str s,
				     bool *has, uint32_t *code,
				     struct sheaf_error *err)
{
	*has = s.len != 0 && s.len <= SHEAF_FIELD_MAX;
	return *has ? names_code(w->names, s, code, err) : SHEAF_OK;
}

static enum sheaf_status fields_set(struct sheaf_writer *w,
				    const struct sheaf_article *a,
				    struct page_record *r,
				    struct sheaf_error *err)
{
	static const struct sheaf_fields none;
	const struct sheaf_fields *f = a->fields != NULL ? a->fields : &none;
	const char *name = a->format != NULL ? a->format : "text";
	struct sheaf_str format = { name, strlen(name) };
	enum sheaf_status st;
	bool has;

	st = string_code(w, format, &has, &r->format, err);
	if (st == SHEAF_OK)
		st = string_code(w, f->outlet, &r->has_outlet, &r->outlet, err);
	if (st == SHEAF_OK)
		st = string_code(w, f->lang, &r->has_lang, &r->lang, err);
	if (st == SHEAF_OK)
		st = codes_of(w, f->categories, f->category_count,
			      w->categories, &r->category_count, err);
	if (st == SHEAF_OK)
		st = codes_of(w, f->tags, f->tag_count, w->tags, &r->tag_count,
			      err);
	r->categories = w->categories;
	r->tags = w->tags;
	r->has_date = f->has_date;
	r->date = f->date;
	r->has_url = f->url.len != 0;
	if (r->has_url)
		r->url_key = index_key(f->url.p, f->url.len);
	return st;
}

static enum sheaf_status entry_add(struct sheaf_writer *w,
				   const struct sheaf_article *a,
				   const struct standing *name, struct entry *e,
				   struct sheaf_error *err)
{
	uint32_t number = entries_count(w->entries);
	enum sheaf_status st;

	e->name = a->name;
	e->has_older = name->has_older;
	e->older = name->older;
	e->record.size = a->len;
	e->record.mtime = a->mtime;
	st = fields_set(w, a, &e->record, err);
	if (st == SHEAF_OK)
		st = entries_add(w->entries, e, err);
	if (st != SHEAF_OK)
		return st;
	if (name->is_fresh)
		table_replace(&w->by_name, name->hash, &name->at, number);
	else if (!table_put(&w->by_name, name->hash, number))
		return fail_nomem(err);
	w->result.records++;
	return SHEAF_OK;
}

/* what became of @a, again, if its record is a hidden one */
static void count_hidden(struct sheaf_writer *w, const struct sheaf_article *a,
			 enum sheaf_added added)
{
	struct sheaf_hidden_result *h = &w->result.hidden;
	size_t len = a->format != NULL ? strlen(a->format) : 0;

	if (!sheaf_format_hides((struct sheaf_str){ a->format, len }))
		return;
	h->known += added == SHEAF_ADDED_KNOWN;
	h->copies += added == SHEAF_ADDED_COPY;
	h->versions += added == SHEAF_ADDED_VERSION;
	h->records += added != SHEAF_ADDED_KNOWN;
	if (added == SHEAF_ADDED_NEW || added == SHEAF_ADDED_VERSION) {
		h->articles++;
		h->bytes_new += a->len;
	}
}

enum sheaf_status pack_record(struct sheaf_writer *w,
			      const struct sheaf_article *a,
			      const struct standing *name,
			      const struct packed *article,
			      enum sheaf_added *added, struct sheaf_error *err)
{
	struct entry e = { .is_new = article->is_new,
			   .origin = article->origin };

	if (name->found && origin_equal(&name->origin, &article->origin)) {
		*added = SHEAF_ADDED_KNOWN;
		w->result.known++;
		count_hidden(w, a, *added);
		return SHEAF_OK;
	}
	*added = SHEAF_ADDED_NEW;
	if (!article->is_new)
		*added = SHEAF_ADDED_COPY;
	else if (name->found)
		*added = SHEAF_ADDED_VERSION;
	w->result.copies += *added == SHEAF_ADDED_COPY;
	w->result.versions += *added == SHEAF_ADDED_VERSION;
	count_hidden(w, a, *added);
	memcpy(e.id, article->id, sizeof(e.id));
	e.record.seed = article->seed;
	return entry_add(w, a, name, &e, err);
}
