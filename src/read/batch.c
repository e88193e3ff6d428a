/*
 * batch.c - the articles at many places, in the order of the request
 *
 * A part of the request at a time is read block by block (bulk.c), what comes
 * is kept, and handed on in order. How many places make a part follows from
 * how many articles could be kept of the one before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "read/bulk.h"
#include "read/get.h"

#define KEPT_MAX ((size_t)64 << 20)
#define PART_MAX ((size_t)65536)

struct kept {
	bool here;
	struct sheaf_scanned article; /* its bytes are owned */
	char why[160];
};

struct batch {
	struct sheaf_corpus *corpus;
	const struct sheaf_place *places;
	void *arg;
	struct bulk *bulk;
	struct bulk_want *wants; /* of the part: PART_MAX of them, or fewer */
	struct kept *kept;
	size_t first;	   /* of the part, in places */
	size_t kept_bytes; /* of the articles */
	size_t kept_count;
};

static void article_check(struct sheaf_scanned *a, struct sheaf_place place,
			  unsigned int thread, void *arg)
{
	struct batch *b = arg;
	struct sheaf_error why;

	(void)thread;
	if (a->status == SHEAF_OK) {
		a->status = get_check(b->corpus, place, a->id, &why);
		if (a->status == SHEAF_NOT_FOUND)
			a->why = "removed";
		else if (a->status != SHEAF_OK)
			a->why = "article: is not what the index says";
	}
	if (a->status != SHEAF_OK) {
		a->p = NULL;
		a->len = 0;
	}
	a->index += b->first;
}

/* keep a copy if there is room; the next in order always has */
static int article_keep(const struct sheaf_scanned *a, void *arg)
{
	struct batch *b = arg;
	struct kept *k = &b->kept[a->index - b->first];
	uint8_t *p = NULL;

	if (a->index != b->first && b->kept_bytes + a->len > KEPT_MAX)
		return 0;
	if (a->p != NULL) {
		p = malloc(a->len != 0 ? a->len : 1);
		if (p == NULL)
			return 1;
		memcpy(p, a->p, a->len);
	}
	k->article = *a;
	k->article.p = p;
	if (a->why != NULL) {
		strncpy(k->why, a->why, sizeof(k->why) - 1);
		k->article.why = k->why;
	}
	k->here = true;
	b->kept_bytes += a->len;
	b->kept_count++;
	return 0;
}

static void kept_clear(struct batch *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (b->kept[i].here)
			free((void *)(uintptr_t)b->kept[i].article.p);
	memset(b->kept, 0, count * sizeof(*b->kept));
	b->kept_bytes = b->kept_count = 0;
}

/* one part, of @count places; *done of them were handed on */
static enum sheaf_status part_read(struct batch *b, size_t count,
				   sheaf_scanned_fn *fn, size_t *done,
				   struct sheaf_error *err)
{
	enum sheaf_status st;

	for (size_t i = 0; i < count; i++) {
		const struct sheaf_place *at = &b->places[b->first + i];

		b->wants[i] =
			(struct bulk_want){ at->block, at->slot, (uint32_t)i };
	}
	bulk_sort(b->wants, count);
	st = bulk_read(b->bulk, b->wants, count, err);
	if (st == SHEAF_CANCELLED) /* by article_keep() */
		st = fail_nomem(err);
	for (*done = 0; st == SHEAF_OK && *done < count; ++*done) {
		struct kept *k = &b->kept[*done];

		if (!k->here)
			break;
		if (fn(&k->article, b->arg) != 0)
			st = fail(err, SHEAF_CANCELLED, "stopped");
	}
	return st;
}

static enum sheaf_status parts_read(struct batch *b, size_t count,
				    sheaf_scanned_fn *fn,
				    struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;
	size_t part = PART_MAX, done;

	while (st == SHEAF_OK && b->first < count) {
		size_t n = count - b->first < part ? count - b->first : part;

		st = part_read(b, n, fn, &done, err);
		/* what was too much is no wiser a guess the next time */
		if (done < n)
			part = b->kept_count / 2 + 1;
		kept_clear(b, n);
		if (done > 0) /* after a failure workers still look at it */
			b->first += done;
	}
	return st;
}

enum sheaf_status
sheaf_read_many(struct sheaf_corpus *corpus, const struct sheaf_place *places,
		size_t count, const struct sheaf_scan_options *options,
		sheaf_scanned_fn *fn, void *arg, struct sheaf_error *err)
{
	struct batch b = { .corpus = corpus, .places = places, .arg = arg };
	const struct bulk_how how = { .threads = sheaf_scan_threads(options),
				      .work = article_check,
				      .take = article_keep,
				      .arg = &b };
	size_t most = count < PART_MAX ? count : PART_MAX;
	enum sheaf_status st;

	if (count == 0)
		return SHEAF_OK;
	b.wants = calloc(most, sizeof(*b.wants));
	b.kept = calloc(most, sizeof(*b.kept));
	st = b.wants == NULL || b.kept == NULL ?
		     fail_nomem(err) :
		     bulk_new(&b.bulk, corpus, &how, err);
	if (st == SHEAF_OK)
		st = parts_read(&b, count, fn, err);
	bulk_free(b.bulk);
	if (b.kept != NULL)
		kept_clear(&b, most);
	free(b.kept);
	free(b.wants);
	return st;
}
