/*
 * test_has.c - ids of several index layers looked up, one by one and at once
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sheaf/sheaf.h>

#include "harness.h"
#include "scratch.h"

enum {
	/* layers of four pages and of two, and a tail */
	FIRST = 9000,
	SECOND = 5000,
	LAST = 40,
	ARTICLES = FIRST + SECOND + LAST,
	ABSENT = 500, /* ids of articles that nobody added */
	ASKED = ARTICLES + ABSENT,
	THREADS = 4,
	READ_STEP = 97,
};

static uint8_t ids[ASKED][SHEAF_ID_SIZE];

static size_t article_make(char text[32], size_t i)
{
	return (size_t)snprintf(text, 32, "article %zu\n", i);
}

static bool commit_add(size_t first, size_t count)
{
	const struct sheaf_commit_options o = { .has_time = true, .time = 1 };
	struct sheaf_writer *w = NULL;
	enum sheaf_status st = sheaf_writer_open(&w, "corpus", NULL, NULL);

	for (size_t i = first; st == SHEAF_OK && i < first + count; i++) {
		char text[32], name[32];
		struct sheaf_article a = { .bytes = text, .format = "text" };

		a.len = article_make(text, i);
		a.name.p = name;
		a.name.len = (size_t)snprintf(name, sizeof(name), "%zu", i);
		st = sheaf_writer_add(w, &a, NULL, NULL);
	}
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, &o, NULL, NULL);
	sheaf_writer_free(w);
	return CHECK(st == SHEAF_OK);
}

static struct sheaf_corpus *corpus_make(void)
{
	struct sheaf_corpus *c = NULL;

	remove("corpus");
	for (size_t i = 0; i < ASKED; i++) {
		char text[32];

		sheaf_id_of(text, article_make(text, i), ids[i]);
	}
	if (commit_add(0, FIRST) && commit_add(FIRST, SECOND) &&
	    commit_add(FIRST + SECOND, LAST))
		CHECK(sheaf_open(&c, "corpus", NULL, NULL) == SHEAF_OK);
	return c;
}

/* @places are those that sheaf_has() gives, and what is there is the article */
static void places_check(struct sheaf_corpus *c,
			 const struct sheaf_place *places)
{
	struct sheaf_bytes bytes = { 0 };
	uint8_t id[SHEAF_ID_SIZE];

	for (size_t i = 0; i < ASKED; i++) {
		struct sheaf_place one = { 0 };

		CHECK(sheaf_has(c, ids[i], &one, NULL) ==
		      (i < ARTICLES ? SHEAF_OK : SHEAF_NOT_FOUND));
		CHECK(one.block == places[i].block &&
		      one.slot == places[i].slot);
		CHECK((one.block != 0) == (i < ARTICLES));
		if (i >= ARTICLES || i % READ_STEP != 0)
			continue;
		CHECK(sheaf_read(c, one, &bytes, id, NULL) == SHEAF_OK);
		CHECK(memcmp(id, ids[i], sizeof(id)) == 0);
	}
	sheaf_bytes_done(&bytes);
}

static void many_check(struct sheaf_corpus *c)
{
	struct sheaf_place *places = calloc(ASKED, sizeof(*places));

	if (!CHECK(places != NULL))
		return;
	memset(places, 0xff, ASKED * sizeof(*places));
	CHECK(sheaf_has_many(c, (const uint8_t(*)[SHEAF_ID_SIZE])ids, ASKED,
			     places, NULL) == SHEAF_OK);
	places_check(c, places);
	free(places);
}

static void test_has_many_gives_the_places_that_has_gives(void)
{
	struct sheaf_corpus *c = corpus_make();
	struct sheaf_info info;

	if (c == NULL)
		return;
	CHECK(sheaf_info_read(c, &info, NULL) == SHEAF_OK);
	CHECK(info.layers == 3);
	CHECK(sheaf_has_many(c, NULL, 0, NULL, NULL) == SHEAF_OK);
	many_check(c); /* while pages are read */
	many_check(c);
	sheaf_close(c);
}

static void *thread_run(void *arg)
{
	many_check(arg);
	return NULL;
}

/* they arrange the same pages at the same time */
static void test_has_many_by_threads_finds_all(void)
{
	struct sheaf_corpus *c = corpus_make();
	pthread_t threads[THREADS];
	unsigned int started = 0;

	if (c == NULL)
		return;
	while (started < THREADS &&
	       CHECK(pthread_create(&threads[started], NULL, thread_run, c) ==
		     0))
		started++;
	while (started != 0)
		pthread_join(threads[--started], NULL);
	sheaf_close(c);
}

static void test_has_many_after_a_removal_lacks_it(void)
{
	const struct sheaf_commit_options o = { .has_time = true, .time = 1 };
	struct sheaf_corpus *c = corpus_make();
	struct sheaf_place places[3];
	struct sheaf_writer *w = NULL;

	sheaf_close(c);
	CHECK(sheaf_writer_open(&w, "corpus", NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_writer_remove(w, (const uint8_t(*)[SHEAF_ID_SIZE]) & ids[1],
				  1, NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_writer_commit(w, &o, NULL, NULL) == SHEAF_OK);
	sheaf_writer_free(w);
	if (!CHECK(sheaf_open(&c, "corpus", NULL, NULL) == SHEAF_OK))
		return;
	CHECK(sheaf_has_many(c, (const uint8_t(*)[SHEAF_ID_SIZE])ids, 3, places,
			     NULL) == SHEAF_OK);
	CHECK(places[0].block != 0 && places[2].block != 0);
	CHECK(places[1].block == 0 && places[1].slot == 0);
	sheaf_close(c);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_has_many_gives_the_places_that_has_gives) },
		{ HARNESS_TEST(test_has_many_by_threads_finds_all) },
		{ HARNESS_TEST(test_has_many_after_a_removal_lacks_it) },
	};
	int failed;

	if (!scratch_enter())
		return 1;
	failed = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return failed;
}
