/*
 * passages.c - text in dictionaries that only some articles had
 *
 * For an erasure.  A dictionary of segments is made of pieces of articles, so
 * it may hold a piece of one that must go.  Every run of PASSAGE bytes of the
 * dictionaries goes into a table by its rolling hash; those that an article
 * that goes has are marked, those that one that stays has are cleared again.
 * Bytes are compared, not hashes: what is cleared is certain.
 */
#include "pack/passages.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "read/bulk.h"

#define MULTIPLIER 0x9e3779b97f4a7c15u /* odd, as the hash is mod 2^64 */
#define FILTER_BITS 22 /* 512 KiB: of a million runs most others miss it */

/* what one of the plan's dictionaries has in the text */
struct part {
	struct planned *block;
	size_t from, to; /* runs begin in from .. to - 1 */
};

struct passages {
	struct sheaf_corpus *old;
	struct buf text;	/* of all dictionaries, end to end */
	struct buf parts;	/* struct part */
	uint32_t *same;		/* by run: the first that has its bytes */
	_Atomic uint8_t *marks; /* by run: is it in doubt */
	uint32_t *slots;	/* run and 1, by hash; 0: free */
	size_t mask;
	uint8_t *filter;
	uint64_t last; /* MULTIPLIER to the PASSAGE - 1 */
	struct sheaf_error *err;
};

static uint64_t hash_first(const uint8_t *p)
{
	uint64_t h = 0;

	for (size_t i = 0; i < PASSAGE; i++)
		h = h * MULTIPLIER + p[i] + 1;
	return h;
}

static uint64_t hash_next(const struct passages *s, uint64_t h,
			  const uint8_t *p)
{
	return (h - (p[0] + (uint64_t)1) * s->last) * MULTIPLIER + p[PASSAGE] +
	       1;
}

