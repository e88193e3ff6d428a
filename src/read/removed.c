/*
 * removed.c - what was taken down: the list, and what a key stands for in it
 *
 * The table has ids and commits only. Names are found through the records,
 * which stay where they were, and lead back to an id by their place.
 */
#include <sheaf/remove.h>

#include <stdlib.h>
#include <string.h>

#include "read/find.h"

struct lister {
	struct sheaf_corpus *corpus;
	struct sheaf_removed *all; /* by commit, then id */
	size_t count;
	size_t left; /* whose time is not known yet; the first of all */
	sheaf_removed_fn *fn;
	void *arg;
	enum sheaf_status status; /* why a search was ended */
	struct sheaf_error *err;
};

static int by_commit(const void *a, const void *b)
{
	const struct sheaf_removed *x = a, *y = b;

	if (x->commit != y->commit)
		return x->commit < y->commit ? -1 : 1;
	return memcmp(x->id, y->id, sizeof(x->id));
}

/* newest first, so the list is filled in from its end */
static int time_take(const struct sheaf_commit *commit, void *arg)
{
	struct lister *l = arg;

	while (l->left != 0 && l->all[l->left - 1].commit >= commit->number)
		l->all[--l->left].time = commit->time;
	return l->left == 0;
}

static enum sheaf_status list_make(struct lister *l,
				   bool (*takes)(const uint8_t *id, void *arg),
				   void *arg)
{
	const struct removed *r = &l->corpus->removed;
	enum sheaf_status st;

	l->all = calloc(r->count != 0 ? r->count : 1, sizeof(*l->all));
	if (l->all == NULL)
		return fail_nomem(l->err);
	for (size_t i = 0; i < r->count; i++) {
		struct sheaf_removed *to = &l->all[l->count];

		if (r->ids[i].commit > corpus_shown(l->corpus) ||
		    !takes(r->ids[i].id, arg))
			continue;
		memcpy(to->id, r->ids[i].id, sizeof(to->id));
		to->commit = r->ids[i].commit;
		l->count++;
	}
	l->left = l->count;
	if (l->count == 0)
		return SHEAF_OK;
	qsort(l->all, l->count, sizeof(*l->all), by_commit);
	st = sheaf_log(l->corpus, time_take, l, l->err);
	return st == SHEAF_CANCELLED ? SHEAF_OK : st;
}

static enum sheaf_status list_tell(struct lister *l,
				   const struct sheaf_record *record)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->fn(&l->all[i], record, l->arg) != 0)
			return fail(l->err, SHEAF_CANCELLED, "stopped");
	return SHEAF_OK;
}

static bool takes_all(const uint8_t *id, void *arg)
{
	(void)id;
	(void)arg;
	return true;
}

uint64_t sheaf_removed_count(const struct sheaf_corpus *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->removed.count; i++)
		n += c->removed.ids[i].commit <= corpus_shown(c);
	return n;
}

enum sheaf_status sheaf_removed_list(struct sheaf_corpus *c,
				     sheaf_removed_fn *fn, void *arg,
				     struct sheaf_error *err)
{
	struct lister l = { .corpus = c, .fn = fn, .arg = arg, .err = err };
	enum sheaf_status st = list_make(&l, takes_all, NULL);

	if (st == SHEAF_OK)
		st = list_tell(&l, NULL);
	free(l.all);
	return st;
}

struct prefix {
	uint8_t id[SHEAF_ID_SIZE];
	size_t digits;
};

static bool has_prefix(const uint8_t *id, void *arg)
{
	const struct prefix *p = arg;

	return find_has_prefix(id, p->id, p->digits);
}

static enum sheaf_status find_id(struct lister *l, struct sheaf_str key)
{
	struct prefix p = { .digits = key.len };
	enum sheaf_status st;

	if (!find_prefix(key, p.id))
		return SHEAF_NOT_FOUND;
	st = list_make(l, has_prefix, &p);
	if (st == SHEAF_OK && l->count == 0)
		st = SHEAF_NOT_FOUND;
	if (st == SHEAF_OK)
		st = list_tell(l, NULL);
	free(l->all);
	return st;
}

/* a record has the first 48 bits of an id, which is one of the removed ones */
static int record_take(enum sheaf_key_kind kind, struct sheaf_place place,
		       const struct sheaf_record *record, void *arg)
{
	struct lister *l = arg;
	struct prefix p = { .digits = KEY_BITS / 4 };

	(void)kind;
	(void)place;
	for (int i = 0; i < KEY_BITS / 8; i++)
		p.id[i] =
			(uint8_t)(record->id_prefix >> (KEY_BITS - 8 - 8 * i));
	l->count = 0;
	l->status = list_make(l, has_prefix, &p);
	if (l->status == SHEAF_OK)
		l->status = list_tell(l, record);
	free(l->all);
	l->all = NULL;
	return l->status != SHEAF_OK;
}

enum sheaf_status sheaf_removed_find(struct sheaf_corpus *c,
				     enum sheaf_key_kind kind,
				     struct sheaf_str key, sheaf_removed_fn *fn,
				     void *arg, struct sheaf_error *err)
{
	struct sheaf_error why = { 0 };
	struct lister l = { .corpus = c, .fn = fn, .arg = arg, .err = &why };
	enum sheaf_status st = SHEAF_NOT_FOUND;

	if (key.len == 0 || c->removed.count == 0)
		st = SHEAF_NOT_FOUND;
	else if (kind == SHEAF_KEY_ID)
		st = find_id(&l, key);
	else
		st = find_gone(c, kind, key, record_take, &l, err);
	if (l.status != SHEAF_OK)
		st = l.status;
	if (why.status != SHEAF_OK && err != NULL)
		*err = why;
	if (st == SHEAF_NOT_FOUND)
		return fail(err, SHEAF_NOT_FOUND,
			    "nothing that was removed has this key");
	return st;
}
