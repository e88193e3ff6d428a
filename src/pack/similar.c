/*
 * similar.c - what else is a version or copy of a story
 *
 * Blocks are looked through by sketch: all of a small corpus; of a large one
 * the newest, and those where a copy is likely. What seems alike is then read
 * again and counted, so what is told is true.
 */
#include <sheaf/similar.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pack/likeness.h"
#include "read/brought.h"
#include "read/gone.h"
#include "read/places.h"
#include "read/row.h"
#include "read/sweep.h"
#include "read/take.h"

/* of so many bytes of articles a whole corpus is looked through: about a second
 * on two threads */
#define WHOLE ((uint64_t)256 << 20)
#define AROUND 4 /* blocks before and behind the article's that are, too */
#define MOST 20	 /* articles to tell of */
#define COUNTED_MIN                                              \
	256 /* so many are counted, or four for one that is told \
	     */
/* what seems to share a tenth is counted, what does share a fifth is told */
#define SEEMING_MIN (SEEMING_ALL / 10)
#define SEEMING_ALL 1024
#define LIKENESS_MIN 0.2
#define BINS_MIN 2
#define THREADS_MAX 64

struct candidate {
	struct sheaf_place place;
	uint64_t seeming; /* share of the shorter, of SEEMING_ALL */
	uint64_t common;  /* bytes that are shared, about */
	bool same_name, same_url;
	bool is_told;
	double share_of_key, share_of_it, likeness;
	struct record_ref ref; /* of the record that brought it */
};

struct search {
	struct sheaf_corpus *corpus;
	struct sheaf_similar_options options;
	struct sheaf_place place;
	struct sheaf_bytes key;
	struct sketch sketch;
	struct buf blocks;   /* struct sweep_block */
	struct buf *seeming; /* struct candidate, for each of them */
	struct buf found;    /* struct candidate */
	struct sheaf_error *err;
};

static struct candidate *found_all(const struct search *s, size_t *count)
{
	*count = s->found.len / sizeof(struct candidate);
	return (struct candidate *)(void *)s->found.p;
}

/* versions, and other articles of its url */

static int record_take(enum sheaf_key_kind kind, struct sheaf_place place,
		       const struct sheaf_record *record, void *arg)
{
	struct search *s = arg;
	struct candidate c = { .place = place,
			       .same_name = kind == SHEAF_KEY_NAME,
			       .same_url = kind == SHEAF_KEY_URL };

	(void)record;
	buf_bytes(&s->found, &c, sizeof(c));
	return s->found.bad;
}

static enum sheaf_status
records_take(struct search *s, enum sheaf_key_kind kind, struct sheaf_str key)
{
	enum sheaf_status st;

	if (key.len == 0)
		return SHEAF_OK;
	st = sheaf_find_kind(s->corpus, kind, key, record_take, s, s->err);
	if (s->found.bad)
		return fail_nomem(s->err);
	return st == SHEAF_NOT_FOUND ? SHEAF_OK : st;
}

static enum sheaf_status url_take(struct search *s,
				  const struct sheaf_record *record)
{
	struct sheaf_parsed *parsed = sheaf_parsed_new();
	struct sheaf_bytes scratch = { 0 };
	struct sheaf_str url = { 0 };
	enum sheaf_status st;

	if (parsed == NULL)
		return fail_nomem(s->err);
	st = take_url(s->corpus, record, &scratch, parsed, &url, s->err);
	if (st == SHEAF_OK)
		st = records_take(s, SHEAF_KEY_URL, url);
	sheaf_parsed_free(parsed);
	sheaf_bytes_done(&scratch);
	return st;
}

/* the record at @ref, in @row; pages_release() the page behind row_done() */
static enum sheaf_status record_get(struct search *s, struct record_ref ref,
				    struct row *row, struct page **page)
{
	enum sheaf_status st =
		pages_get(s->corpus->pages, ref.page, page, s->err);

	if (st == SHEAF_OK)
		st = row_fill(row, s->corpus, *page, ref.slot, s->err);
	return st;
}

static enum sheaf_status kin_by_record(struct search *s)
{
	struct brought own = { .place = s->place };
	struct row *row = calloc(1, sizeof(*row));
	struct page *page = NULL;
	enum sheaf_status st;

