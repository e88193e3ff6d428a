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

#include "pack/scrub.h"
#include "read/bulk.h"

#define MULTIPLIER 0x9e3779b97f4a7c15u /* odd, as the hash is mod 2^64 */
#define DICT_HEAD 8		       /* magic and id of a zstd dictionary */
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
	bool has[256]; /* bytes of the articles that go */
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

/* the first run with these bytes, or SIZE_MAX; where it is or would be */
static size_t run_find(const struct passages *s, uint64_t h, const uint8_t *p,
		       size_t *slot)
{
	size_t at = (size_t)(h & s->mask), found = SIZE_MAX;

	for (; s->slots[at] != 0; at = (at + 1) & s->mask) {
		size_t run = s->slots[at] - 1;

		if (memcmp(s->text.p + run, p, PASSAGE) == 0) {
			found = run;
			break;
		}
	}
	*slot = at;
	return found;
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
	const struct reading *r = arg;

	for (size_t i = 0; r->fn == run_mark && i < a->len; i++)
		r->passages->has[((const uint8_t *)a->p)[i]] = true;
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

/* a byte that no article which goes has; 256: they have all */
static unsigned int byte_find(const struct passages *s)
{
	unsigned int byte = 0;

	while (byte < 256 && s->has[byte])
		byte++;
	return byte;
}

static bool is_marked(const struct passages *s, const struct part *part,
		      size_t run)
{
	return run >= part->from && run < part->to &&
	       s->marks[s->same[run]] != 0;
}

/* Which byte to change, in the marked run and as many behind it as can be: the
 * first that is in no run before these, or the last that is in none behind
 * them, since articles that stay have those. */
static size_t byte_place(const struct passages *s, const struct part *part,
			 size_t run)
{
	size_t end = run;

	if (run == part->from || !is_marked(s, part, run - 1))
		return run + PASSAGE - 1;
	while (end < run + PASSAGE - 1 && is_marked(s, part, end + 1))
		end++;
	return end;
}

/*
 * One byte in each marked run becomes one that no article which goes has, so
 * none of theirs is left and no new one can be.  As few as can be: what stays
 * may use the bytes about.
 */
static enum sheaf_status part_scrub(struct passages *s, const struct part *part)
{
	struct planned *b = part->block;
	unsigned int byte = byte_find(s);
	size_t next = part->from; /* runs before it are done */

	for (size_t run = part->from; run < part->to; run++) {
		size_t at;

		if (run < next || !is_marked(s, part, run))
			continue;
		at = byte_place(s, part, run);
		next = at + 1;
		if (b->count != 0 || byte == 256 ||
		    at - part->from < DICT_HEAD) {
			b->is_barred = true;
			return SHEAF_OK;
		}
		if (b->scrubbed.len == 0)
			buf_bytes(&b->scrubbed, s->text.p + part->from,
				  (size_t)b->plain);
		if (b->scrubbed.bad)
			return fail_nomem(s->err);
		b->scrubbed.p[at - part->from] = (uint8_t)byte;
	}
	scrub_id(b);
	return SHEAF_OK;
}

/* everything between the dictionaries' text and what is left marked */
static enum sheaf_status marks_make(struct passages *s,
				    const struct sides *sides)
{
	struct buf wants = { 0 };
	enum sheaf_status st = SHEAF_OK;

	if (s->parts.len == 0)
		return SHEAF_OK;
	for (size_t i = 1; i < PASSAGE; i++)
		s->last *= MULTIPLIER;
	st = table_make(s);
	if (st != SHEAF_OK)
		return st;
	for (size_t i = 0; i < sides->without_count; i++)
		want_add(&wants, &sides->without[i]);
	st = articles_read(s, &wants, run_mark, sides->threads);
	if (st != SHEAF_OK || !doubts_only(s))
		return st;
	for (size_t i = 0; i < sides->count; i++)
		want_add(&wants, &sides->carried[i].place);
	return articles_read(s, &wants, run_clear, sides->threads);
}

static enum sheaf_status scrub_all(struct passages *s)
{
	const struct part *parts = (const struct part *)(void *)s->parts.p;
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; st == SHEAF_OK && i < s->parts.len / sizeof(*parts);
	     i++)
		st = part_scrub(s, &parts[i]);
	return st;
}

enum sheaf_status passages_bar(struct sheaf_corpus *old, struct plan *plan,
			       const struct sides *sides,
			       struct sheaf_error *err)
{
	struct passages s = { .old = old, .last = 1, .err = err };
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; st == SHEAF_OK && i < plan->count; i++)
		if (plan->blocks[i].is_dictionary &&
		    plan->blocks[i].kept == plan->blocks[i].count)
			st = part_add(&s, &plan->blocks[i]);
	if (st == SHEAF_OK)
		st = marks_make(&s, sides);
	if (st == SHEAF_OK)
		st = scrub_all(&s);
	passages_done(&s);
	return st;
}

enum sheaf_status passages_scrub(struct sheaf_corpus *old, struct buf *content,
				 bool *changed, const struct sides *sides,
				 struct sheaf_error *err)
{
	struct planned block = { .plain = content->len };
	struct passages s = { .old = old, .last = 1, .err = err };
	struct part part = { .block = &block };
	enum sheaf_status st = SHEAF_OK;

	*changed = false;
	if (content->len < PASSAGE)
		return SHEAF_OK;
	part.to = content->len - PASSAGE + 1;
	buf_bytes(&s.text, content->p, content->len);
	buf_bytes(&s.parts, &part, sizeof(part));
	if (s.text.bad || s.parts.bad)
		st = fail_nomem(err);
	if (st == SHEAF_OK)
		st = marks_make(&s, sides);
	if (st == SHEAF_OK)
		st = scrub_all(&s);
	*changed =
		st == SHEAF_OK && (block.is_barred || block.scrubbed.len != 0);
	if (*changed)
		buf_clear(content);
	if (*changed && !block.is_barred)
		buf_bytes(content, block.scrubbed.p, block.scrubbed.len);
	if (content->bad)
		st = fail_nomem(err);
	buf_done(&block.scrubbed);
	passages_done(&s);
	return st;
}
