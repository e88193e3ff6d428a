/*
 * select.c - the content of a dictionary: the segments that most blocks would
 * use
 *
 * Called by choose.c. ZDICT's own cover counts occurrences; what a dictionary
 * saves is in how many *blocks* a string occurs, since within a block it is
 * found anyway.
 */
#include "pack/select.h"

#include <stdlib.h>
#include <string.h>

#define SAMPLE_MASK 15u /* of whole articles: one n-gram in sixteen */
#define SEGMENT 512    /* bytes, cut at the nearest end of a line or sentence */
#define COMMON_MAX 64u /* being in more blocks than this counts no more */
#define ROUGHLY                                                      \
	0.8f /* of the next: 250 ms less for 80 MB, at the same size \
	      */
/* What so many blocks have is chosen from one of the first. Without that, 80 MB
 * of press releases take 271 ms to choose from instead of 180, and become a
 * thousandth smaller; with 3 it is 127 ms, and 3 thousandths. */
#define ECHO_BLOCKS 6u
#define COUNT_BITS 8
#define COUNT_MASK 0xffu
#define NUMBERED 0xffu /* in place of a count */
#define NUMBERS_MAX ((uint32_t)1 << (32 - COUNT_BITS))
#define OVERHEAD 16.0f /* what a segment costs besides its bytes */
#define ARTICLE_MOST ((size_t)256 << 10) /* longer ones would be most of it */
#define LEFT_LEAST ((size_t)16 << 10)	 /* not worth looking for small ones */
#define TABLE_BITS_MIN 16
#define TABLE_BITS_MAX 25

struct segment_of {
	const uint8_t *p;
	uint32_t len;
	uint32_t grams; /* how many sampled n-grams it has, */
	size_t first;	/* from here on in grams */
	bool is_echo;	/* ECHO_BLOCKS before it have most of them */
};

struct candidate {
	float worth; /* per byte, as last evaluated: never too low */
	uint32_t segment;
};

struct selection {
	unsigned int bits;
	/* by n-gram: how many blocks have it, COMMON_MAX at the most, and above
	 * that the last of them; or NUMBERED and its number */
	uint32_t *blocks_with;
	/* by number, of those that several blocks have: how many but one; 0
	 * once covered */
	uint8_t *others;
	uint32_t numbers;
	struct buf cut; /* struct segment_of */
	const struct segment_of *segments;
	size_t count;
	/* u32: table entries of the sampled n-grams, then the numbers of those
	 * that have one; segment by segment */
	struct buf grams;
	bool is_rough;		/* nearly the best will do */
	struct candidate *heap; /* the largest worth on top */
	size_t heap_size;
};

static uint64_t gram_hash(const uint8_t *p)
{
	uint64_t a, b, h;

	memcpy(&a, p, sizeof(a));
	memcpy(&b, p + GRAM - sizeof(b), sizeof(b));
	h = (a * 0x9e3779b97f4a7c15u) ^
	    ((b + 0x632be59bd9b4e019u) * 0xc2b2ae3d27d4eb4fu);
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9u;
	return h ^ h >> 32;
}

static bool in_sample(uint64_t h)
{
	return (h & SAMPLE_MASK) == 0;
}

static size_t entry_of(const struct selection *s, uint64_t h)
{
	return (size_t)(h >> 4) & (((size_t)1 << s->bits) - 1);
}

/* the sampled n-grams of a segment: hashed once, looked at many times */
static void grams_take(struct selection *s, struct segment_of *g)
{
	g->first = s->grams.len / sizeof(uint32_t);
	for (size_t i = 0; i + GRAM <= g->len; i++) {
		uint64_t h = gram_hash(g->p + i);
		uint32_t e;

		if (!in_sample(h))
			continue;
		e = (uint32_t)entry_of(s, h);
		buf_bytes(&s->grams, &e, sizeof(e));
		g->grams++;
	}
}

/* the same of a segment that ends at @end of its article, whose grams are taken
 * already; they are used up */
static void grams_copy(struct selection *s, struct segment_of *g, size_t end,
		       struct grams *left)
{
	uint32_t *to = (uint32_t *)(void *)buf_room(
		&s->grams, left->count * sizeof(uint32_t));

	g->first = s->grams.len / sizeof(uint32_t);
	if (to == NULL)
		return;
	for (; left->count != 0 && left->p->at < end; left->p++, left->count--)
		if (left->p->at + GRAM <= end)
			to[g->grams++] =
				left->p->hash & (((uint32_t)1 << s->bits) - 1);
	buf_grew(&s->grams, g->grams * sizeof(uint32_t));
}

static uint32_t *grams_of(const struct selection *s, const struct segment_of *g)
{
	return (uint32_t *)(void *)s->grams.p + g->first;
}

