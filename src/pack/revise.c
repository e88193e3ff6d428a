/*
 * revise.c - edits of articles that the corpus holds: against the older block
 * as parent
 *
 * Before the rest of a batch is ordered. On real feeds an edited copy takes
 * some hundred bytes so, where it would take a thousand.
 */
#include "pack/revise.h"

#include <stdlib.h>
#include <string.h>

#include "codec/zenc.h"
#include "formats/sheaf/limits.h"

#define LEVEL_LEAST 16 /* revisions are few and small */
#define TRIAL_LEVEL 9
#define PARENT_MAX ((uint64_t)256 << 10) /* bytes: a read decodes all of it */
#define HEADER_BYTES 40 /* what a block of its own costs besides */

struct trial {
	const struct revise_options *options;
	struct zenc *z;
	struct zenc_dict *dict;
	struct buf frame;
};

static int by_base(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a;
	const struct item *y = *(struct item *const *)b;

	if (x->base != y->base)
		return x->base < y->base ? -1 : 1;
	return x < y ? -1 : x > y; /* items lie in the order of arrival */
}

/* the block that may be a parent: the base, or the one that it is itself a
 * revision of; 0: none */
static enum sheaf_status parent_of(struct sheaf_corpus *old, uint64_t base,
				   uint64_t *parent, struct sheaf_error *err)
{
	struct block *block;
	enum sheaf_status st = blocks_get(old->blocks, base, &block, err);

	*parent = 0;
	if (st == SHEAF_CORRUPT)
		return SHEAF_OK; /* then it is no revision, and add goes on */
	if (st != SHEAF_OK)
		return st;
	*parent = block->is_revision ? block->head.parent : base;
	blocks_release(block);
	return SHEAF_OK;
}

static enum sheaf_status size_of(struct trial *t, const struct zenc_how *how,
				 const struct item *item, size_t *out,
				 struct sheaf_error *err)
{
	enum sheaf_status st;

	buf_clear(&t->frame);
	st = zenc_frame(t->z, how, item->p, item->len, &t->frame, err);
	*out = t->frame.len;
	return st;
}

/* is the item smaller against the parent than with the dictionary */
static enum sheaf_status gains(struct trial *t, const struct item *item,
			       const struct block *parent, bool *out,
			       struct sheaf_error *err)
{
	struct zenc_how as_revision = { .level = TRIAL_LEVEL,
					.prefix = parent->content,
					.prefix_len =
						(size_t)parent->head.plain };
	struct zenc_how alone = { .level = TRIAL_LEVEL, .dict = t->dict };
	size_t revision = 0, plain = 0;
	enum sheaf_status st;

	st = size_of(t, &as_revision, item, &revision, err);
	if (st == SHEAF_OK)
		st = size_of(t, &alone, item, &plain, err);
	*out = revision + HEADER_BYTES < plain;
	return st;
}

/* items of one parent: the gainful ones into blocks; the others to @left */
static enum sheaf_status group_press(struct trial *t, struct press *press,
				     struct item **items, size_t count,
				     struct item **left, size_t *left_count,
				     struct sheaf_error *err)
{
	const struct revise_options *o = t->options;
	struct press_block b = { .parent = items[0]->base,
				 .level = o->level > LEVEL_LEAST ?
						  o->level :
						  LEVEL_LEAST };
	struct block *parent = NULL;
	size_t kept = 0, bytes = 0, from = 0;
	enum sheaf_status st;

	if (items[0]->base == 0) {
		memcpy(left + *left_count, items, count * sizeof(*items));
		*left_count += count;
		return SHEAF_OK;
	}
	st = blocks_get(o->old->blocks, items[0]->base, &parent, err);
	for (size_t i = 0; st == SHEAF_OK && i < count; i++) {
		struct item *item = items[i];
		bool gain = false;

		if (parent->head.plain <= PARENT_MAX && parent->head.plain != 0)
			st = gains(t, item, parent, &gain, err);
		if (gain)
			items[kept++] = item;
		else
			left[(*left_count)++] = item;
	}
	for (size_t i = 0; st == SHEAF_OK && i < kept; i++) {
		bytes += items[i]->len;
		if (i + 1 < kept && i + 1 - from < ARTICLES_MAX &&
		    bytes + items[i + 1]->len <= o->block_size)
			continue;
		b.items = items + from;
		b.count = (uint32_t)(i + 1 - from);
		b.prefix = parent->content;
		b.prefix_len = (size_t)parent->head.plain;
		st = press_block(press, &b, err);
		from = i + 1;
		bytes = 0;
	}
	/* the parent's content is borrowed by the jobs */
	if (st == SHEAF_OK && kept != 0)
		st = press_drain(press, err);
	blocks_release(parent);
	return st;
}

static enum sheaf_status groups_press(struct trial *t, struct press *press,
				      struct item **items, size_t count,
				      struct item **left, size_t *left_count,
				      struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	for (size_t from = 0, to; st == SHEAF_OK && from < count; from = to) {
		to = from + 1;
		while (to < count && items[to]->base == items[from]->base)
			to++;
		st = group_press(t, press, items + from, to - from, left,
				 left_count, err);
	}
	return st;
}

enum sheaf_status revise_items(struct press *press,
			       const struct revise_options *options,
			       struct item **items, size_t count, size_t *left,
			       struct sheaf_error *err)
{
	struct trial t = { .options = options, .z = zenc_new() };
	struct item **rest = calloc(count + 1, sizeof(*rest));
	enum sheaf_status st = SHEAF_OK;

	*left = 0;
	if (t.z == NULL || rest == NULL)
		st = fail_nomem(err);
	if (st == SHEAF_OK && options->dict_len != 0)
		st = zenc_dict_new(&t.dict, options->dict, options->dict_len,
				   TRIAL_LEVEL, options->block_size, err);
	for (size_t i = 0; st == SHEAF_OK && i < count; i++)
		st = parent_of(options->old, items[i]->base, &items[i]->base,
			       err);
	if (st == SHEAF_OK && count != 0) {
		qsort(items, count, sizeof(*items), by_base);
		st = groups_press(&t, press, items, count, rest, left, err);
		memcpy(items, rest, *left * sizeof(*items));
	}
	zenc_dict_free(t.dict);
	zenc_free(t.z);
	buf_done(&t.frame);
	free(rest);
	return st;
}