static uint64_t mixed(uint64_t h)
{
	return (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
}

static bool filter_has(const struct passages *s, uint64_t h)
{
	uint64_t bit = h >> (64 - FILTER_BITS);

	return s->filter[bit / 8] >> bit % 8 & 1;
}

/* the first run with these bytes, or SIZE_MAX and where it would be */
static size_t run_find(const struct passages *s, uint64_t h, const uint8_t *p,
		       size_t *slot)
{
	size_t at = (size_t)(h & s->mask);

	for (; s->slots[at] != 0; at = (at + 1) & s->mask) {
		size_t run = s->slots[at] - 1;

		if (memcmp(s->text.p + run, p, PASSAGE) == 0)
			return run;
	}
	*slot = at;
	return SIZE_MAX;
}

typedef void run_fn(struct passages *s, uint64_t hash, const uint8_t *p,
		    size_t run);

/* @fn for each run of these bytes, at offset run in them */
static void runs_each(struct passages *s, const uint8_t *p, size_t len,
		      run_fn *fn)
{
	uint64_t h;

	if (len < PASSAGE)
		return;
	h = hash_first(p);
	for (size_t i = 0;; i++) {
		fn(s, mixed(h), p + i, i);
		if (i + PASSAGE >= len)
			break;
		h = hash_next(s, h, p + i);
	}
}

static void run_add(struct passages *s, uint64_t hash, const uint8_t *p,
		    size_t run)
{
	uint64_t bit = hash >> (64 - FILTER_BITS);
	size_t slot, same;

	run = (size_t)(p - s->text.p);
	same = run_find(s, hash, p, &slot);
	s->same[run] = (uint32_t)(same != SIZE_MAX ? same : run);
	if (same != SIZE_MAX)
		return;
	s->slots[slot] = (uint32_t)run + 1;
	s->filter[bit / 8] |= (uint8_t)(1u << bit % 8);
}

static void run_mark(struct passages *s, uint64_t hash, const uint8_t *p,
		     size_t run)
{
	size_t slot;

	if (!filter_has(s, hash))
		return;
	run = run_find(s, hash, p, &slot);
	if (run != SIZE_MAX)
		s->marks[run] = 1;
}

static void run_clear(struct passages *s, uint64_t hash, const uint8_t *p,
		      size_t run)
{
	size_t slot;

	if (!filter_has(s, hash))
		return;
	run = run_find(s, hash, p, &slot);
	if (run != SIZE_MAX)
		atomic_store_explicit(&s->marks[run], 0, memory_order_relaxed);
}

static void slots_clear(struct passages *s)
{
	memset(s->slots, 0, (s->mask + 1) * sizeof(*s->slots));
	memset(s->filter, 0, (size_t)1 << (FILTER_BITS - 3));
}

static enum sheaf_status table_make(struct passages *s)
{
	const struct part *parts = (const struct part *)(void *)s->parts.p;
	size_t size = 1024;

	while (size < s->text.len * 2)
		size *= 2;
	s->mask = size - 1;
	s->slots = calloc(size, sizeof(*s->slots));
	s->same = calloc(s->text.len + 1, sizeof(*s->same));
	s->marks = calloc(s->text.len + 1, 1);
	s->filter = calloc(1, (size_t)1 << (FILTER_BITS - 3));
	if (s->slots == NULL || s->same == NULL || s->marks == NULL ||
	    s->filter == NULL)
		return fail_nomem(s->err);
	for (size_t i = 0; i < s->parts.len / sizeof(*parts); i++)
		runs_each(s, s->text.p + parts[i].from,
			  parts[i].to - parts[i].from + PASSAGE - 1, run_add);
	return SHEAF_OK;
}

/* from now on only what is marked is looked for; false: nothing is */
static bool doubts_only(struct passages *s)
{
	bool any = false;

	slots_clear(s);
	for (size_t run = 0; run < s->text.len; run++) {
		if (s->marks[run] == 0)
			continue;
		run_add(s, mixed(hash_first(s->text.p + run)), s->text.p + run,
			0);
		any = true;
	}
	return any;
}

static enum sheaf_status part_add(struct passages *s, struct planned *b)
{
	struct part part = { .block = b, .from = s->text.len };
	struct block *block;
	size_t len;
	enum sheaf_status st;

	st = blocks_get(s->old->blocks, b->offset, &block, s->err);
	if (st != SHEAF_OK)
		return st;
	len = (size_t)block->head.lead;
	if (len >= PASSAGE) {
		buf_bytes(&s->text, block->content, len);
		part.to = s->text.len - PASSAGE + 1;
		buf_bytes(&s->parts, &part, sizeof(part));
	}
	blocks_release(block);
	if (s->text.bad || s->parts.bad)
		return fail_nomem(s->err);
	if (s->text.len >= UINT32_MAX)
		return fail(s->err, SHEAF_LIMIT,
			    "more than 4 GiB of dictionaries");
	return SHEAF_OK;
}

/* --- articles --- */

struct reading {
	struct passages *passages;
	run_fn *fn;
};

static void article_work(struct sheaf_scanned *a, struct sheaf_place place,
			 unsigned int thread, void *arg)
{
	const struct reading *r = arg;

	(void)place;
	(void)thread;
	if (a->status == SHEAF_OK)
		runs_each(r->passages, a->p, a->len, r->fn);
}

static int article_take(const struct sheaf_scanned *a, void *arg)
{
	(void)arg;
	return a->status != SHEAF_OK;
}

static enum sheaf_status articles_read(struct passages *s, struct buf *wants,
				       run_fn *fn, unsigned int threads)
{
	struct reading r = { .passages = s, .fn = fn };
	const struct bulk_how how = { .threads = threads,
				      .work = article_work,
				      .take = article_take,
				      .arg = &r };
	struct bulk *bulk = NULL;
	enum sheaf_status st = wants->bad ? fail_nomem(s->err) : SHEAF_OK;

	if (st == SHEAF_OK)
		st = bulk_new(&bulk, s->old, &how, s->err);
	if (st == SHEAF_OK)
		st = bulk_read(bulk, (struct bulk_want *)(void *)wants->p,
			       wants->len / sizeof(struct bulk_want), s->err);
	if (st == SHEAF_CANCELLED)
		st = fail(s->err, SHEAF_CORRUPT,
			  "an article can't be decoded; see verify --deep");
	bulk_free(bulk);
	buf_done(wants);
	return st;
}

static void want_add(struct buf *wants, const struct sheaf_place *place)
{
	struct bulk_want w = { place->block, place->slot, 0 };

	buf_bytes(wants, &w, sizeof(w));
}

static void passages_done(struct passages *s)
{
	buf_done(&s->text);
	buf_done(&s->parts);
	free(s->same);
	free((void *)s->marks);
	free(s->slots);
	free(s->filter);
}

static void bar(struct passages *s)
{
	const struct part *parts = (const struct part *)(void *)s->parts.p;

	for (size_t i = 0; i < s->parts.len / sizeof(*parts); i++)
		for (size_t run = parts[i].from; run < parts[i].to; run++)
			if (s->marks[s->same[run]] != 0)
				parts[i].block->is_barred = true;
}

enum sheaf_status passages_bar(struct sheaf_corpus *old, struct plan *plan,
			       const struct carried *carried, size_t count,
			       const struct sheaf_place *without,
			       size_t without_count, unsigned int threads,
			       struct sheaf_error *err)
{
	struct passages s = { .old = old, .last = 1, .err = err };
	struct buf wants = { 0 };
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 1; i < PASSAGE; i++)
		s.last *= MULTIPLIER;
	for (size_t i = 0; st == SHEAF_OK && i < plan->count; i++)
		if (plan->blocks[i].is_dictionary &&
		    plan->blocks[i].kept == plan->blocks[i].count)
			st = part_add(&s, &plan->blocks[i]);
	if (st == SHEAF_OK && s.parts.len != 0)
		st = table_make(&s);
	if (st == SHEAF_OK && s.parts.len != 0) {
		for (size_t i = 0; i < without_count; i++)
			want_add(&wants, &without[i]);
		st = articles_read(&s, &wants, run_mark, threads);
	}
	if (st == SHEAF_OK && s.parts.len != 0 && doubts_only(&s)) {
		for (size_t i = 0; i < count; i++)
			want_add(&wants, &carried[i].place);
		st = articles_read(&s, &wants, run_clear, threads);
	}
	if (st == SHEAF_OK && s.parts.len != 0)
		bar(&s);
	passages_done(&s);
	return st;
}
