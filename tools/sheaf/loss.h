/*
 * loss.h - damaged ranges and lost articles as verify and salvage print them
 */
#ifndef SHEAF_TOOL_LOSS_H
#define SHEAF_TOOL_LOSS_H

#include <sheaf/verify.h>

#include "json.h"

/* all zero but for json is ready; ranges come first, then lost articles */
struct loss {
	bool json; /* one object: "ranges", "lost", then what the caller adds */
	struct json out;
	enum { LOSS_BEFORE, LOSS_RANGES, LOSS_LOST } at;
};

/* one of the two is not NULL */
void loss_take(struct loss *loss, const struct sheaf_damage *damage,
	       const struct sheaf_record *lost);
/* "lost: ID  NAME" */
void loss_print(FILE *f, const struct sheaf_record *lost);
/* closes the lists; the object is still open, for json_end() */
struct json *loss_json_end(struct loss *loss);

#endif
