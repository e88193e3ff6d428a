/*
 * check_blocks.c - the second step of verify: decode what must be, or what may
 * be damaged
 */
#include <stdlib.h>

#include "read/check.h"

#include "codec/hash.h"

static bool in_bad_range(const struct check *c, const struct seen_block *b)
{
	const struct bad_range *r =
		(const struct bad_range *)(void *)c->ranges.p;
	size_t n = c->ranges.len / sizeof(*r);

	for (size_t i = 0; i < n; i++)
		if (b->offset < r[i].end && b->end > r[i].offset)
			return true;
	return false;
}

static enum sheaf_status ids_take(struct check *c, const struct block *block)
{
	for (uint32_t i = 0; i < block->head.count; i++) {
		uint8_t id[SHEAF_ID_SIZE] = { 0 };
		const uint8_t *p;
		size_t len;
		uint32_t seed;

		if (block_article(block, i, &p, &len, &seed, NULL) == SHEAF_OK)
			hash_id(p, len, seed, id);
		buf_bytes(&c->ids, id, sizeof(id));
	}
	return c->ids.bad ? fail_nomem(c->err) : SHEAF_OK;
}

static enum sheaf_status ids_skip(struct check *c, uint32_t count)
{
	static const uint8_t none[SHEAF_ID_SIZE];

	for (uint32_t i = 0; i < count; i++)
		buf_bytes(&c->ids, none, sizeof(none));
	return c->ids.bad ? fail_nomem(c->err) : SHEAF_OK;
}

/* [S-11]: the sync pattern stands nowhere inside a frame */
static enum sheaf_status pattern_check(struct check *c,
				       const struct seen_block *b)
{
	size_t len = (size_t)(b->end - b->offset);
	uint8_t *p = malloc(len);
	enum sheaf_status st =
		p == NULL ? fail_nomem(c->err) :
			    view_read(&c->view, b->offset, p, len, c->err);

	if (st == SHEAF_OK && frame_sync_find(p, len, 1) != SIZE_MAX)
		check_damage(c, b->offset, len, 0,
			     "block: holds what only the start of a frame may");
	free(p);
	return st;
}

/* one block; damage marks it bad */
static enum sheaf_status block_decode(struct check *c, struct seen_block *b)
{
	const struct seen_block *parent = NULL;
	struct sheaf_error why;
	struct block *block;
	enum sheaf_status st;

	if (b->parent != BLOCK_NO_PARENT) {
		parent = check_block(c, b->parent);
		b->bad = parent == NULL || parent->bad;
	}
	if (b->bad) {
		check_damage(
			c, b->offset, b->end - b->offset, b->count,
			"block: the one it is compressed against is damaged");
		return c->options->deep ? ids_skip(c, b->count) : SHEAF_OK;
	}
	if (!c->options->deep && !in_bad_range(c, b))
		return SHEAF_OK;
	st = blocks_get(c->readers, b->offset, &block, &why);
	if (st == SHEAF_OK) {
		if (c->options->deep)
			st = ids_take(c, block);
		blocks_release(block);
		if (st == SHEAF_OK && c->options->deep)
			st = pattern_check(c, b);
		return st;
	}
	if (st != SHEAF_CORRUPT) {
		if (c->err != NULL)
			*c->err = why;
		return st;
	}
	b->bad = true;
	check_damage(c, b->offset, b->end - b->offset, b->count, "%s",
		     why.text);
	return c->options->deep ? ids_skip(c, b->count) : SHEAF_OK;
}

enum sheaf_status check_blocks_decode(struct check *c)
{
	size_t n;
	struct seen_block *b = check_blocks(c, &n);
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < n && st == SHEAF_OK; i++) {
		st = block_decode(c, &b[i]);
		if (st == SHEAF_OK)
			st = check_progress(c, b[i].end);
	}
	return st;
}
