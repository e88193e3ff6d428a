/*
 * blocks.c - decoded blocks: header, parents, content
 *
 * A read decodes the block that is asked for, at most one parent block, and a
 * dictionary, which then stays. What was decoded lately is kept: neighbours in
 * a listing and the parents of revisions are often wanted again.
 */
#include "read/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "codec/zdec.h"
#include "formats/sheaf/limits.h"

/* Dictionaries are kept apart, so that a scan does not throw them out. Each
 * budget is what an open handle may hold; one object of up to BLOCK_MAX is
 * always kept. */
#define CONTENT_BUDGET ((size_t)8 << 20)
#define DICT_BUDGET ((size_t)192 << 20)
/* a header and its articles' lengths: 10 bytes a number at the very most */
#define HEAD_MAX ((uint64_t)ARTICLES_MAX * 20 + 256)

/* A block goes to the cache when it is asked for twice within about so many
 * others: random reads of a large corpus then throw nothing out and allocate
 * nothing. */
#define LATELY 1024 /* a power of two */

/* larger ones are not decoded into what a thread keeps */
#define PART_MAX ((uint64_t)1 << 20)

struct blocks {
	const struct view *view;
	struct cache *contents, *dicts;
	_Atomic uint64_t lately[LATELY]; /* offsets, by their hash */
	struct blocks_work work;
};

/* what a read needs on the way, one set a thread at work */
struct bench {
	struct zdec *zdec;
	struct buf in;
	struct buf out; /* the start of a block that is not kept */
};

static void bench_free(struct bench *w)
{
	if (w == NULL)
		return;
	zdec_free(w->zdec);
	buf_done(&w->in);
	buf_done(&w->out);
	free(w);
}

static struct bench *bench_get(struct blocks *b)
{
	struct bench *w = cache_idle_pop(b->contents);

	if (w != NULL)
		return w;
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return NULL;
	w->zdec = zdec_new();
	if (w->zdec == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

static void bench_put(struct blocks *b, struct bench *w)
{
	if (!cache_idle_push(b->contents, w))
		bench_free(w);
}

enum sheaf_status blocks_new(struct blocks **out, const struct view *view,
			     struct sheaf_error *err)
{
	struct blocks *b = calloc(1, sizeof(*b));

	*out = NULL;
	if (b == NULL)
		return fail_nomem(err);
	b->view = view;
	b->contents = cache_new(CONTENT_BUDGET);
	b->dicts = cache_new(DICT_BUDGET);
	if (b->contents == NULL || b->dicts == NULL) {
		blocks_free(b);
		return fail_nomem(err);
	}
	*out = b;
	return SHEAF_OK;
}

void blocks_free(struct blocks *b)
{
	struct bench *w;

	if (b == NULL)
		return;
	while (b->contents != NULL && (w = cache_idle_pop(b->contents)) != NULL)
		bench_free(w);
	cache_free(b->contents);
	cache_free(b->dicts);
	free(b);
}

static void block_free(struct cached *obj)
{
	struct block *block = (struct block *)obj;

	zdec_dict_free(block->dict);
	block_done(&block->head);
	free(block->content);
	free(block->starts);
	free(block);
}

void blocks_release(struct block *block)
{
	if (block != NULL)
		cache_release(&block->cached);
}

static enum sheaf_status head_read(const struct view *view, uint64_t offset,
				   struct buf *in, struct block_head *out,
				   uint64_t *frame, struct sheaf_error *err)
{
	enum sheaf_status st;

	st = view_frame(view, offset, FRAME_BLOCK, HEAD_MAX, in, err);
	if (st == SHEAF_OK)
		st = block_get(in->p, in->len, offset, out, err);
	if (st != SHEAF_OK)
		return st;
	*frame = offset + in->len;
	if (out->packed > view->end - *frame) {
		block_done(out);
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "block: goes beyond the end");
	}
	return SHEAF_OK;
}

enum sheaf_status blocks_head(const struct view *view, uint64_t offset,
			      struct block_head *out, uint64_t *frame,
			      struct sheaf_error *err)
{
	struct buf in = { 0 };
	enum sheaf_status st = head_read(view, offset, &in, out, frame, err);

