/*
 * pool.h - numbered jobs on several threads, results in order
 *
 * Jobs are submitted by one thread; each runs once on some worker; the owner
 * takes them back in the order of submission, so what is made of the results
 * does not depend on the number of threads.  With one thread a job runs inside
 * pool_submit(): the same code, no thread.
 */
#ifndef SHEAF_BASE_POOL_H
#define SHEAF_BASE_POOL_H

#include <sheaf/error.h>

struct pool;

/*
 * @job:    what was submitted
 * @worker: 0 .. threads - 1, for state that a worker keeps
 * @ctx:    as given to pool_new()
 */
typedef void pool_run_fn(void *job, unsigned int worker, void *ctx);

/* how many threads "as many as @wanted, 0: as there are processors" are: 1 to
 * 256 */
unsigned int pool_threads(unsigned int wanted);

/*
 * pool_new() - @threads workers (1 to 256), at most @queue jobs (1 or more)
 * submitted and not yet taken
 *
 * The workers block the signals that are not of their own making.  All other
 * calls are the one owner's. On failure *out is NULL.  Returns SHEAF_OK,
 * SHEAF_MISUSE (a number out of range), SHEAF_NOMEM or SHEAF_IO (a thread was
 * not to be had).
 */
enum sheaf_status pool_new(struct pool **out, unsigned int threads,
			   unsigned int queue, pool_run_fn *run, void *ctx,
			   struct sheaf_error *err);
/*
 * waits for what runs, drops the rest; takes NULL.  The jobs themselves stay
 * the caller's: those that were never taken are not handed back.
 */
void pool_free(struct pool *p);

/* whether pool_submit() may be called: fewer than @queue jobs are out */
int pool_has_room(const struct pool *p);
/* the caller has made sure that there is room */
void pool_submit(struct pool *p, void *job);
/*
 * the oldest job not yet taken, once it is finished (waits for it); NULL when
 * none is out
 */
void *pool_take(struct pool *p);

#endif
