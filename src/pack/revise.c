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

#include "formats/sheaf/limits.h"
#include "pack/trial.h"

/* A large revision has to take less than half of what the article takes alone:
 * of a page that has outgrown its first version every edit would take as much
 * again, for a revision is no parent; so the page becomes one. 1,445 nights of
 * a site: 14.35 MB in place of 16.19; 13.98 if small revisions have to as well,
 * but then many short edits are none. */
#define WORTH 2
#define LARGE 2048     /* bytes */
#define LEVEL_LEAST 16 /* revisions are few and small */

/* parents whose content the jobs of a pool borrow, 16 MiB at most */
#define HELD_MAX 64

struct revision {
	const struct revise_options *options;
	struct press *press;
	struct trial trial;
	uint64_t saved;
	struct block *held[HELD_MAX];
	unsigned int held_count;
};

static void held_release(struct revision *r)
{
	for (unsigned int i = 0; i < r->held_count; i++)
		blocks_release(r->held[i]);
	r->held_count = 0;
}

/* until nothing that was pressed needs its parent any more */
static enum sheaf_status held_drain(struct revision *r, struct sheaf_error *err)
{
	enum sheaf_status st = press_drain(r->press, err);

	held_release(r);
	return st;
}

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

/* is the item smaller against the parent than with the dictionary */
static enum sheaf_status gains(struct revision *r, const struct item *item,
			       const struct block *parent, bool *out,
			       struct sheaf_error *err)
{
	size_t revision = 0, alone = 0;
	enum sheaf_status st = SHEAF_OK;

	*out = r->options->is_tried;
	if (*out || !trial_is_parent(parent))
		return SHEAF_OK;
	st = trial_revision(&r->trial, parent, item->p, item->len, &revision,
			    err);
	if (st == SHEAF_OK)
		st = trial_alone(&r->trial, item->p, item->len, &alone, err);
	revision += TRIAL_HEADER;
	*out = revision < LARGE ? revision < alone : revision * WORTH < alone;
	if (st == SHEAF_OK && *out)
		r->saved += alone - revision;
	return st;
}

/* items of one parent, which is held, into blocks */
static enum sheaf_status blocks_press(struct revision *r,
				      const struct block *parent,
				      struct item **items, size_t count,
				      struct sheaf_error *err)
{
	const struct revise_options *o = r->options;
	struct press_block b = { .parent = parent->cached.key,
				 .prefix = parent->content,
				 .prefix_len = (size_t)parent->head.plain,
				 .level = o->level > LEVEL_LEAST ?
						  o->level :
						  LEVEL_LEAST };
	size_t bytes = 0, from = 0;
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; st == SHEAF_OK && i < count; i++) {
		bytes += items[i]->len;
		if (i + 1 < count && i + 1 - from < ARTICLES_MAX &&
		    bytes + items[i + 1]->len <= o->block_size)
			continue;
		b.items = items + from;
		b.count = (uint32_t)(i + 1 - from);
		st = press_block(r->press, &b, err);
		from = i + 1;
		bytes = 0;
	}
	return st;
}

/* items of one parent: the gainful ones into blocks; the others to @left */
static enum sheaf_status group_press(struct revision *r, struct item **items,
				     size_t count, struct item **left,
				     size_t *left_count,
				     struct sheaf_error *err)
{
	struct block *parent;
	size_t kept = 0;
	enum sheaf_status st = SHEAF_OK;

	if (items[0]->base == 0) {
		memcpy(left + *left_count, items, count * sizeof(*items));
		*left_count += count;
		return SHEAF_OK;
	}
	if (r->held_count == HELD_MAX)
		st = held_drain(r, err);
	if (st == SHEAF_OK)
		st = blocks_get(r->options->old->blocks, items[0]->base,
				&parent, err);
	if (st != SHEAF_OK)
		return st;
	r->held[r->held_count++] = parent;
	for (size_t i = 0; st == SHEAF_OK && i < count; i++) {
		struct item *item = items[i];
		bool gain = false;

		st = gains(r, item, parent, &gain, err);
		if (gain)
			items[kept++] = item;
		else
			left[(*left_count)++] = item;
	}
	if (st == SHEAF_OK)
		st = blocks_press(r, parent, items, kept, err);
	return st;
}

static enum sheaf_status groups_press(struct revision *r, struct item **items,
				      size_t count, struct item **left,
				      size_t *left_count,
				      struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	for (size_t from = 0, to; st == SHEAF_OK && from < count; from = to) {
		to = from + 1;
		while (to < count && items[to]->base == items[from]->base)
			to++;
		st = group_press(r, items + from, to - from, left, left_count,
				 err);
	}
	if (r->held_count != 0 && st == SHEAF_OK)
		st = held_drain(r, err);
	return st;
}

enum sheaf_status revise_items(struct press *press,
			       const struct revise_options *options,
			       struct item **items, size_t count,
			       struct revise_result *out,
			       struct sheaf_error *err)
{
	struct revision r = { .options = options, .press = press };
	struct zenc_dict *dict = NULL;
	struct item **rest = calloc(count + 1, sizeof(*rest));
	enum sheaf_status st = SHEAF_OK;

	memset(out, 0, sizeof(*out));
	if (rest == NULL)
		st = fail_nomem(err);
	if (st == SHEAF_OK && options->dict_len != 0 && !options->is_tried)
		st = zenc_dict_new(&dict, options->dict, options->dict_len,
				   TRIAL_LEVEL, options->block_size, err);
	if (st == SHEAF_OK)
		st = trial_init(&r.trial, dict, err);
	for (size_t i = 0; st == SHEAF_OK && i < count; i++)
		st = parent_of(options->old, items[i]->base, &items[i]->base,
			       err);
	if (st == SHEAF_OK && count != 0) {
		qsort(items, count, sizeof(*items), by_base);
		st = groups_press(&r, items, count, rest, &out->left, err);
		memcpy(items, rest, out->left * sizeof(*items));
	}
	out->saved = r.saved;
	if (r.held_count != 0) { /* failed: the jobs may still be at work */
		press_drop(press);
		held_release(&r);
	}
	trial_done(&r.trial);
	zenc_dict_free(dict);
	free(rest);
	return st;
}
