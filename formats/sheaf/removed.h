/*
 * removed.h - the ids that were taken down (section 9)
 */
#ifndef FORMATS_SHEAF_REMOVED_H
#define FORMATS_SHEAF_REMOVED_H

#include <sheaf/record.h>

#include "base/buf.h"
#include "base/cur.h"
#include "base/fail.h"
#include "formats/sheaf/limits.h"

/* bytes of a frame, at the most */
#define REMOVED_FRAME_MAX (REMOVED_BYTES_MAX + ((uint64_t)1 << 20))

struct removed_id {
	uint8_t id[SHEAF_ID_SIZE];
	uint64_t commit;
};

struct removed {
	struct removed_id *ids; /* ascending by id; owned */
	size_t count;
};

/* SHEAF_OK, SHEAF_NOMEM, or SHEAF_LIMIT as sync_encode() has it */
enum sheaf_status removed_put(struct buf *b, const struct removed *r,
			      uint64_t offset, struct sheaf_error *err);
enum sheaf_status removed_get(const void *frame, size_t len, uint64_t offset,
			      struct removed *out, struct sheaf_error *err);
void removed_done(struct removed *r); /* takes an all-zero one */
/* whether @id was removed at a commit at or before @commit */
bool removed_has(const struct removed *r, const uint8_t id[SHEAF_ID_SIZE],
		 uint64_t commit);

/* the id's entry; NULL: it is not among them */
const struct removed_id *removed_find(const struct removed *r,
				      const uint8_t id[SHEAF_ID_SIZE]);
bool removed_same(const struct removed *a, const struct removed *b);

#endif
