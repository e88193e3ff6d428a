/*
 * layers.c - the indexes of a commit: leave its entries to the tail, or write
 * and merge layers
 *
 * A log-structured merge: small commits stay in the tail, which readers hold in
 * memory; when it is full it becomes a layer, and layers merge with those of
 * their own size. So an entry is rewritten about log2(layers) times, and a
 * lookup touches few layers.
 */
#include "write/layers.h"

#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"
#include "read/tail.h"

/* What a reader does at opening is bounded by these: 128 footers and pages,
 * some 2,048 records, take about a millisecond. */
#define TAIL_KEEP_COMMITS 128
#define TAIL_KEEP_RECORDS 2048
#define LAYERS_KEEP (LAYERS_MAX - 1) /* the tail counts as one [S-23] */
/* pages of about 34 KiB of ids */
#define PAGE_ENTRIES 4096

bool layers_keep_tail(const struct sheaf_corpus *old, uint64_t records)
{
	uint64_t commits = 1;

	if (old != NULL) {
		commits += old->tail.commits;
		records += old->tail.count[INDEX_NAMES];
	}
	return commits <= TAIL_KEEP_COMMITS && records <= TAIL_KEEP_RECORDS;
}

static int entry_take(const struct index_entry *e, void *arg)
{
	struct buf *all = arg;

	buf_bytes(all, e, sizeof(*e));
	return all->bad;
}

static uint64_t layer_size(const struct layer *l)
{
	return l->entries[INDEX_IDS] + l->entries[INDEX_NAMES] +
	       l->entries[INDEX_URLS];
}

/* how many of the older layers stay as they are */
static unsigned int layers_stay(const struct footer *old, uint64_t size)
{
	unsigned int stay = old->layer_count;

	while (stay != 0 && (stay >= LAYERS_KEEP ||
			     layer_size(&old->layers[stay - 1]) <= size)) {
		stay--;
		size += layer_size(&old->layers[stay]);
	}
	return stay;
}

/* sorted by the bits that are stored, then by value [S-24] */
static void entries_sort(struct buf *all, enum index_which which)
{
	struct index_entry *e = (struct index_entry *)(void *)all->p;
	size_t n = all->len / sizeof(*e);
	uint64_t mask = ~(uint64_t)0 << (KEY_BITS - INDEX_STORED_BITS(which));

	for (size_t i = 0; i < n; i++)
		e[i].key &= mask;
	if (n != 0)
		qsort(e, n, sizeof(*e), index_entry_compare);
}

static unsigned int page_bits(size_t count)
{
	unsigned int p = 0;

	while (count >> p > PAGE_ENTRIES)
		p++;
	return p;
}

static enum sheaf_status page_write(struct segment *s, enum index_which which,
				    unsigned int p, uint64_t number,
				    const struct index_entry *e, size_t n,
				    struct buf *frame, struct sheaf_error *err)
{
	enum sheaf_status st;

	buf_clear(frame);
	st = index_page_put(frame, which, p, number, e, n, s->at, err);
	if (st == SHEAF_OK)
		st = segment_frame(s, frame, err);
	return st;
}

/* all pages and, if there are several, their root; *offset of whichever is
 * looked up first */
static enum sheaf_status index_write(struct segment *s, enum index_which which,
				     const struct index_entry *e, size_t n,
				     uint64_t *offset, struct sheaf_error *err)
{
	unsigned int p = page_bits(n);
	size_t pages = (size_t)1 << p, at = 0;
	uint64_t *offsets = calloc(pages + 1, sizeof(*offsets));
	struct buf frame = { 0 };
	enum sheaf_status st = SHEAF_OK;

	if (offsets == NULL)
		return fail_nomem(err);
	for (size_t i = 0; i < pages && st == SHEAF_OK; i++) {
		size_t from = at;

		while (at < n && e[at].key >> (KEY_BITS - p) == i)
			at++;
		offsets[i] = s->at;
		st = page_write(s, which, p, i, e + from, at - from, &frame,
				err);
	}
	offsets[pages] = s->at;
	*offset = p == 0 ? offsets[0] : s->at;
	if (st == SHEAF_OK && p != 0) {
		buf_clear(&frame);
		index_root_put(&frame, which, p, offsets, s->at);
		st = segment_frame(s, &frame, err);
	}
	buf_done(&frame);
	free(offsets);
	return st;
}

/* new ones, the tail's, and those of the layers that are merged */
static enum sheaf_status
entries_collect(struct sheaf_corpus *old, unsigned int stay,
		const struct new_entries *add, enum index_which which,
		struct buf *all, struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	buf_clear(all);
	buf_bytes(all, add->list[which].p, add->list[which].len);
	if (old != NULL) {
		buf_bytes(all, old->tail.entries[which],
			  old->tail.count[which] * sizeof(struct index_entry));
		for (unsigned int i = stay;
		     i < old->footer.layer_count && st == SHEAF_OK; i++)
			st = indexes_walk(old->indexes, i, which, entry_take,
					  all, err);
	}
	if (all->bad)
		st = fail_nomem(err);
	return st;
}

enum sheaf_status layers_write(struct segment *s, struct sheaf_corpus *old,
			       const struct new_entries *add, struct footer *f,
			       struct sheaf_error *err)
{
	unsigned int stay = 0;
	uint64_t size = 0;
	struct layer *layer;
	struct buf all = { 0 };
	enum sheaf_status st = SHEAF_OK;

	for (int w = 0; w < INDEX_COUNT; w++) {
		size += add->list[w].len / sizeof(struct index_entry);
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

		st = entries_collect(old, stay, add, which, &all, err);
		if (st != SHEAF_OK || all.len == 0)
			continue;
		entries_sort(&all, which);
		layer->entries[w] = all.len / sizeof(struct index_entry);
		st = index_write(
			s, which, (const struct index_entry *)(void *)all.p,
			(size_t)layer->entries[w], &layer->offset[w], err);
	}
	buf_done(&all);
	return st;
}
