/*
 * again.h - decode, encode, decode again: the same must come out
 *
 * One function a structure, of the type hostile_fn, for the unit tests and for
 * the fuzzers.  What a decoder takes is held against its limits here, put
 * into a frame anew, read again and compared.  *same is set to false where
 * something is not as it should be.
 */
#ifndef SHEAF_TESTS_AGAIN_H
#define SHEAF_TESTS_AGAIN_H

#include <stdbool.h>
#include <string.h>

#include "formats/sheaf/block.h"
#include "formats/sheaf/footer.h"
#include "formats/sheaf/frame.h"
#include "formats/sheaf/history.h"
#include "formats/sheaf/index.h"
#include "formats/sheaf/index_bits.h"
#include "formats/sheaf/limits.h"
#include "formats/sheaf/records.h"
#include "formats/sheaf/removed.h"
#include "formats/sheaf/strings.h"
#include "formats/sheaf/tree.h"

static inline bool again_bytes(const void *a, const void *b, size_t len)
{
	return len == 0 || memcmp(a, b, len) == 0;
}

static inline bool again_str(struct sheaf_str a, struct sheaf_str b)
{
	return a.len == b.len && again_bytes(a.p, b.p, a.len);
}

static inline bool block_same(const struct block_head *a,
			      const struct block_head *b)
{
	size_t len = a->count * sizeof(*a->lengths);

	return a->is_dictionary == b->is_dictionary && a->commit == b->commit &&
	       a->first == b->first && a->packed == b->packed &&
	       a->plain == b->plain && a->lead == b->lead &&
	       a->parent == b->parent && a->count == b->count &&
	       again_bytes(a->lengths, b->lengths, len) &&
	       !a->seeds == !b->seeds &&
	       (!a->seeds || again_bytes(a->seeds, b->seeds, len));
}

static inline bool block_good(const struct block_head *h, uint64_t offset)
{
	uint64_t sum = h->lead;
	bool ok = h->commit > 0 && h->packed > 0 && h->packed <= PACKED_MAX &&
		  h->plain <= BLOCK_MAX && h->count <= ARTICLES_MAX &&
		  (h->parent == BLOCK_NO_PARENT ||
		   (h->parent < offset && !h->is_dictionary)) &&
		  (h->is_dictionary || (h->count > 0 && h->lead == 0));

	for (uint32_t i = 0; i < h->count; i++) {
		sum += h->lengths[i];
		ok &= !h->seeds || h->seeds[i] <= SEED_MAX;
	}
	return ok && sum == h->plain;
}

static inline enum sheaf_status again_block(const void *frame, size_t len,
					    uint64_t offset, bool *same)
{
	struct block_head a, b = { 0 };
	struct buf put = { 0 };
	enum sheaf_status st = block_get(frame, len, offset, &a, NULL);

	if (st == SHEAF_OK) {
		block_put(&put, &a, offset);
		*same &= block_good(&a, offset) &&
			 block_get(put.p, put.len, offset, &b, NULL) ==
				 SHEAF_OK &&
			 block_same(&a, &b);
	}
	block_done(&a);
	block_done(&b);
	buf_done(&put);
	return st;
}

static inline bool record_same(const struct page_record *a,
			       const struct page_record *b)
{
	return a->name_kind == b->name_kind && again_str(a->name, b->name) &&
	       a->older.page == b->older.page &&
	       a->older.slot == b->older.slot &&
	       a->place.block == b->place.block &&
	       a->place.slot == b->place.slot && a->size == b->size &&
	       a->commit == b->commit && a->mtime.sec == b->mtime.sec &&
	       a->mtime.nsec == b->mtime.nsec && a->has_date == b->has_date &&
	       a->has_outlet == b->has_outlet && a->has_lang == b->has_lang &&
	       a->has_url == b->has_url && a->date == b->date &&
	       a->format == b->format && a->outlet == b->outlet &&
	       a->lang == b->lang && a->category_count == b->category_count &&
	       a->tag_count == b->tag_count &&
	       again_bytes(a->categories, b->categories,
			   a->category_count * sizeof(uint32_t)) &&
	       again_bytes(a->tags, b->tags, a->tag_count * sizeof(uint32_t)) &&
	       a->id_prefix == b->id_prefix && a->url_key == b->url_key &&
	       a->seed == b->seed;
}

