/*
 * stage.h - new articles, from their arrival to their place in the segment
 */
#ifndef SHEAF_PACK_STAGE_H
#define SHEAF_PACK_STAGE_H

#include "pack/known.h"
#include "write/segment.h"

struct stage;

/* of articles that are held at once, before they are ordered */
struct batch_size {
	size_t bytes;
	size_t articles;
};
/* what @memory bytes can have, see there */
struct batch_size stage_batch_of(size_t memory);

struct stage_options {
	int level;
	size_t block_size;
	bool adapts; /* a small batch has a level and a block size of its own */
	size_t dictionary_size; /* bytes; 0: by the amount of input */
	bool no_dictionary;
	size_t article_dictionary; /* bytes: one of whole articles, stored only
				      there; 0: none such */
	unsigned int threads;
	struct batch_size batch; /* what to hold at once */
	uint64_t commit;
	uint64_t first;		  /* articles that the segment has already */
	struct sheaf_corpus *old; /* may have a dictionary, and bases of
				     revisions; NULL: none */
	/* a dictionary that the file has: read from another, where it is at
	 * @there; from NULL: that of old */
	struct {
		struct sheaf_corpus *from;
		uint64_t there, here;	   /* of its header */
		const struct buf *content; /* NULL: what it is there */
	} dictionary;
	/* looks at a new dictionary of segments before it is used, and may
	 * change or empty it; NULL: nobody does */
	enum sheaf_status (*review)(struct buf *content, bool *changed,
				    void *arg, struct sheaf_error *err);
	void *review_arg;
};

/* @segment is borrowed, and written to from the calling thread only */
enum sheaf_status stage_new(struct stage **out, struct segment *segment,
			    const struct stage_options *options,
			    struct sheaf_error *err);
void stage_free(struct stage *s); /* takes NULL */

/*
 * Copy an article; *number: its own, from 0, in the order of arrival.
 * @base: place of an article of the old corpus that it may be an edit of, or NULL
 */
enum sheaf_status stage_add(struct stage *s, const void *bytes, size_t len,
			    uint32_t seed, const struct sheaf_place *base,
			    uint32_t *number, struct sheaf_error *err);
/* what that article, wherever on its way it is, is to the one wanted */
enum sheaf_status stage_likeness(struct stage *s, uint32_t number,
				 const struct wanted *wanted,
				 enum likeness *like, struct sheaf_error *err);
/* fills @out if that article, wherever it is, has @id */
enum sheaf_status stage_identity(struct stage *s, uint32_t number,
				 const uint8_t id[SHEAF_ID_SIZE],
				 struct identity *out, struct sheaf_error *err);
/* another bound from now on */
void stage_batch(struct stage *s, struct batch_size most);
/* everything into the segment */
enum sheaf_status stage_finish(struct stage *s, struct sheaf_error *err);

/* after stage_finish(); a commit_input's place */
struct sheaf_place stage_place(const void *stage, uint32_t number);
uint64_t stage_blocks(const struct stage *s); /* dictionaries included */
/* the header of the dictionary that this or an earlier commit brought last; 0:
 * none */
uint64_t stage_dictionary(const struct stage *s);
/* articles that are stored as revisions of older ones */
uint64_t stage_revisions(const struct stage *s);
/* bytes that they are smaller by than they would be else, about */
uint64_t stage_saved(const struct stage *s);

#endif
