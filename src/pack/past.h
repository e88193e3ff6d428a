/*
 * past.h - the commits of a corpus, as the history of a new one
 */
#ifndef SHEAF_PACK_PAST_H
#define SHEAF_PACK_PAST_H

#include "pack/arena.h"
#include "read/corpus.h"

typedef enum sheaf_status past_fn(const struct footer *f, void *arg,
				  struct sheaf_error *err);
/* each footer up to the one that the handle shows, oldest first */
enum sheaf_status past_walk(struct sheaf_corpus *c, past_fn *fn, void *arg,
			    struct sheaf_error *err);

/* all commits up to the one that the handle shows, those of an earlier
 * compaction included; history_done() it, before @messages is done */
enum sheaf_status past_history(struct sheaf_corpus *c, struct arena *messages,
			       struct history *out, struct sheaf_error *err);

/* what @f tells of its commit, the message copied; SHEAF_OK or SHEAF_NOMEM */
enum sheaf_status past_commit(struct past_commit *out, const struct footer *f,
			      struct arena *messages, struct sheaf_error *err);

#endif
