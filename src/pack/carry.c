/*
 * carry.c - chosen records of a corpus, in a new file
 *
 * Under compact, slice and rm --erase: reads through an open handle and writes
 * one segment, whose first footer has the commits before it in a history table.
 */
#include "pack/carry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pool.h"
#include "io/draft.h"
#include "pack/carry_work.h"
#include "pack/past.h"
#include "read/check.h"

#define THREADS_MAX 64
#define MEMORY_DEFAULT ((size_t)1 << 30)
#define MEMORY_MIN ((size_t)16 << 20)

/* Bytes of memory that an article takes while the new file is made: 48 of
 * struct carried, 16 of its url's key, 10 for its place and that of its record.
 * The check of the new file takes more, when these are gone. */
#define ARTICLE_COST 74

/* Digested for level 13 and more, a dictionary takes 12 bytes for each of its
 * own, and these rounded up to a power of two: 384 MiB for 32 MiB, beside which
 * there are its copies and the articles.  What holds its entropy tables is
 * left free, else it would be twice as much. */
#define DICT_SHARE 32
#define DICT_MOST ((size_t)32 << 20) /* no larger than `zstd -D` takes */
#define DICT_TABLES ((size_t)2 << 10)

enum sheaf_status carry_memory(size_t *memory, struct sheaf_error *err)
{
	if (*memory == 0)
		*memory = MEMORY_DEFAULT;
	return *memory >= MEMORY_MIN ?
		       SHEAF_OK :
		       fail(err, SHEAF_MISUSE, "memory: 16M or more");
}

/* a quarter at the least */
size_t carry_memory_left(size_t memory, uint64_t articles)
{
	if (articles > memory / 4 * 3 / ARTICLE_COST)
		return memory / 4;
	return memory - (size_t)articles * ARTICLE_COST;
}

size_t carry_dictionary_most(size_t memory)
{
	size_t most = DICT_MOST;

	while (most > memory / DICT_SHARE)
		most /= 2;
	return most - DICT_TABLES;
}

static unsigned int threads_of(const struct carry_options *o)
{
	unsigned int n = pool_threads(o->stage.threads);

	return n > THREADS_MAX ? THREADS_MAX : n;
}

static enum sheaf_status file_make(struct carry *c)
{
	const struct carry_options *o = c->options;
	enum sheaf_status st = sink_create(&c->sink, o->output, c->err);
	struct stat like;

	if (st != SHEAF_OK || o->like < 0)
		return st;
	if (fstat(o->like, &like) != 0 ||
	    fchmod(sink_fd(c->sink), like.st_mode & 07777) != 0)
		return fail_io(c->err, errno,
			       "can't give the new file its permissions");
	return SHEAF_OK;
}

static enum sheaf_status start(struct carry *c)
{
	enum sheaf_status st = file_make(c);

	if (st == SHEAF_OK)
		st = scratch_new(&c->scratch, c->options->output, c->err);
	if (st == SHEAF_OK)
		st = segment_init(&c->segment, c->sink, c->err);
	if (st == SHEAF_OK)
		st = segment_describe(&c->segment, c->err);
	return st;
}

static int on_verified(uint64_t done, uint64_t total, void *arg)
{
	const struct carry *c = arg;

	(void)done;
	(void)total;
	return c->options->on_progress(c->total, c->total, c->options->arg);
}

/* is the new file whole, article by article; it has no name yet */
static enum sheaf_status new_check(void *arg, struct sheaf_error *err)
{
	struct carry *c = arg;
	struct sheaf_verify_options o = { .threads = c->threads, .arg = c };

	if (c->options->on_progress != NULL)
		o.on_progress = on_verified;
	/* what nobody needs any more */
	stage_free(c->stage);
	c->stage = NULL;
	buf_done(&c->carried);
	buf_done(&c->scrubbed);
	plan_done(&c->plan);
	return verify_new(sink_fd(c->sink), o, err);
}

