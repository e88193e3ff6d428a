/*
 * stage.c - new articles, from their arrival to their place in the segment
 *
 * The middle of flow 1. Articles are held until there is a batch of them; then,
 * for the batch: revisions of older articles, sketches, order, dictionary,
 * blocks. One batch is all that is in memory, and most commits are a single
 * one.
 */
#include "pack/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "pack/arena.h"
#include "pack/choose.h"
#include "pack/order.h"
#include "pack/press.h"
#include "pack/revise.h"
#include "pack/select.h"
#include "formats/sheaf/limits.h"

#define ORDER_SHARE 4096 /* of memory, an article while they are ordered */

struct stage {
	struct segment *segment;
	struct stage_options options;
	struct press *press;
	struct source source; /* the sink's file, for reading back */
	struct view view;
	struct blocks *readback;
	struct item *items; /* those that are held, in the order of arrival */
	uint32_t count, cap;
	struct buf
		blocks;	  /* of those before them: u32, their blocks' numbers */
	struct buf slots; /* u16 */
	struct arena bytes;
	size_t held;
	struct buf dict; /* content of the one in use; empty: none */
	uint64_t dictionary;
	uint64_t revisions;
};

/*
 * The choice of a dictionary takes most where articles are long: they are held
 * twice, and their shingles counted, 3.9 times their bytes (774 MB for 201 MB
 * of articles of 1 KB).  The order takes most where they are short: 1.6 to 2.7
 * KB an article, whatever its length, for its lists are a power of two.
 */
struct batch_size stage_batch_of(size_t memory)
{
	struct batch_size most = { .bytes = memory / 16 * 3,
				   .articles = memory / ORDER_SHARE };

	return most;
}

enum sheaf_status stage_new(struct stage **out, struct segment *segment,
			    const struct stage_options *options,
			    struct sheaf_error *err)
{
	struct press_options po = { .level = options->level,
				    .block_size = options->block_size,
				    .threads = options->threads,
				    .commit = options->commit };
	struct stage *s = calloc(1, sizeof(*s));
	enum sheaf_status st;

	*out = NULL;
	if (s == NULL)
		return fail_nomem(err);
	s->segment = segment;
	s->options = *options;
	if (options->old != NULL)
		s->dictionary = options->old->footer.dictionary;
	st = source_fd(&s->source, sink_fd(segment->sink), err);
	if (st == SHEAF_OK) {
		s->view.src = s->source;
		st = blocks_new(&s->readback, &s->view, err);
	}
	if (st == SHEAF_OK)
		st = press_new(&s->press, segment, &po, err);
	if (st == SHEAF_OK)
		*out = s;
	else
		stage_free(s);
	return st;
}

void stage_free(struct stage *s)
{
	if (s == NULL)
		return;
	press_free(s->press);
	blocks_free(s->readback);
	source_done(&s->source);
	arena_done(&s->bytes);
	buf_done(&s->dict);
	buf_done(&s->blocks);
	buf_done(&s->slots);
	free(s->items);
	free(s);
}

/* what one batch needs on its way */
struct batch {
	struct item **items; /* those that are not yet pressed */
	size_t count;
	struct sketch *sketches;
	uint32_t *lens;
	struct order order;
	struct item **ordered;
	struct buf contents; /* samples for the dictionary, end to end */
};

static void batch_done(struct batch *b)
{
	free(b->items);
	free(b->sketches);
	free(b->lens);
	order_done(&b->order);
	free(b->ordered);
	buf_done(&b->contents);
}

static enum sheaf_status batch_make(struct stage *s, struct batch *b,
				    struct sheaf_error *err)
{
	size_t n = (size_t)s->count + 1;

	b->items = calloc(n, sizeof(*b->items));
	b->sketches = calloc(n, sizeof(*b->sketches));
	b->lens = calloc(n, sizeof(*b->lens));
	b->ordered = calloc(n, sizeof(*b->ordered));
	if (b->items == NULL || b->sketches == NULL || b->lens == NULL ||
	    b->ordered == NULL)
		return fail_nomem(err);
	return SHEAF_OK;
}

