/*
 * pool.c - numbered jobs on several threads, results in order
 *
 * A ring of 'queue' slots and three counters that only rise: jobs submitted,
 * begun and taken; number n lives in slot n % queue.  Workers begin jobs in
 * the order of submission and finish them in any; the owner waits for the
 * oldest.  This file owns the pool's only lock; a job runs outside of it, and
 * what the owner wrote before pool_submit() is seen by the job, what the job
 * wrote is seen after pool_take().
 *
 * The packer puts one block a job in here, see src/pack/.
 */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fail.h"

enum {
	POOL_THREADS_MAX = 256,
};

struct slot {
	void *job;
	bool finished;
};

struct worker {
	struct pool *pool;
	unsigned int number;
	pthread_t thread;
};

struct pool {
	pool_run_fn *run;
	void *ctx;
	struct worker *workers; /* NULL if jobs run in pool_submit() */
	unsigned int started;	/* of the workers */

	pthread_mutex_t lock;
	pthread_cond_t work; /* a job was submitted, or stop was set */
	pthread_cond_t done; /* a job was finished */

	/* under the lock; 'submitted' and 'taken' change by the owner only,
	 * which may therefore look at them without it */
	struct slot *slots;
	unsigned int queue;
	uint64_t submitted, begun, taken;
	bool stop;
};

unsigned int pool_threads(unsigned int wanted)
{
	long cpus = wanted == 0 ? sysconf(_SC_NPROCESSORS_ONLN) : (long)wanted;

	if (cpus < 1)
		return 1;
	return cpus > POOL_THREADS_MAX ? POOL_THREADS_MAX : (unsigned int)cpus;
}

static struct slot *pool_slot(struct pool *p, uint64_t number)
{
	return &p->slots[number % p->queue];
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct pool *p = w->pool;
	struct slot *slot;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->stop && p->begun == p->submitted)
			pthread_cond_wait(&p->work, &p->lock);
		if (p->stop)
			break;
		slot = pool_slot(p, p->begun++);
		pthread_mutex_unlock(&p->lock);
		p->run(slot->job, w->number, p->ctx);
		pthread_mutex_lock(&p->lock);
		slot->finished = true;
		pthread_cond_signal(&p->done);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/*
 * signals are for the threads of the program, not for workers; but for those
 * that a thread brings upon itself, which can't wait
 */
static void sigset_workers(sigset_t *set)
{
	sigfillset(set);
	sigdelset(set, SIGSEGV);
	sigdelset(set, SIGBUS);
	sigdelset(set, SIGFPE);
	sigdelset(set, SIGILL);
}

static enum sheaf_status pool_start(struct pool *p, unsigned int threads,
				    struct sheaf_error *err)
{
	sigset_t blocked, before;
	struct worker *w;
	int rc = 0;

	sigset_workers(&blocked);
	pthread_sigmask(SIG_SETMASK, &blocked, &before);
	while (p->started < threads && rc == 0) {
		w = &p->workers[p->started];
		w->pool = p;
		w->number = p->started;
		rc = pthread_create(&w->thread, NULL, worker_main, w);
		if (rc == 0)
			p->started++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc)
		return fail_io(err, rc, "cannot start thread %u of %u",
			       p->started + 1, threads);
	return SHEAF_OK;
}

enum sheaf_status pool_new(struct pool **out, unsigned int threads,
			   unsigned int queue, pool_run_fn *run, void *ctx,
			   struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;
	struct pool *p;

	*out = NULL;
	if (threads < 1 || threads > POOL_THREADS_MAX || queue < 1)
		return fail(err, SHEAF_MISUSE,
			    "thread pool: %u threads, %u places", threads,
			    queue);
	p = calloc(1, sizeof(*p));
	if (!p)
		return fail_nomem(err);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	p->run = run;
	p->ctx = ctx;
	p->queue = queue;
	p->slots = calloc(queue, sizeof(*p->slots));
	if (threads > 1)
		p->workers = calloc(threads, sizeof(*p->workers));
	if (!p->slots || (threads > 1 && !p->workers))
		st = fail_nomem(err);
	else if (threads > 1)
		st = pool_start(p, threads, err);
	if (st != SHEAF_OK) {
		pool_free(p);
		return st;
	}
	*out = p;
	return SHEAF_OK;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned int i = 0; i < p->started; i++)
		pthread_join(p->workers[i].thread, NULL);
	pthread_cond_destroy(&p->done);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p->workers);
	free(p->slots);
	free(p);
}

int pool_has_room(const struct pool *p)
{
	return p->submitted - p->taken < p->queue;
}

void pool_submit(struct pool *p, void *job)
{
	struct slot *slot;

	assert(pool_has_room(p));
	/* the slot is the owner's until 'submitted' counts it */
	slot = pool_slot(p, p->submitted);
	slot->job = job;
	slot->finished = !p->workers;
	if (!p->workers)
		p->run(job, 0, p->ctx);
	pthread_mutex_lock(&p->lock);
	p->submitted++;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

void *pool_take(struct pool *p)
{
	struct slot *slot;
	void *job;

	if (p->taken == p->submitted)
		return NULL;
	pthread_mutex_lock(&p->lock);
	slot = pool_slot(p, p->taken);
	while (!slot->finished)
		pthread_cond_wait(&p->done, &p->lock);
	job = slot->job;
	p->taken++;
	pthread_mutex_unlock(&p->lock);
	return job;
}
