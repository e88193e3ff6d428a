/*
 * codes.h - the list of outlets, languages, formats, categories, tags by their
 * numbers
 */
#ifndef SHEAF_READ_CODES_H
#define SHEAF_READ_CODES_H

#include <sheaf/record.h>

#include "formats/sheaf/footer.h"
#include "read/view.h"

struct codes {
	struct sheaf_str *strings; /* by code; point into the pages */
	uint32_t count;
	struct strings_page *pages; /* owned */
	unsigned int page_count;
};

/* all that the footer names; SHEAF_OK, SHEAF_CORRUPT, SHEAF_IO, SHEAF_NOMEM */
enum sheaf_status codes_read(struct codes *out, const struct view *v,
			     const struct footer *f, struct sheaf_error *err);
void codes_done(struct codes *c); /* takes an all-zero one */

#endif
