/*
 * fuzz_frame.h - one input, taken as a frame of the format
 *
 * As it is first, which under a fuzzer gets past the checksum; then with size
 * and checksum made right, which gets past them in a replay too.  A decoder
 * must refuse it, or give what lies within the limits and comes back the same
 * when it is put and read again: tests/unit/again.h.
 */
#ifndef SHEAF_TESTS_FUZZ_FRAME_H
#define SHEAF_TESTS_FUZZ_FRAME_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"
#include "hostile.h"
#include "vector.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* vectors are the seeds, so all stands where they stand */
static inline void fuzz_frame(hostile_fn *get, const uint8_t *p, size_t len)
{
	uint8_t *copy = calloc(1, len ? len : 1);
	bool same = true;

	if (!copy)
		return;
	if (len)
		memcpy(copy, p, len);
	get(copy, len, VECTOR_OFFSET, &same);
	hostile_seal(copy, len, VECTOR_OFFSET);
	get(copy, len, VECTOR_OFFSET, &same);
	free(copy);
	if (!same)
		abort();
}

#endif
