/*
 * mutate.h - bytes spoilt by chance, and a corpus's checksums made right again
 */
#ifndef SHEAF_TESTS_MUTATE_H
#define SHEAF_TESTS_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * one change to the @len bytes at @p, which have room for @room; the new
 * length.  @other: bytes that may be spliced in
 */
size_t mutate_bytes(uint8_t *p, size_t len, size_t room, const uint8_t *other,
		    size_t other_len, uint64_t *state);
/* a number inside of some sheaf frame's body becomes an extreme one */
void mutate_frame(uint8_t *p, size_t len, uint64_t *state);
/*
 * every sheaf frame gets the checksum that its bytes and its place ask for, so
 * that the decoders behind are reached; footers their own offset
 */
void mutate_mend(uint8_t *p, size_t len);

#endif
