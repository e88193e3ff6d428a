/*
 * verify.c - is the file whole: frames and trees, then blocks, then tables,
 * then the tail
 *
 * The flow only; each step is in a check_*.c. Damage is reported as it is found
 * and never ends the check.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read/check.h"

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

/* a byte range that is known to be bad now has its reason */
static void range_explain(struct check *c, uint64_t offset, uint64_t len)
{
	struct bad_range *r = (struct bad_range *)(void *)c->ranges.p;
	size_t n = c->ranges.len / sizeof(*r);

	for (size_t i = 0; i < n; i++)
		if (offset < r[i].end && offset + len > r[i].offset)
			r[i].explained = true;
}

void check_damage(struct check *c, uint64_t offset, uint64_t len,
		  uint64_t articles, const char *fmt, ...)
{
	struct sheaf_error text;
	struct sheaf_damage d = { offset, len, text.text, articles };
	char line[160];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	(void)fail(&text, SHEAF_CORRUPT, "%s", line);
	c->result->damages++;
	range_explain(c, offset, len);
	if (c->options->on_damage != NULL)
		c->options->on_damage(&d, NULL, c->options->arg);
}

enum sheaf_status check_progress(struct check *c, uint64_t done)
{
	if (c->options->on_progress != NULL &&
	    c->options->on_progress(done, c->view.end, c->options->arg) != 0)
		return fail(c->err, SHEAF_CANCELLED, "stopped");
	return SHEAF_OK;
}

static enum sheaf_status file_open(const struct check *c, struct source *out,
				   struct sheaf_error *err)
{
	if (c->path != NULL)
		return source_file(out, c->path, err);
	return source_fd(out, c->fd, err);
}

/* the tables, through a handle as any reader has it */
static enum sheaf_status tables_check(struct check *c)
{
	struct sheaf_error why;
	struct sheaf_corpus *corpus;
	struct source src;
	enum sheaf_status st = file_open(c, &src, &why);

	if (st == SHEAF_OK)
		st = corpus_open(&corpus, src, c->newest->commit, &why);
	if (st == SHEAF_CORRUPT) {
		check_damage(c, why.offset == UINT64_MAX ? 0 : why.offset, 0, 0,
			     "can't be opened: %s", why.text);
		return SHEAF_OK;
	}
	if (st != SHEAF_OK) {
		if (c->err != NULL)
			*c->err = why;
		return st;
	}
	st = check_tables(c, corpus);
	sheaf_close(corpus);
	return st;
}

/* leaves that differ although every frame in them is right */
static void ranges_report(struct check *c)
{
	struct bad_range *r = (struct bad_range *)(void *)c->ranges.p;
	size_t n = c->ranges.len / sizeof(*r);

	for (size_t i = 0; i < n; i++)
		if (!r[i].explained)
			check_damage(c, r[i].offset, r[i].end - r[i].offset, 0,
				     "bytes that are not those committed");
}

static enum sheaf_status steps(struct check *c, uint64_t size)
{
	enum sheaf_status st = check_frames(c);

	if (st == SHEAF_OK)
		st = check_blocks_decode(c);
	if (st == SHEAF_OK)
		st = tables_check(c);
	if (st == SHEAF_OK) {
		ranges_report(c);
		st = check_tail(c, size);
	}
	return st;
}

static void check_done(struct check *c)
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
	buf_done(&c->commits);
}

static enum sheaf_status run(struct check *c)
{
	static const struct sheaf_verify_options defaults;
	struct sheaf_verify_result *result = c->result;
	uint64_t size = 0;
	enum sheaf_status st;

	if (c->options == NULL)
		c->options = &defaults;
	memset(result, 0, sizeof(*result));
	st = file_open(c, &c->src, c->err);
	if (st != SHEAF_OK)
		return st;
	c->newest = malloc(sizeof(*c->newest));
	if (c->newest == NULL)
		st = fail_nomem(c->err);
	if (st == SHEAF_OK)
		st = source_size(&c->src, &size, c->err);
	if (st == SHEAF_OK)
		st = chain_newest(&c->src, size, c->newest, c->err);
	if (st == SHEAF_OK) {
		c->view.src = c->src;
		c->view.end = c->newest->offset + c->newest->size;
		memcpy(result->commit_id, c->newest->id,
		       sizeof(result->commit_id));
		st = blocks_new(&c->readers, &c->view, c->err);
	}
	if (st == SHEAF_OK)
		st = steps(c, size);
	check_done(c);
	return st;
}

enum sheaf_status sheaf_verify(const char *path,
			       const struct sheaf_verify_options *options,
			       struct sheaf_verify_result *result,
			       struct sheaf_error *err)
{
	struct check c = {
		.options = options, .result = result, .path = path, .err = err
	};

	return run(&c);
}

enum sheaf_status verify_fd(int fd, const struct sheaf_verify_options *options,
			    struct sheaf_verify_result *result,
			    struct sheaf_error *err)
{
	struct check c = {
		.options = options, .result = result, .fd = fd, .err = err
	};

	return run(&c);
}
