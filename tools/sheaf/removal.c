/*
 * removal.c - which articles a removal is of, and what it does to the names
 */
#include "removal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "key.h"
#include "say.h"
#include "text.h"

void removal_done(struct removal *r)
{
	for (size_t i = 0; i < r->uncovered_count; i++)
		free((void *)(uintptr_t)r->uncovered[i].name.p);
	free(r->uncovered);
	free(r->places);
	free(r->ids);
	*r = (struct removal){ 0 };
}

/* room for one more */
static bool grow(void **items, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 64;
	void *p;

	if (count < *cap)
		return true;
	p = realloc(*items, more * size);
	if (!p)
		return false;
	*items = p;
	*cap = more;
	return true;
}

static int id_add(struct removal *r, const uint8_t id[SHEAF_ID_SIZE])
{
	void *ids = r->ids;

	if (!grow(&ids, r->count, &r->cap, sizeof(*r->ids)))
		return say_nomem();
	r->ids = ids;
	memcpy(r->ids[r->count++], id, SHEAF_ID_SIZE);
	return STATUS_YES;
}

bool removal_place(struct removal *r, struct sheaf_place place)
{
	void *places = r->places;

	if (!grow(&places, r->place_count, &r->place_cap, sizeof(*r->places)))
		return false;
	r->places = places;
	r->places[r->place_count++] = place;
	return true;
}

/* a key at hand: the places that it leads to are r->places from @first on */
struct keyed {
	struct removal *r;
	size_t first;
	enum sheaf_key_kind kind;
	bool latest, nomem;
};

static int on_match(enum sheaf_key_kind kind, struct sheaf_place place,
		    const struct sheaf_record *record, void *arg)
{
	struct keyed *k = arg;

	(void)record;
	k->kind = kind;
	k->nomem = !removal_place(k->r, place);
	return k->nomem || (kind != SHEAF_KEY_ID && k->latest);
}

int removal_places_to_ids(struct removal *r, size_t first, const char *key)
{
	struct sheaf_bytes bytes = { 0 };
	struct sheaf_error err = { 0 };
	uint8_t id[SHEAF_ID_SIZE];
	int status = STATUS_YES;

	for (size_t i = first; i < r->place_count && status == STATUS_YES;
	     i++) {
		enum sheaf_status st =
			sheaf_read(r->corpus, r->places[i], &bytes, id, &err);

		status = st == SHEAF_OK ? id_add(r, id) :
					  say_error(key, st, &err);
	}
	sheaf_bytes_done(&bytes);
	return status;
}

static int key_unknown(struct removal *r, const char *key)
{
	struct sheaf_removed removed;

	if (key_find_removed(r->corpus, key, &removed)) {
		r->before++;
		return STATUS_YES;
	}
	say("%s: not in %s", key, r->path);
	r->unknown++;
	return STATUS_YES;
}

static int on_removed(const struct sheaf_removed *removed,
		      const struct sheaf_record *record, void *arg);

/* of an erasure: also the removed articles that a key leads to.  *kind: what
 * it leads to among the others, of which there are @shown */
static int removed_too(struct removal *r, const char *key,
		       enum sheaf_key_kind kind, size_t shown)
{
	struct keyed k = { .r = r };
	struct sheaf_error err = { 0 };
	size_t first = r->count;
	enum sheaf_status st;

	st = key_find_all_removed(r->corpus, key, on_removed, &k, &k.kind,
				  &err);
	if (k.nomem)
		return STATUS_UNKNOWN;
	if (st == SHEAF_NOT_FOUND && shown == 0) {
		say("%s: not in %s", key, r->path);
		r->unknown++;
		return STATUS_YES;
	}
	if (st != SHEAF_OK && st != SHEAF_NOT_FOUND)
		return say_error(key, st, &err);
	if (shown != 0 && k.kind != kind)
		r->count = first;
	if (k.kind == SHEAF_KEY_ID && shown + r->count - first > 1) {
		say("%s: %zu articles in %s have such an id; give more digits",
		    key, shown + r->count - first, r->path);
		r->unknown++;
	}
	return STATUS_YES;
}

