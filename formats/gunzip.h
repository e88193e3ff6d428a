/*
 * gunzip.h - gzip members, taken off and held against their checksums
 */
#ifndef FORMATS_GUNZIP_H
#define FORMATS_GUNZIP_H

#include <stdbool.h>

#include "base/fail.h"

struct gunzip;

/* the next compressed bytes, borrowed until the next call; *len 0 at the end */
typedef enum sheaf_status gunzip_pull_fn(void *arg, const uint8_t **p,
					 size_t *len, struct sheaf_error *err);

/* do the first bytes of a file say that it is gzip */
bool gunzip_is(const uint8_t *p, size_t len);
enum sheaf_status gunzip_new(struct gunzip **out, gunzip_pull_fn *pull,
			     void *arg, struct sheaf_error *err);
void gunzip_free(struct gunzip *g); /* takes NULL */

/*
 * gunzip_next() - the next piece of plain bytes
 * @p: borrowed until the next call; @len: 0 at the end
 *
 * Members follow each other without a seam; zeros behind the last are padding.
 * What there is before a damaged place comes first.  SHEAF_OK, SHEAF_CORRUPT,
 * SHEAF_NOMEM or what @pull said.
 */
enum sheaf_status gunzip_next(struct gunzip *g, const uint8_t **p, size_t *len,
			      struct sheaf_error *err);

#endif
