/*
 * disturbed.c - a change that dies, or is refused, at each system call in turn
 */
#include "fault/disturbed.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"

/* how a call goes wrong; each is tried at each call */
static const struct world fates[] = {
	{ .fate = WORLD_KILL_BEFORE },
	{ .fate = WORLD_KILL_AFTER },
	{ .fate = WORLD_KILL_WITHIN, .part = 0 },
	{ .fate = WORLD_KILL_WITHIN, .part = 1 },
	{ .fate = WORLD_KILL_WITHIN, .part = 5 },
	{ .fate = WORLD_KILL_WITHIN, .part = 8 },
	{ .fate = WORLD_KILL_WITHIN, .part = 11 },
	{ .fate = WORLD_KILL_WITHIN, .part = 15 },
	{ .fate = WORLD_POWER_CUT, .chance = 1 },
	{ .fate = WORLD_POWER_CUT, .chance = 2 },
	{ .fate = WORLD_POWER_CUT, .chance = 3 },
	{ .fate = WORLD_POWER_CUT, .chance = 4 },
	{ .fate = WORLD_POWER_CUT, .chance = 5 },
	{ .fate = WORLD_POWER_CUT, .chance = 6 },
	{ .fate = WORLD_FAIL, .error = EIO },
	{ .fate = WORLD_FAIL, .error = ENOSPC },
	{ .fate = WORLD_FAIL, .error = EDQUOT },
	{ .fate = WORLD_FAIL, .error = EINTR },
	{ .fate = WORLD_FAIL_ON, .error = EIO },
	{ .fate = WORLD_FAIL_ON, .error = ENOSPC },
	{ .fate = WORLD_SHORT },
	{ .fate = WORLD_SHORT_FAIL, .error = ENOSPC },
	{ .fate = WORLD_SHORT_FAIL, .error = EIO },
};

#define FATES (sizeof(fates) / sizeof(fates[0]))

bool disturbed_run(const struct disturbed *d, const struct world *how,
		   struct disturbed_end *end)
{
	uint64_t *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	if (shared == MAP_FAILED)
		return false;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(DISTURBED_SECONDS);
		world = *how;
		world.called = shared;
		world.no_tmpfile = d->no_tmpfile;
		_exit((int)d->change(d->arg));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	end->killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	if (!end->killed && !WIFEXITED(status))
		return false;
	end->status =
		end->killed ? SHEAF_OK : (enum sheaf_status)WEXITSTATUS(status);
	end->calls = *shared;
	munmap(shared, sizeof(*shared));
	return true;
}

/* case number @i, in the current folder; NULL: nothing is wrong */
static const char *case_run(const struct disturbed *d, const struct world *how,
			    uint64_t count[SPREAD_COUNTS])
{
	struct disturbed_end end = { 0 };
	const char *wrong;

	if (d->before->len != 0 &&
	    !scratch_write("corpus", d->before->p, d->before->len))
		return "can't make the corpus";
	if (!disturbed_run(d, how, &end))
		return "it crashed";
	wrong = d->outcome(d->arg, how, &end, count);
	if (wrong == NULL)
		count[end.killed	     ? DISTURBED_KILLED :
		      end.status != SHEAF_OK ? DISTURBED_REFUSED :
					       DISTURBED_WELL]++;
	return wrong;
}

static bool disturb(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	const struct disturbed *d = arg;
	struct world how = fates[i % FATES];
	const char *wrong;
	char folder[32];

	how.at = i / FATES;
	snprintf(folder, sizeof(folder), "case-%u-%" PRIu64, d->number, i);
	if (mkdir(folder, 0777) != 0 || chdir(folder) != 0)
		return false;
	wrong = case_run(d, &how, count);
	if (wrong != NULL)
		printf("  fate %" PRIu64 " (%d) at call %" PRIu64 ": %s\n",
		       i % FATES, (int)how.fate, how.at, wrong);
	unlink("corpus");
	return chdir("..") == 0 && wrong == NULL;
}

bool disturbed_everywhere(struct disturbed *d, struct spread *sum)
{
	static unsigned int number;

	d->number = number++;
	return spread_run((d->calls + 1) * FATES, spread_is_slow() ? 3 : 1,
			  DISTURBED_SECONDS, disturb, d, sum);
}

void disturbed_tell(const char *what, const struct disturbed *d,
		    const struct spread *sum)
{
	printf("%s: %" PRIu64 " calls, %" PRIu64 " cases: %" PRIu64
	       " killed, %" PRIu64 " refused, %" PRIu64 " got through",
	       what, d->calls, sum->done, sum->count[DISTURBED_KILLED],
	       sum->count[DISTURBED_REFUSED], sum->count[DISTURBED_WELL]);
}

uint64_t disturbed_commit(void)
{
	struct sheaf_corpus *c;
	uint64_t k;

	if (sheaf_open(&c, "corpus", NULL, NULL) != SHEAF_OK)
		return 0;
	k = sheaf_corpus_commit(c)->number;
	sheaf_close(c);
	return k;
}

bool disturbed_begins(const struct image *wanted, size_t len)
{
	struct image now = { 0 };
	bool same = image_load(&now, "corpus") && now.len >= len &&
		    (len == 0 || memcmp(now.p, wanted->p, len) == 0);

	image_done(&now);
	return same;
}

bool disturbed_is(const struct image *wanted)
{
	struct image now = { 0 };
	bool same = image_load(&now, "corpus") && now.len == wanted->len &&
		    memcmp(now.p, wanted->p, now.len) == 0;

	image_done(&now);
	return same;
}