static enum sheaf_status finish(struct carry *c)
{
	const struct carry_options *o = c->options;
	struct commit_input in = {
		.entries = c->entries,
		.place = stage_place,
		.place_arg = c->stage,
		.scratch = c->scratch,
		.budget = o->memory / CARRY_SORT_SHARE,
		.names = c->names,
		.new_bytes = c->total,
		.time = o->time,
		.message = o->message,
		.removed = o->removed,
		.history = &c->history,
		.check = new_check,
		.check_arg = c,
	};
	struct carry_result *out = c->out;
	struct footer *f = malloc(sizeof(*f));
	size_t n;
	enum sheaf_status st;

	if (f == NULL)
		return fail_nomem(c->err);
	(void)carry_all(c, &n);
	in.new_articles = n;
	out->blocks_new = stage_blocks(c->stage);
	in.blocks = out->blocks_copied + out->blocks_new;
	in.dictionary = stage_dictionary(c->stage);
	st = commit_write(&c->segment, &in, f, c->err);
	if (st == SHEAF_OK) {
		out->commit = f->commit;
		out->records = f->records;
		out->articles = f->articles;
		out->bytes = f->article_bytes;
		out->file_size = f->offset + f->size;
	}
	free(f);
	return st;
}

static enum sheaf_status flow(struct carry *c)
{
	enum sheaf_status st = start(c);

	if (st == SHEAF_OK)
		st = past_history(c->old, &c->messages, &c->history, c->err);
	if (st == SHEAF_OK)
		st = carry_find(c);
	if (st == SHEAF_OK)
		st = carry_blocks(c);
	if (st == SHEAF_OK)
		st = carry_records(c);
	if (st == SHEAF_OK)
		st = stage_finish(c->stage, c->err);
	if (st == SHEAF_OK)
		st = finish(c);
	return st;
}

enum sheaf_status carry(struct sheaf_corpus *old,
			const struct carry_options *options,
			struct carry_result *out, struct sheaf_error *err)
{
	struct carry c = { .options = options,
			   .out = out,
			   .old = old,
			   .threads = threads_of(options),
			   .err = err };
	enum sheaf_status st;

	memset(out, 0, sizeof(*out));
	st = flow(&c);
	stage_free(c.stage);
	segment_done(&c.segment);
	entries_free(c.entries);
	scratch_free(c.scratch);
	sink_free(c.sink);
	names_free(c.names);
	free(c.codes);
	places_free(c.urls);
	history_done(&c.history);
	arena_done(&c.messages);
	buf_done(&c.carried);
	buf_done(&c.scrubbed);
	plan_done(&c.plan);
	return st;
}

/* --- in the place of the old file --- */

/* ".NAME.sheaf-new" beside the corpus */
static char *draft_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash != NULL ? (int)(slash + 1 - path) : 0;
	size_t size = strlen(path) + 32;
	char *name = malloc(size);

	if (name != NULL)
		(void)snprintf(name, size, "%.*s.%s.sheaf-new", folder, path,
			       path + folder);
	return name;
}

enum sheaf_status carry_over(const char *path, struct sink *lock,
			     struct sheaf_corpus *old,
			     const struct carry_options *options,
			     struct carry_result *out, struct sheaf_error *err)
{
	struct carry_options o = *options;
	char *real = realpath(path, NULL);
	char *draft = NULL;
	enum sheaf_status st = SHEAF_OK;

	if (real == NULL)
		return errno == ENOMEM ?
			       fail_nomem(err) :
			       fail_io(err, errno, "can't find its folder");
	draft = draft_name(real);
	if (draft == NULL)
		st = fail_nomem(err);
	else
		(void)unlink(draft); /* of a run that was killed */
	o.output = draft;
	o.like = sink_fd(lock);
	if (st == SHEAF_OK)
		st = carry(old, &o, out, err);
	if (st == SHEAF_OK)
		st = draft_rename(draft, real, err);
	if (st != SHEAF_OK && draft != NULL)
		(void)unlink(draft);
	free(draft);
	free(real);
	return st;
}
