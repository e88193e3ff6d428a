/*
 * description.c - the first frame: what this file is, in plain words
 * (section 3)
 *
 * For the reader who has the file, zstd and xxhash, but not sheaf.  The text
 * stands in the file as it is, in one raw zstd block, so `less FILE` shows it
 * and `head -c 4096 FILE | zstd -dc` prints it.  tests/unit/test_frame.c holds
 * it against the stated sizes.
 */
#include "formats/sheaf/description.h"

#include <assert.h>
#include <string.h>

#include "base/cur.h"
#include "codec/hash.h"

#define ZSTD_FRAME_MAGIC 0xFD2FB528u

enum {
	/* single segment, content size of 2 bytes, checksum, no dictionary */
	DESCRIPTOR = 0x64,
	SIZE_LESS = 256, /* a 2-byte content size counts from here */
	RAW_LAST = 1,	 /* block header: last, type raw */
	BLOCK_SHIFT = 3, /* block header: bits below the size */
	TEXT_MAX = 3900, /* [S-6] */
	TEXT_AT = 10,	 /* in the file [S-7] */
	CHECKSUM_SIZE = 4,
};

static const char text[] =
	"sheaf corpus, format version 1\n"
	"\n"
	"This file is an archive of articles (texts), written by the program\n"
	"sheaf. It is a sequence of zstd frames (RFC 8878): ordinary frames\n"
	"hold articles, skippable frames say what is where. The specification\n"
	"is formats/sheaf/sheaf-1.md in the source of sheaf; but this text,\n"
	"zstd and xxhash (XXH3) are enough to get the articles out.\n"
	"\n"
	"Integers are little-endian. A varint has 7 bits a byte, lowest first;\n"
	"bit 7 is set on all bytes but its last. Offsets count from the first\n"
	"byte of the file.\n"
	"\n"
	"SHEAF FRAMES are skippable zstd frames:\n"
	"  +0   5A 2A 4D 18\n"
	"  +4   u32: n\n"
	"  +8   F5 C0 FE C1\n"
	"  +12  u8: kind\n"
	"  +13  body\n"
	"  +n   u64: XXH3-64 of bytes 0 .. n - 1, seed: the frame's offset\n"
	"The next frame begins at n + 8. 5A 2A 4D 18 ? ? ? ? F5 C0 FE C1\n"
	"stands nowhere else: so search for it to find frames, in a damaged\n"
	"file too. Kinds: 1 block header, 2 records, 3 strings, 4 and 5 index,\n"
	"6 removed, 7 erased, 8 hash tree, 9 footer. Skip unknown ones.\n"
	"\n"
	"ARTICLES. Directly behind each block header stands a zstd frame, the\n"
	"block. The header's body: u8 flags (1: is a dictionary, 2: has a\n"
	"parent, 4: has seeds); then varints: commit number; number of its\n"
	"first article in that commit; PACKED: bytes of the zstd frame; bytes\n"
	"of its content; LEAD, if flag 1; PARENT, if flag 2; count of\n"
	"articles; the length of each; the seed of each, if flag 4.\n"
	"The content is LEAD other bytes, then the articles end to end. The\n"
	"parent's header begins PARENT bytes before this header; the parent's\n"
	"whole content is the dictionary for this block. It may have a parent\n"
	"itself. By hand, for the header at H, with its n:\n"
	"  tail -c +$((H + n + 9)) FILE | head -c PACKED > B.zst\n"
	"  zstd -d B.zst -o B                 without a parent\n"
	"  zstd -d B.zst -o B -D P            P: content of a parent of flag 1\n"
	"  zstd -d B.zst -o B --patch-from=P  other parents, and above 32 MiB\n"
	"  tail -c +$((START + 1)) B | head -c LENGTH > article\n"
	"An article's id is XXH3-128 of its bytes, as xxh128sum prints it\n"
	"(under the article's seed, if that is not 0).\n"
	"\n"
	"RECORDS name the articles. Body: u8 coding (0 raw, 1 zstd), varint\n"
	"plain size, then the payload, raw or as a zstd frame. Payload: varint\n"
	"n; u8 flags (1 commit, 2 key, 4 nsec, 8 seed columns); varint commit;\n"
	"varint b; b varints: offsets of block headers, all but the first\n"
	"minus the one before. Then column by column, each for n records:\n"
	"- u8: bits 0-1 name (0 own, 1 of the record before, 2 older), bits 2\n"
	"  to 7: has date, outlet, lang, categories, tags, url\n"
	"- varint: which of the b blocks, from 0\n"
	"- varint: which article of the block, from 0\n"
	"- varint: length of the article\n"
	"- own names only, varint: bytes shared with the own name before\n"
	"- own names only, varint: bytes that follow the shared ones\n"
	"- the bytes that follow, of all own names\n"
	"- older names only, 2 varints: offset of the records frame and\n"
	"  number, from 0, of the record that has the name\n"
	"- only with flag 1, varint: commit, minus the one above\n"
	"- zigzag varint: file time, seconds since 1970, minus the one before\n"
	"The rest (dates, codes of strings) repeats what the articles say.\n"
	"\n"
	"FOOTERS end commits; what follows the last whole one is unfinished.\n"
	"In the frame: +16 u64 its own offset; +24 u64 the offset of the\n"
	"footer before, or 0; +48 u64 commit number; +56 i64 time; +64 root of\n"
	"a SHA-256 tree; +112 commit id; +144 varints: where the commit's\n"
	"bytes start; records alive; records; articles; bytes of those; new\n"
	"records; new articles; their bytes; blocks; offset of the first of\n"
	"its record frames; bytes of all of them, end to end. Of several\n"
	"records of one name that of the highest commit counts. A frame of\n"
	"kind 6 (varint count; 16 bytes and a varint commit for each) has the\n"
	"ids that were taken down since.\n";

