/*
 * carry_plan.h - which blocks of an old corpus can be copied into a new one
 */
#ifndef SHEAF_PACK_CARRY_PLAN_H
#define SHEAF_PACK_CARRY_PLAN_H

#include "read/bulk.h"
#include "read/corpus.h"

/* an article on its way from the old file to the new */
struct carried {
	struct sheaf_place place; /* in the old file */
	uint32_t seed, size;
	uint32_t at; /* is_copied: number of its block in the plan; else see
			stage_add() */
	bool is_copied;
	bool seen; /* a record has it already */
	uint8_t id[SHEAF_ID_SIZE];
};

/* a block of the old file */
struct planned {
	uint64_t offset; /* of its header */
	uint64_t parent; /* the same; BLOCK_NO_PARENT: none */
	uint64_t packed, plain;
	uint64_t to;	  /* in the new file, once it is there; 0: it isn't */
	uint64_t leaning; /* a dictionary's: packed bytes of blocks that could
			     be copied if it is */
	/* u32: which bytes of a dictionary's content are another one in the
	 * new file, see scrub.h; empty: it comes along as it is; owned */
	struct buf patches;
	uint8_t patch;		/* that byte */
	uint32_t dictionary_id; /* with these; 0: it has none */
	uint32_t count;		/* articles, */
	uint32_t kept;		/* and those that are carried */
	bool is_dictionary;
	bool is_barred; /* its content must not be in the new file */
	bool is_copied;
};

struct plan {
	struct planned *blocks; /* by offset; owned */
	size_t count;
	size_t dictionaries; /* of these, without articles */
};

/*
 * plan_make() - the blocks that @carried (sorted by place) are in, and what
 * they are compressed against
 *
 * Nothing is copied yet: the caller may bar some, then plan_decide().
 */
enum sheaf_status plan_make(struct plan *p, struct sheaf_corpus *old,
			    const struct carried *carried, size_t count,
			    struct sheaf_error *err);
void plan_done(struct plan *p); /* takes an all-zero one */
/*
 * plan_decide() - set is_copied
 *
 * A block is copied if all its articles are carried and its parent is copied; a
 * dictionary without articles if what leans on it has @share times its packed
 * size.
 */
void plan_decide(struct plan *p, unsigned int share);
/* the block whose header is at @offset, or NULL */
struct planned *plan_find(const struct plan *p, uint64_t offset);

/* articles to read, by place; one of the two */
struct carry_wants {
	const struct carried *carried;
	const struct sheaf_place *places;
	size_t count;
	/* of the carried only those; NULL: all */
	bool (*chosen)(const struct carried *m, const void *arg);
	const void *arg;
};

/* bulk_read() of them, some thousand at a time: index is their number */
enum sheaf_status carry_wants_read(const struct carry_wants *wants,
				   struct sheaf_corpus *old,
				   const struct bulk_how *how,
				   struct sheaf_error *err);

#endif