/* the corpus's newest dictionary, for a start */
static enum sheaf_status dict_load(struct stage *s, struct sheaf_error *err)
{
	struct block *block;
	enum sheaf_status st;

	if (s->dict.len != 0 || s->dictionary == 0 || s->options.no_dictionary)
		return SHEAF_OK;
	st = blocks_get(s->options.old->blocks, s->dictionary, &block, err);
	if (st != SHEAF_OK)
		return st;
	buf_bytes(&s->dict, block->content, (size_t)block->head.plain);
	blocks_release(block);
	return s->dict.bad ? fail_nomem(err) : SHEAF_OK;
}

/* press what is smaller as a revision; the rest, by arrival, into b->items */
static enum sheaf_status revisions_press(struct stage *s, struct batch *b,
					 struct sheaf_error *err)
{
	struct revise_options o = { .level = s->options.level,
				    .block_size = s->options.block_size,
				    .old = s->options.old,
				    .dict = s->dict.p,
				    .dict_len = s->dict.len };
	size_t with_base = 0, left = 0;
	enum sheaf_status st = SHEAF_OK;

	for (uint32_t i = 0; i < s->count; i++)
		if (s->items[i].base != 0)
			b->items[with_base++] = &s->items[i];
	if (with_base != 0)
		st = revise_items(s->press, &o, b->items, with_base, &left,
				  err);
	if (st != SHEAF_OK)
		return st;
	for (size_t i = 0; i < left; i++)
		b->items[i]->base = 0;
	s->revisions += with_base - left;
	for (uint32_t i = 0; i < s->count; i++)
		if (s->items[i].base == 0)
			b->items[b->count++] = &s->items[i];
	return SHEAF_OK;
}

struct sketch_job {
	struct batch *batch;
	size_t from, to;
};

static void sketch_run(void *arg, unsigned int worker, void *ctx)
{
	struct sketch_job *j = arg;

	(void)worker;
	(void)ctx;
	for (size_t i = j->from; i < j->to; i++) {
		const struct item *item = j->batch->items[i];

		sketch_of(item->p, item->len, &j->batch->sketches[i]);
	}
}

/* all sketches, on all threads */
#define SKETCH_SHARE 64 /* articles a job */
static enum sheaf_status sketches_make(struct stage *s, struct batch *b,
				       struct sheaf_error *err)
{
	size_t n = (b->count + SKETCH_SHARE - 1) / SKETCH_SHARE;
	struct sketch_job *jobs = calloc(n + 1, sizeof(*jobs));
	struct pool *pool = NULL;
	enum sheaf_status st = SHEAF_OK;

	if (jobs == NULL)
		return fail_nomem(err);
	st = pool_new(&pool, n > 1 ? s->options.threads : 1, 64, sketch_run,
		      NULL, err);
	for (size_t i = 0; st == SHEAF_OK && i < n; i++) {
		size_t from = i * SKETCH_SHARE;

		jobs[i].batch = b;
		jobs[i].from = from;
		jobs[i].to = b->count - from > SKETCH_SHARE ?
				     from + SKETCH_SHARE :
				     b->count;
		if (!pool_has_room(pool))
			(void)pool_take(pool);
		pool_submit(pool, &jobs[i]);
	}
	while (pool != NULL && pool_take(pool) != NULL)
		;
	pool_free(pool);
	free(jobs);
	return st;
}

static enum sheaf_status order_make(struct stage *s, struct batch *b,
				    struct sheaf_error *err)
{
	enum sheaf_status st = sketches_make(s, b, err);

	for (size_t i = 0; i < b->count; i++)
		b->lens[i] = b->items[i]->len;
	if (st == SHEAF_OK)
		st = order_articles(b->sketches, b->lens, (uint32_t)b->count,
				    s->options.block_size, &b->order, err);
	if (st == SHEAF_OK)
		for (uint32_t i = 0; i < b->order.count; i++)
			b->ordered[i] = b->items[b->order.articles[i]];
	return st;
}

