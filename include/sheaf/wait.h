/*
 * sheaf/wait.h - how long a writer waits for another
 */
#ifndef SHEAF_WAIT_H
#define SHEAF_WAIT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHEAF_WAIT_FOREVER UINT32_MAX

/*
 * All zero: not at all, a second writer gets SHEAF_BUSY at once.  Else the lock
 * is asked for ten times a second; who gets it when several wait is chance.
 */
struct sheaf_wait {
	uint32_t seconds; /* at most, then SHEAF_BUSY; or SHEAF_WAIT_FOREVER */
	/* called before each asking but the first, and soon after a signal
	 * was handled; non-zero ends the wait with SHEAF_CANCELLED; may be
	 * NULL */
	int (*on_wait)(void *arg);
	void *arg;
};

#ifdef __cplusplus
}
#endif

#endif