int removal_key(struct removal *r, const char *key, bool latest)
{
	struct keyed k = { .r = r, .first = r->place_count, .latest = latest };
	struct sheaf_error err = { 0 };
	enum sheaf_status st =
		key_find(r->corpus, text_str(key), on_match, &k, &err);

	if (k.nomem)
		return say_nomem();
	if (st == SHEAF_NOT_FOUND && r->erases)
		return removed_too(r, key, k.kind, 0);
	if (st == SHEAF_NOT_FOUND)
		return key_unknown(r, key);
	if (st != SHEAF_OK && st != SHEAF_CANCELLED)
		return say_error(key, st, &err);
	if (k.kind == SHEAF_KEY_ID && r->place_count - k.first > 1) {
		say("%s: %zu articles in %s have such an id; give more digits",
		    key, r->place_count - k.first, r->path);
		r->place_count = k.first;
		r->unknown++;
		return STATUS_YES;
	}
	if (r->erases && !latest) {
		int status =
			removed_too(r, key, k.kind, r->place_count - k.first);

		if (status != STATUS_YES)
			return status;
	}
	return removal_places_to_ids(r, k.first, key);
}

/* the removed ids that a key leads to are r->ids from @first on */
static int on_removed(const struct sheaf_removed *removed,
		      const struct sheaf_record *record, void *arg)
{
	struct keyed *k = arg;

	(void)record;
	k->nomem = id_add(k->r, removed->id) != STATUS_YES;
	return k->nomem;
}

static int on_shown(enum sheaf_key_kind kind, struct sheaf_place place,
		    const struct sheaf_record *record, void *arg)
{
	(void)kind;
	(void)place;
	(void)record;
	(void)arg;
	return 1;
}

int removal_removed_key(struct removal *r, const char *key)
{
	struct keyed k = { .r = r, .first = r->count };
	struct sheaf_error err = { 0 };
	enum sheaf_key_kind kind;
	enum sheaf_status st;

	st = key_find_all_removed(r->corpus, key, on_removed, &k, &kind, &err);
	if (k.nomem)
		return STATUS_UNKNOWN;
	if (st == SHEAF_NOT_FOUND) {
		st = key_find(r->corpus, text_str(key), on_shown, NULL, &err);
		say(st == SHEAF_CANCELLED || st == SHEAF_OK ?
			    "%s: is not removed from %s" :
			    "%s: not among what was removed from %s",
		    key, r->path);
		r->unknown++;
		return STATUS_YES;
	}
	if (st != SHEAF_OK)
		return say_error(key, st, &err);
	if (kind == SHEAF_KEY_ID && r->count - k.first > 1) {
		say("%s: %zu removed articles have such an id; give more digits",
		    key, r->count - k.first);
		r->count = k.first;
		r->unknown++;
	}
	return STATUS_YES;
}

/* "ID", "ID  COMMIT  TIME", or '{"id":"ID",...'; false: none of these */
static bool line_read(const char *line, uint8_t id[SHEAF_ID_SIZE])
{
	static const char json[] = "{\"id\":\"";
	bool is_json = !strncmp(line, json, sizeof(json) - 1);

	if (is_json)
		line += sizeof(json) - 1;
	return sheaf_id_read(line, SHEAF_ID_HEX, id) == SHEAF_ID_HEX &&
	       strchr(is_json ? "\"" : " \t\r", line[SHEAF_ID_HEX]) != NULL;
}

/* is it here, and where */
static int id_seek(struct removal *r, const uint8_t id[SHEAF_ID_SIZE])
{
	struct keyed k = { .r = r, .first = r->place_count };
	char hex[SHEAF_ID_HEX + 1];
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	sheaf_id_hex(id, hex);
	st = sheaf_find_kind(r->corpus, SHEAF_KEY_ID, text_str(hex), on_match,
			     &k, &err);
	if (k.nomem)
		return say_nomem();
	if (st != SHEAF_OK && st != SHEAF_NOT_FOUND)
		return say_error(hex, st, &err);
	return STATUS_YES;
}

static int id_compare(const void *a, const void *b)
{
	return memcmp(a, b, SHEAF_ID_SIZE);
}

/* what was removed before, as an ascending list */
static int removed_ids(struct removal *all, struct sheaf_corpus *corpus)
{
	struct keyed k = { .r = all };
	struct sheaf_error err = { 0 };
	enum sheaf_status st = sheaf_removed_list(corpus, on_removed, &k, &err);

	if (k.nomem)
		return STATUS_UNKNOWN;
	if (st != SHEAF_OK)
		return say_error(all->path, st, &err);
	if (all->count > 0)
		qsort(all->ids, all->count, sizeof(*all->ids), id_compare);
	return STATUS_YES;
}

