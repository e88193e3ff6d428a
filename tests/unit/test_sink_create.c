/*
 * test_sink_create.c - a new file: nameless until it is published
 */
#include <sys/wait.h>

#include "sink_system.h"

/* the three ways in which a new file gets its name */
enum way { NAMELESS, HIDDEN_RENAMED, HIDDEN_LINKED, WAYS };

static void go(enum way way)
{
	fresh();
	if (way != NAMELESS)
		sys.tmpfile_errno = EOPNOTSUPP;
	if (way == HIDDEN_LINKED)
		sys.rename_errno = EINVAL;
}

/* --- new files --- */

static void test_create_has_no_name_until_published(void)
{
	struct sheaf_error err;
	struct sink *s;

	for (enum way way = NAMELESS; way < WAYS; way++) {
		go(way);
		if (!CHECK(sink_create(&s, "corpus", &err) == SHEAF_OK))
			continue;
		CHECK(sink_tell(s) == 0);
		append(s, "hello ");
		append(s, "world");
		CHECK(sink_tell(s) == 11);
		CHECK(access("corpus", F_OK) != 0);
		CHECK(names_here() == (way == NAMELESS ? 0 : 1));
		CHECK(sink_sync(s, &err) == SHEAF_OK);
		CHECK(sink_publish(s, &err) == SHEAF_OK);
		CHECK(names_here() == 1);
		CHECK(file_is("corpus", "hello world"));
		CHECK(sink_publish(s, &err) == SHEAF_OK);
		append(s, "!");
		sink_free(s);
		CHECK(names_here() == 1);
		CHECK(file_is("corpus", "hello world!"));
	}
}

static void test_create_unpublished_leaves_nothing(void)
{
	struct sink *s;

	for (enum way way = NAMELESS; way < WAYS; way++) {
		go(way);
		CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
		append(s, "hello");
		CHECK(sink_sync(s, NULL) == SHEAF_OK);
		sink_free(s);
		CHECK(names_here() == 0);
	}
}

static void test_create_falls_back_where_it_must(void)
{
	static const int without[] = { EOPNOTSUPP, EISDIR, EINVAL, ENOENT };
	struct sheaf_error err;
	struct sink *s;

	for (size_t i = 0; i < HARNESS_COUNT(without); i++) {
		fresh();
		sys.tmpfile_errno = without[i];
		CHECK(sink_create(&s, "corpus", &err) == SHEAF_OK);
		CHECK(names_here() == 1);
		sink_free(s);
	}
	fresh();
	sys.tmpfile_errno = EDQUOT;
	CHECK(sink_create(&s, "corpus", &err) == SHEAF_IO);
	CHECK(!s && err.sys_errno == EDQUOT);
	CHECK(!strncmp(err.text, "corpus: cannot create: ", 23));
	CHECK(names_here() == 0);
}

/* without /proc only root may name a nameless file: a hidden one it is */
static void test_create_without_proc_is_hidden(void)
{
	struct sink *s;

	fresh();
	sys.no_proc = true;
	CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
	CHECK(names_here() == 1);
	append(s, "x");
	CHECK(sink_publish(s, NULL) == SHEAF_OK);
	sink_free(s);
	CHECK(names_here() == 1 && file_is("corpus", "x"));
}

static void test_create_hidden_name_of_another_is_left_alone(void)
{
	char taken[64];
	struct sink *a, *b;

	go(HIDDEN_RENAMED);
	snprintf(taken, sizeof(taken), ".corpus.sheaf-new-%ld-0",
		 (long)getpid());
	CHECK(scratch_write(taken, "theirs", 6));
	CHECK(sink_create(&a, "corpus", NULL) == SHEAF_OK);
	CHECK(sink_create(&b, "corpus", NULL) == SHEAF_OK);
	append(a, "a");
	append(b, "b");
	CHECK(names_here() == 3);
	CHECK(sink_publish(a, NULL) == SHEAF_OK);
	sink_free(b);
	sink_free(a);
	CHECK(names_here() == 2);
	CHECK(file_is(taken, "theirs"));
	CHECK(file_is("corpus", "a"));
}