static_assert(sizeof(text) - 1 >= SIZE_LESS && sizeof(text) - 1 <= TEXT_MAX,
	      "the description's size"); /* [S-6] */

void description_put(struct buf *b)
{
	uint32_t len = sizeof(text) - 1;
	uint32_t block = len << BLOCK_SHIFT | RAW_LAST;

	buf_u32(b, ZSTD_FRAME_MAGIC);		 /* +0 */
	buf_u8(b, DESCRIPTOR);			 /* +4 */
	buf_u16(b, (uint16_t)(len - SIZE_LESS)); /* +5 */
	buf_u8(b, (uint8_t)(block & 0xff));	 /* +7, 3 bytes */
	buf_u16(b, (uint16_t)(block >> 8));
	buf_bytes(b, text, len); /* +10 */
	buf_u32(b, hash_frame_checksum(text, len));
}

/* what the text begins with, whoever wrote it */
static const char begin[] = "sheaf corpus";
static const char first_line[] = "sheaf corpus, format version 1\n";

/* the fields before the text; false: they are not those of a description */
static bool head_get(struct cur *c, size_t *text_len)
{
	uint32_t magic = cur_u32(c);	/* +0 */
	uint8_t descriptor = cur_u8(c); /* +4 */
	uint32_t size = cur_u16(c);	/* +5 */
	uint32_t block = cur_u8(c);	/* +7, 3 bytes */
	const uint8_t *said;

	block |= (uint32_t)cur_u16(c) << 8;
	said = cur_bytes(c, sizeof(begin) - 1); /* +10 [S-7] */
	*text_len = size + SIZE_LESS;
	return said && magic == ZSTD_FRAME_MAGIC && descriptor == DESCRIPTOR &&
	       *text_len <= TEXT_MAX && /* [S-6] */
	       block == ((size + SIZE_LESS) << BLOCK_SHIFT | RAW_LAST) &&
	       memcmp(said, begin, sizeof(begin) - 1) == 0;
}

bool description_guess(const void *p, size_t len)
{
	struct cur c = cur_over(p, len);
	uint32_t magic = cur_u32(&c);
	const uint8_t *said;

	cur_skip(&c, TEXT_AT - sizeof(magic));
	said = cur_bytes(&c, sizeof(begin) - 1);
	return said && magic == ZSTD_FRAME_MAGIC && /* [S-7] */
	       memcmp(said, begin, sizeof(begin) - 1) == 0;
}

size_t description_size(const void *p, size_t len)
{
	struct cur c = cur_over(p, len);
	size_t text_len;

	if (!head_get(&c, &text_len))
		return 0;
	return TEXT_AT + text_len + CHECKSUM_SIZE;
}

enum sheaf_status description_check(const void *p, size_t len,
				    struct sheaf_error *err)
{
	struct cur c = cur_over(p, len);
	const uint8_t *said;

	if (len == 0 || description_size(p, len) != len)
		return fail_at(err, SHEAF_CORRUPT, 0, "not the description");
	cur_skip(&c, TEXT_AT);
	said = cur_bytes(&c, len - TEXT_AT - CHECKSUM_SIZE);
	if (len < TEXT_AT + sizeof(first_line) - 1 + CHECKSUM_SIZE ||
	    memcmp(said, first_line, sizeof(first_line) - 1) != 0)
		return fail_at(err, SHEAF_CORRUPT, 0,
			       "description: of another format version");
	if (cur_u32(&c) !=
	    hash_frame_checksum(said, len - TEXT_AT - CHECKSUM_SIZE))
		return fail_at(err, SHEAF_CORRUPT, 0,
			       "description: checksum does not match");
	return SHEAF_OK;
}