	if (row == NULL)
		return fail_nomem(s->err);
	st = brought_find(s->corpus, &own, 1, s->err);
	if (st == SHEAF_OK && own.found)
		st = record_get(s, own.ref, row, &page);
	if (st == SHEAF_OK && own.found)
		st = records_take(s, SHEAF_KEY_NAME, row->record.name);
	if (st == SHEAF_OK && own.found)
		st = url_take(s, &row->record);
	row_done(row);
	pages_release(page);
	free(row);
	return st;
}

/* the blocks to look through */

static int by_offset(const void *a, const void *b)
{
	const struct sweep_block *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void blocks_unique(struct search *s)
{
	struct sweep_block *b = (void *)s->blocks.p;
	size_t n = s->blocks.len / sizeof(*b), kept = 0;

	if (n != 0)
		qsort(b, n, sizeof(*b), by_offset);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || b[i].offset != b[i - 1].offset)
			b[kept++] = b[i];
	s->blocks.len = kept * sizeof(*b);
}

/* the article's own block, with what lies near it and its parent */
static enum sheaf_status own_block(struct search *s)
{
	struct block *block;
	uint64_t parent = 0;
	enum sheaf_status st =
		blocks_get(s->corpus->blocks, s->place.block, &block, s->err);

	if (st != SHEAF_OK)
		return st;
	if (block->is_revision)
		parent = block->head.parent;
	blocks_release(block);
	st = sweep_around(s->corpus, s->place.block, AROUND, &s->blocks,
			  s->err);
	if (st == SHEAF_OK && parent != 0)
		st = sweep_around(s->corpus, parent, AROUND, &s->blocks,
				  s->err);
	return st;
}

static enum sheaf_status blocks_find(struct search *s)
{
	struct sweep_limit limit = { WHOLE, UINT64_MAX, true };
	size_t count;
	const struct candidate *c = found_all(s, &count);
	enum sheaf_status st = own_block(s);

	if (s->options.all)
		limit.bytes = UINT64_MAX;
	for (size_t i = 0; st == SHEAF_OK && i < count; i++)
		st = sweep_around(s->corpus, c[i].place.block, 0, &s->blocks,
				  s->err);
	if (st == SHEAF_OK)
		st = sweep_newest(s->corpus, &limit, &s->blocks, s->err);
	if (st == SHEAF_OK)
		blocks_unique(s);
	return st;
}

/* what seems alike there */

static enum sheaf_status block_look(const struct block *block, size_t i,
				    void *arg)
{
	const struct search *s = arg;

	for (uint32_t slot = 0; slot < block->head.count; slot++) {
		size_t len = block->head.lengths[slot];
		size_t less = len < s->key.len ? len : s->key.len;
		struct candidate c = { .place = { block->cached.key, slot } };
		struct sketch sketch;
		unsigned int bins;

		sketch_of(block->content + block->starts[slot], len, &sketch);
		bins = likeness_bins(&sketch, &s->sketch);
		c.common = likeness_bytes(bins, len, s->key.len);
		if (bins < BINS_MIN || less == 0)
			continue;
		c.seeming = c.common * SEEMING_ALL / less;
		if (c.seeming >= SEEMING_MIN)
			buf_bytes(&s->seeming[i], &c, sizeof(c));
	}
	return s->seeming[i].bad ? SHEAF_NOMEM : SHEAF_OK;
}

static enum sheaf_status blocks_look(struct search *s, uint64_t *articles)
{
	const struct sweep_block *b = (const void *)s->blocks.p;
	size_t n = s->blocks.len / sizeof(*b);
	enum sheaf_status st = SHEAF_OK;

	s->seeming = calloc(n + 1, sizeof(*s->seeming));
	if (s->seeming == NULL)
		st = fail_nomem(s->err);
	if (st == SHEAF_OK)
		st = sweep_run(s->corpus, b, n, s->options.threads, block_look,
			       s, s->err);
	for (size_t i = 0; s->seeming != NULL && i < n; i++) {
		*articles += b[i].count;
		buf_bytes(&s->found, s->seeming[i].p, s->seeming[i].len);
		buf_done(&s->seeming[i]);
	}
	free(s->seeming);
	s->seeming = NULL;
	return st == SHEAF_OK && s->found.bad ? fail_nomem(s->err) : st;
}

