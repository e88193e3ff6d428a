/*
 * scrub.h - blocks under a dictionary some of whose bytes were changed
 *
 * A dictionary of segments that has a passage which must go need not go itself:
 * of the blocks under it only those break that use the very bytes. It has
 * another id then, which stands in the head of their frames.
 */
#ifndef SHEAF_PACK_SCRUB_H
#define SHEAF_PACK_SCRUB_H

#include "pack/carry_plan.h"

/* the byte at @at of its content becomes @byte, the same for all; false: no
 * memory */
bool scrub_patch(struct planned *b, size_t at, uint8_t byte);
/* @content: of @b, patched; gets the id that it has now, which b has too */
void scrub_id(struct planned *b, uint8_t *content);
/* the content as it is in the new file, appended */
enum sheaf_status scrub_content(struct sheaf_corpus *old,
				const struct planned *b, struct buf *out,
				struct sheaf_error *err);
/* bar the blocks that do not decode with their scrubbed dictionary, or the
 * dictionary where it is none any more */
enum sheaf_status scrub_check(struct sheaf_corpus *old, struct plan *plan,
			      struct sheaf_error *err);
/* the frame of a scrubbed dictionary, appended */
enum sheaf_status scrub_dictionary(struct sheaf_corpus *old,
				   const struct planned *b, struct buf *out,
				   struct sheaf_error *err);
/* what the frame of a child of @parent says of its dictionary; false: it does
 * not say it in the usual way */
bool scrub_frame(const struct planned *parent, uint8_t *frame, size_t len);

#endif
