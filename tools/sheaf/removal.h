/*
 * removal.h - which articles a removal is of, and what it does to the names
 */
#ifndef SHEAF_TOOL_REMOVAL_H
#define SHEAF_TOOL_REMOVAL_H

#include <sheaf/remove.h>

#include "input.h"

/* a name whose newest version goes while an older one stays */
struct uncovered {
	struct sheaf_str name; /* owned */
	uint64_t commit;       /* of the version that is the newest now */
	uint64_t id_prefix;
};

/* all zero is empty */
struct removal {
	struct sheaf_corpus *corpus; /* borrowed, as its path is */
	const char *path;
	bool erases; /* what was removed before is taken too */
	uint8_t (*ids)[SHEAF_ID_SIZE]; /* owned */
	size_t count, cap;
	struct sheaf_place *places; /* owned: of those that are stored; sorted
				       by removal_effects() */
	size_t place_count, place_cap;
	uint64_t before;     /* keys, or ids, that were removed already */
	uint64_t unknown;    /* keys that stand for nothing, or for too much */
	uint64_t companions; /* of the ids: hidden ones, see companions.h */
	/* by removal_effects() */
	uint64_t records;
	struct uncovered *uncovered; /* owned */
	size_t uncovered_count, uncovered_cap;
};

void removal_done(struct removal *r);

/*
 * Each of these adds to the ids; returns the exit status, after a message if it
 * is not STATUS_YES.
 */

/* what a key stands for: one article, or all versions under a name or url.
 * @latest: only the newest of these.  A key that fits nothing, or several
 * articles' ids, is told of, counted and STATUS_YES. */
int removal_key(struct removal *r, const char *key, bool latest);
/* the same among what is removed */
int removal_removed_key(struct removal *r, const char *key);
/* the ids that 'sheaf rm --list' printed, of any corpus */
int removal_apply(struct removal *r, const struct input *lines,
		  const char *file);

/* a place that is stored; false: no memory */
bool removal_place(struct removal *r, struct sheaf_place place);
/* the ids of the articles at the places from @first on; @key is for messages */
int removal_places_to_ids(struct removal *r, size_t first, const char *key);

/* how many records go, hidden ones aside, and which names get another newest
 * version */
int removal_effects(struct removal *r);

#endif
