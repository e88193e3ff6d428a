/*
 * passages.c - text in dictionaries that only some articles had
 *
 * For an erasure.  A dictionary of segments is made of pieces of articles, so
 * it may hold a piece of one that must go.  Every run of PASSAGE bytes of the
 * dictionaries that an article which goes may have goes into a table by its
 * rolling hash; those that one has are marked, those that one that stays has
 * are cleared again.  Bytes are compared, not hashes: what is cleared is
 * certain.
 *
 * Memory is bounded: as many dictionaries at once as a quarter of it has room
 * for with their marks, and as many of their runs as a table of an eighth has;
 * what is more is another round over the articles.
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

/* What the articles that go may have: a bit a run, by its hash, and 16 for each
 * byte of articles of 4 KB.  Of 26.8 MB of dictionaries 50 press releases leave
 * some thousand runs to look at, which were all of them before: a table of 400
 * MB. */
#define THEIRS_BITS_MIN 22
#define THEIRS_BITS ((size_t)1 << 16) /* an article */

/* shares of memory */
#define TEXT_SHARE 8  /* as much again for the marks */
#define TABLE_SHARE 8 /* half of it is free */
#define THEIRS_SHARE 16
#define TEXT_MOST ((size_t)1 << 30) /* a run's number is a u32 */
#define SLOTS_LEAST ((size_t)1024)

/* what one of the plan's dictionaries has in the text */
struct part {
	struct planned *block;
	size_t from, to; /* runs begin in from .. to - 1 */
};

struct passages {
	struct sheaf_corpus *old;
	const struct sides *sides;
	struct buf text;	/* of some dictionaries, end to end */
	struct buf parts;	/* struct part */
	_Atomic uint8_t *marks; /* by run: is it in doubt */
	uint32_t *slots;	/* run and 1, by hash; 0: free */
	size_t mask;
	size_t taken; /* of the slots */
	uint8_t *filter;
	_Atomic uint8_t *theirs; /* of the articles that go */
	unsigned int theirs_shift;
	_Atomic bool has[256]; /* bytes of these */
	uint64_t last;	       /* MULTIPLIER to the PASSAGE - 1 */
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

typedef void run_fn(struct passages *s, uint64_t hash, const uint8_t *p);

/* @fn for each run of these bytes */
static void runs_each(struct passages *s, const uint8_t *p, size_t len,
		      run_fn *fn)
{
	uint64_t h;

	if (len < PASSAGE)
		return;
	h = hash_first(p);
	for (size_t i = 0;; i++) {
		fn(s, mixed(h), p + i);
		if (i + PASSAGE >= len)
			break;
		h = hash_next(s, h, p + i);
	}
}

/* unless its bytes are there already */
static void run_add(struct passages *s, uint64_t hash, size_t run)
{
	uint64_t bit = hash >> (64 - FILTER_BITS);
	size_t slot;

	if (run_find(s, hash, s->text.p + run, &slot) != SIZE_MAX)
		return;
	s->slots[slot] = (uint32_t)run + 1;
	s->taken++;
	s->filter[bit / 8] |= (uint8_t)(1u << bit % 8);
}

static bool theirs_has(const struct passages *s, uint64_t h)
{
	uint64_t bit = h >> s->theirs_shift;

	return atomic_load_explicit(&s->theirs[bit / 8],
				    memory_order_relaxed) >>
		       bit % 8 &
	       1;
}

static void run_note(struct passages *s, uint64_t hash, const uint8_t *p)
{
	uint64_t bit = hash >> s->theirs_shift;

	(void)p;
	atomic_fetch_or_explicit(&s->theirs[bit / 8], (uint8_t)(1u << bit % 8),
				 memory_order_relaxed);
}

static void run_mark(struct passages *s, uint64_t hash, const uint8_t *p)
{
	size_t slot, run;

	if (!filter_has(s, hash))
		return;
	run = run_find(s, hash, p, &slot);
	if (run != SIZE_MAX)
		atomic_store_explicit(&s->marks[run], 1, memory_order_relaxed);
}

static void run_clear(struct passages *s, uint64_t hash, const uint8_t *p)
{
	size_t slot, run;

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
	s->taken = 0;
}

/* --- the dictionaries --- */

typedef bool text_fn(struct passages *s, uint64_t hash, size_t run);

/* @fn for the runs of all parts from @from to before @to, until it says that it
 * had enough: returns where that was */
static size_t text_each(struct passages *s, size_t from, size_t to, text_fn *fn)
{
	const struct part *parts = (const struct part *)(void *)s->parts.p;

	for (size_t i = 0; i < s->parts.len / sizeof(*parts); i++) {
		size_t run = parts[i].from < from ? from : parts[i].from;
		size_t end = parts[i].to < to ? parts[i].to : to;
		uint64_t h;

		if (run >= end)
			continue;
		h = hash_first(s->text.p + run);
		for (;; run++) {
			if (fn(s, mixed(h), run))
				return run;
			if (run + 1 >= end)
				break;
			h = hash_next(s, h, s->text.p + run);
		}
	}
	return to;
}

static bool run_count(struct passages *s, uint64_t hash, size_t run)
{
	(void)run;
	s->taken += theirs_has(s, hash);
	return false;
}

/* into the table what may be in doubt; true: it is full */
static bool run_take(struct passages *s, uint64_t hash, size_t run)
{
	if (!theirs_has(s, hash))
		return false;
	if (s->taken > s->mask / 2)
		return true;
	run_add(s, hash, run);
	return false;
}

/* from now on only what is marked is looked for */
static bool run_keep(struct passages *s, uint64_t hash, size_t run)
{
	if (s->marks[run] != 0)
		run_add(s, hash, run);
	return false;
}

/* the same bytes are as much in doubt here as where they came first */
static bool run_settle(struct passages *s, uint64_t hash, size_t run)
{
	size_t slot, first;

	if (!filter_has(s, hash))
		return false;
	first = run_find(s, hash, s->text.p + run, &slot);
	if (first != SIZE_MAX)
		s->marks[run] = s->marks[first];
	return false;
}

/* for the candidates of the text, but no larger than it may be */
static enum sheaf_status table_make(struct passages *s)
{
	size_t most = s->sides->memory / TABLE_SHARE / sizeof(*s->slots);
	size_t size = SLOTS_LEAST;

