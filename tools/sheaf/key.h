/*
 * key.h - what a key on the command line stands for
 */
#ifndef SHEAF_TOOL_KEY_H
#define SHEAF_TOOL_KEY_H

#include <sheaf/corpus.h>

#include "opt.h"

/* the row --by, for the table of a command */
extern const struct opt key_options[];

/* sheaf_find(), or sheaf_find_kind() where --by says as what */
enum sheaf_status key_find(struct sheaf_corpus *corpus, struct sheaf_str key,
			   sheaf_match_fn *fn, void *arg,
			   struct sheaf_error *err);

#endif
