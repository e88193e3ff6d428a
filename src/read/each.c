/*
 * each.c - the article of every record that a filter takes
 *
 * sheaf_list() gives the records in the order of the tables, articles lie in
 * the order of their likeness. So records are copied into a batch, which is
 * then read block by block (bulk.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "formats/sheaf/index.h"
#include "read/bulk.h"

/* some 200,000 records */
#define BATCH_MAX ((size_t)64 << 20)
#define CHUNK_SIZE ((size_t)256 << 10)

struct chunk {
	struct chunk *next;
	size_t len, cap;
};

struct each {
	struct sheaf_corpus *corpus;
	const struct sheaf_scan_options *options;
	sheaf_scanned_fn *fn;
	void *arg;
	struct bulk *bulk;
	/* the batch */
	struct chunk *chunks; /* of the copied records; the newest first */
	struct buf records;   /* struct sheaf_record *, in the order listed */
	struct buf wants;     /* struct bulk_want */
	size_t bytes;
	enum sheaf_status status; /* why the listing was stopped */
	struct sheaf_error *err;
};

static void chunks_free(struct each *e)
{
	while (e->chunks != NULL) {
		struct chunk *next = e->chunks->next;

		free(e->chunks);
		e->chunks = next;
	}
}

/* @len bytes that live as long as the batch; NULL: no memory */
static void *room(struct each *e, size_t len)
{
	struct chunk *c = e->chunks;
	size_t need = (len + 15) / 16 * 16;

	if (c == NULL || c->cap - c->len < need) {
		size_t cap = need > CHUNK_SIZE ? need : CHUNK_SIZE;

		c = malloc(sizeof(*c) + cap);
		if (c == NULL)
			return NULL;
		*c = (struct chunk){ e->chunks, 0, cap };
		e->chunks = c;
		e->bytes += sizeof(*c) + cap;
	}
	c->len += need;
	return (uint8_t *)(c + 1) + (c->len - need);
}

/* strings other than the name live as long as the handle */
static struct sheaf_record *record_copy(struct each *e,
					const struct sheaf_record *r)
{
	const struct sheaf_fields *f = &r->fields;
	size_t lists = f->category_count + f->tag_count;
	struct sheaf_record *copy =
		room(e, sizeof(*copy) + r->name.len + lists * sizeof(*f->tags));
	struct sheaf_str *list;
	char *name;

	if (copy == NULL)
		return NULL;
	*copy = *r;
	list = (struct sheaf_str *)(copy + 1);
	name = (char *)(list + lists);
	if (f->category_count != 0)
		memcpy(list, f->categories, f->category_count * sizeof(*list));
	copy->fields.categories = list;
	list += f->category_count;
	if (f->tag_count != 0)
		memcpy(list, f->tags, f->tag_count * sizeof(*list));
	copy->fields.tags = list;
	if (r->name.len != 0)
		memcpy(name, r->name.p, r->name.len);
	copy->name.p = name;
	return copy;
}

/* The short id of a record is what the tables have for its place; so it is
 * all that the article's id has to be held against. */
static void article_check(struct sheaf_scanned *a, struct sheaf_place place,
			  unsigned int thread, void *arg)
{
	struct each *e = arg;
	struct sheaf_record *const *records =
		(struct sheaf_record *const *)(void *)e->records.p;

	(void)place;
	a->record = records[a->index];
	a->index = 0;
	if (a->status == SHEAF_OK &&
	    index_key_of_id(a->id) != a->record->id_prefix) {
		a->status = SHEAF_CORRUPT;
		a->why = "article: is not what the index says";
	}
	if (a->status != SHEAF_OK) {
		a->p = NULL;
		a->len = 0;
	}
	if (e->options->work != NULL)
		a->result = e->options->work(a, thread, e->arg);
}

static int article_take(const struct sheaf_scanned *a, void *arg)
{
	struct each *e = arg;

	return e->fn != NULL ? e->fn(a, e->arg) : 0;
}

/* the same for what comes by sheaf_read_many(), which checked the id */
static int ordered_take(const struct sheaf_scanned *article, void *arg)
{
	struct each *e = arg;
	struct sheaf_record *const *records =
		(struct sheaf_record *const *)(void *)e->records.p;
	struct sheaf_scanned a = *article;

	a.record = records[a.index];
	a.index = 0;
	if (e->options->work != NULL)
		a.result = e->options->work(&a, 0, e->arg);
	return article_take(&a, e);
}

