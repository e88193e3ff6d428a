/*
 * verify.c - is the file whole: frames and trees, then blocks, then tables,
 * then the tail
 *
 * The flow only; each step is in a check_*.c. Damage never ends the check; at
 * the end it is told what it costs.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"
#include "io/lock.h"
#include "read/check.h"
#include "read/scan.h"

struct seen_block *check_blocks(const struct check *c, size_t *count)
{
	*count = c->blocks.len / sizeof(struct seen_block);
	return (struct seen_block *)(void *)c->blocks.p;
}

struct seen_block *check_block(const struct check *c, uint64_t offset)
{
	size_t low = 0, high;
	struct seen_block *b = check_blocks(c, &high);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b[middle].offset == offset)
			return &b[middle];
		if (b[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

enum sheaf_status check_progress(struct check *c, uint64_t done)
{
	if (c->options->on_progress != NULL &&
	    c->options->on_progress(done, c->view.end, c->options->arg) != 0)
		return fail(c->err, SHEAF_CANCELLED, "stopped");
	return SHEAF_OK;
}

/* can it be opened; *out is NULL where it can't */
static enum sheaf_status handle_open(struct check *c, struct source src,
				     struct sheaf_corpus **out)
{
	struct sheaf_error why = { 0 };
	enum sheaf_status st = corpus_open(out, src, c->newest->commit, &why);

	c->result->opens = st == SHEAF_OK;
	if (st == SHEAF_CORRUPT) {
		if (c->result->damages == 0)
			check_damage(c,
				     why.offset == UINT64_MAX ? 0 : why.offset,
				     0, 0, "can't be opened: %s", why.text);
		return SHEAF_OK;
	}
	if (st != SHEAF_OK && c->err != NULL)
		*c->err = why;
	return st;
}

/* all tables through a handle, as any reader has it: where a frame is damaged,
 * what they would say of each other is but its consequence */
static enum sheaf_status tables_check(struct check *c)
{
	struct sheaf_corpus *corpus = NULL;
	struct source src;
	enum sheaf_status st;

	if (!c->has_newest) {
		check_damage(
			c, c->size, 0, 0,
			"the newest commit has no whole footer, nor has any");
		return SHEAF_OK;
	}
	source_lent(&src, &c->src);
	st = handle_open(c, src, &corpus);
	if (st == SHEAF_OK && corpus != NULL && c->result->damages == 0)
		st = check_tables(c, corpus);
	sheaf_close(corpus);
	return st;
}

static uint64_t lost_known(const struct check *c)
{
	return c->lost.len / sizeof(struct lost);
}

/*
 * Behind the newest whole commit lies part of another: its records may name
 * articles that are not there.  So the file is gone through once more, to its
 * very end, for what that is; and for all that is lost before it, which the
 * tables behind may know better.
 */
static enum sheaf_status behind_tell(struct check *c)
{
	struct sheaf_verify_options options = *c->options;
	struct sheaf_verify_result result = { 0 };
	struct check all = { .options = &options,
			     .result = &result,
			     .err = c->err };
	struct pages *pages = NULL;
	struct source src;
	enum sheaf_status st;

	options.deep = false;
	options.on_progress = NULL;
	source_lent(&src, &c->src);
	st = check_open(&all, src, true);
	if (st == SHEAF_OK)
		st = check_frames(&all);
	if (st == SHEAF_OK)
		st = check_blocks_decode(&all);
	if (st == SHEAF_OK)
		st = check_report_sort(&all);
	if (st == SHEAF_OK)
		st = pages_new(&pages, &all.view, c->err);
	if (st == SHEAF_OK)
		st = check_lost(&all, pages);
	if (st == SHEAF_OK && lost_known(&all) > lost_known(c))
		c->result->torn_lost = lost_known(&all) - lost_known(c);
	if (st == SHEAF_OK)
		st = check_lost_tell(&all, pages);
	pages_free(pages);
	check_done(&all);
	return st;
}

/* what that costs, and all of it to the caller */
static enum sheaf_status report(struct check *c)
{
	struct pages *pages = NULL;
	enum sheaf_status st = check_report_sort(c);

	if (st == SHEAF_OK && c->result->damages != 0) {
		st = pages_new(&pages, &c->view, c->err);
		if (st == SHEAF_OK)
			st = check_lost(c, pages);
		if (st == SHEAF_OK)
			check_report_tell(c);
	}
	if (st == SHEAF_OK && c->has_behind)
		st = behind_tell(c);
	else if (st == SHEAF_OK && c->result->damages != 0)
		st = check_lost_tell(c, pages);
	pages_free(pages);
	return st;
}

