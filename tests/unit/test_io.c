/*
 * test_io.c - byte sources, and the writer's lock
 *
 * pread() is defined here and so stands before the C library's: a test has it
 * read little at a time, be interrupted, or fail.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/fail.h"
#include "io/lock.h"
#include "io/source.h"
#include "harness.h"
#include "scratch.h"

/* what pread() does at most and at worst; 0 is nothing unusual */
static size_t pread_most;
static int pread_interrupts;
static int pread_errno;

ssize_t pread(int fd, void *dst, size_t len, off_t at)
{
	if (pread_interrupts > 0) {
		pread_interrupts--;
		errno = EINTR;
		return -1;
	}
	if (pread_errno) {
		errno = pread_errno;
		return -1;
	}
	if (pread_most && len > pread_most)
		len = pread_most;
	return syscall(SYS_pread64, fd, dst, len, at);
}

/* --- sources --- */

/* what every source over "0123456789" does */
static void check_ten_bytes(const struct source *s)
{
	struct sheaf_error err;
	char got[11] = "";
	uint64_t size = 0;

	CHECK(source_size(s, &size, &err) == SHEAF_OK && size == 10);
	CHECK(source_read(s, 0, got, 10, &err) == SHEAF_OK);
	CHECK(!memcmp(got, "0123456789", 10));
	CHECK(source_read(s, 7, got, 3, &err) == SHEAF_OK);
	CHECK(!memcmp(got, "789", 3));
	CHECK(source_read(s, 10, NULL, 0, &err) == SHEAF_OK);
	CHECK(source_read(s, UINT64_MAX, NULL, 0, &err) == SHEAF_OK);

	CHECK(source_read(s, 8, got, 3, &err) == SHEAF_CORRUPT);
	CHECK(err.status == SHEAF_CORRUPT && err.offset == 8);
	CHECK(strstr(err.text, "cut short: 3 bytes wanted at 8, 2 there"));
	CHECK(source_read(s, 10, got, 1, &err) == SHEAF_CORRUPT);
	CHECK(err.offset == 10 && strstr(err.text, ", 0 there"));
	CHECK(source_read(s, 1ULL << 40, got, 1, &err) == SHEAF_CORRUPT);
	CHECK(err.offset == 1ULL << 40);
	CHECK(source_read(s, INT64_MAX, got, 1, &err) == SHEAF_CORRUPT);
	CHECK(source_read(s, UINT64_MAX, got, 1, &err) == SHEAF_CORRUPT);
	CHECK(err.offset == UINT64_MAX);
	CHECK(source_read(s, 5, got, SIZE_MAX, &err) == SHEAF_CORRUPT);
	CHECK(source_read(s, 8, got, 3, NULL) == SHEAF_CORRUPT);
}

static void test_memory_source_reads(void)
{
	struct source s;

	CHECK(source_memory(&s, "0123456789", 10, NULL) == SHEAF_OK);
	check_ten_bytes(&s);
	source_done(&s);
	CHECK(!s.ops && !s.ctx);
	source_done(&s);
}

static void test_memory_source_may_be_empty(void)
{
	struct source s;
	uint64_t size = 1;
	char got;

	CHECK(source_memory(&s, NULL, 0, NULL) == SHEAF_OK);
	CHECK(source_size(&s, &size, NULL) == SHEAF_OK && size == 0);
	CHECK(source_read(&s, 0, &got, 1, NULL) == SHEAF_CORRUPT);
	source_done(&s);
}

static void test_file_source_reads(void)
{
	struct source s;

	CHECK(scratch_write("ten", "0123456789", 10));
	CHECK(source_file(&s, "ten", NULL) == SHEAF_OK);
	check_ten_bytes(&s);
	pread_most = 3;
	check_ten_bytes(&s);
	pread_most = 0;
	source_done(&s);
	CHECK(!s.ops && !s.ctx);
}

static void test_descriptor_source_leaves_it_open(void)
{
	int fd = open("ten", O_RDONLY | O_CLOEXEC);
	struct source s;

	CHECK(source_fd(&s, fd, NULL) == SHEAF_OK);
	check_ten_bytes(&s);
	source_done(&s);
	CHECK(fcntl(fd, F_GETFD) >= 0);
	close(fd);
}

static void test_file_source_closes_on_exec_and_on_done(void)
{
	int next = dup(0);
	struct source s;

	close(next); /* the lowest free one, which the source will get */
	CHECK(source_file(&s, "ten", NULL) == SHEAF_OK);
	CHECK(fcntl(next, F_GETFD) == FD_CLOEXEC);
	source_done(&s);
	CHECK(fcntl(next, F_GETFD) < 0 && errno == EBADF);
	CHECK(source_file(&s, ".", NULL) == SHEAF_MISUSE);
	CHECK(fcntl(next, F_GETFD) < 0);
}

