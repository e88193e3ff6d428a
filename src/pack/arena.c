/*
 * arena.c - small things that live as long as the writer: names, lists of codes
 *
 * One allocation for some thousand names, and one free at the end.
 */
#include "pack/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h> /* says whether it is glibc */
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/size.h"

#define CHUNK ((size_t)256 << 10)
#define MUCH ((size_t)32 << 20)

struct arena_chunk {
	struct arena_chunk *before;
	size_t size;
	alignas(max_align_t) uint8_t bytes[];
};

void *arena_get(struct arena *a, size_t len)
{
	size_t align = alignof(max_align_t) - 1, size, all;
	void *p;

	if (!size_add(len, align, &len))
		return NULL;
	len &= ~align;
	if (a->chunk == NULL || a->chunk->size - a->used < len) {
		struct arena_chunk *c;

		size = len > CHUNK ? len : CHUNK;
		if (!size_add(size, sizeof(*c), &all))
			return NULL;
		c = malloc(all);
		if (c == NULL)
			return NULL;
		c->before = a->chunk;
		c->size = size;
		a->chunk = c;
		a->used = 0;
	}
	p = a->chunk->bytes + a->used;
	a->used += len;
	return p;
}

void *arena_copy(struct arena *a, const void *p, size_t len)
{
	void *copy = arena_get(a, len);

	if (copy != NULL && len != 0)
		memcpy(copy, p, len);
	return copy;
}

/*
 * What threads freed stays in their heaps, and what lies between other things
 * in the main one; the next batch finds it in other places.  After 5 of 10
 * million articles malloc had 1,031 MB from the system where 754 were in use.
 */
static void memory_return(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}

void arena_done(struct arena *a)
{
	size_t freed = 0;

	while (a->chunk != NULL) {
		struct arena_chunk *before = a->chunk->before;

		freed += a->chunk->size;
		free(a->chunk);
		a->chunk = before;
	}
	a->used = 0;
	if (freed >= MUCH)
		memory_return();
}
