/*
 * batch.c - the articles that a stage holds, on their way into blocks
 *
 * Called by stage.c, for a batch: revisions of older articles, sketches, order,
 * dictionary, blocks.
 */
#include "pack/batch.h"

#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"
#include "pack/choose.h"
#include "pack/order.h"
#include "pack/parents.h"
#include "pack/revise.h"
#include "pack/select.h"

/*
 * What a night brings is compressed harder than a whole set, in larger blocks:
 * there is time for it, and an edit of several pages of one older block is one
 * revision. The 81 largest of 1,445 nights of a site, by level and block:
 *     9, 8 KiB                            9.39 MB    34 s of CPU
 *     19, 32 KiB up to 1 MiB, else these  9.30       38
 *     9, 32 KiB                           8.56       41
 *     15, 32 KiB                          8.26       48
 *     19 up to 1 MiB, else 15, 32 KiB     8.24       51
 *     15, 64 KiB                          7.90       63
 * But a revision's parent is decoded whole. Random reads of all nights take 13
 * us (median; mean: 16) with blocks of 8 KiB, 21 (34) of 32; of the compacted
 * file, 11 (12), of which twice is the most that we want; hence 16.
 */
#define SMALL_BATCH ((size_t)1 << 20) /* bytes: */
#define SMALL_LEVEL 19
#define NIGHT_BATCH ((size_t)16 << 20) /* to a corpus that is there: */
#define NIGHT_LEVEL 15
#define NIGHT_BLOCK ((size_t)16 << 10)
#define NIGHT_DICTIONARY ((size_t)512 << 10) /* digested for a deep level */

/*
 * What a further dictionary of one commit must save, beyond its size.  Readers
 * hold the dictionaries that they use, and where these are more than they have
 * room for, decode them again and again: 10 million posts alike had 75 of them,
 * 252 MB, and random reads took 5.4 times as long as of 100,000 (median; mean:
 * 45 times).  500,000 posts in 8 batches have one this way, not 8, and 0.06 %
 * fewer bytes; 80 MB of press releases in 14 batches 0.07 % more, 41 MB of laws
 * 0.8 %.
 */
#define FURTHER_GAIN 0.02

/* what one batch needs on its way */
struct batch {
	struct item **items; /* those that are not yet pressed */
	size_t count;
	struct sketch *sketches;
	uint32_t *lens;
	struct order order;
	struct item **ordered;
	/* what the dictionary is chosen from */
	struct sample *samples; /* a block each */
	const uint8_t **articles;
	uint32_t *ordered_lens;
	struct grams *grams;
};

/* its number in the batch */
static uint32_t arrival_of(const struct stage *s, const struct item *item)
{
	return (uint32_t)(item - s->items);
}