static inline bool record_good(const struct record_page *p, uint32_t i)
{
	const struct page_record *r = &p->records[i];
	bool ok = r->place.block > 0 && r->place.block <= FILE_MAX &&
		  r->place.slot < ARTICLES_MAX && r->size <= BLOCK_MAX &&
		  r->commit >= p->commit && r->mtime.nsec < 1000000000 &&
		  r->category_count <= LIST_MAX && r->tag_count <= LIST_MAX &&
		  r->format < STRINGS_TOTAL && r->outlet < STRINGS_TOTAL &&
		  r->lang < STRINGS_TOTAL && r->id_prefix >> KEY_BITS == 0 &&
		  r->url_key >> KEY_BITS == 0 && r->seed <= SEED_MAX &&
		  r->older.page < p->offset && r->older.slot < RECORDS_MAX &&
		  r->name.len <= NAME_MAX_BYTES;

	if (r->name_kind == NAME_SAME)
		ok &= i > 0 && again_str(r->name, r[-1].name) &&
		      r->older.page == r[-1].older.page &&
		      r->commit >= r[-1].commit;
	else
		ok &= (r->name_kind == NAME_OWN) == (r->name.len > 0) &&
		      (r->name_kind == NAME_OLDER) == (r->older.page > 0);
	for (uint32_t k = 0; k < r->category_count; k++)
		ok &= r->categories[k] < STRINGS_TOTAL;
	for (uint32_t k = 0; k < r->tag_count; k++)
		ok &= r->tags[k] < STRINGS_TOTAL;
	return ok && !(r->name.len && memchr(r->name.p, 0, r->name.len));
}

static inline bool records_same(const struct record_page *a,
				const struct record_page *b)
{
	bool same = a->offset == b->offset && a->commit == b->commit &&
		    a->has_keys == b->has_keys && a->count == b->count;

	for (uint32_t i = 0; same && i < a->count; i++)
		same = record_same(&a->records[i], &b->records[i]);
	return same;
}

static inline enum sheaf_status again_records(const void *frame, size_t len,
					      uint64_t offset, bool *same)
{
	struct record_page a, b = { 0 };
	struct buf put = { 0 };
	enum sheaf_status st = records_get(frame, len, offset, &a, NULL);

	if (st == SHEAF_OK) {
		*same &= a.count > 0 && a.count <= RECORDS_MAX &&
			 a.plain_size <= PAGE_MAX;
		for (uint32_t i = 0; i < a.count; i++)
			*same &= record_good(&a, i);
		*same &= records_put(&put, &a, 0, NULL) == SHEAF_OK &&
			 records_get(put.p, put.len, offset, &b, NULL) ==
				 SHEAF_OK &&
			 records_same(&a, &b);
	}
	records_done(&a);
	records_done(&b);
	buf_done(&put);
	return st;
}

static inline bool strings_same(const struct strings_page *a,
				const struct strings_page *b)
{
	bool same = a->previous == b->previous && a->first == b->first &&
		    a->count == b->count;

	for (uint32_t i = 0; same && i < a->count; i++)
		same = again_str(a->strings[i], b->strings[i]) &&
		       a->strings[i].len > 0 && a->strings[i].len <= STRING_MAX;
	return same;
}

static inline enum sheaf_status again_strings(const void *frame, size_t len,
					      uint64_t offset, bool *same)
{
	struct strings_page a, b = { 0 };
	struct buf put = { 0 };
	enum sheaf_status st = strings_get(frame, len, offset, &a, NULL);

	if (st == SHEAF_OK)
		*same &= a.previous < offset && a.count > 0 &&
			 a.first + a.count <= STRINGS_TOTAL &&
			 strings_put(&put, &a, offset, 0, NULL) == SHEAF_OK &&
			 strings_get(put.p, put.len, offset, &b, NULL) ==
				 SHEAF_OK &&
			 strings_same(&a, &b);
	strings_done(&a);
	strings_done(&b);
	buf_done(&put);
	return st;
}

/* does every entry find itself, and what stands around it not */
static inline bool index_finds(const struct index_page *page)
{
	struct index_entry e, other;
	uint32_t first, end, step = page->count / 64 + 1;
	unsigned int stored = (unsigned int)page->p + page->b + page->f;

	for (uint32_t i = 0; i < page->count; i += step) {
		index_page_entry(page, i, &e);
		index_page_find(page, e.key, KEY_BITS, &first, &end);
		if (i < first || i >= end || end > page->count)
			return false;
		for (uint32_t k = first; k < end && k < first + 8; k++) {
			index_page_entry(page, k, &other);
			if (other.key != e.key)
				return false;
		}
		index_page_find(page, e.key, stored / 2, &first, &end);
		if (i < first || i >= end || end > page->count)
			return false;
		if (first > 0) {
			index_page_entry(page, first - 1, &other);
			if (other.key >> (KEY_BITS - stored / 2) >= e.key >>
			    (KEY_BITS - stored / 2))
				return false;
		}
	}
	return true;
}

