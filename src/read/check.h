/*
 * check.h - what verify knows of a file while it goes through it
 */
#ifndef SHEAF_READ_CHECK_H
#define SHEAF_READ_CHECK_H

#include <sheaf/verify.h>

#include "formats/sheaf/tree.h"
#include "read/corpus.h"
#include "read/places.h"

/* a block that the scan found */
struct seen_block {
	uint64_t offset, end; /* header to end of the zstd frame */
	uint64_t parent;
	uint32_t count;
	uint32_t first_length; /* index into lengths */
	bool is_dictionary;
	bool bad;
};

/* bytes that are not what was committed */
struct bad_range {
	uint64_t offset, end;
	bool explained; /* by damage that was reported in it */
};

struct check {
	const struct sheaf_verify_options *options;
	struct sheaf_verify_result *result;
	const char *path; /* NULL: */
	int fd;
	struct source src;
	struct view view;
	struct footer *newest;
	struct blocks *readers;
	struct buf blocks;  /* struct seen_block, ascending */
	struct buf lengths; /* u32, of all articles in order */
	struct buf seeds;   /* u32, in the same order */
	struct buf ids;	    /* deep: SHEAF_ID_SIZE each, in the same order */
	struct buf ranges;  /* struct bad_range */
	struct buf pages;   /* u64: offset of each whole record page */
	struct buf commits; /* u64: footer offset by commit - 1; 0: not seen */
	struct sheaf_error *err;
};

/* sheaf_verify() of an open file, which may have no name yet */
enum sheaf_status verify_fd(int fd, const struct sheaf_verify_options *options,
			    struct sheaf_verify_result *result,
			    struct sheaf_error *err);

struct seen_block *check_blocks(const struct check *c, size_t *count);
/* the block whose header is at @offset, or NULL */
struct seen_block *check_block(const struct check *c, uint64_t offset);

void check_damage(struct check *c, uint64_t offset, uint64_t len,
		  uint64_t articles, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
enum sheaf_status check_progress(struct check *c, uint64_t done);

struct leaves; /* threads that hash */

enum sheaf_status leaves_new(struct leaves **out, struct check *c);
void leaves_free(struct leaves *l); /* takes NULL */
/* the leaves of the bytes from @from to @end into @t, as tree_add() does */
enum sheaf_status leaves_hash(struct leaves *l, uint64_t from, uint64_t end,
			      struct tree *t);

/* all frames, footers and trees, up to the newest footer */
enum sheaf_status check_frames(struct check *c);
/* decode: all blocks, or those that lie in bad ranges */
enum sheaf_status check_blocks_decode(struct check *c);
/* records, indexes, counts against each other; which records are lost */
enum sheaf_status check_tables(struct check *c, struct sheaf_corpus *corpus);
/* what lies behind the newest whole footer: an interrupted add, or a damaged
 * footer */
enum sheaf_status check_tail(struct check *c, uint64_t file_size);

#endif
