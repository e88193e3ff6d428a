/*
 * holes.h - what verify says of a spoilt corpus and what salvage brings back of
 * it, held against the truth
 *
 * The truth is that of a reader who knows the unspoilt file: an article is
 * whole where the bytes of its block and of those that this one is compressed
 * against are what they were, a record where its page is, a name where the page
 * is that spells it.
 */
#ifndef SHEAF_TESTS_HOLES_H
#define SHEAF_TESTS_HOLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault/truth.h"

struct holes_count {
	uint64_t lost;	   /* articles, by the truth */
	uint64_t reported; /* by verify, one by one */
	uint64_t whole;	   /* articles, by the truth */
	uint64_t salvaged;
};

/* @len bytes at @p are what is left; false: said what is wrong.  @salvage:
 * salvage it, too, to a file in the working folder */
bool holes_check(const struct truth *t, const uint8_t *p, size_t len,
		 bool salvage, struct holes_count *count);

#endif
