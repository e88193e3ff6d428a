/*
 * store_sheaf.c - ours, through the public interface
 */
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <string.h>

#include "store.h"

#define MAX_THREADS 64

static void must(enum sheaf_status st, const struct sheaf_error *err)
{
	if (st != SHEAF_OK)
		die("%s: %s", sheaf_status_name(st), err->text);
}

static void *sheaf_store_open(const struct job *job)
{
	struct sheaf_corpus *corpus;
	struct sheaf_error err;

	must(sheaf_open(&corpus, job->path, NULL, &err), &err);
	return corpus;
}

static void sheaf_store_close(void *db)
{
	sheaf_close(db);
}

static void sheaf_store_get(void *reader, const struct article *a,
			    struct value *out)
{
	struct sheaf_bytes bytes = { out->p, out->len, out->cap };
	struct sheaf_error err;

	must(sheaf_get(reader, a->id, &bytes, &err), &err);
	out->p = bytes.p;
	out->len = bytes.len;
	out->cap = bytes.cap;
}

static void sheaf_store_locate(void *reader, const struct article *a)
{
	struct sheaf_place place;
	struct sheaf_error err;

	must(sheaf_has(reader, a->id, &place, &err), &err);
}

static void sheaf_store_locate_many(void *reader,
				    const struct article *articles,
				    size_t count)
{
	uint8_t ids[LOCATE_MANY][SHEAF_ID_SIZE];
	struct sheaf_place places[LOCATE_MANY];
	struct sheaf_error err;

	for (size_t i = 0; i < count; i++)
		memcpy(ids[i], articles[i].id, sizeof(ids[i]));
	must(sheaf_has_many(reader, (const uint8_t(*)[SHEAF_ID_SIZE])ids, count,
			    places, &err),
	     &err);
	for (size_t i = 0; i < count; i++)
		if (places[i].block == 0)
			die("an article is not there");
}

/* --- the scan: every record's article, in the order of the file --- */

/* one a thread, on a cache line of its own */
struct tally {
	_Alignas(64) uint64_t bytes;
	uint64_t sum;
};

static int scan_take(const struct sheaf_scanned *a, unsigned int thread,
		     void *arg)
{
	struct tally *t = (struct tally *)arg + thread;

	if (a->status != SHEAF_OK)
		die("%s", a->why);
	t->bytes += a->len;
	t->sum += touch(a->p, a->len);
	return 0;
}

static uint64_t sheaf_store_scan(void *db, unsigned int threads)
{
	const struct sheaf_filter filter = { .all_versions = true };
	const struct sheaf_scan_options options = { .threads = threads,
						    .work = scan_take };
	struct tally tallies[MAX_THREADS] = { 0 };
	struct sheaf_error err;
	uint64_t bytes = 0;

	if (threads > MAX_THREADS)
		die("too many threads");
	must(sheaf_scan(db, &filter, &options, NULL, tallies, &err), &err);
	for (unsigned int i = 0; i < threads; i++)
		bytes += tallies[i].bytes;
	return bytes;
}

const struct store store = {
	.name = "sheaf",
	.open = sheaf_store_open,
	.close = sheaf_store_close,
	.get = sheaf_store_get,
	.scan = sheaf_store_scan,
	.locate = sheaf_store_locate,
	.locate_many = sheaf_store_locate_many,
};
