/*
 * companion.c - the exact record beside an article, without its payload
 *
 * A companion is a record of format ".warc".  It holds what the WARC record has
 * and the article has not: the heads of the record and of HTTP, the framing of
 * chunks; for a payload that was compressed all of it.  One line says how the
 * two go together:
 *
 *     sheaf-warc 1 ID LITERAL COPIED LITERAL COPIED ...\n
 *
 * then all literal bytes.  By turns so many come from here and so many, in
 * their order, from the article ID.
 */
#include "formats/warc/warc.h"

#include <stdio.h>
#include <string.h>

#include "article/scan.h"

static const char magic[] = "sheaf-warc 1 ";

enum {
	NUMBER_DIGITS = 8,   /* of a length: an article has 64 MiB at most */
	NAME_ID_DIGITS = 12, /* enough to find it; the whole id is within */
};

static void put_text(struct buf *out, const char *s)
{
	buf_bytes(out, s, strlen(s));
}

void warc_companion_name(struct buf *out, const uint8_t id[SHEAF_ID_SIZE],
			 struct sheaf_str name)
{
	char hex[SHEAF_ID_HEX + 1];

	sheaf_id_hex(id, hex);
	buf_clear(out);
	put_text(out, ".warc/");
	buf_bytes(out, hex, NAME_ID_DIGITS);
	put_text(out, "/");
	buf_bytes(out, name.p, name.len);
}

void warc_companion_put(struct buf *out, const uint8_t id[SHEAF_ID_SIZE],
			const void *record, size_t len,
			const struct warc_pieces *pieces)
{
	const uint8_t *p = record;
	char number[32], hex[SHEAF_ID_HEX + 1];

	sheaf_id_hex(id, hex);
	buf_clear(out);
	put_text(out, magic);
	put_text(out, hex);
	for (size_t i = 0; i < pieces->count; i += 2) {
		snprintf(number, sizeof(number), " %u %u", pieces->lens[i],
			 pieces->lens[i + 1]);
		put_text(out, number);
	}
	if (pieces->count == 0) {
		snprintf(number, sizeof(number), " %zu 0", len);
		put_text(out, number);
	}
	put_text(out, "\n");
	if (pieces->count == 0)
		buf_bytes(out, p, len);
	for (size_t i = 0; i < pieces->count; i += 2) {
		buf_bytes(out, p, pieces->lens[i]);
		p += pieces->lens[i] + (size_t)pieces->lens[i + 1];
	}
}

/* bytes that a turn takes from one of the two */
static bool turn_take(struct scan *numbers, struct scan *from, struct buf *out)
{
	int n;

	if (!scan_take(numbers, ' ') ||
	    !scan_number(numbers, 1, NUMBER_DIGITS, &n) ||
	    (size_t)n > from->left)
		return false;
	if (n == 0) /* an empty article has no address to step from */
		return true;
	buf_bytes(out, from->p, (size_t)n);
	scan_step(from, (size_t)n);
	return true;
}

enum sheaf_status warc_companion_get(struct buf *out, const void *companion,
				     size_t companion_len,
				     const uint8_t id[SHEAF_ID_SIZE],
				     const void *article, size_t len,
				     struct sheaf_error *err)
{
	char hex[SHEAF_ID_HEX + 1];
	const size_t line_min = sizeof(magic) - 1 + SHEAF_ID_HEX;
	const char *nl =
		companion_len ? memchr(companion, '\n', companion_len) : NULL;
	struct scan numbers, here, there = { article, len };

	buf_clear(out);
	if (!nl || (size_t)(nl - (const char *)companion) < line_min ||
	    memcmp(companion, magic, sizeof(magic) - 1) != 0)
		return fail(err, SHEAF_CORRUPT, "no WARC companion");
	sheaf_id_hex(id, hex);
	if (memcmp((const char *)companion + sizeof(magic) - 1, hex,
		   SHEAF_ID_HEX) != 0)
		return SHEAF_NOT_FOUND;
	numbers = (struct scan){ companion,
				 (size_t)(nl - (const char *)companion) };
	scan_step(&numbers, line_min);
	here = (struct scan){
		nl + 1,
		companion_len - (size_t)(nl + 1 - (const char *)companion)
	};
	while (numbers.left != 0) {
		if (!turn_take(&numbers, &here, out) ||
		    !turn_take(&numbers, &there, out))
			return fail(err, SHEAF_CORRUPT,
				    "WARC companion: its lengths are wrong");
	}
	if (here.left != 0)
		return fail(err, SHEAF_CORRUPT,
			    "WARC companion: its lengths are wrong");
	return out->bad ? fail_nomem(err) : SHEAF_OK;
}
