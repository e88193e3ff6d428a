/*
 * info.c - how the bytes of a corpus divide among its parts
 *
 * One walk over all frames: the headers of blocks and the heads of tables are
 * read, not the articles.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/footer.h"
#include "formats/sheaf/records.h"
#include "formats/sheaf/strings.h"
#include "read/corpus.h"
#include "read/hidden.h"
#include "read/scan.h"

/* a block whose parent is no dictionary is a revision */
static bool is_revision(const struct buf *dictionaries,
			const struct block_head *h)
{
	size_t n = dictionaries->len / sizeof(uint64_t);

	if (h->parent == BLOCK_NO_PARENT)
		return false;
	while (n-- != 0) { /* of several the newest is in use */
		uint64_t offset;

		memcpy(&offset, dictionaries->p + n * sizeof(offset),
		       sizeof(offset));
		if (offset == h->parent)
			return false;
	}
	return true;
}

/* @dictionaries: their offsets so far; a parent lies before its children */
static void block_count(struct sheaf_info *out, const struct scan_item *i,
			struct buf *dictionaries)
{
	out->headers += i->frame - i->offset;
	if (i->block.is_dictionary) {
		buf_bytes(dictionaries, &i->offset, sizeof(i->offset));
		out->dictionaries += i->block.packed;
		out->dictionary_count++;
		out->dictionary_bytes += i->block.plain;
		return;
	}
	out->blocks += i->block.packed;
	out->block_count++;
	if (is_revision(dictionaries, &i->block)) {
		out->revision_count++;
		out->revision_articles += i->block.count;
		out->revisions += i->block.packed;
		out->revision_bytes += i->block.plain;
	}
}

/* names and the other columns share the packed page as they share the plain one
 */
static enum sheaf_status records_count(struct sheaf_info *out,
				       const struct scan_item *i,
				       struct hidden *hidden,
				       struct sheaf_error *err)
{
	struct record_page page;
	uint64_t names = 0;
	enum sheaf_status st;

	st = records_get(i->bytes, (size_t)i->size, i->offset, &page, err);
	if (st != SHEAF_OK)
		return st;
	if (page.plain_size != 0)
		names = i->size * page.plain_names / page.plain_size;
	out->names += names;
	out->records += i->size - names;
	st = hidden_page(hidden, &page, err);
	records_done(&page);
	return st;
}

/* @removed: where the table of removed ids is that is in force */
static enum sheaf_status table_count(struct sheaf_info *out,
				     const struct scan_item *i,
				     uint64_t removed, struct hidden *hidden,
				     struct sheaf_error *err)
{
	switch (i->frame_kind) {
	case FRAME_RECORDS:
		return records_count(out, i, hidden, err);
	case FRAME_STRINGS:
		out->strings += i->size;
		break;
	case FRAME_INDEX_PAGE:
	case FRAME_INDEX_ROOT:
		out->indexes += i->size;
		break;
	case FRAME_TREE:
		out->trees += i->size;
		break;
	case FRAME_FOOTER:
		out->footers += i->size;
		return hidden_segment(hidden, i->offset + i->size, err);
	case FRAME_REMOVED: /* the newest is none of the parts */
		if (i->offset != removed)
			out->dead += i->size;
		break;
	default:
		break;
	}
	return SHEAF_OK;
}

/*
 * Pages that the newest footer no longer leads to are dead, but @live bytes of
 * them
 */
static enum sheaf_status dead_count(struct sheaf_corpus *c,
				    struct sheaf_info *out, uint64_t live,
				    struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	for (unsigned int l = 0; l < c->footer.layer_count; l++) {
		for (int w = 0; w < INDEX_COUNT && st == SHEAF_OK; w++) {
			uint64_t bytes;

			st = indexes_bytes(c->indexes, l, (enum index_which)w,
					   &bytes, err);
			live += bytes;
		}
	}
	if (st != SHEAF_OK)
		return st;
	if (out->indexes > live)
		out->dead += out->indexes - live;
	out->indexes = live;
	live = 0;
	for (uint64_t at = c->footer.strings_offset; at != 0;) {
		struct strings_page page;
		struct buf in = { 0 };

		st = view_frame(&c->view, at, FRAME_STRINGS, STRINGS_MAX + 1024,
				&in, err);
		if (st == SHEAF_OK)
			st = strings_get(in.p, in.len, at, &page, err);
		live += in.len;
		buf_done(&in);
		if (st != SHEAF_OK)
			return st;
		at = page.previous < at ? page.previous : 0;
		strings_done(&page);
	}
	if (out->strings > live) {
		out->dead += out->strings - live;
		out->strings = live;
	}
	return SHEAF_OK;
}

enum sheaf_status sheaf_info_read(struct sheaf_corpus *c,
				  struct sheaf_info *out,
				  struct sheaf_error *err)
{
	const struct scan_item *item;
	struct hidden hidden = { .corpus = c };
	struct buf dictionaries = { 0 };
	struct scan s;
	uint64_t page = 0, witness = 0; /* of indexes, bytes */
	enum sheaf_status st = SHEAF_OK;

	memset(out, 0, sizeof(*out));
	scan_init(&s, &c->view, 0);
	while (st == SHEAF_OK && (st = scan_next(&s, &item, err)) == SHEAF_OK) {
		out->file += item->size;
		if (item->kind == SCAN_BLOCK)
			block_count(out, item, &dictionaries);
		else if (item->kind == SCAN_TABLE)
			st = table_count(out, item, c->footer.removed, &hidden,
					 err);
		/* a page with blocks behind it is for when they are lost */
		if (item->kind == SCAN_BLOCK)
			witness += page;
		if (item->kind == SCAN_BLOCK || item->kind == SCAN_TABLE)
			page = item->kind == SCAN_TABLE &&
					       item->frame_kind ==
						       FRAME_INDEX_PAGE ?
				       item->size :
				       0;
		else if (item->kind == SCAN_DAMAGE)
			st = fail_at(err, SHEAF_CORRUPT, item->offset,
				     "damaged: run 'sheaf verify'");
	}
	scan_done(&s);
	if (dictionaries.bad)
		st = fail_nomem(err);
	buf_done(&dictionaries);
	hidden_done(&hidden);
	out->hidden_records = hidden.records;
	out->hidden_articles = hidden.articles;
	out->hidden_bytes = hidden.bytes;
	if (st != SHEAF_NOT_FOUND)
		return st;
	out->layers = c->footer.layer_count + (c->tail.commits != 0);
	return dead_count(c, out, witness, err);
}
