/*
 * check_lost.c - the last step of verify: which articles damage costs, and what
 * is still known of them
 *
 * An article is lost when no bytes of the file bring it back: its block or one
 * that it is compressed against does not decode, or their headers are gone.
 * Who it was is told by whatever is whole: a record page, a block's header, an
 * index page; in the end the footer knows how many there were.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "formats/sheaf/limits.h"
#include "read/check.h"

/* to the block that has damage of its own: a revision's parent may have a
 * dictionary; a header that lies may say more */
#define PARENTS_MAX 4

struct losing {
	struct check *c;
	struct pages *pages;
	struct buf named; /* a bit an article: a whole record has it */
	uint64_t records; /* in whole pages */
};

static int lost_compare(const void *a, const void *b)
{
	const struct lost *x = a, *y = b;
	int order = place_compare(&x->place, &y->place);

	/* what is known comes first, and is kept */
	if (order == 0)
		order = (x->key > y->key) - (x->key < y->key);
	return order;
}

const struct lost *check_lost_at(const struct check *c,
				 const struct sheaf_place *place)
{
	const struct lost *l = (const struct lost *)(void *)c->lost.p;
	size_t low = 0, n = c->lost.len / sizeof(*l), high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (place_compare(&l[middle].place, place) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && place_compare(&l[low].place, place) == 0 ? &l[low] :
								     NULL;
}

/* where the article is, or NULL: lost */
static const struct seen_block *whole_at(const struct check *c,
					 const struct sheaf_place *place)
{
	const struct seen_block *b = check_block(c, place->block);

	return b != NULL && !b->bad && place->slot < b->count ? b : NULL;
}

static void lost_add(struct check *c, uint64_t block, uint32_t slot,
		     uint64_t key, bool has_record)
{
	const struct lost l = { { block, slot }, key, has_record };

	buf_bytes(&c->lost, &l, sizeof(l));
}

/* all whole pages; fn's status ends it */
typedef enum sheaf_status record_fn(struct losing *l, struct page *page,
				    uint32_t slot);
static enum sheaf_status records_each(struct losing *l, record_fn *fn)
{
	const uint64_t *offsets = (const uint64_t *)(void *)l->c->pages.p;
	size_t n = l->c->pages.len / sizeof(*offsets);
	struct sheaf_error why;
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < n && st == SHEAF_OK; i++) {
		struct page *page;

		st = pages_get(l->pages, offsets[i], &page, &why);
		if (st == SHEAF_CORRUPT) {
			st = SHEAF_OK;
			continue;
		}
		if (st != SHEAF_OK) {
			if (l->c->err != NULL)
				*l->c->err = why;
			return st;
		}
		for (uint32_t k = 0; k < page->table.count && st == SHEAF_OK;
		     k++)
			st = fn(l, page, k);
		pages_release(page);
	}
	return st;
}

static enum sheaf_status record_see(struct losing *l, struct page *page,
				    uint32_t slot)
{
	const struct page_record *r = &page->table.records[slot];
	const struct seen_block *b = whole_at(l->c, &r->place);
	struct sheaf_verify_result *out = l->c->result;

	l->records++;
	if (b != NULL) {
		uint32_t number = b->first_length + r->place.slot;

		l->named.p[number / 8] |= (uint8_t)(1u << number % 8);
		return SHEAF_OK;
	}
	out->lost_records++;
	lost_add(l->c, r->place.block, r->place.slot,
		 page->table.has_keys ? r->id_prefix : LOST_NO_KEY, true);
	return l->c->lost.bad ? fail_nomem(l->c->err) : SHEAF_OK;
}

/* an index knows the article: lost, or under its id */
static int entry_see(const struct index_entry *e, void *arg)
{
	struct check *c = arg;
	const struct sheaf_place place = { e->offset, e->slot };
	const struct seen_block *b = whole_at(c, &place);
	const uint8_t *id;

	if (b == NULL) {
		lost_add(c, e->offset, e->slot, e->key, false);
		return c->lost.bad;
	}
	if (!c->options->deep)
		return 0;
	id = c->ids.p + (size_t)(b->first_length + e->slot) * SHEAF_ID_SIZE;
	if (index_key_of_id(id) != e->key)
		check_damage(
			c, b->offset, b->end - b->offset, 1,
			"block: article %lu has another id than the index says",
			(unsigned long)e->slot);
	return 0;
}

static void headers_see(struct check *c)
{
	size_t n;
	const struct seen_block *b = check_blocks(c, &n);

	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; b[i].bad && k < b[i].count; k++)
			lost_add(c, b[i].offset, k, LOST_NO_KEY, false);
}

/* each once, with all that is known of it */
static void lost_merge(struct check *c)
{
	struct lost *l = (struct lost *)(void *)c->lost.p;
	size_t n = c->lost.len / sizeof(*l), kept = 0;

	if (n != 0)
		qsort(l, n, sizeof(*l), lost_compare);
	for (size_t i = 0; i < n; i++) {
		if (kept != 0 &&
		    place_compare(&l[kept - 1].place, &l[i].place) == 0)
			l[kept - 1].has_record |= l[i].has_record;
		else
			l[kept++] = l[i];
	}
	c->lost.len = kept * sizeof(*l);
}

