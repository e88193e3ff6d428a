/*
 * carry_blocks.c - blocks on their way into a new file, copied or made anew
 *
 * First what is copied, in the order of the old file, then the other articles
 * through a stage.  Every article is decoded, also of a block that is copied:
 * its id stands nowhere else.
 */
#include <string.h>

#include "formats/sheaf/sync.h"
#include "pack/carry_work.h"
#include "pack/passages.h"
#include "pack/scrub.h"
#include "read/bulk.h"

/* How what can't be copied is compressed: as `add` does it, or as `compact`.
 * A slice of 172 (3,106) articles of a compacted corpus has 122 KB (2.07 MB)
 * so, 151 KB (2.64 MB) as `add` would make it. */
#define ADD_LEVEL 9
#define ADD_BLOCK ((size_t)8 << 10)
#define COMPACT_LEVEL 19
#define COMPACT_BLOCK ((size_t)64 << 10)
#define COMPACT_SHARE 3 /* of the articles in a dictionary, see compact.c */
#define COMPACT_DICT_LEAST ((size_t)64 << 10)

/* Above this level a dictionary is digested into 12 bytes for each of its own,
 * these rounded up to a power of two: it must not be more than half of memory.
 */
#define SHALLOW_LEVEL 12
#define DIGEST_COST 12
#define REVIEW_SHARE 4 /* of memory, where a batch has most */

/* How much has to lean on a dictionary of segments for it to come along, as
 * often as its packed size.  Slices of 24,262 press releases, whose dictionary
 * has 1.0 MB: where 1.2 MB of blocks could be copied, the file is 29 % larger
 * than one compressed anew, with 4.9 MB 7 %, with 8.9 MB 3 %, with 13.9 MB
 * 0.7 %; it takes half of the time. Of an erasure all should stay as it is:
 * without the dictionary revisions would be lost with their parents. */
#define SLICE_SHARE 8
#define ERASE_SHARE 1

static enum sheaf_status progress(struct carry *c, size_t len)
{
	const struct carry_options *o = c->options;

	c->bytes += len;
	if (o->on_progress != NULL &&
	    o->on_progress(c->bytes, c->total, o->arg) != 0)
		return fail(c->err, SHEAF_CANCELLED, "stopped");
	return SHEAF_OK;
}

/* the zstd frame as it was, or, of and under a dictionary that was scrubbed, as
 * it is now */
static enum sheaf_status zstd_frame_get(struct carry *c,
					const struct planned *b,
					const struct planned *parent,
					uint64_t frame, struct buf *out)
{
	size_t len = (size_t)b->packed;
	uint8_t *p;
	enum sheaf_status st;

	if (b->patches.len != 0)
		return scrub_dictionary(c->old, b, out, c->err);
	p = buf_room(out, len);
	if (p == NULL)
		return fail_nomem(c->err);
	st = view_read(&c->old->view, frame, p, len, c->err);
	if (st != SHEAF_OK)
		return st;
	buf_grew(out, len);
	if (parent != NULL)
		(void)scrub_frame(parent, p, len);
	/* seams need no look: a zstd frame begins, and a sheaf frame goes on,
	 * with what the pattern can't have there */
	if (sync_inside(p, len))
		st = fail_at(c->err, SHEAF_CORRUPT, frame,
			     "block: holds what only the start of a frame may");
	return st;
}

/* it, behind a new header */
static enum sheaf_status block_write(struct carry *c, struct planned *b,
				     struct block_head *h, uint64_t frame)
{
	const struct planned *parent = NULL;
	struct buf bytes = { 0 };
	enum sheaf_status st;

	if (h->parent != BLOCK_NO_PARENT)
		parent = plan_find(&c->plan, h->parent);
	st = zstd_frame_get(c, b, parent, frame, &bytes);
	h->commit = c->history.count + 1;
	h->first = c->articles;
	h->packed = bytes.len;
	h->parent = parent != NULL ? parent->to : BLOCK_NO_PARENT;
	if (st == SHEAF_OK)
		st = segment_block(&c->segment, h, &bytes, &b->to, c->err);
	buf_done(&bytes);
	return st;
}

