/*
 * stage.c - new articles, from their arrival to their place in the segment
 *
 * The middle of flow 1. Articles are held until there is a batch of them; then,
 * batch.c makes blocks of it. One batch is all that is in memory, and most
 * commits are a single one.
 */
#include "pack/stage.h"

#include <stdlib.h>
#include <string.h>

#include "pack/batch.h"

#define ORDER_SHARE 4096 /* of memory, an article while they are ordered */

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
	struct press_options po = { .effort = { options->level,
						options->block_size },
				    .threads = options->threads,
				    .commit = options->commit,
				    .first = options->first };
	struct stage *s = calloc(1, sizeof(*s));
	enum sheaf_status st;

	*out = NULL;
	if (s == NULL)
		return fail_nomem(err);
	s->segment = segment;
	s->options = *options;
	if (options->dictionary.from == NULL && options->old != NULL) {
		s->options.dictionary.from = options->old;
		s->options.dictionary.there = options->old->footer.dictionary;
		s->options.dictionary.here = options->old->footer.dictionary;
	}
	s->dictionary = s->options.dictionary.here;
	segment_source(segment, &s->view.src);
	st = blocks_new(&s->readback, &s->view, err);
	if (st == SHEAF_OK)
		st = press_new(&s->press, segment, &po, err);
	if (st == SHEAF_OK)
		st = arrivals_new(&s->arrivals, options->threads,
				  !options->no_dictionary &&
					  options->article_dictionary == 0,
				  err);
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
	arrivals_free(s->arrivals);
	blocks_free(s->readback);
	arena_done(&s->bytes);
	buf_done(&s->dict);
	recent_done(&s->recent);
	buf_done(&s->blocks);
	buf_done(&s->slots);
	free(s->items);
	free(s);
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
static enum sheaf_status held_press(struct stage *s, struct sheaf_error *err)
{
	enum sheaf_status st;

	if (s->count == 0)
		return SHEAF_OK;
	st = batch_press(s, err);
	if (st == SHEAF_OK)
		st = items_place(s, err);
	s->count = 0;
	s->held = 0;
	arrivals_clear(s->arrivals);
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
		st = held_press(s, err);
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
	return arrivals_add(s->arrivals, item->p, item->len, err);
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

/* the bytes of an article that is pressed; @block is to be released */
static enum sheaf_status pressed_get(struct stage *s, uint32_t number,
				     struct block **block, const uint8_t **p,
				     size_t *len, uint32_t *seed,
				     struct sheaf_error *err)
{
	struct sheaf_place at;
	enum sheaf_status st;

	s->view.end = s->segment->at;
	at = placed_at(s, number);
	st = blocks_get(s->readback, at.block, block, err);
	if (st != SHEAF_OK)
		return st;
	st = block_article(*block, at.slot, p, len, seed, err);
	if (st != SHEAF_OK)
		blocks_release(*block);
	return st;
}

enum sheaf_status stage_likeness(struct stage *s, uint32_t number,
				 const struct wanted *wanted,
				 enum likeness *like, struct sheaf_error *err)
{
	uint32_t placed = placed_count(s), seed;
	struct block *block;
	const uint8_t *p;
	size_t have;
	enum sheaf_status st;

	if (number >= placed) {
		const struct item *item = &s->items[number - placed];

		*like = known_likeness(wanted, item->p, item->len, item->seed);
		return SHEAF_OK;
	}
	st = pressed_get(s, number, &block, &p, &have, &seed, err);
	if (st != SHEAF_OK)
		return st;
	*like = known_likeness(wanted, p, have, seed);
	blocks_release(block);
	return SHEAF_OK;
}

enum sheaf_status stage_identity(struct stage *s, uint32_t number,
				 const uint8_t id[SHEAF_ID_SIZE],
				 struct identity *out, struct sheaf_error *err)
{
	uint32_t placed = placed_count(s), seed;
	struct block *block;
	const uint8_t *p;
	size_t len;
	enum sheaf_status st;

	if (number >= placed) {
		const struct item *item = &s->items[number - placed];

		known_compare(id, item->p, item->len, item->seed, out);
		return SHEAF_OK;
	}
	st = pressed_get(s, number, &block, &p, &len, &seed, err);
	if (st != SHEAF_OK)
		return st;
	known_compare(id, p, len, seed, out);
	blocks_release(block);
	return SHEAF_OK;
}

void stage_batch(struct stage *s, struct batch_size most)
{
	s->options.batch = most;
}

enum sheaf_status stage_finish(struct stage *s, struct sheaf_error *err)
{
	return held_press(s, err);
}

struct sheaf_place stage_place(const void *stage, uint32_t number)
{
	return placed_at(stage, number);
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

uint64_t stage_saved(const struct stage *s)
{
	return s->saved;
}
