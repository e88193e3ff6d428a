/*
 * companions.h - the hidden records that go with an article when it is removed
 */
#ifndef SHEAF_TOOL_COMPANIONS_H
#define SHEAF_TOOL_COMPANIONS_H

#include "removal.h"

/*
 * Adds to @r what belongs to its ids: of the hidden records whose names are
 * FORMAT/DIGITS/..., with the first 12 digits of one, the articles.  Those of
 * ids that were removed before are looked for in the commits before that.
 * @shown: among what is shown; @removed: among what is removed.
 * Goes through all record tables.  Returns the exit status, after a message if
 * it is not STATUS_YES.
 */
int companions_add(struct removal *r, bool shown, bool removed);

#endif