static enum sheaf_status ordered_read(struct each *e)
{
	const struct sheaf_record *const *records =
		(const struct sheaf_record *const *)(void *)e->records.p;
	size_t count = e->records.len / sizeof(struct sheaf_record *);
	struct buf places = { 0 };
	enum sheaf_status st;

	for (size_t i = 0; i < count; i++)
		buf_bytes(&places, &records[i]->place,
			  sizeof(records[i]->place));
	if (places.bad)
		st = fail_nomem(e->err);
	else
		st = sheaf_read_many(
			e->corpus, (const struct sheaf_place *)(void *)places.p,
			count, e->options, ordered_take, e, e->err);
	buf_done(&places);
	return st;
}

static enum sheaf_status batch_read(struct each *e)
{
	struct bulk_want *wants = (struct bulk_want *)(void *)e->wants.p;
	size_t count = e->wants.len / sizeof(*wants);
	enum sheaf_status st;

	if (e->records.bad || e->wants.bad)
		return fail_nomem(e->err);
	if (e->options->in_order) {
		st = ordered_read(e);
	} else {
		bulk_sort(wants, count);
		st = bulk_read(e->bulk, wants, count, e->err);
	}
	if (st != SHEAF_OK) /* workers may be at work on it still */
		return st;
	chunks_free(e);
	buf_clear(&e->records);
	buf_clear(&e->wants);
	e->bytes = 0;
	return st;
}

static int record_take(const struct sheaf_record *r, void *arg)
{
	struct each *e = arg;
	struct sheaf_record *copy = record_copy(e, r);
	struct bulk_want want = {
		.block = r->place.block,
		.slot = r->place.slot,
		.ref = (uint32_t)(e->records.len / sizeof(copy)),
	};

	if (e->options->on_listed != NULL &&
	    e->options->on_listed(r, e->arg) != 0) {
		e->status = fail(e->err, SHEAF_CANCELLED, "stopped");
		return 1;
	}
	buf_bytes(&e->records, &copy, sizeof(copy));
	buf_bytes(&e->wants, &want, sizeof(want));
	if (copy == NULL || e->records.bad || e->wants.bad)
		e->status = fail_nomem(e->err);
	else if (e->bytes + e->records.len + e->wants.len > BATCH_MAX)
		e->status = batch_read(e);
	return e->status != SHEAF_OK;
}

unsigned int sheaf_scan_threads(const struct sheaf_scan_options *options)
{
	return pool_threads(options != NULL ? options->threads : 0);
}

/* so that the dictionary is sure to be needed */
static bool takes_most(const struct sheaf_filter *f)
{
	return f == NULL ||
	       (!f->has_since && !f->has_until && f->outlet_count == 0 &&
		f->lang_count == 0 && f->category_count == 0 &&
		f->tag_count == 0 && f->name_glob_count == 0 &&
		f->url_prefix_count == 0);
}

enum sheaf_status sheaf_scan(struct sheaf_corpus *corpus,
			     const struct sheaf_filter *filter,
			     const struct sheaf_scan_options *options,
			     sheaf_scanned_fn *fn, void *arg,
			     struct sheaf_error *err)
{
	static const struct sheaf_scan_options defaults;
	struct each e = { .corpus = corpus,
			  .options = options != NULL ? options : &defaults,
			  .fn = fn,
			  .arg = arg,
			  .err = err };
	const struct bulk_how how = { .threads = sheaf_scan_threads(options),
				      .work = article_check,
				      .take = article_take,
				      .arg = &e };
	enum sheaf_status st = SHEAF_OK;

	if (!e.options->in_order)
		st = bulk_new(&e.bulk, corpus, &how, err);
	if (st != SHEAF_OK)
		return st;
	if (e.bulk != NULL && takes_most(filter))
		bulk_warm(e.bulk);
	st = sheaf_list(corpus, filter, record_take, &e, err);
	if (e.status != SHEAF_OK)
		st = e.status;
	if (st == SHEAF_OK)
		st = batch_read(&e);
	bulk_free(e.bulk);
	chunks_free(&e);
	buf_done(&e.records);
	buf_done(&e.wants);
	return st;
}
