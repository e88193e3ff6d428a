/*
 * stage.c - articles into blocks, blocks through the compressors into the
 * segment
 *
 * The middle of flow 1. Blocks are filled in the order of arrival; the first
 * ones wait until there is enough to choose a dictionary by; then a pool
 * compresses them, and they are written in their order, so the file does not
 * depend on the number of threads.
 */
#include "pack/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "codec/zenc.h"
#include "formats/sheaf/limits.h"
#include "formats/sheaf/sync.h"
#include "pack/choose.h"

/* what waits for the dictionary; it is trained on all of it */
#define HOLD_BYTES ((size_t)16 << 20)
#define DICT_LEVEL 19

/* a block on its way; number, first and content are set while it is filled */
struct draft_block {
	struct stage *stage;
	struct buf content, lengths, seeds; /* u8, u32, u32 */
	uint64_t first;
	uint32_t number;
	struct buf frame;	  /* what the worker made */
	enum sheaf_status status; /* of the worker */
	struct sheaf_error error;
};

/* by block number */
struct written {
	uint64_t offset;	   /* of the header; 0: not yet written */
	struct draft_block *draft; /* until then */
};

struct stage {
	struct segment *segment;
	struct stage_options options;
	struct source source; /* the sink's file, for reading back */
	struct view view;
	struct blocks *readback;
	struct draft_block *open;
	struct written *blocks;
	uint32_t count, cap;
	uint32_t submitted; /* the first so many have gone to the pool */
	size_t held;	    /* bytes in blocks that wait for the dictionary */
	uint64_t articles;
	uint64_t extra_blocks;	 /* dictionaries */
	bool chosen;		 /* the dictionary is */
	uint64_t dictionary;	 /* that of the footer */
	uint64_t parent;	 /* that of the blocks; BLOCK_NO_PARENT */
	struct buf dict_content; /* owned */
	struct zenc_dict *dict;
	struct pool *pool;
	struct zenc **encoders; /* one a worker */
};

static void draft_free(struct draft_block *d)
{
	if (d == NULL)
		return;
	buf_done(&d->content);
	buf_done(&d->lengths);
	buf_done(&d->seeds);
	buf_done(&d->frame);
	free(d);
}

static uint32_t draft_count(const struct draft_block *d)
{
	return (uint32_t)(d->lengths.len / sizeof(uint32_t));
}

/* on a worker: the zstd frame; where articles forge the sync pattern, the raw
 * one */
static void draft_compress(void *job, unsigned int worker, void *ctx)
{
	struct draft_block *d = job;
	struct stage *s = ctx;
	struct zenc_how how = { .level = s->options.level, .dict = s->dict };
	uint32_t id = zenc_dict_id(s->dict_content.p, s->dict_content.len);

	d->status = zenc_frame(s->encoders[worker], &how, d->content.p,
			       d->content.len, &d->frame, &d->error);
	if (d->status != SHEAF_OK || !sync_inside(d->frame.p, d->frame.len))
		return;
	buf_clear(&d->frame);
	d->status = sync_encode(&d->frame, s->dict != NULL ? id : 0,
				d->content.p, d->content.len, &d->error);
}

static enum sheaf_status encoders_new(struct stage *s, struct sheaf_error *err)
{
	unsigned int n = s->options.threads;

	s->encoders = calloc(n, sizeof(*s->encoders));
	if (s->encoders == NULL)
		return fail_nomem(err);
	for (unsigned int i = 0; i < n; i++) {
		s->encoders[i] = zenc_new();
		if (s->encoders[i] == NULL)
			return fail_nomem(err);
	}
	return pool_new(&s->pool, n, 4 * n, draft_compress, s, err);
}

enum sheaf_status stage_new(struct stage **out, struct segment *segment,
			    const struct stage_options *options,
			    struct sheaf_error *err)
{
	struct stage *s = calloc(1, sizeof(*s));
	enum sheaf_status st;

	*out = NULL;
	if (s == NULL)
		return fail_nomem(err);
	s->segment = segment;
	s->options = *options;
	s->parent = BLOCK_NO_PARENT;
	if (options->old != NULL)
		s->dictionary = options->old->footer.dictionary;
	st = source_fd(&s->source, sink_fd(segment->sink), err);
	if (st == SHEAF_OK) {
		s->view.src = s->source;
		st = blocks_new(&s->readback, &s->view, err);
	}
	if (st == SHEAF_OK)
		st = encoders_new(s, err);
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
	pool_free(s->pool);
	for (uint32_t i = 0; i < s->count; i++)
		draft_free(s->blocks[i].draft);
	for (unsigned int i = 0; s->encoders != NULL && i < s->options.threads;
	     i++)
		zenc_free(s->encoders[i]);
	free(s->encoders);
	free(s->blocks);
	zenc_dict_free(s->dict);
	buf_done(&s->dict_content);
	blocks_free(s->readback);
	source_done(&s->source);
	free(s);
}

