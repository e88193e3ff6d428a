/*
 * key.c - what a key on the command line stands for
 */
#include <string.h>

#include "key.h"

static const char *by;

const struct opt key_options[] = {
	{ .kind = OPT_CHOICE,
	  .name = "by",
	  .value = &by,
	  .arg = "id|name|url",
	  .help = "take a KEY only as that (the first that fits)" },
	{ .kind = OPT_END },
};

enum sheaf_status key_find(struct sheaf_corpus *corpus, struct sheaf_str key,
			   sheaf_match_fn *fn, void *arg,
			   struct sheaf_error *err)
{
	enum sheaf_key_kind kind = SHEAF_KEY_URL;

	if (!by)
		return sheaf_find(corpus, key, fn, arg, err);
	if (!strcmp(by, "id"))
		kind = SHEAF_KEY_ID;
	else if (!strcmp(by, "name"))
		kind = SHEAF_KEY_NAME;
	return sheaf_find_kind(corpus, kind, key, fn, arg, err);
}