static int lines_take(struct removal *r, const struct input *lines,
		      const char *file, const struct removal *removed)
{
	uint8_t id[SHEAF_ID_SIZE];
	int status = STATUS_YES;

	for (size_t i = 0; i < lines->count && status == STATUS_YES; i++) {
		if (lines->items[i][0] == '#' || lines->items[i][0] == '\r')
			continue;
		if (!line_read(lines->items[i], id)) {
			say("%s: '%.80s' does not begin with an id of 32 "
			    "digits; nothing was removed",
			    file, lines->items[i]);
			return STATUS_USAGE;
		}
		if (removed->count > 0 && !r->erases &&
		    bsearch(id, removed->ids, removed->count,
			    sizeof(*removed->ids), id_compare)) {
			r->before++;
			continue;
		}
		status = id_add(r, id);
	}
	return status;
}

int removal_apply(struct removal *r, const struct input *lines,
		  const char *file)
{
	struct removal removed = { .path = r->path };
	size_t kept = 0;
	int status = removed_ids(&removed, r->corpus);

	if (status == STATUS_YES)
		status = lines_take(r, lines, file, &removed);
	removal_done(&removed);
	if (status == STATUS_YES && r->count > 0)
		qsort(r->ids, r->count, sizeof(*r->ids), id_compare);
	for (size_t i = 0; i < r->count && status == STATUS_YES; i++) {
		if (kept > 0 && !id_compare(r->ids[i], r->ids[kept - 1]))
			continue;
		memmove(r->ids[kept++], r->ids[i], sizeof(*r->ids));
		status = id_seek(r, r->ids[kept - 1]);
	}
	r->count = kept;
	return status;
}

static int by_place(const void *a, const void *b)
{
	const struct sheaf_place *x = a, *y = b;

	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static bool goes(const struct removal *r, struct sheaf_place place)
{
	return bsearch(&place, r->places, r->place_count, sizeof(place),
		       by_place) != NULL;
}

/* a record of the corpus: of those that go, the newest of a name is noted */
static int on_record(const struct sheaf_record *record, void *arg)
{
	struct removal *r = arg;
	void *all = r->uncovered;
	char *name;

	if (!goes(r, record->place))
		return 0;
	r->records++;
	if (!record->is_latest)
		return 0;
	name = malloc(record->name.len + 1);
	if (!name || !grow(&all, r->uncovered_count, &r->uncovered_cap,
			   sizeof(*r->uncovered))) {
		free(name);
		return 1;
	}
	memcpy(name, record->name.p, record->name.len);
	r->uncovered = all;
	r->uncovered[r->uncovered_count++] = (struct uncovered){
		.name = { name, record->name.len },
	};
	return 0;
}

/* the newest version of a name that stays */
struct staying {
	const struct removal *r;
	struct uncovered *name;
};

static int on_version(enum sheaf_key_kind kind, struct sheaf_place place,
		      const struct sheaf_record *record, void *arg)
{
	struct staying *s = arg;

	(void)kind;
	if (goes(s->r, place))
		return 0;
	s->name->commit = record->commit;
	s->name->id_prefix = record->id_prefix;
	return 1;
}

/* those names that have another version */
static int uncovered_find(struct removal *r)
{
	struct sheaf_error err = { 0 };
	size_t kept = 0;
	int status = STATUS_YES;

	for (size_t i = 0; i < r->uncovered_count; i++) {
		struct staying s = { r, &r->uncovered[i] };
		enum sheaf_status st = SHEAF_OK;

		if (status == STATUS_YES)
			st = sheaf_find_kind(r->corpus, SHEAF_KEY_NAME,
					     r->uncovered[i].name, on_version,
					     &s, &err);
		if (st != SHEAF_OK && st != SHEAF_CANCELLED)
			status = say_error(r->path, st, &err);
		if (r->uncovered[i].commit == 0)
			free((void *)(uintptr_t)r->uncovered[i].name.p);
		else
			r->uncovered[kept++] = r->uncovered[i];
	}
	r->uncovered_count = kept;
	return status;
}

int removal_effects(struct removal *r)
{
	const struct sheaf_filter all = { .all_versions = true };
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	if (r->place_count == 0)
		return STATUS_YES;
	qsort(r->places, r->place_count, sizeof(*r->places), by_place);
	st = sheaf_list(r->corpus, &all, on_record, r, &err);
	if (st == SHEAF_CANCELLED)
		return say_nomem();
	if (st != SHEAF_OK)
		return say_error(r->path, st, &err);
	return uncovered_find(r);
}
