/*
 * check_frames.c - the first step of verify: every frame, footer and tree
 *
 * Frames must tile the file up to the newest footer. At each footer the bytes
 * of its segment are hashed again.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/index.h"
#include "formats/sheaf/records.h"
#include "formats/sheaf/removed.h"
#include "formats/sheaf/strings.h"
#include "formats/sheaf/tree.h"
#include "read/check.h"
#include "read/scan.h"

struct walk {
	struct check *c;
	struct scan scan;
	bool have_before; /* the footer of the commit before was whole */
	struct footer before, at;
	uint64_t tree_offset; /* of the tree frame just passed; 0: none */
	struct buf tree;      /* its bytes */
	struct {	      /* what stands in the segment so far */
		bool damaged; /* so that nothing can be said of the rest */
		uint64_t blocks, articles;
		uint64_t commit;	  /* that the blocks say; 0: none yet */
		uint64_t pages, page_end; /* record pages: first offset, end */
		bool tables;		  /* others */
	} segment;
	bool any_damage;
	uint64_t hashed; /* up to where bytes were held against a tree */
	struct leaves *leaves;
	uint64_t strings, dictionary; /* offsets of the newest */
	uint64_t string_count;	      /* of all strings */
};

/* the frame header's flags of [S-5]: one segment, with checksum */
#define FRAME_FLAGS_AT 4
#define FRAME_FLAGS 0x24u

static enum sheaf_status block_frame_check(struct check *c,
					   const struct scan_item *i)
{
	uint8_t head[FRAME_FLAGS_AT + 1] = { 0 };
	enum sheaf_status st = SHEAF_OK;

	if (i->block.packed >= sizeof(head))
		st = view_read(&c->view, i->frame, head, sizeof(head), c->err);
	if (st == SHEAF_OK &&
	    (head[FRAME_FLAGS_AT] & FRAME_FLAGS) != FRAME_FLAGS)
		check_damage(
			c, i->offset, i->size, 0,
			"block: its frame has no checksum or is of several segments");
	return st;
}

/* is the header what its place in the segment says */
static void block_place_check(struct walk *w, const struct scan_item *i)
{
	if (w->segment.damaged)
		return;
	if (w->segment.commit == 0)
		w->segment.commit = i->block.commit;
	if (i->block.commit != w->segment.commit ||
	    i->block.first != w->segment.articles)
		check_damage(w->c, i->offset, i->size, 0,
			     "block: its header is of another commit or place");
}

static enum sheaf_status block_seen(struct walk *w, const struct scan_item *i)
{
	struct check *c = w->c;
	struct seen_block b = {
		.offset = i->offset,
		.end = i->offset + i->size,
		.parent = i->block.parent,
		.commit = i->block.commit,
		.first = i->block.first,
		.count = i->block.count,
		.first_length = (uint32_t)(c->lengths.len / sizeof(uint32_t)),
		.is_dictionary = i->block.is_dictionary,
	};

	buf_bytes(&c->blocks, &b, sizeof(b));
	buf_bytes(&c->lengths, i->block.lengths,
		  i->block.count * sizeof(uint32_t));
	for (uint32_t k = 0; k < i->block.count; k++) {
		uint32_t seed = i->block.seeds != NULL ? i->block.seeds[k] : 0;

		buf_bytes(&c->seeds, &seed, sizeof(seed));
	}
	c->result->blocks++;
	c->result->articles += i->block.count;
	if (c->blocks.bad || c->lengths.bad || c->seeds.bad)
		return fail_nomem(c->err);
	block_place_check(w, i);
	w->segment.blocks++;
	w->segment.articles += i->block.count;
	if (i->block.is_dictionary)
		w->dictionary = i->offset;
	return block_frame_check(c, i);
}

/* ranges come in the order of the file */
static void range_bad(struct check *c, uint64_t offset, uint64_t end,
		      bool explained)
{
	struct bad_range r = { offset, end, explained };
	struct bad_range *all = (struct bad_range *)(void *)c->ranges.p;
	size_t n = c->ranges.len / sizeof(r);

	if (offset >= end)
		return;
	if (n != 0 && all[n - 1].end == offset && explained &&
	    all[n - 1].explained)
		all[n - 1].end = end;
	else
		buf_bytes(&c->ranges, &r, sizeof(r));
}

