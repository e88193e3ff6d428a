/*
 * pack.c - the writer: all of flow 1 on one screen
 *
 *   sheaf_writer_remove()  which articles are gone         remove.c
 *   sheaf_writer_add()     hash, find or store the bytes   dedup.c, stage.c
 *                          find or add the record          record.c
 *   sheaf_writer_commit()  finish the blocks               stage.c
 *                          tables, tree, footer, fsync     write/commit.c
 */
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "formats/sheaf/limits.h"
#include "pack/known.h"

#define LEVEL_DEFAULT 9
/* Random reads of 80 MB of press releases take 9, 13, 18 and 24 us (median)
 * with blocks of 4, 8, 16 KiB cut every 4, and 16 whole; the file
 * is 1.10, 1.05, 1.01 and 1 times as large. Of 22 MB of Chinese and English:
 * 12, 14, 18, 25 us and 1.02, 1.01, 1.00, 1. */
#define BLOCK_DEFAULT ((size_t)8 << 10)
#define BLOCK_MIN ((size_t)1 << 10)
#define THREADS_MAX 64
#define MEMORY_DEFAULT ((size_t)1 << 30)
#define MEMORY_MIN ((size_t)16 << 20)
/* of memory, for the records before they go to the scratch file, and for each
 * index: without these, at 1 GiB, half a million records */
#define SORT_SHARE 16
/* bytes of memory that a record takes until the commit, in the tables of ids
 * and names, for its place and its article's; and what lies idle in malloc's
 * heaps, which grow with them: some 40 in all are in use, and with 32 in their
 * place 10 M posts of 1 KB took 1,302 MiB of 1,024 */
#define RECORD_COST 96

static enum sheaf_status options_take(struct sheaf_writer *w,
				      const struct sheaf_write_options *o,
				      struct sheaf_error *err)
{
	long cpus;

	if (o != NULL)
		w->options = *o;
	w->adapts = w->options.level == 0 && w->options.block_size == 0;
	if (w->options.level == 0)
		w->options.level = LEVEL_DEFAULT;
	if (w->options.block_size == 0)
		w->options.block_size = BLOCK_DEFAULT;
	if (w->options.threads == 0) {
		cpus = sysconf(_SC_NPROCESSORS_ONLN);
		w->options.threads = cpus > 0 ? (unsigned int)cpus : 1;
	}
	if (w->options.memory == 0)
		w->options.memory = MEMORY_DEFAULT;
	if (w->options.memory < MEMORY_MIN)
		return fail(err, SHEAF_MISUSE, "memory: 16M or more");
	if (w->options.threads > THREADS_MAX)
		w->options.threads = THREADS_MAX;
	if (w->options.level < 1 || w->options.level > 22)
		return fail(err, SHEAF_MISUSE, "level: 1 to 22");
	if (w->options.block_size < BLOCK_MIN ||
	    w->options.block_size > BLOCK_MAX)
		return fail(err, SHEAF_MISUSE, "block size: 1K to 64M");
	if (w->options.dictionary_size > BLOCK_MAX)
		return fail(err, SHEAF_MISUSE, "dictionary size: at most 64M");
	return SHEAF_OK;
}

/* the corpus as it is, read through the descriptor that will be appended to */
static enum sheaf_status old_open(struct sheaf_writer *w, const char *path,
				  struct sheaf_error *err)
{
	struct source src;
	enum sheaf_status st;

	if (w->sink != NULL)
		st = source_fd(&src, sink_fd(w->sink), err);
	else
		st = source_file(&src, path, err);
	if (st == SHEAF_OK)
		st = corpus_open(&w->old, src, 0, err);
	if (st == SHEAF_OK)
		w->old_end = w->old->view.end;
	return st;
}

static enum sheaf_status file_open(struct sheaf_writer *w, const char *path,
				   struct sheaf_error *err)
{
	enum sheaf_status st;

	if (w->options.dry_run) {
		st = old_open(w, path, err);
		return st == SHEAF_NOT_FOUND ? SHEAF_OK : st;
	}
	st = sink_open_wait(&w->sink, path, &w->options.wait, err);
	if (st == SHEAF_OK && w->options.create_only)
		return fail(err, SHEAF_MISUSE, "exists already");
	if (st == SHEAF_OK)
		return old_open(w, path, err);
	if (st == SHEAF_NOT_FOUND)
		st = sink_create(&w->sink, path, err);
	return st;
}

enum sheaf_status sheaf_writer_open(struct sheaf_writer **out, const char *path,
				    const struct sheaf_write_options *options,
				    struct sheaf_error *err)
{
	struct sheaf_writer *w = calloc(1, sizeof(*w));
	const struct codes *codes = NULL;
	enum sheaf_status st;

