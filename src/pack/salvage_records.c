/*
 * salvage_records.c - the records of a damaged file, and stand-ins for those
 * that are lost
 *
 * In the order of the file, so that the versions of a name stay in theirs.  A
 * record whose name stood in a page that is lost, and an article whose records
 * are, come back as lost+found/ID.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "formats/format.h"
#include "formats/sheaf/limits.h"
#include "pack/salvage.h"
#include "pack/table.h"

#define FOUND "lost+found/"

/* what a record gets its fields and its name from */
struct bench {
	struct salvage *s;
	struct sheaf_parsed *parsed;
	uint32_t article; /* that is parsed; SALVAGE_NONE: none */
	uint32_t lists[2][SHEAF_LIST_MAX];
	char name[sizeof(FOUND) + SHEAF_ID_HEX];
	/* where names stood that are lost: the first article of each */
	struct buf origins; /* struct origin_name */
	struct table by_origin;
};

struct origin_name {
	struct record_ref ref;
	uint32_t article;
};

static void found_name(struct bench *b, uint32_t article, struct entry *e)
{
	memcpy(b->name, FOUND, sizeof(FOUND) - 1);
	sheaf_id_hex(salvage_id(b->s, article), b->name + sizeof(FOUND) - 1);
	e->name.p = b->name;
	e->name.len = sizeof(FOUND) - 1 + SHEAF_ID_HEX;
}

/* records of one lost name get one name again: that of the first's article */
static enum sheaf_status origin_article(struct bench *b, struct record_ref ref,
					uint32_t *article)
{
	const uint64_t key[2] = { ref.page, ref.slot };
	uint64_t hash = hash_64(key, sizeof(key), 0);
	struct origin_name o = { ref, *article };
	const struct origin_name *all =
		(const struct origin_name *)(void *)b->origins.p;
	struct table_at at = { 0 };
	uint32_t number;

	while (all != NULL && table_next(&b->by_origin, hash, &at, &number))
		if (all[number].ref.page == ref.page &&
		    all[number].ref.slot == ref.slot) {
			*article = all[number].article;
			return SHEAF_OK;
		}
	number = (uint32_t)(b->origins.len / sizeof(o));
	buf_bytes(&b->origins, &o, sizeof(o));
	if (b->origins.bad || !table_put(&b->by_origin, hash, number))
		return fail_nomem(b->s->err);
	return SHEAF_OK;
}

/* --- fields --- */

/* the article's own, by its name's and its bytes' looks; once an article */
static enum sheaf_status article_parse(struct bench *b, uint32_t article,
				       const struct sheaf_place *place,
				       struct sheaf_str name,
				       const char **format)
{
	struct salvage *s = b->s;
	struct block *block;
	const uint8_t *p;
	size_t len;
	uint32_t seed;
	enum sheaf_status st =
		blocks_get(s->check.readers, place->block, &block, s->err);

	if (st != SHEAF_OK)
		return st == SHEAF_CORRUPT ?
			       fail(s->err, SHEAF_IO,
				    "the file changed while it was read") :
			       st;
	st = block_article(block, place->slot, &p, &len, &seed, s->err);
	if (st == SHEAF_OK) {
		*format = sheaf_format_guess(name, p, len);
		if (b->article != article)
			st = sheaf_format_parse(
				(struct sheaf_str){ *format, strlen(*format) },
				p, len, b->parsed, s->err);
		b->article = article;
	}
	blocks_release(block);
	return st;
}

static enum sheaf_status string_set(struct bench *b, struct sheaf_str s,
				    bool *has, uint32_t *code)
{
	*has = s.len != 0 && s.len <= SHEAF_FIELD_MAX;
	return *has ? names_code(b->s->names, s, code, b->s->err) : SHEAF_OK;
}

static enum sheaf_status list_set(struct bench *b, const struct sheaf_str *list,
				  size_t n, uint32_t *to, uint32_t *count)
{
	enum sheaf_status st = SHEAF_OK;

	*count = 0;
	for (size_t i = 0; i < n && i < SHEAF_LIST_MAX && st == SHEAF_OK; i++)
		if (list[i].len != 0 && list[i].len <= SHEAF_FIELD_MAX)
			st = names_code(b->s->names, list[i], &to[(*count)++],
					b->s->err);
	return st;
}

