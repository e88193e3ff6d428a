/*
 * stage.h - articles into blocks, blocks through the compressors into the
 * segment
 */
#ifndef SHEAF_PACK_STAGE_H
#define SHEAF_PACK_STAGE_H

#include <sheaf/writer.h>

#include "read/corpus.h"
#include "write/segment.h"

struct stage;

struct stage_options {
	int level;
	size_t block_size;
	size_t dictionary_size; /* bytes; 0: by the amount of input */
	bool no_dictionary;
	unsigned int threads;
	uint64_t commit;
	struct sheaf_corpus *old; /* may have a dictionary; NULL: none */
};

/* @segment is borrowed, and written to from the calling thread only */
enum sheaf_status stage_new(struct stage **out, struct segment *segment,
			    const struct stage_options *options,
			    struct sheaf_error *err);
void stage_free(struct stage *s); /* takes NULL */

/* copy an article into a block; *block: its number, from 0, among the segment's
 */
enum sheaf_status stage_add(struct stage *s, const void *bytes, size_t len,
			    uint32_t seed, uint32_t *block, uint32_t *slot,
			    struct sheaf_error *err);
/* whether that article, of whatever stage of its way, is these bytes */
enum sheaf_status stage_same(struct stage *s, uint32_t block, uint32_t slot,
			     const void *bytes, size_t len, bool *same,
			     struct sheaf_error *err);
/* everything into the segment */
enum sheaf_status stage_finish(struct stage *s, struct sheaf_error *err);

/* after stage_finish(): where a block's header lies, how many there are
 * (dictionaries included) */
uint64_t stage_offset(const struct stage *s, uint32_t block);
uint64_t stage_blocks(const struct stage *s);
/* the header of the dictionary that this or an earlier commit brought last; 0:
 * none */
uint64_t stage_dictionary(const struct stage *s);

#endif