/* bytes up to @end that no whole footer vouches for */
static void unhashed(struct walk *w, uint64_t end)
{
	range_bad(w->c, w->hashed, end, true);
	if (end > w->hashed)
		w->hashed = end;
}

/* the leaves of the segment's bytes as they are, against those of its tree */
static enum sheaf_status leaves_compare(struct walk *w, const struct footer *f,
					const struct tree *now, size_t count,
					uint64_t end)
{
	struct tree_view was = { 0 };
	struct sheaf_error why;
	uint8_t root[SHA256_SIZE];
	enum sheaf_status st;

	if (w->tree_offset == 0) {
		range_bad(w->c, f->start, end, false);
		return SHEAF_OK;
	}
	st = tree_get(w->tree.p, w->tree.len, w->tree_offset, &was, &why);
	if (st == SHEAF_OK && (was.start != f->start || was.count != count))
		st = SHEAF_CORRUPT;
	if (st == SHEAF_OK)
		st = tree_root_of(was.leaves, was.count, root, w->c->err);
	if (st == SHEAF_NOMEM)
		return st;
	if (st != SHEAF_OK || memcmp(root, f->root, sizeof(root)) != 0) {
		check_damage(w->c, w->tree_offset, w->tree.len, 0,
			     "tree: is not that of commit %llu",
			     (unsigned long long)f->commit);
		range_bad(w->c, f->start, end, true);
		return SHEAF_OK;
	}
	for (size_t i = 0; i < count; i++) {
		uint64_t from = f->start + (uint64_t)i * LEAF_SIZE;

		if (memcmp(was.leaves + i * SHA256_SIZE,
			   now->leaves.p + i * SHA256_SIZE, SHA256_SIZE) != 0)
			range_bad(w->c, from,
				  end - from > LEAF_SIZE ? from + LEAF_SIZE :
							   end,
				  false);
	}
	return SHEAF_OK;
}

static enum sheaf_status tree_check(struct walk *w, const struct footer *f)
{
	uint8_t root[SHA256_SIZE];
	struct tree t = { 0 };
	enum sheaf_status st = tree_init(&t, w->c->err);
	size_t count = 0;
	uint64_t end;

	if (w->tree_offset < f->start) /* of a commit whose footer is lost */
		w->tree_offset = 0;
	end = w->tree_offset != 0 ? w->tree_offset : f->offset;
	if (f->start < w->hashed) { /* nothing is hashed again and again */
		tree_done(&t);
		check_damage(w->c, f->offset, f->size, 0,
			     "footer of commit %llu: begins within another one",
			     (unsigned long long)f->commit);
		return st;
	}
	unhashed(w, f->start);
	if (st == SHEAF_OK)
		st = leaves_hash(w->leaves, f->start, end, &t);
	if (st == SHEAF_OK) {
		count = tree_end(&t);
		st = tree_root(&t, root, w->c->err);
	}
	if (st == SHEAF_OK && memcmp(root, f->root, sizeof(root)) != 0)
		st = leaves_compare(w, f, &t, count, end);
	else if (st == SHEAF_OK && (count > 1) != (w->tree_offset != 0))
		check_damage(w->c, f->offset, f->size, 0,
			     "footer: its tree frame is missing or needless");
	else if (st == SHEAF_OK && w->tree_offset != 0)
		st = leaves_compare(w, f, &t, count, end);
	w->hashed = f->offset + f->size;
	tree_done(&t);
	return st;
}

/* does the footer tell what stands in its segment */
static const char *segment_wrong(const struct walk *w, const struct footer *f,
				 const struct footer *before)
{
	uint64_t blocks = before != NULL ? before->blocks : 0;

	if (w->segment.commit != 0 && w->segment.commit != f->commit)
		return "the blocks before it are of another commit";
	if (f->new_articles != w->segment.articles ||
	    f->blocks - blocks != w->segment.blocks)
		return "its blocks or articles are miscounted";
	if (f->page_offset != w->segment.pages ||
	    f->page_bytes != w->segment.page_end - w->segment.pages)
		return "its record pages are not where it says";
	if (!w->any_damage && (f->strings_offset != w->strings ||
			       f->strings_count != w->string_count ||
			       f->dictionary != w->dictionary))
		return "its strings or dictionary are not where it says";
	return NULL;
}