/* the blocks as they will be, end to end, with their articles' lengths */
static enum sheaf_status samples_make(struct batch *b, struct sample *samples,
				      uint32_t *lens, struct sheaf_error *err)
{
	size_t at = 0;
	uint32_t from = 0;

	for (uint32_t i = 0; i < b->order.count; i++) {
		lens[i] = b->ordered[i]->len;
		buf_bytes(&b->contents, b->ordered[i]->p, lens[i]);
	}
	/* never NULL, even where there is only an empty article */
	if (buf_room(&b->contents, 0) == NULL)
		return fail_nomem(err);
	for (uint32_t k = 0; k < b->order.blocks; k++) {
		uint32_t to = b->order.ends[k];

		samples[k].p = b->contents.p + at;
		samples[k].lengths = lens + from;
		samples[k].count = to - from;
		for (uint32_t i = from; i < to; i++)
			samples[k].len += lens[i];
		at += samples[k].len;
		from = to;
	}
	return SHEAF_OK;
}

/* which dictionary this batch has, and let the press have it */
static enum sheaf_status dict_choose(struct stage *s, struct batch *b,
				     struct sheaf_error *err)
{
	const struct stage_options *o = &s->options;
	struct sample *samples = calloc(b->order.blocks + 1, sizeof(*samples));
	uint32_t *lens = calloc(b->order.count + 1, sizeof(*lens));
	struct choice choice = { 0 };
	uint64_t fresh = 0;
	enum sheaf_status st = SHEAF_OK;

	if (samples == NULL || lens == NULL)
		st = fail_nomem(err);
	if (st == SHEAF_OK && !o->no_dictionary)
		st = samples_make(b, samples, lens, err);
	if (st == SHEAF_OK && !o->no_dictionary)
		st = choose_dictionary(samples, b->order.blocks,
				       s->dict.len != 0 ? s->dict.p : NULL,
				       s->dict.len, o->dictionary_size,
				       o->level, o->block_size, &choice, err);
	if (st == SHEAF_OK && choice.fresh.len != 0) {
		st = press_dictionary(s->press, choice.fresh.p,
				      choice.fresh.len, NULL, 0, &fresh, err);
		s->dictionary = fresh;
		buf_done(&s->dict);
		s->dict = choice.fresh;
		memset(&choice.fresh, 0, sizeof(choice.fresh));
	} else if (st == SHEAF_OK) {
		st = press_dictionary(s->press, s->dict.p,
				      choice.use_old ? s->dict.len : 0, NULL, 0,
				      &s->dictionary, err);
	}
	buf_done(&choice.fresh);
	free(samples);
	free(lens);
	buf_done(&b->contents);
	return st;
}

/* take the marked articles out of the order; blocks that are left empty vanish
 */
static void order_without(struct batch *b, const uint8_t *taken)
{
	struct order *o = &b->order;
	uint32_t kept = 0, blocks = 0, from = 0;

	for (uint32_t k = 0; k < o->blocks; k++) {
		uint32_t to = o->ends[k], before = kept;

		for (uint32_t i = from; i < to; i++)
			if (!taken[i])
				b->ordered[kept++] = b->ordered[i];
		if (kept != before)
			o->ends[blocks++] = kept;
		from = to;
	}
	o->count = kept;
	o->blocks = blocks;
}

/* the chosen articles, the most wanted last: it lies nearest to what follows */
static enum sheaf_status articles_gather(struct batch *b,
					 const uint32_t *chosen, size_t n,
					 struct item **items, uint8_t *taken,
					 struct buf *content,
					 struct sheaf_error *err)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t k = chosen[n - 1 - i];

		items[i] = b->ordered[k];
		taken[k] = 1;
		buf_bytes(content, items[i]->p, items[i]->len);
	}
	return content->bad ? fail_nomem(err) : SHEAF_OK;
}

