/*
 * corpus.h - what an open corpus is made of
 *
 * The parts of reading meet here; each is in a file of its own.
 */
#ifndef SHEAF_READ_CORPUS_H
#define SHEAF_READ_CORPUS_H

#include <stdatomic.h>

#include <sheaf/corpus.h>

#include "formats/sheaf/history.h"
#include "formats/sheaf/removed.h"
#include "read/blocks.h"
#include "read/chain.h"
#include "read/codes.h"
#include "read/indexes.h"
#include "read/pages.h"
#include "read/tail.h"

struct sheaf_corpus {
	struct source src; /* owned */
	struct view view;
	uint64_t file_size, torn;
	struct footer footer; /* of the commit shown */
	struct sheaf_commit commit;
	uint64_t as_of; /* a commit of the history, which filters records; 0:
			   none */
	struct history history; /* of a compacted file, if as_of */
	struct blocks *blocks;
	struct pages *pages;
	struct indexes *indexes;
	struct tail tail;
	struct removed removed;
	_Atomic(struct codes *) codes;	 /* when first needed */
	_Atomic(struct places *) places; /* the same, see places.h */
	_Atomic(struct gone *) gone;	 /* the same, see gone.h */
};

/*
 * Open over a source, which the handle then owns (also on failure).
 * @as_of: 0 for the newest commit
 */
enum sheaf_status corpus_open(struct sheaf_corpus **out, struct source src,
			      uint64_t as_of, struct sheaf_error *err);

/* the number of the commit shown */
static inline uint64_t corpus_shown(const struct sheaf_corpus *c)
{
	return c->as_of != 0 ? c->as_of : c->footer.commit;
}

/* a footer as the public struct; the message is borrowed from @f */
void corpus_commit_of(const struct footer *f, struct sheaf_commit *out);
/* the commits before the first footer of a compacted file; history_done() it */
enum sheaf_status corpus_history(const struct sheaf_corpus *c,
				 struct history *out, struct sheaf_error *err);
/* the string codes, read once */
enum sheaf_status corpus_codes(struct sheaf_corpus *c, const struct codes **out,
			       struct sheaf_error *err);

/* add what the index layers and the tail have for the upper @bits bits of @key
 */
enum sheaf_status corpus_lookup(struct sheaf_corpus *c, enum index_which which,
				uint64_t key, unsigned int bits, struct hits *h,
				struct sheaf_error *err);

#endif
