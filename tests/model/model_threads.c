/*
 * model_threads.c - readers on one handle beside a writer, and two writers
 *
 * What a thread reads is compared byte for byte with what story_of() says;
 * the thread sanitizer looks for the rest.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "harness.h"
#include "scratch.h"
#include "story_of.h"

enum {
	THREADS = 4,
	FIRST = 400,   /* stories of the first commit */
	COMMITS = 30,  /* while the readers read */
	A_COMMIT = 12, /* stories each */
	LONGEST = 5000,
};

struct shared {
	struct sheaf_corpus *corpus;
	atomic_bool stop;
	atomic_uint committed; /* stories */
	atomic_uint reads;
};

static size_t length_of(unsigned int i)
{
	return i * 7919U % LONGEST;
}

static bool commit_stories(const char *path, unsigned int from,
			   unsigned int count)
{
	static const struct sheaf_write_options o = { .level = 1,
						      .block_size = 8192,
						      .threads = 2 };
	struct sheaf_writer *w;
	struct sheaf_error err;
	bool good = true;

	if (!CHECK(sheaf_writer_open(&w, path, &o, &err) == SHEAF_OK))
		return false;
	for (unsigned int i = from; i < from + count && good; i++)
		good = CHECK(story_add(w, i, length_of(i)) == SHEAF_OK);
	good = good &&
	       CHECK(sheaf_writer_commit(w, NULL, NULL, &err) == SHEAF_OK);
	sheaf_writer_free(w);
	return good;
}

static bool is_story(const struct story *s, const struct sheaf_bytes *b)
{
	return b->len == s->len && memcmp(b->p, s->text, s->len) == 0;
}

/* by id: the story, or nothing where it came later */
static void try_get(struct sheaf_corpus *c, unsigned int i, bool there)
{
	struct sheaf_bytes out = { 0 };
	uint8_t id[SHEAF_ID_SIZE];
	struct story s;
	enum sheaf_status st;

	story_of(&s, i, length_of(i));
	sheaf_id_of(s.text, s.len, id);
	st = sheaf_get(c, id, &out, NULL);
	CHECK(st == (there ? SHEAF_OK : SHEAF_NOT_FOUND));
	CHECK(!there || is_story(&s, &out));
	sheaf_bytes_done(&out);
	story_done(&s);
}

struct wanted {
	struct sheaf_corpus *corpus;
	struct story story;
	unsigned int seen;
};

static int match_check(enum sheaf_key_kind kind, struct sheaf_place place,
		       const struct sheaf_record *record, void *arg)
{
	struct wanted *w = arg;
	struct sheaf_bytes out = { 0 };

	(void)kind;
	w->seen++;
	CHECK(record == NULL ||
	      (record->name.len == strlen(w->story.name) &&
	       memcmp(record->name.p, w->story.name, record->name.len) == 0));
	CHECK(sheaf_read(w->corpus, place, &out, NULL, NULL) == SHEAF_OK);
	CHECK(is_story(&w->story, &out));
	sheaf_bytes_done(&out);
	return 0;
}

/* by the first digits of its id, by name, by url */
static void try_find(struct sheaf_corpus *c, unsigned int i, bool there)
{
	struct wanted w = { .corpus = c };
	enum sheaf_status wanted = there ? SHEAF_OK : SHEAF_NOT_FOUND;
	char hex[SHEAF_ID_HEX + 1];
	uint8_t id[SHEAF_ID_SIZE];
	struct sheaf_str keys[3] = { { hex, 9 + i % 20 } };

	story_of(&w.story, i, length_of(i));
	sheaf_id_of(w.story.text, w.story.len, id);
	sheaf_id_hex(id, hex);
	keys[1] = (struct sheaf_str){ w.story.name, strlen(w.story.name) };
	keys[2] = (struct sheaf_str){ w.story.url, strlen(w.story.url) };
	for (int k = 0; k < 3; k++)
		CHECK(sheaf_find(c, keys[k], match_check, &w, NULL) == wanted);
	CHECK(w.seen == (there ? 3 : 0));
	story_done(&w.story);
}

struct listed {
	struct sheaf_corpus *corpus;
	unsigned int seen, read_each;
};

static int list_check(const struct sheaf_record *record, void *arg)
{
	struct listed *l = arg;
	unsigned int i = record->mtime.nsec; /* story_add() put it there */
	struct sheaf_bytes out = { 0 };
	struct story s;

	if (l->seen++ % l->read_each != 0)
		return 0;
	story_of(&s, i, length_of(i));
	CHECK(record->name.len == strlen(s.name) &&
	      memcmp(record->name.p, s.name, record->name.len) == 0);
	CHECK(record->size == s.len && record->is_latest);
	CHECK(sheaf_read(l->corpus, record->place, &out, NULL, NULL) ==
	      SHEAF_OK);
	CHECK(is_story(&s, &out));
	sheaf_bytes_done(&out);
	story_done(&s);
	return 0;
}

static void try_list(struct sheaf_corpus *c, unsigned int count)
{
	struct listed l = { c, 0, 7 };

	CHECK(sheaf_list(c, NULL, list_check, &l, NULL) == SHEAF_OK);
	CHECK(l.seen == count);
}