static enum sheaf_status fields_set(struct bench *b, const char *format,
				    struct page_record *r)
{
	const struct sheaf_fields *f = sheaf_parsed_fields(b->parsed);
	struct sheaf_str name = { format, strlen(format) };
	enum sheaf_status st;
	bool has;

	st = string_set(b, name, &has, &r->format);
	if (st == SHEAF_OK)
		st = string_set(b, f->outlet, &r->has_outlet, &r->outlet);
	if (st == SHEAF_OK)
		st = string_set(b, f->lang, &r->has_lang, &r->lang);
	if (st == SHEAF_OK)
		st = list_set(b, f->categories, f->category_count, b->lists[0],
			      &r->category_count);
	if (st == SHEAF_OK)
		st = list_set(b, f->tags, f->tag_count, b->lists[1],
			      &r->tag_count);
	r->categories = b->lists[0];
	r->tags = b->lists[1];
	return st;
}

static void date_url_set(struct bench *b, struct page_record *r)
{
	const struct sheaf_fields *f = sheaf_parsed_fields(b->parsed);

	r->has_date = f->has_date;
	r->date = f->date;
	r->has_url = f->url.len != 0;
	if (r->has_url)
		r->url_key = index_key(f->url.p, f->url.len);
}

/* the new code; false: its string is lost */
static bool code_map(const struct salvage *s, uint32_t *code)
{
	if (*code >= s->code_count || s->codes[*code] == SALVAGE_NONE)
		return false;
	*code = s->codes[*code];
	return true;
}

static bool list_map(const struct salvage *s, const uint32_t *from, uint32_t n,
		     uint32_t *to)
{
	for (uint32_t i = 0; i < n; i++) {
		to[i] = from[i];
		if (!code_map(s, &to[i]))
			return false;
	}
	return true;
}

static bool codes_map(struct bench *b, struct page_record *r)
{
	const struct salvage *s = b->s;

	if (!code_map(s, &r->format) ||
	    (r->has_outlet && !code_map(s, &r->outlet)) ||
	    (r->has_lang && !code_map(s, &r->lang)) ||
	    !list_map(s, r->categories, r->category_count, b->lists[0]) ||
	    !list_map(s, r->tags, r->tag_count, b->lists[1]))
		return false;
	r->categories = b->lists[0];
	r->tags = b->lists[1];
	return true;
}

/* as the record says; what it can't say any more is read from the article */
static enum sheaf_status fields_carry(struct bench *b, struct entry *e,
				      uint32_t article, const struct page *page,
				      uint32_t slot)
{
	const struct page_record *from = &page->table.records[slot];
	const struct record_ref ref = { page->table.offset, slot };
	struct page_record *r = &e->record;
	bool mapped = codes_map(b, r);
	bool keyed = !r->has_url || page->table.has_keys ||
		     salvage_url_find(b->s, ref, &r->url_key);
	const struct sheaf_fields *f;
	const char *format;
	enum sheaf_status st;

	if (mapped && keyed)
		return SHEAF_OK;
	st = article_parse(b, article, &from->place, e->name, &format);
	if (st == SHEAF_OK && !mapped)
		st = fields_set(b, format, r);
	if (st == SHEAF_OK && !keyed) {
		f = sheaf_parsed_fields(b->parsed);
		r->has_url = f->url.len != 0;
		r->url_key = r->has_url ? index_key(f->url.p, f->url.len) : 0;
	}
	return st;
}

/* --- records --- */

static enum sheaf_status entry_put_in(struct bench *b, struct entry *e,
				      uint32_t article)
{
	struct salvage *s = b->s;
	const uint32_t *seeds = (const uint32_t *)(void *)s->check.seeds.p;
	const uint32_t *lengths = (const uint32_t *)(void *)s->check.lengths.p;

	memcpy(e->id, salvage_id(s, article), sizeof(e->id));
	e->is_new = !s->taken[s->numbers[article]];
	s->taken[s->numbers[article]] = 1;
	e->origin.is_fresh = true;
	e->origin.fresh = s->numbers[article];
	e->record.seed = seeds[article];
	e->record.size = lengths[article];
	e->record.commit = salvage_commit_of(s, e->record.commit);
	return entries_add(s->entries, e, s->err);
}

