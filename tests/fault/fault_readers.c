/*
 * fault_readers.c - readers go on while the corpus is written
 *
 * Two hundred runs of "sheaf get" and four threads of the library read while
 * another thread adds, removes and compacts in turn, over and over: no error,
 * no wrong byte.  What is removed and shown again may be absent, and nothing
 * else.  Where there is no program (SHEAF), only the threads read.
 */
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "fault/facts.h"
#include "fault/posts.h"
#include "fault/spread.h"
#include "harness.h"
#include "scratch.h"

#define GETS 200
#define AT_ONCE 4 /* of them */
#define THREADS 4
#define READS_LEAST 500 /* of each thread */
#define REOPEN 16	/* reads with one handle */
#define POSTS 120	/* of commit 1, which never go */
#define ROUNDS_LEAST 3
#define LATER 400 /* commits of new posts, at the most */
#define SHOWN 8	  /* of the posts, of which are removed and come back */

static struct facts facts;
static atomic_bool over;
static atomic_uint reads, rounds, wrongs;
static const struct sheaf_write_options plain = { .level = 3, .threads = 1 };

static void wrong(const char *what, const char *why)
{
	atomic_fetch_add(&wrongs, 1);
	printf("  %s: %s\n", what, why);
	fflush(stdout);
}

/* one of the facts that are there from the first commit on */
static const struct fact *fact_by(uint64_t *state)
{
	return &facts.list[SHOWN + posts_below(state, POSTS - SHOWN)];
}

static bool same(const struct fact *f, const struct sheaf_bytes *b)
{
	return b->len == f->len &&
	       (b->p == NULL || memcmp(b->p, f->bytes, f->len) == 0);
}

static int place_take(enum sheaf_key_kind kind, struct sheaf_place place,
		      const struct sheaf_record *record, void *arg)
{
	(void)kind;
	(void)record;
	*(struct sheaf_place *)arg = place;
	return 1;
}

static void read_one(struct sheaf_corpus *c, uint64_t *state,
		     struct sheaf_bytes *out)
{
	const struct fact *f = fact_by(state);
	struct sheaf_error err = { 0 };
	struct sheaf_place place;
	enum sheaf_status st;

	if (posts_below(state, 2) == 0) {
		st = sheaf_get(c, f->id, out, &err);
	} else {
		st = sheaf_find_kind(c, SHEAF_KEY_NAME, f->name, place_take,
				     &place, &err);
		if (st == SHEAF_CANCELLED)
			st = sheaf_read(c, place, out, NULL, &err);
	}
	if (st != SHEAF_OK)
		wrong("read", st == SHEAF_NOT_FOUND ? "not found" : err.text);
	else if (!same(f, out))
		wrong("read", "other bytes");
	/* these come and go */
	f = &facts.list[posts_below(state, SHOWN)];
	st = sheaf_get(c, f->id, out, &err);
	if (st != SHEAF_NOT_FOUND && (st != SHEAF_OK || !same(f, out)))
		wrong("removed one", st != SHEAF_OK ? err.text : "other bytes");
}

static void *reader_main(void *arg)
{
	uint64_t state = *(const uint64_t *)arg;
	struct sheaf_corpus *c = NULL;
	struct sheaf_bytes out = { 0 };
	struct sheaf_error err;

	for (unsigned int i = 0; !atomic_load(&over) || i < READS_LEAST; i++) {
		if (i % REOPEN == 0) {
			sheaf_close(c);
			if (sheaf_open(&c, "corpus", NULL, &err) != SHEAF_OK) {
				wrong("open", err.text);
				return NULL;
			}
		}
		read_one(c, &state, &out);
		atomic_fetch_add(&reads, 1);
	}
	sheaf_bytes_done(&out);
	sheaf_close(c);
	return NULL;
}

static enum sheaf_status remove_some(bool back, struct sheaf_error *err)
{
	uint8_t ids[SHOWN][SHEAF_ID_SIZE];
	struct sheaf_writer *w = NULL;
	enum sheaf_status st = sheaf_writer_open(&w, "corpus", &plain, err);

	for (size_t i = 0; i < SHOWN; i++)
		memcpy(ids[i], facts.list[i].id, SHEAF_ID_SIZE);
	if (st == SHEAF_OK)
		st = back ? sheaf_writer_take_back(w, ids, SHOWN, NULL, err) :
			    sheaf_writer_remove(w, ids, SHOWN, NULL, err);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, NULL, NULL, err);
	sheaf_writer_free(w);
	return st;
}

