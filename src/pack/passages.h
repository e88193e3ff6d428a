/*
 * passages.h - text in dictionaries that only some articles had
 */
#ifndef SHEAF_PACK_PASSAGES_H
#define SHEAF_PACK_PASSAGES_H

#include "pack/carry_plan.h"

#define PASSAGE 32 /* bytes: a shorter run may be anyone's */

/* whose text may stay and whose must not; both sorted by place */
struct sides {
	const struct carried *carried;
	size_t count;
	const struct sheaf_place *without;
	size_t without_count;
	unsigned int threads;
	size_t memory; /* bytes, for the tables */
};

/*
 * passages_bar() - scrub each dictionary of @plan that holds a run of PASSAGE
 * bytes which is in an article that goes and in none that is carried: change a
 * byte of it, see scrub.h; or bar it, where that can't be
 *
 * Of a dictionary with articles only what stands before them is looked at.
 * Reads all articles, but the carried ones only where some run is in doubt;
 * again where there are more such runs than memory.  Takes up to seven
 * sixteenths of sides->memory, but room for one dictionary and its marks.
 */
enum sheaf_status passages_bar(struct sheaf_corpus *old, struct plan *plan,
			       const struct sides *sides,
			       struct sheaf_error *err);
/*
 * passages_scrub() - the same of the content of a new dictionary
 * @content: emptied where it can't be
 *
 * It is made of pieces of carried articles, but where two of them meet a run
 * may come about that only an article that goes had: of 700 press releases it
 * did, a place's name and blanks.
 */
enum sheaf_status passages_scrub(struct sheaf_corpus *old, struct buf *content,
				 bool *changed, const struct sides *sides,
				 struct sheaf_error *err);

#endif
