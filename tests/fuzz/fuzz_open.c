/*
 * fuzz_open.c - any bytes as a corpus: open it and read everything in it
 *
 * An input that begins like a corpus is taken as one.  Any other is a list of
 * edits of a corpus that is made at the start, 6 bytes each: so noise, too,
 * gets far behind the footer.  What comes out must have the id that it is said
 * to have.
 *
 * SHEAF_FUZZ_SEED_DIR: a folder that gets the corpora as seeds.
 */
#include <stdlib.h>
#include <string.h>

#include "fault/facts.h"
#include "fault/image.h"
#include "fault/posts.h"
#include "scratch.h"

#define EDIT_SIZE 6

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const uint8_t magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };

static struct facts facts; /* what is asked for by name and id */
static struct image images[2];

static void need(bool holds)
{
	if (!holds)
		abort();
}

/* the corpora are made in a scratch folder that is gone before the first input
 */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const names[] = { "small", "layers" };
	const char *dir = getenv("SHEAF_FUZZ_SEED_DIR");
	struct facts many = { 0 };
	char path[4096], here[4096];

	(void)argc;
	(void)argv;
	need(getcwd(here, sizeof(here)) != NULL && scratch_enter());
	posts_small(&facts);
	posts_many(&many, 1, 0, 2052);
	posts_many(&many, 2, 3000, 5);
	need(facts_write_all(&facts, "small", 1, 3, &posts_small_options) &&
	     facts_write_all(&many, "layers", 1, 2, NULL));
	facts_done(&many);
	for (int i = 0; i < 2; i++) {
		need(image_load(&images[i], names[i]));
		if (dir == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		need(chdir(here) == 0 &&
		     scratch_write(path, images[i].p, images[i].len) &&
		     chdir(scratch_path) == 0);
	}
	scratch_leave();
	return chdir(here);
}

/* one edit of the @len bytes at @p; the new length */
static size_t edit(uint8_t *p, size_t len, const uint8_t e[EDIT_SIZE])
{
	size_t at = (size_t)e[0] | (size_t)e[1] << 8 | (size_t)e[2] << 16;
	unsigned int value = (unsigned int)e[4] | (unsigned int)e[5] << 8;

	if (len == 0)
		return 0;
	at %= len;
	switch (e[3] % 4) {
	case 0:
		p[at] ^= e[4];
		return len;
	case 1:
		p[at] = e[4];
		if (at + 1 < len)
			p[at + 1] = e[5];
		return len;
	case 2: /* a great number, as a varint or not */
		for (unsigned int i = 0; i < value % 11 && at + i < len; i++)
			p[at + i] = i + 1 < value % 11 ? 0xff : e[5];
		return len;
	default: /* mostly not: it would hide the rest */
		return value % 16 == 0 ? at : len;
	}
}

static void corpus_read(const uint8_t *p, size_t len, uint64_t as_of)
{
	struct sheaf_open_options o = { as_of };
	struct sheaf_corpus *c;
	struct answers a;

	if (sheaf_open_memory(&c, p, len, &o, NULL) != SHEAF_OK)
		return;
	facts_ask(&facts, c, ASK_OPEN | ASK_QUICK, &a);
	sheaf_close(c);
	need(a.lies == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const struct image *base = &images[len % 16 == 15];
	enum sheaf_status st;
	size_t size = base->len;
	uint8_t *copy;

	if (len >= sizeof(magic) && memcmp(p, magic, sizeof(magic)) == 0) {
		corpus_read(p, len, 0);
		return 0;
	}
	copy = malloc(size);
	need(copy != NULL);
	memcpy(copy, base->p, size);
	for (; len >= EDIT_SIZE; p += EDIT_SIZE, len -= EDIT_SIZE)
		size = edit(copy, size, p);
	corpus_read(copy, size, len % 3);
	if (base == &images[0])
		(void)verify_damages(image_file(copy, size), &st);
	free(copy);
	return 0;
}
