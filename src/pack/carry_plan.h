/*
 * carry_plan.h - which blocks of an old corpus can be copied into a new one
 */
#ifndef SHEAF_PACK_CARRY_PLAN_H
#define SHEAF_PACK_CARRY_PLAN_H

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
	uint32_t count;	  /* articles, */
	uint32_t kept;	  /* and those that are carried */
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
 * A block is copied if all its articles are carried and its parent is copied.
 */
void plan_decide(struct plan *p);
/* the block whose header is at @offset, or NULL */
struct planned *plan_find(const struct plan *p, uint64_t offset);

#endif