	*out = NULL;
	if (w == NULL)
		return fail_nomem(err);
	st = options_take(w, options, err);
	if (st == SHEAF_OK)
		st = file_open(w, path, err);
	if (st == SHEAF_OK && w->old != NULL)
		st = corpus_codes(w->old, &codes, err);
	if (st == SHEAF_OK)
		st = names_new(&w->names, codes, err);
	if (st == SHEAF_OK)
		st = pack_removed_copy(w, err);
	w->sort_budget = w->options.memory / SORT_SHARE;
	if (st == SHEAF_OK)
		st = scratch_new(&w->scratch, path, err);
	if (st == SHEAF_OK)
		st = entries_new(&w->entries, w->scratch, w->sort_budget, err);
	if (st == SHEAF_OK)
		*out = w;
	else
		sheaf_writer_free(w);
	return st;
}

void sheaf_writer_free(struct sheaf_writer *w)
{
	if (w == NULL)
		return;
	stage_free(w->stage);
	segment_done(&w->segment);
	if (w->started && w->old != NULL && !w->result.committed)
		(void)sink_truncate(w->sink, w->old_end, NULL);
	names_free(w->names);
	removed_done(&w->removed);
	sheaf_close(w->old);
	sink_free(w->sink);
	table_done(&w->by_id);
	table_done(&w->by_name);
	buf_done(&w->dry_ids);
	entries_free(w->entries);
	scratch_free(w->scratch);
	free(w);
}

/* The more the tables take, the less is left for a batch, down to a quarter. An
 * add of 10 M posts of 1 KB took 1,051 MiB so, and 1,168 with an eighth, where
 * malloc is left alone: what lies idle in its heaps is more than that.  The
 * program has large things mapped: 822, and 649 with one dictionary, not 75. */
static struct batch_size batch_of(const struct sheaf_writer *w)
{
	size_t memory = w->options.memory;
	size_t tables = (size_t)w->result.records * RECORD_COST;

	return stage_batch_of(tables > memory / 4 * 3 ? memory / 4 :
							memory - tables);
}

enum sheaf_status pack_start(struct sheaf_writer *w, struct sheaf_error *err)
{
	struct stage_options o = {
		.level = w->options.level,
		.block_size = w->options.block_size,
		.adapts = w->adapts,
		.dictionary_size = w->options.dictionary_size,
		.no_dictionary = w->options.no_dictionary,
		.threads = w->options.threads,
		.batch = batch_of(w),
		.commit = w->old != NULL ? w->old->footer.commit + 1 : 1,
		.old = w->old,
	};
	enum sheaf_status st = SHEAF_OK;

	if (w->started)
		return SHEAF_OK;
	if (w->old != NULL && w->old->torn != 0) {
		st = sink_truncate(w->sink, w->old_end, err);
		/* else what a power failure leaves of this commit could lie
		 * among sectors of the tail, and look like a damaged footer */
		if (st == SHEAF_OK)
			st = sink_sync(w->sink, err);
	}
	if (st == SHEAF_OK)
		st = segment_init(&w->segment, w->sink, err);
	w->started = st == SHEAF_OK;
	if (st == SHEAF_OK && w->old == NULL)
		st = segment_describe(&w->segment, err);
	if (st == SHEAF_OK)
		st = stage_new(&w->stage, &w->segment, &o, err);
	return st;
}

enum sheaf_status pack_check(const struct sheaf_article *a,
			     struct sheaf_error *err)
{
	if (a->len > SHEAF_ARTICLE_MAX)
		return fail(err, SHEAF_LIMIT,
			    "larger than 64 MiB, which an article may be");
	if (a->name.len > SHEAF_NAME_MAX)
		return fail(err, SHEAF_LIMIT, "name longer than 65,535 bytes");
	if (a->name.len == 0 || memchr(a->name.p, 0, a->name.len) != NULL)
		return fail(err, SHEAF_MISUSE,
			    "a name must not be empty or hold a NUL byte");
	return SHEAF_OK;
}

/* An older article that this may be an edit of: of the same name, else of the
 * same url; NULL: none such.  A removed one does as well: its bytes are there.
 */
static enum sheaf_status
base_find(struct sheaf_writer *w, const struct sheaf_article *a,
	  const struct standing *name, struct sheaf_place *place,
	  const struct sheaf_place **out, struct sheaf_error *err)
{
	bool found = false;
	enum sheaf_status st = SHEAF_OK;

	*out = NULL;
	if (name->found && !name->origin.is_fresh) {
		*place = name->origin.place;
		found = true;
	} else if (!name->found && name->has_older) {
		*place = name->newest;
		found = true;
	} else if (!name->found && w->old != NULL && a->fields != NULL &&
		   a->fields->url.len != 0) {
		st = known_url(w->old, a->fields->url, &found, place, err);
	}
	if (found)
		*out = place;
	return st;
}

