/*
 * key.c - what a key on the command line stands for
 */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "key.h"
#include "say.h"
#include "text.h"

static const char *by;

const struct opt key_options[] = {
	{ .kind = OPT_CHOICE,
	  .name = "by",
	  .value = &by,
	  .arg = "id|name|url",
	  .help = "take a KEY only as that (the first that fits)" },
	{ .kind = OPT_END },
};

/* what --by says; false: nothing */
static bool by_kind(enum sheaf_key_kind *kind)
{
	*kind = SHEAF_KEY_URL;
	if (!by)
		return false;
	if (!strcmp(by, "id"))
		*kind = SHEAF_KEY_ID;
	else if (!strcmp(by, "name"))
		*kind = SHEAF_KEY_NAME;
	return true;
}

enum sheaf_status key_find(struct sheaf_corpus *corpus, struct sheaf_str key,
			   sheaf_match_fn *fn, void *arg,
			   struct sheaf_error *err)
{
	enum sheaf_key_kind kind;

	if (!by_kind(&kind))
		return sheaf_find(corpus, key, fn, arg, err);
	return sheaf_find_kind(corpus, kind, key, fn, arg, err);
}

enum sheaf_status key_find_all_removed(struct sheaf_corpus *corpus,
				       const char *key, sheaf_removed_fn *fn,
				       void *arg, enum sheaf_key_kind *kind,
				       struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_NOT_FOUND;

	if (by_kind(kind))
		return sheaf_removed_find(corpus, *kind, text_str(key), fn, arg,
					  err);
	for (int k = SHEAF_KEY_ID; k <= SHEAF_KEY_URL && st == SHEAF_NOT_FOUND;
	     k++) {
		*kind = (enum sheaf_key_kind)k;
		st = sheaf_removed_find(corpus, *kind, text_str(key), fn, arg,
					err);
	}
	return st;
}

static int on_removed(const struct sheaf_removed *removed,
		      const struct sheaf_record *record, void *arg)
{
	(void)record;
	*(struct sheaf_removed *)arg = *removed;
	return 1;
}

bool key_find_removed(struct sheaf_corpus *corpus, const char *key,
		      struct sheaf_removed *out)
{
	enum sheaf_key_kind kind;
	enum sheaf_status st =
		key_find_all_removed(corpus, key, on_removed, out, &kind, NULL);

	return st == SHEAF_OK || st == SHEAF_CANCELLED;
}

int key_say_absent(struct sheaf_corpus *corpus, const char *key,
		   const char *path)
{
	struct sheaf_removed removed;
	char time[TEXT_SIZE];

	if (key_find_removed(corpus, key, &removed))
		say("%s: removed from %s by commit %" PRIu64 ", %s", key, path,
		    removed.commit, text_time(time, removed.time));
	else
		say("%s: not in %s", key, path);
	return STATUS_NO;
}
