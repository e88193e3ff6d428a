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
#include "read/bulk.h"

/* How what can't be copied is compressed: as `add` does it, or as `compact`.
 * TODO figures */
#define ADD_LEVEL 9
#define ADD_BLOCK ((size_t)8 << 10)
#define COMPACT_LEVEL 19
#define COMPACT_BLOCK ((size_t)64 << 10)
#define COMPACT_SHARE 3 /* of the articles in a dictionary, see compact.c */
#define COMPACT_DICT_LEAST ((size_t)64 << 10)
#define COMPACT_DICT_MOST ((size_t)32 << 20)
#define MEMORY ((size_t)1 << 30) /* for a batch of articles, as in add */

static enum sheaf_status progress(struct carry *c, size_t len)
{
	const struct carry_options *o = c->options;

	c->bytes += len;
	if (o->on_progress != NULL &&
	    o->on_progress(c->bytes, c->total, o->arg) != 0)
		return fail(c->err, SHEAF_CANCELLED, "stopped");
	return SHEAF_OK;
}

/* the zstd frame as it is, behind a new header */
static enum sheaf_status block_write(struct carry *c, struct planned *b,
				     struct block_head *h, uint64_t frame)
{
	const struct planned *parent = NULL;
	struct buf head = { 0 }, bytes = { 0 };
	size_t len = (size_t)h->packed;
	uint8_t *p = buf_room(&bytes, len);
	enum sheaf_status st;

	if (h->parent != BLOCK_NO_PARENT)
		parent = plan_find(&c->plan, h->parent);
	h->commit = c->history.count + 1;
	h->first = c->articles;
	h->parent = parent != NULL ? parent->to : BLOCK_NO_PARENT;
	b->to = c->segment.at;
	block_put(&head, h, b->to);
	st = p != NULL ? view_read(&c->old->view, frame, p, len, c->err) :
			 fail_nomem(c->err);
	/* seams need no look: a zstd frame begins, and a sheaf frame goes on,
	 * with what the pattern can't have there */
	if (st == SHEAF_OK && sync_inside(p, len))
		st = fail_at(c->err, SHEAF_CORRUPT, frame,
			     "block: holds what only the start of a frame may");
	if (st == SHEAF_OK)
		st = segment_frame(&c->segment, &head, c->err);
	if (st == SHEAF_OK)
		st = segment_bytes(&c->segment, p, len, c->err);
	buf_done(&head);
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

/* those that are copied, or the others */
static enum sheaf_status articles_read(struct carry *c, bool is_copied)
{
	const struct bulk_how how = { .threads = c->threads,
				      .work = no_work,
				      .take = on_article,
				      .arg = c };
	struct buf wants = { 0 };
	struct bulk *bulk = NULL;
	size_t n;
	const struct carried *m = carry_all(c, &n);
	enum sheaf_status st;

	for (size_t i = 0; i < n; i++) {
		struct bulk_want w = { m[i].place.block, m[i].place.slot,
				       (uint32_t)i };

		if (m[i].is_copied == is_copied)
			buf_bytes(&wants, &w, sizeof(w));
	}
	st = wants.bad ? fail_nomem(c->err) :
			 bulk_new(&bulk, c->old, &how, c->err);
	c->status = SHEAF_OK;
	if (st == SHEAF_OK)
		st = bulk_read(bulk, (struct bulk_want *)(void *)wants.p,
			       wants.len / sizeof(struct bulk_want), c->err);
	if (c->status != SHEAF_OK)
		st = c->status;
	bulk_free(bulk);
	buf_done(&wants);
	return st;
}

/* which blocks are copied, and so which articles */
static enum sheaf_status plan_start(struct carry *c)
{
	const struct carry_options *o = c->options;
	size_t n;
	struct carried *m = carry_all(c, &n);
	struct planned *b = NULL;
	enum sheaf_status st = SHEAF_OK;

	if (!o->copies)
		return SHEAF_OK;
	st = plan_make(&c->plan, c->old, m, n, c->err);
	if (st == SHEAF_OK && o->without_count != 0)
		st = passages_bar(c->old, &c->plan, m, n, o->without,
				  o->without_count, c->threads, c->err);
	if (st != SHEAF_OK)
		return st;
	plan_decide(&c->plan);
	for (size_t i = 0; i < c->plan.count; i++)
		c->out->dictionaries_barred += c->plan.blocks[i].is_barred;
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

/* where blocks were copied, what is left is compressed as they were */
static struct stage_options stage_options_of(const struct carry *c)
{
	struct stage_options so = c->options->stage;
	uint64_t anew;

	so.threads = c->threads;
	so.batch = stage_batch_of(MEMORY);
	so.commit = c->history.count + 1;
	so.first = c->articles;
	if (!c->options->copies)
		return so;
	so.block_size = ADD_BLOCK;
	if (is_compacted(c, &anew)) {
		so.block_size = COMPACT_BLOCK;
		so.level = so.level != 0 ? so.level : COMPACT_LEVEL;
		so.article_dictionary = (size_t)(anew / COMPACT_SHARE);
		if (so.article_dictionary > COMPACT_DICT_MOST)
			so.article_dictionary = COMPACT_DICT_MOST;
		if (so.article_dictionary < COMPACT_DICT_LEAST)
			so.article_dictionary = 0;
	}
	if (so.level == 0)
		so.level = ADD_LEVEL;
	if (c->dictionary != NULL) {
		so.article_dictionary = 0;
		so.dictionary.from = c->old;
		so.dictionary.there = c->dictionary->offset;
		so.dictionary.here = c->dictionary->to;
	}
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
	so = stage_options_of(c);
	st = stage_new(&c->stage, &c->segment, &so, c->err);
	return st == SHEAF_OK ? articles_read(c, false) : st;
}
