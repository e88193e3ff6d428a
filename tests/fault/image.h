/*
 * image.h - a corpus's bytes in memory, and the same as a file without a name
 *
 * For tests that spoil a corpus thousands of times: no disk is touched.
 */
#ifndef SHEAF_TESTS_IMAGE_H
#define SHEAF_TESTS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* all zero is none */
struct image {
	uint8_t *p; /* owned */
	size_t len;
};

bool image_load(struct image *m, const char *path);
void image_done(struct image *m);
/*
 * a file in memory with these bytes, of the calling process; the path is good
 * until the next call
 */
const char *image_file(const void *p, size_t len);

#endif