/* a finished block's header and frame into the segment */
static enum sheaf_status block_write(struct stage *s, struct block_head *h,
				     const struct buf *frame, uint64_t *offset,
				     struct sheaf_error *err)
{
	struct buf head = { 0 };
	enum sheaf_status st;

	h->commit = s->options.commit;
	h->packed = frame->len;
	*offset = s->segment->at;
	block_put(&head, h, *offset);
	st = segment_frame(s->segment, &head, err);
	if (st == SHEAF_OK)
		st = segment_bytes(s->segment, frame->p, frame->len, err);
	buf_done(&head);
	return st;
}

/* the oldest block out of the pool */
static enum sheaf_status take_one(struct stage *s, struct sheaf_error *err)
{
	struct draft_block *d = pool_take(s->pool);
	struct written *w = &s->blocks[d->number];
	struct block_head h = { .first = d->first,
				.plain = d->content.len,
				.parent = s->parent,
				.count = draft_count(d),
				.lengths = (uint32_t *)(void *)d->lengths.p,
				.seeds = (uint32_t *)(void *)d->seeds.p };
	enum sheaf_status st = d->status;

	if (st != SHEAF_OK) {
		if (err != NULL)
			*err = d->error;
		return st;
	}
	st = block_write(s, &h, &d->frame, &w->offset, err);
	draft_free(d);
	w->draft = NULL;
	return st;
}

static enum sheaf_status submit(struct stage *s, struct draft_block *d,
				struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK && !pool_has_room(s->pool))
		st = take_one(s, err);
	if (st == SHEAF_OK) {
		pool_submit(s->pool, d);
		s->submitted = d->number + 1;
	}
	return st;
}

/* a dictionary block, from s->dict_content */
static enum sheaf_status dictionary_write(struct stage *s,
					  struct sheaf_error *err)
{
	struct zenc_how how = { .level = DICT_LEVEL };
	struct block_head h = { .is_dictionary = true,
				.first = 0,
				.plain = s->dict_content.len,
				.lead = s->dict_content.len,
				.parent = BLOCK_NO_PARENT };
	struct buf frame = { 0 };
	enum sheaf_status st;

	st = zenc_frame(s->encoders[0], &how, s->dict_content.p,
			s->dict_content.len, &frame, err);
	if (st == SHEAF_OK && sync_inside(frame.p, frame.len)) {
		buf_clear(&frame);
		st = sync_encode(&frame, 0, s->dict_content.p,
				 s->dict_content.len, err);
	}
	if (st == SHEAF_OK)
		st = block_write(s, &h, &frame, &s->dictionary, err);
	s->parent = s->dictionary;
	s->extra_blocks++;
	buf_done(&frame);
	return st;
}

static enum sheaf_status old_dictionary(struct stage *s, struct block **out,
					struct sheaf_error *err)
{
	*out = NULL;
	if (s->dictionary == 0)
		return SHEAF_OK;
	return blocks_get(s->options.old->blocks, s->dictionary, out, err);
}

static struct sample *samples_of(const struct stage *s)
{
	struct sample *samples = calloc(s->count + 1, sizeof(*samples));

	for (uint32_t i = 0; samples != NULL && i < s->count; i++) {
		const struct draft_block *d = s->blocks[i].draft;

		samples[i].p = d->content.p;
		samples[i].len = d->content.len;
		samples[i].lengths = (const uint32_t *)(void *)d->lengths.p;
		samples[i].count = draft_count(d);
	}
	return samples;
}

/* choose, and digest what was chosen */
static enum sheaf_status choose(struct stage *s, struct sheaf_error *err)
{
	const struct stage_options *o = &s->options;
	struct sample *samples = samples_of(s);
	struct choice choice = { 0 };
	struct block *old = NULL;
	enum sheaf_status st = SHEAF_OK;

	s->chosen = true;
	if (samples == NULL)
		return fail_nomem(err);
	if (!o->no_dictionary) {
		st = old_dictionary(s, &old, err);
		if (st == SHEAF_OK)
			st = choose_dictionary(
				samples, s->count,
				old != NULL ? old->content : NULL,
				old != NULL ? old->head.plain : 0,
				o->dictionary_size, o->level, o->block_size,
				&choice, err);
	}
	if (st == SHEAF_OK && choice.use_old) {
		buf_bytes(&s->dict_content, old->content, old->head.plain);
		s->parent = s->dictionary;
	}
	if (st == SHEAF_OK && choice.fresh.len != 0) {
		s->dict_content = choice.fresh;
		memset(&choice.fresh, 0, sizeof(choice.fresh));
		st = dictionary_write(s, err);
	}
	if (st == SHEAF_OK && s->dict_content.bad)
		st = fail_nomem(err);
	if (st == SHEAF_OK && s->dict_content.len != 0)
		st = zenc_dict_new(&s->dict, s->dict_content.p,
				   s->dict_content.len, o->level, o->block_size,
				   err);
	buf_done(&choice.fresh);
	blocks_release(old);
	free(samples);
	return st;
}

