/*
 * arrivals.h - sketches of a batch's articles, taken while others arrive
 */
#ifndef SHEAF_PACK_ARRIVALS_H
#define SHEAF_PACK_ARRIVALS_H

#include "base/fail.h"
#include "pack/choose.h"
#include "pack/sketch.h"

struct arrivals;

/* @grams: take these too */
enum sheaf_status arrivals_new(struct arrivals **out, unsigned int threads,
			       bool grams, struct sheaf_error *err);
void arrivals_free(struct arrivals *a); /* takes NULL */

/* the next article, whose bytes stay where they are until arrivals_clear() */
enum sheaf_status arrivals_add(struct arrivals *a, const void *p, uint32_t len,
			       struct sheaf_error *err);
/* wait for all; then they can be looked at */
enum sheaf_status arrivals_wait(struct arrivals *a, struct sheaf_error *err);
/* of article @i, from 0 in the order of arrival; borrowed */
const struct sketch *arrivals_sketch(const struct arrivals *a, uint32_t i);
struct grams arrivals_grams(const struct arrivals *a, uint32_t i);
/* forget all of them */
void arrivals_clear(struct arrivals *a);

#endif