/* each candidate once; those with a name or url first, then by what seems */

static int by_place(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return place_compare(&x->place, &y->place);
}

static bool is_named(const struct candidate *c)
{
	return c->same_name || c->same_url;
}

static int by_seeming(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (is_named(x) != is_named(y))
		return is_named(x) ? -1 : 1;
	if (x->seeming != y->seeming)
		return x->seeming > y->seeming ? -1 : 1;
	if (x->common != y->common)
		return x->common > y->common ? -1 : 1;
	return place_compare(&x->place, &y->place);
}

static void found_unique(struct search *s)
{
	size_t n, kept = 0;
	struct candidate *c = found_all(s, &n);

	if (n != 0)
		qsort(c, n, sizeof(*c), by_place);
	for (size_t i = 0; i < n; i++) {
		if (place_compare(&c[i].place, &s->place) == 0)
			continue;
		if (kept == 0 ||
		    place_compare(&c[kept - 1].place, &c[i].place) != 0) {
			c[kept++] = c[i];
			continue;
		}
		c[kept - 1].same_name |= c[i].same_name;
		c[kept - 1].same_url |= c[i].same_url;
		if (c[i].seeming > c[kept - 1].seeming)
			c[kept - 1].seeming = c[i].seeming;
	}
	if (kept != 0)
		qsort(c, kept, sizeof(*c), by_seeming);
	s->found.len = kept * sizeof(*c);
}

/* count what the best have in common with the article */

static double share(uint64_t part, uint64_t whole)
{
	return whole != 0 ? (double)part / (double)whole : 0;
}

static enum sheaf_status candidate_count(struct search *s, struct likeness *l,
					 struct candidate *c)
{
	struct likeness_share n;
	struct block *block;
	const uint8_t *p;
	size_t len;
	uint32_t seed;
	bool gone;
	enum sheaf_status st = gone_has(s->corpus, c->place, &gone, s->err);

	if (st != SHEAF_OK || gone)
		return st;
	st = blocks_get(s->corpus->blocks, c->place.block, &block, s->err);
	if (st == SHEAF_CORRUPT)
		return SHEAF_OK; /* it is none that can be told of */
	if (st != SHEAF_OK)
		return st;
	st = block_article(block, c->place.slot, &p, &len, &seed, s->err);
	if (st == SHEAF_OK) {
		likeness_with(l, p, len, &n);
		c->share_of_key = share(n.of_first, n.first_total);
		c->share_of_it = share(n.of_second, n.second_total);
		c->likeness =
			len < s->key.len ? c->share_of_it : c->share_of_key;
		c->is_told = is_named(c) || c->likeness >= LIKENESS_MIN;
	}
	blocks_release(block);
	return st;
}

static int by_likeness(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	double both;

	if (x->likeness < y->likeness || x->likeness > y->likeness)
		return x->likeness > y->likeness ? -1 : 1;
	both = x->share_of_key + x->share_of_it - y->share_of_key -
	       y->share_of_it;
	if (both < 0 || both > 0)
		return both > 0 ? -1 : 1;
	return place_compare(&x->place, &y->place);
}

static enum sheaf_status found_count(struct search *s)
{
	size_t n, most = 4 * s->options.most, kept = 0;
	struct candidate *c = found_all(s, &n);
	struct likeness *l;
	enum sheaf_status st = likeness_new(&l, s->key.p, s->key.len, s->err);

	if (most < COUNTED_MIN)
		most = COUNTED_MIN;
	for (size_t i = 0; st == SHEAF_OK && i < n; i++) {
		if (i >= most && !is_named(&c[i]))
			break;
		st = candidate_count(s, l, &c[i]);
		if (st == SHEAF_OK && c[i].is_told)
			c[kept++] = c[i];
	}
	likeness_free(l);
	if (st == SHEAF_OK && kept != 0)
		qsort(c, kept, sizeof(*c), by_likeness);
	if (kept > s->options.most)
		kept = s->options.most;
	s->found.len = kept * sizeof(*c);
	return st;
}

/* tell of them, each with the record that brought it */

