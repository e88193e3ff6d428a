/*
 * passages.h - text in dictionaries that only some articles had
 */
#ifndef SHEAF_PACK_PASSAGES_H
#define SHEAF_PACK_PASSAGES_H

#include "pack/carry_plan.h"

#define PASSAGE 32 /* bytes: a shorter run may be anyone's */

/*
 * passages_bar() - bar each dictionary of @plan that holds a run of PASSAGE
 * bytes which is in an article of @without and in none of @carried
 * @carried, @without: sorted by place
 *
 * Of a dictionary with articles only what stands before them is looked at.
 * Reads all articles, but the carried ones only where some run is in doubt.
 * Takes 20 bytes of memory for each byte of these dictionaries.
 */
enum sheaf_status passages_bar(struct sheaf_corpus *old, struct plan *plan,
			       const struct carried *carried, size_t count,
			       const struct sheaf_place *without,
			       size_t without_count, unsigned int threads,
			       struct sheaf_error *err);

#endif
