/*
 * scratch.h - a file without a name, for what a writer can't hold in memory
 *
 * Lies in the folder of the corpus, where there is room for the corpus too, and
 * is gone with the writer, whatever ends it.  It is made when first written to.
 * A scratch file belongs to one thread.
 */
#ifndef SHEAF_IO_SCRATCH_H
#define SHEAF_IO_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

#include <sheaf/error.h>

struct scratch;

/* for a corpus at @path; touches no disk.  SHEAF_OK or SHEAF_NOMEM */
enum sheaf_status scratch_new(struct scratch **out, const char *path,
			      struct sheaf_error *err);
void scratch_free(struct scratch *s); /* takes NULL */

/* where the next byte goes */
uint64_t scratch_tell(const struct scratch *s);
/* all of @len bytes at the end; SHEAF_IO: no room, or no file to be had */
enum sheaf_status scratch_append(struct scratch *s, const void *p, size_t len,
				 struct sheaf_error *err);
/* @len bytes that were appended before; SHEAF_IO */
enum sheaf_status scratch_read(struct scratch *s, uint64_t offset, void *dst,
			       size_t len, struct sheaf_error *err);

#endif
