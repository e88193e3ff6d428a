/*
 * truth.h - where everything lies in a corpus that is whole
 */
#ifndef SHEAF_TESTS_TRUTH_H
#define SHEAF_TESTS_TRUTH_H

#include <sheaf/record.h>

#include "base/buf.h"
#include "fault/image.h"
#include "formats/sheaf/footer.h"

#define NO_BLOCK UINT32_MAX

struct range {
	uint64_t at, end;
};

struct tblock {
	uint64_t offset, frame, end;
	uint32_t parent; /* NO_BLOCK */
	uint32_t count;
};

struct trecord {
	char *name;
	size_t name_len;
	struct sheaf_time mtime;
	uint64_t commit, size;
	uint8_t id[SHEAF_ID_SIZE];
	struct sheaf_place place;
	uint32_t block;	       /* number */
	uint64_t page, origin; /* offsets of frames */
	uint32_t page_number, origin_number;
};

struct truth {
	struct image image;
	struct buf blocks;  /* struct tblock, by offset */
	struct buf pages;   /* struct range, by offset */
	struct buf records; /* struct trecord, in the order of the file */
	struct footer newest;
};

#define BLOCKS(t) ((struct tblock *)(void *)(t)->blocks.p)
#define PAGES(t) ((struct range *)(void *)(t)->pages.p)
#define RECORDS(t) ((struct trecord *)(void *)(t)->records.p)
#define COUNT(buf, type) ((buf).len / sizeof(type))

/* of the corpus at @path, which is whole; NULL: said why */
struct truth *truth_new(const char *path);
void truth_free(struct truth *t); /* takes NULL */

#endif