static enum sheaf_status block_copy(struct carry *c, struct planned *b)
{
	struct block_head h;
	uint64_t frame;
	enum sheaf_status st =
		blocks_head(&c->old->view, b->offset, &h, &frame, c->err);

	if (st != SHEAF_OK)
		return st;
	st = block_write(c, b, &h, frame);
	c->articles += h.count;
	c->out->blocks_copied++;
	c->out->articles_copied += h.count;
	if (h.is_dictionary)
		c->dictionary = b;
	c->out->dictionaries_scrubbed += b->patches.len != 0;
	block_done(&h);
	return st;
}

/* and before it, if it is not there yet, a dictionary without articles; other
 * parents are there, since their articles came before */
static enum sheaf_status family_copy(struct carry *c, struct planned *b)
{
	struct planned *parent = NULL;
	enum sheaf_status st = SHEAF_OK;

	if (b->to != 0)
		return SHEAF_OK;
	if (b->parent != BLOCK_NO_PARENT)
		parent = plan_find(&c->plan, b->parent);
	if (parent != NULL && parent->to == 0)
		st = block_copy(c, parent);
	return st == SHEAF_OK ? block_copy(c, b) : st;
}

/* an article as it was decoded, or why it wasn't */
static enum sheaf_status article_take(struct carry *c,
				      const struct sheaf_scanned *a)
{
	struct carried *m = &carry_all(c, &(size_t){ 0 })[a->index];

	if (a->status != SHEAF_OK)
		return fail_at(c->err, a->status, m->place.block, "%s",
			       a->why != NULL ? a->why : "article: not read");
	memcpy(m->id, a->id, sizeof(m->id));
	if (m->is_copied)
		return family_copy(c, &c->plan.blocks[m->at]);
	return stage_add(c->stage, a->p, a->len, m->seed, NULL, &m->at, c->err);
}

static int on_article(const struct sheaf_scanned *a, void *arg)
{
	struct carry *c = arg;

	c->status = article_take(c, a);
	if (c->status == SHEAF_OK)
		c->status = progress(c, a->len);
	return c->status != SHEAF_OK;
}

static void no_work(struct sheaf_scanned *a, struct sheaf_place place,
		    unsigned int thread, void *arg)
{
	(void)a;
	(void)place;
	(void)thread;
	(void)arg;
}

static bool is_chosen(const struct carried *m, const void *is_copied)
{
	return m->is_copied == *(const bool *)is_copied;
}

/* those that are copied, or the others */
static enum sheaf_status articles_read(struct carry *c, bool is_copied)
{
	const struct bulk_how how = { .threads = c->threads,
				      .work = no_work,
				      .take = on_article,
				      .arg = c };
	struct carry_wants wants = { .chosen = is_chosen, .arg = &is_copied };
	enum sheaf_status st;

	wants.carried = carry_all(c, &wants.count);
	c->status = SHEAF_OK;
	st = carry_wants_read(&wants, c->old, &how, c->err);
	return c->status != SHEAF_OK ? c->status : st;
}

static size_t memory_left(const struct carry *c)
{
	size_t n;

	(void)carry_all(c, &n);
	return carry_memory_left(c->options->memory, n);
}

static struct sides sides_of(const struct carry *c)
{
	struct sides sides = { .without = c->options->without,
			       .without_count = c->options->without_count,
			       .threads = c->threads,
			       .memory = memory_left(c) };

	sides.carried = carry_all(c, &sides.count);
	return sides;
}

static enum sheaf_status review(struct buf *content, bool *changed, void *arg,
				struct sheaf_error *err)
{
	const struct carry *c = arg;
	struct sides sides = sides_of(c);

	sides.memory /= REVIEW_SHARE;
	return passages_scrub(c->old, content, changed, &sides, err);
}

/* which blocks are copied, and so which articles */
static enum sheaf_status plan_start(struct carry *c)
{
	const struct carry_options *o = c->options;
	size_t n;
	struct carried *m = carry_all(c, &n);
	struct planned *b = NULL;
	struct sides sides = sides_of(c);
	enum sheaf_status st = SHEAF_OK;

