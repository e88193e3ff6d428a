/*
 * truth.c - where everything lies in a corpus that is whole
 */
#include "fault/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sheaf/sheaf.h>

#include "codec/hash.h"
#include "read/corpus.h"

void truth_free(struct truth *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < COUNT(t->records, struct trecord); i++)
		free(RECORDS(t)[i].name);
	image_done(&t->image);
	buf_done(&t->blocks);
	buf_done(&t->pages);
	buf_done(&t->records);
	free(t);
}

/* --- the unspoilt file --- */

/* offsets ascend in both */
static int range_compare(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static uint32_t block_number(const struct truth *t, uint64_t offset)
{
	size_t low = 0, high = COUNT(t->blocks, struct tblock);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (BLOCKS(t)[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < COUNT(t->blocks, struct tblock) &&
			       BLOCKS(t)[low].offset == offset ?
		       (uint32_t)low :
		       NO_BLOCK;
}

static uint32_t page_number(const struct truth *t, uint64_t offset)
{
	const struct range wanted = { offset, 0 };
	const struct range *r =
		bsearch(&wanted, PAGES(t), COUNT(t->pages, struct range),
			sizeof(wanted), range_compare);

	return r != NULL ? (uint32_t)(r - PAGES(t)) : NO_BLOCK;
}

/* every block: the sync pattern stands nowhere else */
static void blocks_read(struct truth *t, const struct view *v)
{
	for (size_t at = 0;
	     (at = frame_sync_find(t->image.p, t->image.len, at)) != SIZE_MAX;
	     at++) {
		struct block_head head;
		struct tblock b = { .offset = at, .parent = NO_BLOCK };

		if (blocks_head(v, at, &head, &b.frame, NULL) != SHEAF_OK)
			continue;
		b.end = b.frame + head.packed;
		b.count = head.count;
		if (head.parent != BLOCK_NO_PARENT)
			b.parent = block_number(t, head.parent);
		buf_bytes(&t->blocks, &b, sizeof(b));
		block_done(&head);
	}
}

struct reading {
	struct truth *t;
	struct sheaf_corpus *c;
	bool failed;
};

static void record_read(struct reading *r, struct page *page, uint32_t slot)
{
	const struct page_record *from = &page->table.records[slot];
	struct trecord to = { .mtime = from->mtime,
			      .commit = from->commit,
			      .size = from->size,
			      .place = from->place,
			      .page = page->table.offset,
			      .origin = pages_origin(page, slot).page };
	struct block *block;
	struct page *held;
	struct sheaf_str name;
	const uint8_t *p;
	size_t len;
	uint32_t seed;

	if (pages_name(r->c->pages, page, slot, &name, &held, NULL) !=
		    SHEAF_OK ||
	    blocks_get(r->c->blocks, from->place.block, &block, NULL) !=
		    SHEAF_OK ||
	    block_article(block, from->place.slot, &p, &len, &seed, NULL) !=
		    SHEAF_OK) {
		r->failed = true;
		return;
	}
	to.name = malloc(name.len + 1);
	if (to.name == NULL)
		abort();
	memcpy(to.name, name.p, name.len);
	to.name_len = name.len;
	hash_id(p, len, seed, to.id);
	to.block = block_number(r->t, from->place.block);
	buf_bytes(&r->t->records, &to, sizeof(to));
	blocks_release(block);
	pages_release(held);
}

static int page_read(struct page *page, void *arg)
{
	struct reading *r = arg;
	const struct range range = { page->table.offset,
				     page->table.offset + page->size };

	buf_bytes(&r->t->pages, &range, sizeof(range));
	for (uint32_t i = 0; i < page->table.count && !r->failed; i++)
		record_read(r, page, i);
	return r->failed;
}

static bool records_read(struct reading *r)
{
	struct sheaf_corpus *c = r->c;
	struct footer f;

	for (uint64_t k = 1; k <= c->footer.commit; k++)
		if (chain_find(&c->view, &c->footer, k, &f, NULL) != SHEAF_OK ||
		    (f.commit == k &&
		     pages_walk(c->pages, &f, page_read, r, NULL) != SHEAF_OK))
			return false;
	return !r->failed;
}

struct truth *truth_new(const char *path)
{
	struct truth *t = calloc(1, sizeof(*t));
	struct reading r = { .t = t };
	bool ok = t != NULL && image_load(&t->image, path) &&
		  sheaf_open(&r.c, path, NULL, NULL) == SHEAF_OK;

	if (ok) {
		t->newest = r.c->footer;
		blocks_read(t, &r.c->view);
		ok = records_read(&r);
	}
	sheaf_close(r.c);
	for (size_t i = 0; ok && i < COUNT(t->records, struct trecord); i++) {
		struct trecord *to = &RECORDS(t)[i];

		to->page_number = page_number(t, to->page);
		to->origin_number = page_number(t, to->origin);
	}
	if (ok && !t->blocks.bad && !t->pages.bad && !t->records.bad)
		return t;
	printf("%s: no truth of it\n", path);
	truth_free(t);
	return NULL;
}