	buf_done(&in);
	return st;
}

/* room for the content and the articles' starts, from the checked header */
static enum sheaf_status block_shape(struct block *block,
				     struct sheaf_error *err)
{
	const struct block_head *h = &block->head;
	uint64_t at = h->lead;

	block->content = malloc(h->plain != 0 ? (size_t)h->plain : 1);
	block->starts =
		calloc(h->count != 0 ? h->count : 1, sizeof(*block->starts));
	if (block->content == NULL || block->starts == NULL)
		return fail_nomem(err);
	for (uint32_t i = 0; i < h->count; i++) {
		block->starts[i] = (uint32_t)at;
		at += h->lengths[i];
	}
	block->cached.bytes =
		sizeof(*block) + (size_t)h->plain + (size_t)h->count * 8;
	return SHEAF_OK;
}

static enum sheaf_status block_read(struct blocks *b, struct bench *w,
				    uint64_t offset, int depth,
				    struct block **out,
				    struct sheaf_error *err);

/* the block's parent, held against [S-14] */
static enum sheaf_status parent_read(struct blocks *b, struct bench *w,
				     const struct block *child, int depth,
				     struct block **out,
				     struct sheaf_error *err)
{
	uint64_t offset = child->cached.key;
	enum sheaf_status st;

	if (child->head.is_dictionary || depth >= 2)
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "block: has a parent and must not");
	st = block_read(b, w, child->head.parent, depth + 1, out, err);
	if (st != SHEAF_OK)
		return st;
	if (!(*out)->head.is_dictionary &&
	    (depth != 0 || (*out)->is_revision)) {
		blocks_release(*out);
		*out = NULL;
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "block: a revision of a revision");
	}
	return SHEAF_OK;
}

/* the block's frame into w->in, and what it was compressed against; *parent is
 * for the caller to release */
static enum sheaf_status frame_read(struct blocks *b, struct bench *w,
				    struct block *block, uint64_t frame,
				    int depth, struct zdec_how *how,
				    struct block **parent,
				    struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;
	uint8_t *in;

	*parent = NULL;
	if (block->head.parent != BLOCK_NO_PARENT) {
		st = parent_read(b, w, block, depth, parent, err);
		if (st != SHEAF_OK)
			return st;
		how->dict = (*parent)->dict;
		if ((*parent)->dict == NULL) {
			block->is_revision = true;
			how->prefix = (*parent)->content;
			how->prefix_len = (size_t)(*parent)->head.plain;
		}
	}
	buf_clear(&w->in);
	in = buf_room(&w->in, (size_t)block->head.packed);
	if (in == NULL)
		return fail_nomem(err);
	return view_read(b->view, frame, in, (size_t)block->head.packed, err);
}

static void work_add(struct blocks *b, _Atomic uint64_t *kind, uint64_t packed,
		     uint64_t plain)
{
	atomic_fetch_add_explicit(kind, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&b->work.packed, packed,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&b->work.plain, plain, memory_order_relaxed);
}

static enum sheaf_status block_decode(struct blocks *b, struct bench *w,
				      struct block *block, uint64_t frame,
				      int depth, struct sheaf_error *err)
{
	const struct block_head *h = &block->head;
	struct zdec_how how = { 0 };
	struct block *parent;
	enum sheaf_status st =
		frame_read(b, w, block, frame, depth, &how, &parent, err);

	if (st == SHEAF_OK)
		st = zdec_frame(w->zdec, &how, w->in.p, (size_t)h->packed,
				block->content, (size_t)h->plain, err);
	if (st == SHEAF_OK)
		work_add(b, &b->work.whole, h->packed, h->plain);
	if (st == SHEAF_CORRUPT && err != NULL)
		err->offset = frame;
	blocks_release(parent);
	return st;
}