static void batch_done(struct batch *b)
{
	free(b->items);
	free(b->sketches);
	free(b->lens);
	order_done(&b->order);
	free(b->ordered);
	free(b->samples);
	free(b->articles);
	free(b->ordered_lens);
	free(b->grams);
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

/* a dictionary that the file has, for a start */
static enum sheaf_status dict_load(struct stage *s, struct sheaf_error *err)
{
	struct block *block;
	enum sheaf_status st;

	if (s->dict.len != 0 || s->options.dictionary.there == 0 ||
	    s->options.no_dictionary || s->options.article_dictionary != 0)
		return SHEAF_OK;
	if (s->options.dictionary.content != NULL) {
		buf_bytes(&s->dict, s->options.dictionary.content->p,
			  s->options.dictionary.content->len);
		return s->dict.bad ? fail_nomem(err) : SHEAF_OK;
	}
	st = blocks_get(s->options.dictionary.from->blocks,
			s->options.dictionary.there, &block, err);
	if (st != SHEAF_OK)
		return st;
	buf_bytes(&s->dict, block->content, (size_t)block->head.plain);
	blocks_release(block);
	return s->dict.bad ? fail_nomem(err) : SHEAF_OK;
}

/* how hard to try: by the bytes and the options alone */
static void effort_choose(struct stage *s)
{
	const struct stage_options *o = &s->options;
	bool small = s->held <= SMALL_BATCH;

	s->effort.level = o->level;
	s->effort.block_size = o->block_size;
	if (o->adapts &&
	    (small || (o->old != NULL && s->held <= NIGHT_BATCH))) {
		s->effort.block_size = NIGHT_BLOCK;
		if (s->dict.len <= NIGHT_DICTIONARY)
			s->effort.level = small ? SMALL_LEVEL : NIGHT_LEVEL;
	}
	press_effort(s->press, s->effort);
}

static struct revise_options revise_options_of(const struct stage *s)
{
	const struct revise_options o = { .level = s->effort.level,
					  .block_size = s->effort.block_size,
					  .old = s->options.old,
					  .dict = s->dict.p,
					  .dict_len = s->dict.len };

	return o;
}

/* press what is smaller as a revision of what has its name or url; the rest,
 * by arrival, into b->items */
static enum sheaf_status revisions_press(struct stage *s, struct batch *b,
					 struct sheaf_error *err)
{
	const struct revise_options o = revise_options_of(s);
	struct revise_result r = { 0 };
	size_t with_base = 0;
	enum sheaf_status st = SHEAF_OK;

	for (uint32_t i = 0; i < s->count; i++)
		if (s->items[i].base != 0)
			b->items[with_base++] = &s->items[i];
	if (with_base != 0)
		st = revise_items(s->press, &o, b->items, with_base, &r, err);
	if (st != SHEAF_OK)
		return st;
	for (size_t i = 0; i < r.left; i++)
		b->items[i]->base = 0;
	s->revisions += with_base - r.left;
	s->saved += r.saved;
	for (uint32_t i = 0; i < s->count; i++)
		if (s->items[i].base == 0)
			b->items[b->count++] = &s->items[i];
	return SHEAF_OK;
}

/* of those that are not pressed yet */
static enum sheaf_status sketches_get(struct stage *s, struct batch *b,
				      struct sheaf_error *err)
{
	enum sheaf_status st = arrivals_wait(s->arrivals, err);

	for (size_t i = 0; st == SHEAF_OK && i < b->count; i++)
		b->sketches[i] = *arrivals_sketch(s->arrivals,
						  arrival_of(s, b->items[i]));
	return st;
}

/* the order of what is not pressed yet, from its sketches */
static enum sheaf_status order_make(struct stage *s, struct batch *b,
				    struct sheaf_error *err)
{
	const struct order_options o = { .block = s->effort.block_size,
					 .threads = s->options.threads };
	enum sheaf_status st = sketches_get(s, b, err);

	order_done(&b->order);
	for (size_t i = 0; i < b->count; i++)
		b->lens[i] = b->items[i]->len;
	if (st == SHEAF_OK)
		st = order_articles(b->sketches, b->lens, (uint32_t)b->count,
				    &o, &b->order, err);
	if (st == SHEAF_OK)
		for (uint32_t i = 0; i < b->order.count; i++)
			b->ordered[i] = b->items[b->order.articles[i]];
	return st;
}

/* Press what is smaller as a revision of something alike in the older corpus.
 * The order changes by it. */
static enum sheaf_status likes_press(struct stage *s, struct batch *b,
				     struct sheaf_error *err)
{
	const struct revise_options o = revise_options_of(s);
	struct parents_batch batch = { b->items, b->sketches,
				       (uint32_t)b->count, &b->order };
	uint64_t saved = 0;
	enum sheaf_status st = SHEAF_OK;

	if (s->options.old == NULL)
		return SHEAF_OK;
	if (!s->has_recent)
		st = recent_window(&s->recent, s->options.old, s->held,
				   s->options.batch.bytes, s->options.threads,
				   err);
	s->has_recent = true;
	if (st == SHEAF_OK && s->recent.count != 0)
		st = parents_press(s->press, &o, &s->recent, s->options.threads,
				   &batch, &saved, err);
	if (st != SHEAF_OK || batch.count == b->count)
		return st;
	s->saved += saved;
	s->revisions += b->count - batch.count;
	b->count = batch.count;
	return b->count != 0 ? order_make(s, b, err) : SHEAF_OK;
}

/* the blocks as they will be */
static enum sheaf_status samples_make(struct batch *b, struct sheaf_error *err)
{
	uint32_t from = 0;

	b->samples = calloc(b->order.blocks + 1, sizeof(*b->samples));
	b->articles = calloc((size_t)b->order.count + 1, sizeof(*b->articles));
	b->ordered_lens =
		calloc((size_t)b->order.count + 1, sizeof(*b->ordered_lens));
	if (b->samples == NULL || b->articles == NULL ||
	    b->ordered_lens == NULL)
		return fail_nomem(err);
	for (uint32_t i = 0; i < b->order.count; i++) {
		b->articles[i] = b->ordered[i]->p;
		b->ordered_lens[i] = b->ordered[i]->len;
	}
	for (uint32_t k = 0; k < b->order.blocks; k++) {
		struct sample *sample = &b->samples[k];
		uint32_t to = b->order.ends[k];

		sample->articles = b->articles + from;
		sample->lengths = b->ordered_lens + from;
		sample->grams = b->grams != NULL ? b->grams + from : NULL;
		sample->count = to - from;
		for (uint32_t i = from; i < to; i++)
			sample->len += b->ordered_lens[i];
		from = to;
	}
	return SHEAF_OK;
}

static enum sheaf_status grams_get(struct stage *s, struct batch *b,
				   struct sheaf_error *err)
{
	b->grams = calloc((size_t)b->order.count + 1, sizeof(*b->grams));
	if (b->grams == NULL)
		return fail_nomem(err);
	for (uint32_t i = 0; i < b->order.count; i++)
		b->grams[i] = arrivals_grams(s->arrivals,
					     arrival_of(s, b->ordered[i]));
	return SHEAF_OK;
}

static enum sheaf_status dict_review(const struct stage_options *o,
				     struct choice *choice,
				     struct sheaf_error *err)
{
	bool changed = false;
	enum sheaf_status st = SHEAF_OK;

	if (o->review == NULL || choice->fresh.len == 0)
		return SHEAF_OK;
	st = o->review(&choice->fresh, &changed, o->review_arg, err);
	if (changed) { /* digested as it was */
		zenc_dict_free(choice->digested);
		choice->digested = NULL;
	}
	return st;
}

/* which dictionary this batch has, and let the press have it */
static enum sheaf_status dict_choose(struct stage *s, struct batch *b,
				     struct sheaf_error *err)
{
	const struct stage_options *o = &s->options;
	struct choose_options how = {
		.old = s->dict.len != 0 ? s->dict.p : NULL,
		.old_len = s->dict.len,
		.size = o->dictionary_size,
		.gain = s->dictionaries != 0 ? FURTHER_GAIN : 0,
		.level = s->effort.level,
		.block_size = s->effort.block_size,
		.threads = o->threads
	};
	struct choice choice = { 0 };
	struct press_dictionary d = { 0 };
	uint64_t fresh = 0;
	enum sheaf_status st = SHEAF_OK;

	if (!o->no_dictionary)
		st = grams_get(s, b, err);
	if (st == SHEAF_OK && !o->no_dictionary)
		st = samples_make(b, err);
	if (st == SHEAF_OK && !o->no_dictionary)
		st = choose_dictionary(b->samples, b->order.blocks, &how,
				       &choice, err);
	if (st == SHEAF_OK)
		st = dict_review(o, &choice, err);
	d.digested = choice.digested;
	if (st == SHEAF_OK && choice.fresh.len != 0) {
		d.content = choice.fresh.p;
		d.len = choice.fresh.len;
		st = press_dictionary(s->press, &d, &fresh, err);
		s->dictionary = fresh;
		s->dictionaries++;
		/* lasts as long as the digest does that looks at it */
		buf_done(&s->dict);
		s->dict = choice.fresh;
		memset(&choice.fresh, 0, sizeof(choice.fresh));
	} else if (st == SHEAF_OK) {
		d.content = s->dict.p;
		d.len = choice.use_old ? s->dict.len : 0;
		st = press_dictionary(s->press, &d, &s->dictionary, err);
	}
	buf_done(&choice.fresh);
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
	uint32_t *chosen = calloc(most, sizeof(*chosen));
	struct item **items = calloc(most, sizeof(*items));
	uint8_t *taken = calloc(most, 1);
	struct buf content = { 0 }, dict = { 0 };
	struct press_dictionary d = { 0 };
	uint64_t fresh = 0;
	enum sheaf_status st = SHEAF_OK;

	if (chosen == NULL || items == NULL || taken == NULL)
		st = fail_nomem(err);
	if (st == SHEAF_OK)
		st = samples_make(b, err);
	if (st == SHEAF_OK)
		st = select_articles(b->samples, b->order.blocks,
				     s->options.article_dictionary, chosen, &n,
				     err);
	if (n > ARTICLES_MAX)
		n = ARTICLES_MAX;
	if (st == SHEAF_OK)
		st = articles_gather(b, chosen, n, items, taken, &content, err);
	if (st == SHEAF_OK)
		st = choose_finish(b->samples, b->order.blocks, &content,
				   s->effort.level, &dict, err);
	/* a batch that gets none leaves that of the one before in the footer */
	if (st == SHEAF_OK && (dict.len < content.len || dict.len == 0)) {
		st = press_dictionary(s->press, &d, &fresh, err);
	} else if (st == SHEAF_OK) {
		d.content = dict.p;
		d.len = dict.len;
		d.items = items;
		d.count = (uint32_t)n;
		st = press_dictionary(s->press, &d, &fresh, err);
		s->dictionary = fresh;
		order_without(b, taken);
	}
	free(chosen);
	free(items);
	free(taken);
	buf_done(&content);
	buf_done(&dict);
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

enum sheaf_status batch_press(struct stage *s, struct sheaf_error *err)
{
	struct batch b = { 0 };
	enum sheaf_status st = batch_make(s, &b, err);

	if (st == SHEAF_OK)
		st = dict_load(s, err);
	if (st == SHEAF_OK)
		effort_choose(s);
	if (st == SHEAF_OK)
		st = revisions_press(s, &b, err);
	if (st == SHEAF_OK && b.count != 0)
		st = order_make(s, &b, err);
	if (st == SHEAF_OK && b.count != 0)
		st = likes_press(s, &b, err);
	if (st == SHEAF_OK && b.count != 0) {
		if (s->options.article_dictionary != 0)
			st = dict_of_articles(s, &b, err);
		else
			st = dict_choose(s, &b, err);
		if (st == SHEAF_OK)
			st = blocks_press(s, &b, err);
	}
	if (st != SHEAF_OK)
		press_drop(s->press); /* jobs look at what is freed here */
	batch_done(&b);
	return st;
}