	if (!o->copies)
		return SHEAF_OK;
	st = plan_make(&c->plan, c->old, m, n, c->err);
	if (st == SHEAF_OK && o->without_count != 0)
		st = passages_bar(c->old, &c->plan, &sides, c->err);
	if (st == SHEAF_OK)
		st = scrub_check(c->old, &c->plan, c->err);
	if (st != SHEAF_OK)
		return st;
	plan_decide(&c->plan,
		    o->without_count != 0 ? ERASE_SHARE : SLICE_SHARE);
	for (size_t i = 0; i < c->plan.count; i++)
		c->out->dictionaries_barred += c->plan.blocks[i].is_barred &&
					       c->plan.blocks[i].is_dictionary;
	for (size_t i = 0; i < n; i++) {
		if (b == NULL || b->offset != m[i].place.block)
			b = plan_find(&c->plan, m[i].place.block);
		m[i].is_copied = b->is_copied;
		m[i].at = (uint32_t)(b - c->plan.blocks);
	}
	return SHEAF_OK;
}

/* is most of what is made anew from blocks that compact made: in or under a
 * dictionary of articles */
static bool is_compacted(const struct carry *c, uint64_t *anew)
{
	uint64_t compacted = 0;
	size_t n;
	const struct carried *m = carry_all(c, &n);
	const struct planned *b = NULL, *parent;

	*anew = 0;
	for (size_t i = 0; i < n; i++) {
		if (m[i].is_copied)
			continue;
		if (b == NULL || b->offset != m[i].place.block)
			b = plan_find(&c->plan, m[i].place.block);
		*anew += m[i].size;
		parent = b;
		if (b->parent != BLOCK_NO_PARENT)
			parent = plan_find(&c->plan, b->parent);
		if (parent->is_dictionary && parent->count != 0)
			compacted += m[i].size;
	}
	return compacted > *anew / 2;
}

static bool is_too_much(const struct carry *c, uint64_t dictionary)
{
	uint64_t size = 1;

	while (size < dictionary)
		size *= 2;
	return size * DIGEST_COST > c->options->memory / 2;
}

/* what is compressed anew goes on with the dictionary that was copied last */
static void dictionary_keep(const struct carry *c, struct stage_options *so)
{
	const struct planned *d = c->dictionary;

	so->article_dictionary = 0;
	so->dictionary.from = c->old;
	so->dictionary.there = d->offset;
	so->dictionary.here = d->to;
	if (d->patches.len != 0)
		so->dictionary.content = &c->scrubbed;
	if (so->level > SHALLOW_LEVEL && is_too_much(c, d->plain))
		so->level = SHALLOW_LEVEL;
}

/* where blocks were copied, what is left is compressed as they were */
static struct stage_options stage_options_of(struct carry *c)
{
	struct stage_options so = c->options->stage;
	size_t most = carry_dictionary_most(c->options->memory);
	uint64_t anew;

	so.threads = c->threads;
	so.batch = stage_batch_of(memory_left(c));
	so.commit = c->history.count + 1;
	so.first = c->articles;
	if (c->options->without_count != 0) {
		so.review = review;
		so.review_arg = c;
	}
	if (!c->options->copies)
		return so;
	so.block_size = ADD_BLOCK;
	if (is_compacted(c, &anew)) {
		so.block_size = COMPACT_BLOCK;
		so.level = so.level != 0 ? so.level : COMPACT_LEVEL;
		so.article_dictionary = (size_t)(anew / COMPACT_SHARE);
		if (so.article_dictionary > most)
			so.article_dictionary = most;
		if (so.article_dictionary < COMPACT_DICT_LEAST)
			so.article_dictionary = 0;
	}
	if (so.level == 0)
		so.level = ADD_LEVEL;
	if (c->dictionary != NULL)
		dictionary_keep(c, &so);
	return so;
}

enum sheaf_status carry_blocks(struct carry *c)
{
	struct stage_options so;
	enum sheaf_status st = plan_start(c);

	if (st == SHEAF_OK && c->options->copies)
		st = articles_read(c, true);
	if (st != SHEAF_OK)
		return st;
	if (c->dictionary != NULL && c->dictionary->patches.len != 0)
		st = scrub_content(c->old, c->dictionary, &c->scrubbed, c->err);
	if (st != SHEAF_OK)
		return st;
	so = stage_options_of(c);
	st = stage_new(&c->stage, &c->segment, &so, c->err);
	return st == SHEAF_OK ? articles_read(c, false) : st;
}