static enum sheaf_status footer_check(struct walk *w, const struct scan_item *i)
{
	static const uint8_t none[SHA256_SIZE];
	const struct footer *f = &w->at, *b = &w->before;
	const uint64_t *seen = (const uint64_t *)(void *)w->c->commits.p;
	uint64_t jump = footer_jump(f->commit), jump_offset = 0;
	uint8_t id[SHA256_SIZE];
	const char *wrong = NULL;

	if (jump != 0 && jump <= w->c->commits.len / sizeof(*seen))
		jump_offset = seen[jump - 1];
	if (f->previous == 0) {
		if (f->start != 0)
			wrong = "does not begin the file";
		else if (f->records != f->new_records ||
			 f->articles != f->new_articles ||
			 f->article_bytes != f->new_bytes)
			wrong = "has records or articles of before it";
		b = NULL;
	} else if (!w->have_before) {
		return SHEAF_OK; /* its neighbour is damaged, as was reported */
	} else if (f->commit != b->commit + 1 && w->segment.damaged) {
		return SHEAF_OK; /* so are those between them */
	} else if (f->commit != b->commit + 1) {
		wrong = "a commit is missing before it";
	} else if (f->previous != b->offset ||
		   f->start != b->offset + b->size) {
		wrong = "does not continue the commit before it";
	} else if (f->history != b->history) { /* [S-38] */
		wrong = "names another history than the one before it";
	} else if (f->records != b->records + f->new_records ||
		   f->articles != b->articles + f->new_articles ||
		   f->article_bytes != b->article_bytes + f->new_bytes ||
		   f->blocks < b->blocks) {
		wrong = "its counts do not continue those before it";
	}
	if (wrong == NULL && !w->segment.damaged)
		wrong = segment_wrong(w, f, b);
	if (wrong == NULL && jump_offset != 0 && jump_offset != f->jump)
		wrong = "jumps to a wrong place";
	if (wrong == NULL) {
		enum sheaf_status st =
			footer_id(i->bytes, (size_t)i->size,
				  b != NULL ? b->id : none, id, w->c->err);

		if (st == SHEAF_NOMEM)
			return st;
		if (st != SHEAF_OK || memcmp(id, f->id, sizeof(id)) != 0)
			wrong = "its commit id is not that of its bytes";
	}
	if (wrong != NULL)
		check_damage(w->c, i->offset, i->size, 0,
			     "footer of commit %llu: %s",
			     (unsigned long long)f->commit, wrong);
	return SHEAF_OK;
}

static enum sheaf_status footer_seen(struct walk *w, const struct scan_item *i)
{
	struct check *c = w->c;
	struct sheaf_error why;
	enum sheaf_status st;
	uint64_t zero = 0;

	st = footer_get(i->bytes, (size_t)i->size, i->offset, &w->at, &why);
	if (st == SHEAF_NOMEM)
		return fail_nomem(c->err);
	if (st != SHEAF_OK) {
		check_damage(c, i->offset, i->size, 0, "%s", why.text);
		w->segment.damaged = true;
		w->have_before = false;
		return SHEAF_OK;
	}
	st = footer_check(w, i);
	if (st != SHEAF_OK)
		return st;
	/* a commit takes more than a byte, so this is bounded by the file */
	while (c->commits.len / sizeof(zero) < w->at.commit - 1 &&
	       w->at.commit < c->view.end && !c->commits.bad)
		buf_bytes(&c->commits, &zero, sizeof(zero));
	buf_bytes(&c->commits, &i->offset, sizeof(i->offset));
	if (c->commits.bad)
		return fail_nomem(c->err);
	memcpy(&w->before, &w->at, sizeof(w->before));
	w->have_before = true;
	c->result->commits++;
	memset(&w->segment, 0, sizeof(w->segment));
	st = tree_check(w, &w->before);
	w->tree_offset = 0;
	return st;
}

/* what a table's own decoder says of it */
static enum sheaf_status table_decode(const struct scan_item *i,
				      uint64_t *string_count,
				      struct sheaf_error *why)
{
	struct record_page records = { 0 };
	struct strings_page strings = { 0 };
	struct index_page index;
	struct index_root root = { 0 };
	struct removed removed = { 0 };
	struct history history = { 0 };
	size_t len = (size_t)i->size;
	enum sheaf_status st = SHEAF_OK;

