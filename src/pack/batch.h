/*
 * batch.h - the articles that a stage holds, on their way into blocks
 *
 * Between stage.c and batch.c only.
 */
#ifndef SHEAF_PACK_BATCH_H
#define SHEAF_PACK_BATCH_H

#include "pack/arena.h"
#include "pack/arrivals.h"
#include "pack/press.h"
#include "pack/recent.h"
#include "pack/stage.h"

struct stage {
	struct segment *segment;
	struct stage_options options;
	struct press *press;
	struct view view; /* of the segment, for reading back */
	struct blocks *readback;
	struct item *items; /* those that are held, in the order of arrival */
	uint32_t count, cap;
	struct buf
		blocks;	  /* of those before them: u32, their blocks' numbers */
	struct buf slots; /* u16 */
	struct arena bytes;
	struct arrivals *arrivals; /* of those that are held */
	size_t held;
	struct press_effort effort; /* of the batch that is being pressed */
	struct buf dict;	    /* content of the one in use; empty: none */
	uint64_t dictionary;
	uint32_t dictionaries; /* that this commit brought so far */
	uint64_t revisions, saved;
	bool has_recent;
	struct recent recent; /* articles of the old corpus, once needed */
};

/* press all that is held: their block and slot are set, and drained; there is
 * at least one */
enum sheaf_status batch_press(struct stage *s, struct sheaf_error *err);

#endif
