/*
 * sorter.c - more records than memory holds, in order
 *
 * Under the tables of a commit: its records by name, and the keys of its
 * indexes.  A run is filled in the order of arrival, then sorted by pointers
 * and written out end to end, a record of no fixed width behind its length.
 */
#include "write/sorter.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/size.h"

#define BUDGET_MAX ((size_t)1 << 30) /* offsets in a run have 32 bits */
#define NUMBER_MAX (UINT32_MAX - 1)
/* what is read of a run at once, at the least and at the most: with 64 MB of
 * budget and 20 runs the most, and larger ones were no faster */
#define READ_MIN ((size_t)4 << 10)
#define READ_MAX ((size_t)256 << 10)
#define WRITE_SIZE ((size_t)256 << 10)
#define PREFIX sizeof(uint32_t) /* the length before a record */

/* a record of the run that is held, while it is sorted */
struct held {
	const uint8_t *p; /* behind its length */
	uint32_t number;  /* in the run */
};

struct run {
	uint64_t offset, end; /* in the scratch file */
	uint32_t first;	      /* number of its first record */
};

/* a run that is being merged */
struct head {
	uint64_t at, end; /* what is not yet read */
	struct buf bytes;
	size_t pos; /* of the record in bytes */
	size_t len; /* of the record, without its length */
};

struct sorter {
	struct sorter_options options;
	uint32_t count;
	uint32_t first;	   /* number of the first one that is held */
	struct buf bytes;  /* the run that is held */
	struct buf starts; /* u32: where each stands in it; not with a width */
	struct buf where;  /* u32: where each stands in its run */
	struct buf runs;   /* struct run */
	struct buf found;  /* for sorter_read() */
	struct held *sorted; /* the run that is held, once started */
	bool is_sorted;	     /* it is, and is all there is */
	uint32_t next;
	struct head *heads; /* one a run, once started */
	uint32_t *heap;	    /* of heads; the least is first */
	uint32_t heap_len;
	bool moved; /* the first of the heap was handed out */
};

enum sheaf_status sorter_new(struct sorter **out,
			     const struct sorter_options *options,
			     struct sheaf_error *err)
{
	struct sorter *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return fail_nomem(err);
	s->options = *options;
	if (s->options.budget > BUDGET_MAX)
		s->options.budget = BUDGET_MAX;
	*out = s;
	return SHEAF_OK;
}

static uint32_t run_count(const struct sorter *s)
{
	return (uint32_t)(s->runs.len / sizeof(struct run));
}

static struct run *runs_of(const struct sorter *s)
{
	return (struct run *)(void *)s->runs.p;
}

static void merge_end(struct sorter *s)
{
	for (uint32_t i = 0; s->heads != NULL && i < run_count(s); i++)
		buf_done(&s->heads[i].bytes);
	free(s->heads);
	free(s->heap);
	s->heads = NULL;
	s->heap = NULL;
	s->heap_len = 0;
	s->moved = false;
}

void sorter_free(struct sorter *s)
{
	if (s == NULL)
		return;
	merge_end(s);
	free(s->sorted);
	buf_done(&s->bytes);
	buf_done(&s->starts);
	buf_done(&s->where);
	buf_done(&s->runs);
	buf_done(&s->found);
	free(s);
}

uint32_t sorter_count(const struct sorter *s)
{
	return s->count;
}

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* the record that stands at @p of a run, and its length */
static const uint8_t *record_at(const struct sorter *s, const uint8_t *p,
				size_t *len)
{
	*len = s->options.width;
	if (*len != 0)
		return p;
	*len = u32_at(p);
	return p + PREFIX;
}

static int held_compare(const void *a, const void *b, void *compare)
{
	const struct held *x = a, *y = b;

	return (*(sorter_compare_fn *const *)compare)(x->p, y->p);
}