/* a handle of its own: at least what was committed before it was opened */
static void try_open(struct shared *s)
{
	unsigned int before = atomic_load(&s->committed);
	struct sheaf_corpus *c;
	struct sheaf_error err;
	uint64_t records;

	if (!CHECK(sheaf_open(&c, "shared.sheaf", NULL, &err) == SHEAF_OK))
		return;
	records = sheaf_corpus_commit(c)->records;
	CHECK(records >= before && (records - FIRST) % A_COMMIT == 0);
	try_get(c, before - 1, true);
	try_find(c, (unsigned int)records - 1, true);
	try_get(c, (unsigned int)records, false);
	try_list(c, (unsigned int)records);
	sheaf_close(c);
}

static void *reader(void *arg)
{
	struct shared *s = arg;
	unsigned int turn = atomic_fetch_add(&s->reads, 1) * 101;

	while (!atomic_load(&s->stop)) {
		unsigned int i = turn++ * 37 % FIRST;

		try_get(s->corpus, i, true);
		try_find(s->corpus, (i + 11) % FIRST, true);
		try_get(s->corpus, FIRST + i % A_COMMIT, false);
		if (turn % 16 == 0)
			try_find(s->corpus, FIRST, false);
		if (turn % 32 == 1)
			try_list(s->corpus, FIRST);
		if (turn % 32 == 2)
			try_open(s);
		atomic_fetch_add(&s->reads, 1);
	}
	return NULL;
}

static void test_readers_see_their_commit(void)
{
	struct shared s = { .corpus = NULL };
	struct sheaf_verify_options o = { .deep = true };
	struct sheaf_verify_result res;
	pthread_t threads[THREADS];
	struct sheaf_error err;

	if (!commit_stories("shared.sheaf", 0, FIRST))
		return;
	atomic_store(&s.committed, FIRST);
	if (!CHECK(sheaf_open(&s.corpus, "shared.sheaf", NULL, &err) ==
		   SHEAF_OK))
		return;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, reader, &s);
	for (unsigned int i = 0; i < COMMITS; i++) {
		if (!commit_stories("shared.sheaf", FIRST + i * A_COMMIT,
				    A_COMMIT))
			break;
		atomic_fetch_add(&s.committed, A_COMMIT);
	}
	atomic_store(&s.stop, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK(atomic_load(&s.reads) > 2 * THREADS);
	CHECK(sheaf_corpus_commit(s.corpus)->number == 1);
	sheaf_close(s.corpus);
	CHECK(sheaf_verify("shared.sheaf", &o, &res, &err) == SHEAF_OK);
	CHECK(res.damages == 0 && res.commits == COMMITS + 1 &&
	      res.articles == FIRST + COMMITS * A_COMMIT);
}

static enum sheaf_status writer_try(const char *path)
{
	struct sheaf_writer *w = NULL;
	enum sheaf_status st = sheaf_writer_open(&w, path, NULL, NULL);

	if (st != SHEAF_OK)
		CHECK(w == NULL);
	sheaf_writer_free(w);
	return st;
}

static void test_second_writer_is_busy_at_once(void)
{
	struct sheaf_writer *w;
	struct sheaf_corpus *c;
	struct sheaf_error err;
	time_t began = time(NULL);
	int status = -1;
	pid_t child;

	if (!commit_stories("busy.sheaf", 0, 3) ||
	    !CHECK(sheaf_writer_open(&w, "busy.sheaf", NULL, &err) == SHEAF_OK))
		return;
	CHECK(writer_try("busy.sheaf") == SHEAF_BUSY);
	CHECK(story_add(w, 7, 3000) == SHEAF_OK);
	CHECK(writer_try("busy.sheaf") == SHEAF_BUSY);
	/* a reader that comes and goes doesn't take the lock with it */
	CHECK(sheaf_open(&c, "busy.sheaf", NULL, &err) == SHEAF_OK);
	sheaf_close(c);
	child = fork();
	if (child == 0)
		_exit(writer_try("busy.sheaf") == SHEAF_BUSY ? 0 : 1);
	CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
	CHECK(time(NULL) - began < 20);
	CHECK(sheaf_writer_commit(w, NULL, NULL, &err) == SHEAF_OK);
	sheaf_writer_free(w);
	CHECK(writer_try("busy.sheaf") == SHEAF_OK);
}

/* of two that create a corpus the first to commit wins; the other says so */
static void test_second_creator_is_busy(void)
{
	struct sheaf_writer *one, *two;
	struct sheaf_corpus *c;
	struct sheaf_error err;

	if (!CHECK(sheaf_writer_open(&one, "twins.sheaf", NULL, &err) ==
		   SHEAF_OK) ||
	    !CHECK(sheaf_writer_open(&two, "twins.sheaf", NULL, &err) ==
		   SHEAF_OK))
		return;
	CHECK(story_add(one, 1, 100) == SHEAF_OK);
	CHECK(story_add(two, 2, 100) == SHEAF_OK);
	CHECK(sheaf_writer_commit(two, NULL, NULL, &err) == SHEAF_OK);
	CHECK(sheaf_writer_commit(one, NULL, NULL, &err) == SHEAF_BUSY);
	sheaf_writer_free(one);
	sheaf_writer_free(two);
	if (!CHECK(sheaf_open(&c, "twins.sheaf", NULL, &err) == SHEAF_OK))
		return;
	CHECK(sheaf_corpus_commit(c)->number == 1);
	sheaf_close(c);
	CHECK(writer_try("twins.sheaf") == SHEAF_OK);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_readers_see_their_commit) },
	{ HARNESS_TEST(test_second_writer_is_busy_at_once) },
	{ HARNESS_TEST(test_second_creator_is_busy) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