static void test_create_longest_name(void)
{
	char name[256];
	struct sink *s;

	memset(name, 'n', 255);
	name[255] = '\0';
	for (enum way way = NAMELESS; way < WAYS; way++) {
		go(way);
		CHECK(sink_create(&s, name, NULL) == SHEAF_OK);
		CHECK(sink_publish(s, NULL) == SHEAF_OK);
		sink_free(s);
		CHECK(names_here() == 1 && access(name, F_OK) == 0);
	}
}

static void test_create_mode_honours_umask(void)
{
	mode_t before = umask(027);
	struct stat sb;
	struct sink *s;

	for (enum way way = NAMELESS; way < WAYS; way++) {
		go(way);
		CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
		CHECK(sink_publish(s, NULL) == SHEAF_OK);
		sink_free(s);
		CHECK(stat("corpus", &sb) == 0);
		CHECK((sb.st_mode & 07777) == 0640 && sb.st_nlink == 1);
	}
	umask(before);
}

static void test_create_existing_is_misuse(void)
{
	struct sheaf_error err;
	struct sink *s = (struct sink *)&err;

	fresh();
	CHECK(scratch_write("corpus", "x", 1));
	CHECK(sink_create(&s, "corpus", &err) == SHEAF_MISUSE);
	CHECK(!s &&
	      !strcmp(err.text,
		      "corpus: exists already; remove it or choose another name"));
	CHECK(symlink("nowhere", "dangling") == 0);
	CHECK(sink_create(&s, "dangling", &err) == SHEAF_MISUSE);
	CHECK(mkdir("folder", 0777) == 0);
	CHECK(sink_create(&s, "folder", &err) == SHEAF_MISUSE);
	CHECK(file_is("corpus", "x") && names_here() == 3);
}

static void test_create_no_files_name_is_misuse(void)
{
	static const char *const bad[] = { "",	  ".", "..",  "a/",
					   "a/.", "/", "a/.." };
	struct sheaf_error err;
	struct sink *s;

	fresh();
	for (size_t i = 0; i < HARNESS_COUNT(bad); i++)
		CHECK(sink_create(&s, bad[i], &err) == SHEAF_MISUSE && !s);
	CHECK(sink_create(&s, "absent/corpus", &err) == SHEAF_IO && !s);
	CHECK(!strcmp(err.text, "absent/corpus: cannot open its folder: "
				"No such file or directory"));
}

/* another program creates the file between sink_create() and sink_publish() */
static void test_publish_race_is_lost_politely(void)
{
	struct sheaf_error err;
	struct sink *s;

	for (enum way way = NAMELESS; way < WAYS; way++) {
		go(way);
		CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
		append(s, "ours");
		CHECK(scratch_write("corpus", "theirs", 6));
		CHECK(sink_publish(s, &err) == SHEAF_BUSY);
		CHECK(!strcmp(err.text, "corpus: another program has created "
					"it meanwhile"));
		CHECK(sink_publish(s, &err) == SHEAF_BUSY);
		sink_free(s);
		CHECK(file_is("corpus", "theirs") && names_here() == 1);
	}
}

/* many processes, one name: one wins, and its bytes are what stands there */
static void test_publish_race_has_one_winner(void)
{
	enum { RACERS = 8 };
	pid_t pids[RACERS];
	int status, won = 0, lost = 0;
	struct sink *s;
	char text[16];

	fresh();
	for (int i = 0; i < RACERS; i++) {
		pids[i] = fork();
		if (pids[i] != 0)
			continue;
		snprintf(text, sizeof(text), "%d", i);
		sys.tmpfile_errno = i % 2 ? EOPNOTSUPP : 0;
		if (sink_create(&s, "corpus", NULL) != SHEAF_OK)
			_exit(1); /* came late: also a loser */
		append(s, text);
		status = (int)sink_publish(s, NULL);
		sink_free(s);
		_exit(status == SHEAF_OK ? 0 : status == SHEAF_BUSY ? 1 : 2);
	}
	for (int i = 0; i < RACERS; i++) {
		CHECK(waitpid(pids[i], &status, 0) == pids[i]);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		lost += WEXITSTATUS(status) == 1;
		if (WEXITSTATUS(status) != 0)
			continue;
		won++;
		snprintf(text, sizeof(text), "%d", i);
		CHECK(file_is("corpus", text));
	}
	CHECK(won == 1 && lost == RACERS - 1);
	CHECK(names_here() == 1);
}

