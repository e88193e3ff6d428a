/*
 * test_pool.c - the thread pool: order, bounds, an early end
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/pool.h"
#include "harness.h"

enum {
	JOBS = 500,
	WORKERS = 7,
};

struct job {
	unsigned int number;
	unsigned int runs;
	uint64_t result;
};

/* what the jobs of one pool share */
struct shared {
	unsigned int threads;
	atomic_uint began;
	atomic_bool freed;
	atomic_bool busy[WORKERS];
	uint64_t scratch[WORKERS]; /* one a worker, under no lock */
};

static void nap_us(long us)
{
	nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
}

/* jobs of different lengths, so that they finish out of order */
static void run_job(void *arg, unsigned int worker, void *ctx)
{
	struct shared *shared = ctx;
	struct job *job = arg;

	CHECK(worker < shared->threads);
	CHECK(!atomic_load(&shared->freed));
	CHECK(!atomic_exchange(&shared->busy[worker], true));
	atomic_fetch_add(&shared->began, 1);
	if (job->number % 5 == 0)
		nap_us(300);
	shared->scratch[worker] = job->number;
	job->runs++;
	job->result = shared->scratch[worker] * shared->scratch[worker];
	atomic_store(&shared->busy[worker], false);
}

/* all JOBS through a pool, which is kept full; the results come in order */
static void run_all(unsigned int threads, unsigned int queue)
{
	struct shared shared = { .threads = threads };
	struct job *jobs = calloc(JOBS, sizeof(*jobs));
	unsigned int in = 0, out = 0;
	struct sheaf_error err;
	struct pool *p;
	struct job *job;

	if (!CHECK(jobs))
		return;
	CHECK(pool_new(&p, threads, queue, run_job, &shared, &err) == SHEAF_OK);
	while (out < JOBS) {
		for (; in < JOBS && pool_has_room(p); in++) {
			jobs[in].number = in;
			pool_submit(p, &jobs[in]);
		}
		CHECK(in - out <= queue);
		CHECK(in == JOBS || in - out == queue);
		job = pool_take(p);
		if (!CHECK(job == &jobs[out]))
			break;
		CHECK(job->runs == 1);
		CHECK(job->result == (uint64_t)out * out);
		out++;
	}
	CHECK(!pool_take(p));
	CHECK(shared.began == JOBS);
	pool_free(p);
	free(jobs);
}

static void test_pool_one_thread_keeps_order(void)
{
	run_all(1, 1);
	run_all(1, 16);
}

static void test_pool_two_threads_keep_order(void)
{
	run_all(2, 1);
	run_all(2, 5);
}

static void test_pool_seven_threads_keep_order(void)
{
	run_all(7, 2);
	run_all(7, 7);
	run_all(7, 64);
}

static void test_pool_queue_larger_than_the_work(void)
{
	run_all(3, JOBS);
}

static void remember_thread(void *arg, unsigned int worker, void *ctx)
{
	(void)ctx;
	CHECK(worker == 0);
	*(pthread_t *)arg = pthread_self();
}

static void test_pool_one_thread_runs_in_submit(void)
{
	pthread_t ran = 0;
	struct pool *p;

	CHECK(pool_new(&p, 1, 1, remember_thread, NULL, NULL) == SHEAF_OK);
	pool_submit(p, &ran);
	CHECK(pthread_equal(ran, pthread_self()));
	CHECK(pool_take(p) == &ran);
	pool_free(p);
}

/* waits until the other of two such jobs runs, too; ten seconds at most */
static void meet(void *arg, unsigned int worker, void *ctx)
{
	atomic_uint *here = ctx;

	(void)worker;
	atomic_fetch_add(here, 1);
	for (int i = 0; i < 10000 && atomic_load(here) < 2; i++)
		nap_us(1000);
	*(bool *)arg = atomic_load(here) == 2;
}

static void test_pool_threads_run_at_once(void)
{
	bool met[2] = { false, false };
	atomic_uint here = 0;
	struct pool *p;

	CHECK(pool_new(&p, 2, 2, meet, &here, NULL) == SHEAF_OK);
	pool_submit(p, &met[0]);
	pool_submit(p, &met[1]);
	CHECK(pool_take(p) == &met[0]);
	CHECK(pool_take(p) == &met[1]);
	CHECK(met[0] && met[1]);
	pool_free(p);
}

static void test_pool_room_is_the_queue(void)
{
	struct shared shared = { .threads = 2 };
	struct job jobs[4] = { 0 };
	struct pool *p;

	CHECK(pool_new(&p, 2, 3, run_job, &shared, NULL) == SHEAF_OK);
	CHECK(!pool_take(p));
	for (int i = 0; i < 3; i++) {
		CHECK(pool_has_room(p));
		pool_submit(p, &jobs[i]);
	}
	/* finished but not taken still counts */
	while (atomic_load(&shared.began) < 3)
		nap_us(100);
	CHECK(!pool_has_room(p));
	CHECK(pool_take(p) == &jobs[0]);
	CHECK(pool_has_room(p));
	pool_submit(p, &jobs[3]);
	CHECK(!pool_has_room(p));
	for (int i = 1; i < 4; i++)
		CHECK(pool_take(p) == &jobs[i]);
	CHECK(!pool_take(p));
	pool_free(p);
}

