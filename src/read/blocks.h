/*
 * blocks.h - decoded blocks: header, parents, content
 */
#ifndef SHEAF_READ_BLOCKS_H
#define SHEAF_READ_BLOCKS_H

#include "formats/sheaf/block.h"
#include "read/cache.h"
#include "read/view.h"

/* immutable, shared by threads, held by a reference */
struct block {
	struct cached cached; /* its key is the header's offset */
	struct block_head head;
	uint64_t end;	  /* offset behind its zstd frame */
	uint8_t *content; /* head.plain bytes */
	uint32_t *starts; /* of each article in content; head.count of them */
	struct zdec_dict *dict; /* only if a dictionary */
	bool is_revision;	/* its parent is an ordinary block */
};

struct blocks;

/* @view is borrowed and outlives it; its end may grow meanwhile, in the thread
 * that reads */
enum sheaf_status blocks_new(struct blocks **out, const struct view *view,
			     struct sheaf_error *err);
void blocks_free(struct blocks *b); /* takes NULL */

/* header and content of the block whose header is at @offset; blocks_release()
 * it */
enum sheaf_status blocks_get(struct blocks *b, uint64_t offset,
			     struct block **out, struct sheaf_error *err);
void blocks_release(struct block *block); /* takes NULL */
/* the block if it is decoded already, else NULL; blocks_release() it */
struct block *blocks_cached(struct blocks *b, uint64_t offset);
/*
 * For those who go through many blocks: decode the content, whose zstd frame is
 * at @frame, into @block->content, which has room for it. Only parents come
 * from the cache and go there. @block is the caller's, its key and header are
 * set.
 */
enum sheaf_status blocks_decode(struct blocks *b, struct block *block,
				uint64_t frame, struct sheaf_error *err);

/*
 * One article, and what keeps its bytes where they are.
 *
 * A block that is asked for the first time is decoded no further than the
 * article's end and not kept; one that is asked for again soon is decoded whole
 * and goes to the cache, for its neighbours.
 */
struct held {
	const uint8_t *p;
	size_t len;
	uint32_t seed;
	struct block *block; /* or */
	struct bench *bench;
};

/* SHEAF_CORRUPT if the block has no such slot; blocks_let_go() it */
enum sheaf_status blocks_hold(struct blocks *b, uint64_t offset, uint32_t slot,
			      struct held *out, struct sheaf_error *err);
void blocks_let_go(struct blocks *b, struct held *held); /* takes an all-zero
							    one */

/* what the handle has had to decode, for tests and figures */
struct blocks_work {
	_Atomic uint64_t whole;		/* blocks, dictionaries included */
	_Atomic uint64_t started;	/* blocks, no further than wanted */
	_Atomic uint64_t packed, plain; /* bytes of frames read, of content made
					 */
};
const struct blocks_work *blocks_work(const struct blocks *b);

/* only the header; block_done() it */
enum sheaf_status blocks_head(const struct view *view, uint64_t offset,
			      struct block_head *out, uint64_t *frame,
			      struct sheaf_error *err);

/* SHEAF_CORRUPT if the block has no such slot */
enum sheaf_status block_article(const struct block *block, uint32_t slot,
				const uint8_t **p, size_t *len, uint32_t *seed,
				struct sheaf_error *err);

#endif