/* count each n-gram once a block */
static void segment_count(struct selection *s, struct segment_of *g,
			  uint32_t block)
{
	const uint32_t *e = grams_of(s, g);
	uint32_t known = 0;

	for (uint32_t i = 0; i < g->grams; i++) {
		uint32_t *with = &s->blocks_with[e[i]];
		uint32_t n = *with & COUNT_MASK;

		known += n >= ECHO_BLOCKS;
		if (*with >> COUNT_BITS == block)
			continue;
		*with = block << COUNT_BITS | (n < COMMON_MAX ? n + 1 : n);
	}
	g->is_echo = known > g->grams / 2;
}

/* of an n-gram that several blocks have; NUMBERS_MAX: of no use */
static uint32_t number_of(struct selection *s, uint32_t entry)
{
	uint32_t *with = &s->blocks_with[entry];
	uint32_t n = *with & COUNT_MASK;

	if (n == NUMBERED)
		return *with >> COUNT_BITS;
	if (n < 2 || s->numbers == NUMBERS_MAX)
		return NUMBERS_MAX;
	s->others[s->numbers] = (uint8_t)(n - 1);
	*with = s->numbers << COUNT_BITS | NUMBERED;
	return s->numbers++;
}

/*
 * Only what several blocks have is worth anything. Numbered as it comes, it
 * lies close together in a small table, where it is looked at again and again:
 * for 80 MB of press releases this takes 28 ms, and the greedy choice 85
 * instead of 190, to the same end.
 */
static void grams_number(struct selection *s)
{
	struct segment_of *cut = (struct segment_of *)(void *)s->cut.p;
	uint32_t *to = (uint32_t *)(void *)s->grams.p;
	size_t kept = 0;

	for (size_t k = 0; k < s->count; k++) {
		struct segment_of *g = &cut[k];
		const uint32_t *e = grams_of(s, g);
		uint32_t grams = s->is_rough && g->is_echo ? 0 : g->grams;

		g->first = kept;
		g->grams = 0;
		for (uint32_t i = 0; i < grams; i++) {
			uint32_t n = number_of(s, e[i]);

			if (n != NUMBERS_MAX)
				to[kept + g->grams++] = n;
		}
		kept += g->grams;
	}
}

static float worth_of(const struct selection *s, const struct segment_of *g)
{
	const uint32_t *number = grams_of(s, g);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < g->grams; i++)
		sum += s->others[number[i]];
	return (float)sum / ((float)g->len + OVERHEAD);
}

static void cover(struct selection *s, const struct segment_of *g)
{
	const uint32_t *number = grams_of(s, g);

	for (uint32_t i = 0; i < g->grams; i++)
		s->others[number[i]] = 0;
}

/* the end of a line or sentence in the last quarter before @wanted, else just
 * there */
static size_t cut_at(const uint8_t *p, size_t len, size_t wanted)
{
	if (wanted + wanted / 2 >= len)
		return len;
	for (size_t back = 0; back < wanted / 4; back++) {
		const uint8_t *q = p + wanted - back - 1;

		if (*q == '\n' || (*q == ' ' && q[-1] == '.'))
			return wanted - back;
	}
	return wanted;
}

/* @wanted: bytes of a segment; SIZE_MAX: articles stay whole */
static void segments_cut(struct selection *s, const struct sample *b,
			 size_t wanted)
{
	for (uint32_t i = 0; i < b->count; i++) {
		const uint8_t *p = b->articles[i];
		size_t at = 0, end = b->lengths[i];
		struct grams left = { 0 };

		if (b->grams != NULL)
			left = b->grams[i];
		do {
			size_t len = wanted == SIZE_MAX ?
					     end - at :
					     cut_at(p + at, end - at, wanted);

			struct segment_of g = { .p = p + at,
						.len = (uint32_t)len };

			if (b->grams != NULL)
				grams_copy(s, &g, at + len, &left);
			else
				grams_take(s, &g);
			buf_bytes(&s->cut, &g, sizeof(g));
			s->count++;
			at += len;
		} while (at < end);
	}
	s->segments = (const struct segment_of *)(const void *)s->cut.p;
}

/* of equals the earlier segment, so that the result is always the same */
static bool above(const struct candidate *a, const struct candidate *b)
{
	return a->worth != b->worth ? a->worth > b->worth :
				      a->segment < b->segment;
}

static void sift(struct candidate *heap, size_t n, size_t i)
{
	struct candidate x = heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= n)
			break;
		if (child + 1 < n && above(&heap[child + 1], &heap[child]))
			child++;
		if (!above(&heap[child], &x))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = x;
}

static void heap_make(struct selection *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct segment_of *g = &s->segments[i];
		float worth = worth_of(s, g);

		if (worth <= 0)
			continue;
		s->heap[s->heap_size].worth = worth;
		s->heap[s->heap_size++].segment = (uint32_t)i;
	}
	for (size_t i = s->heap_size / 2; i-- != 0;)
		sift(s->heap, s->heap_size, i);
}

