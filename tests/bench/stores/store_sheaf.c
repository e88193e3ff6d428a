/*
 * store_sheaf.c - ours, through the public interface
 */
#include <pthread.h>
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define LOCATE_DIGITS 12 /* what the index holds: no block is read for them */

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

static int locate_take(enum sheaf_key_kind kind, struct sheaf_place place,
		       const struct sheaf_record *record, void *arg)
{
	(void)kind, (void)record;
	*(struct sheaf_place *)arg = place;
	return 0;
}

static void sheaf_store_locate(void *reader, const struct article *a)
{
	static const char digits[] = "0123456789abcdef";
	struct sheaf_place place;
	struct sheaf_error err;
	char hex[LOCATE_DIGITS];

	for (size_t i = 0; i < LOCATE_DIGITS / 2; i++) {
		hex[2 * i] = digits[a->id[i] >> 4];
		hex[2 * i + 1] = digits[a->id[i] & 15];
	}
	must(sheaf_find_kind(reader, SHEAF_KEY_ID,
			     (struct sheaf_str){ hex, sizeof(hex) },
			     locate_take, &place, &err),
	     &err);
}

/* --- the scan: every stored article once, in the order of the file --- */

struct places {
	struct sheaf_place *all;
	size_t count, cap;
};

static int places_take(const struct sheaf_record *record, void *arg)
{
	struct places *p = arg;

	if (p->count == p->cap) {
		p->cap = p->cap != 0 ? p->cap * 2 : 1024;
		p->all = must_alloc(p->all, p->cap * sizeof(*p->all));
	}
	p->all[p->count++] = record->place;
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct sheaf_place *x = a, *y = b;

	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static void places_list(struct places *p, struct sheaf_corpus *corpus)
{
	struct sheaf_filter filter = { .all_versions = true };
	struct sheaf_error err;
	size_t kept = 0;

	must(sheaf_list(corpus, &filter, places_take, p, &err), &err);
	if (p->count == 0)
		die("no records");
	qsort(p->all, p->count, sizeof(*p->all), by_place);
	for (size_t i = 1; i < p->count; i++)
		if (by_place(&p->all[kept], &p->all[i]) != 0)
			p->all[++kept] = p->all[i];
	p->count = kept + 1;
}

struct slice {
	struct sheaf_corpus *corpus;
	const struct sheaf_place *from, *end;
	uint64_t bytes, sum;
	pthread_t thread;
};

static void *slice_read(void *arg)
{
	struct slice *s = arg;
	struct sheaf_bytes bytes = { NULL, 0, 0 };
	struct sheaf_error err;

	for (const struct sheaf_place *p = s->from; p < s->end; p++) {
		must(sheaf_read(s->corpus, *p, &bytes, NULL, &err), &err);
		s->bytes += bytes.len;
		s->sum += touch(bytes.p, bytes.len);
	}
	sheaf_bytes_done(&bytes);
	return NULL;
}

static uint64_t sheaf_store_scan(void *db, unsigned int threads)
{
	struct places places = { NULL, 0, 0 };
	struct slice *slices = must_alloc(NULL, threads * sizeof(*slices));
	uint64_t bytes = 0;

	places_list(&places, db);
	for (unsigned int i = 0; i < threads; i++) {
		slices[i] = (struct slice){
			.corpus = db,
			.from = places.all + places.count * i / threads,
			.end = places.all + places.count * (i + 1) / threads,
		};
		if (pthread_create(&slices[i].thread, NULL, slice_read,
				   &slices[i]) != 0)
			die("no thread");
	}
	for (unsigned int i = 0; i < threads; i++) {
		pthread_join(slices[i].thread, NULL);
		bytes += slices[i].bytes;
	}
	free(slices);
	free(places.all);
	return bytes;
}

const struct store store = {
	.name = "sheaf",
	.open = sheaf_store_open,
	.close = sheaf_store_close,
	.get = sheaf_store_get,
	.scan = sheaf_store_scan,
	.locate = sheaf_store_locate,
};
