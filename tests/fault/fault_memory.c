/*
 * fault_memory.c - upkeep in the memory that it was told to take
 *
 * All that the library allocates is counted, by its size: what it holds at once
 * stays below a bound, however much there is of dictionaries and articles.
 */
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sheaf/sheaf.h>

#include "harness.h"
#include "hostile.h"
#include "scratch.h"

/* clang-format off */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
/* clang-format on */

#define MEGABYTE ((size_t)1 << 20)

enum {
	COMMITS = 7,
	PHRASE = 512, /* bytes */
	PARTS = 6,    /* phrases an article */
	OWN = 5,      /* more that nobody else has */
	TEXT = (PARTS + OWN) * PHRASE,
	/* Half of the articles of a commit have phrases of which each is in
	 * one of the other half too, each in a different one: what is twice in
	 * articles that are alike is of no use in a dictionary. */
	HALF = 200,
	PHRASES = HALF * PARTS,
	DICTIONARY = PHRASES * PHRASE,
	VICTIM = HALF / 2, /* and those that have its phrases */
	VICTIMS = (1 + PARTS) * COMMITS,
};

/* far from 0: some that is freed was allocated by the C library */
static atomic_size_t held = (size_t)1 << 40, most;

static void *taken(void *p)
{
	size_t now = atomic_fetch_add(&held, malloc_usable_size(p)) +
		     malloc_usable_size(p);
	size_t before = atomic_load(&most);

	while (now > before &&
	       !atomic_compare_exchange_weak(&most, &before, now))
		;
	return p;
}

static void given(void *p)
{
	atomic_fetch_sub(&held, malloc_usable_size(p));
}

void *__wrap_malloc(size_t size)
{
	return taken(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return taken(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
	size_t had = malloc_usable_size(p);
	void *more = __real_realloc(p, size);

	if (more == NULL)
		return NULL;
	atomic_fetch_sub(&held, had);
	return taken(more);
}

void __wrap_free(void *p)
{
	given(p);
	__real_free(p);
}

/* what it held more than now, at the most, since this was called */
static size_t peak_start(void)
{
	size_t now = atomic_load(&held);

	atomic_store(&most, now);
	return now;
}

static size_t peak_of(size_t start)
{
	return atomic_load(&most) - start;
}

static void phrase_make(char *p, unsigned int commit, unsigned int number)
{
	uint64_t state = (uint64_t)commit * 100003 + number + 1;

	for (unsigned int i = 0; i < PHRASE; i++)
		p[i] = (char)('a' + hostile_random(&state) % 26);
}

static unsigned int phrase_of(unsigned int number, unsigned int part)
{
	return number < HALF ? number * PARTS + part :
			       part * HALF + number - HALF;
}

static void text_make(char *p, unsigned int commit, unsigned int number)
{
	for (unsigned int i = 0; i < PARTS; i++)
		phrase_make(p + (size_t)i * PHRASE, commit,
			    phrase_of(number, i));
	for (unsigned int i = 0; i < OWN; i++)
		phrase_make(p + (size_t)(PARTS + i) * PHRASE, commit,
			    PHRASES + number * OWN + i);
}

/* of a commit, VICTIM and then those that have a phrase of it */
static unsigned int victim_of(unsigned int number)
{
	return number == 0 ? VICTIM :
			     HALF + (VICTIM * PARTS + number - 1) % HALF;
}

/* each commit has a dictionary of its own, of what two of its articles have */
static void commit_make(unsigned int commit)
{
	const struct sheaf_write_options o = { .level = 9,
					       .threads = 1,
					       .dictionary_size = DICTIONARY };
	struct sheaf_writer *w;
	static char text[TEXT];
	char name[32];
	struct sheaf_article a = { .name = { name, 0 },
				   .bytes = text,
				   .len = TEXT };

	if (!CHECK(sheaf_writer_open(&w, "corpus", &o, NULL) == SHEAF_OK))
		return;
	for (unsigned int i = 0; i < 2 * HALF; i++) {
		a.name.len = (size_t)snprintf(name, sizeof(name), "%u/%u",
					      commit, i);
		text_make(text, commit, i);
		CHECK(sheaf_writer_add(w, &a, NULL, NULL) == SHEAF_OK);
	}
	CHECK(sheaf_writer_commit(w, NULL, NULL, NULL) == SHEAF_OK);
	sheaf_writer_free(w);
}

static void corpus_make(void)
{
	unlink("corpus");
	for (unsigned int i = 0; i < COMMITS; i++)
		commit_make(i);
}

/*
 * Of 4.3 MB of dictionaries all have passages that must go.  12.3 MB are held;
 * with tables of all of their runs, and a copy of each changed one, 22.2.
 */
static void test_erase_does_not_hold_all_dictionaries(void)
{
	const struct sheaf_erase_options o = { .threads = 1,
					       .memory = 16 * MEGABYTE };
	static uint8_t ids[VICTIMS][SHEAF_ID_SIZE];
	static char text[TEXT];
	struct sheaf_erase_result r;
	struct sheaf_verify_result v;
	struct sheaf_error err;
	size_t start;

	corpus_make();
	for (unsigned int i = 0; i < VICTIMS; i++) {
		text_make(text, i / (1 + PARTS), victim_of(i % (1 + PARTS)));
		sheaf_id_of(text, TEXT, ids[i]);
	}
	start = peak_start();
	CHECK(sheaf_erase("corpus", (const uint8_t(*)[SHEAF_ID_SIZE])ids,
			  VICTIMS, &o, &r, &err) == SHEAF_OK);
	CHECK(peak_of(start) < o.memory);
	CHECK(r.articles == VICTIMS);
	CHECK(r.dictionaries_scrubbed == COMMITS);
	CHECK(sheaf_verify("corpus", NULL, &v, NULL) == SHEAF_OK);
	CHECK(v.damages == 0);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_erase_does_not_hold_all_dictionaries) },
	};
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