/* a dictionary of whole articles, which then are in no other block */
static enum sheaf_status dict_of_articles(struct stage *s, struct batch *b,
					  struct sheaf_error *err)
{
	size_t most = b->order.count + 1, n = 0;
	struct sample *samples = calloc(b->order.blocks + 1, sizeof(*samples));
	uint32_t *lens = calloc(most, sizeof(*lens));
	uint32_t *chosen = calloc(most, sizeof(*chosen));
	struct item **items = calloc(most, sizeof(*items));
	uint8_t *taken = calloc(most, 1);
	struct buf content = { 0 }, dict = { 0 };
	uint64_t fresh = 0;
	enum sheaf_status st = SHEAF_OK;

	if (samples == NULL || lens == NULL || chosen == NULL ||
	    items == NULL || taken == NULL)
		st = fail_nomem(err);
	if (st == SHEAF_OK)
		st = samples_make(b, samples, lens, err);
	if (st == SHEAF_OK)
		st = select_articles(samples, b->order.blocks,
				     s->options.article_dictionary, chosen, &n,
				     err);
	if (n > ARTICLES_MAX)
		n = ARTICLES_MAX;
	if (st == SHEAF_OK)
		st = articles_gather(b, chosen, n, items, taken, &content, err);
	if (st == SHEAF_OK)
		st = choose_finish(samples, b->order.blocks, &content,
				   s->options.level, &dict, err);
	/* a batch that gets none leaves that of the one before in the footer */
	if (st == SHEAF_OK && (dict.len < content.len || dict.len == 0)) {
		st = press_dictionary(s->press, NULL, 0, NULL, 0, &fresh, err);
	} else if (st == SHEAF_OK) {
		st = press_dictionary(s->press, dict.p, dict.len, items,
				      (uint32_t)n, &fresh, err);
		s->dictionary = fresh;
		order_without(b, taken);
	}
	free(samples);
	free(lens);
	free(chosen);
	free(items);
	free(taken);
	buf_done(&content);
	buf_done(&dict);
	buf_done(&b->contents);
	return st;
}

static enum sheaf_status blocks_press(struct stage *s, struct batch *b,
				      struct sheaf_error *err)
{
	uint32_t from = 0, k = 0;
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK && k < b->order.blocks) {
		struct press_block block = { .items = b->ordered + from };

		/* the order bounds bytes, but articles may be tiny */
		block.count = b->order.ends[k] - from;
		if (block.count > ARTICLES_MAX)
			block.count = ARTICLES_MAX;
		from += block.count;
		k += from == b->order.ends[k];
		st = press_block(s->press, &block, err);
	}
	return st == SHEAF_OK ? press_drain(s->press, err) : st;
}

/* how many articles are in blocks already: they are the first */
static uint32_t placed_count(const struct stage *s)
{
	return (uint32_t)(s->blocks.len / sizeof(uint32_t));
}

/* all that is kept of a pressed article, 6 bytes; its slot is below
 * ARTICLES_MAX */
static enum sheaf_status items_place(struct stage *s, struct sheaf_error *err)
{
	for (uint32_t i = 0; i < s->count; i++) {
		uint16_t slot = (uint16_t)s->items[i].slot;

		buf_bytes(&s->blocks, &s->items[i].block,
			  sizeof(s->items[i].block));
		buf_bytes(&s->slots, &slot, sizeof(slot));
	}
	return s->blocks.bad || s->slots.bad ? fail_nomem(err) : SHEAF_OK;
}

/* what is held, into the segment */
static enum sheaf_status batch_press(struct stage *s, struct sheaf_error *err)
{
	struct batch b = { 0 };
	enum sheaf_status st;