/* choose the dictionary if that is still to be done, and let the held blocks go
 */
static enum sheaf_status release_held(struct stage *s, struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	if (!s->chosen && s->count != 0)
		st = choose(s, err);
	while (st == SHEAF_OK && s->submitted < s->count)
		st = submit(s, s->blocks[s->submitted].draft, err);
	s->held = 0;
	return st;
}

static enum sheaf_status close_open(struct stage *s, struct sheaf_error *err)
{
	struct draft_block *d = s->open;

	if (d == NULL)
		return SHEAF_OK;
	s->open = NULL;
	s->held += d->content.len;
	if (s->chosen)
		return submit(s, d, err);
	return s->held >= HOLD_BYTES ? release_held(s, err) : SHEAF_OK;
}

static enum sheaf_status open_new(struct stage *s, struct sheaf_error *err)
{
	struct draft_block *d;

	if (s->count == s->cap) {
		uint32_t cap = s->cap != 0 ? 2 * s->cap : 64;
		struct written *more = realloc(s->blocks, cap * sizeof(*more));

		if (more == NULL)
			return fail_nomem(err);
		s->blocks = more;
		s->cap = cap;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return fail_nomem(err);
	d->stage = s;
	d->first = s->articles;
	d->number = s->count;
	s->blocks[s->count].offset = 0;
	s->blocks[s->count].draft = d;
	s->count++;
	s->open = d;
	return SHEAF_OK;
}

enum sheaf_status stage_add(struct stage *s, const void *bytes, size_t len,
			    uint32_t seed, uint32_t *block, uint32_t *slot,
			    struct sheaf_error *err)
{
	struct draft_block *d = s->open;
	uint32_t len32 = (uint32_t)len;
	enum sheaf_status st = SHEAF_OK;

	if (d != NULL && (d->content.len + len > s->options.block_size ||
			  draft_count(d) == ARTICLES_MAX))
		st = close_open(s, err);
	if (st == SHEAF_OK && s->open == NULL)
		st = open_new(s, err);
	if (st != SHEAF_OK)
		return st;
	d = s->open;
	*block = d->number;
	*slot = draft_count(d);
	buf_bytes(&d->content, bytes, len);
	buf_bytes(&d->lengths, &len32, sizeof(len32));
	buf_bytes(&d->seeds, &seed, sizeof(seed));
	s->articles++;
	if (d->content.bad || d->lengths.bad || d->seeds.bad)
		return fail_nomem(err);
	if (d->content.len >= s->options.block_size)
		st = close_open(s, err);
	return st;
}

static bool draft_same(const struct draft_block *d, uint32_t slot,
		       const void *bytes, size_t len)
{
	const uint32_t *lengths = (const uint32_t *)(void *)d->lengths.p;
	size_t at = 0;

	if (lengths[slot] != len)
		return false;
	for (uint32_t i = 0; i < slot; i++)
		at += lengths[i];
	return len == 0 || memcmp(d->content.p + at, bytes, len) == 0;
}

enum sheaf_status stage_same(struct stage *s, uint32_t number, uint32_t slot,
			     const void *bytes, size_t len, bool *same,
			     struct sheaf_error *err)
{
	struct written *w = &s->blocks[number];
	struct block *block;
	const uint8_t *p;
	size_t have;
	uint32_t seed;
	enum sheaf_status st;

	if (w->draft != NULL) {
		*same = draft_same(w->draft, slot, bytes, len);
		return SHEAF_OK;
	}
	st = segment_flush(s->segment, err);
	s->view.end = s->segment->at;
	if (st == SHEAF_OK)
		st = blocks_get(s->readback, w->offset, &block, err);
	if (st != SHEAF_OK)
		return st;
	st = block_article(block, slot, &p, &have, &seed, err);
	if (st == SHEAF_OK)
		*same = have == len && (len == 0 || memcmp(p, bytes, len) == 0);
	blocks_release(block);
	return st;
}

enum sheaf_status stage_finish(struct stage *s, struct sheaf_error *err)
{
	enum sheaf_status st = close_open(s, err);

	if (st == SHEAF_OK)
		st = release_held(s, err);
	for (uint32_t i = 0; i < s->count && st == SHEAF_OK; i++)
		if (s->blocks[i].draft != NULL)
			st = take_one(s, err);
	return st;
}

uint64_t stage_offset(const struct stage *s, uint32_t block)
{
	return s->blocks[block].offset;
}

uint64_t stage_blocks(const struct stage *s)
{
	return s->count + s->extra_blocks;
}

uint64_t stage_dictionary(const struct stage *s)
{
	return s->dictionary;
}