static void test_file_source_continues_after_interrupts(void)
{
	struct source s;
	char got[10];

	CHECK(source_file(&s, "ten", NULL) == SHEAF_OK);
	pread_interrupts = 4;
	CHECK(source_read(&s, 0, got, 10, NULL) == SHEAF_OK);
	CHECK(!memcmp(got, "0123456789", 10));
	CHECK(pread_interrupts == 0);
	source_done(&s);
}

static void test_file_source_reports_the_systems_error(void)
{
	struct sheaf_error err;
	struct source s;
	char got[10];

	CHECK(source_file(&s, "ten", NULL) == SHEAF_OK);
	pread_errno = EIO;
	CHECK(source_read(&s, 4, got, 2, &err) == SHEAF_IO);
	pread_errno = 0;
	CHECK(err.sys_errno == EIO);
	CHECK(!strcmp(err.text, "ten: cannot read at 4: Input/output error"));
	source_done(&s);
}

static void test_file_source_absent_is_not_found(void)
{
	struct source s = { .ctx = &s };
	struct sheaf_error err;

	CHECK(source_file(&s, "absent", &err) == SHEAF_NOT_FOUND);
	CHECK(!s.ops && !s.ctx);
	CHECK(!strcmp(err.text, "absent: no such file"));
	CHECK(source_file(&s, "ten/below", &err) == SHEAF_NOT_FOUND);
	CHECK(source_file(&s, "", &err) == SHEAF_NOT_FOUND);
	CHECK(source_file(&s, "a\nb\x1b", &err) == SHEAF_NOT_FOUND);
	CHECK(!strcmp(err.text, "a\\x0Ab\\x1B: no such file"));
}

/* a FIFO that nobody writes to: alarm() ends a test that waits */
static void test_file_source_special_files_are_misuse(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
				       .sun_path = "socket" };
	int sock = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sheaf_error err;
	struct source s;
	int ends[2];

	alarm(60);
	CHECK(mkfifo("fifo", 0666) == 0);
	CHECK(source_file(&s, "fifo", &err) == SHEAF_MISUSE);
	CHECK(!strcmp(err.text, "fifo: not a regular file"));
	CHECK(bind(sock, (struct sockaddr *)&address, sizeof(address)) == 0);
	CHECK(source_file(&s, "socket", &err) == SHEAF_MISUSE);
	CHECK(source_file(&s, ".", &err) == SHEAF_MISUSE);
	CHECK(source_file(&s, "/dev/null", &err) == SHEAF_MISUSE);
	CHECK(!s.ops && !s.ctx);
	alarm(0);

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	CHECK(source_fd(&s, ends[0], &err) == SHEAF_MISUSE);
	close(ends[0]);
	close(ends[1]);
	close(sock);
	CHECK(source_fd(&s, ends[0], &err) == SHEAF_IO);
	CHECK(err.sys_errno == EBADF);
}

static void test_file_source_truncated_under_the_reader(void)
{
	struct sheaf_error err;
	struct source s;
	uint64_t size;
	char got[10];

	CHECK(scratch_write("shrinks", "0123456789", 10));
	CHECK(source_file(&s, "shrinks", &err) == SHEAF_OK);
	CHECK(source_read(&s, 4, got, 6, &err) == SHEAF_OK);
	CHECK(truncate("shrinks", 6) == 0);
	CHECK(source_read(&s, 4, got, 6, &err) == SHEAF_CORRUPT);
	CHECK(!strcmp(err.text,
		      "shrinks: cut short: 6 bytes wanted at 4, 2 there"));
	CHECK(source_size(&s, &size, &err) == SHEAF_OK && size == 6);
	CHECK(scratch_write("shrinks", "0123456789ab", 12));
	CHECK(source_size(&s, &size, &err) == SHEAF_OK && size == 12);
	CHECK(source_read(&s, 10, got, 2, &err) == SHEAF_OK);
	CHECK(!memcmp(got, "ab", 2));
	source_done(&s);
}

enum { BIG = 1 << 20, READERS = 4 };

static void *read_all_over(void *arg)
{
	const struct source *s = arg;
	uint32_t word;

	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t at = i * 2654435761U % (BIG / 4);

		CHECK(source_read(s, (uint64_t)at * 4, &word, 4, NULL) ==
		      SHEAF_OK);
		CHECK(word == at);
	}
	return NULL;
}