/* add, rm, add, take back, compact */
static void *writer_main(void *arg)
{
	const struct sheaf_compact_options o = { .level = 3, .threads = 1 };
	struct sheaf_error err = { 0 };
	uint64_t k = 2;

	(void)arg;
	while (k + 1 < LATER &&
	       (!atomic_load(&over) || atomic_load(&rounds) < ROUNDS_LEAST)) {
		enum sheaf_status st =
			facts_write(&facts, "corpus", k++, &plain, &err);

		if (st == SHEAF_OK)
			st = remove_some(false, &err);
		if (st == SHEAF_OK)
			st = facts_write(&facts, "corpus", k++, &plain, &err);
		if (st == SHEAF_OK)
			st = remove_some(true, &err);
		if (st == SHEAF_OK)
			st = sheaf_compact("corpus", &o, NULL, &err);
		if (st != SHEAF_OK) {
			wrong("write", err.text);
			break;
		}
		atomic_fetch_add(&rounds, 1);
	}
	return NULL;
}

/* a run of "sheaf get" whose output is read through a pipe */
struct run {
	pid_t pid;
	int fd;
	const struct fact *fact;
};

extern char **environ;

static bool run_start(struct run *r, const char *program, uint64_t *state)
{
	posix_spawn_file_actions_t actions;
	char name[256];
	char *argv[] = { (char *)(uintptr_t)program, "get", "corpus", name,
			 NULL };
	int ends[2], rc;

	r->fact = fact_by(state);
	snprintf(name, sizeof(name), "%.*s", (int)r->fact->name.len,
		 r->fact->name.p);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	rc = posix_spawn(&r->pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	r->fd = ends[0];
	return rc == 0;
}

static void run_end(struct run *r)
{
	char got[8192];
	size_t len = 0;
	ssize_t n;
	int status = -1;

	while (len < sizeof(got) &&
	       (n = read(r->fd, got + len, sizeof(got) - len)) > 0)
		len += (size_t)n;
	close(r->fd);
	if (waitpid(r->pid, &status, 0) != r->pid || status != 0)
		wrong("sheaf get", "failed");
	else if (len != r->fact->len || memcmp(got, r->fact->bytes, len) != 0)
		wrong("sheaf get", "other bytes");
}

static void gets_run(const char *program, unsigned int count)
{
	struct run runs[AT_ONCE];
	uint64_t state = 77;

	for (unsigned int i = 0; i < count + AT_ONCE; i++) {
		struct run *r = &runs[i % AT_ONCE];

		if (i >= AT_ONCE)
			run_end(r);
		if (i < count && !CHECK(run_start(r, program, &state)))
			exit(3);
	}
}

static void test_readers_go_on_while_others_write(void)
{
	const char *program = getenv("SHEAF");
	pthread_t writer, readers[THREADS];
	uint64_t seeds[THREADS];
	unsigned int gets = spread_is_slow() ? GETS / 4 : GETS;
	enum sheaf_status st;

	posts_many(&facts, 1, 0, POSTS);
	for (uint64_t k = 2; k < LATER; k++)
		posts_many(&facts, k, POSTS + k * 2, 2);
	CHECK(facts_write(&facts, "corpus", 1, &plain, NULL) == SHEAF_OK);
	if (!CHECK(pthread_create(&writer, NULL, writer_main, NULL) == 0))
		return;
	for (size_t i = 0; i < THREADS; i++) {
		seeds[i] = 2 * i + 1;
		CHECK(pthread_create(&readers[i], NULL, reader_main,
				     &seeds[i]) == 0);
	}
	if (program != NULL && *program != '\0')
		gets_run(program, gets);
	else
		gets = 0;
	atomic_store(&over, true);
	pthread_join(writer, NULL);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(readers[i], NULL);
	printf("%u runs of get and %u reads in %d threads during %u rounds of "
	       "add, rm, add, rm --take-back, compact: %u wrong\n",
	       gets, atomic_load(&reads), THREADS, atomic_load(&rounds),
	       atomic_load(&wrongs));
	CHECK(atomic_load(&wrongs) == 0);
	CHECK(atomic_load(&rounds) >= ROUNDS_LEAST);
	CHECK(verify_damages("corpus", &st) == 0);
	facts_done(&facts);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_readers_go_on_while_others_write) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
