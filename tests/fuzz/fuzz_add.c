/*
 * fuzz_add.c - any bytes as a post under any name: parsed, archived, read back
 *
 * The first byte is the name's length; then come the name and the post.
 */
#include <stdlib.h>
#include <string.h>

#include "fault/facts.h"
#include "scratch.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void leave(void)
{
	scratch_leave();
}

/* where an fsync costs nothing, if there is such a place */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	return 0;
}

/* the folder is entered for one input only: a fuzzer has paths of its own */
static void place_enter(char here[4096])
{
	static bool made;

	need(getcwd(here, 4096) != NULL);
	if (made) {
		need(chdir(scratch_path) == 0);
		return;
	}
	need(scratch_enter() && atexit(leave) == 0);
	made = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct sheaf_write_options o = { .level = 1, .threads = 1 };
	struct facts facts = { 0 };
	char here[4096], name[256] = "x";
	size_t name_len = 1;

	if (len > 1 && p[0] != 0) {
		name_len = p[0] < len ? p[0] : len - 1;
		memcpy(name, p + 1, name_len);
		for (size_t i = 0; i < name_len; i++)
			if (name[i] == 0)
				name[i] = 1;
		p += name_len;
		len -= name_len;
	}
	if (len != 0) {
		p++;
		len--;
	}
	place_enter(here);
	facts_add(&facts, 1, (struct sheaf_str){ name, name_len }, p, len);
	unlink("corpus");
	need(facts_write(&facts, "corpus", 1, &o, NULL) == SHEAF_OK);
	need(facts_whole(&facts, "corpus", 1));
	facts_done(&facts);
	need(chdir(here) == 0);
	return 0;
}