static int brought_by_place(const void *a, const void *b)
{
	const struct brought *x = a, *y = b;

	return place_compare(&x->place, &y->place);
}

static enum sheaf_status refs_find(struct search *s)
{
	size_t n;
	struct candidate *c = found_all(s, &n);
	struct brought *list = calloc(n + 1, sizeof(*list));
	enum sheaf_status st;

	if (list == NULL)
		return fail_nomem(s->err);
	for (size_t i = 0; i < n; i++)
		list[i].place = c[i].place;
	if (n != 0)
		qsort(list, n, sizeof(*list), brought_by_place);
	st = brought_find(s->corpus, list, n, s->err);
	for (size_t i = 0; st == SHEAF_OK && i < n; i++) {
		struct brought key = { .place = c[i].place };
		const struct brought *b =
			bsearch(&key, list, n, sizeof(key), brought_by_place);

		c[i].is_told = b->found;
		c[i].ref = b->ref;
	}
	free(list);
	return st;
}

static enum sheaf_status candidate_tell(struct search *s, struct row *row,
					const struct candidate *c,
					sheaf_similar_fn *fn, void *arg)
{
	struct sheaf_similar found = { .record = &row->record,
				       .share_of_key = c->share_of_key,
				       .share_of_it = c->share_of_it,
				       .likeness = c->likeness,
				       .same_name = c->same_name,
				       .same_url = c->same_url };
	struct page *page = NULL;
	enum sheaf_status st = record_get(s, c->ref, row, &page);

	if (st == SHEAF_OK && fn(&found, arg) != 0)
		st = fail(s->err, SHEAF_CANCELLED, "stopped");
	row_done(row);
	memset(row, 0, sizeof(*row));
	pages_release(page);
	return st;
}

static enum sheaf_status found_tell(struct search *s, sheaf_similar_fn *fn,
				    void *arg)
{
	struct row *row = calloc(1, sizeof(*row));
	size_t n;
	const struct candidate *c = found_all(s, &n);
	enum sheaf_status st = row == NULL ? fail_nomem(s->err) : refs_find(s);

	for (size_t i = 0; st == SHEAF_OK && i < n; i++)
		if (c[i].is_told)
			st = candidate_tell(s, row, &c[i], fn, arg);
	free(row);
	return st;
}

static void options_take(struct search *s,
			 const struct sheaf_similar_options *o)
{
	long cpus;

	if (o != NULL)
		s->options = *o;
	if (s->options.most == 0)
		s->options.most = MOST;
	if (s->options.most > UINT32_MAX)
		s->options.most = UINT32_MAX;
	if (s->options.threads == 0) {
		cpus = sysconf(_SC_NPROCESSORS_ONLN);
		s->options.threads = cpus > 0 ? (unsigned int)cpus : 1;
	}
	if (s->options.threads > THREADS_MAX)
		s->options.threads = THREADS_MAX;
}

enum sheaf_status sheaf_similar(struct sheaf_corpus *c,
				struct sheaf_place place,
				const struct sheaf_similar_options *options,
				sheaf_similar_fn *fn, void *arg,
				struct sheaf_similar_result *result,
				struct sheaf_error *err)
{
	struct search s = { .corpus = c, .place = place, .err = err };
	uint64_t articles = 0;
	enum sheaf_status st;

	options_take(&s, options);
	st = sheaf_read(c, place, &s.key, NULL, err);
	if (st == SHEAF_OK) {
		sketch_of(s.key.p, s.key.len, &s.sketch);
		st = kin_by_record(&s);
	}
	if (st == SHEAF_OK)
		st = blocks_find(&s);
	if (st == SHEAF_OK)
		st = blocks_look(&s, &articles);
	if (st == SHEAF_OK) {
		found_unique(&s);
		st = found_count(&s);
	}
	if (st == SHEAF_OK)
		st = found_tell(&s, fn, arg);
	if (result != NULL && (st == SHEAF_OK || st == SHEAF_CANCELLED)) {
		result->articles = articles;
		result->whole = articles >= c->footer.articles;
	}
	sheaf_bytes_done(&s.key);
	buf_done(&s.blocks);
	buf_done(&s.found);
	return st;
}