static enum sheaf_status block_read(struct blocks *b, struct bench *w,
				    uint64_t offset, int depth,
				    struct block **out, struct sheaf_error *err)
{
	struct cached *obj = cache_get(b->contents, offset);
	struct block *block;
	enum sheaf_status st;
	uint64_t frame;

	if (obj == NULL)
		obj = cache_get(b->dicts, offset);
	if (obj != NULL) {
		*out = (struct block *)obj;
		return SHEAF_OK;
	}
	block = calloc(1, sizeof(*block));
	if (block == NULL)
		return fail_nomem(err);
	block->cached.key = offset;
	block->cached.free = block_free;
	st = head_read(b->view, offset, &w->in, &block->head, &frame, err);
	if (st == SHEAF_OK)
		st = block_shape(block, err);
	if (st == SHEAF_OK)
		st = block_decode(b, w, block, frame, depth, err);
	if (st == SHEAF_OK && block->head.is_dictionary)
		st = zdec_dict_new(&block->dict, block->content,
				   (size_t)block->head.plain, err);
	if (st != SHEAF_OK) {
		block_free(&block->cached);
		return st;
	}
	block->end = frame + block->head.packed;
	*out = (struct block *)cache_add(
		block->head.is_dictionary ? b->dicts : b->contents,
		&block->cached);
	return SHEAF_OK;
}

enum sheaf_status blocks_get(struct blocks *b, uint64_t offset,
			     struct block **out, struct sheaf_error *err)
{
	struct cached *obj = cache_get(b->contents, offset);
	struct bench *w;
	enum sheaf_status st;

	*out = (struct block *)obj;
	if (obj != NULL)
		return SHEAF_OK;
	w = bench_get(b);
	if (w == NULL)
		return fail_nomem(err);
	st = block_read(b, w, offset, 0, out, err);
	bench_put(b, w);
	return st;
}

struct block *blocks_cached(struct blocks *b, uint64_t offset)
{
	struct cached *obj = cache_get(b->dicts, offset);

	if (obj == NULL)
		obj = cache_get(b->contents, offset);
	return (struct block *)obj;
}

enum sheaf_status blocks_decode(struct blocks *b, struct block *block,
				uint64_t frame, struct sheaf_error *err)
{
	struct bench *w = bench_get(b);
	enum sheaf_status st;

	if (w == NULL)
		return fail_nomem(err);
	st = block_decode(b, w, block, frame, 0, err);
	bench_put(b, w);
	return st;
}

static enum sheaf_status slot_check(const struct block *block, uint32_t slot,
				    struct sheaf_error *err)
{
	if (slot < block->head.count)
		return SHEAF_OK;
	return fail_at(err, SHEAF_CORRUPT, block->cached.key,
		       "block: holds %lu articles, not article %lu",
		       (unsigned long)block->head.count, (unsigned long)slot);
}

static uint32_t seed_of(const struct block_head *h, uint32_t slot)
{
	return h->seeds != NULL ? h->seeds[slot] : 0;
}

enum sheaf_status block_article(const struct block *block, uint32_t slot,
				const uint8_t **p, size_t *len, uint32_t *seed,
				struct sheaf_error *err)
{
	enum sheaf_status st = slot_check(block, slot, err);

	if (st != SHEAF_OK)
		return st;
	*p = block->content + block->starts[slot];
	*len = block->head.lengths[slot];
	*seed = seed_of(&block->head, slot);
	return SHEAF_OK;
}

/* was the block asked for a little while ago; from now on it was */
static bool was_lately(struct blocks *b, uint64_t offset)
{
	_Atomic uint64_t *slot =
		&b->lately[(offset * 0x9e3779b97f4a7c15u) >> 54 & (LATELY - 1)];

	if (atomic_load_explicit(slot, memory_order_relaxed) == offset)
		return true;
	atomic_store_explicit(slot, offset, memory_order_relaxed);
	return false;
}

