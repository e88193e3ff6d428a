/*
 * test_sink.c - a file that exists: opened, locked, appended to, cut
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "sink_system.h"

/* --- files that exist --- */

static void test_open_appends_at_the_end(void)
{
	struct sheaf_error err;
	struct sink *s;
	char got[5];

	fresh();
	CHECK(scratch_write("corpus", "hello", 5));
	if (!CHECK(sink_open(&s, "corpus", &err) == SHEAF_OK))
		return;
	CHECK(sink_tell(s) == 5);
	append(s, " world");
	CHECK(sink_append(s, NULL, 0, &err) == SHEAF_OK);
	CHECK(sink_tell(s) == 11);
	CHECK(pread(sink_fd(s), got, 5, 6) == 5 && !memcmp(got, "world", 5));
	CHECK(fcntl(sink_fd(s), F_GETFD) == FD_CLOEXEC);
	CHECK(sink_sync(s, &err) == SHEAF_OK);
	CHECK(sink_publish(s, &err) == SHEAF_OK);
	sink_free(s);
	CHECK(file_is("corpus", "hello world") && names_here() == 1);
	sink_free(NULL);
}

static void test_open_refuses_what_is_no_corpus(void)
{
	struct sheaf_error err;
	struct sink *s = (struct sink *)&err;

	fresh();
	CHECK(sink_open(&s, "corpus", &err) == SHEAF_NOT_FOUND && !s);
	CHECK(!strcmp(err.text, "corpus: no such file"));
	CHECK(sink_open(&s, ".", &err) == SHEAF_MISUSE && !s);
	CHECK(mkfifo("fifo", 0666) == 0);
	alarm(60);
	CHECK(sink_open(&s, "fifo", &err) == SHEAF_MISUSE && !s);
	alarm(0);
	CHECK(!strcmp(err.text, "fifo: not a regular file"));
	CHECK(sink_open(&s, "fifo/below", &err) == SHEAF_NOT_FOUND && !s);
	CHECK(sink_open(&s, "/dev/null", &err) == SHEAF_MISUSE && !s);
	CHECK(symlink("loop", "loop") == 0);
	CHECK(sink_open(&s, "loop", &err) == SHEAF_IO && !s);
	CHECK(err.sys_errno == ELOOP);
}

static void test_open_twice_is_busy(void)
{
	struct sheaf_error err;
	struct sink *s, *t;

	fresh();
	CHECK(scratch_write("corpus", "hello", 5));
	CHECK(sink_open(&s, "corpus", &err) == SHEAF_OK);
	CHECK(sink_open(&t, "corpus", &err) == SHEAF_BUSY && !t);
	CHECK(err.status == SHEAF_BUSY && err.sys_errno == 0);
	append(s, "!");
	sink_free(s);
	CHECK(sink_open(&t, "corpus", &err) == SHEAF_OK);
	CHECK(sink_tell(t) == 6);
	sink_free(t);
}

/* replaced after it was opened, before it was locked: once, three times */
static void test_open_replaced_file_is_opened_anew(void)
{
	struct sink *s;
	char name[32];

	for (int times = 1; times <= 3; times += 2) {
		fresh();
		CHECK(scratch_write("corpus", "old", 3));
		for (int i = 0; i < times; i++) {
			snprintf(name, sizeof(name), "next-%d", i);
			CHECK(scratch_write(name, "newer", 5));
		}
		sys.replacements = times;
		CHECK(sink_open(&s, "corpus", NULL) == SHEAF_OK);
		CHECK(sys.replacements == 0);
		CHECK(sink_tell(s) == 5);
		append(s, "!");
		sink_free(s);
		CHECK(file_is("corpus", "newer!") && names_here() == 1);
	}
}

static void test_open_replaced_for_ever_is_busy(void)
{
	struct sheaf_error err;
	struct sink *s;
	char name[32];

	fresh();
	CHECK(scratch_write("corpus", "old", 3));
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "next-%d", i);
		CHECK(scratch_write(name, "new", 3));
	}
	sys.replacements = 100;
	CHECK(sink_open(&s, "corpus", &err) == SHEAF_BUSY && !s);
	CHECK(sys.replacements > 50);
}

static void test_open_removed_meanwhile_is_not_found(void)
{
	struct sink *s;

	fresh();
	CHECK(scratch_write("corpus", "old", 3));
	sys.remove_opened = true;
	CHECK(sink_open(&s, "corpus", NULL) == SHEAF_NOT_FOUND && !s);
}

