/*
 * carry_work.h - a corpus on its way into a new file
 *
 * Between carry.c, carry_blocks.c and carry_records.c only.
 */
#ifndef SHEAF_PACK_CARRY_WORK_H
#define SHEAF_PACK_CARRY_WORK_H

#include "pack/arena.h"
#include "pack/carry.h"
#include "pack/carry_plan.h"
#include "read/places.h"

/* of memory, for the records before they go to the scratch file, and for the
 * entries of each index */
#define CARRY_SORT_SHARE 16

struct carry {
	const struct carry_options *options;
	struct carry_result *out;
	struct sheaf_corpus *old;
	unsigned int threads;
	struct sink *sink;
	struct segment segment;
	struct scratch *scratch;
	struct history history;
	struct arena messages; /* of the history */
	struct buf carried;    /* struct carried, by place */
	uint64_t total;	       /* bytes of these articles, */
	uint64_t bytes;	       /* and of those that are through */
	struct plan plan;
	uint64_t articles;	    /* in the segment so far */
	struct planned *dictionary; /* copied last; NULL: none */
	struct buf scrubbed;	    /* its content, where that was changed */
	struct stage *stage;
	struct entries *entries;
	struct names *names;
	uint32_t *codes;     /* by old code: the new one and 1; 0: none yet */
	struct places *urls; /* record reference to url key */
	enum sheaf_status status; /* why a walk was stopped */
	struct sheaf_error *err;
};

static inline struct carried *carry_all(const struct carry *c, size_t *count)
{
	*count = c->carried.len / sizeof(struct carried);
	return (struct carried *)(void *)c->carried.p;
}

/* which articles there are, in the order of the old file */
enum sheaf_status carry_find(struct carry *c);
/* their blocks into the segment, copied or compressed anew */
enum sheaf_status carry_blocks(struct carry *c);
/* their records, whose articles have their places or numbers */
enum sheaf_status carry_records(struct carry *c);

#endif