static enum sheaf_status steps(struct check *c)
{
	enum sheaf_status st = check_frames(c);

	if (st == SHEAF_OK)
		st = check_blocks_decode(c);
	if (st == SHEAF_OK)
		st = tables_check(c);
	if (st == SHEAF_OK && c->has_newest)
		st = check_tail(c, c->size);
	return st == SHEAF_OK ? report(c) : st;
}

/* is there a frame of ours anywhere */
static enum sheaf_status any_frame(struct check *c)
{
	struct scan s;
	const struct scan_item *item;
	bool found = false;
	enum sheaf_status st = SHEAF_OK;

	scan_init(&s, &c->view, 0);
	while (st == SHEAF_OK && !found) {
		st = scan_next(&s, &item, c->err);
		found = st == SHEAF_OK &&
			(item->kind == SCAN_BLOCK || item->kind == SCAN_TABLE);
	}
	scan_done(&s);
	if (st == SHEAF_NOT_FOUND)
		st = fail(c->err, SHEAF_CORRUPT,
			  "no sheaf corpus: no part of one is in it");
	return st;
}

static enum sheaf_status newest_find(struct check *c)
{
	struct sheaf_error why;
	enum sheaf_status st = chain_newest(&c->src, c->size, c->newest, &why);

	c->has_newest = st == SHEAF_OK;
	if (st == SHEAF_CORRUPT)
		return any_frame(c);
	if (st != SHEAF_OK && c->err != NULL)
		*c->err = why;
	return st;
}

enum sheaf_status check_open(struct check *c, struct source src, bool all)
{
	enum sheaf_status st;

	c->src = src;
	c->view.src = src;
	st = source_size(&c->src, &c->size, c->err);
	if (st == SHEAF_OK && c->size > FILE_MAX)
		st = fail(c->err, SHEAF_LIMIT, "larger than 16 TiB");
	c->view.end = c->size;
	c->newest = calloc(1, sizeof(*c->newest));
	if (st == SHEAF_OK && c->newest == NULL)
		st = fail_nomem(c->err);
	if (st == SHEAF_OK)
		st = newest_find(c);
	if (st != SHEAF_OK)
		return st;
	if (c->has_newest) {
		memcpy(c->result->commit_id, c->newest->id,
		       sizeof(c->result->commit_id));
		c->result->newest = c->newest->commit;
		if (!all)
			c->view.end = c->newest->offset + c->newest->size;
	}
	return blocks_new(&c->readers, &c->view, c->err);
}

void check_done(struct check *c)
{
	blocks_free(c->readers);
	source_done(&c->src);
	free(c->newest);
	buf_done(&c->blocks);
	buf_done(&c->lengths);
	buf_done(&c->seeds);
	buf_done(&c->ids);
	buf_done(&c->ranges);
	buf_done(&c->pages);
	buf_done(&c->tables);
	buf_done(&c->commits);
	buf_done(&c->found);
	buf_done(&c->texts);
	buf_done(&c->lost);
}

enum sheaf_status verify_source(struct source src,
				const struct sheaf_verify_options *options,
				bool at_work,
				struct sheaf_verify_result *result,
				struct sheaf_error *err)
{
	static const struct sheaf_verify_options defaults;
	struct check c = { .options = options != NULL ? options : &defaults,
			   .result = result,
			   .err = err };
	enum sheaf_status st;

	memset(result, 0, sizeof(*result));
	result->at_work = at_work;
	st = check_open(&c, src, false);
	if (st == SHEAF_OK)
		st = steps(&c);
	check_done(&c);
	return st;
}

enum sheaf_status verify_new(int fd, struct sheaf_verify_options how,
			     struct sheaf_error *err)
{
	struct sheaf_verify_result r;
	struct source src;
	enum sheaf_status st = source_fd(&src, fd, err);

	how.deep = true;
	if (st == SHEAF_OK)
		st = verify_source(src, &how, false, &r, err);
	if (st == SHEAF_OK && (r.damages != 0 || r.torn_bytes != 0))
		st = fail(err, SHEAF_CORRUPT,
			  "the new file did not verify and was not kept");
	return st;
}

enum sheaf_status sheaf_verify(const char *path,
			       const struct sheaf_verify_options *options,
			       struct sheaf_verify_result *result,
			       struct sheaf_error *err)
{
	struct source src;
	enum sheaf_status st;

	memset(result, 0, sizeof(*result));
	st = source_file(&src, path, err);
	if (st != SHEAF_OK)
		return st;
	return verify_source(src, options, lock_is_held_at(path), result, err);
}