/* the damage that a lost article is lost by */
static struct found *cause_of(const struct check *c, uint64_t offset)
{
	for (int i = 0; i < PARENTS_MAX; i++) {
		const struct seen_block *b = check_block(c, offset);

		if (b == NULL || b->own_bad || b->parent == BLOCK_NO_PARENT)
			break;
		offset = b->parent;
	}
	return check_report_at(c, offset);
}

static void causes_count(struct check *c)
{
	const struct lost *l = (const struct lost *)(void *)c->lost.p;
	size_t n = c->lost.len / sizeof(*l);

	for (size_t i = 0; i < n; i++) {
		struct found *f = cause_of(c, l[i].place.block);

		if (f != NULL)
			f->articles++;
	}
}

/* how many articles there must be: the newest footer says it, else the headers
 * that are whole, commit by commit */
static uint64_t articles_expected(const struct check *c)
{
	size_t n;
	const struct seen_block *b = check_blocks(c, &n);
	uint64_t all = 0, most = 0;

	if (c->has_newest && c->view.end < c->size)
		return c->newest->articles;
	for (size_t i = 0; i < n; i++) {
		if (i != 0 && b[i].commit != b[i - 1].commit) {
			all += most;
			most = 0;
		}
		if (b[i].first < FILE_MAX && b[i].first + b[i].count > most)
			most = b[i].first + b[i].count;
	}
	all += most;
	return c->has_newest && c->newest->articles > all ?
		       c->newest->articles :
		       all;
}

static void counts_set(struct losing *l)
{
	struct check *c = l->c;
	struct sheaf_verify_result *out = c->result;
	uint64_t known = c->lost.len / sizeof(struct lost), whole = 0, expected;
	size_t n;
	const struct seen_block *b = check_blocks(c, &n);

	for (size_t i = 0; i < n; i++) {
		for (uint32_t k = 0; !b[i].bad && k < b[i].count; k++) {
			uint32_t number = b[i].first_length + k;

			out->nameless +=
				!(l->named.p[number / 8] >> number % 8 & 1);
		}
		whole += b[i].bad ? 0 : b[i].count;
	}
	if (out->records == 0) /* the tables were not gone through */
		out->records = l->records;
	expected = articles_expected(c);
	if (expected > known + whole)
		out->lost_unknown = expected - known - whole;
	out->lost_articles = known + out->lost_unknown;
	if (c->has_newest && c->newest->records > l->records)
		out->lost_names = c->newest->records - l->records;
}

enum sheaf_status check_lost(struct check *c, struct pages *pages)
{
	size_t len = c->lengths.len / sizeof(uint32_t) / 8 + 1;
	struct losing l = { .c = c, .pages = pages };
	enum sheaf_status st = SHEAF_OK;

	if (buf_room(&l.named, len) == NULL)
		return fail_nomem(c->err);
	memset(l.named.p, 0, len);
	headers_see(c);
	st = records_each(&l, record_see);
	if (st == SHEAF_OK)
		st = check_index_walk(c, INDEX_IDS, entry_see, c);
	if (c->lost.bad)
		st = fail_nomem(c->err);
	if (st == SHEAF_OK) {
		lost_merge(c);
		st = check_report_sort(c); /* an id may be wrong */
	}
	if (st == SHEAF_OK) {
		causes_count(c);
		counts_set(&l);
	}
	buf_done(&l.named);
	return st;
}

/* --- to the caller --- */

static enum sheaf_status record_tell(struct losing *l, struct page *page,
				     uint32_t slot)
{
	const struct page_record *r = &page->table.records[slot];
	const struct lost *lost = check_lost_at(l->c, &r->place);
	struct sheaf_record out = { .mtime = r->mtime,
				    .size = r->size,
				    .commit = r->commit,
				    .place = r->place };
	struct page *held = NULL;
	enum sheaf_status st;

	if (lost == NULL)
		return SHEAF_OK;
	st = pages_name(l->pages, page, slot, &out.name, &held, NULL);
	if (st != SHEAF_OK && st != SHEAF_CORRUPT)
		return st == SHEAF_NOMEM ? fail_nomem(l->c->err) :
					   fail(l->c->err, st,
						"a record page can't be read");
	out.id_prefix = lost->key;
	l->c->options->on_damage(NULL, &out, l->c->options->arg);
	pages_release(held);
	return SHEAF_OK;
}

static void nameless_tell(struct check *c, const struct lost *l)
{
	const uint32_t *lengths = (const uint32_t *)(void *)c->lengths.p;
	const struct seen_block *b = check_block(c, l->place.block);
	struct sheaf_record out = { .size = UINT64_MAX,
				    .place = l->place,
				    .id_prefix = l->key };

	if (b != NULL && l->place.slot < b->count) {
		out.size = lengths[b->first_length + l->place.slot];
		out.commit = b->commit;
	}
	c->options->on_damage(NULL, &out, c->options->arg);
}

enum sheaf_status check_lost_tell(struct check *c, struct pages *pages)
{
	const struct lost *lost = (const struct lost *)(void *)c->lost.p;
	size_t n = c->lost.len / sizeof(*lost);
	struct losing l = { .c = c, .pages = pages };
	enum sheaf_status st;

	if (c->options->on_damage == NULL || n == 0)
		return SHEAF_OK;
	st = records_each(&l, record_tell);
	for (size_t i = 0; i < n && st == SHEAF_OK; i++)
		if (!lost[i].has_record)
			nameless_tell(c, &lost[i]);
	return st;
}
