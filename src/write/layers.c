/*
 * layers.c - the indexes of a commit: leave its entries to the tail, or write
 * and merge layers
 *
 * A log-structured merge: small commits stay in the tail, which readers hold in
 * memory; when it is full it becomes a layer, and layers merge with those of
 * their own size. So an entry is rewritten about log2(layers) times, and a
 * lookup touches few layers.
 *
 * The entries of an index are sorted as two numbers, 16 bytes, of which the
 * first is mostly all that is compared.
 */
#include "write/layers.h"

#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"
#include "read/tail.h"
#include "write/offsets.h"
#include "write/sorter.h"

/* What a reader does at opening is bounded by these: 128 footers and pages,
 * some 2,048 records, take about a millisecond. */
#define TAIL_KEEP_COMMITS 128
#define TAIL_KEEP_RECORDS 2048
#define LAYERS_KEEP (LAYERS_MAX - 1) /* the tail counts as one [S-23] */
/* pages of about 34 KiB of ids */
#define PAGE_ENTRIES 4096

/* how an entry is packed, from the top: key, offset, slot */
#define OFFSET_BITS 44 /* [S-4]: FILE_MAX is 2^44 */
#define OFFSET_LOW 28  /* of them in the second number */
#define SLOT_BITS 16

struct packed_entry {
	uint64_t high, low;
};

struct layers {
	struct sheaf_corpus *old;
	struct sorter *sorters[INDEX_COUNT];
	struct offsets offsets[INDEX_COUNT]; /* of record pages: not of ids */
};

bool layers_keep_tail(const struct sheaf_corpus *old, uint64_t records)
{
	uint64_t commits = 1;

	if (old != NULL) {
		commits += old->tail.commits;
		records += old->tail.count[INDEX_NAMES];
	}
	return commits <= TAIL_KEEP_COMMITS && records <= TAIL_KEEP_RECORDS;
}

static int packed_compare(const void *a, const void *b)
{
	struct packed_entry x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	if (x.high != y.high)
		return x.high < y.high ? -1 : 1;
	return (x.low > y.low) - (x.low < y.low);
}

static struct index_entry unpacked(const uint8_t *p)
{
	struct packed_entry e;
	struct index_entry out;

	memcpy(&e, p, sizeof(e));
	out.key = e.high >> (OFFSET_BITS - OFFSET_LOW);
	out.offset =
		(e.high & (((uint64_t)1 << (OFFSET_BITS - OFFSET_LOW)) - 1))
			<< OFFSET_LOW |
		e.low >> SLOT_BITS;
	out.slot = (uint32_t)(e.low & UINT16_MAX);
	return out;
}

enum sheaf_status layers_new(struct layers **out, struct sheaf_corpus *old,
			     struct scratch *scratch, size_t budget,
			     struct sheaf_error *err)
{
	const struct sorter_options o = { .compare = packed_compare,
					  .scratch = scratch,
					  .budget = budget,
					  .width =
						  sizeof(struct packed_entry) };
	struct layers *l = calloc(1, sizeof(*l));
	enum sheaf_status st = SHEAF_OK;

	*out = NULL;
	if (l == NULL)
		return fail_nomem(err);
	l->old = old;
	for (int w = 0; w < INDEX_COUNT && st == SHEAF_OK; w++)
		st = sorter_new(&l->sorters[w], &o, err);
	if (st == SHEAF_OK)
		*out = l;
	else
		layers_free(l);
	return st;
}

static void layer_drop(struct layers *l, int which)
{
	sorter_free(l->sorters[which]);
	l->sorters[which] = NULL;
	offsets_done(&l->offsets[which]);
}

void layers_free(struct layers *l)
{
	if (l == NULL)
		return;
	for (int w = 0; w < INDEX_COUNT; w++)
		layer_drop(l, w);
	free(l);
}