static void heap_pop(struct selection *s)
{
	s->heap[0] = s->heap[--s->heap_size];
	if (s->heap_size != 0)
		sift(s->heap, s->heap_size, 0);
}

/* evaluating the last tenth costs most */
static bool is_near_best(const struct selection *s, float worth)
{
	float next = s->heap_size > 1 ? s->heap[1].worth : 0;

	if (s->heap_size > 2 && s->heap[2].worth > next)
		next = s->heap[2].worth;
	return s->is_rough && worth > 0 && worth >= ROUGHLY * next;
}

/* the segment worth most now, or SIZE_MAX; it stays on top until it is popped
 */
static size_t best_now(struct selection *s)
{
	while (s->heap_size != 0) {
		struct candidate *top = &s->heap[0];
		float worth = worth_of(s, &s->segments[top->segment]);

		if (worth >= top->worth || is_near_best(s, worth))
			return top->segment;
		top->worth = worth;
		if (worth <= 0)
			heap_pop(s);
		else
			sift(s->heap, s->heap_size, 0);
	}
	return SIZE_MAX;
}

/* from the end of @dst forwards; returns where the content begins */
static size_t select_best(struct selection *s, uint8_t *dst, size_t size)
{
	size_t at = size, i;

	while (at != 0 && (i = best_now(s)) != SIZE_MAX) {
		const struct segment_of *g = &s->segments[i];

		if (g->len > at)
			break;
		at -= g->len;
		memcpy(dst + at, g->p, g->len);
		cover(s, g);
		heap_pop(s);
	}
	return at;
}

static enum sheaf_status tables_make(struct selection *s,
				     const struct sample *blocks, size_t count,
				     size_t wanted, struct sheaf_error *err)
{
	size_t bytes = 0, share = count != 0 && blocks->grams != NULL ? 16 : 8;
	struct segment_of *cut;
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < count; i++)
		bytes += blocks[i].len;
	s->bits = TABLE_BITS_MIN;
	while (s->bits < TABLE_BITS_MAX && (size_t)1 << s->bits < bytes / share)
		s->bits++;
	s->blocks_with = calloc((size_t)1 << s->bits, sizeof(uint32_t));
	/* grams: never NULL, even where there are none */
	if (s->blocks_with == NULL || buf_room(&s->grams, 0) == NULL)
		return fail_nomem(err);
	for (size_t i = 0; i < count && st == SHEAF_OK; i++) {
		size_t first = s->count;

		segments_cut(s, &blocks[i], wanted);
		if (s->cut.bad || s->grams.bad)
			st = fail_nomem(err);
		cut = (struct segment_of *)(void *)s->cut.p;
		for (size_t k = first; st == SHEAF_OK && k < s->count; k++)
			segment_count(s, &cut[k], (uint32_t)i + 1);
	}
	if (st != SHEAF_OK)
		return st;
	s->others = malloc((size_t)1 << s->bits);
	s->heap = calloc(s->count + 1, sizeof(*s->heap));
	if (s->others == NULL || s->heap == NULL)
		return fail_nomem(err);
	grams_number(s);
	free(s->blocks_with);
	s->blocks_with = NULL;
	return SHEAF_OK;
}

static void selection_done(struct selection *s)
{
	free(s->blocks_with);
	free(s->others);
	buf_done(&s->cut);
	buf_done(&s->grams);
	free(s->heap);
}

enum sheaf_status select_segments(const struct sample *blocks, size_t count,
				  size_t size, struct buf *out,
				  struct sheaf_error *err)
{
	struct selection s = { .is_rough = true };
	enum sheaf_status st = tables_make(&s, blocks, count, SEGMENT, err);
	uint8_t *dst;
	size_t at;

	buf_clear(out);
	dst = st == SHEAF_OK ? buf_room(out, size) : NULL;
	if (st == SHEAF_OK && dst == NULL)
		st = fail_nomem(err);
	if (st == SHEAF_OK) {
		heap_make(&s);
		at = select_best(&s, dst, size);
		memmove(dst, dst + at, size - at);
		buf_grew(out, size - at);
	}
	selection_done(&s);
	return st;
}

enum sheaf_status select_articles(const struct sample *blocks, size_t count,
				  size_t size, uint32_t *chosen, size_t *n,
				  struct sheaf_error *err)
{
	struct selection s = { 0 };
	enum sheaf_status st = tables_make(&s, blocks, count, SIZE_MAX, err);
	size_t left = size, i;

	*n = 0;
	if (st == SHEAF_OK)
		heap_make(&s);
	while (st == SHEAF_OK && left > LEFT_LEAST &&
	       (i = best_now(&s)) != SIZE_MAX) {
		const struct segment_of *g = &s.segments[i];

		if (g->len <= left && g->len <= ARTICLE_MOST) {
			left -= g->len;
			chosen[(*n)++] = (uint32_t)i;
			cover(&s, g);
		}
		heap_pop(&s);
	}
	selection_done(&s);
	return st;
}
