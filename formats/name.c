/*
 * name.c - the components of paths, and the names that are made of them
 *
 * For paths on the command line and for the members of an archive: both get
 * the name that extracting with tar would give them.
 */
#include "formats/name.h"

#include <string.h>

bool name_part_is(struct sheaf_str part, const char *s)
{
	return part.len == strlen(s) && memcmp(part.p, s, part.len) == 0;
}

bool name_part_take(const char **path, struct sheaf_str *part)
{
	do {
		size_t n;

		*path += strspn(*path, "/");
		n = strcspn(*path, "/");
		*part = (struct sheaf_str){ *path, n };
		*path += n;
	} while (name_part_is(*part, "."));
	return part->len > 0;
}

void name_part_add(struct buf *b, struct sheaf_str part)
{
	if (b->len > 0)
		buf_u8(b, '/');
	buf_bytes(b, part.p, part.len);
}

void name_of_path(struct buf *out, const char *path)
{
	struct sheaf_str part;

	buf_clear(out);
	while (name_part_take(&path, &part)) {
		if (name_part_is(part, ".."))
			out->len = 0;
		else
			name_part_add(out, part);
	}
	if (out->bad)
		out->len = 0;
}
