/*
 * stop.c - end in good order on SIGINT, SIGTERM, SIGHUP
 *
 * The handler notes the signal; the callbacks of long calls look at it and
 * cancel.  What must not be cancelled runs to its end, so a later signal kills,
 * and the corpus stands that too.  timeout(1) sends its signal twice, to the
 * program and then to its group, and a shell's kill may as well: what comes
 * within a second is the same signal once more, and leaves the time to end.
 *
 * A signal may come just before a call that waits, as a write to a pipe that
 * nobody reads, which then would wait in spite of it: so after the first one an
 * alarm interrupts such calls, once a second, until the program has ended.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "stop.h"

enum { SAME_SIGNAL = 1000 }; /* milliseconds */

static volatile sig_atomic_t caught;
static atomic_llong first; /* milliseconds of a clock: when it came */

static long long now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void interrupt(int number)
{
	(void)number;
	alarm(1);
}

/* not before: who started us may have set an alarm that is to kill */
static void note(int number)
{
	struct sigaction rings = { .sa_handler = interrupt };
	struct sigaction dies = { .sa_handler = SIG_DFL };
	int e = errno;

	if (caught == 0) {
		atomic_store(&first, now());
		caught = number;
		sigaction(SIGALRM, &rings, NULL);
		alarm(1);
	} else if (now() - atomic_load(&first) >= SAME_SIGNAL) {
		sigaction(number, &dies, NULL);
		raise(number);
	}
	errno = e;
}

void stop_catch(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note };
	struct sigaction old;
	sigset_t set;

	sigemptyset(&set);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaddset(&action.sa_mask, numbers[i]);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		/* whoever started us with nohup means it */
		if (sigaction(numbers[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
		sigaddset(&set, numbers[i]);
	}
	sigaddset(&set, SIGALRM);
	/* blocked ones are inherited, and may wait already */
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int stop_signal(void)
{
	return caught;
}

int stop_status(void)
{
	return 128 + caught;
}