/* entries are sorted by the bits that are stored, then by value [S-24] */
enum sheaf_status layers_add(struct layers *l, enum index_which which,
			     uint64_t key, uint64_t offset, uint32_t slot,
			     struct sheaf_error *err)
{
	uint64_t mask = ~(uint64_t)0 << (KEY_BITS - INDEX_STORED_BITS(which));
	struct packed_entry e = {
		.high = (key & mask) << (OFFSET_BITS - OFFSET_LOW) |
			offset >> OFFSET_LOW,
		.low = (offset & (((uint64_t)1 << OFFSET_LOW) - 1))
			       << SLOT_BITS |
		       slot,
	};

	if (offset >> OFFSET_BITS != 0 || slot > UINT16_MAX)
		return fail(err, SHEAF_LIMIT, "an offset beyond 16 TiB");
	if (which != INDEX_IDS && !offsets_add(&l->offsets[which], offset))
		return fail_nomem(err);
	return sorter_add(l->sorters[which], &e, sizeof(e), err);
}

struct collecting {
	struct layers *layers;
	enum index_which which;
	enum sheaf_status status;
	struct sheaf_error *err;
};

static int entry_take(const struct index_entry *e, void *arg)
{
	struct collecting *c = arg;

	c->status = layers_add(c->layers, c->which, e->key, e->offset, e->slot,
			       c->err);
	return c->status != SHEAF_OK;
}

static uint64_t layer_size(const struct layer *l)
{
	return l->entries[INDEX_IDS] + l->entries[INDEX_NAMES] +
	       l->entries[INDEX_URLS];
}

/* How many of the older layers stay as they are. One of two thirds of what is
 * merged and more stays: of 78 layers that came in turn, an entry was written
 * 2.7 times by then, and 3.7 times where only larger ones stay. 10,000 nights
 * of three articles had 5.1 % dead bytes so, and have 4.3 %. */
static unsigned int layers_stay(const struct footer *old, uint64_t size)
{
	unsigned int stay = old->layer_count;

	while (stay != 0 &&
	       (stay >= LAYERS_KEEP ||
		layer_size(&old->layers[stay - 1]) <= size / 3 * 2)) {
		stay--;
		size += layer_size(&old->layers[stay]);
	}
	return stay;
}

static unsigned int page_bits(size_t count)
{
	unsigned int p = 0;

	while (count >> p > PAGE_ENTRIES)
		p++;
	return p;
}

/* an index on its way into its pages */
struct index_work {
	struct segment *segment;
	struct sorter *sorter;
	struct index_where where; /* the page at hand */
	struct buf entries;	  /* struct index_entry, of the page at hand */
	bool has_next;
	struct index_entry next; /* the first of the pages that follow */
	struct buf frame;
};

static enum sheaf_status next_take(struct index_work *w,
				   struct sheaf_error *err)
{
	const uint8_t *p;
	size_t len;
	enum sheaf_status st = sorter_next(w->sorter, &p, &len, err);

	w->has_next = st == SHEAF_OK;
	if (st == SHEAF_OK)
		w->next = unpacked(p);
	return st == SHEAF_NOT_FOUND ? SHEAF_OK : st;
}

static enum sheaf_status page_write(struct index_work *w,
				    struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	buf_clear(&w->entries);
	/* one more than a page may have is refused below */
	while (st == SHEAF_OK && w->has_next &&
	       w->next.key >> (KEY_BITS - w->where.p) == w->where.page &&
	       w->entries.len <= ENTRIES_MAX * sizeof(w->next)) {
		buf_bytes(&w->entries, &w->next, sizeof(w->next));
		st = next_take(w, err);
	}
	if (st == SHEAF_OK && w->entries.bad)
		st = fail_nomem(err);
	buf_clear(&w->frame);
	if (st == SHEAF_OK)
		st = index_page_put(
			&w->frame, &w->where,
			(const struct index_entry *)(const void *)w->entries.p,
			w->entries.len / sizeof(w->next), w->segment->at, err);
	if (st == SHEAF_OK)
		st = segment_frame(w->segment, &w->frame, err);
	return st;
}

/* all pages and, if there are several, their root; *offset of whichever is
 * looked up first */
