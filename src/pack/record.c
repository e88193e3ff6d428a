/*
 * record.c - one record in: is it known, a version, or new
 *
 * In flow 1 right behind dedup: the tables get an entry only where the name
 * does not have this very article already.
 */
#include <string.h>

#include "codec/hash.h"
#include "pack/known.h"
#include "pack/pack.h"
#include "read/tail.h"

static struct entry *entry_at(struct sheaf_writer *w, uint32_t i)
{
	return (struct entry *)(void *)w->entries.p + i;
}

static bool origin_equal(const struct origin *a, const struct origin *b)
{
	if (a->is_fresh != b->is_fresh)
		return false;
	if (a->is_fresh)
		return a->fresh == b->fresh;
	return a->place.block == b->place.block &&
	       a->place.slot == b->place.slot;
}

/* the last entry of this commit that has the name; the table gives them in
 * order */
static bool find_entry(struct sheaf_writer *w, struct sheaf_str name,
		       uint64_t hash, uint32_t *number)
{
	size_t at = SIZE_MAX;
	uint32_t n;
	bool found = false;

	while (table_next(&w->by_name, hash, &at, &n)) {
		const struct entry *e = entry_at(w, n);

		if (e->name.len == name.len &&
		    memcmp(e->name.p, name.p, name.len) == 0 &&
		    (!found || n > *number)) {
			*number = n;
			found = true;
		}
	}
	return found;
}

enum sheaf_status pack_standing(struct sheaf_writer *w, struct sheaf_str name,
				struct standing *out, struct sheaf_error *err)
{
	const struct origin *origins = (const void *)w->origins.p;
	struct known_name known;
	uint32_t number = 0;
	enum sheaf_status st;

	memset(out, 0, sizeof(*out));
	out->hash = hash_64(name.p, name.len, 0);
	if (find_entry(w, name, out->hash, &number)) {
		const struct entry *e = entry_at(w, number);

		out->found = true;
		out->origin = origins[number];
		out->has_older = e->has_older;
		out->older = e->older;
		return SHEAF_OK;
	}
	if (w->old == NULL)
		return SHEAF_OK;
	st = known_name(w->old, name, &known, err);
	if (st == SHEAF_OK && known.found) {
		out->found = true;
		out->origin.place = known.place;
		out->has_older = true;
		out->older = known.origin;
	}
	return st;
}

static enum sheaf_status codes_of(struct sheaf_writer *w,
				  const struct sheaf_str *list, size_t count,
				  const uint32_t **codes, uint32_t *n,
				  struct sheaf_error *err)
{
	uint32_t *out;
	enum sheaf_status st = SHEAF_OK;

	*codes = NULL;
	*n = 0;
	if (count > SHEAF_LIST_MAX)
		count = SHEAF_LIST_MAX;
	if (count == 0)
		return SHEAF_OK;
	out = arena_get(&w->arena, count * sizeof(*out));
	if (out == NULL)
		return fail_nomem(err);
	for (size_t i = 0; i < count && st == SHEAF_OK; i++)
		if (list[i].len != 0 && list[i].len <= SHEAF_FIELD_MAX)
			st = names_code(w->names, list[i], &out[(*n)++], err);
	*codes = out;
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
			      &r->categories, &r->category_count, err);
	if (st == SHEAF_OK)
		st = codes_of(w, f->tags, f->tag_count, &r->tags, &r->tag_count,
			      err);
	r->has_date = f->has_date;
	r->date = f->date;
	r->has_url = f->url.len != 0;
	if (r->has_url)
		r->url_key = index_key(f->url.p, f->url.len);
	return st;
}

static enum sheaf_status entry_add(struct sheaf_writer *w,
				   const struct sheaf_article *a, uint64_t hash,
				   const struct entry *partial,
				   const struct origin *origin,
				   struct sheaf_error *err)
{
	struct entry e = *partial;
	uint32_t number = (uint32_t)(w->entries.len / sizeof(e));
	enum sheaf_status st;

	e.name.p = arena_copy(&w->arena, a->name.p, a->name.len);
	e.name.len = a->name.len;
	if (e.name.p == NULL)
		return fail_nomem(err);
	e.arrival = number;
	e.record.size = a->len;
	e.record.mtime = a->mtime;
	st = fields_set(w, a, &e.record, err);
	if (st != SHEAF_OK)
		return st;
	buf_bytes(&w->entries, &e, sizeof(e));
	buf_bytes(&w->origins, origin, sizeof(*origin));
	if (w->entries.bad || w->origins.bad ||
	    !table_put(&w->by_name, hash, number))
		return fail_nomem(err);
	w->result.records++;
	return SHEAF_OK;
}

enum sheaf_status pack_record(struct sheaf_writer *w,
			      const struct sheaf_article *a,
			      const struct standing *name,
			      const struct packed *article,
			      enum sheaf_added *added, struct sheaf_error *err)
{
	struct entry e = { .is_new = article->is_new };

	if (name->found && origin_equal(&name->origin, &article->origin)) {
		*added = SHEAF_ADDED_KNOWN;
		w->result.known++;
		return SHEAF_OK;
	}
	*added = SHEAF_ADDED_NEW;
	if (!article->is_new)
		*added = SHEAF_ADDED_COPY;
	else if (name->found)
		*added = SHEAF_ADDED_VERSION;
	w->result.copies += *added == SHEAF_ADDED_COPY;
	w->result.versions += *added == SHEAF_ADDED_VERSION;
	memcpy(e.id, article->id, sizeof(e.id));
	e.record.seed = article->seed;
	e.has_older = name->has_older;
	e.older = name->older;
	return entry_add(w, a, name->hash, &e, &article->origin, err);
}
