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
	uint64_t commit,
		first; /* of which it is, how many articles before it */
	uint32_t count;
	uint32_t first_length; /* index into lengths */
	bool is_dictionary;
	bool bad;
	bool own_bad; /* not only the one that it is compressed against */
};

/* a whole table that is neither record page nor footer */
struct seen_table {
	uint64_t offset, size;
	uint8_t kind;
};

/* bytes that are not what was committed */
struct bad_range {
	uint64_t offset, end;
	bool explained; /* by damage that was reported in it */
};

/* damage on its way to the caller */
struct found {
	uint64_t offset, len, articles;
	size_t text; /* where its line begins in texts */
};

/* an article that can't be brought back; all else than the place may not be
 * known */
struct lost {
	struct sheaf_place place;
	uint64_t key; /* the id's first 48 bits; LOST_NO_KEY */
	bool has_record;
};
#define LOST_NO_KEY UINT64_MAX

struct check {
	const struct sheaf_verify_options *options;
	struct sheaf_verify_result *result;
	const char *path; /* NULL: */
	int fd;
	struct source src;
	uint64_t size;	  /* of the file */
	struct view view; /* what is gone through */
	struct footer *newest;
	bool has_newest; /* else no commit is whole */
	bool has_behind; /* whole blocks or record pages lie behind it */
	struct blocks *readers;
	struct buf blocks;  /* struct seen_block, ascending */
	struct buf lengths; /* u32, of all articles in order */
	struct buf seeds;   /* u32, in the same order */
	struct buf ids;	    /* deep: SHEAF_ID_SIZE each, in the same order */
	struct buf ranges;  /* struct bad_range */
	struct buf pages;   /* u64: offset of each whole record page */
	struct buf tables;  /* struct seen_table, ascending */
	struct buf commits; /* u64: footer offset by commit - 1; 0: not seen */
	struct buf found;   /* struct found */
	struct buf texts;   /* their lines, each with its NUL */
	struct buf lost;    /* struct lost, by place, each once */
	struct sheaf_error *err;
};

/*
 * Over @src, which @c then owns, also on failure.  @c is all-zero but for
 * options, result and err.  @all: also what lies behind the newest whole commit.
 * SHEAF_CORRUPT where no part of the file is one of a corpus.
 */
enum sheaf_status check_open(struct check *c, struct source src, bool all);
void check_done(struct check *c);

struct seen_block *check_blocks(const struct check *c, size_t *count);
/* the block whose header is at @offset, or NULL */
struct seen_block *check_block(const struct check *c, uint64_t offset);

void check_damage(struct check *c, uint64_t offset, uint64_t len,
		  uint64_t articles, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
enum sheaf_status check_progress(struct check *c, uint64_t done);
/* sorts what was found; what is only a consequence, and bad ranges that nothing
 * explains, see to it */
enum sheaf_status check_report_sort(struct check *c);
/* the damage that has the byte at @offset; NULL: none; after the sort */
struct found *check_report_at(const struct check *c, uint64_t offset);
/* to the caller, in the order of the file */
void check_report_tell(struct check *c);

/* sheaf_verify() of what @src has, which is taken over */
enum sheaf_status verify_source(struct source src,
				const struct sheaf_verify_options *options,
				bool at_work,
				struct sheaf_verify_result *result,
				struct sheaf_error *err);

/*
 * A new file, which gets its name only if it is whole: article by article, to
 * its last byte; SHEAF_CORRUPT. Of @how progress and threads count.
 */
enum sheaf_status verify_new(int fd, struct sheaf_verify_options how,
			     struct sheaf_error *err);

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
/*
 * Each entry of @which that a whole index page has, be it of an older layer;
 * those that are damaged are left out.  SHEAF_CANCELLED where @fn says so.
 */
enum sheaf_status check_index_walk(struct check *c, enum index_which which,
				   index_entry_fn *fn, void *arg);
/* which articles can't be brought back, into c->lost, and the counts of the
 * result */
enum sheaf_status check_lost(struct check *c, struct pages *pages);
/* to the caller: the records, then the articles that no record names */
enum sheaf_status check_lost_tell(struct check *c, struct pages *pages);
/* the lost article at @place, or NULL */
const struct lost *check_lost_at(const struct check *c,
				 const struct sheaf_place *place);
/* records, indexes, counts against each other, where all frames are whole */
enum sheaf_status check_tables(struct check *c, struct sheaf_corpus *corpus);
/* what lies behind the newest whole footer: an interrupted add, or a damaged
 * footer */
enum sheaf_status check_tail(struct check *c, uint64_t file_size);

#endif