static enum sheaf_status record_take(struct bench *b, struct page *page,
				     uint32_t slot)
{
	struct salvage *s = b->s;
	struct entry e = { .record = page->table.records[slot] };
	uint32_t article = salvage_article(s, &e.record.place), first;
	struct page *held = NULL;
	struct sheaf_error why;
	enum sheaf_status st;

	if (article == SALVAGE_NONE)
		return SHEAF_OK;
	st = pages_name(s->pages, page, slot, &e.name, &held, &why);
	if (st == SHEAF_CORRUPT) {
		first = article;
		st = origin_article(b, pages_origin(page, slot), &first);
		found_name(b, first, &e);
		s->result.renamed++;
	} else if (st != SHEAF_OK && s->err != NULL) {
		*s->err = why;
	}
	if (st == SHEAF_OK)
		st = fields_carry(b, &e, article, page, slot);
	if (st == SHEAF_OK)
		st = entry_put_in(b, &e, article);
	pages_release(held);
	return st;
}

static enum sheaf_status pages_take(struct bench *b)
{
	struct salvage *s = b->s;
	const uint64_t *at = (const uint64_t *)(void *)s->check.pages.p;
	size_t n = s->check.pages.len / sizeof(*at);
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < n && st == SHEAF_OK; i++) {
		struct page *page;

		st = pages_get(s->pages, at[i], &page, s->err);
		if (st != SHEAF_OK)
			break;
		for (uint32_t k = 0; k < page->table.count && st == SHEAF_OK;
		     k++)
			st = record_take(b, page, k);
		pages_release(page);
	}
	return st;
}

/* an article that no record has: its commit is that of its block */
static enum sheaf_status
nameless_take(struct bench *b, const struct seen_block *block, uint32_t slot)
{
	struct salvage *s = b->s;
	uint32_t article = block->first_length + slot;
	const struct sheaf_place place = { block->offset, slot };
	struct entry e = { .record = { .commit = block->commit } };
	const char *format;
	enum sheaf_status st;

	found_name(b, article, &e);
	st = article_parse(b, article, &place, e.name, &format);
	if (st == SHEAF_OK)
		st = fields_set(b, format, &e.record);
	if (st != SHEAF_OK)
		return st;
	date_url_set(b, &e.record);
	e.record.mtime.sec =
		e.record.has_date ?
			e.record.date :
			s->history
				.commits[salvage_commit_of(s, block->commit) -
					 1]
				.time;
	s->result.nameless++;
	return entry_put_in(b, &e, article);
}

static enum sheaf_status nameless_all(struct bench *b)
{
	struct salvage *s = b->s;
	size_t n;
	const struct seen_block *blocks = check_blocks(&s->check, &n);
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < blocks[i].count && st == SHEAF_OK;
		     k++) {
			uint32_t number =
				s->numbers[blocks[i].first_length + k];

			if (number != SALVAGE_NONE && !s->taken[number])
				st = nameless_take(b, &blocks[i], k);
		}
	return st;
}

enum sheaf_status salvage_records(struct salvage *s)
{
	struct bench *b = calloc(1, sizeof(*b));
	enum sheaf_status st = SHEAF_OK;

	if (b == NULL)
		return fail_nomem(s->err);
	b->s = s;
	b->article = SALVAGE_NONE;
	b->parsed = sheaf_parsed_new();
	if (b->parsed == NULL)
		st = fail_nomem(s->err);
	if (st == SHEAF_OK)
		st = pages_take(b);
	if (st == SHEAF_OK)
		st = nameless_all(b);
	sheaf_parsed_free(b->parsed);
	buf_done(&b->origins);
	table_done(&b->by_origin);
	free(b);
	return st;
}
