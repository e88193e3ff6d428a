/*
 * remove.c - which articles are gone with the next commit
 *
 * The writer holds the whole list; the commit compares it with the one before
 * and works out what that means (write/removals.c).
 */
#include <sheaf/remove.h>

#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"
#include "pack/pack.h"

enum sheaf_status pack_removed_copy(struct sheaf_writer *w,
				    struct sheaf_error *err)
{
	const struct removed *from;

	if (w->old == NULL || w->old->removed.count == 0)
		return SHEAF_OK;
	from = &w->old->removed;
	w->removed.ids = malloc(from->count * sizeof(*from->ids));
	if (w->removed.ids == NULL)
		return fail_nomem(err);
	memcpy(w->removed.ids, from->ids, from->count * sizeof(*from->ids));
	w->removed.count = from->count;
	return SHEAF_OK;
}

/* something taken down and back again is no change */
static void change_note(struct sheaf_writer *w)
{
	static const struct removed none;

	w->removed_changed = !removed_same(
		&w->removed, w->old != NULL ? &w->old->removed : &none);
}

void pack_take_back(struct sheaf_writer *w, const uint8_t id[SHEAF_ID_SIZE])
{
	const struct removed_id *found = removed_find(&w->removed, id);
	size_t at;

	if (found == NULL)
		return;
	at = (size_t)(found - w->removed.ids);
	memmove(w->removed.ids + at, w->removed.ids + at + 1,
		(--w->removed.count - at) * sizeof(*w->removed.ids));
	w->result.taken_back++;
	change_note(w);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct removed_id *)a)->id,
		      ((const struct removed_id *)b)->id, SHEAF_ID_SIZE);
}

/* those of @ids that are not removed yet, in order, each once */
static size_t fresh_ids(const struct sheaf_writer *w,
			const uint8_t (*ids)[SHEAF_ID_SIZE], size_t count,
			struct removed_id *out)
{
	uint64_t commit = w->old != NULL ? w->old->footer.commit + 1 : 1;
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (removed_find(&w->removed, ids[i]) != NULL)
			continue;
		memcpy(out[n].id, ids[i], SHEAF_ID_SIZE);
		out[n++].commit = commit;
	}
	if (n != 0)
		qsort(out, n, sizeof(*out), by_id);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || by_id(&out[i], &out[i - 1]) != 0)
			out[kept++] = out[i];
	return kept;
}

/* both ascending, and no id in both */
static void merge(const struct removed *a, const struct removed_id *b,
		  size_t count, struct removed_id *out)
{
	size_t i = 0, k = 0;

	while (i < a->count || k < count) {
		bool first = k == count ||
			     (i < a->count && by_id(&a->ids[i], &b[k]) < 0);

		*out++ = first ? a->ids[i++] : b[k++];
	}
}

enum sheaf_status sheaf_writer_remove(struct sheaf_writer *w,
				      const uint8_t (*ids)[SHEAF_ID_SIZE],
				      size_t count, uint64_t *added,
				      struct sheaf_error *err)
{
	struct removed_id *fresh, *all;
	size_t n;

	if (added != NULL)
		*added = 0;
	if (w->broken)
		return fail(err, SHEAF_MISUSE, "the writer is finished");
	if (count > REMOVED_MAX || w->removed.count + count > 2 * REMOVED_MAX)
		return fail(err, SHEAF_LIMIT,
			    "more than 16,777,216 removed ids");
	fresh = calloc(count != 0 ? count : 1, sizeof(*fresh));
	if (fresh == NULL)
		return fail_nomem(err);
	n = fresh_ids(w, ids, count, fresh);
	if (n == 0 || w->removed.count + n > REMOVED_MAX) {
		free(fresh);
		return n == 0 ? SHEAF_OK :
				fail(err, SHEAF_LIMIT,
				     "more than 16,777,216 removed ids");
	}
	all = calloc(w->removed.count + n, sizeof(*all));
	if (all == NULL) {
		free(fresh);
		return fail_nomem(err);
	}
	merge(&w->removed, fresh, n, all);
	free(fresh);
	free(w->removed.ids);
	w->removed.ids = all;
	w->removed.count += n;
	w->result.removed += n;
	change_note(w);
	if (added != NULL)
		*added = n;
	return SHEAF_OK;
}

enum sheaf_status sheaf_writer_take_back(struct sheaf_writer *w,
					 const uint8_t (*ids)[SHEAF_ID_SIZE],
					 size_t count, uint64_t *returned,
					 struct sheaf_error *err)
{
	uint64_t before = w->result.taken_back;

	if (returned != NULL)
		*returned = 0;
	if (w->broken)
		return fail(err, SHEAF_MISUSE, "the writer is finished");
	for (size_t i = 0; i < count; i++)
		pack_take_back(w, ids[i]);
	if (returned != NULL)
		*returned = w->result.taken_back - before;
	return SHEAF_OK;
}