	s->taken = 0;
	(void)text_each(s, 0, s->text.len, run_count);
	while (size < s->taken * 2 && size <= most / 2)
		size *= 2;
	s->mask = size - 1;
	s->slots = malloc(size * sizeof(*s->slots));
	s->marks = calloc(s->text.len + 1, 1);
	s->filter = malloc((size_t)1 << (FILTER_BITS - 3));
	if (s->slots == NULL || s->marks == NULL || s->filter == NULL)
		return fail_nomem(s->err);
	slots_clear(s);
	return SHEAF_OK;
}

static void group_done(struct passages *s)
{
	free(s->slots);
	free((void *)s->marks);
	free(s->filter);
	s->slots = NULL;
	s->marks = NULL;
	s->filter = NULL;
	buf_clear(&s->text);
	buf_clear(&s->parts);
}

static void passages_done(struct passages *s)
{
	group_done(s);
	free((void *)s->theirs);
	buf_done(&s->text);
	buf_done(&s->parts);
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
	return s->text.bad || s->parts.bad ? fail_nomem(s->err) : SHEAF_OK;
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
	const uint8_t *p = a->p;

	(void)place;
	(void)thread;
	if (a->status != SHEAF_OK)
		return;
	for (size_t i = 0; r->fn == run_note && i < a->len; i++)
		atomic_store_explicit(&r->passages->has[p[i]], true,
				      memory_order_relaxed);
	runs_each(r->passages, p, a->len, r->fn);
}

static int article_take(const struct sheaf_scanned *a, void *arg)
{
	(void)arg;
	return a->status != SHEAF_OK;
}

static enum sheaf_status articles_read(struct passages *s, run_fn *fn)
{
	const struct sides *sides = s->sides;
	struct reading r = { .passages = s, .fn = fn };
	const struct bulk_how how = { .threads = sides->threads,
				      .work = article_work,
				      .take = article_take,
				      .arg = &r };
	const struct carry_wants wants =
		fn == run_clear ?
			(struct carry_wants){ .carried = sides->carried,
					      .count = sides->count } :
			(struct carry_wants){ .places = sides->without,
					      .count = sides->without_count };
	enum sheaf_status st = carry_wants_read(&wants, s->old, &how, s->err);

	if (st == SHEAF_CANCELLED)
		st = fail(s->err, SHEAF_CORRUPT,
			  "an article can't be decoded; see verify --deep");
	return st;
}

/* which runs the articles that go may have */
static enum sheaf_status theirs_make(struct passages *s)
{
	size_t most = s->sides->memory / THEIRS_SHARE;
	unsigned int bits = THEIRS_BITS_MIN;

