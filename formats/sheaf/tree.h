/*
 * tree.h - the SHA-256 tree over a segment's bytes (section 10)
 */
#ifndef FORMATS_SHEAF_TREE_H
#define FORMATS_SHEAF_TREE_H

#include "base/buf.h"
#include "base/cur.h"
#include "base/fail.h"
#include "codec/hash.h"
#include "formats/sheaf/limits.h"

/* takes the bytes of a segment in order, keeps the leaves */
struct tree {
	struct sha256 *sha;
	size_t fill;	   /* bytes in the leaf at work */
	struct buf leaves; /* SHA256_SIZE each */
};

enum sheaf_status tree_init(struct tree *t, struct sheaf_error *err);
void tree_done(struct tree *t); /* takes an all-zero one */
void tree_add(struct tree *t, const void *p, size_t len);
/*
 * For those who hash leaves on several threads: the leaf of @len bytes, which
 * are LEAF_SIZE but for the last of a segment; and what takes it, in order,
 * instead of tree_add().
 */
void tree_leaf(struct sha256 *sha, const void *p, size_t len,
	       uint8_t leaf[SHA256_SIZE]);
void tree_add_leaf(struct tree *t, const uint8_t leaf[SHA256_SIZE]);
/* the first @leaves leaves stay, as if no more had come; there are so many */
void tree_cut(struct tree *t, size_t leaves);
/* closes the last leaf; how many there are (an empty segment has none) */
size_t tree_end(struct tree *t);
/* RFC 6962 section 2.1 over the leaves: after tree_end() */
enum sheaf_status tree_root(struct tree *t, uint8_t root[SHA256_SIZE],
			    struct sheaf_error *err);

/* the tree frame, for more than one leaf */
void tree_put(struct buf *b, uint64_t start, const uint8_t *leaves,
	      size_t count, uint64_t offset);
struct tree_view {
	uint64_t start;
	size_t count;
	const uint8_t *leaves; /* borrowed from the frame */
};
enum sheaf_status tree_get(const void *frame, size_t len, uint64_t offset,
			   struct tree_view *out, struct sheaf_error *err);
/* root over @count leaves at @leaves */
enum sheaf_status tree_root_of(const uint8_t *leaves, size_t count,
			       uint8_t root[SHA256_SIZE],
			       struct sheaf_error *err);

#endif