	switch (i->frame_kind) {
	case FRAME_RECORDS:
		st = records_get(i->bytes, len, i->offset, &records, why);
		break;
	case FRAME_STRINGS:
		st = strings_get(i->bytes, len, i->offset, &strings, why);
		*string_count = (uint64_t)strings.first + strings.count;
		break;
	case FRAME_INDEX_PAGE:
		st = index_page_get(i->bytes, len, i->offset, &index, why);
		break;
	case FRAME_INDEX_ROOT:
		st = index_root_get(i->bytes, len, i->offset, &root, why);
		break;
	case FRAME_REMOVED:
		st = removed_get(i->bytes, len, i->offset, &removed, why);
		break;
	case FRAME_HISTORY:
		st = history_get(i->bytes, len, i->offset, &history, why);
		break;
	default:
		break;
	}
	records_done(&records);
	strings_done(&strings);
	index_root_done(&root);
	removed_done(&removed);
	history_done(&history);
	return st;
}

static void page_seen(struct walk *w, const struct scan_item *i)
{
	bool first = w->segment.pages == 0;

	buf_bytes(&w->c->pages, &i->offset, sizeof(i->offset));
	if (!w->segment.damaged &&
	    (w->segment.tables ||
	     (!first && i->offset != w->segment.page_end))) /* [S-3] */
		check_damage(w->c, i->offset, i->size, 0,
			     "record page: not behind the one before or the "
			     "blocks");
	if (first)
		w->segment.pages = i->offset;
	w->segment.page_end = i->offset + i->size;
}

static void table_note(struct walk *w, const struct scan_item *i,
		       uint64_t string_count)
{
	struct seen_table t = { i->offset, i->size, i->frame_kind };

	buf_bytes(&w->c->tables, &t, sizeof(t));
	w->segment.tables |= i->frame_kind <= FRAME_HISTORY; /* [S-10] */
	if (i->frame_kind == FRAME_STRINGS) {
		w->strings = i->offset;
		w->string_count = string_count;
	}
}

static enum sheaf_status table_seen(struct walk *w, const struct scan_item *i)
{
	struct sheaf_error why;
	uint64_t string_count = 0;
	enum sheaf_status st;

	if (i->frame_kind == FRAME_FOOTER)
		return footer_seen(w, i);
	if (i->frame_kind == FRAME_TREE) {
		w->tree_offset = i->offset;
		buf_clear(&w->tree);
		buf_bytes(&w->tree, i->bytes, (size_t)i->size);
		return w->tree.bad ? fail_nomem(w->c->err) : SHEAF_OK;
	}
	st = table_decode(i, &string_count, &why);
	if (st == SHEAF_NOMEM)
		return fail_nomem(w->c->err);
	if (st != SHEAF_OK)
		check_damage(w->c, i->offset, i->size, 0, "%s", why.text);
	else if (i->frame_kind == FRAME_RECORDS)
		page_seen(w, i);
	else
		table_note(w, i, string_count);
	return w->c->pages.bad || w->c->tables.bad ? fail_nomem(w->c->err) :
						     SHEAF_OK;
}

static enum sheaf_status item_seen(struct walk *w, const struct scan_item *i)
{
	switch (i->kind) {
	case SCAN_BLOCK:
		return block_seen(w, i);
	case SCAN_TABLE:
		return table_seen(w, i);
	case SCAN_DAMAGE:
		w->segment.damaged = true;
		w->any_damage = true;
		check_damage(w->c, i->offset, i->size, 0,
			     "no whole frame where one must begin");
		return SHEAF_OK;
	default:
		return SHEAF_OK;
	}
}

enum sheaf_status check_frames(struct check *c)
{
	struct walk *w = calloc(1, sizeof(*w));
	const struct scan_item *item;
	enum sheaf_status st;

	if (w == NULL)
		return fail_nomem(c->err);
	w->c = c;
	st = leaves_new(&w->leaves, c);
	scan_init(&w->scan, &c->view, 0);
	while (st == SHEAF_OK &&
	       (st = scan_next(&w->scan, &item, c->err)) == SHEAF_OK)
		st = item_seen(w, item);
	unhashed(w, c->view.end);
	if (st == SHEAF_NOT_FOUND)
		st = c->ranges.bad ? fail_nomem(c->err) : SHEAF_OK;
	leaves_free(w->leaves);
	scan_done(&w->scan);
	buf_done(&w->tree);
	free(w);
	return st;
}
