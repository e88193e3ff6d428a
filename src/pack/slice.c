/*
 * slice.c - a part of a corpus as a corpus of its own
 *
 * Which records, over carry.c.
 */
#include <sheaf/slice.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pack/carry.h"
#include "read/list.h"
#include "read/places.h"

struct choice {
	const struct sheaf_place *places; /* sorted; NULL: any */
	size_t place_count;
	struct buf refs; /* struct record_ref, in the order of the tables */
};

static int record_take(const struct sheaf_record *r, struct record_ref ref,
		       void *arg)
{
	struct choice *c = arg;

	if (c->places == NULL ||
	    (c->place_count != 0 &&
	     bsearch(&r->place, c->places, c->place_count, sizeof(r->place),
		     place_compare) != NULL))
		buf_bytes(&c->refs, &ref, sizeof(ref));
	return c->refs.bad;
}

static enum sheaf_status choose(struct sheaf_corpus *corpus,
				const struct sheaf_slice_options *o,
				struct choice *c, struct sheaf_error *err)
{
	size_t size = o->place_count * sizeof(*o->places);
	struct sheaf_place *places = NULL;
	enum sheaf_status st;

	if (o->places != NULL) {
		places = malloc(size != 0 ? size : 1);
		if (places == NULL)
			return fail_nomem(err);
		if (size != 0) {
			memcpy(places, o->places, size);
			qsort(places, o->place_count, sizeof(*places),
			      place_compare);
		}
	}
	c->places = places;
	c->place_count = o->place_count;
	st = list_records(corpus, o->filter, record_take, c, err);
	if (c->refs.bad)
		st = fail_nomem(err);
	if (st == SHEAF_OK && c->refs.len == 0)
		st = fail(err, SHEAF_NOT_FOUND,
			  "no record is chosen; nothing was written");
	free(places);
	return st;
}

/* those that the view shows as removed */
static enum sheaf_status removed_take(const struct sheaf_corpus *corpus,
				      struct removed *out,
				      struct sheaf_error *err)
{
	const struct removed *all = &corpus->removed;

	out->ids = calloc(all->count + 1, sizeof(*out->ids));
	if (out->ids == NULL)
		return fail_nomem(err);
	for (size_t i = 0; i < all->count; i++)
		if (all->ids[i].commit <= corpus_shown(corpus))
			out->ids[out->count++] = all->ids[i];
	return SHEAF_OK;
}

enum sheaf_status sheaf_slice(struct sheaf_corpus *corpus, const char *output,
			      const struct sheaf_slice_options *options,
			      struct sheaf_slice_result *result,
			      struct sheaf_error *err)
{
	static const struct sheaf_slice_options defaults;
	const struct sheaf_slice_options *o =
		options != NULL ? options : &defaults;
	struct carry_options co = {
		.output = output,
		.like = -1,
		.copies = true,
		.stage = { .level = o->level, .threads = o->threads },
		.memory = o->memory,
		.time = o->has_time ? o->time : (int64_t)time(NULL),
		.message = o->message,
		.on_progress = o->on_progress,
		.arg = o->arg,
	};
	struct choice choice = { 0 };
	struct removed removed = { 0 };
	struct carry_result out;
	enum sheaf_status st = commit_options_check(o->level, o->message, err);

	if (st == SHEAF_OK)
		st = carry_memory(&co.memory, err);
	if (st == SHEAF_OK)
		st = choose(corpus, o, &choice, err);
	if (st == SHEAF_OK)
		st = removed_take(corpus, &removed, err);
	co.records = (const struct record_ref *)(const void *)choice.refs.p;
	co.record_count = choice.refs.len / sizeof(*co.records);
	co.removed = &removed;
	if (st == SHEAF_OK)
		st = carry(corpus, &co, &out, err);
	if (st == SHEAF_OK && result != NULL)
		*result = (struct sheaf_slice_result){
			.commit = out.commit,
			.records = out.records,
			.articles = out.articles,
			.bytes = out.bytes,
			.file_size = out.file_size,
			.blocks_copied = out.blocks_copied,
			.articles_copied = out.articles_copied,
			.blocks_new = out.blocks_new,
		};
	buf_done(&choice.refs);
	removed_done(&removed);
	return st;
}