/* s->sorted, for records of no fixed width; the others are sorted in place */
static enum sheaf_status run_sort(struct sorter *s, struct sheaf_error *err)
{
	sorter_compare_fn *compare = s->options.compare;
	uint32_t n = s->count - s->first;

	if (n != 0 && s->options.width != 0)
		qsort(s->bytes.p, n, s->options.width, compare);
	if (s->options.width != 0)
		return SHEAF_OK;
	s->sorted = calloc((size_t)n + 1, sizeof(*s->sorted));
	if (s->sorted == NULL)
		return fail_nomem(err);
	for (uint32_t i = 0; i < n; i++) {
		size_t at = u32_at(s->starts.p + i * sizeof(uint32_t));

		s->sorted[i].p = s->bytes.p + at + PREFIX;
		s->sorted[i].number = i;
	}
	qsort_r(s->sorted, n, sizeof(*s->sorted), held_compare, &compare);
	return SHEAF_OK;
}

/* room in s->where for the records of the run that is held */
static uint32_t *where_grow(struct sorter *s)
{
	size_t size = (s->count - s->first) * sizeof(uint32_t);
	uint8_t *to = buf_room(&s->where, size);

	buf_grew(&s->where, size);
	return (uint32_t *)(void *)to;
}

/* the sorted records through a buffer, for their places in memory are all over
 */
static enum sheaf_status held_write(struct sorter *s, struct sheaf_error *err)
{
	uint32_t *where = s->options.numbered ? where_grow(s) : NULL;
	uint64_t start = scratch_tell(s->options.scratch);
	struct buf out = { 0 };
	enum sheaf_status st = SHEAF_OK;

	if (s->options.numbered && where == NULL)
		return fail_nomem(err);
	for (uint32_t i = 0; st == SHEAF_OK && i < s->count - s->first; i++) {
		const uint8_t *p = s->sorted[i].p - PREFIX;

		if (where != NULL)
			where[s->sorted[i].number] =
				(uint32_t)(scratch_tell(s->options.scratch) -
					   start + out.len);
		buf_bytes(&out, p, PREFIX + u32_at(p));
		if (out.bad)
			st = fail_nomem(err);
		else if (out.len >= WRITE_SIZE) {
			st = scratch_append(s->options.scratch, out.p, out.len,
					    err);
			buf_clear(&out);
		}
	}
	if (st == SHEAF_OK && out.len != 0)
		st = scratch_append(s->options.scratch, out.p, out.len, err);
	buf_done(&out);
	return st;
}

/* what is held, to the scratch file */
static enum sheaf_status run_write(struct sorter *s, struct sheaf_error *err)
{
	struct run run = { .offset = scratch_tell(s->options.scratch),
			   .first = s->first };
	enum sheaf_status st = run_sort(s, err);

	if (st == SHEAF_OK && s->options.width != 0)
		st = scratch_append(s->options.scratch, s->bytes.p,
				    s->bytes.len, err);
	else if (st == SHEAF_OK)
		st = held_write(s, err);
	run.end = scratch_tell(s->options.scratch);
	free(s->sorted);
	s->sorted = NULL;
	buf_bytes(&s->runs, &run, sizeof(run));
	if (st == SHEAF_OK && s->runs.bad)
		st = fail_nomem(err);
	s->first = s->count;
	buf_clear(&s->bytes);
	buf_clear(&s->starts);
	return st;
}

/* bytes that the run would take with @len more */
static size_t run_size(const struct sorter *s, size_t len)
{
	size_t n = (size_t)(s->count - s->first) + 1;

	if (s->options.width != 0)
		return s->bytes.len + len;
	return s->bytes.len + len + PREFIX +
	       n * (sizeof(uint32_t) + sizeof(struct held));
}

enum sheaf_status sorter_add(struct sorter *s, const void *p, size_t len,
			     struct sheaf_error *err)
{
	uint32_t start, prefix = (uint32_t)len;
	enum sheaf_status st = SHEAF_OK;

