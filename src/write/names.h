/*
 * names.h - strings to codes: the list of a corpus, and what a commit adds to
 * it
 */
#ifndef SHEAF_WRITE_NAMES_H
#define SHEAF_WRITE_NAMES_H

#include "read/codes.h"
#include "write/segment.h"

struct names;

/* @old: the corpus's list, borrowed; NULL for a new corpus */
enum sheaf_status names_new(struct names **out, const struct codes *old,
			    struct sheaf_error *err);
void names_free(struct names *n); /* takes NULL */
/* the code of @s, a new one if need be; SHEAF_OK, SHEAF_LIMIT, SHEAF_NOMEM */
enum sheaf_status names_code(struct names *n, struct sheaf_str s,
			     uint32_t *code, struct sheaf_error *err);
/*
 * Write a page with what is new, if anything is; it takes in older pages that
 * are not much
 * larger. @offset, @count: of the newest page and all strings, updated.
 */
enum sheaf_status names_write(struct names *n, struct segment *s,
			      uint64_t *offset, uint64_t *count,
			      struct sheaf_error *err);

#endif