/* decode the block into w->out up to the end of the article in @slot; @block is
 * on the stack and owns its header only */
static enum sheaf_status block_start(struct blocks *b, struct bench *w,
				     struct block *block, uint64_t frame,
				     uint32_t slot, struct held *out,
				     struct sheaf_error *err)
{
	const struct block_head *h = &block->head;
	struct zdec_how how = { 0 };
	struct block *parent = NULL;
	uint64_t from = h->lead;
	size_t packed = 0;
	enum sheaf_status st = slot_check(block, slot, err);
	uint8_t *dst;

	if (st != SHEAF_OK)
		return st;
	for (uint32_t i = 0; i < slot; i++)
		from += h->lengths[i];
	st = frame_read(b, w, block, frame, 0, &how, &parent, err);
	buf_clear(&w->out);
	dst = buf_room(&w->out, h->plain != 0 ? (size_t)h->plain : 1);
	if (st == SHEAF_OK && dst == NULL)
		st = fail_nomem(err);
	if (st == SHEAF_OK)
		st = zdec_start(w->zdec, &how, w->in.p, (size_t)h->packed, dst,
				(size_t)h->plain,
				(size_t)from + h->lengths[slot], &packed, err);
	if (st == SHEAF_CORRUPT && err != NULL)
		err->offset = frame;
	blocks_release(parent);
	if (st != SHEAF_OK)
		return st;
	work_add(b, &b->work.started, packed, from + h->lengths[slot]);
	out->p = dst + from;
	out->len = h->lengths[slot];
	out->seed = seed_of(h, slot);
	return SHEAF_OK;
}

/* *whole: it is better decoded whole, and kept: nothing was done */
static enum sheaf_status part_hold(struct blocks *b, uint64_t offset,
				   uint32_t slot, struct held *out, bool *whole,
				   struct sheaf_error *err)
{
	struct block block = { .cached = { .key = offset } };
	struct bench *w = bench_get(b);
	enum sheaf_status st;
	uint64_t frame;

	if (w == NULL)
		return fail_nomem(err);
	st = head_read(b->view, offset, &w->in, &block.head, &frame, err);
	*whole = st == SHEAF_OK &&
		 (block.head.is_dictionary || block.head.plain > PART_MAX);
	if (st == SHEAF_OK && !*whole)
		st = block_start(b, w, &block, frame, slot, out, err);
	block_done(&block.head);
	if (st == SHEAF_OK && !*whole)
		out->bench = w;
	else
		bench_put(b, w);
	return st;
}

enum sheaf_status blocks_hold(struct blocks *b, uint64_t offset, uint32_t slot,
			      struct held *out, struct sheaf_error *err)
{
	struct cached *obj = cache_get(b->contents, offset);
	bool whole = true;
	enum sheaf_status st = SHEAF_OK;

	memset(out, 0, sizeof(*out));
	if (obj == NULL)
		obj = cache_get(b->dicts, offset);
	out->block = (struct block *)obj;
	if (obj == NULL && !was_lately(b, offset))
		st = part_hold(b, offset, slot, out, &whole, err);
	if (st == SHEAF_OK && obj == NULL && whole)
		st = blocks_get(b, offset, &out->block, err);
	if (st == SHEAF_OK && out->block != NULL)
		st = block_article(out->block, slot, &out->p, &out->len,
				   &out->seed, err);
	if (st != SHEAF_OK)
		blocks_let_go(b, out);
	return st;
}

void blocks_let_go(struct blocks *b, struct held *held)
{
	blocks_release(held->block);
	if (held->bench != NULL)
		bench_put(b, held->bench);
	memset(held, 0, sizeof(*held));
}

const struct blocks_work *blocks_work(const struct blocks *b)
{
	return &b->work;
}