static void test_file_source_is_shared_by_threads(void)
{
	uint32_t *words = malloc(BIG);
	pthread_t threads[READERS];
	struct source s;

	if (!CHECK(words))
		return;
	for (uint32_t i = 0; i < BIG / 4; i++)
		words[i] = i;
	CHECK(scratch_write("big", words, BIG));
	CHECK(source_file(&s, "big", NULL) == SHEAF_OK);
	for (int i = 0; i < READERS; i++)
		CHECK(pthread_create(&threads[i], NULL, read_all_over, &s) ==
		      0);
	for (int i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	source_done(&s);
	free(words);
}

/* a file of 5 GiB of holes: offsets beyond 32 bits */
static void test_file_source_large_offsets(void)
{
	const uint64_t at = 5ULL << 30;
	int fd = open("large", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	struct source s;
	uint64_t size;
	char got[4];

	CHECK(pwrite(fd, "end", 3, (off_t)at) == 3);
	CHECK(source_fd(&s, fd, NULL) == SHEAF_OK);
	CHECK(source_size(&s, &size, NULL) == SHEAF_OK && size == at + 3);
	CHECK(source_read(&s, at - 1, got, 4, NULL) == SHEAF_OK);
	CHECK(!memcmp(got, "\0end", 4));
	source_done(&s);
	close(fd);
}

/* --- the lock --- */

static int open_corpus(int flags)
{
	return open("corpus", flags | O_CREAT | O_CLOEXEC, 0666);
}

static void test_lock_excludes_another_open_of_one_process(void)
{
	int a = open_corpus(O_RDWR), b = open_corpus(O_RDWR);
	struct sheaf_error err;

	CHECK(!lock_is_held(b));
	CHECK(lock_take(a, &err) == SHEAF_OK);
	CHECK(lock_take(b, &err) == SHEAF_BUSY);
	CHECK(!strcmp(err.text, "another program is writing to this corpus"));
	CHECK(lock_is_held(b));
	CHECK(!lock_is_held(a)); /* by some other, that is */
	CHECK(lock_take(a, &err) == SHEAF_OK);
	close(a);
	CHECK(!lock_is_held(b));
	CHECK(lock_take(b, &err) == SHEAF_OK);
	close(b);
}

/* the old kind of lock would be gone with any close() of the file */
static void test_lock_outlives_other_descriptors(void)
{
	int a = open_corpus(O_RDWR), b = open_corpus(O_RDWR);
	int c = dup(a);

	CHECK(lock_take(a, NULL) == SHEAF_OK);
	close(open_corpus(O_RDWR));
	CHECK(lock_is_held(b));
	close(a);
	CHECK(lock_is_held(b));
	close(c);
	CHECK(!lock_is_held(b));
	close(b);
}

static void test_lock_seen_from_a_read_only_descriptor(void)
{
	int a = open_corpus(O_RDWR), b = open_corpus(O_RDONLY);
	struct sheaf_error err;

	CHECK(lock_take(a, NULL) == SHEAF_OK);
	CHECK(lock_is_held(b));
	close(a);
	CHECK(!lock_is_held(b));
	CHECK(lock_take(b, &err) == SHEAF_IO);
	CHECK(err.sys_errno == EBADF);
	close(b);
	CHECK(!lock_is_held(b));
	CHECK(lock_take(b, &err) == SHEAF_IO);
}

/* a child holds the lock until it is killed; the two talk through a pipe */
static void test_lock_dies_with_its_process(void)
{
	struct sheaf_error err;
	int ends[2], fd, status;
	char byte;
	pid_t pid;

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		fd = open_corpus(O_RDWR);
		byte = lock_take(fd, NULL) == SHEAF_OK ? 'y' : 'n';
		if (write(ends[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (!CHECK(pid > 0))
		return;
	CHECK(read(ends[0], &byte, 1) == 1 && byte == 'y');
	fd = open_corpus(O_RDWR);
	CHECK(lock_is_held(fd));
	CHECK(lock_take(fd, &err) == SHEAF_BUSY);
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	CHECK(!lock_is_held(fd));
	CHECK(lock_take(fd, &err) == SHEAF_OK);
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_memory_source_reads) },
	{ HARNESS_TEST(test_memory_source_may_be_empty) },
	{ HARNESS_TEST(test_file_source_reads) },
	{ HARNESS_TEST(test_descriptor_source_leaves_it_open) },
	{ HARNESS_TEST(test_file_source_closes_on_exec_and_on_done) },
	{ HARNESS_TEST(test_file_source_continues_after_interrupts) },
	{ HARNESS_TEST(test_file_source_reports_the_systems_error) },
	{ HARNESS_TEST(test_file_source_absent_is_not_found) },
	{ HARNESS_TEST(test_file_source_special_files_are_misuse) },
	{ HARNESS_TEST(test_file_source_truncated_under_the_reader) },
	{ HARNESS_TEST(test_file_source_is_shared_by_threads) },
	{ HARNESS_TEST(test_file_source_large_offsets) },
	{ HARNESS_TEST(test_lock_excludes_another_open_of_one_process) },
	{ HARNESS_TEST(test_lock_outlives_other_descriptors) },
	{ HARNESS_TEST(test_lock_seen_from_a_read_only_descriptor) },
	{ HARNESS_TEST(test_lock_dies_with_its_process) },
};

int main(int argc, char **argv)
{
	int rc;

	if (!scratch_enter())
		return 1;
	/* several tests read it, whichever of them run */
	CHECK(scratch_write("ten", "0123456789", 10));
	rc = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return rc;
}
