/*
 * vector.h - the annotated vectors of the format, formats/sheaf/vectors/
 */
#ifndef SHEAF_TESTS_VECTOR_H
#define SHEAF_TESTS_VECTOR_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#ifndef SHEAF_SOURCE_DIR
#define SHEAF_SOURCE_DIR "."
#endif

#define VECTOR_OFFSET                                          \
	1000000 /* where in its file every vector's frame lies \
		 */

/* pairs of digits, blanks, and '#' up to the end of the line; false: others */
static inline bool vector_parse(FILE *f, struct buf *out)
{
	int c, high = -1, v;

	while ((c = getc(f)) != EOF) {
		if (c == '#')
			while (c != '\n' && c != EOF)
				c = getc(f);
		if (c == EOF || isspace(c))
			continue;
		if (!isxdigit(c))
			return false;
		v = isdigit(c) ? c - '0' : (c | 32) - 'a' + 10;
		if (high >= 0)
			buf_u8(out, (uint8_t)(high << 4 | v));
		high = high >= 0 ? -1 : v;
	}
	return high < 0 && !ferror(f) && !out->bad;
}

/* the bytes of vectors/@name.hex, in an all-zero @out; a test can't go on
 * without, so it ends here if they are not to be had */
static inline void vector_load(const char *name, struct buf *out)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/formats/sheaf/vectors/%s.hex",
		 SHEAF_SOURCE_DIR, name);
	f = fopen(path, "r");
	if (!f || !vector_parse(f, out)) {
		printf("%s: not there, or no vector\n", path);
		exit(1);
	}
	fclose(f);
}

/* are these bytes those of the vector */
static inline bool vector_is(const char *name, const struct buf *b)
{
	struct buf want = { 0 };
	bool same;

	vector_load(name, &want);
	same = !b->bad && b->p && want.p && b->len == want.len &&
	       memcmp(b->p, want.p, want.len) == 0;
	for (size_t i = 0; !same && i < b->len; i++)
		if (i >= want.len || b->p[i] != want.p[i]) {
			printf("%s: differs from byte %zu on\n", name, i);
			break;
		}
	buf_done(&want);
	return same;
}

#endif
