/*
 * arena.h - small things that live as long as the writer: names, lists of codes
 */
#ifndef SHEAF_PACK_ARENA_H
#define SHEAF_PACK_ARENA_H

#include <stddef.h>

/* an all-zero one is ready */
struct arena {
	struct arena_chunk *chunk;
	size_t used;
};

/* @len bytes, aligned for any type; NULL when out of memory */
void *arena_get(struct arena *a, size_t len);
/* a copy of @len bytes */
void *arena_copy(struct arena *a, const void *p, size_t len);
void arena_done(struct arena *a);

#endif