static enum sheaf_status pages_write(struct index_work *w, uint64_t *offset,
				     struct sheaf_error *err)
{
	size_t pages = (size_t)1 << w->where.p;
	uint64_t *offsets = calloc(pages + 1, sizeof(*offsets));
	enum sheaf_status st = SHEAF_OK;

	if (offsets == NULL)
		return fail_nomem(err);
	for (size_t i = 0; i < pages && st == SHEAF_OK; i++) {
		offsets[i] = w->segment->at;
		w->where.page = i;
		st = page_write(w, err);
	}
	offsets[pages] = w->segment->at;
	*offset = w->where.p == 0 ? offsets[0] : w->segment->at;
	if (st == SHEAF_OK && w->where.p != 0) {
		buf_clear(&w->frame);
		index_root_put(&w->frame, &w->where, offsets, w->segment->at);
		st = segment_frame(w->segment, &w->frame, err);
	}
	free(offsets);
	return st;
}

static enum sheaf_status index_write(struct layers *l, struct segment *s,
				     enum index_which which, uint64_t *offset,
				     struct sheaf_error *err)
{
	uint64_t count = sorter_count(l->sorters[which]);
	struct index_work w = { .segment = s,
				.sorter = l->sorters[which],
				.where = { .which = which,
					   .p = page_bits(count) } };
	enum sheaf_status st = sorter_start(w.sorter, err);

	if (w.where.p != 0 && which != INDEX_IDS)
		w.where.offsets = offsets_table(&l->offsets[which], count,
						&w.where.offset_count);

	if (st == SHEAF_OK)
		st = next_take(&w, err);
	if (st == SHEAF_OK)
		st = pages_write(&w, offset, err);
	buf_done(&w.entries);
	buf_done(&w.frame);
	return st;
}

/* to the new ones, the tail's, and those of the layers that are merged */
static enum sheaf_status entries_collect(struct layers *l, unsigned int stay,
					 enum index_which which,
					 struct sheaf_error *err)
{
	struct collecting c = { .layers = l, .which = which, .err = err };
	const struct tail *tail;
	enum sheaf_status st = SHEAF_OK;

	if (l->old == NULL)
		return SHEAF_OK;
	tail = &l->old->tail;
	for (size_t i = 0; i < tail->count[which] && st == SHEAF_OK; i++)
		if (entry_take(&tail->entries[which][i], &c) != 0)
			st = c.status;
	for (unsigned int i = stay;
	     i < l->old->footer.layer_count && st == SHEAF_OK; i++) {
		st = indexes_walk(l->old->indexes, i, which, entry_take, &c,
				  err);
		if (st == SHEAF_CANCELLED)
			st = c.status;
	}
	return st;
}

enum sheaf_status layers_write(struct layers *l, struct segment *s,
			       struct footer *f, struct sheaf_error *err)
{
	const struct sheaf_corpus *old = l->old;
	unsigned int stay = 0;
	uint64_t size = 0;
	struct layer *layer;
	enum sheaf_status st = SHEAF_OK;

	for (int w = 0; w < INDEX_COUNT; w++) {
		size += sorter_count(l->sorters[w]);
		if (old != NULL)
			size += old->tail.count[w];
	}
	if (old != NULL) {
		stay = layers_stay(&old->footer, size);
		memcpy(f->layers, old->footer.layers,
		       stay * sizeof(f->layers[0]));
	}
	f->layer_count = stay + 1;
	layer = &f->layers[stay];
	memset(layer, 0, sizeof(*layer));
	layer->last_commit = f->commit;
	for (int w = 0; w < INDEX_COUNT && st == SHEAF_OK; w++) {
		enum index_which which = (enum index_which)w;

		st = entries_collect(l, stay, which, err);
		layer->entries[w] = sorter_count(l->sorters[w]);
		if (st == SHEAF_OK && layer->entries[w] != 0)
			st = index_write(l, s, which, &layer->offset[w], err);
		layer_drop(l, w);
	}
	return st;
}