	s->last = 1;
	for (size_t i = 1; i < PASSAGE; i++)
		s->last *= MULTIPLIER;
	while ((size_t)1 << bits < s->sides->without_count * THEIRS_BITS &&
	       (size_t)1 << (bits + 1 - 3) <= most)
		bits++;
	s->theirs_shift = 64 - bits;
	s->theirs = calloc(1, (size_t)1 << (bits - 3));
	if (s->theirs == NULL)
		return fail_nomem(s->err);
	return articles_read(s, run_note);
}

/* --- what becomes of them --- */

/* a byte that no article which goes has; 256: they have all */
static unsigned int byte_find(const struct passages *s)
{
	unsigned int byte = 0;

	while (byte < 256 && atomic_load(&s->has[byte]))
		byte++;
	return byte;
}

static bool is_marked(const struct passages *s, const struct part *part,
		      size_t run)
{
	return run >= part->from && run < part->to && s->marks[run] != 0;
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
		if (!scrub_patch(b, at - part->from, (uint8_t)byte))
			return fail_nomem(s->err);
		s->text.p[at] = (uint8_t)byte;
	}
	scrub_id(b, s->text.p + part->from);
	return SHEAF_OK;
}

/* as many candidates from @from on as the table holds; *to: where they end */
static enum sheaf_status round_make(struct passages *s, size_t from, size_t *to)
{
	size_t end;
	enum sheaf_status st;

	slots_clear(s);
	*to = end = text_each(s, from, s->text.len, run_take);
	if (s->taken == 0)
		return SHEAF_OK;
	st = articles_read(s, run_mark);
	if (st != SHEAF_OK)
		return st;
	slots_clear(s);
	(void)text_each(s, from, end, run_keep);
	if (s->taken == 0)
		return SHEAF_OK;
	st = articles_read(s, run_clear);
	if (st == SHEAF_OK)
		(void)text_each(s, from, end, run_settle);
	return st;
}

/* everything between the dictionaries' text and what is left marked */
static enum sheaf_status marks_make(struct passages *s)
{
	size_t at = 0;
	enum sheaf_status st = SHEAF_OK;

	if (s->parts.len != 0)
		st = table_make(s);
	while (st == SHEAF_OK && s->parts.len != 0 && at < s->text.len)
		st = round_make(s, at, &at);
	return st;
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

/* does it have text to look at, all of it or what stands before its articles */
static bool is_looked_at(const struct planned *b)
{
	return b->is_dictionary && b->kept == b->count;
}

/* some dictionaries from number *next on: as many as there is room for, and one
 * at the least */
static enum sheaf_status group_make(struct passages *s, struct plan *plan,
				    size_t *next)
{
	size_t most = s->sides->memory / TEXT_SHARE;
	enum sheaf_status st = SHEAF_OK;

	if (most > TEXT_MOST)
		most = TEXT_MOST;
	for (; st == SHEAF_OK && *next < plan->count; ++*next) {
		struct planned *b = &plan->blocks[*next];

		if (!is_looked_at(b))
			continue;
		if (s->text.len != 0 && s->text.len + b->plain > most)
			break;
		st = part_add(s, b);
	}
	return st;
}

enum sheaf_status passages_bar(struct sheaf_corpus *old, struct plan *plan,
			       const struct sides *sides,
			       struct sheaf_error *err)
{
	struct passages s = { .old = old, .sides = sides, .err = err };
	bool any = false;
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < plan->count; i++)
		any |= is_looked_at(&plan->blocks[i]);
	if (any)
		st = theirs_make(&s);
	for (size_t next = 0; st == SHEAF_OK && any && next < plan->count;) {
		st = group_make(&s, plan, &next);
		if (st == SHEAF_OK)
			st = marks_make(&s);
		if (st == SHEAF_OK)
			st = scrub_all(&s);
		group_done(&s);
	}
	passages_done(&s);
	return st;
}

enum sheaf_status passages_scrub(struct sheaf_corpus *old, struct buf *content,
				 bool *changed, const struct sides *sides,
				 struct sheaf_error *err)
{
	struct planned block = { .plain = content->len };
	struct passages s = { .old = old, .sides = sides, .err = err };
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
		st = theirs_make(&s);
	if (st == SHEAF_OK)
		st = marks_make(&s);
	if (st == SHEAF_OK)
		st = scrub_all(&s);
	*changed =
		st == SHEAF_OK && (block.is_barred || block.patches.len != 0);
	if (*changed)
		buf_clear(content);
	if (*changed && !block.is_barred)
		buf_bytes(content, s.text.p, s.text.len);
	if (content->bad)
		st = fail_nomem(err);
	buf_done(&block.patches);
	passages_done(&s);
	return st;
}
