/*
 * test_passages.c - what goes out of a dictionary is the same in many rounds as
 * in one
 */
#include <stdlib.h>
#include <string.h>

#include <sheaf/sheaf.h>

#include "harness.h"
#include "hostile.h"
#include "pack/passages.h"
#include "read/places.h"
#include "scratch.h"

enum {
	ARTICLES = 40,
	VICTIMS = 4, /* the first */
	TEXT = 3000,
	PIECE = 700, /* of an article in the dictionary */
	WORDS = 400,
};

static char texts[ARTICLES][TEXT + 1];

/* few words, so that many runs are in several articles, and many are not */
static void texts_make(void)
{
	for (unsigned int i = 0; i < ARTICLES; i++) {
		uint64_t state = i + 1, word = 0;
		size_t at = 0;

		while (at + 40 < TEXT) {
			word = at % 5 == 0 ? hostile_random(&state) : word + 1;
			at += (size_t)snprintf(
				texts[i] + at, 40, "%d-%d ", (int)(word % 20),
				(int)(word % WORDS * 100003 % 65521));
		}
	}
}

static struct sheaf_corpus *corpus_make(void)
{
	const struct sheaf_write_options o = { .no_dictionary = true };
	struct sheaf_corpus *corpus = NULL;
	struct sheaf_writer *w;
	char name[16];

	unlink("corpus");
	if (!CHECK(sheaf_writer_open(&w, "corpus", &o, NULL) == SHEAF_OK))
		return NULL;
	for (unsigned int i = 0; i < ARTICLES; i++) {
		struct sheaf_article a = { .name = { name, 0 },
					   .bytes = texts[i],
					   .len = strlen(texts[i]) };

		a.name.len = (size_t)snprintf(name, sizeof(name), "%u", i);
		CHECK(sheaf_writer_add(w, &a, NULL, NULL) == SHEAF_OK);
	}
	CHECK(sheaf_writer_commit(w, NULL, NULL, NULL) == SHEAF_OK);
	sheaf_writer_free(w);
	CHECK(sheaf_open(&corpus, "corpus", NULL, NULL) == SHEAF_OK);
	return corpus;
}

static struct sheaf_place place_of(struct sheaf_corpus *corpus, unsigned int i)
{
	struct sheaf_place place = { 0 };
	uint8_t id[SHEAF_ID_SIZE];

	sheaf_id_of(texts[i], strlen(texts[i]), id);
	CHECK(sheaf_has(corpus, id, &place, NULL) == SHEAF_OK);
	return place;
}

static int by_place(const void *a, const void *b)
{
	const struct carried *x = a, *y = b;

	return place_compare(&x->place, &y->place);
}

static void dictionary_make(struct buf *out)
{
	for (unsigned int i = 0; i < ARTICLES; i++)
		buf_bytes(out, texts[i] + i * 20 % (TEXT - 2 * PIECE), PIECE);
	CHECK(!out->bad);
}

static void scrub(struct sheaf_corpus *corpus, size_t memory,
		  unsigned int threads, struct buf *content)
{
	struct sheaf_place without[VICTIMS];
	struct carried carried[ARTICLES - VICTIMS];
	const struct sides sides = { .carried = carried,
				     .count = ARTICLES - VICTIMS,
				     .without = without,
				     .without_count = VICTIMS,
				     .threads = threads,
				     .memory = memory };
	bool changed;

	memset(carried, 0, sizeof(carried));
	for (unsigned int i = 0; i < VICTIMS; i++)
		without[i] = place_of(corpus, i);
	qsort(without, VICTIMS, sizeof(*without), place_compare);
	for (unsigned int i = VICTIMS; i < ARTICLES; i++)
		carried[i - VICTIMS].place = place_of(corpus, i);
	qsort(carried, ARTICLES - VICTIMS, sizeof(*carried), by_place);
	CHECK(passages_scrub(corpus, content, &changed, &sides, NULL) ==
	      SHEAF_OK);
	CHECK(changed);
}

static bool has(const char *p, size_t len, const char *run)
{
	return memmem(p, len, run, PASSAGE) != NULL;
}

/* no run of a victim that no other article has; *only: how many such runs the
 * victims have */
static bool is_clean(const struct buf *content, size_t *only)
{
	bool clean = true;

	*only = 0;
	for (unsigned int v = 0; v < VICTIMS; v++)
		for (size_t at = 0; texts[v][at + PASSAGE - 1] != 0; at++) {
			bool others = false;

			for (unsigned int i = VICTIMS; i < ARTICLES; i++)
				others |= has(texts[i], strlen(texts[i]),
					      texts[v] + at);
			*only += !others;
			clean &= others || !has((const char *)content->p,
						content->len, texts[v] + at);
		}
	return clean;
}

static void test_passages_go_in_many_rounds_as_in_one(void)
{
	static const size_t memory[] = { 0, 100000, 1000000 };
	struct sheaf_corpus *corpus = corpus_make();
	struct buf before = { 0 }, first = { 0 }, next = { 0 };
	size_t only;

	if (corpus == NULL)
		return;
	dictionary_make(&before);
	buf_bytes(&first, before.p, before.len);
	scrub(corpus, (size_t)1 << 30, 2, &first);
	CHECK(first.len == before.len);
	CHECK(!is_clean(&before, &only) && only > 1000);
	CHECK(is_clean(&first, &only));
	for (size_t i = 0; i < HARNESS_COUNT(memory); i++) {
		buf_clear(&next);
		buf_bytes(&next, before.p, before.len);
		scrub(corpus, memory[i], 1, &next);
		CHECK(next.len == first.len &&
		      memcmp(next.p, first.p, first.len) == 0);
	}
	buf_done(&before);
	buf_done(&first);
	buf_done(&next);
	sheaf_close(corpus);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_passages_go_in_many_rounds_as_in_one) },
	};
	int status;

	if (!scratch_enter())
		return 1;
	texts_make();
	status = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return status;
}
