/*
 * salvage.c - a new corpus from whatever is whole of a damaged one
 *
 * The file is gone through as verify does, deep and to its very end; then what
 * was whole is written through the ordinary stage and commit, as compact does:
 * one segment with the commits before it in a history table.  No offset that
 * the file holds is believed but those of parents, and these are held against
 * the blocks that were found.
 */
#include "pack/salvage.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/pool.h"
#include "pack/carry.h"

#define LEVEL_DEFAULT 9
#define BLOCK_DEFAULT ((size_t)8 << 10)
#define THREADS_MAX 64
#define SORT_SHARE 16 /* of memory, for records, and for each index */

const uint8_t *salvage_id(const struct salvage *s, uint32_t article)
{
	return s->check.ids.p + (size_t)article * SHEAF_ID_SIZE;
}

uint32_t salvage_article(const struct salvage *s,
			 const struct sheaf_place *place)
{
	const struct seen_block *b = check_block(&s->check, place->block);
	uint32_t article;

	if (b == NULL || b->bad || place->slot >= b->count)
		return SALVAGE_NONE;
	article = b->first_length + place->slot;
	return s->numbers[article] != SALVAGE_NONE ? article : SALVAGE_NONE;
}

uint64_t salvage_commit_of(const struct salvage *s, uint64_t commit)
{
	if (commit == 0)
		return 1;
	return commit < s->last ? commit : s->last;
}

/* --- the damaged file --- */

static enum sheaf_status file_check(struct salvage *s, const char *path)
{
	struct check *c = &s->check;
	struct source src;
	enum sheaf_status st = source_file(&src, path, s->err);

	if (st == SHEAF_OK)
		st = check_open(c, src, true);
	if (st == SHEAF_OK)
		st = check_frames(c);
	if (st == SHEAF_OK)
		st = check_blocks_decode(c);
	if (st == SHEAF_OK)
		st = check_report_sort(c);
	if (st == SHEAF_OK)
		st = pages_new(&s->pages, &c->view, s->err);
	if (st == SHEAF_OK)
		st = check_lost(c, s->pages);
	s->articles = c->lengths.len / sizeof(uint32_t);
	return st;
}

static void lost_tell_all(struct salvage *s, enum sheaf_status *st)
{
	check_report_tell(&s->check);
	*st = check_lost_tell(&s->check, s->pages);
}

/* --- its articles --- */

static int id_compare(const void *a, const void *b, void *arg)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order =
		memcmp(salvage_id(arg, x), salvage_id(arg, y), SHEAF_ID_SIZE);

	return order != 0 ? order : (x > y) - (x < y);
}

/* A sheaf writer stores no id twice; what has one twice is taken once: *twins
 * has of each article the first of its id */
static enum sheaf_status twins_find(struct salvage *s, uint32_t **twins)
{
	size_t n = s->articles;
	uint32_t *order = malloc((n + 1) * sizeof(*order));

	*twins = malloc((n + 1) * sizeof(**twins));
	if (order == NULL || *twins == NULL) {
		free(order);
		return fail_nomem(s->err);
	}
	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	if (n != 0)
		qsort_r(order, n, sizeof(*order), id_compare, s);
	for (size_t i = 0; i < n; i++) {
		uint32_t at = order[i];

		(*twins)[at] = at;
		if (i != 0 && memcmp(salvage_id(s, order[i - 1]),
				     salvage_id(s, at), SHEAF_ID_SIZE) == 0)
			(*twins)[at] = (*twins)[order[i - 1]];
	}
	free(order);
	return SHEAF_OK;
}

static enum sheaf_status article_move(struct salvage *s, uint32_t article,
				      const struct block *block, uint32_t slot,
				      uint32_t twin)
{
	const uint8_t *p;
	size_t len;
	uint32_t seed;
	enum sheaf_status st =
		block_article(block, slot, &p, &len, &seed, s->err);

	if (st != SHEAF_OK)
		return st;
	if (twin < article && s->numbers[twin] != SALVAGE_NONE) {
		s->numbers[article] = s->numbers[twin];
		return SHEAF_OK;
	}
	st = stage_add(s->stage, p, len, seed, NULL, &s->numbers[article],
		       s->err);
	s->bytes += len;
	s->new_articles++;
	return st;
}

