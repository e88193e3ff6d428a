/*
 * fields.c - the fields of articles, read on the threads of a scan
 *
 * Between a thread of the scan and the caller's, which is to write the article,
 * lie as many articles as were decoded ahead.  So each thread has a ring of
 * places for what it read, and the number of the place is the result that the
 * scan hands on.  A place has one owner at a time, told by one atomic flag; a
 * thread that finds the next one taken leaves the reading to the caller, and so
 * it does with long articles, as a place keeps the memory of the largest that
 * was in it: 256 places of at most 64 KiB and some are 16 MiB a thread.
 */
#include "export/fields.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/fail.h"

enum { RING = 256, LONG_ARTICLE = 1 << 16 };

struct place {
	atomic_bool taken; /* by the caller's thread */
	struct sheaf_parsed *parsed;
};

struct hand {
	unsigned int next;
	struct place ring[RING];
};

struct field_hands {
	struct sheaf_parsed *own; /* the caller's */
	unsigned int count;
	struct hand hands[];
};

enum sheaf_status field_hands_new(struct field_hands **out,
				  unsigned int threads, struct sheaf_error *err)
{
	struct field_hands *h =
		calloc(1, sizeof(*h) + threads * sizeof(h->hands[0]));

	*out = NULL;
	if (!h)
		return fail_nomem(err);
	h->count = threads;
	h->own = sheaf_parsed_new();
	if (!h->own) {
		field_hands_free(h);
		return fail_nomem(err);
	}
	*out = h;
	return SHEAF_OK;
}

void field_hands_free(struct field_hands *h)
{
	if (!h)
		return;
	for (unsigned int i = 0; i < h->count; i++)
		for (int j = 0; j < RING; j++)
			sheaf_parsed_free(h->hands[i].ring[j].parsed);
	sheaf_parsed_free(h->own);
	free(h);
}

int field_hands_read(struct field_hands *h, unsigned int thread,
		     const struct sheaf_scanned *a)
{
	struct hand *hand = &h->hands[thread];
	struct place *place = &hand->ring[hand->next];

	if (a->status != SHEAF_OK || a->len > LONG_ARTICLE ||
	    atomic_load_explicit(&place->taken, memory_order_acquire))
		return 0;
	if (!place->parsed)
		place->parsed = sheaf_parsed_new();
	if (!place->parsed ||
	    sheaf_format_parse(a->record->format, a->p, a->len, place->parsed,
			       NULL) != SHEAF_OK)
		return 0;
	atomic_store_explicit(&place->taken, true, memory_order_release);
	hand->next = (hand->next + 1) % RING;
	return (int)(thread * RING + (unsigned int)(place - hand->ring) + 1);
}

static struct place *place_of(struct field_hands *h, int result)
{
	unsigned int at = (unsigned int)result - 1;

	return &h->hands[at / RING].ring[at % RING];
}

enum sheaf_status field_hands_take(struct field_hands *h,
				   const struct sheaf_scanned *a,
				   const struct sheaf_fields **out,
				   struct sheaf_error *err)
{
	struct sheaf_parsed *parsed = h->own;
	enum sheaf_status st = SHEAF_OK;

	if (a->result > 0)
		parsed = place_of(h, a->result)->parsed;
	else
		st = sheaf_format_parse(a->record->format, a->p, a->len, parsed,
					err);
	*out = sheaf_parsed_fields(parsed);
	return st;
}

void field_hands_done(struct field_hands *h, const struct sheaf_scanned *a)
{
	if (a->result > 0)
		atomic_store_explicit(&place_of(h, a->result)->taken, false,
				      memory_order_release);
}