/* pages may have any bits; put chooses its own, so entries are compared */
static inline bool index_again(const struct index_page *a, uint64_t offset)
{
	const struct index_where where = { .which = a->which,
					   .p = a->p,
					   .page = a->page };
	struct index_entry *entries, e;
	struct index_page b = { 0 };
	struct buf all = { 0 }, put = { 0 };
	bool same;

	/* without its root it has numbers, not offsets of what is before it */
	if (a->way == WAY_ROOT)
		offset = FILE_MAX;

	for (uint32_t i = 0; i < a->count; i++) {
		index_page_entry(a, i, &e);
		buf_bytes(&all, &e, sizeof(e));
	}
	entries = (struct index_entry *)(void *)all.p;
	same = index_page_put(&put, &where, entries, a->count, offset, NULL) ==
		       SHEAF_OK &&
	       index_page_get(put.p, put.len, offset, &b, NULL) == SHEAF_OK &&
	       b.count == a->count;
	for (uint32_t i = 0; same && i < a->count; i++) {
		index_page_entry(&b, i, &e);
		same = e.key == entries[i].key &&
		       e.offset == entries[i].offset &&
		       e.slot == entries[i].slot;
	}
	buf_done(&all);
	buf_done(&put);
	return same;
}

static inline enum sheaf_status again_index(const void *frame, size_t len,
					    uint64_t offset, bool *same)
{
	struct index_page a;
	enum sheaf_status st = index_page_get(frame, len, offset, &a, NULL);

	if (st == SHEAF_OK)
		*same &= a.count <= ENTRIES_MAX && index_finds(&a) &&
			 index_again(&a, offset);
	return st;
}

static inline bool offsets_same(const struct index_offsets *a,
				const struct index_offsets *b)
{
	bool same = a->count == b->count;

	for (uint32_t i = 0; same && i < a->count; i++)
		same = index_offset_at(a, i) == index_offset_at(b, i);
	return same;
}

/* a root's table, in @all, as @where takes it */
static inline void again_offsets(const struct index_offsets *t, struct buf *all,
				 struct index_where *where)
{
	for (uint32_t i = 0; i < t->count; i++) {
		uint64_t offset = index_offset_at(t, i);

		buf_bytes(all, &offset, sizeof(offset));
	}
	where->offsets = (const uint64_t *)(void *)all->p;
	where->offset_count = t->count;
}

static inline enum sheaf_status again_root(const void *frame, size_t len,
					   uint64_t offset, bool *same)
{
	struct index_root a, b = { 0 };
	struct buf put = { 0 }, all = { 0 };
	enum sheaf_status st = index_root_get(frame, len, offset, &a, NULL);

	if (st == SHEAF_OK) {
		size_t n = ((size_t)1 << a.p) + 1;
		struct index_where where = { .which = a.which, .p = a.p };

		again_offsets(&a.offsets, &all, &where);
		index_root_put(&put, &where, a.pages, offset);
		*same &= a.pages[n - 1] <= FILE_MAX &&
			 index_root_get(put.p, put.len, offset, &b, NULL) ==
				 SHEAF_OK &&
			 a.p == b.p && a.which == b.which &&
			 again_bytes(a.pages, b.pages, n * sizeof(*a.pages)) &&
			 offsets_same(&a.offsets, &b.offsets);
	}
	index_root_done(&a);
	index_root_done(&b);
	buf_done(&put);
	buf_done(&all);
	return st;
}

static inline enum sheaf_status again_removed(const void *frame, size_t len,
					      uint64_t offset, bool *same)
{
	struct removed a, b = { 0 };
	struct buf put = { 0 };
	enum sheaf_status st = removed_get(frame, len, offset, &a, NULL);

	if (st == SHEAF_OK) {
		*same &= a.count <= REMOVED_MAX &&
			 removed_put(&put, &a, offset, NULL) == SHEAF_OK &&
			 removed_get(put.p, put.len, offset, &b, NULL) ==
				 SHEAF_OK &&
			 removed_same(&a, &b);
		for (size_t i = 0; i < a.count; i++)
			*same &=
				removed_has(&a, a.ids[i].id, a.ids[i].commit) &&
				!removed_has(&a, a.ids[i].id,
					     a.ids[i].commit - 1);
	}
	removed_done(&a);
	removed_done(&b);
	buf_done(&put);
	return st;
}