static enum sheaf_status
block_move(struct salvage *s, const struct seen_block *b, const uint32_t *twins)
{
	struct sheaf_error why;
	struct block *block;
	enum sheaf_status st;

	st = blocks_get(s->check.readers, b->offset, &block, &why);
	if (st == SHEAF_CORRUPT) /* it was whole a moment ago */
		return fail(s->err, SHEAF_IO,
			    "the file changed while it was read");
	if (st != SHEAF_OK) {
		if (s->err != NULL)
			*s->err = why;
		return st;
	}
	for (uint32_t i = 0; i < b->count && st == SHEAF_OK; i++)
		st = article_move(s, b->first_length + i, block, i,
				  twins[b->first_length + i]);
	blocks_release(block);
	if (st == SHEAF_OK && s->options->on_progress != NULL &&
	    s->options->on_progress(b->end, s->check.size, s->options->arg) !=
		    0)
		st = fail(s->err, SHEAF_CANCELLED, "stopped");
	return st;
}

static enum sheaf_status articles_move(struct salvage *s)
{
	uint32_t *twins;
	size_t n;
	const struct seen_block *b = check_blocks(&s->check, &n);
	enum sheaf_status st;

	s->numbers = malloc((s->articles + 1) * sizeof(*s->numbers));
	s->taken = calloc(s->articles + 1, 1);
	if (s->numbers == NULL || s->taken == NULL)
		return fail_nomem(s->err);
	memset(s->numbers, 0xff, (s->articles + 1) * sizeof(*s->numbers));
	st = twins_find(s, &twins);
	for (size_t i = 0; i < n && st == SHEAF_OK; i++)
		if (!b[i].bad && b[i].count != 0)
			st = block_move(s, &b[i], twins);
	free(twins);
	return st;
}

/* --- the new file --- */

static enum sheaf_status output_start(struct salvage *s, const char *output)
{
	const struct sheaf_salvage_options *o = s->options;
	struct stage_options so = {
		.level = o->level != 0 ? o->level : LEVEL_DEFAULT,
		.block_size = BLOCK_DEFAULT,
		.threads = s->verify.threads,
		.batch = stage_batch_of(
			carry_memory_left(s->memory, s->articles)),
		.commit = s->last + 1,
	};
	enum sheaf_status st;

	st = scratch_new(&s->scratch, output, s->err);
	if (st == SHEAF_OK)
		st = entries_new(&s->entries, s->scratch,
				 s->memory / SORT_SHARE, s->err);
	if (st == SHEAF_OK)
		st = segment_init(&s->segment, s->sink, s->err);
	if (st == SHEAF_OK)
		st = segment_describe(&s->segment, s->err);
	if (st == SHEAF_OK)
		st = names_new(&s->names, NULL, s->err);
	if (st == SHEAF_OK)
		st = stage_new(&s->stage, &s->segment, &so, s->err);
	return st;
}

/* is what was written whole, article by article */
static enum sheaf_status output_verify(void *arg, struct sheaf_error *err)
{
	const struct salvage *s = arg;

	return verify_new(
		sink_fd(s->sink),
		(struct sheaf_verify_options){ .threads = s->verify.threads },
		err);
}

static enum sheaf_status output_finish(struct salvage *s)
{
	const struct sheaf_salvage_options *o = s->options;
	struct commit_input in = {
		.entries = s->entries,
		.place = stage_place,
		.place_arg = s->stage,
		.scratch = s->scratch,
		.budget = s->memory / SORT_SHARE,
		.names = s->names,
		.new_articles = s->new_articles,
		.new_bytes = s->bytes,
		.time = o->has_time ? o->time : (int64_t)time(NULL),
		.message = o->message,
		.removed = &s->removed,
		.history = &s->history,
		.check = output_verify,
		.check_arg = s,
	};
	struct footer *f = malloc(sizeof(*f));
	enum sheaf_status st;

