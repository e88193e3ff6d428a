/*
 * stop.c - end in good order on SIGINT, SIGTERM, SIGHUP
 *
 * The handler notes the signal; the callbacks of long calls look at it and
 * cancel.  What must not be cancelled runs to its end, hence SA_RESETHAND: a
 * second signal kills, and the corpus stands that too.
 */
#include <signal.h>
#include <stddef.h>

#include "stop.h"

static volatile sig_atomic_t caught;

static void note(int number)
{
	caught = number;
}

void stop_catch(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note,
				    .sa_flags = (int)SA_RESETHAND };
	struct sigaction old;
	sigset_t set;

	sigemptyset(&set);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		/* whoever started us with nohup means it */
		if (sigaction(numbers[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
		sigaddset(&set, numbers[i]);
	}
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
