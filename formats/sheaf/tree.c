/*
 * tree.c - the SHA-256 tree over a segment's bytes (section 10)
 *
 * The writer passes every byte of a segment through tree_add(), writes the
 * leaves before the footer and the root into it; a verifier does the same with
 * the bytes that it reads.
 */
#include "formats/sheaf/tree.h"

#include <assert.h>
#include <string.h>

#include "formats/sheaf/frame.h"

/* [S-27]: what tells a leaf's message from a node's */
static const uint8_t leaf_prefix[1] = { 0 };
static const uint8_t node_prefix[1] = { 1 };

enum {
	DEPTH_MAX = 64, /* subtrees of 2^0 .. 2^63 leaves */
};

enum sheaf_status tree_init(struct tree *t, struct sheaf_error *err)
{
	*t = (struct tree){ .sha = sha256_new() };
	return t->sha ? SHEAF_OK : fail_nomem(err);
}

void tree_done(struct tree *t)
{
	sha256_free(t->sha);
	buf_done(&t->leaves);
	*t = (struct tree){ 0 };
}

static void leaf_end(struct tree *t)
{
	uint8_t leaf[SHA256_SIZE];

	sha256_end(t->sha, leaf);
	buf_bytes(&t->leaves, leaf, sizeof(leaf));
	t->fill = 0;
}

void tree_add(struct tree *t, const void *p, size_t len)
{
	const uint8_t *at = p;
	size_t n;

	while (len > 0) {
		if (t->fill == 0)
			sha256_add(t->sha, leaf_prefix, sizeof(leaf_prefix));
		n = LEAF_SIZE - t->fill;
		if (n > len)
			n = len;
		sha256_add(t->sha, at, n);
		at += n;
		len -= n;
		t->fill += n;
		if (t->fill == LEAF_SIZE)
			leaf_end(t);
	}
}

void tree_leaf(struct sha256 *sha, const void *p, size_t len,
	       uint8_t leaf[SHA256_SIZE])
{
	sha256_add(sha, leaf_prefix, sizeof(leaf_prefix));
	sha256_add(sha, p, len);
	sha256_end(sha, leaf);
}

void tree_add_leaf(struct tree *t, const uint8_t leaf[SHA256_SIZE])
{
	assert(t->fill == 0);
	buf_bytes(&t->leaves, leaf, SHA256_SIZE);
}

void tree_cut(struct tree *t, size_t leaves)
{
	uint8_t dropped[SHA256_SIZE];

	if (t->fill > 0)
		sha256_end(t->sha, dropped);
	t->fill = 0;
	if (t->leaves.len > leaves * SHA256_SIZE)
		t->leaves.len = leaves * SHA256_SIZE;
}

size_t tree_end(struct tree *t)
{
	if (t->fill > 0)
		leaf_end(t);
	return t->leaves.len / SHA256_SIZE;
}

static void node_join(struct sha256 *sha, uint8_t left[SHA256_SIZE],
		      const uint8_t right[SHA256_SIZE])
{
	sha256_add(sha, node_prefix, sizeof(node_prefix));
	sha256_add(sha, left, SHA256_SIZE);
	sha256_add(sha, right, SHA256_SIZE);
	sha256_end(sha, left);
}

/*
 * RFC 6962, section 2.1, without recursion [S-27]: the leaves fill a binary
 * counter of perfect subtrees, the largest at the left; in the end what is
 * left over is joined from the right.  A split at the largest power of two
 * smaller than the number of leaves is just that.
 */
static void root_of(struct sha256 *sha, const uint8_t *leaves, size_t count,
		    uint8_t root[SHA256_SIZE])
{
	uint8_t stack[DEPTH_MAX + 1][SHA256_SIZE];
	size_t depth = 0;

	for (size_t i = 0; i < count; i++) {
		memcpy(stack[depth++], &leaves[i * SHA256_SIZE], SHA256_SIZE);
		/* as many joins as a count of i + 1 has low zero bits */
		for (size_t n = i + 1; n % 2 == 0; n /= 2) {
			depth--;
			node_join(sha, stack[depth - 1], stack[depth]);
		}
	}
	for (; depth > 1; depth--)
		node_join(sha, stack[depth - 2], stack[depth - 1]);
	if (count == 0)
		sha256_end(sha, root);
	else
		memcpy(root, stack[0], SHA256_SIZE);
}

enum sheaf_status tree_root(struct tree *t, uint8_t root[SHA256_SIZE],
			    struct sheaf_error *err)
{
	assert(t->fill == 0);
	if (t->leaves.bad)
		return fail_nomem(err);
	root_of(t->sha, t->leaves.p, t->leaves.len / SHA256_SIZE, root);
	return SHEAF_OK;
}

enum sheaf_status tree_root_of(const uint8_t *leaves, size_t count,
			       uint8_t root[SHA256_SIZE],
			       struct sheaf_error *err)
{
	struct sha256 *sha = sha256_new();

	if (!sha)
		return fail_nomem(err);
	root_of(sha, leaves, count, root);
	sha256_free(sha);
	return SHEAF_OK;
}

void tree_put(struct buf *b, uint64_t start, const uint8_t *leaves,
	      size_t count, uint64_t offset)
{
	size_t at = frame_begin(b, FRAME_TREE);

	buf_varint(b, start);
	buf_varint(b, count);
	buf_bytes(b, leaves, count * SHA256_SIZE);
	frame_end(b, at, offset);
}

enum sheaf_status tree_get(const void *frame, size_t len, uint64_t offset,
			   struct tree_view *out, struct sheaf_error *err)
{
	struct cur c;
	uint64_t start, count, bytes;
	enum sheaf_status st;

	*out = (struct tree_view){ 0 };
	st = frame_get(frame, len, offset, FRAME_TREE, &c, err);
	if (st != SHEAF_OK)
		return st;
	start = cur_varint(&c); /* offset; before this frame's */
	count = cur_varint(&c); /* 2 or more: one for each 64 KiB up to here */
	if (c.bad || start >= offset)
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "tree: start out of range");
	bytes = offset - start;
	if (count < 2 || count != bytes / LEAF_SIZE + (bytes % LEAF_SIZE != 0))
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "tree: wrong number of leaves");
	if (c.left % SHA256_SIZE != 0 || count != c.left / SHA256_SIZE)
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "tree: leaves cut short or too many");
	out->start = start;
	out->count = (size_t)count;
	out->leaves = cur_bytes(&c, c.left);
	return SHEAF_OK;
}
