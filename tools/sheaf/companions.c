/*
 * companions.c - the hidden records that go with an article when it is removed
 *
 * What a container's reader keeps beside an article may have its text, as the
 * companion of a compressed WARC record has: a takedown takes it along.
 */
#include "companions.h"

#include <stdlib.h>
#include <string.h>

#include <sheaf/format.h>

#include "command.h"
#include "say.h"

#define DIGITS 12 /* of an id, in a name */
#define DIGIT_BYTES (DIGITS / 2)

struct search {
	struct removal *r;
	size_t ids; /* of the articles themselves: the first */
	bool nomem;
};

static int id_compare(const void *a, const void *b)
{
	return memcmp(a, b, SHEAF_ID_SIZE);
}

static int start_compare(const void *a, const void *b)
{
	return memcmp(a, b, DIGIT_BYTES);
}

/* of which article, by the name; false: of none */
static bool owner_of(const struct sheaf_record *record,
		     uint8_t id[SHEAF_ID_SIZE])
{
	size_t len = record->format.len;
	const char *name = record->name.p;

	return sheaf_format_hides(record->format) &&
	       record->name.len > len + DIGITS + 2 &&
	       memcmp(name, record->format.p, len) == 0 && name[len] == '/' &&
	       name[len + 1 + DIGITS] == '/' &&
	       sheaf_id_read(name + len + 1, DIGITS, id) == DIGITS;
}

static int on_record(const struct sheaf_record *record, void *arg)
{
	struct search *s = arg;
	uint8_t id[SHEAF_ID_SIZE];

	if (owner_of(record, id) &&
	    bsearch(id, s->r->ids, s->ids, sizeof(*s->r->ids), start_compare))
		s->nomem = !removal_place(s->r, record->place);
	return s->nomem;
}

/* those that @r->corpus shows; the places from @first on are theirs */
static int find(struct search *s, size_t first)
{
	const struct sheaf_filter all = { .all_versions = true,
					  .hidden = true };
	struct removal *r = s->r;
	struct sheaf_error err = { 0 };
	enum sheaf_status st = sheaf_list(r->corpus, &all, on_record, s, &err);

	if (s->nomem)
		return say_nomem();
	if (st != SHEAF_OK)
		return say_error(r->path, st, &err);
	return removal_places_to_ids(r, first, r->path);
}

/* the commits that removed some of the ids, each once */
struct commits {
	const struct search *search;
	uint64_t *numbers; /* owned */
	size_t count;
	bool nomem;
};

/* the list comes by commit */
static int on_removed(const struct sheaf_removed *removed,
		      const struct sheaf_record *record, void *arg)
{
	struct commits *c = arg;
	const struct search *s = c->search;
	uint64_t *more;

	(void)record;
	if ((c->count > 0 && c->numbers[c->count - 1] == removed->commit) ||
	    !bsearch(removed->id, s->r->ids, s->ids, sizeof(*s->r->ids),
		     id_compare))
		return 0;
	more = realloc(c->numbers, (c->count + 1) * sizeof(*more));
	c->nomem = !more;
	if (!more)
		return 1;
	c->numbers = more;
	c->numbers[c->count++] = removed->commit;
	return 0;
}

static int on_found(const struct sheaf_removed *removed,
		    const struct sheaf_record *record, void *arg)
{
	(void)removed;
	(void)record;
	*(bool *)arg = true;
	return 1;
}

/* of the ids from @first on only those that are removed */
static int removed_keep(struct removal *r, size_t first)
{
	struct sheaf_error err = { 0 };
	size_t kept = first;

	for (size_t i = first; i < r->count; i++) {
		char hex[SHEAF_ID_HEX + 1];
		bool found = false;
		enum sheaf_status st;

		sheaf_id_hex(r->ids[i], hex);
		st = sheaf_removed_find(r->corpus, SHEAF_KEY_ID,
					(struct sheaf_str){ hex, SHEAF_ID_HEX },
					on_found, &found, &err);
		if (!found && st != SHEAF_OK && st != SHEAF_NOT_FOUND)
			return say_error(r->path, st, &err);
		if (found)
			memmove(r->ids[kept++], r->ids[i], sizeof(*r->ids));
	}
	r->count = kept;
	return STATUS_YES;
}

/* what the commit before @commit showed, and is removed */
static int find_before(struct search *s, uint64_t commit)
{
	const struct sheaf_open_options before = { .as_of = commit - 1 };
	struct sheaf_corpus *now = s->r->corpus, *then;
	size_t places = s->r->place_count, first = s->r->count;
	struct sheaf_error err = { 0 };
	enum sheaf_status st;
	int status;

	if (commit <= 1)
		return STATUS_YES;
	st = sheaf_open(&then, s->r->path, &before, &err);
	if (st != SHEAF_OK)
		return say_error(s->r->path, st, &err);
	s->r->corpus = then;
	status = find(s, places);
	s->r->corpus = now;
	s->r->place_count = places; /* what is removed has no place */
	sheaf_close(then);
	return status == STATUS_YES ? removed_keep(s->r, first) : status;
}

static int find_removed(struct search *s)
{
	struct commits c = { .search = s };
	struct sheaf_error err = { 0 };
	enum sheaf_status st =
		sheaf_removed_list(s->r->corpus, on_removed, &c, &err);
	int status = STATUS_YES;

	if (c.nomem)
		status = say_nomem();
	else if (st != SHEAF_OK)
		status = say_error(s->r->path, st, &err);
	for (size_t i = 0; i < c.count && status == STATUS_YES; i++)
		status = find_before(s, c.numbers[i]);
	free(c.numbers);
	return status;
}

/* several names, and commits, may have led to one */
static void once(struct removal *r, size_t first)
{
	size_t kept = first;

	if (r->count > first)
		qsort(r->ids + first, r->count - first, sizeof(*r->ids),
		      id_compare);
	for (size_t i = first; i < r->count; i++)
		if (kept == first || id_compare(r->ids[i], r->ids[kept - 1]))
			memmove(r->ids[kept++], r->ids[i], sizeof(*r->ids));
	r->count = kept;
	r->companions = kept - first;
}

int companions_add(struct removal *r, bool shown, bool removed)
{
	struct search s = { .r = r, .ids = r->count };
	int status = STATUS_YES;

	if (r->count == 0)
		return STATUS_YES;
	qsort(r->ids, r->count, sizeof(*r->ids), id_compare);
	if (shown)
		status = find(&s, r->place_count);
	if (status == STATUS_YES && removed)
		status = find_removed(&s);
	once(r, s.ids);
	return status;
}