	if (s->count == NUMBER_MAX)
		return fail(err, SHEAF_LIMIT, "more than 2^32 records");
	if (len > BUDGET_MAX)
		return fail(err, SHEAF_LIMIT, "a record of %zu bytes", len);
	if (s->bytes.len != 0 && run_size(s, len) > s->options.budget)
		st = run_write(s, err);
	if (st != SHEAF_OK)
		return st;
	start = (uint32_t)s->bytes.len;
	if (s->options.width == 0) {
		buf_bytes(&s->starts, &start, sizeof(start));
		buf_bytes(&s->bytes, &prefix, sizeof(prefix));
	}
	buf_bytes(&s->bytes, p, len);
	if (s->bytes.bad || s->starts.bad)
		return fail_nomem(err);
	s->count++;
	return SHEAF_OK;
}

/* the run that holds record @number, which was written out */
static const struct run *run_of(const struct sorter *s, uint32_t number)
{
	const struct run *runs = runs_of(s);
	uint32_t low = 0, high = run_count(s);

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (runs[middle].first <= number)
			low = middle;
		else
			high = middle;
	}
	return &runs[low];
}

enum sheaf_status sorter_read(struct sorter *s, uint32_t number,
			      const uint8_t **p, size_t *len,
			      struct sheaf_error *err)
{
	const struct run *run;
	uint64_t at;
	uint32_t size;
	enum sheaf_status st;

	if (number >= s->first) {
		size_t i = (size_t)(number - s->first) * sizeof(uint32_t);

		*p = record_at(s, s->bytes.p + u32_at(s->starts.p + i), len);
		return SHEAF_OK;
	}
	run = run_of(s, number);
	at = run->offset +
	     u32_at(s->where.p + (size_t)number * sizeof(uint32_t));
	st = scratch_read(s->options.scratch, at, &size, sizeof(size), err);
	if (st != SHEAF_OK)
		return st;
	buf_clear(&s->found);
	*p = buf_room(&s->found, size);
	*len = size;
	if (*p == NULL)
		return fail_nomem(err);
	return scratch_read(s->options.scratch, at + PREFIX, s->found.p, size,
			    err);
}

/* so that @need bytes are there behind h->pos, or all that the run has */
static enum sheaf_status head_fill(struct sorter *s, struct head *h,
				   size_t need, struct sheaf_error *err)
{
	size_t have = h->bytes.len - h->pos, size;
	size_t most = s->options.budget / run_count(s);
	uint8_t *to;
	enum sheaf_status st;

	if (have >= need)
		return SHEAF_OK;
	if (have != 0)
		memmove(h->bytes.p, h->bytes.p + h->pos, have);
	h->bytes.len = have;
	h->pos = 0;
	size = most < READ_MIN ? READ_MIN : most > READ_MAX ? READ_MAX : most;
	size = size > need ? size - have : need - have;
	if (size > h->end - h->at)
		size = (size_t)(h->end - h->at);
	to = buf_room(&h->bytes, size);
	if (to == NULL)
		return fail_nomem(err);
	st = scratch_read(s->options.scratch, h->at, to, size, err);
	if (st != SHEAF_OK)
		return st;
	buf_grew(&h->bytes, size);
	h->at += size;
	return SHEAF_OK;
}

/* the record at h->pos whole; *more is false where the run is at its end */
static enum sheaf_status head_load(struct sorter *s, struct head *h, bool *more,
				   struct sheaf_error *err)
{
	size_t width = s->options.width;
	size_t prefix = width != 0 ? 0 : PREFIX;
	enum sheaf_status st;

	*more = h->at != h->end || h->pos != h->bytes.len;
	if (!*more)
		return SHEAF_OK;
	st = head_fill(s, h, width != 0 ? width : PREFIX, err);
	if (st != SHEAF_OK)
		return st;
	(void)record_at(s, h->bytes.p + h->pos, &h->len);
	return head_fill(s, h, prefix + h->len, err);
}