	if (s->count == 0)
		return SHEAF_OK;
	st = batch_make(s, &b, err);
	if (st == SHEAF_OK)
		st = dict_load(s, err);
	if (st == SHEAF_OK)
		st = revisions_press(s, &b, err);
	if (st == SHEAF_OK && b.count != 0) {
		st = order_make(s, &b, err);
		if (st == SHEAF_OK && s->options.article_dictionary != 0)
			st = dict_of_articles(s, &b, err);
		else if (st == SHEAF_OK)
			st = dict_choose(s, &b, err);
		if (st == SHEAF_OK)
			st = blocks_press(s, &b, err);
	}
	batch_done(&b);
	if (st == SHEAF_OK)
		st = items_place(s, err);
	s->count = 0;
	s->held = 0;
	arena_done(&s->bytes);
	return st;
}

static enum sheaf_status items_grow(struct stage *s, struct sheaf_error *err)
{
	uint32_t cap = s->cap != 0 ? 2 * s->cap : 256;
	struct item *more = realloc(s->items, cap * sizeof(*more));

	if (more == NULL)
		return fail_nomem(err);
	s->items = more;
	s->cap = cap;
	return SHEAF_OK;
}

enum sheaf_status stage_add(struct stage *s, const void *bytes, size_t len,
			    uint32_t seed, const struct sheaf_place *base,
			    uint32_t *number, struct sheaf_error *err)
{
	struct item *item;
	enum sheaf_status st = SHEAF_OK;

	if (s->held != 0 && (s->held + len > s->options.batch.bytes ||
			     s->count >= s->options.batch.articles))
		st = batch_press(s, err);
	if (st == SHEAF_OK && s->count == s->cap)
		st = items_grow(s, err);
	if (st != SHEAF_OK)
		return st;
	item = &s->items[s->count];
	memset(item, 0, sizeof(*item));
	item->p = arena_copy(&s->bytes, bytes, len);
	if (item->p == NULL)
		return fail_nomem(err);
	item->len = (uint32_t)len;
	item->seed = seed;
	item->base = base != NULL ? base->block : 0;
	*number = placed_count(s) + s->count++;
	s->held += len;
	return SHEAF_OK;
}

/* where an article that is pressed lies; after a drain */
static struct sheaf_place placed_at(const struct stage *s, uint32_t number)
{
	struct sheaf_place place;
	uint32_t block;
	uint16_t slot;

	memcpy(&block, s->blocks.p + (size_t)number * sizeof(block),
	       sizeof(block));
	memcpy(&slot, s->slots.p + (size_t)number * sizeof(slot), sizeof(slot));
	place.block = press_offset(s->press, block);
	place.slot = slot;
	return place;
}

enum sheaf_status stage_likeness(struct stage *s, uint32_t number,
				 const struct wanted *wanted,
				 enum likeness *like, struct sheaf_error *err)
{
	uint32_t placed = placed_count(s);
	struct sheaf_place at;
	struct block *block;
	const uint8_t *p;
	size_t have;
	uint32_t seed;
	enum sheaf_status st;

	if (number >= placed) {
		const struct item *item = &s->items[number - placed];

		*like = known_likeness(wanted, item->p, item->len, item->seed);
		return SHEAF_OK;
	}
	st = segment_flush(s->segment, err);
	s->view.end = s->segment->at;
	at = placed_at(s, number);
	if (st == SHEAF_OK)
		st = blocks_get(s->readback, at.block, &block, err);
	if (st != SHEAF_OK)
		return st;
	st = block_article(block, at.slot, &p, &have, &seed, err);
	if (st == SHEAF_OK)
		*like = known_likeness(wanted, p, have, seed);
	blocks_release(block);
	return st;
}

void stage_batch(struct stage *s, struct batch_size most)
{
	s->options.batch = most;
}

enum sheaf_status stage_finish(struct stage *s, struct sheaf_error *err)
{
	return batch_press(s, err);
}

struct sheaf_place stage_place(const struct stage *s, uint32_t number)
{
	return placed_at(s, number);
}

uint64_t stage_blocks(const struct stage *s)
{
	return press_blocks(s->press);
}

uint64_t stage_dictionary(const struct stage *s)
{
	return s->dictionary;
}

uint64_t stage_revisions(const struct stage *s)
{
	return s->revisions;
}
