/*
 * hostile.h - frames that were cut, flipped, changed: what decoders are
 * tried on
 *
 * Every frame is passed in memory of its exact size, so that a sanitizer sees
 * the first byte past it.
 */
#ifndef SHEAF_TESTS_HOSTILE_H
#define SHEAF_TESTS_HOSTILE_H

#include <stdlib.h>

#include <sheaf/error.h>

#include "codec/hash.h"
#include "formats/sheaf/frame.h"
#include "harness.h"

/* decodes, checks what came out, frees it; *same: false if that was not good */
typedef enum sheaf_status hostile_fn(const void *frame, size_t len,
				     uint64_t offset, bool *same);

/* size and checksum as they must be for the @len bytes that there are */
static inline void hostile_seal(uint8_t *frame, size_t len, uint64_t offset)
{
	uint64_t sum;

	if (len < FRAME_OVERHEAD)
		return;
	for (size_t i = 0; i < 4; i++)
		frame[4 + i] = (uint8_t)((len - 8) >> (8 * i));
	sum = hash_64(frame, len - 8, offset);
	for (size_t i = 0; i < 8; i++)
		frame[len - 8 + i] = (uint8_t)(sum >> (8 * i));
}

/* @get over a copy of the exact size; @seal: with size and checksum right */
static inline enum sheaf_status hostile_try(hostile_fn *get, const void *frame,
					    size_t len, uint64_t offset,
					    bool seal)
{
	uint8_t *copy = calloc(1, len ? len : 1);
	bool same = true;
	enum sheaf_status st;

	if (!copy)
		abort();
	if (len)
		memcpy(copy, frame, len);
	if (seal)
		hostile_seal(copy, len, offset);
	st = get(copy, len, offset, &same);
	CHECK(same);
	free(copy);
	return st;
}

/* the frame itself is taken; cut short at any length, or with a bit of it
 * flipped, or at another place, it is not */
static inline void hostile_damage(hostile_fn *get, const struct buf *frame,
				  uint64_t offset)
{
	struct buf b = { 0 };

	CHECK(hostile_try(get, frame->p, frame->len, offset, false) ==
	      SHEAF_OK);
	for (size_t len = 0; len < frame->len; len++)
		CHECK(hostile_try(get, frame->p, len, offset, false) ==
		      SHEAF_CORRUPT);
	buf_bytes(&b, frame->p, frame->len);
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	b.len = 0; /* such a build compares no checksums */
#endif
	for (size_t i = 0; i < 8 * b.len; i++) {
		b.p[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK(hostile_try(get, b.p, b.len, offset, false) ==
		      SHEAF_CORRUPT);
		b.p[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	if (b.len) /* [S-9] */
		CHECK(hostile_try(get, b.p, b.len, offset + 1, false) ==
		      SHEAF_CORRUPT);
	buf_u8(&b, 0);
	CHECK(hostile_try(get, b.p, b.len, offset, false) == SHEAF_CORRUPT);
	buf_done(&b);
}

/* a body cut short at any length, or with a byte more, and a right checksum:
 * refused as well */
static inline void hostile_lengths(hostile_fn *get, const struct buf *frame,
				   uint64_t offset)
{
	struct buf b = { 0 };

	for (size_t len = FRAME_OVERHEAD; len < frame->len; len++)
		CHECK(hostile_try(get, frame->p, len, offset, true) ==
		      SHEAF_CORRUPT);
	buf_bytes(&b, frame->p, frame->len);
	buf_u64(&b, 0);
	for (size_t len = frame->len + 1; len <= b.len; len++)
		CHECK(hostile_try(get, b.p, len, offset, true) ==
		      SHEAF_CORRUPT);
	buf_done(&b);
}

/* xorshift64*: the same numbers everywhere */
static inline uint64_t hostile_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1d;
}

/* any @times changes to the body with a right checksum: refused, or a value
 * that @get finds to be within the limits */
static inline void hostile_changes(hostile_fn *get, const struct buf *frame,
				   uint64_t offset, unsigned int times)
{
	uint64_t state = 0x9e3779b97f4a7c15, r;
	struct buf b = { 0 };
	size_t body = frame->len - FRAME_OVERHEAD;

	for (unsigned int i = 0; body && i < times; i++) {
		buf_clear(&b);
		buf_bytes(&b, frame->p, frame->len);
		for (r = hostile_random(&state) % 3 + 1; r > 0; r--) {
			size_t at = FRAME_HEAD +
				    (size_t)(hostile_random(&state) % body);
			uint64_t with = hostile_random(&state);

			if (with & 1)
				b.p[at] = (uint8_t)(with >> 8);
			else
				b.p[at] ^= (uint8_t)(1u << (with >> 8) % 8);
		}
		hostile_try(get, b.p, b.len, offset, true);
	}
	buf_done(&b);
}

/* one change that must be refused: @bytes at @at of a frame */
struct hostile_patch {
	const char *what;
	size_t at, len;
	const char *bytes;
	enum sheaf_status status;
};

static inline void hostile_patches(hostile_fn *get, const struct buf *frame,
				   uint64_t offset,
				   const struct hostile_patch *patches,
				   size_t count)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < count; i++) {
		buf_clear(&b);
		buf_bytes(&b, frame->p, frame->len);
		memcpy(&b.p[patches[i].at], patches[i].bytes, patches[i].len);
		if (!CHECK(hostile_try(get, b.p, b.len, offset, true) ==
			   patches[i].status))
			printf("  %s\n", patches[i].what);
	}
	buf_done(&b);
}

#endif
