/*
 * address.c - names that are addresses, as paths
 */
#include "formats/address.h"

#include <string.h>

enum {
	PART_MAX = 255, /* bytes of a file's name, on any file system */
	PART_KEPT = 240,
	ID_DIGITS = 8,
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool address_is(struct sheaf_str name)
{
	size_t n = 0;

	while (n < name.len && is_letter(name.p[n]))
		n++;
	return n > 0 && name.len - n > 3 && memcmp(name.p + n, "://", 3) == 0 &&
	       name.p[n + 3] != '/';
}

static void part_add(struct buf *out, struct sheaf_str part)
{
	char hex[SHEAF_ID_HEX + 1];
	uint8_t id[SHEAF_ID_SIZE];
	size_t n = part.len;

	if (out->len > 0)
		buf_u8(out, '/');
	if (n <= PART_MAX) {
		buf_bytes(out, part.p, n);
		return;
	}
	sheaf_id_of(part.p, part.len, id);
	sheaf_id_hex(id, hex);
	/* not within a character of UTF-8 */
	for (n = PART_KEPT; n > PART_KEPT - 3; n--) {
		if ((part.p[n] & 0xc0) != 0x80)
			break;
	}
	buf_bytes(out, part.p, n);
	buf_u8(out, '~');
	buf_bytes(out, hex, ID_DIGITS);
}

void address_path(struct buf *out, struct sheaf_str name)
{
	size_t parts = 0, at = 0;

	buf_clear(out);
	while (at < name.len) {
		const char *p = name.p + at;
		const char *slash = memchr(p, '/', name.len - at);
		struct sheaf_str part = { p, slash ? (size_t)(slash - p) :
						     name.len - at };

		if (part.len != 0) {
			part_add(out, part);
			parts++;
		}
		at += part.len + 1;
	}
	/* a host alone is its front page */
	if (parts == 2 || (name.len > 0 && name.p[name.len - 1] == '/'))
		part_add(out, (struct sheaf_str){ ADDRESS_INDEX,
						  strlen(ADDRESS_INDEX) });
}