static enum sheaf_status article_store(struct sheaf_writer *w,
				       const struct sheaf_article *a,
				       const struct standing *name,
				       struct packed *packed,
				       struct sheaf_error *err)
{
	const struct sheaf_place *base;
	struct sheaf_place place;
	enum sheaf_status st = base_find(w, a, name, &place, &base, err);

	if (st != SHEAF_OK)
		return st;
	if (w->stage != NULL)
		stage_batch(w->stage, batch_of(w));
	return pack_store(w, a->bytes, a->len, base, packed, err);
}

enum sheaf_status sheaf_writer_add(struct sheaf_writer *w,
				   const struct sheaf_article *a,
				   enum sheaf_added *added,
				   struct sheaf_error *err)
{
	enum sheaf_added unused;
	struct standing name;
	struct packed packed;
	bool refused;
	enum sheaf_status st;

	if (w->broken)
		return fail(err, SHEAF_MISUSE, "the writer is finished");
	st = pack_check(a, err);
	if (st != SHEAF_OK)
		return st;
	w->result.bytes_in += a->len;
	st = pack_find(w, a->bytes, a->len, &packed, &refused, err);
	if (st == SHEAF_OK && refused) {
		w->result.refused++;
		if (added != NULL)
			*added = SHEAF_ADDED_REFUSED;
		return SHEAF_OK;
	}
	if (st == SHEAF_OK)
		st = pack_standing(w, a->name, &name, err);
	if (st == SHEAF_OK && packed.is_new)
		st = article_store(w, a, &name, &packed, err);
	if (st == SHEAF_OK)
		st = pack_record(w, a, &name, &packed,
				 added != NULL ? added : &unused, err);
	w->broken = st != SHEAF_OK;
	return st;
}

/* block numbers become places, now that all blocks lie in the file */
static enum sheaf_status commit_run(struct sheaf_writer *w,
				    const struct sheaf_commit_options *o,
				    struct footer *f, struct sheaf_error *err)
{
	struct commit_input in = {
		.old = w->old,
		.names = w->names,
		.entries = w->entries,
		.place = stage_place,
		.scratch = w->scratch,
		.budget = w->sort_budget,
		.new_articles = w->result.articles,
		.new_bytes = w->result.bytes_new,
		.time = o->has_time ? o->time : (int64_t)time(NULL),
		.message = o->message,
		.removed = &w->removed,
	};
	enum sheaf_status st;

	st = pack_start(w, err);
	if (st == SHEAF_OK)
		st = stage_finish(w->stage, err);
	if (st != SHEAF_OK)
		return st;
	table_done(&w->by_id);
	table_done(&w->by_name);
	in.place_arg = w->stage;
	in.blocks = stage_blocks(w->stage);
	in.dictionary = stage_dictionary(w->stage);
	w->result.revisions = stage_revisions(w->stage);
	w->result.revisions_saved = stage_saved(w->stage);
	return commit_write(&w->segment, &in, f, err);
}

enum sheaf_status
sheaf_writer_commit(struct sheaf_writer *w,
		    const struct sheaf_commit_options *options,
		    struct sheaf_commit_result *result, struct sheaf_error *err)
{
	static const struct sheaf_commit_options defaults;
	const struct sheaf_commit_options *o =
		options != NULL ? options : &defaults;
	struct footer *f = NULL;
	enum sheaf_status st = SHEAF_OK;

	if (w->broken)
		return fail(err, SHEAF_MISUSE, "the writer is finished");
	w->broken = true;
	if (o->message.len > MESSAGE_MAX)
		return fail(err, SHEAF_LIMIT,
			    "message longer than 4,096 bytes");
	w->result.file_size = w->old_end;
	if (!w->options.dry_run &&
	    (w->result.records != 0 || w->removed_changed || o->allow_empty)) {
		f = malloc(sizeof(*f));
		st = f == NULL ? fail_nomem(err) : commit_run(w, o, f, err);
		if (st == SHEAF_OK) {
			w->result.committed = true;
			w->result.commit = f->commit;
			w->result.file_size = f->offset + f->size;
			w->result.file_growth =
				w->result.file_size - w->old_end;
		}
		free(f);
	}
	if (st == SHEAF_OK && result != NULL)
		*result = w->result;
	return st;
}
