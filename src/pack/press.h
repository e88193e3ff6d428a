/*
 * press.h - finished blocks through the compressors into the segment
 */
#ifndef SHEAF_PACK_PRESS_H
#define SHEAF_PACK_PRESS_H

#include "codec/zenc.h"
#include "formats/sheaf/block.h"
#include "write/segment.h"

/* an article on its way; the bytes are borrowed */
struct item {
	const uint8_t *p;
	uint32_t len, seed;
	uint32_t block, slot; /* once it has a block: number, from 0 */
	uint64_t base; /* header offset of an older block that holds a likeness;
			  0: none */
};

struct press_effort {
	int level;
	size_t block_size; /* what most blocks will have, bytes */
};

struct press_options {
	struct press_effort effort; /* at first */
	unsigned int threads;
	uint64_t commit;
	uint64_t first; /* articles that the segment has already */
};

struct press;

enum sheaf_status press_new(struct press **out, struct segment *segment,
			    const struct press_options *options,
			    struct sheaf_error *err);
void press_free(struct press *p); /* takes NULL */

/* another from now on; only between drains, and a dictionary follows before the
 * next block that needs one */
void press_effort(struct press *p, struct press_effort effort);

struct press_dictionary {
	const void *content; /* copied */
	size_t len;	     /* 0: none */
	/* articles that the content ends with, in that order, which are stored
	 * nowhere else; their block and slot are set */
	struct item **items;
	uint32_t count;
	/* for the effort that is in force, over content that lasts
	 * until the next dictionary or press_free(); taken, also on failure;
	 * NULL: made here */
	struct zenc_dict *digested;
};
/*
 * All blocks that follow have this dictionary, which is stored at @offset, or,
 * if that is 0, comes next, and @offset tells where. Only between drains.
 */
enum sheaf_status press_dictionary(struct press *p,
				   const struct press_dictionary *dictionary,
				   uint64_t *offset, struct sheaf_error *err);

/* a block of @count items, whose block and slot are set; items outlive the
 * drain */
struct press_block {
	struct item **items; /* borrowed */
	uint32_t count;
	const void *prefix; /* content of an ordinary parent; NULL: the
			       dictionary is the parent */
	size_t prefix_len;
	uint64_t parent; /* header offset of that parent */
	int level;	 /* 0: that of the effort */
};
enum sheaf_status press_block(struct press *p, const struct press_block *block,
			      struct sheaf_error *err);
/* until all is in the segment; on failure the rest is dropped */
enum sheaf_status press_drain(struct press *p, struct sheaf_error *err);
/* after another failure: until no job is at work on what it borrowed; only
 * press_free() may follow */
void press_drop(struct press *p);

/* after a drain: where a block's header lies; how many blocks there are,
 * dictionaries included */
uint64_t press_offset(const struct press *p, uint32_t block);
uint64_t press_blocks(const struct press *p);

#endif
