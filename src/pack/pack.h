/*
 * pack.h - what a writer is made of
 */
#ifndef SHEAF_PACK_PACK_H
#define SHEAF_PACK_PACK_H

#include <sheaf/writer.h>

#include "pack/stage.h"
#include "pack/table.h"
#include "write/commit.h"

struct sheaf_writer {
	struct sheaf_write_options options;
	bool adapts;	   /* these had neither a level nor a block size */
	struct sink *sink; /* NULL for a dry run */
	struct sheaf_corpus *old;
	uint64_t old_end; /* bytes of the corpus before; 0: new */
	bool started;	  /* the sink has been written to */
	bool broken;	  /* failed or committed: may only be freed */
	struct segment segment;
	struct stage *stage;
	struct names *names;
	struct removed removed; /* in force with the next commit; owned */
	bool removed_changed;	/* in this commit */
	struct scratch *scratch;
	size_t sort_budget; /* bytes of entries, and of each index, in memory */
	struct entries *entries;
	struct table by_id;   /* of articles, by their number in the stage */
	struct table by_name; /* of entries; each name's last */
	struct buf dry_ids; /* of a dry run's articles, in place of the stage */
	uint32_t categories[SHEAF_LIST_MAX], tags[SHEAF_LIST_MAX]; /* at hand */
	struct sheaf_commit_result result;
};

/* what stands under a name so far, removed articles aside */
struct standing {
	uint64_t hash; /* of the name */
	bool found;
	bool is_fresh;		   /* by a record of this commit, and where: */
	struct table_at at;	   /* in by_name */
	uint8_t id[SHEAF_ID_SIZE]; /* of that one's article, if is_fresh */
	struct origin origin;	   /* of its newest record's article */
	bool has_older;		   /* the corpus spells it: */
	struct record_ref older;
	struct sheaf_place newest; /* if has_older: of the newest record's
				      article, which may be a removed one */
};

enum sheaf_status pack_standing(struct sheaf_writer *w, struct sheaf_str name,
				struct standing *out, struct sheaf_error *err);

/* an article on its way to its record */
struct packed {
	uint8_t id[SHEAF_ID_SIZE];
	uint32_t seed;
	struct origin origin;
	bool is_new;
};

/*
 * Find the bytes of an article, or the id that they will have (is_new); what
 * was removed is taken back if that is an option.
 * @refused: it was removed, and is not taken [S-25]
 */
enum sheaf_status pack_find(struct sheaf_writer *w, const void *bytes,
			    size_t len, struct packed *out, bool *refused,
			    struct sheaf_error *err);
/* store a new one, perhaps as a revision of @base (NULL: of none) */
enum sheaf_status pack_store(struct sheaf_writer *w, const void *bytes,
			     size_t len, const struct sheaf_place *base,
			     struct packed *out, struct sheaf_error *err);

/*
 * pack_known() - find an article by its id alone
 * @size:  bytes; 0 where a dry run brought it
 * @bytes: gets them; NULL: not wanted
 *
 * SHEAF_NOT_FOUND: neither this commit nor the corpus has it, or its bytes
 * are wanted and a dry run brought it.
 */
enum sheaf_status pack_known(struct sheaf_writer *w,
			     const uint8_t id[SHEAF_ID_SIZE],
			     struct packed *out, size_t *size,
			     struct buf *bytes, struct sheaf_error *err);

/* add the record, unless this name has this article already */
enum sheaf_status pack_record(struct sheaf_writer *w,
			      const struct sheaf_article *a,
			      const struct standing *name,
			      const struct packed *article,
			      enum sheaf_added *added, struct sheaf_error *err);

/* the removed ids that a writer begins with */
enum sheaf_status pack_removed_copy(struct sheaf_writer *w,
				    struct sheaf_error *err);
/* take one id back that is removed */
void pack_take_back(struct sheaf_writer *w, const uint8_t id[SHEAF_ID_SIZE]);

/* may it be stored: SHEAF_OK, SHEAF_MISUSE, SHEAF_LIMIT */
enum sheaf_status pack_check(const struct sheaf_article *a,
			     struct sheaf_error *err);

/* make ready to store: cut the torn tail, start the segment; does nothing the
 * second time */
enum sheaf_status pack_start(struct sheaf_writer *w, struct sheaf_error *err);

#endif
