/*
 * erase.c - articles out of a corpus, bytes and all
 *
 * Which articles, over carry.c: all but these.
 */
#include <sheaf/erase.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "formats/sheaf/limits.h"
#include "pack/carry.h"
#include "read/gone.h"
#include "read/places.h"

struct erasure {
	const struct sheaf_erase_options *options;
	struct sink *lock;
	struct sheaf_corpus *old;
	size_t memory;
	struct removed removed; /* when it is done */
	uint64_t fresh;		/* of these, not removed before */
	struct buf places;	/* struct sheaf_place: of what is stored */
	struct carry_result out;
	struct sheaf_error *err;
};

static int by_id(const void *a, const void *b)
{
	const struct removed_id *x = a, *y = b;
	int c = memcmp(x->id, y->id, SHEAF_ID_SIZE);

	return c != 0 ? c : (x->commit > y->commit) - (x->commit < y->commit);
}

/* those before, and these with the new commit's number */
static enum sheaf_status removed_make(struct erasure *e,
				      const uint8_t (*ids)[SHEAF_ID_SIZE],
				      size_t count)
{
	const struct removed *old = &e->old->removed;
	struct removed_id *all;
	size_t kept = 0;

	if (count > REMOVED_MAX)
		return fail(e->err, SHEAF_LIMIT,
			    "more than 16,777,216 removed ids");
	all = calloc(old->count + count + 1, sizeof(*all));
	if (all == NULL)
		return fail_nomem(e->err);
	e->removed.ids = all;
	if (old->count != 0)
		memcpy(all, old->ids, old->count * sizeof(*all));
	for (size_t i = 0; i < count; i++) {
		memcpy(all[old->count + i].id, ids[i], SHEAF_ID_SIZE);
		all[old->count + i].commit = e->old->footer.commit + 1;
	}
	qsort(all, old->count + count, sizeof(*all), by_id);
	for (size_t i = 0; i < old->count + count; i++)
		if (i == 0 ||
		    memcmp(all[i].id, all[kept - 1].id, SHEAF_ID_SIZE) != 0)
			all[kept++] = all[i];
	e->removed.count = kept;
	e->fresh = kept - old->count;
	if (kept > REMOVED_MAX)
		return fail(e->err, SHEAF_LIMIT,
			    "more than 16,777,216 removed ids");
	return SHEAF_OK;
}

/* where the articles lie */
static enum sheaf_status places_find_all(struct erasure *e,
					 const uint8_t (*ids)[SHEAF_ID_SIZE],
					 size_t count)
{
	struct sheaf_place *p;
	size_t n, kept = 0;
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; st == SHEAF_OK && i < count; i++)
		st = gone_places(e->old, ids[i], &e->places, e->err);
	if (st == SHEAF_OK && e->places.bad)
		st = fail_nomem(e->err);
	if (st != SHEAF_OK)
		return st;
	p = (struct sheaf_place *)(void *)e->places.p;
	n = e->places.len / sizeof(*p);
	if (n != 0)
		qsort(p, n, sizeof(*p), place_compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || place_compare(&p[i], &p[kept - 1]) != 0)
			p[kept++] = p[i];
	e->places.len = kept * sizeof(*p);
	return SHEAF_OK;
}

static enum sheaf_status old_open(struct erasure *e, const char *path)
{
	struct source src;
	struct stat sb;
	enum sheaf_status st =
		sink_open_wait(&e->lock, path, &e->options->wait, e->err);

	if (st == SHEAF_OK && fstat(sink_fd(e->lock), &sb) != 0)
		st = fail_io(e->err, errno, "can't stat");
	else if (st == SHEAF_OK && sb.st_nlink > 1)
		st = fail(e->err, SHEAF_MISUSE,
			  "has another hard link, which would keep the bytes; "
			  "remove that first");
	if (st == SHEAF_OK)
		st = source_fd(&src, sink_fd(e->lock), e->err);
	return st == SHEAF_OK ? corpus_open(&e->old, src, 0, e->err) : st;
}

static enum sheaf_status rewrite(struct erasure *e, const char *path)
{
	const struct sheaf_erase_options *o = e->options;
	struct carry_options co = {
		.copies = true,
		.stage = { .level = o->level, .threads = o->threads },
		.memory = e->memory,
		.without = (const struct sheaf_place *)(void *)e->places.p,
		.without_count = e->places.len / sizeof(struct sheaf_place),
		.removed = &e->removed,
		.time = o->has_time ? o->time : (int64_t)time(NULL),
		.message = o->message,
		.on_progress = o->on_progress,
		.arg = o->arg,
	};

	return carry_over(path, e->lock, e->old, &co, &e->out, e->err);
}

static void result_take(const struct erasure *e, bool committed,
			struct sheaf_erase_result *r)
{
	const struct footer *old = &e->old->footer;
	const struct carry_result *out = &e->out;

	memset(r, 0, sizeof(*r));
	r->committed = committed;
	r->commit = old->commit;
	r->size_before = r->size_after = e->old->file_size;
	r->articles_left = old->articles;
	if (!committed)
		return;
	r->commit = out->commit;
	r->articles = e->places.len / sizeof(struct sheaf_place);
	r->records = old->records - out->records;
	r->removed = e->fresh;
	r->size_after = out->file_size;
	r->articles_left = out->articles;
	r->blocks_copied = out->blocks_copied;
	r->articles_copied = out->articles_copied;
	r->blocks_new = out->blocks_new;
	r->dictionaries_scrubbed = out->dictionaries_scrubbed;
	r->dictionaries_barred = out->dictionaries_barred;
}

enum sheaf_status sheaf_erase(const char *path,
			      const uint8_t (*ids)[SHEAF_ID_SIZE], size_t count,
			      const struct sheaf_erase_options *options,
			      struct sheaf_erase_result *result,
			      struct sheaf_error *err)
{
	static const struct sheaf_erase_options defaults;
	struct erasure e = { .options = options != NULL ? options : &defaults,
			     .err = err };
	bool needed = false;
	enum sheaf_status st =
		commit_options_check(e.options->level, e.options->message, err);

	e.memory = e.options->memory;
	if (st == SHEAF_OK)
		st = carry_memory(&e.memory, err);
	if (st == SHEAF_OK)
		st = old_open(&e, path);
	if (st == SHEAF_OK)
		st = removed_make(&e, ids, count);
	if (st == SHEAF_OK)
		st = places_find_all(&e, ids, count);
	needed = e.places.len != 0 || e.fresh != 0;
	if (st == SHEAF_OK && needed)
		st = rewrite(&e, path);
	if (st == SHEAF_OK && result != NULL)
		result_take(&e, needed, result);
	sheaf_close(e.old);
	sink_free(e.lock);
	removed_done(&e.removed);
	buf_done(&e.places);
	return st;
}
