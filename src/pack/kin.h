/*
 * kin.h - which of many articles have most in common with one
 */
#ifndef SHEAF_PACK_KIN_H
#define SHEAF_PACK_KIN_H

#include "base/fail.h"
#include "pack/sketch.h"

/* finds are the one owner's */
struct kin;

/* over @count articles; borrowed. SHEAF_OK or SHEAF_NOMEM. About 0.8 KB of
 * memory an article */
enum sheaf_status kin_new(struct kin **out, const struct sketch *sketches,
			  const uint32_t *lens, uint32_t count,
			  struct sheaf_error *err);
void kin_free(struct kin *k); /* takes NULL */

struct kin_match {
	uint32_t number;
	uint64_t bytes; /* in common, about */
};

/*
 * kin_find() - the KIN_MOST that seem to have most bytes in common
 * @out: the most first; of equals the one with the lower number
 *
 * Returns how many there are. Values of a bin that more than KIN_COMMON
 * articles have tell nothing and are left out: the front matter of an outlet.
 */
#define KIN_MOST 8
#define KIN_COMMON 256
size_t kin_find(struct kin *k, const struct sketch *sketch, uint32_t len,
		struct kin_match out[KIN_MOST]);

#endif
