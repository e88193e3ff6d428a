/*
 * spread.c - many independent cases, over the processors, each allowed to die
 */
#include "fault/spread.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS_MAX 16
#define SAY_MAX 20 /* failed cases that are named */

/* shared by the workers of one run, each in a place of its own */
struct worker {
	struct spread sum;
	uint64_t next; /* the case it is at */
};

struct run {
	uint64_t end, step;
	unsigned int seconds, workers;
	spread_fn *fn;
	void *arg;
	struct worker *all; /* shared */
};

bool spread_is_slow(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return true;
#else
	return false;
#endif
#else
	return false;
#endif
}

static _Noreturn void work(struct run *r, unsigned int number)
{
	struct worker *w = &r->all[number];

	/* zstd's contexts again and again: not from the system each time */
	mallopt(M_MMAP_THRESHOLD, 1 << 25);
	mallopt(M_TRIM_THRESHOLD, 1 << 28);
	for (; w->next < r->end; w->next += r->step * r->workers) {
		alarm(r->seconds);
		if (!r->fn(w->next, w->sum.count, r->arg)) {
			if (w->sum.failed++ < SAY_MAX)
				printf("  case %" PRIu64 " failed\n", w->next);
			fflush(stdout);
		}
		w->sum.done++;
	}
	alarm(0);
	fflush(stdout);
	_exit(0);
}

static bool start(struct run *r, unsigned int number, pid_t *pid)
{
	fflush(stdout);
	*pid = fork();
	if (*pid == 0)
		work(r, number);
	return *pid > 0;
}

/* a worker has ended; true if it is to be started again */
static bool ended(struct run *r, unsigned int number, int status)
{
	struct worker *w = &r->all[number];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	printf("  case %" PRIu64 " died, status %#x\n", w->next,
	       (unsigned int)status);
	w->next += r->step * r->workers;
	return ++w->sum.died < SAY_MAX;
}

static void wait_all(struct run *r, pid_t *pid)
{
	unsigned int running = r->workers;
	int status;

	while (running != 0) {
		pid_t one = wait(&status);
		unsigned int i = 0;

		if (one < 0)
			break;
		while (i < r->workers && pid[i] != one)
			i++;
		if (i < r->workers &&
		    (!ended(r, i, status) || !start(r, i, &pid[i])))
			running--;
	}
}

bool spread_run(uint64_t end, uint64_t step, unsigned int seconds,
		spread_fn *fn, void *arg, struct spread *out)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct run r = { end, step, seconds, 1, fn, arg, NULL };
	pid_t pid[WORKERS_MAX] = { 0 };
	size_t size;

	if (cpus > 1)
		r.workers =
			cpus > WORKERS_MAX ? WORKERS_MAX : (unsigned int)cpus;
	memset(out, 0, sizeof(*out));
	size = r.workers * sizeof(*r.all);
	r.all = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r.all == MAP_FAILED)
		return false;
	for (unsigned int i = 0; i < r.workers; i++) {
		r.all[i].next = i * step;
		if (!start(&r, i, &pid[i]))
			return false;
	}
	wait_all(&r, pid);
	for (unsigned int i = 0; i < r.workers; i++) {
		out->done += r.all[i].sum.done;
		out->failed += r.all[i].sum.failed;
		out->died += r.all[i].sum.died;
		for (unsigned int k = 0; k < SPREAD_COUNTS; k++)
			out->count[k] += r.all[i].sum.count[k];
	}
	munmap(r.all, size);
	return out->failed == 0 && out->died == 0;
}