static inline bool history_same(const struct history *a,
				const struct history *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++) {
		const struct past_commit *x = &a->commits[i];
		const struct past_commit *y = &b->commits[i];

		same = x->time == y->time &&
		       memcmp(x->id, y->id, sizeof(x->id)) == 0 &&
		       memcmp(x->fingerprint, y->fingerprint,
			      sizeof(x->fingerprint)) == 0 &&
		       x->live == y->live && x->articles == y->articles &&
		       x->article_bytes == y->article_bytes &&
		       x->new_records == y->new_records &&
		       x->new_articles == y->new_articles &&
		       x->new_bytes == y->new_bytes &&
		       again_str(x->message, y->message) &&
		       x->message.len <= MESSAGE_MAX;
	}
	return same;
}

static inline enum sheaf_status again_history(const void *frame, size_t len,
					      uint64_t offset, bool *same)
{
	struct history a, b = { 0 };
	struct buf put = { 0 };
	enum sheaf_status st = history_get(frame, len, offset, &a, NULL);

	if (st == SHEAF_OK)
		*same &= a.count > 0 && a.bytes.len <= HISTORY_MAX &&
			 history_put(&put, &a, offset, 0, NULL) == SHEAF_OK &&
			 history_get(put.p, put.len, offset, &b, NULL) ==
				 SHEAF_OK &&
			 history_same(&a, &b);
	else
		*same &= a.commits == NULL && a.bytes.p == NULL;
	history_done(&a);
	history_done(&b);
	buf_done(&put);
	return st;
}

static inline enum sheaf_status again_tree(const void *frame, size_t len,
					   uint64_t offset, bool *same)
{
	struct tree_view a;
	struct buf put = { 0 };
	uint8_t root[SHA256_SIZE];
	enum sheaf_status st = tree_get(frame, len, offset, &a, NULL);

	if (st == SHEAF_OK) {
		tree_put(&put, a.start, a.leaves, a.count, offset);
		*same &=
			a.start < offset && put.len == len &&
			again_bytes(put.p, frame, len - 8) &&
			tree_root_of(a.leaves, a.count, root, NULL) == SHEAF_OK;
	}
	buf_done(&put);
	return st;
}

static inline bool layers_good(const struct footer *f)
{
	uint64_t last = 0;
	bool ok = f->layer_count <= LAYERS_MAX;

	for (unsigned int i = 0; ok && i < f->layer_count; i++) {
		ok = f->layers[i].last_commit > last &&
		     f->layers[i].last_commit <= f->commit;
		last = f->layers[i].last_commit;
		for (unsigned int x = 0; x < INDEX_COUNT; x++)
			ok &= f->layers[i].offset[x] < f->offset;
	}
	return ok;
}

static inline bool footer_good(const struct footer *f, uint64_t offset)
{
	return f->offset == offset && f->commit > 0 && f->start <= offset &&
	       (f->previous == 0 ? f->start == 0 : f->previous < f->start) &&
	       f->jump <= f->previous && f->live <= f->records &&
	       f->page_offset < offset &&
	       f->page_bytes <= offset - f->page_offset &&
	       f->strings_offset < offset &&
	       f->strings_count <= STRINGS_TOTAL && f->dictionary < offset &&
	       f->removed < offset && f->erased < offset &&
	       f->message_len <= MESSAGE_MAX && layers_good(f);
}

/* without what later versions add, a footer has one encoding but for its id */
static inline bool footer_same(const struct buf *put, const uint8_t *frame,
			       size_t len)
{
	const size_t id = 112, after = id + SHA256_SIZE;

	if (put->len > len)
		return false;
	return put->len < len ||
	       (again_bytes(put->p, frame, id) &&
		again_bytes(put->p + after, frame + after, len - after - 8));
}

static inline enum sheaf_status again_footer(const void *frame, size_t len,
					     uint64_t offset, bool *same)
{
	static const uint8_t previous_id[SHA256_SIZE] = { 1 };
	struct footer a, b;
	struct buf one = { 0 }, two = { 0 };
	enum sheaf_status st = footer_get(frame, len, offset, &a, NULL);

	if (st == SHEAF_OK)
		*same &= a.size == len && footer_good(&a, offset) &&
			 footer_put(&one, &a, previous_id, NULL) == SHEAF_OK &&
			 a.size == one.len && footer_same(&one, frame, len) &&
			 footer_get(one.p, one.len, offset, &b, NULL) ==
				 SHEAF_OK &&
			 footer_put(&two, &b, previous_id, NULL) == SHEAF_OK &&
			 one.len == two.len &&
			 again_bytes(one.p, two.p, one.len);
	buf_done(&one);
	buf_done(&two);
	return st;
}

#endif
