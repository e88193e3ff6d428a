/*
 * compact.c - the same records and history in a new, smaller file
 *
 * What is asked for, over carry.c: everything through a stage, nothing copied.
 */
#include <sheaf/compact.h>

#include <time.h>

#include "formats/sheaf/limits.h"
#include "pack/carry.h"

#define LEVEL_DEFAULT 19
#define BLOCK_DEFAULT ((size_t)64 << 10)
/* A dictionary of a third of the articles: 41 MB of laws came to 6.483 MB with
 * a fifth, 6.370 with a third, 6.340 with a half, which is all in memory then.
 */
#define DICT_SHARE 3
#define DICT_LEAST ((size_t)64 << 10)
#define DICT_MOST ((size_t)48 << 20) /* with tables it is a block still */
#define BLOCK_LEAST ((size_t)1 << 10)

static size_t dictionary_size(const struct sheaf_compact_options *o,
			      size_t memory, const struct sheaf_corpus *old)
{
	size_t size = o->dictionary_size;
	size_t most = carry_dictionary_most(memory);

	if (size != 0)
		return size;
	size = (size_t)(old->footer.article_bytes / DICT_SHARE);
	if (size < DICT_LEAST)
		return 0;
	return size > most ? most : size;
}

static enum sheaf_status old_open(struct sink **lock, struct sheaf_corpus **old,
				  const char *path,
				  const struct sheaf_wait *wait,
				  struct sheaf_error *err)
{
	struct source src;
	enum sheaf_status st = sink_open_wait(lock, path, wait, err);

	if (st == SHEAF_OK)
		st = source_fd(&src, sink_fd(*lock), err);
	return st == SHEAF_OK ? corpus_open(old, src, 0, err) : st;
}

static enum sheaf_status options_check(const struct sheaf_compact_options *o,
				       struct sheaf_error *err)
{
	if (o->block_size != 0 &&
	    (o->block_size < BLOCK_LEAST || o->block_size > BLOCK_MAX))
		return fail(err, SHEAF_MISUSE, "block size: 1K to 64M");
	if (o->dictionary_size > DICT_MOST)
		return fail(err, SHEAF_MISUSE, "dictionary size: at most 48M");
	return commit_options_check(o->level, o->message, err);
}

enum sheaf_status sheaf_compact(const char *path,
				const struct sheaf_compact_options *options,
				struct sheaf_commit_result *result,
				struct sheaf_error *err)
{
	static const struct sheaf_compact_options defaults;
	const struct sheaf_compact_options *o =
		options != NULL ? options : &defaults;
	struct carry_options co = {
		.output = o->output,
		.like = -1,
		.all_strings = true,
		.stage = { .level = o->level != 0 ? o->level : LEVEL_DEFAULT,
			   .block_size = o->block_size != 0 ? o->block_size :
							      BLOCK_DEFAULT,
			   .threads = o->threads },
		.memory = o->memory,
		.time = o->has_time ? o->time : (int64_t)time(NULL),
		.message = o->message,
		.on_progress = o->on_progress,
		.arg = o->arg,
	};
	struct sheaf_corpus *old = NULL;
	struct sink *lock = NULL;
	struct carry_result out;
	enum sheaf_status st = options_check(o, err);

	if (st == SHEAF_OK)
		st = carry_memory(&co.memory, err);
	if (st == SHEAF_OK)
		st = old_open(&lock, &old, path, &o->wait, err);
	if (st == SHEAF_OK) {
		co.removed = &old->removed;
		co.stage.article_dictionary =
			dictionary_size(o, co.memory, old);
		st = o->output != NULL ?
			     carry(old, &co, &out, err) :
			     carry_over(path, lock, old, &co, &out, err);
	}
	if (st == SHEAF_OK && result != NULL)
		*result = (struct sheaf_commit_result){
			.committed = true,
			.commit = out.commit,
			.records = out.records,
			.articles = out.articles,
			.bytes_new = out.bytes,
			.file_size = out.file_size,
		};
	sheaf_close(old);
	sink_free(lock);
	return st;
}
