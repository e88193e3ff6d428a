/*
 * out.c - standard output, whose every write is checked
 *
 * Commands print with stdio and look at out_failed() where they would go on
 * for long; main() ends each of them through out_finish().
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "out.h"
#include "say.h"

enum { OUT_BUFFER = 1 << 18 };

/*
 * Were one of the three closed, the corpus would be opened in its place and
 * messages written into it.  Writing to this stand-in fails.
 */
static void fill_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			_exit(STATUS_UNKNOWN);
}

void out_start(void)
{
	static char buffer[OUT_BUFFER];

	fill_standard_files();
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

/* errno of the first write that failed, 0 for none */
static int failure;

bool out_failed(void)
{
	if (failure == 0 && ferror(stdout))
		failure = errno ? errno : EIO;
	return failure != 0;
}

int out_finish(int status)
{
	bool failed = out_failed();

	errno = 0;
	if (fclose(stdout) != 0 && !failed) {
		failure = errno ? errno : EIO;
		failed = true;
	}
	if (!failed)
		return status;
	/* where SIGPIPE is ignored, the status it would have given */
	if (failure == EPIPE)
		return 128 + SIGPIPE;
	errno = failure;
	return say_errno("standard output");
}
