/*
 * key.h - what a key on the command line stands for
 */
#ifndef SHEAF_TOOL_KEY_H
#define SHEAF_TOOL_KEY_H

#include <sheaf/remove.h>

#include "opt.h"

/* the row --by, for the table of a command */
extern const struct opt key_options[];

/* sheaf_find(), or sheaf_find_kind() where --by says as what */
enum sheaf_status key_find(struct sheaf_corpus *corpus, struct sheaf_str key,
			   sheaf_match_fn *fn, void *arg,
			   struct sheaf_error *err);

/* the same among what was removed; *kind: what the key turned out to be */
enum sheaf_status key_find_all_removed(struct sheaf_corpus *corpus,
				       const char *key, sheaf_removed_fn *fn,
				       void *arg, enum sheaf_key_kind *kind,
				       struct sheaf_error *err);
/* whether a key stands for something that was removed, and the newest of it */
bool key_find_removed(struct sheaf_corpus *corpus, const char *key,
		      struct sheaf_removed *out);
/* says that a key is not in the corpus at @path, or was removed; STATUS_NO */
int key_say_absent(struct sheaf_corpus *corpus, const char *key,
		   const char *path);

#endif