/* --- writing --- */

static void test_append_continues_short_writes(void)
{
	struct sink *s;

	fresh();
	CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
	sys.write_most = 3;
	sys.write_interrupts = 5;
	append(s, "0123456789");
	CHECK(sys.write_interrupts == 0);
	append(s, "ab");
	CHECK(sink_tell(s) == 12);
	CHECK(sink_publish(s, NULL) == SHEAF_OK);
	sink_free(s);
	CHECK(file_is("corpus", "0123456789ab"));
}

static void test_append_nothing_written_is_an_error(void)
{
	struct sheaf_error err;
	struct sink *s;

	fresh();
	CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
	sys.write_nothing = true;
	CHECK(sink_append(s, "x", 1, &err) == SHEAF_IO);
	CHECK(err.sys_errno == EIO && sink_tell(s) == 0);
	sink_free(s);
}

static void test_append_full_disk_can_be_rolled_back(void)
{
	struct sheaf_error err;
	struct sink *s;

	fresh();
	CHECK(scratch_write("corpus", "hello", 5));
	CHECK(sink_open(&s, "corpus", NULL) == SHEAF_OK);
	append(s, "12");
	sys.disk_end = 10;
	CHECK(sink_append(s, "345678", 6, &err) == SHEAF_IO);
	CHECK(err.sys_errno == ENOSPC);
	CHECK(!strcmp(err.text, "corpus: cannot write at 10: "
				"No space left on device"));
	/* three of six bytes are there and do not count */
	CHECK(sink_tell(s) == 7);
	CHECK(file_is("corpus", "hello12345"));
	append(s, "x");
	CHECK(file_is("corpus", "hello12x45"));
	CHECK(sink_truncate(s, 5, &err) == SHEAF_OK);
	CHECK(sink_tell(s) == 5 && file_is("corpus", "hello"));
	append(s, "!");
	CHECK(sink_truncate(s, 6, &err) == SHEAF_OK);
	CHECK(sink_truncate(s, 7, &err) == SHEAF_MISUSE);
	CHECK(sink_tell(s) == 6);
	sink_free(s);
	CHECK(file_is("corpus", "hello!"));
}

/* a bound that the system really enforces */
static void test_append_beyond_the_file_size_limit(void)
{
	struct rlimit usual, low;
	struct sheaf_error err;
	char block[4096] = "";
	struct stat sb;
	struct sink *s;

	fresh();
	CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
	CHECK(getrlimit(RLIMIT_FSIZE, &usual) == 0);
	low = usual;
	low.rlim_cur = 1000;
	signal(SIGXFSZ, SIG_IGN);
	CHECK(setrlimit(RLIMIT_FSIZE, &low) == 0);
	CHECK(sink_append(s, block, sizeof(block), &err) == SHEAF_IO);
	CHECK(err.sys_errno == EFBIG && sink_tell(s) == 0);
	CHECK(!strcmp(err.text, "corpus: cannot write at 1000: "
				"File too large"));
	CHECK(setrlimit(RLIMIT_FSIZE, &usual) == 0);
	signal(SIGXFSZ, SIG_DFL);
	CHECK(fstat(sink_fd(s), &sb) == 0 && sb.st_size == 1000);
	CHECK(sink_truncate(s, 0, &err) == SHEAF_OK);
	CHECK(fstat(sink_fd(s), &sb) == 0 && sb.st_size == 0);
	CHECK(sink_append(s, block, sizeof(block), &err) == SHEAF_OK);
	sink_free(s);
}

static void test_append_beyond_any_file_is_a_limit(void)
{
	struct sheaf_error err;
	struct sink *s;

	fresh();
	CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
	CHECK(sink_append(s, "", SIZE_MAX, &err) == SHEAF_LIMIT);
	append(s, "x");
	CHECK(sink_append(s, "", SIZE_MAX, &err) == SHEAF_LIMIT);
	CHECK(sink_append(s, "", INT64_MAX, &err) == SHEAF_LIMIT);
	CHECK(sink_tell(s) == 1);
	sink_free(s);
}

static void test_sync_failure_sticks(void)
{
	struct sheaf_error err;
	struct sink *s;

	fresh();
	CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
	append(s, "x");
	CHECK(sink_sync(s, &err) == SHEAF_OK);
	sys.fsync_errno = EIO;
	CHECK(sink_sync(s, &err) == SHEAF_IO);
	CHECK(!strcmp(err.text, "corpus: cannot sync: Input/output error"));
	sys.fsync_errno = 0;
	CHECK(sink_sync(s, &err) == SHEAF_IO && err.sys_errno == EIO);
	CHECK(sink_publish(s, &err) == SHEAF_IO && err.sys_errno == EIO);
	sink_free(s);
	CHECK(names_here() == 0);
}