/* each job runs whole or not at all, and none after pool_free() returned */
static void test_pool_free_with_jobs_outstanding(void)
{
	static const unsigned int threads[] = { 1, 2, 7 };
	unsigned int ran, dropped = 0;

	for (int round = 0; round < 30; round++) {
		struct shared shared = { .threads = threads[round % 3] };
		struct job jobs[64] = { 0 };
		struct pool *p;

		CHECK(pool_new(&p, shared.threads, 64, run_job, &shared,
			       NULL) == SHEAF_OK);
		for (int i = 0; i < 64; i++)
			pool_submit(p, &jobs[i]);
		if (round % 2)
			CHECK(pool_take(p) == &jobs[0]);
		pool_free(p);
		atomic_store(&shared.freed, true);
		ran = 0;
		for (int i = 0; i < 64; i++)
			ran += jobs[i].runs;
		CHECK(ran == atomic_load(&shared.began));
		CHECK(ran <= 64);
		dropped += 64 - ran;
		if (shared.threads == 1)
			CHECK(ran == 64);
	}
	/* the queues were full of naps: all done would mean all awaited */
	CHECK(dropped > 0);
}

static void test_pool_free_waits_for_running_jobs(void)
{
	bool met[2] = { false, false };
	atomic_uint here = 0;
	struct pool *p;

	CHECK(pool_new(&p, 2, 2, meet, &here, NULL) == SHEAF_OK);
	pool_submit(p, &met[0]);
	pool_submit(p, &met[1]);
	while (atomic_load(&here) < 2)
		nap_us(100);
	pool_free(p);
	CHECK(met[0] && met[1]);
}

static void test_pool_free_of_an_idle_pool(void)
{
	struct pool *p;

	pool_free(NULL);
	for (unsigned int threads = 1; threads <= 256; threads += 85) {
		CHECK(pool_new(&p, threads, 1, meet, NULL, NULL) == SHEAF_OK);
		pool_free(p);
	}
}

static void test_pool_numbers_out_of_range_are_misuse(void)
{
	static const unsigned int bad[][2] = {
		{ 0, 1 }, { 1, 0 }, { 257, 1 }, { ~0U, 1 }
	};
	struct sheaf_error err;
	struct pool *p;

	for (size_t i = 0; i < HARNESS_COUNT(bad); i++) {
		p = (struct pool *)&err;
		CHECK(pool_new(&p, bad[i][0], bad[i][1], meet, NULL, &err) ==
		      SHEAF_MISUSE);
		CHECK(!p);
		CHECK(err.status == SHEAF_MISUSE);
	}
}

static void get_mask(void *arg, unsigned int worker, void *ctx)
{
	(void)worker;
	(void)ctx;
	pthread_sigmask(SIG_BLOCK, NULL, arg);
}

static void test_pool_workers_leave_signals_to_the_program(void)
{
	sigset_t before, after, theirs;
	struct pool *p;

	pthread_sigmask(SIG_BLOCK, NULL, &before);
	CHECK(pool_new(&p, 2, 1, get_mask, NULL, NULL) == SHEAF_OK);
	pthread_sigmask(SIG_BLOCK, NULL, &after);
	pool_submit(p, &theirs);
	CHECK(pool_take(p) == &theirs);
	CHECK(sigismember(&theirs, SIGINT) == 1);
	CHECK(sigismember(&theirs, SIGTERM) == 1);
	CHECK(sigismember(&theirs, SIGSEGV) == 0);
	CHECK(sigismember(&after, SIGINT) == sigismember(&before, SIGINT));
	CHECK(sigismember(&after, SIGTERM) == sigismember(&before, SIGTERM));
	pool_free(p);
}

/* no address space has room for such stacks */
static void test_pool_without_threads_fails(void)
{
	struct sheaf_error err;
	pthread_attr_t usual, huge;
	struct pool *p = NULL;

	CHECK(pthread_getattr_default_np(&usual) == 0);
	CHECK(pthread_getattr_default_np(&huge) == 0);
	CHECK(pthread_attr_setstacksize(&huge, (size_t)1 << 56) == 0);
	CHECK(pthread_setattr_default_np(&huge) == 0);
	CHECK(pool_new(&p, 2, 1, meet, NULL, &err) == SHEAF_IO);
	CHECK(!p);
	CHECK(err.sys_errno == EAGAIN);
	CHECK(!strncmp(err.text, "cannot start thread 1 of 2: ", 28));
	CHECK(pthread_setattr_default_np(&usual) == 0);
	pthread_attr_destroy(&usual);
	pthread_attr_destroy(&huge);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_pool_one_thread_keeps_order) },
	{ HARNESS_TEST(test_pool_two_threads_keep_order) },
	{ HARNESS_TEST(test_pool_seven_threads_keep_order) },
	{ HARNESS_TEST(test_pool_queue_larger_than_the_work) },
	{ HARNESS_TEST(test_pool_one_thread_runs_in_submit) },
	{ HARNESS_TEST(test_pool_threads_run_at_once) },
	{ HARNESS_TEST(test_pool_room_is_the_queue) },
	{ HARNESS_TEST(test_pool_free_with_jobs_outstanding) },
	{ HARNESS_TEST(test_pool_free_waits_for_running_jobs) },
	{ HARNESS_TEST(test_pool_free_of_an_idle_pool) },
	{ HARNESS_TEST(test_pool_numbers_out_of_range_are_misuse) },
	{ HARNESS_TEST(test_pool_workers_leave_signals_to_the_program) },
	{ HARNESS_TEST(test_pool_without_threads_fails) },
};

int main(int argc, char **argv)
{
	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