static void test_publish_stays_in_its_folder(void)
{
	struct sink *s;

	fresh();
	CHECK(mkdir("a", 0777) == 0 && mkdir("b", 0777) == 0);
	CHECK(chdir("a") == 0);
	CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
	append(s, "x");
	CHECK(chdir("../b") == 0);
	CHECK(sink_publish(s, NULL) == SHEAF_OK);
	sink_free(s);
	CHECK(file_is("../a/corpus", "x") && names_here() == 0);
	/* a path with folders in it, and an absolute one */
	CHECK(sink_create(&s, "../a/other", NULL) == SHEAF_OK);
	CHECK(sink_publish(s, NULL) == SHEAF_OK);
	sink_free(s);
	CHECK(access("../a/other", F_OK) == 0);
}

static void test_publish_folder_that_cannot_sync(void)
{
	struct sheaf_error err;
	struct sink *s;

	fresh();
	sys.folder_errno = EIO;
	CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
	CHECK(sink_publish(s, &err) == SHEAF_IO && err.sys_errno == EIO);
	sink_free(s);
	CHECK(names_here() == 1);

	fresh();
	sys.folder_errno = EINVAL; /* such as know no fsync of folders */
	CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
	CHECK(sink_publish(s, &err) == SHEAF_OK);
	sink_free(s);
}

static void test_published_file_stays_locked(void)
{
	struct sheaf_error err;
	struct sink *s, *t;

	for (enum way way = NAMELESS; way < WAYS; way++) {
		go(way);
		CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
		CHECK(sink_publish(s, NULL) == SHEAF_OK);
		CHECK(sink_open(&t, "corpus", &err) == SHEAF_BUSY && !t);
		CHECK(!strcmp(err.text, "corpus: another program is writing "
					"to this corpus"));
		sink_free(s);
		CHECK(sink_open(&t, "corpus", &err) == SHEAF_OK);
		sink_free(t);
	}
}

/* /proc goes away in between: what the kernel allows, or a clear error */
static void test_publish_without_proc(void)
{
	struct sheaf_error err;
	enum sheaf_status st;
	struct sink *s;

	fresh();
	CHECK(sink_create(&s, "corpus", NULL) == SHEAF_OK);
	append(s, "x");
	sys.no_proc = true;
	st = sink_publish(s, &err);
	sink_free(s);
	if (st == SHEAF_OK) {
		CHECK(file_is("corpus", "x"));
		return;
	}
	CHECK(st == SHEAF_IO && geteuid() != 0);
	CHECK(names_here() == 0);
}

/* as it was before the tests */
static int lowest_free;

static void test_descriptors_are_all_closed(void)
{
	CHECK(descriptor_probe() == lowest_free);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_create_has_no_name_until_published) },
	{ HARNESS_TEST(test_create_unpublished_leaves_nothing) },
	{ HARNESS_TEST(test_create_falls_back_where_it_must) },
	{ HARNESS_TEST(test_create_without_proc_is_hidden) },
	{ HARNESS_TEST(test_create_hidden_name_of_another_is_left_alone) },
	{ HARNESS_TEST(test_create_longest_name) },
	{ HARNESS_TEST(test_create_mode_honours_umask) },
	{ HARNESS_TEST(test_create_existing_is_misuse) },
	{ HARNESS_TEST(test_create_no_files_name_is_misuse) },
	{ HARNESS_TEST(test_publish_race_is_lost_politely) },
	{ HARNESS_TEST(test_publish_race_has_one_winner) },
	{ HARNESS_TEST(test_publish_stays_in_its_folder) },
	{ HARNESS_TEST(test_publish_folder_that_cannot_sync) },
	{ HARNESS_TEST(test_published_file_stays_locked) },
	{ HARNESS_TEST(test_publish_without_proc) },
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
