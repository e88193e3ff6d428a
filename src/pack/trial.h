/*
 * trial.h - how small an article gets one way and another
 */
#ifndef SHEAF_PACK_TRIAL_H
#define SHEAF_PACK_TRIAL_H

#include "codec/zenc.h"
#include "pack/press.h"
#include "read/blocks.h"

#define TRIAL_LEVEL 9
#define TRIAL_HEADER 40 /* bytes that a block costs besides its frame */

/* what one thread tries with; an all-zero one is empty */
struct trial {
	struct zenc *z;		      /* owned */
	const struct zenc_dict *dict; /* of TRIAL_LEVEL; NULL: none */
	struct buf frame;
};

enum sheaf_status trial_init(struct trial *t, const struct zenc_dict *dict,
			     struct sheaf_error *err);
void trial_done(struct trial *t);

/*
 * May revisions have this block as parent? Not if it is large, as every read
 * of one decodes it; nor a dictionary or a revision [S-14]; nor one that
 * begins as a formatted dictionary does: `zstd -D` would take it for one.
 */
bool trial_is_parent(const struct block *block);

/* bytes of the frame with the dictionary */
enum sheaf_status trial_alone(struct trial *t, const void *p, size_t len,
			      size_t *out, struct sheaf_error *err);
/* bytes of the frame against that block */
enum sheaf_status trial_revision(struct trial *t, const struct block *parent,
				 const void *p, size_t len, size_t *out,
				 struct sheaf_error *err);

#endif