	if (f == NULL)
		return fail_nomem(s->err);
	in.blocks = stage_blocks(s->stage);
	in.dictionary = stage_dictionary(s->stage);
	st = commit_write(&s->segment, &in, f, s->err);
	if (st == SHEAF_OK) {
		s->result.commit = f->commit;
		s->result.records = f->records;
		s->result.articles = f->articles;
		s->result.file_size = f->offset + f->size;
	}
	free(f);
	return st;
}

/* --- the flow --- */

static enum sheaf_status tables_read(struct salvage *s)
{
	enum sheaf_status st = salvage_commits(s);

	if (st == SHEAF_OK)
		st = salvage_removed(s);
	return st == SHEAF_OK ? salvage_urls(s) : st;
}

static enum sheaf_status flow(struct salvage *s, const char *damaged,
			      const char *output)
{
	enum sheaf_status st = sink_create(&s->sink, output, s->err);

	if (st == SHEAF_OK)
		st = file_check(s, damaged);
	if (st == SHEAF_OK)
		st = tables_read(s);
	if (st == SHEAF_OK)
		st = output_start(s, output);
	if (st == SHEAF_OK)
		st = salvage_codes(s);
	if (st == SHEAF_OK)
		st = articles_move(s);
	if (st == SHEAF_OK && s->new_articles == 0)
		st = fail(s->err, SHEAF_CORRUPT,
			  "no article of it is whole, so nothing was written");
	if (st == SHEAF_OK)
		st = stage_finish(s->stage, s->err);
	if (st == SHEAF_OK)
		st = salvage_records(s);
	if (st == SHEAF_OK)
		st = output_finish(s);
	if (st == SHEAF_OK)
		lost_tell_all(s, &st);
	return st;
}

static void result_take(struct salvage *s, struct sheaf_salvage_result *out)
{
	s->result.lost_articles = s->found.lost_articles;
	s->result.lost_unknown = s->found.lost_unknown;
	s->result.lost_records = s->found.lost_records;
	s->result.lost_names = s->found.lost_names;
	s->result.damages = s->found.damages;
	s->result.removed = s->removed.count;
	if (out != NULL)
		*out = s->result;
}

static void salvage_done(struct salvage *s)
{
	stage_free(s->stage);
	segment_done(&s->segment);
	sink_free(s->sink);
	names_free(s->names);
	entries_free(s->entries);
	scratch_free(s->scratch);
	history_done(&s->history);
	removed_done(&s->removed);
	arena_done(&s->arena);
	pages_free(s->pages);
	check_done(&s->check);
	buf_done(&s->urls);
	free(s->codes);
	free(s->numbers);
	free(s->taken);
}

enum sheaf_status sheaf_salvage(const char *damaged, const char *output,
				const struct sheaf_salvage_options *options,
				struct sheaf_salvage_result *result,
				struct sheaf_error *err)
{
	static const struct sheaf_salvage_options defaults;
	struct salvage s = { .options = options != NULL ? options : &defaults,
			     .err = err };
	enum sheaf_status st =
		commit_options_check(s.options->level, s.options->message, err);

	s.memory = s.options->memory;
	if (st == SHEAF_OK)
		st = carry_memory(&s.memory, err);
	if (st != SHEAF_OK)
		return st;
	s.verify.deep = true;
	s.verify.threads = pool_threads(s.options->threads);
	if (s.verify.threads > THREADS_MAX)
		s.verify.threads = THREADS_MAX;
	s.verify.on_damage = s.options->on_damage;
	s.verify.on_progress = s.options->on_progress;
	s.verify.arg = s.options->arg;
	s.check.options = &s.verify;
	s.check.result = &s.found;
	s.check.err = err;
	st = flow(&s, damaged, output);
	if (st == SHEAF_OK)
		result_take(&s, result);
	salvage_done(&s);
	return st;
}
