/*
 * likeness.h - how much of one text another has
 */
#ifndef SHEAF_PACK_LIKENESS_H
#define SHEAF_PACK_LIKENESS_H

#include "base/fail.h"
#include "pack/sketch.h"

/* bins that two sketches share */
unsigned int likeness_bins(const struct sketch *a, const struct sketch *b);

/*
 * likeness_bytes() - about how many bytes two texts have in common
 * @bins:     that their sketches share
 * @len_a, @len_b: their lengths, bytes
 *
 * The shared part of the bins estimates intersection over union; the lengths
 * make of it the intersection, which is what a shortened copy is told by.
 */
uint64_t likeness_bytes(unsigned int bins, uint64_t len_a, uint64_t len_b);

/* a text to hold others against, exactly */
struct likeness;

/* @p is not needed afterwards; *out is NULL on failure; SHEAF_OK, SHEAF_NOMEM
 */
enum sheaf_status likeness_new(struct likeness **out, const void *p, size_t len,
			       struct sheaf_error *err);
void likeness_free(struct likeness *l); /* takes NULL */

/* positions of a text, and those whose 12 bytes the other text has anywhere */
struct likeness_share {
	uint64_t of_first, first_total;	  /* of the text given to new */
	uint64_t of_second, second_total; /* of the other */
};
void likeness_with(struct likeness *l, const void *p, size_t len,
		   struct likeness_share *out);

#endif