static const uint8_t *head_record(const struct sorter *s, const struct head *h)
{
	return h->bytes.p + h->pos + (s->options.width != 0 ? 0 : PREFIX);
}

static bool head_less(const struct sorter *s, uint32_t a, uint32_t b)
{
	int c = s->options.compare(head_record(s, &s->heads[a]),
				   head_record(s, &s->heads[b]));

	return c != 0 ? c < 0 : a < b;
}

static void heap_sift(struct sorter *s, uint32_t i)
{
	uint32_t *heap = s->heap;

	for (;;) {
		uint32_t least = i;

		for (uint32_t k = 2 * i + 1; k <= 2 * i + 2; k++)
			if (k < s->heap_len &&
			    head_less(s, heap[k], heap[least]))
				least = k;
		if (least == i)
			return;
		uint32_t swap = heap[i];

		heap[i] = heap[least];
		heap[least] = swap;
		i = least;
	}
}

static enum sheaf_status merge_start(struct sorter *s, struct sheaf_error *err)
{
	uint32_t n = run_count(s);
	enum sheaf_status st = SHEAF_OK;
	bool more;

	merge_end(s);
	s->heads = calloc(n, sizeof(*s->heads));
	s->heap = calloc(n, sizeof(*s->heap));
	if (s->heads == NULL || s->heap == NULL)
		return fail_nomem(err);
	for (uint32_t i = 0; st == SHEAF_OK && i < n; i++) {
		s->heads[i].at = runs_of(s)[i].offset;
		s->heads[i].end = runs_of(s)[i].end;
		st = head_load(s, &s->heads[i], &more, err);
		if (st == SHEAF_OK && more)
			s->heap[s->heap_len++] = i;
	}
	for (uint32_t i = s->heap_len / 2; st == SHEAF_OK && i-- != 0;)
		heap_sift(s, i);
	return st;
}

enum sheaf_status sorter_start(struct sorter *s, struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	s->next = 0;
	if (run_count(s) == 0) {
		if (!s->is_sorted)
			st = run_sort(s, err);
		s->is_sorted = st == SHEAF_OK;
		return st;
	}
	if (s->bytes.len != 0)
		st = run_write(s, err);
	buf_done(&s->bytes);
	buf_done(&s->starts);
	buf_done(&s->where);
	return st == SHEAF_OK ? merge_start(s, err) : st;
}

static enum sheaf_status merge_next(struct sorter *s, const uint8_t **p,
				    size_t *len, struct sheaf_error *err)
{
	struct head *h;
	bool more = true;
	enum sheaf_status st = SHEAF_OK;

	if (s->moved && s->heap_len != 0) {
		h = &s->heads[s->heap[0]];
		h->pos = (size_t)(head_record(s, h) - h->bytes.p) + h->len;
		st = head_load(s, h, &more, err);
		if (st != SHEAF_OK)
			return st;
		if (!more) {
			buf_done(&h->bytes);
			s->heap[0] = s->heap[--s->heap_len];
		}
		heap_sift(s, 0);
	}
	if (s->heap_len == 0)
		return SHEAF_NOT_FOUND;
	s->moved = true;
	h = &s->heads[s->heap[0]];
	*p = head_record(s, h);
	*len = h->len;
	return SHEAF_OK;
}

enum sheaf_status sorter_next(struct sorter *s, const uint8_t **p, size_t *len,
			      struct sheaf_error *err)
{
	if (run_count(s) != 0)
		return merge_next(s, p, len, err);
	if (s->next == s->count)
		return SHEAF_NOT_FOUND;
	if (s->options.width != 0)
		*p = record_at(s, s->bytes.p + s->next * s->options.width, len);
	else
		*p = record_at(s, s->sorted[s->next].p - PREFIX, len);
	s->next++;
	return SHEAF_OK;
}