static void test_sink_error_texts_are_one_clean_line(void)
{
	struct sheaf_error err;
	char name[251];
	struct sink *s;

	fresh();
	memset(name, '\n', 250);
	name[250] = '\0';
	name[0] = 'a';
	CHECK(sink_create(&s, name, NULL) == SHEAF_OK);
	sys.disk_end = 1;
	CHECK(sink_append(s, "123", 3, &err) == SHEAF_IO);
	CHECK(!strncmp(err.text, "a\\x0A\\x0A", 9));
	CHECK(strstr(err.text, "...: cannot write at 1: No space left"));
	for (const char *p = err.text; *p; p++)
		CHECK(*p >= ' ' && *p <= '~');
	sink_free(s);
}

/* --- killed --- */

/* a writer that is killed leaves no file and no lock */
/* a program's child has a copy of each descriptor until it runs another one */
static void test_free_unlocks_beside_a_child(void)
{
	struct sink *s, *t;
	int status;
	pid_t pid;

	fresh();
	CHECK(scratch_write("corpus", "hello", 5));
	CHECK(sink_open(&s, "corpus", NULL) == SHEAF_OK);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	if (!CHECK(pid > 0))
		return;
	CHECK(sink_open(&t, "corpus", NULL) == SHEAF_BUSY);
	sink_free(s);
	CHECK(sink_open(&t, "corpus", NULL) == SHEAF_OK);
	sink_free(t);
	CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
}

static void test_killed_writer_leaves_the_old_file(void)
{
	int ends[2], status;
	struct sink *s;
	char byte = 'y';
	pid_t pid;

	fresh();
	CHECK(scratch_write("corpus", "hello", 5));
	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		if (sink_open(&s, "corpus", NULL) != SHEAF_OK ||
		    sink_append(s, "torn", 4, NULL) != SHEAF_OK ||
		    sink_create(&s, "new", NULL) != SHEAF_OK ||
		    sink_append(s, "x", 1, NULL) != SHEAF_OK)
			byte = 'n';
		if (write(ends[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (!CHECK(pid > 0))
		return;
	CHECK(read(ends[0], &byte, 1) == 1 && byte == 'y');
	CHECK(sink_open(&s, "corpus", NULL) == SHEAF_BUSY);
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	CHECK(names_here() == 1);
	CHECK(sink_open(&s, "corpus", NULL) == SHEAF_OK);
	CHECK(sink_tell(s) == 9);
	CHECK(sink_truncate(s, 5, NULL) == SHEAF_OK);
	sink_free(s);
	CHECK(file_is("corpus", "hello"));
	close(ends[0]);
	close(ends[1]);
}

/* as it was before the tests */
static int lowest_free;

static void test_descriptors_are_all_closed(void)
{
	CHECK(descriptor_probe() == lowest_free);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_open_appends_at_the_end) },
	{ HARNESS_TEST(test_open_refuses_what_is_no_corpus) },
	{ HARNESS_TEST(test_open_twice_is_busy) },
	{ HARNESS_TEST(test_open_replaced_file_is_opened_anew) },
	{ HARNESS_TEST(test_open_replaced_for_ever_is_busy) },
	{ HARNESS_TEST(test_open_removed_meanwhile_is_not_found) },
	{ HARNESS_TEST(test_append_continues_short_writes) },
	{ HARNESS_TEST(test_append_nothing_written_is_an_error) },
	{ HARNESS_TEST(test_append_full_disk_can_be_rolled_back) },
	{ HARNESS_TEST(test_append_beyond_the_file_size_limit) },
	{ HARNESS_TEST(test_append_beyond_any_file_is_a_limit) },
	{ HARNESS_TEST(test_sync_failure_sticks) },
	{ HARNESS_TEST(test_sink_error_texts_are_one_clean_line) },
	{ HARNESS_TEST(test_free_unlocks_beside_a_child) },
	{ HARNESS_TEST(test_killed_writer_leaves_the_old_file) },
	{ HARNESS_TEST(test_descriptors_are_all_closed) },
};

int main(int argc, char **argv)
{
	int rc;

	if (!scratch_enter())
		return 1;
	lowest_free = descriptor_probe();
	rc = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return rc;
}
